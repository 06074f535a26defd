"""What there is to say of the gradient by one input: the verdict, a counterexample, the exceptions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcli.backends.mp.arithmetic import decimals
from gradcli.check.callables.callables import Inputs
from gradcli.check.callables.point import CallablePoint, Looker
from gradcli.check.callables.weigh import WeighedEntry, WeighedJudgement
from gradcli.check.data import ClaimFinding, Counterexample, Exceptional, Point, Rate
from gradcli.check.mistakes.backward import likely, number
from gradcli.reference.classify import Infinite
from gradcli.reference.verdict import ClaimVerdict
from gradcli.terminal.numbers import figure

MAX_EXCEPTIONS = 8  # that are shown
WRONG_RATE = 1.5  # a right gradient has 2, a wrong one 1
HIDDEN = "along random directions the remainder is of order 1: an entry that was not looked at alone is wrong"
FEW_DIGITS = 8.0  # as many right ones need no remark
SHOWN_DIGITS = 17

Shapes = Sequence[tuple[int, ...]]


def finding(
    looker: Looker, places: Sequence[CallablePoint], name: str, shapes: Shapes, rate: Rate | None
) -> ClaimFinding:
    """What there is to say of the gradient by one input."""
    positions = positions_of(places[0].inputs, name)
    wrong = [(place, one) for place in places for one in place.of(WeighedJudgement.WRONG, positions)]
    odd = [
        (place, one)
        for place in places
        for one in place.of(WeighedJudgement.EXCEPTIONAL, positions)
        if one.output is not None
    ]
    unclear = [
        (place, one)
        for place in places
        for one in place.of(WeighedJudgement.UNCLEAR, positions)
        if one.outcome.exists or place is places[0]  # elsewhere a point without a known truth says nothing
    ]
    held = [place for place in places if _holds(place, positions)]
    verdict = ClaimVerdict.FALSE if wrong else ClaimVerdict.UNDECIDED if unclear or not held else ClaimVerdict.HOLDS
    hidden = (
        verdict is ClaimVerdict.HOLDS and rate is not None and rate.measured is not None and rate.measured < WRONG_RATE
    )
    if hidden:  # along random directions all entries move, and one by one perhaps not all were looked at
        verdict = ClaimVerdict.UNDECIDED
    digits = [one.digits for one in places[0].of(WeighedJudgement.RIGHT, positions) if one.digits is not None]
    worst = _readable(wrong)
    return ClaimFinding(
        (name,),
        verdict,
        shape=tuple(places[0].inputs.tensors[name].shape),
        points=len(held),
        span=_span(held, name),
        counterexample=None if worst is None else counterexample(*worst, shapes),
        exceptions=tuple(_exceptional(place, one, shapes) for place, one in odd[:MAX_EXCEPTIONS]),
        excepted=len(odd),
        slip=likely(looker, places, name, positions),
        rate=rate,
        digits=round(min(digits), 2) if digits and not wrong else None,
        note=HIDDEN if hidden else _note(name, wrong, held, unclear, min(digits, default=16.0), looker),
    )


def positions_of(inputs: Inputs, name: str) -> range:
    """The places of an input's entries among all."""
    start = 0
    for other, one in inputs.tensors.items():
        if other == name:
            return range(start, start + one.numel())
        start += one.numel()
    raise KeyError(name)


def _holds(place: CallablePoint, positions: Sequence[int]) -> bool:
    seen = [one.judgement for one in place.entries if one.position in positions]
    return WeighedJudgement.RIGHT in seen and not {WeighedJudgement.WRONG, WeighedJudgement.UNCLEAR} & set(seen)


def _readable(wrong: Sequence[tuple[CallablePoint, WeighedEntry]]) -> tuple[CallablePoint, WeighedEntry] | None:
    """The counterexample that is the easiest to follow: of one output, at the point that was given, the most wrong."""

    def weight(one: tuple[CallablePoint, WeighedEntry]) -> tuple[bool, int, float]:
        place, entry = one
        length = sum(len(repr(number)) for number in place.inputs.flat().tolist())
        return (
            entry.output is None,
            length,
            -float(abs(number(entry) - entry.outcome.value)) if entry.outcome.value else 0.0,
        )

    return min(wrong, key=lambda one: weight(one)[:2], default=None)


def counterexample(place: CallablePoint, entry: WeighedEntry, shapes: Shapes) -> Counterexample:
    """A wrong number as data."""
    known = entry.exact and entry.claimed is not None and math.isfinite(entry.torch)
    claimed = entry.claimed if known else entry.torch
    said = None if isinstance(claimed, float) and not math.isfinite(claimed) else _text(claimed)
    return Counterexample(written(place.inputs), said, _text(entry.outcome.value), index_of(place, entry, shapes))


def _text(value: Any) -> str:
    return repr(value) if isinstance(value, float) else shortened(value)


def shortened(value: Any) -> str:
    """A number at high precision with the digits that a reader wants."""
    near = float(value)
    if not value or (near and math.isfinite(near)):
        return repr(near)
    return decimals(value, SHOWN_DIGITS)


def index_of(place: CallablePoint, entry: WeighedEntry, shapes: Shapes) -> tuple[int, ...]:
    """The indices of an entry: the output's first."""
    _, index = place.inputs.place(entry.position)
    return (*output_index(entry.output, shapes), *index)


def output_index(output: int | None, shapes: Shapes) -> tuple[int, ...]:
    """Where a number stands among the outputs; of several outputs, which one comes first."""
    if output is None:
        return ()
    for which, shape in enumerate(shapes):
        size = int(np.prod(shape))
        if output < size:
            inner = tuple(int(i) for i in np.unravel_index(output, shape)) if shape else ()
            return (which, *inner) if len(shapes) > 1 else inner
        output -= size
    return ()


def _exceptional(place: CallablePoint, entry: WeighedEntry, shapes: Shapes) -> Exceptional:
    outcome = entry.outcome
    said = repr(entry.torch) if math.isfinite(entry.torch) else None
    return Exceptional(
        written(place.inputs), said, kind=outcome.kind, left=_side(outcome.left), right=_side(outcome.right),
        index=index_of(place, entry, shapes),
    )  # fmt: skip


def _side(value: Any) -> str | None:
    if isinstance(value, Infinite):
        return "inf" if value.sign > 0 else "-inf"
    return None if value is None else shortened(value)


def written(inputs: Inputs) -> Point:
    """A point as texts: the shortest decimals of its doubles, and its settings."""

    def nested(value: Any) -> Any:
        return [nested(one) for one in value] if isinstance(value, list) else repr(value)

    return {name: nested(one.tolist()) for name, one in inputs.tensors.items()} | {
        name: repr(value) for name, value in inputs.settings.items()
    }


def _span(held: Sequence[CallablePoint], name: str) -> tuple[float, float] | None:
    sizes = [abs(one) for place in held for one in place.inputs.tensors[name].reshape(-1).tolist() if one]
    return (min(sizes), max(sizes)) if sizes else None


def _note(
    name: str,
    wrong: Sequence[tuple[CallablePoint, WeighedEntry]],
    held: Sequence[CallablePoint],
    unclear: Sequence[tuple[CallablePoint, WeighedEntry]],
    digits: float,
    looker: Looker,
) -> str | None:
    """What else is to be said."""
    if wrong and all(entry.output is None for _, entry in wrong):
        place, _ = wrong[0]
        if len(place.weights) == 1:
            return f"right alone, wrong with an incoming gradient of {figure(place.weights[0])}"
        return "right for each output alone, wrong for a weighted sum of them"
    if wrong:
        return _region(name, [place for place, _ in wrong], held)
    if unclear:
        return (
            "the difference from the truth is too small to tell from rounding"
            if unclear[0][1].outcome.exists
            else ("the true derivative could not be found at some points")
        )
    if not held:
        return "there is no derivative at any of the points"
    if digits < FEW_DIGITS and not looker.narrow:
        return f"the formula is right; rounding in float64 leaves {digits:.1f} digits here"
    return None


def _region(name: str, wrong: Sequence[CallablePoint], held: Sequence[CallablePoint]) -> str | None:
    """Where it is wrong, if that is on one side of where it is right."""
    if not held or wrong[0].inputs.tensors[name].dim():
        return None
    bad = [float(place.inputs.tensors[name]) for place in wrong]
    good = [float(place.inputs.tensors[name]) for place in held]
    if min(bad) > max(good):
        return f"it is wrong where {name} is large: right up to {max(good)!r}, wrong from {min(bad)!r} on"
    if max(bad) < min(good):
        return f"it is wrong where {name} is small: right down to {min(good)!r}, wrong from {max(bad)!r} on"
    return None
