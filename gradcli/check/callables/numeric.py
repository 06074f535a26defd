"""The derivative of a callable in float64 alone: extrapolated difference quotients, with an estimate of their error."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

LEVELS = 9  # of an extrapolation
RATIO = 2.0  # of one step to the next
STARTS = (1e-1, 1e-2, 1e-4)  # the first step, relative to the point
# How far apart values are compared for their rounding: next to each other, relative to the point, and so far, relative
# to the first step, that what is rounded on the way to a small value, 11 - log(exp(11) + 1), goes from one double to
# the next. So many on each side.
NEXT, BETWEEN, COMPARED = 1e-13, 1e-4, 6
# Relative to the point: by what a function has done over such steps, quotients over longer ones have to be its own, and
# not those of a wave that they jump over; so far they may be apart, from one side and from both.
SHORT, APART_ONE, APART_BOTH = (4e-7, 1.7e-7), 1e-2, 1e-3
ROUNDINGS = 4  # of the values, in a quotient
SIDES_APART = 30  # times their errors: then the two one-sided derivatives are two

Values = Callable[[float], Sequence[float]]  # the numbers that the callable gives, at a step along a direction


class Estimate(NamedTuple):
    """A derivative and how far it may be off; None where both sides differ, or do not settle."""

    value: float | None
    error: float
    left: float | None = None
    right: float | None = None


def estimates(values: Values, count: int, scale: float) -> list[Estimate]:
    """Of each of the numbers, the derivative at step 0."""
    best = [Estimate(None, math.inf)] * count
    with np.errstate(all="ignore"):
        center = np.asarray(values(0.0))
        least = _rounding(values, scale * NEXT)
        short = [_Short.of(values, center, step * scale, least) for step in SHORT]
        changes = np.zeros(count, dtype=bool)
        for start in STARTS:
            rounding = np.maximum(least, _rounding(values, start * scale * BETWEEN))
            steps = start * scale / RATIO ** np.arange(LEVELS)[:, None]
            ahead = (np.asarray([values(step) for step in steps[:, 0].tolist()]) - center) / steps
            behind = (center - np.asarray([values(-step) for step in steps[:, 0].tolist()])) / steps
            rounding = np.maximum(rounding, _granule(ahead * steps, behind * steps))
            sides = [_limit(ahead, 1, steps, rounding), _limit(behind, 1, steps, rounding)]
            middle = _limit((ahead + behind) / 2, 2, steps, rounding)
            is_flat = changes & ~ahead.any(axis=0) & ~behind.any(axis=0)  # it was rounded to one number
            changes |= ahead.any(axis=0) | behind.any(axis=0)
            for place in np.flatnonzero(~is_flat).tolist():
                one = _judged(*((float(value[place]), float(error[place])) for value, error in (*sides, middle)))
                agrees = one is not None and all(each.agrees(one, place) for each in short)
                if one is not None and agrees and _is_better(one, best[place]):
                    best[place] = one
    return best


class _Short(NamedTuple):
    """What the function does over one short step on both sides, and how far rounding moves that."""

    ahead: Any
    behind: Any
    rounding: Any

    @classmethod
    def of(cls, values: Values, center: Any, step: float, rounding: Any) -> _Short:
        ahead = (np.asarray(values(step)) - center) / step
        behind = (center - np.asarray(values(-step))) / step
        return cls(ahead, behind, ROUNDINGS * rounding / step)

    def agrees(self, one: Estimate, place: int) -> bool:
        """Whether an estimate is what the function does here."""
        ahead, behind, rounding = (float(each[place]) for each in self)
        if one.value is not None:
            return _are_near(one.value, (ahead + behind) / 2, one.error + rounding, APART_BOTH)
        assert one.left is not None and one.right is not None
        pairs = ((one.left, behind), (one.right, ahead))
        return all(_are_near(side, quotient, one.error + rounding, APART_ONE) for side, quotient in pairs)


def _are_near(one: float, other: float, error: float, relative: float) -> bool:
    return not abs(one - other) > error + relative * max(abs(one), abs(other))


def _is_better(one: Estimate, before: Estimate) -> bool:
    """Whether an estimate over shorter steps is to be taken: it is surer, or it says that there is more to see."""
    if one.error < before.error or one.value is None or before.value is None:
        return one.error < before.error
    return abs(one.value - before.value) > SIDES_APART * (one.error + before.error)


def _rounding(values: Values, jump: float) -> Any:
    """How far each number is from being computed without error: how it jumps from one value to the next ones."""
    near = np.asarray([values(step * jump) for step in range(-COMPARED, COMPARED + 1)])
    found = np.finfo(float).eps * np.abs(near).max(axis=0)
    for side in (near[: COMPARED + 1], near[COMPARED:]):  # there may be a corner between them
        found = np.maximum(found, np.abs(np.diff(side, 4, axis=0)).max(axis=0) / 4)  # the curvature is not rounding
    return found


def _granule(*sides: Any) -> Any:
    """The smallest change, where the numbers change over some steps to one side and not over all of them."""
    found: Any = 0.0
    for one in np.abs(sides):
        changes = np.where(one > 0, one, np.inf).min(axis=0)
        found = np.maximum(found, np.where(np.isfinite(changes) & (one == 0).any(axis=0), changes, 0.0))
    return found


def _limit(quotients: Any, order: int, steps: Any, rounding: Any) -> tuple[Any, Any]:
    """Where quotients go whose error falls with this power of the step (Ridders' tableau), and how sure that is."""
    before = quotients
    best, error = np.full(quotients.shape[1], np.nan), np.full(quotients.shape[1], np.inf)
    for level in range(1, len(quotients)):
        factor = RATIO ** (order * level)
        row = (factor * before[1:] - before[:-1]) / (factor - 1)
        gaps = np.maximum(np.abs(row - before[1:]), np.abs(row - before[:-1])) + ROUNDINGS * rounding / steps[level:]
        for value, gap in zip(row, gaps):
            better = gap < error
            best, error = np.where(better, value, best), np.where(better, gap, error)
        before = row
    return best, error


def _judged(ahead: tuple[float, float], behind: tuple[float, float], middle: tuple[float, float]) -> Estimate | None:
    """What the extrapolations from both sides say together."""
    if not (math.isfinite(ahead[0]) and math.isfinite(behind[0]) and math.isfinite(middle[0])):
        return None
    error = ahead[1] + behind[1]
    if abs(ahead[0] - behind[0]) > SIDES_APART * error:
        return Estimate(None, error, behind[0], ahead[0])
    return Estimate(middle[0], middle[1])
