"""How much of a long table one run of the tests goes through: a share of it, or with `pytest --long` all of it.

The share is the same in every run and on every machine, so that what fails once fails again.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from typing import TypeVar

import pytest

Case = TypeVar("Case")

LONG = "--long"


class Length:
    """Whether this run takes everything; set before the first test is collected."""

    long = False


def share(cases: Sequence[Case], one_in: int, first: int = 0) -> Sequence[Case]:
    """Every `one_in`-th of the cases from the `first` on; all of them in a long run."""
    return cases if Length.long else cases[first::one_in]


def either(short: int, long: int) -> int:
    """A count for ordinary runs, and one for long runs."""
    return long if Length.long else short


def left_out(items: Sequence[pytest.Item]) -> set[pytest.Item]:
    """What an ordinary run leaves out: tests marked `long`, and of the cases of one marked `sampled(n)` all but an n-th."""
    out = {item for item in items if item.get_closest_marker("long")}
    sampled: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("sampled"):
            sampled.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for cases in sampled.values():
        marker = cases[0].get_closest_marker("sampled")
        assert marker is not None
        # By a hash of their names: every n-th of (row, order) would be of one order only.
        cases.sort(key=lambda item: zlib.crc32(item.nodeid.encode()))
        out.update(cases[math.ceil(len(cases) / marker.args[0]) :])
    return out
