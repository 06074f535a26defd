"""What went wrong in a backward, where one mistake explains all numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from gradcli.check.callables.callables import CallFailed
from gradcli.check.callables.followed import Followed
from gradcli.check.callables.point import CallablePoint, Looker, summed
from gradcli.check.callables.weigh import WeighedEntry, WeighedJudgement
from gradcli.check.callables.world import Unsupported
from gradcli.check.data import LikelyMistake
from gradcli.check.mistakes.factors import off
from gradcli.check.mistakes.measured import FloatNumbers, transposed
from gradcli.check.mistakes.sentences import said

SAMPLES = 4  # numbers that are computed again
CLOSE = 1e-8  # relative: two numbers that are the same but for rounding
CLOSE_IN_DOUBLE = 1e-5  # where the truth itself is known in float64 only
ROWS = 3  # of one entry: so many the same are no accident


class _Case(NamedTuple):
    """All numbers of the gradient by one input."""

    looker: Looker
    places: Sequence[CallablePoint]
    name: str
    positions: Sequence[int]
    wrong: Sequence[tuple[CallablePoint, WeighedEntry]]
    right: Sequence[tuple[CallablePoint, WeighedEntry]]

    @property
    def close(self) -> float:
        """How near two numbers are that are the same."""
        return CLOSE if self.looker.why_double is None else CLOSE_IN_DOUBLE

    @property
    def shape(self) -> tuple[int, ...]:
        """That of the input."""
        return tuple(self.places[0].inputs.tensors[self.name].shape)

    def at(self, entry: WeighedEntry) -> tuple[int, ...]:
        """Which entry of the input a number is about."""
        return tuple(map(int, np.unravel_index(entry.position - self.positions[0], self.shape)))

    def same(self, a: Any, b: Any) -> bool:
        """Whether two numbers are one."""
        return FloatNumbers((), self.close).agree(a, b)


def likely(
    looker: Looker, places: Sequence[CallablePoint], name: str, positions: Sequence[int]
) -> LikelyMistake | None:
    """The mistake in the gradient by one input."""
    wrong = [(place, one) for place in places for one in place.of(WeighedJudgement.WRONG, positions)]
    right = [(place, one) for place in places for one in place.of(WeighedJudgement.RIGHT, positions)]
    if not wrong:
        return None
    case = _Case(looker, places, name, positions, wrong, right)
    return next((slip for find in _FINDERS if (slip := find(case)) is not None), None)


def number(entry: WeighedEntry) -> Any:
    """What is claimed: at high precision where that is known."""
    return entry.claimed if entry.exact and entry.claimed is not None else entry.torch


def _missing(case: _Case) -> LikelyMistake | None:
    which = list(case.places[0].inputs.tensors).index(case.name)
    if any(place.flows[which] for place in case.places if place.flows):
        return None
    why = "it is detached on the way" if case.looker.cuts else "though the value depends on it"
    return LikelyMistake("detached", said("no gradient", by=case.name, why=why))


def _not_a_number(case: _Case) -> LikelyMistake | None:
    if all(math.isnan(one.torch) for _, one in case.wrong):
        return LikelyMistake("nan", said("nan", by=case.name))
    return None


def _stale(case: _Case) -> LikelyMistake | None:
    if not case.looker.stale:
        return None
    return LikelyMistake("stale", said("stale value"))


def _overwritten(case: _Case) -> LikelyMistake | None:
    """What was put in a place before something else was has no influence, and a gradient all the same."""
    if not case.looker.overwrites or any(one.outcome.value for _, one in case.wrong):
        return None
    return LikelyMistake("index", said("overwritten", by=case.name))


def _surrogate(case: _Case) -> LikelyMistake | None:
    """A step has a derivative of 0, and backward gives another function's."""
    if any(one.outcome.value for _, one in (*case.wrong, *case.right)):
        return None
    return LikelyMistake("surrogate", said("surrogate"))


def _incoming(case: _Case) -> LikelyMistake | None:
    """The backward gives the same whatever comes in."""
    seen = 0
    for place in case.places:
        if len(place.weights) > 1:
            continue
        own = [one for one in place.entries if one.position in case.positions]
        alone = {one.position: number(one) for one in own if one.output is not None}
        for one in own:
            if one.output is None and alone[one.position]:
                if not case.same(number(one), alone[one.position]):
                    return None
                seen += 1
    if seen or _alike(case):
        return LikelyMistake("incoming", said("incoming"))
    return None


def _alike(case: _Case) -> bool:
    """Whether, of several outputs, the same comes back whichever is asked for."""
    seen = False
    for place in case.places:
        for position in case.positions:
            rows = [number(one) for one in place.entries if one.position == position]
            if len(rows) < ROWS or not any(rows):
                continue
            if not all(case.same(one, rows[0]) for one in rows):
                return False
            seen = True
    return seen


def _transposed(case: _Case) -> LikelyMistake | None:
    points = [
        {
            (-1 if one.output is None else one.output, *case.at(one)): (
                number(one), one.outcome.value if one.outcome.exists else None
            )
            for one in place.entries
            if one.position in case.positions
        }
        for place in case.places
    ]  # fmt: skip
    return transposed(points, case.shape, case.close)


def _other(case: _Case) -> LikelyMistake | None:
    """The gradient of another input, where their shapes are the same."""
    start = 0
    for other, tensor in case.places[0].inputs.tensors.items():
        shift = start - case.positions[0]
        start += tensor.numel()
        if other == case.name or tuple(tensor.shape) != case.shape:
            continue
        if all(_is_the_other(case, place, one, shift) for place, one in case.wrong):
            return LikelyMistake("variable", said("variable", other=other, by=case.name))
    return None


def _is_the_other(case: _Case, place: CallablePoint, entry: WeighedEntry, shift: int) -> bool:
    for one in place.entries:
        if (one.output, one.position) == (entry.output, entry.position + shift) and one.outcome.exists:
            return case.same(number(entry), one.outcome.value)
    return False


def _held(case: _Case) -> LikelyMistake | None:
    """Right, if what is detached counts as a constant."""
    looker = case.looker
    if not looker.cuts or looker.why_double is not None:
        return None
    for place, entry in case.wrong[:SAMPLES]:
        truth = Followed(looker.target, place.inputs, looker.seed, looker.deadline)
        try:
            truth.hold()
            outcomes = truth.derivatives(entry.position)
        except (Unsupported, CallFailed):
            return None
        weights = place.weights if entry.output is None else [float(at == entry.output) for at in range(len(outcomes))]
        outcome = summed(outcomes, weights)
        if not outcome.exists or not case.same(number(entry), outcome.value):
            return None
    return LikelyMistake("detached", said("detached", by=case.name))


def _off(case: _Case) -> LikelyMistake | None:
    """The derivative times a factor: its sign, the number of entries, or another one."""
    wrong = [(number(one), one.outcome.value) for _, one in case.wrong if one.outcome.value]
    numbers = FloatNumbers(wrong, case.close)
    if not numbers.pairs:
        return None
    sign, others = said("other sign"), any(one.outcome.value for _, one in case.right)
    found = next(iter(off(numbers)), None)
    if found is not None and found.text == sign:
        return LikelyMistake(found.code, found.text)
    ratios = [pair.claimed / pair.true for pair in numbers.pairs]
    if len(ratios) < 2 or others or not all(case.same(one, ratios[0]) for one in ratios):
        return None
    size = math.prod(case.shape)
    if not ratios[0]:
        return LikelyMistake("zero", said("zero"))
    for code, ratio in (("of a mean", 1 / size), ("of a sum", size)):
        if size > 1 and case.same(ratios[0], ratio):
            return LikelyMistake("size", said(code, count=size))
    if found is not None:
        return LikelyMistake(found.code, found.text)
    shown = f"{ratios[0]:.12g}" if case.looker.why_double is None else f"{ratios[0]:.5g}"
    return LikelyMistake("factor", said("factor", factor=shown))


def _square(case: _Case) -> LikelyMistake | None:
    """The derivative's root: 1/(1 + x) for 1/(1 + x)**2."""
    alone = [(number(one), one.outcome.value) for _, one in case.wrong if one.output is not None and one.outcome.value]
    if len(alone) > 1 and all(case.same(claimed * claimed, abs(true)) for claimed, true in alone):
        return LikelyMistake("square", said("not squared"))
    return None


def _seam(case: _Case) -> LikelyMistake | None:
    if case.right and all(place.on_seam for place, _ in case.wrong):
        return LikelyMistake("kink", said("kink"))
    return None


_FINDERS = (
    _missing, _not_a_number, _stale, _overwritten, _surrogate, _incoming, _transposed, _other, _held, _off, _square,
    _seam,
)  # fmt: skip
