"""Claims held against the true derivatives, point by point."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal, localcontext
from enum import Enum
from fractions import Fraction
from typing import Any, NamedTuple

from gradcli.clock import OutOfTime
from gradcli.engines.arithmetic import Arithmetic, GivenUp
from gradcli.engines.check.data import DIGITS, Counterexample, Exceptional
from gradcli.engines.check.doubt import EXPLAINS, is_certain
from gradcli.engines.check.evaluate import BITS, Claimed, Evaluator
from gradcli.engines.check.patience import Patience
from gradcli.engines.check.problem import Claim, Entry, Problem
from gradcli.engines.check.written import decimals, written
from gradcli.engines.findings import Finding, Findings
from gradcli.reference.point import Reference
from gradcli.functions.shapes import Shape
from gradcli.language.nodes import Node, Number, parts, walk

JUDGING_DIGITS = 32  # of the truth
DOUBLE_DIGITS = 14  # where the claim holds numbers that were doubles
LONG = 15  # significant digits of a literal that was one
MOST_SHOWN = 6  # exceptions
MOST_CONFIRMED = 16  # points at which it is made sure that a claim is wrong
PATIENCE = 8.0  # seconds for one point
DECIMALS = Context(prec=2 * JUDGING_DIGITS, Emax=10**17, Emin=-(10**17))

Place = Mapping[str, Fraction]


@dataclass
class Tally:
    """What became of one claim at all points."""

    claim: Claim
    shapes: Mapping[str, Shape]
    digits: int
    held: list[Place] = field(default_factory=list)
    wrong: list[tuple[Place, Counterexample]] = field(default_factory=list)
    exceptions: list[Exceptional] = field(default_factory=list)
    excepted: int = 0
    undecided: int = 0


def compare(
    problem: Problem, places: Sequence[Place], evaluator: Evaluator, deadline: Patience, late: set[int],
    digits: int = DIGITS,
) -> list[Tally]:  # fmt: skip
    """Hold every claim against the truth at every point, as long as there is time.

    The points in `late`, by their numbers, are not judged; those that there is no time for are added to it.
    """
    tallies = [Tally(claim, problem.shapes, _digits(problem, claim, digits)) for claim in problem.claims]
    for number, place in enumerate(places):
        weighed = None if number in late else _in_time(problem, tallies, place, evaluator, deadline)
        if weighed is None:
            late.add(number)
            for tally in tallies:
                tally.undecided += 1
            continue
        for tally, entries in zip(tallies, weighed):
            _count(tally, problem, place, entries)
    return tallies


def _in_time(
    problem: Problem, tallies: Sequence[Tally], place: Place, evaluator: Evaluator, deadline: Patience
) -> list[list[_Weighed] | None] | None:
    """What the numbers of all claims are worth at a point; None where there was no time for all of it."""
    allowed = deadline.within(PATIENCE * len(problem.chains))

    def weigh() -> list[list[_Weighed] | None]:
        truths = [_truth(problem, output, place, allowed) for output in range(len(problem.chains))]
        return [
            _weighed(problem, tally, place, truths, _claimed(tally.claim, place, truths, evaluator), allowed)
            for tally in tallies
        ]

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


def _truth(problem: Problem, output: int, place: Place, deadline: Patience) -> Findings:
    """What the referee knows of all derivatives of an output."""
    allowed = deadline.within(PATIENCE)
    return Reference(problem.chains[output], problem.taken[output], place, JUDGING_DIGITS, allowed).judge()


class _Weighed(NamedTuple):
    """A claimed number at a point, what the referee knows there, and what it is worth."""

    entry: Entry
    claimed: Claimed
    finding: Finding
    outcome: _Outcome


def _weighed(
    problem: Problem, tally: Tally, place: Place, truths: Sequence[Findings], claimed: Sequence[Claimed] | None,
    deadline: Patience,
) -> list[_Weighed] | None:  # fmt: skip
    """What each number of a claim is worth at a point; None where they are beyond computing."""
    if claimed is None:
        return None
    found: list[_Weighed] = []
    doubts = len(tally.wrong) < MOST_CONFIRMED  # whether it has to be confirmed that a number is wrong
    for entry, one in zip(tally.claim.entries, claimed):
        finding = truths[entry.output].partials.get(entry.positions, Finding(None))
        outcome = _outcome(one, finding, tally.digits)
        if outcome is _Outcome.WRONG and not doubts:
            outcome = _Outcome.UNCONFIRMED
        elif outcome is _Outcome.WRONG and _is_special(problem, entry.output, place):
            outcome = _Outcome.EXCEPTIONAL
        elif outcome is _Outcome.WRONG:
            if not is_certain(problem.chains[entry.output], entry.positions, place, one.value, finding, deadline):
                outcome = _Outcome.UNDECIDED
            doubts = outcome is _Outcome.UNDECIDED
        found.append(_Weighed(entry, one, finding, outcome))
    return found


def _count(tally: Tally, problem: Problem, place: Place, entries: Sequence[_Weighed] | None) -> None:
    """Note what a claim is worth at one point."""
    if entries is None:
        tally.undecided += 1
        return
    for entry, claimed, finding, outcome in entries:
        if outcome is _Outcome.EXCEPTIONAL:
            _except(tally, place, entry, claimed.value, finding)
    found = {one.outcome for one in entries}
    if _Outcome.WRONG in found:
        entry, claimed, finding, _ = next(one for one in entries if one.outcome is _Outcome.WRONG)
        at = written(place, problem.shapes)
        tally.wrong.append((place, Counterexample(at, decimals(claimed.value), str(finding.value), entry.index)))
    elif _Outcome.UNDECIDED in found:
        tally.undecided += 1
    elif _Outcome.HELD in found and _Outcome.UNCONFIRMED not in found:
        tally.held.append(place)


class _Outcome(Enum):
    """What a claimed number is worth at a point."""

    HELD = "it is the derivative"
    WRONG = "it is not"
    UNCONFIRMED = "it is not, though what is hidden in vanished sums was not looked at"
    EXCEPTIONAL = "one of the two is not there"
    NOTHING = "neither is there"
    UNDECIDED = "one of the two is not known well enough"


def _outcome(claimed: Claimed, finding: Finding, digits: int) -> _Outcome:
    value, slack = claimed
    if finding.exists is None or slack is None:
        return _Outcome.UNDECIDED
    if not finding.exists:
        return _Outcome.NOTHING if value is None else _Outcome.EXCEPTIONAL
    if value is None:
        return _Outcome.EXCEPTIONAL
    if is_same(value, finding, digits):
        return _Outcome.HELD
    return _Outcome.UNDECIDED if slack and _is_within(value, finding, slack) else _Outcome.WRONG


def _is_within(value: Any, finding: Finding, slack: Any) -> bool:
    """Whether a claimed number is the true one as far as it is known."""
    with localcontext(DECIMALS):
        return abs(Decimal(decimals(value)) - Decimal(finding.value or "0")) <= EXPLAINS * Decimal(decimals(slack))


def _claimed(claim: Claim, place: Place, truths: Sequence[Findings], evaluator: Evaluator) -> list[Claimed] | None:
    """The claimed numbers at a point; None where they are beyond computing."""
    if claim.tape is None:
        return list(_by_autograd(claim, truths, evaluator.arithmetic))
    places = [entry.place for entry in claim.entries if entry.place is not None]
    try:
        values = evaluator.claimed(claim.tape, place, places)
    except GivenUp:
        return None
    return [values[index] for index in places]


def _by_autograd(claim: Claim, truths: Sequence[Findings], arithmetic: Arithmetic) -> Iterator[Claimed]:
    """What the chain rule with autograd's conventions comes to."""
    arithmetic.bits = BITS[0]
    for entry in claim.entries:
        taken = truths[entry.output].partials.get(entry.positions, Finding(None)).taken
        yield Claimed(None if taken is None else arithmetic.m.mpf(taken))


def is_same(value: Any, finding: Finding, digits: int) -> bool:
    """Whether a claimed number is the true one, to so many digits."""
    with localcontext(DECIMALS):
        claimed, truth = Decimal(decimals(value)), Decimal(finding.value or "0")
        size = max(abs(claimed), abs(truth)) if truth else Decimal(finding.size or "0")
        return abs(claimed - truth) <= size * Decimal(10) ** -digits


def _except(tally: Tally, place: Place, entry: Entry, value: Any, finding: Finding) -> None:
    tally.excepted += 1
    if len(tally.exceptions) < MOST_SHOWN:
        claimed = None if value is None else decimals(value)
        true = finding.value if finding.exists else None
        at = written(place, tally.shapes)
        tally.exceptions.append(Exceptional(at, claimed, true, finding.kind, finding.left, finding.right, entry.index))


def _is_special(problem: Problem, output: int, place: Place) -> bool:
    """Whether the program is on a kink at a point."""
    chain = problem.chains[output]
    arithmetic = Arithmetic()
    arithmetic.bits = BITS[0]
    inputs = {name: place[name] for name in chain.tape.inputs}
    return bool(chain.touching(arithmetic, chain.values(arithmetic, inputs)))
