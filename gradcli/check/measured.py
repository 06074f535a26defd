"""A Python function of which no formula can be recorded: its gradient held against difference quotients in float64."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import mpmath
import numpy as np

from gradcli.check.callables.numeric import Estimate, estimates
from gradcli.check.callables.weigh import IN_DOUBLE, WeighedJudgement, weighed_in_double
from gradcli.check.converged import NEAR, Converged, Limits
from gradcli.check.data import Check, ClaimFinding, Counterexample, Exceptional
from gradcli.check.mistakes.measured import Entries, of_numbers
from gradcli.check.recording.calls import Point, called_with_floats, name_of
from gradcli.check.recording.forms import Form, Functions, form_of
from gradcli.check.recording.ways import EndsAtTolerance
from gradcli.errors import GradcliError
from gradcli.functions.shapes import Shape
from gradcli.reference.classify import UNDECIDED, Outcome
from gradcli.reference.verdict import ClaimVerdict
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.tape.arrays import every
from gradcli.version import __version__

POINTS = 8  # each derivative takes some hundred calls
SLOWER = 20  # so many times as long as the first point may each other one take,
LEAST_SECONDS = 0.2  # or so long: elsewhere a loop may have no end
ENTRIES, ENTRIES_ELSEWHERE = 40, 4  # of a parameter, at the first point and at the others
SECONDS = 15.0  # for the points after the first
DIGITS = 8  # in which a right gradient agrees
UNSURE = 1e-2  # relative: an error from which on an estimate says nothing
BESIDE = 10  # a part of a variable's size, where the function's is looked at
SHOWN = 3  # exceptions
SQUARE = 2  # axes


class MeasuredEntry(NamedTuple):
    """One number of a gradient, beside the difference quotient."""

    place: int
    point: Point
    entry: tuple[int, ...]
    claimed: float
    outcome: Outcome
    judgement: WeighedJudgement


class Tolerance(NamedTuple):
    """That loops end at one, and what they come close to, where that is known."""

    limits: Limits | None


def measured(
    both: Functions, points: Sequence[Point], seed: int, is_given: bool, error: GradcliError, limits: Limits | None
) -> Check:  # fmt: skip
    """The answer by calls with floats; `error` says why no formula was recorded.

    The derivatives of loops that end at a tolerance are those of their `limits`, which the gradient is of, too. Where
    these are not known, no gradient is wrong: that of the function as it stands is off by what its tolerance lets it.

    Raises that where the calls say nothing either, or are not the same twice.
    """
    found: dict[str, list[MeasuredEntry]] = {}
    started, seen = time.monotonic(), list[Point]()
    # A loop that ends everywhere is short: whatever number of turns it takes somewhere is looked at.
    tolerance = Tolerance(limits) if isinstance(error, EndsAtTolerance) else None
    most = len(points) if tolerance else POINTS
    allowed = SECONDS
    symmetric = [name for name, one in points[0].items() if is_given and _is_symmetric(np.asarray(one, dtype=float))]
    points = [{**one, **{name: (one[name] + one[name].T) / 2 for name in symmetric}} for one in points]
    try:
        form = Deadline(SECONDS).run(lambda: form_of(both, points))
    except OutOfTime:
        raise error from None
    left: list[Point] = []  # where the function took too long

    def look(point: Point, seconds: float) -> bool:
        """Whether the function was in time there."""
        try:
            mine = Deadline(seconds).run(partial(_looked_at, both, form, point, len(seen), tolerance))
        except OutOfTime:
            return False
        except (ArithmeticError, ValueError):
            return True
        if mine is None:
            raise error
        for name, entries in mine.items():
            found.setdefault(name, []).extend(entries)
        seen.extend([point] if mine else [])
        return True

    def is_enough() -> bool:
        return bool(seen) and (len(seen) == most or time.monotonic() - started > SECONDS)

    for point in points:
        if is_enough():
            break
        before, is_first = time.monotonic(), not seen
        if not look(point, allowed):
            left.append(point)
        elif is_first and seen:  # a loop may have no end elsewhere
            allowed = min(SECONDS / POINTS, max(LEAST_SECONDS, SLOWER * (time.monotonic() - before)))
    if left and not is_enough() and look(left[0], SECONDS / POINTS):  # or it is only slow
        del left[0]
    if not found:
        raise error
    whose = name_of(both.gradient or both.function)
    findings = tuple(_finding(name, one, form, whose, len(seen)) for name, one in found.items())
    return Check(
        program=both.name, imported=both.name, name=both.name.rpartition(".")[2], findings=findings, wrt=tuple(found),
        shapes={name: shape for name, shape in both.shapes.items() if shape}, seed=seed, digits=DIGITS,
        at=_written(points[0]) if is_given else None, points=tuple(_written(one) for one in seen),
        notes=(f"Note: {_how(error, limits)}.",
               *([f"Note: {len(left)} of the points are left out: the function takes too long."] if left else [])),
        versions={"gradcli": __version__},
    )  # fmt: skip


def _looked_at(
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
    for index, (claimed, outcome) in limits.items():
        judgement = weighed_in_double(claimed, outcome, around, ())
        own = float(given[index])
        ends_early = not abs(own - claimed) <= NEAR * (abs(claimed) + NEAR * around)
        if judgement is WeighedJudgement.RIGHT and ends_early:
            yield MeasuredEntry(place, point, index, own, outcome, WeighedJudgement.UNCLEAR)
        else:
            yield MeasuredEntry(place, point, index, claimed, outcome, judgement)


def _as_it_stands(one: MeasuredEntry) -> MeasuredEntry:
    """A number that is not the derivative of a function whose own accuracy is not known: that says nothing."""
    is_known = one.judgement is WeighedJudgement.RIGHT
    return one if is_known else one._replace(outcome=UNDECIDED, judgement=WeighedJudgement.UNCLEAR)


def _of_one_triangle(matrix: Any, entries: list[MeasuredEntry]) -> list[MeasuredEntry]:
    """Of a symmetric matrix of which one triangle is read the numbers for changes that keep it symmetric."""
    if not _is_symmetric(np.asarray(matrix, dtype=float)):
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


def _is_symmetric(matrix: Any) -> bool:
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
        # The function's size there: x*x is 0 at 0, but not beside it.
        near = [abs(one) for step in (0.0, size / BESIDE, -size / BESIDE) for one in values(step)]
        around = max(filter(math.isfinite, near), default=0.0) / size
        for output, one in zip(every(own.shape), estimates(values, own.size, size)):
            number = float(own[output])
            outcome = _outcome(one, max(abs(number), UNSURE * around) if math.isfinite(number) else math.inf)
            if math.isfinite(number) or not place:
                judgement = weighed_in_double(number, outcome, around, ())
                yield MeasuredEntry(place, point, (*output, *index), number, outcome, judgement)


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


def _finding(name: str, entries: Sequence[MeasuredEntry], form: Form, whose: str, asked: int) -> ClaimFinding:
    """What is found of the derivatives by a parameter; it holds where it does at half of the points at least."""
    wrong = [one for one in entries if one.judgement is WeighedJudgement.WRONG]
    odd = [one for one in entries if one.judgement is WeighedJudgement.EXCEPTIONAL]
    unclear = [
        one for one in entries if one.judgement is WeighedJudgement.UNCLEAR and (one.outcome.exists or not one.place)
    ]
    bad = {one.place for one in (*wrong, *unclear, *odd)}
    held = {one.place for one in entries if one.judgement is WeighedJudgement.RIGHT} - bad
    is_enough = 2 * len(held) >= asked
    verdict = (
        ClaimVerdict.FALSE if wrong else ClaimVerdict.HOLDS if is_enough and not unclear else ClaimVerdict.UNDECIDED
    )
    note = None
    if unclear and not wrong:
        note = "in float64 the difference from the truth is too small to tell from rounding"
    elif not wrong and not is_enough:
        note = f"only {len(held)} of {asked} points could be judged"
    sizes = [abs(float(x)) for one in entries if one.place in held for x in np.ravel(one.point[name]) if x]
    shape: Shape = form.shapes[name]
    whole = (*(() if form.is_total else form.output), *shape)
    return ClaimFinding(
        (name,), verdict, claim=f"{whose}({', '.join(form.shapes)})",
        shape=whole, points=len(held),
        span=(min(sizes), max(sizes)) if sizes else None,
        counterexample=None if not wrong else Counterexample(
            _written(wrong[0].point), _decimals(wrong[0].claimed), _decimals(wrong[0].outcome.value), wrong[0].entry
        ),
        exceptions=tuple(
            Exceptional(_written(one.point), _decimals(one.claimed), kind="corner", left=_decimals(one.outcome.left),
                        right=_decimals(one.outcome.right), index=one.entry)
            for one in odd[:SHOWN]
        ),
        excepted=len(odd),
        slip=of_numbers(_at_points(entries, bad), shape if len(shape) > 1 else whole, IN_DOUBLE[1]) if wrong else None,
        note=note,
    )  # fmt: skip


def _at_points(entries: Sequence[MeasuredEntry], wrong: Collection[int]) -> list[Entries]:
    """What is claimed and what is right, at the points at which something is wrong."""
    return [
        {
            one.entry: (one.claimed, one.outcome.value if one.outcome.exists else None)
            for one in entries
            if one.place == place
        }
        for place in sorted(wrong)
    ]


def _how(error: GradcliError, limits: Limits | None) -> str:
    """How the gradient was judged, and why so."""
    if isinstance(error, EndsAtTolerance) and limits is not None:
        return f"it has {error.what}: the gradient is held against that of what the loop comes close to with more turns"
    return f"judged in float64, by difference quotients: {error.message}"


def _decimals(value: Any) -> str | None:
    number = math.nan if value is None else float(value)
    return f"{number:.{DIGITS + 1}g}".replace("e+", "e") if math.isfinite(number) else None


def _written(point: Point) -> Mapping[str, Any]:
    def nested(value: Any) -> Any:
        return [nested(one) for one in value] if isinstance(value, list) else repr(float(value)).replace("e+", "e")

    return {name: nested(np.asarray(one, dtype=float).tolist()) for name, one in point.items()}
