"""What all tests share."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator

import hypothesis
import pytest

from tests.shares import LONG, Length, left_out

# Two workers share two cores: one thread each.
os.environ.setdefault("OMP_NUM_THREADS", "1")

DOUBLE = 53  # bits: mpmath's precision as it is imported

# A shell lets what it starts in the background ignore Ctrl-C, and what that starts too: the tests send it to gradcli.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

hypothesis.settings.register_profile("gradcli", deadline=None, derandomize=True, max_examples=60)
hypothesis.settings.load_profile("gradcli")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--processor 1`: every test as on a processor that rounds otherwise; another number is another one."""
    parser.addoption("--processor", type=int, default=0)
    parser.addoption(LONG, action="store_true", help="all of the long tables, of which other runs take a share")


def pytest_configure(config: pytest.Config) -> None:
    """Say before the first table is read how much of it is wanted."""
    Length.long = config.getoption(LONG)
    config.addinivalue_line("markers", "sampled(n): of its cases every n-th, all of them with --long")
    config.addinivalue_line("markers", "long: with --long only")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is for a long run, unless tests are asked for by name."""
    if Length.long or any("::" in arg for arg in config.args):
        return
    out = left_out(items)
    if out:
        config.hook.pytest_deselected(items=sorted(out, key=lambda item: item.nodeid))
        items[:] = [item for item in items if item not in out]


@pytest.fixture(autouse=True)
def _precision() -> Iterator[None]:
    """mpmath's precision is the process's: a test that leaves another one behind makes later ones judge wrongly."""
    yield
    mpmath = sys.modules.get("mpmath")
    if mpmath is not None and mpmath.mp.prec != DOUBLE:
        mpmath.mp.prec = DOUBLE
        pytest.fail("mpmath's own precision was changed and not restored")


@pytest.fixture(autouse=True)
def _processor(request: pytest.FixtureRequest) -> Iterator[None]:
    number = request.config.getoption("--processor")
    if not number:
        yield
        return
    from tests.processors import OtherProcessor

    with OtherProcessor(number):
        yield


def pytest_collection_finish() -> None:
    """Leave the tests themselves, of which there are many, out of every garbage collection that is timed."""
    gc.collect()
    gc.freeze()
