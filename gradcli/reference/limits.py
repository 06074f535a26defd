"""Where a sequence of numbers goes, seen at steps that shrink by ever more orders of magnitude.

The numbers are midpoints of enclosures that are far narrower than any difference that is looked at here.
"""

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


STEEPER = 4  # times a slope from one step to the next: of a smooth function they all but agree
TURNING = 3  # changes of direction, of ten values that settle nowhere: they are six on average, and these often enough


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
        return Course(Trend.LIMIT, last, changes[-1] if changes[-1] <= SHRINKING * changes[-2] else max(changes[-2:]))
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


def joined(first: Course, second: Course, everything: Sequence[Any]) -> Course:
    """Where values go that were taken at two kinds of steps: to one place only if both kinds do.

    Steps of one kind may all hit the zeros of what oscillates; of two kinds, with unrelated mantissas, they do not.
    """
    if first.trend is second.trend is Trend.LIMIT:
        apart = abs(first.value - second.value)
        error = max(first.error, second.error, apart)
        if apart <= SETTLED * max(abs(first.value), abs(second.value)) or apart <= 2 * max(first.error, second.error):
            return Course(Trend.LIMIT, second.value, error)
    if first.trend is second.trend is Trend.INFINITE and first.value == second.value:
        return first
    turns = [b > a for a, b in pairwise(everything) if a != b]
    changes = sum(a != b for a, b in pairwise(turns))
    if changes >= TURNING and not (first.trend is second.trend is Trend.LIMIT and first.value == second.value):
        return Course(Trend.OSCILLATES)
    return Course(Trend.UNCLEAR)


def extrapolated(steps: Sequence[Any], values: Sequence[Any]) -> tuple[Any, Any]:
    """The value at 0 of the polynomial through values at shrinking steps, and an estimate of its error (Neville)."""
    slopes = [(b - a) / (s - r) for (a, b), (r, s) in zip(pairwise(values), pairwise(steps))]
    if any(abs(b) > STEEPER * abs(a) for a, b in pairwise(slopes)):
        return values[-1], abs(values[-1] - values[-2])  # it is not smooth up to the point: a polynomial says nothing
    without = _at_zero(steps[:-1], values[:-1])
    found = _at_zero(steps, values)
    return found, abs(found - without)  # the error that it would have without the last step: more than it has with it


def _at_zero(steps: Sequence[Any], values: Sequence[Any]) -> Any:
    table = list(values)
    for width in range(1, len(table)):
        for i in range(len(table) - 1, width - 1, -1):
            table[i] += (table[i] - table[i - 1]) / (steps[i - width] / steps[i] - 1)
    return table[-1]
