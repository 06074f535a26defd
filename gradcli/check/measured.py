"""A Python function of which no formula can be recorded: its gradient held against difference quotients in float64."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from gradcli.check.callables.weigh import IN_DOUBLE, WeighedJudgement
from gradcli.check.converged import LoopLimits, NotSettled
from gradcli.check.data import Check, ClaimFinding, Counterexample, Exceptional
from gradcli.check.measured_points import MeasuredEntry, Tolerance, is_symmetric, looked_at
from gradcli.check.mistakes.measured import Entries, of_numbers
from gradcli.check.recording.calls import Point, name_of
from gradcli.check.recording.forms import Form, Functions, form_of
from gradcli.check.recording.ways import SIMPLE, EndsAtTolerance
from gradcli.errors import GradcliError
from gradcli.functions.shapes import Shape
from gradcli.reference.verdict import ClaimVerdict
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.version import __version__

POINTS = 8  # each derivative takes some hundred calls
POINTS_OF_LOOPS = 24  # of loops that end at a tolerance
SLOWER = 20  # so many times as long as the quickest point may each other one take, less after some that were late,
LEAST_SECONDS = 0.1  # or so long: elsewhere a loop may have no end
MOST_LATE = 3  # points, of which one is looked at again: a machine may have been busy
SECONDS = 15.0  # for the points after the first
DIGITS = 8  # in which a right gradient agrees
SHOWN = 3  # exceptions


def measured(
    both: Functions, points: Sequence[Point], seed: int, is_given: bool, error: GradcliError, limits: LoopLimits | None
) -> Check:  # fmt: skip
    """The answer by calls with floats; `error` says why no formula was recorded.

    The derivatives of loops that end at a tolerance are those of their `limits`, which the gradient is of, too. Where
    these are not known, no gradient is wrong: that of the function as it stands is off by what its tolerance lets it.

    Raises that where the calls say nothing either, or are not the same twice.
    """
    found: dict[str, list[MeasuredEntry]] = {}
    started, seen = time.monotonic(), list[Point]()
    # A loop that ends everywhere is short: many of the numbers of turns that it takes somewhere are looked at.
    tolerance = Tolerance(limits) if isinstance(error, EndsAtTolerance) else None
    most = POINTS_OF_LOOPS if tolerance else POINTS
    points = [*points[:1], *_mixed(points[1:])]
    allowed = quickest = SECONDS
    symmetric = [name for name, one in points[0].items() if is_given and is_symmetric(np.asarray(one, dtype=float))]
    points = [{**one, **{name: (one[name] + one[name].T) / 2 for name in symmetric}} for one in points]
    try:
        form = Deadline(SECONDS).run(lambda: form_of(both, points))
    except OutOfTime:
        raise error from None
    left: list[Point] = []  # where the function took too long
    unsettled: list[Point] = []

    def look(point: Point, seconds: float) -> bool:
        """Whether the function was in time there."""
        try:
            mine = Deadline(seconds).run(partial(looked_at, both, form, point, len(seen), tolerance))
        except OutOfTime:
            return False
        except NotSettled:
            unsettled.append(point)
            return True
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
        before = time.monotonic()
        if not look(point, max(LEAST_SECONDS, allowed / 2 ** len(left))):
            left.append(point)
        elif seen:  # a loop may have no end elsewhere, and where there are such points, there are more
            quickest = min(quickest, time.monotonic() - before)
            allowed = min(SECONDS / POINTS, SLOWER * quickest)
    if 0 < len(left) <= MOST_LATE and not is_enough() and look(left[0], SECONDS / POINTS):  # or it is only slow
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
               *([f"Note: {len(left)} of the points are left out: the function takes too long."] if left else []),
               *([f"Note: {len(unsettled)} of the points are left out: the loop stops there before it comes close to"
                  " anything."] if unsettled else []),
               *(f"Note: {one}." for one in _left_out(found, both.shapes))),
        versions={"gradcli": __version__},
    )  # fmt: skip


def _mixed(points: Sequence[Point]) -> list[Point]:
    """The first ones, which are of simple numbers, and the others in turn: what rounds keeps simple ones."""
    half = len(SIMPLE) // 2
    simple = [one for pair in zip(points[half : 2 * half], points[:half]) for one in pair]  # whole ones come late
    others = points[2 * half :]
    pairs = [one for pair in zip(simple, others) for one in pair]
    return [*pairs, *others[len(simple) :], *simple[len(others) :]]


def _left_out(found: Mapping[str, Sequence[MeasuredEntry]], shapes: Mapping[str, Shape]) -> list[str]:
    """Of which parameters some entries were not looked at."""
    said = []
    for name, entries in found.items():
        looked = len({one.entry[len(one.entry) - len(shapes[name]) :] for one in entries})
        if entries and looked < math.prod(shapes[name]):
            said.append(f"only {looked} of the {math.prod(shapes[name])} entries of {name} were looked at")
    return said


def _finding(name: str, entries: Sequence[MeasuredEntry], form: Form, whose: str, asked: int) -> ClaimFinding:
    """What is found of the derivatives by a parameter; it holds where it does at half of the points at least."""
    wrong = [one for one in entries if one.judgement is WeighedJudgement.WRONG]
    odd = [one for one in entries if one.judgement is WeighedJudgement.EXCEPTIONAL]
    unclear = [
        one for one in entries if one.judgement is WeighedJudgement.UNCLEAR and (one.outcome.exists or not one.position)
    ]
    bad = {one.position for one in (*wrong, *unclear, *odd)}
    held = {one.position for one in entries if one.judgement is WeighedJudgement.RIGHT} - bad
    is_enough = 2 * len(held) >= asked
    verdict = (
        ClaimVerdict.FALSE if wrong else ClaimVerdict.HOLDS if is_enough and not unclear else ClaimVerdict.UNDECIDED
    )
    note = None
    if unclear and not wrong:
        note = "in float64 the difference from the truth is too small to tell from rounding"
    elif not wrong and not is_enough:
        note = f"only {len(held)} of {asked} points could be judged"
    sizes = [abs(float(x)) for one in entries if one.position in held for x in np.ravel(one.point[name]) if x]
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
            if one.position == place
        }
        for place in sorted(wrong)
    ]


def _how(error: GradcliError, limits: LoopLimits | None) -> str:
    """How the gradient was judged, and why so."""
    if isinstance(error, EndsAtTolerance) and limits is not None:
        return (
            f"it has {error.what}: the gradient, with more turns where it has loops, too, is held against that of what"
            " the loop comes close to with more turns"
        )
    return f"judged in float64, by difference quotients: {error.message}"


def _decimals(value: Any) -> str | None:
    number = math.nan if value is None else float(value)
    return f"{number:.{DIGITS + 1}g}".replace("e+", "e") if math.isfinite(number) else None


def _written(point: Point) -> Mapping[str, Any]:
    def nested(value: Any) -> Any:
        return [nested(one) for one in value] if isinstance(value, list) else repr(float(value)).replace("e+", "e")

    return {name: nested(np.asarray(one, dtype=float).tolist()) for name, one in point.items()}
