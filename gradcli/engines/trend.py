"""Where a sequence of numbers goes, seen at steps that shrink by ever more orders of magnitude."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from itertools import pairwise
from typing import Any, NamedTuple

# The values are taken at steps whose exponents double: 10^-20, 10^-40, 10^-80, ... So a sequence that behaves
# like a power h^a changes by a factor 10^(20a), 10^(40a), ...; one that behaves like log h doubles.
SETTLED = 1e-10  # the last change by the last value: reached by h^a for every a > 1/8
CERTAIN = 1e-25  # the last two changes by the last value: nothing is left to shrink but rounding
SHRINKING = 0.1  # each change by the one before
GROWING = 1.3  # each value by the one before, for a sequence that leaves every bound, as slowly as sqrt(log h)
ENOUGH = 3  # values that have to agree on where they go


class Trend(Enum):
    """How a sequence behaves."""

    LIMIT = "limit"
    INFINITE = "infinite"
    OSCILLATES = "oscillates"
    UNCLEAR = "unclear"


class Course(NamedTuple):
    """The behaviour, with the limit (or the sign of infinity) and how far the last two values differ."""

    trend: Trend
    value: Any = None
    error: Any = None


def course(values: Sequence[Any]) -> Course:
    """Where the values go."""
    if len(values) < ENOUGH:
        return Course(Trend.UNCLEAR)
    last, before = values[-1], values[-2]
    changes = [abs(b - a) for a, b in pairwise(values)]
    if max(changes[-2:]) <= CERTAIN * abs(last):
        return Course(Trend.LIMIT, last, max(changes[-2:]))
    if changes[-1] <= SHRINKING * changes[-2] and changes[-1] <= SETTLED * abs(last):
        return Course(Trend.LIMIT, last, changes[-1])
    if abs(last) <= SETTLED * abs(before) and abs(before) <= SETTLED * abs(values[-3]):
        return Course(Trend.LIMIT, last * 0, abs(last))
    tail = values[-ENOUGH:]
    if all(abs(b) >= GROWING * abs(a) and a for a, b in pairwise(tail)):
        if len({a > 0 for a in tail}) == 1:
            return Course(Trend.INFINITE, 1 if last > 0 else -1)
        return Course(Trend.OSCILLATES)
    steps = [b > a for a, b in pairwise(values) if a != b]
    if len(values) > ENOUGH and len(set(steps[-ENOUGH:])) > 1:
        return Course(Trend.OSCILLATES)
    return Course(Trend.UNCLEAR)
