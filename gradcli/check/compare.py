"""Claims held against the true derivatives, point by point, in balls: what is not told apart is not decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from gradcli.backends.arb.evaluate import Enclosed, is_ball
from gradcli.check.data import DIGITS, Counterexample, Exceptional
from gradcli.check.evaluate import ClaimValues, PointTruth
from gradcli.check.patience import Patience
from gradcli.check.problem import Claim, ClaimedEntry, Problem
from gradcli.check.rounding import ConstantRounding
from gradcli.check.simplest import simplest, weight
from gradcli.check.tiny_sides import TinySides
from gradcli.check.worth import JUDGING_DIGITS, WeighedNumber, Worth, weighed
from gradcli.check.written import ball_in_decimals, is_writable, written
from gradcli.functions.shapes import Shape
from gradcli.language.nodes import Node, Number, parts, walk
from gradcli.reference.pieces import Point
from gradcli.runtime.deadlines import OutOfTime
from gradcli.tape.findings import TIME_UP, Finding

DOUBLE_DIGITS = 14  # where the claim holds numbers that were doubles
LONG = 15  # significant digits of a literal that was one
MOST_SHOWN = 6  # exceptions
MOST_SIMPLE = 50  # claims for which the simplest point is looked for
MOST_WRONG = 16  # points at which a claim is shown to be wrong
REFERENCED = 16  # points, from the first to the last, at which the reference is asked, whatever the claim comes to
PATIENCE = 8.0  # seconds for one point


@dataclass
class Tally:
    """What became of one claim at all points.

    special   of those at which it held, the ones on a nonsmooth point
    unusual   all points that do not count, since one of the two is not there or the point is special
    apart     points at which the claim is not the derivative, though that exists, and which are special
    reasons   why the reference could not tell, with the number of points at each; estimated: points at which a limit of
              quotients that agrees with the claim is all there is
    rounded   whether it was held somewhere though it differs, by no more than the rounding of constants explains
    beside    whether it was held somewhere where a number is tiny, though only the formula beside has that derivative
    simplest  of all points at which it is wrong, also beyond the sampled ones, the one that is the easiest to follow
    """

    claim: Claim
    shapes: Mapping[str, Shape]
    digits: int
    held: list[Point] = field(default_factory=list)
    special: list[Point] = field(default_factory=list)
    wrong: list[tuple[Point, Counterexample]] = field(default_factory=list)
    apart: list[tuple[Point, Counterexample]] = field(default_factory=list)
    unusual: list[Point] = field(default_factory=list)
    exceptions: list[Exceptional] = field(default_factory=list)
    excepted: int = 0
    undecided: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    estimated: int = 0
    rounded: bool = False
    beside: bool = False
    simplest: tuple[Point, Counterexample] | None = None


class Excuses(NamedTuple):
    """What may explain that a claim is not the derivative."""

    rounding: ConstantRounding
    tiny: TinySides


def compare(
    problem: Problem, points: Sequence[Point], values: ClaimValues, deadline: Patience, late: set[int],
    digits: int = DIGITS,
) -> list[Tally]:  # fmt: skip
    """Hold every claim against the truth at every point, as long as there is time.

    The points in `late`, by their numbers, are not judged; those that there is no time for are added to it.
    """
    tallies = [Tally(claim, problem.shapes, digits_of(problem, claim, digits)) for claim in problem.claims]
    every = max(1, len(points) // REFERENCED)
    excuses = Excuses(ConstantRounding(problem, deadline), TinySides(problem, deadline))
    like: list[PointTruth] = []
    for number, point in enumerate(points):
        is_referenced = number % every == 0
        numbers = None if number in late else _in_time(
            problem, tallies, point, values, deadline, is_referenced, excuses, like
        )  # fmt: skip
        if numbers is None:
            late.add(number)
            for tally in tallies:
                tally.undecided += 1
                tally.reasons[TIME_UP] += 1
            continue
        for tally, entries in zip(tallies, numbers):
            _count(tally, problem, point, entries)
    for tally in tallies:
        if len(tally.apart) > len(tally.held) + tally.undecided:  # special points that are most points are none
            tally.wrong += tally.apart
    if not late:
        _make_simple(problem, tallies, values, deadline, excuses, like)
    return tallies


def _make_simple(
    problem: Problem, tallies: Sequence[Tally], values: ClaimValues, deadline: Patience, excuses: Excuses,
    like: list[PointTruth],
) -> None:  # fmt: skip
    """Find a simple counterexample for each claim that is wrong, or some of them."""
    pieces = values.pieces()
    names = [name for name in problem.variables if name not in problem.held]

    def example_at(number: int, point: Point) -> Counterexample | None:
        if not pieces.has_value(point, alone=True):
            return None
        one = [tallies[number]]
        found = _in_time(problem, one, point, values, deadline.within(PATIENCE), True, excuses, like, number)
        return _example(problem, point, found[0]) if found else None

    for number, tally in enumerate(tallies[:MOST_SIMPLE]):
        if tally.wrong:
            first = min(tally.wrong, key=lambda one: weight(one[0]))
            tally.simplest = simplest(*first, names, partial(example_at, number))


def _example(problem: Problem, point: Point, entries: Sequence[WeighedNumber]) -> Counterexample | None:
    """The first number that is wrong at a point."""
    one = next((one for one in entries if one.outcome is Worth.WRONG), None)
    if one is None:
        return None
    at = written(point, problem.shapes)
    return Counterexample(at, ball_in_decimals(one.claimed), one.finding.value, one.entry.index)


def _in_time(
    problem: Problem, tallies: Sequence[Tally], point: Point, values: ClaimValues, deadline: Patience,
    is_referenced: bool, excuses: Excuses, like: list[PointTruth], only: int | None = None,
) -> list[list[WeighedNumber]] | None:  # fmt: skip
    """What the numbers of all claims are worth at a point; None where there was no time for all of it.

    `like` is what is known of each output at another point; at the first one it is empty, and filled. There may be
    `only` one claim, of that number, for which enough is never known.
    """
    allowed = deadline.within(PATIENCE * len(problem.chains))

    def weigh() -> list[list[WeighedNumber]]:
        before: list[PointTruth | None] = [*like] or [None] * len(problem.chains)
        truths = [
            PointTruth(true, taken, point, JUDGING_DIGITS, allowed.within(PATIENCE), one)
            for true, taken, one in zip(problem.chains, problem.taken, before)
        ]
        like[:] = like or truths
        found = []
        for i, one in enumerate(tallies):
            enough = only is None and len(one.wrong) >= MOST_WRONG
            numbers = weighed(one.claim, point, truths, values, one.digits, is_referenced, enough)
            which = i if only is None else only
            excused = excuses.rounding.excused(which, point, truths, values, numbers)
            one.rounded = one.rounded or excused != numbers
            beside = excuses.tiny.excused(which, point, truths, values, excused)
            one.beside = one.beside or beside != excused
            found.append(beside)
        return found

    try:
        found = allowed.run(weigh)
    except OutOfTime:
        return None
    return None if allowed.is_cut else found


def digits_of(problem: Problem, claim: Claim, digits: int) -> int:
    """To how many digits a claim is held: fewer where it holds numbers with the digits of doubles."""
    nodes: list[Node] = [] if claim.said is None else [claim.said.formula]
    if claim.said is None and problem.has_custom_vjps:
        nodes = [part for statement in problem.program.statements for part in parts(statement)]
    literals = (one for node in nodes for one in walk(node) if isinstance(one, Number))
    return DOUBLE_DIGITS if any(_significant(one.text) >= LONG for one in literals) else digits


def _significant(text: str) -> int:
    mantissa = text.lower().partition("e")[0].replace("_", "").replace(".", "").lstrip("0")
    return len(mantissa)


def _count(tally: Tally, problem: Problem, point: Point, entries: Sequence[WeighedNumber]) -> None:
    """Note what a claim is worth at one point."""
    for entry, value, finding, outcome, is_special in entries:
        if outcome is Worth.EXCEPTIONAL:
            _except(tally, point, entry, value, finding)
            if finding.exists and is_special and is_ball(value) and is_writable(value):
                at = written(point, problem.shapes)
                example = Counterexample(at, ball_in_decimals(value), finding.value, entry.index)
                tally.apart.append((point, example))
    found = {one.outcome for one in entries}
    wrong = _example(problem, point, entries)
    if wrong is not None:
        tally.wrong.append((point, wrong))
    elif Worth.UNDECIDED in found:
        tally.undecided += 1
        tally.reasons.update(
            [one.finding.note for one in entries if one.outcome is Worth.UNDECIDED and one.finding.note][:1]
        )
    elif Worth.HELD in found and Worth.UNCOUNTED not in found:
        tally.held.append(point)
        if any(one.is_special for one in entries):
            tally.special.append(point)
    elif any(one.outcome is Worth.NOTHING and one.finding.exists for one in entries):
        tally.estimated += 1


def _except(tally: Tally, point: Point, entry: ClaimedEntry, value: Enclosed, finding: Finding) -> None:
    tally.excepted += 1
    tally.unusual.append(point)
    if len(tally.exceptions) < MOST_SHOWN:
        claimed = ball_in_decimals(value) if is_ball(value) and is_writable(value) else None
        true = finding.value if finding.exists else None
        at = written(point, tally.shapes)
        tally.exceptions.append(Exceptional(at, claimed, true, finding.kind, finding.left, finding.right, entry.index))
