"""Second derivatives by autograd twice, held against second difference quotients at high precision."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gradcli.check.callables import claims
from gradcli.check.callables.callables import CallFailed
from gradcli.check.callables.findings import positions_of, shortened, written
from gradcli.check.callables.followed import Followed
from gradcli.check.callables.point import CallablePoint, Looker, summed
from gradcli.check.callables.weigh import WeighedEntry, WeighedJudgement, weighed, weighed_in_double
from gradcli.check.callables.world import Unsupported
from gradcli.check.data import ClaimFinding, Counterexample, LikelyMistake
from gradcli.reference.verdict import ClaimVerdict
from gradcli.terminal.numbers import figure

MAX_PAIRS = 12  # of entries, at a point
PLACES = 8

Pair = tuple[str, str]


def findings(
    looker: Looker, places: Sequence[CallablePoint], pairs: Sequence[Pair], is_given: bool
) -> tuple[list[ClaimFinding], str | None]:
    """What there is to say of the second derivatives by each pair of inputs, and of the first point, if `is_given`."""
    seen: list[tuple[CallablePoint, list[tuple[WeighedEntry, int]]]] = []
    for place in places[:PLACES]:
        found = entries(looker, place)
        if isinstance(found, str):
            return [ClaimFinding(pair, ClaimVerdict.UNDECIDED, note=found) for pair in pairs], None
        seen.append((place, found))
    answers = [_finding(pair, seen) for pair in pairs]
    judged = (WeighedJudgement.RIGHT, WeighedJudgement.WRONG)
    open_ones = [one for one, _ in seen[0][1] if one.judgement not in judged] if is_given else []
    if not open_ones:
        return answers, None
    lost = sorted({repr(one.torch) for one in open_ones if not math.isfinite(one.torch)})
    given = [replace(one, given="undecided") if one.counterexample is None else one for one in answers]
    return given, f"autograd gives {' and '.join(lost)} at the given point" if lost else None


def _finding(pair: Pair, seen: Sequence[tuple[CallablePoint, list[tuple[WeighedEntry, int]]]]) -> ClaimFinding:
    inputs = seen[0][0].inputs
    rows, columns = positions_of(inputs, pair[0]), positions_of(inputs, pair[1])
    held, wrong, unclear = 0, None, 0
    for place, found in seen:
        own = [(one, row) for one, row in found if _within(one.position, row, rows, columns)]
        bad = next(((one, row) for one, row in own if one.judgement is WeighedJudgement.WRONG), None)
        if bad is not None and wrong is None:
            one, row = bad
            claimed = one.claimed if one.exact else one.torch
            _, first = place.inputs.place(row)
            _, other = place.inputs.place(one.position)
            said = None if claimed is None else repr(claimed) if isinstance(claimed, float) else shortened(claimed)
            wrong = Counterexample(written(place.inputs), said, shortened(one.outcome.value), (*first, *other))
        unclear += any(one.judgement is WeighedJudgement.UNCLEAR for one, _ in own)
        held += bool(own) and all(one.judgement is WeighedJudgement.RIGHT for one, _ in own)
    shape = tuple(inputs.tensors[pair[0]].shape) + tuple(inputs.tensors[pair[1]].shape)
    verdict = ClaimVerdict.FALSE if wrong else ClaimVerdict.UNDECIDED if not held else ClaimVerdict.HOLDS
    slip = LikelyMistake(
        "twice", "the backward is right once, and not twice: what it saved or computed is cut off from the input"
    )
    note = None if held or wrong else "the true second derivative could not be found"
    return ClaimFinding(
        pair, verdict, shape=shape, points=held, counterexample=wrong, slip=slip if wrong else None, note=note
    )


def _within(position: int, row: int, rows: range, columns: range) -> bool:
    return (row in rows and position in columns) or (row in columns and position in rows)


def entries(looker: Looker, place: CallablePoint) -> list[tuple[WeighedEntry, int]] | str:
    """Second derivatives of the sum of all outputs, each with the entry of the point that comes first; or why not."""
    weights = [1.0] * len(place.weights)
    numbers = looker.real.second(place.inputs, weights)
    if isinstance(numbers, str):
        return _why(numbers)
    truth = Followed(looker.target, place.inputs, looker.seed, looker.deadline)
    size = place.inputs.size
    pairs = [(row, column) for row in range(size) for column in range(row, size)]
    pairs = pairs[:: max(1, len(pairs) // MAX_PAIRS)][:MAX_PAIRS]
    try:
        center = truth.run()
        gradient = claims.first(truth, center, weights, graph=True) if looker.why_claims is None else None
        twice = {row: claims.second(truth, center, weights, gradient, row) for row, _ in pairs} if gradient else None
    except (Unsupported, CallFailed):
        twice = None
    found = []
    try:
        for row, column in pairs:
            outcome = summed(truth.second(row, column), weights)
            found.append(
                (
                    _entry(truth, numbers[row][column], outcome, None if twice is None else twice[row][column], column),
                    row,
                )
            )
    except (Unsupported, CallFailed):
        return "second derivatives are judged at high precision only, and this cannot be followed there"
    return found


def _entry(
    truth: Followed, number: float, outcome: Any, claimed: claims.ClaimedGradient | None, column: int
) -> WeighedEntry:
    if claimed is None:
        is_there = math.isfinite(number)
        judgement = (
            weighed_in_double(number, outcome, abs(number), truth.narrow) if is_there else WeighedJudgement.UNCLEAR
        )
        return WeighedEntry(column, None, None, 0, number, outcome, judgement, exact=False)
    judgement = weighed(claimed.value, claimed.size, number, outcome, truth.narrow)
    return WeighedEntry(column, None, claimed.value, claimed.size, number, outcome, judgement)


def remark(looker: Looker, place: CallablePoint) -> str | None:
    """What to say of second derivatives where the first ones were asked for."""
    if looker.why_double is not None:
        return None
    found = entries(looker, place)
    if isinstance(found, str):
        return found if found.startswith("no second") else None
    for one, row in found:
        if one.judgement is WeighedJudgement.WRONG:
            first, _ = place.inputs.place(row)
            other, _ = place.inputs.place(one.position)
            return (
                f"its second derivative by {first} and {other} is wrong: autograd gives {figure(one.torch)},"
                f" and {figure(float(one.outcome.value))} is right (--order 2 checks it)"
            )
    return None


def _why(text: str) -> str:
    return f"no second derivative: {text}"
