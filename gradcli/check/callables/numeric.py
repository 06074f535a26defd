"""The derivative of a callable in float64 alone: extrapolated difference quotients, with an estimate of their error."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

LEVELS = 9  # of an extrapolation
RATIO = 2.0  # of one step to the next
STARTS = (1e-1, 1e-2, 1e-4)  # the first step, relative to the point
# How far apart, relative to the point, values are compared for their rounding: next to each other, and so far that what
# is rounded on the way to a small value, 11 - log(exp(11) + 1), goes from one double to the next. So many on each side.
JUMPS, COMPARED = (1e-13, 1e-8), 6
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
        rounding = _rounding(values, scale)
        for start in STARTS:
            steps = start * scale / RATIO ** np.arange(LEVELS)[:, None]
            ahead = (np.asarray([values(step) for step in steps[:, 0].tolist()]) - center) / steps
            behind = (center - np.asarray([values(-step) for step in steps[:, 0].tolist()])) / steps
            sides = [_limit(ahead, 1, steps, rounding), _limit(behind, 1, steps, rounding)]
            middle = _limit((ahead + behind) / 2, 2, steps, rounding)
            for place in range(count):
                one = _judged(*((float(value[place]), float(error[place])) for value, error in (*sides, middle)))
                if one is not None and one.error < best[place].error:
                    best[place] = one
    return best


def _rounding(values: Values, scale: float) -> Any:
    """How far each number is from being computed without error: how it jumps from one double to the next ones."""
    found: Any = 0.0
    for jump in JUMPS:
        near = np.asarray([values(step * scale * jump) for step in range(-COMPARED, COMPARED + 1)])
        found = np.maximum(found, np.finfo(float).eps * np.abs(near).max(axis=0))
        for side in (near[: COMPARED + 1], near[COMPARED:]):  # there may be a corner between them
            found = np.maximum(found, np.abs(np.diff(side, 4, axis=0)).max(axis=0) / 4)  # the curvature is not rounding
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
