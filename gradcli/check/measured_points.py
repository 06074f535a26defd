"""The numbers of a gradient at one point, in float64, beside difference quotients or what loops come close to."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import mpmath
import numpy as np

from gradcli.check.callables.numeric import Estimate, estimates
from gradcli.check.callables.weigh import (
    IN_DOUBLE,
    ROUNDING,
    WeighedJudgement,
    as_it_says,
    weighed_in_double,
    without_rounding,
)
from gradcli.check.converged import NEAR, Converged, LoopLimits
from gradcli.check.recording.calls import Point, called_with_floats
from gradcli.check.recording.forms import Form, Functions
from gradcli.errors import GradcliError
from gradcli.reference.classify import UNDECIDED, Outcome
from gradcli.tape.arrays import every

ENTRIES, ENTRIES_ELSEWHERE = 40, 4  # of a parameter, at the first point and at the others
UNSURE = 1e-2  # relative: an error from which on an estimate says nothing
ENDS = 10  # times what a function's loop leaves of its value, a gradient's own loop may leave of the gradient
BESIDE = 10  # a part of a variable's size, where the function's is looked at
SQUARE = 2  # axes


class MeasuredEntry(NamedTuple):
    """One number of a gradient, beside the difference quotient."""

    position: int
    point: Point
    entry: tuple[int, ...]
    claimed: float
    outcome: Outcome
    judgement: WeighedJudgement


class Tolerance(NamedTuple):
    """That loops end at one, and what they come close to, where that is known."""

    limits: LoopLimits | None


def looked_at(
    both: Functions, form: Form, point: Point, place: int, tolerance: Tolerance | None
) -> dict[str, list[MeasuredEntry]] | None:
    """The entries at a point, none where the value is not finite; None where two calls differ."""
    numbers = _called(both, form, point)
    if any(not np.array_equal(a, b, equal_nan=True) for a, b in zip(numbers, _called(both, form, point))):
        return None
    if not np.isfinite(numbers[0]).all():
        return {}
    names = form.partials(both.floats(point)[1])[0]
    limits = tolerance.limits.at(point, np.ravel(numbers[0])) if tolerance and tolerance.limits else None
    if limits:
        return {
            name: list(_at_limits(point, place, name, limits[name], numbers[0], one))
            for name, one in zip(names, numbers[1:])
        }
    found = {name: list(_entries(both, form, point, name, one, place)) for name, one in zip(names, numbers[1:])}
    if tolerance and limits is None:
        found = {name: [_as_it_stands(one) for one in entries] for name, entries in found.items()}
    return {name: _of_one_triangle(point[name], one) for name, one in found.items()}


def _at_limits(
    point: Point, place: int, name: str, limits: Mapping[tuple[int, ...], Converged], value: Any, given: Any
) -> Iterator[MeasuredEntry]:
    """The derivatives of what loops come close to; `given` is the gradient as it stands, with loops of its own."""
    size = float(np.max(np.abs(np.asarray(point[name])))) or 1.0
    around = float(np.max(np.abs(value))) / size
    for index, (claimed, outcome, apart) in limits.items():
        judgement = weighed_in_double(claimed, outcome, around, ())
        own = float(given[index])
        allowed = max(IN_DOUBLE[1], min(NEAR, ENDS * apart)) * abs(claimed) + ROUNDING * around
        if judgement is WeighedJudgement.RIGHT and not abs(own - claimed) <= allowed:  # it ends too early
            yield MeasuredEntry(place, point, index, own, outcome, WeighedJudgement.UNCLEAR)
        else:
            yield MeasuredEntry(place, point, index, claimed, as_it_says(claimed, outcome, judgement), judgement)


def _as_it_stands(one: MeasuredEntry) -> MeasuredEntry:
    """A number that is not the derivative of a function whose own accuracy is not known: that says nothing."""
    is_known = one.judgement is WeighedJudgement.RIGHT
    return one if is_known else one._replace(outcome=UNDECIDED, judgement=WeighedJudgement.UNCLEAR)


def _of_one_triangle(matrix: Any, entries: list[MeasuredEntry]) -> list[MeasuredEntry]:
    """Of a symmetric matrix of which one triangle is read the numbers for changes that keep it symmetric."""
    if not is_symmetric(np.asarray(matrix, dtype=float)):
        return entries
    known = {one.entry: one for one in entries}
    above = [one for one in entries if one.entry[-2] < one.entry[-1]]
    below = [known.get((*one.entry[:-2], *one.entry[:-3:-1])) for one in above]
    both_known = all(one is not None and one.outcome.exists for one in (*above, *below))
    if not above or not both_known or not any(all(_is_nothing(one) for one in side) for side in (above, below)):
        return entries
    for one, other in zip(above, below):
        assert other is not None
        claimed = (one.claimed + other.claimed) / 2
        mean = Outcome(
            True, (one.outcome.value + other.outcome.value) / 2, (one.outcome.error + other.outcome.error) / 2
        )
        for each in (one, other):
            judgement = weighed_in_double(claimed, mean, abs(claimed), ())
            known[each.entry] = each._replace(claimed=claimed, outcome=mean, judgement=judgement)
    return list(known.values())


def is_symmetric(matrix: Any) -> bool:
    """Whether an array is a symmetric matrix."""
    return matrix.ndim == SQUARE and matrix.shape[0] == matrix.shape[1] and np.array_equal(matrix, matrix.T)


def _is_nothing(one: MeasuredEntry | None) -> bool:
    return one is not None and bool(one.outcome.exists) and abs(one.outcome.value) <= one.outcome.error


def _called(both: Functions, form: Form, point: Point) -> list[Any]:
    """The value, and the derivative by each name, as arrays of the shapes that they have to be of."""
    value, found = both.floats(point)
    partials, _ = form.partials(found)
    whole = np.asarray(form.value(value), dtype=float)
    return [whole, *(np.broadcast_to(np.asarray(one, dtype=float), (*whole.shape, *both.shapes[name]))
                     for name, one in partials.items())]  # fmt: skip


def _entries(both: Functions, form: Form, point: Point, name: str, claimed: Any, place: int) -> Iterator[MeasuredEntry]:
    """The derivatives by some entries of a parameter."""
    indices = list(every(both.shapes[name]))
    most = ENTRIES_ELSEWHERE if place else ENTRIES
    for index in indices[:: max(1, len(indices) // most)][:most]:
        size = abs(float(np.asarray(point[name])[index])) or 1.0
        own = claimed[(..., *index)]
        values = _along(both, form, point, name, index, own.size)
        largest = float(np.max(np.abs(claimed), initial=0.0, where=np.isfinite(claimed)))
        # The function's size there: x*x is 0 at 0, but not beside it.
        near = [abs(one) for step in (0.0, size / BESIDE, -size / BESIDE) for one in values(step)]
        around = max(filter(math.isfinite, near), default=0.0) / size
        for output, one in zip(every(own.shape), estimates(values, own.size, size)):
            number = float(own[output])
            outcome = _outcome(one, max(abs(number), UNSURE * around) if math.isfinite(number) else math.inf)
            if math.isfinite(number) or not place:
                judgement = weighed_in_double(without_rounding(number, largest), outcome, around, ())
                said = as_it_says(number, outcome, judgement)
                yield MeasuredEntry(place, point, (*output, *index), number, said, judgement)


def _along(both: Functions, form: Form, point: Point, name: str, index: tuple[int, ...], count: int) -> Any:
    """The numbers that the function gives, at a step of one entry."""

    def values(step: float) -> list[float]:
        moved = np.array(point[name], dtype=float)
        moved[index] += step
        try:
            found, _ = both.split(
                called_with_floats(both.function, {**point, name: moved if moved.shape else moved[()]})
            )
            return list(np.ravel(np.asarray(form.value(found), dtype=float)))
        except (ArithmeticError, ValueError, GradcliError):
            return [math.nan] * count

    return values


def _outcome(one: Estimate, size: float) -> Outcome:
    """What an estimate says; `size` is that of the numbers that it is held against."""
    if one.error > UNSURE * max(abs(one.value or 0.0), size):
        return UNDECIDED
    if one.value is not None:
        return Outcome(True, mpmath.mpf(one.value), mpmath.mpf(one.error))
    if one.left is not None and one.right is not None:
        return Outcome(False, kind="corner", left=mpmath.mpf(one.left), right=mpmath.mpf(one.right))
    return UNDECIDED
