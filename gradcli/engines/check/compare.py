"""Claims held against the true derivatives, point by point, in balls: what is not told apart is not decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

from flint import arb

from gradcli.backends.arb.context import precision
from gradcli.backends.arb.evaluate import UNKNOWN, Enclosed, is_ball
from gradcli.clock import OutOfTime
from gradcli.engines.check.data import DIGITS, Counterexample, Exceptional
from gradcli.engines.check.evaluate import START_BITS, ClaimValues, PointTruth
from gradcli.engines.check.patience import Patience
from gradcli.engines.check.problem import Claim, Entry, Problem
from gradcli.engines.check.written import ball_in_decimals, is_writable, written
from gradcli.engines.findings import Finding
from gradcli.functions.shapes import Shape
from gradcli.language.nodes import Node, Number, parts, walk
from gradcli.reference.texts import NOTHING

JUDGING_DIGITS = 32  # of the truth
ESTIMATED_DIGITS = 15  # of a limit, as quotients are believed to
DOUBLE_DIGITS = 14  # where the claim holds numbers that were doubles
LONG = 15  # significant digits of a literal that was one
MOST_SHOWN = 6  # exceptions
MOST_WRONG = 16  # points at which a claim is shown to be wrong
# Points, from the first to the last, at which the reference is asked, whatever the claim comes to; at the others it is
# asked unless the claim is what the chain rule gives: two derivations that agree there bear each other out.
REFERENCED = 16
PATIENCE = 8.0  # seconds for one point

Place = Mapping[str, Fraction]
AtBits = Callable[[int], Enclosed]  # a number to a precision


@dataclass
class Tally:
    """What became of one claim at all points.

    special   of those at which it held, the ones on a nonsmooth point
    apart     points at which the claim is not the derivative, though that exists, and which are special
    """

    claim: Claim
    shapes: Mapping[str, Shape]
    digits: int
    held: list[Place] = field(default_factory=list)
    special: list[Place] = field(default_factory=list)
    wrong: list[tuple[Place, Counterexample]] = field(default_factory=list)
    apart: list[tuple[Place, Counterexample]] = field(default_factory=list)
    exceptions: list[Exceptional] = field(default_factory=list)
    excepted: int = 0
    undecided: int = 0


def compare(
    problem: Problem, places: Sequence[Place], values: ClaimValues, deadline: Patience, late: set[int],
    digits: int = DIGITS,
) -> list[Tally]:  # fmt: skip
    """Hold every claim against the truth at every point, as long as there is time.

    The points in `late`, by their numbers, are not judged; those that there is no time for are added to it.
    """
    tallies = [Tally(claim, problem.shapes, _digits(problem, claim, digits)) for claim in problem.claims]
    every = max(1, len(places) // REFERENCED)
    for number, place in enumerate(places):
        is_referenced = number % every == 0
        weighed = None if number in late else _in_time(problem, tallies, place, values, deadline, is_referenced)
        if weighed is None:
            late.add(number)
            for tally in tallies:
                tally.undecided += 1
            continue
        for tally, entries in zip(tallies, weighed):
            _count(tally, problem, place, entries)
    for tally in tallies:
        if len(tally.apart) > len(tally.held) + tally.undecided:  # special points that are most points are none
            tally.wrong += tally.apart
    return tallies


def _in_time(
    problem: Problem, tallies: Sequence[Tally], place: Place, values: ClaimValues, deadline: Patience,
    is_referenced: bool,
) -> list[list[_Weighed]] | None:  # fmt: skip
    """What the numbers of all claims are worth at a point; None where there was no time for all of it."""
    allowed = deadline.within(PATIENCE * len(problem.chains))

    def weigh() -> list[list[_Weighed]]:
        pairs = zip(problem.chains, problem.taken)
        truths = [PointTruth(true, taken, place, JUDGING_DIGITS, allowed.within(PATIENCE)) for true, taken in pairs]
        return [_weighed(tally, place, truths, values, is_referenced) for tally in tallies]

    try:
        found = allowed.run(weigh)
    except OutOfTime:
        return None
    return None if allowed.is_cut else found


def _digits(problem: Problem, claim: Claim, digits: int) -> int:
    """To how many digits a claim is held: fewer where it holds numbers with the digits of doubles."""
    nodes: list[Node] = [] if claim.said is None else [claim.said.formula]
    if claim.said is None and problem.has_hand_written:
        nodes = [part for statement in problem.program.statements for part in parts(statement)]
    literals = (one for node in nodes for one in walk(node) if isinstance(one, Number))
    return DOUBLE_DIGITS if any(_significant(one.text) >= LONG for one in literals) else digits


def _significant(text: str) -> int:
    mantissa = text.lower().partition("e")[0].replace("_", "").replace(".", "").lstrip("0")
    return len(mantissa)


class _Outcome(Enum):
    """What a claimed number is worth at a point."""

    HELD = "it is the derivative"
    WRONG = "it is not"
    UNCOUNTED = "it is not what the chain rule gives, and there are wrong ones enough"
    EXCEPTIONAL = "one of the two is not there, or the point is a special one"
    NOTHING = "neither is there, or they agree as far as a limit is known"
    UNDECIDED = "one of the two is not known well enough"


class _Weighed(NamedTuple):
    """A claimed number at a point, what the reference knows there, and what it is worth."""

    entry: Entry
    claimed: Enclosed
    finding: Finding
    outcome: _Outcome
    is_special: bool = False


def _weighed(
    tally: Tally, place: Place, truths: Sequence[PointTruth], values: ClaimValues, is_referenced: bool
) -> list[_Weighed]:
    """What each number of a claim is worth at a point."""
    claim = tally.claim
    known: dict[int, list[Enclosed]] = {}

    def claimed(number: int, bits: int) -> Enclosed:
        entry = claim.entries[number]
        if claim.tape is None:
            return truths[entry.output].by_convention(entry.positions, bits)
        if bits not in known:
            known[bits] = values.run(claim, place, bits)
        return known[bits][number]

    # A claim by the same rules, or with a `diff` of its own, is no second derivation.
    trusting = not is_referenced and claim.tape is not None and not claim.tape.derived
    enough = len(tally.wrong) >= MOST_WRONG
    return [
        _one(entry, partial(claimed, number), truths[entry.output], tally.digits, trusting, enough)
        for number, entry in enumerate(claim.entries)
    ]


def _one(entry: Entry, claimed: AtBits, truth: PointTruth, digits: int, trusting: bool, enough: bool) -> _Weighed:
    positions = entry.positions
    if (trusting or enough) and truth.is_plainly_smooth(START_BITS):
        value, outcome = _told(claimed, lambda bits: truth.by_rule(positions, bits), truth, digits)
        if outcome is _Outcome.HELD and trusting:
            return _Weighed(entry, value, Finding(None), outcome)
        if outcome is _Outcome.WRONG and enough:
            return _Weighed(entry, value, Finding(None), _Outcome.UNCOUNTED)
    finding = truth.finding(positions)
    if finding.exists is None:
        return _Weighed(entry, UNKNOWN, finding, _Outcome.UNDECIDED)
    if not finding.exists or truth.is_nonsmooth(positions):
        value = _known(claimed, truth)
        outcome = _Outcome.UNDECIDED
        if finding.exists and is_ball(value):
            value, outcome = _told(claimed, lambda bits: _limit(finding), truth, digits)
            if outcome is _Outcome.UNDECIDED and finding.proof != "enclosed":
                outcome = _Outcome.NOTHING
            elif outcome is _Outcome.WRONG:
                outcome = _Outcome.EXCEPTIONAL
        elif value is not UNKNOWN:
            is_there = value is not None
            outcome = _Outcome.EXCEPTIONAL if finding.exists or is_there else _Outcome.NOTHING
        return _Weighed(entry, value, finding, outcome, True)
    value, outcome = _told(claimed, lambda bits: truth.by_rule(positions, bits), truth, digits)
    if outcome is _Outcome.WRONG and not is_writable(value):
        outcome = _Outcome.UNDECIDED
    return _Weighed(entry, value, finding, outcome)


def _known(number: AtBits, truth: PointTruth) -> Enclosed:
    """A number to the precision at which something is known of it."""
    bits = START_BITS
    while (value := number(bits)) is UNKNOWN and truth.is_affordable(2 * bits):
        bits *= 2
    return value


def _told(claimed: AtBits, true: AtBits, truth: PointTruth, digits: int) -> tuple[Enclosed, _Outcome]:
    """A claimed number, and whether it is the true one to so many digits: as many bits as it takes to tell.

    The true one exists: it is no ball only as long as the bits are too few.
    """
    bits = START_BITS
    while True:
        value = claimed(bits)
        if value is None:
            return None, _Outcome.EXCEPTIONAL
        right = true(bits)
        outcome = _Outcome.UNDECIDED
        if is_ball(value) and is_ball(right):
            with precision(bits):
                outcome = _compared(value, right, digits)
            if outcome is not _Outcome.UNDECIDED:
                return value, outcome
        bits *= 2
        if not truth.is_affordable(bits):
            return value, outcome


def _compared(value: Any, right: Any, digits: int) -> _Outcome:
    """Whether two balls are the same number to so many digits; two that no dtype tells from 0 are, if nothing does."""
    gap = abs(value - right)
    largest = max((abs(value), abs(right)), key=lambda one: one.abs_upper())
    allowed = arb(10) ** -digits
    if gap.is_zero() or gap.abs_upper() <= (largest.abs_lower() * allowed).abs_lower():
        return _Outcome.HELD
    if gap.abs_lower() > (largest.abs_upper() * allowed).abs_upper():
        return _Outcome.WRONG
    return _Outcome.HELD if largest.abs_upper() < arb(2) ** NOTHING else _Outcome.UNDECIDED


def _limit(finding: Finding) -> Any:
    """A derivative that was judged from its sides, as far as it is known."""
    digits = JUDGING_DIGITS - 1 if finding.proof == "enclosed" else ESTIMATED_DIGITS
    with precision(START_BITS):
        value = arb(finding.value or "0")
        return value + arb(0, (abs(value) * arb(10) ** -digits).abs_upper())


def _count(tally: Tally, problem: Problem, place: Place, entries: Sequence[_Weighed]) -> None:
    """Note what a claim is worth at one point."""
    at = written(place, problem.shapes)
    for entry, value, finding, outcome, is_special in entries:
        if outcome is _Outcome.EXCEPTIONAL:
            _except(tally, place, entry, value, finding)
            if finding.exists and is_special and is_ball(value) and is_writable(value):
                example = Counterexample(at, ball_in_decimals(value), str(finding.value), entry.index)
                tally.apart.append((place, example))
    found = {one.outcome for one in entries}
    if _Outcome.WRONG in found:
        one = next(one for one in entries if one.outcome is _Outcome.WRONG)
        example = Counterexample(at, ball_in_decimals(one.claimed), str(one.finding.value), one.entry.index)
        tally.wrong.append((place, example))
    elif _Outcome.UNDECIDED in found:
        tally.undecided += 1
    elif _Outcome.HELD in found and _Outcome.UNCOUNTED not in found:
        tally.held.append(place)
        if any(one.is_special for one in entries):
            tally.special.append(place)


def _except(tally: Tally, place: Place, entry: Entry, value: Enclosed, finding: Finding) -> None:
    tally.excepted += 1
    if len(tally.exceptions) < MOST_SHOWN:
        claimed = ball_in_decimals(value) if is_ball(value) and is_writable(value) else None
        true = finding.value if finding.exists else None
        at = written(place, tally.shapes)
        tally.exceptions.append(Exceptional(at, claimed, true, finding.kind, finding.left, finding.right, entry.index))
