"""What all tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator

import hypothesis
import pytest

# Two workers share two cores: one thread each.
os.environ.setdefault("OMP_NUM_THREADS", "1")

hypothesis.settings.register_profile("gradcli", deadline=None, derandomize=True, max_examples=60)
hypothesis.settings.load_profile("gradcli")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--processor 1`: every test as on a processor that rounds otherwise; another number is another one."""
    parser.addoption("--processor", type=int, default=0)


@pytest.fixture(autouse=True)
def _processor(request: pytest.FixtureRequest) -> Iterator[None]:
    number = request.config.getoption("--processor")
    if not number:
        yield
        return
    from tests.processors import OtherProcessor

    with OtherProcessor(number):
        yield
