"""Claims about programs with functions of whole matrices, which no program of numbers computes.

Eigenvalues, singular values and exponentials are enclosed as `diff` encloses them; the claimed formula is evaluated in
balls at the same points, entry by entry.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from gradcli.check.compare import digits_of
from gradcli.check.data import DIGITS, Check, ClaimFinding, Counterexample, LikelyMistake
from gradcli.check.evaluate import sampled_conditions
from gradcli.check.judging import ClaimQuestion, JudgeNumbers, Terms, corrected, numbers_claimed
from gradcli.check.lowered import Lowered
from gradcli.check.numbers import KnownTruth, One, held_against
from gradcli.check.problem import assume, begin
from gradcli.check.stated import Claim, ClaimedEntry, Problem
from gradcli.check.written import ball_in_decimals, written
from gradcli.errors import LimitError
from gradcli.functions.shapes import Shape
from gradcli.language.claims import Claimed
from gradcli.language.notes import notes_of
from gradcli.language.numbers import to_float
from gradcli.problem.prepare import prepare
from gradcli.problem.shown import output_name
from gradcli.reference.pieces import Pieces
from gradcli.reference.texts import text
from gradcli.reference.verdict import ClaimVerdict
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.tape.arrays import every
from gradcli.tape.candidates import SIMPLE, in_ranges
from gradcli.tape.findings import Finding
from gradcli.tape.scalarize import entry_name
from gradcli.tape.tape import Tape
from gradcli.version import __version__

POINTS = 8  # at which a claim is judged
CANDIDATES = 40  # that are looked at for these
SIMPLE_POINTS = 4  # of these, among numbers that are easy to read
JUDGED_DIGITS = 32  # of the truth
MOST_ORDER = 2
NOT_TOLD = "the derivative is not told there, by the reference of whole matrices"
CLOSE = 1e-12  # relative: numbers of a mistake, in float64

Flat = Mapping[str, Fraction]
Balls = Any  # an array of them


@dataclass
class MatrixTally:
    """What became of one claim at all points; `shape` is the derivative's, and without a tape it is autograd's.

    numbers  what is claimed and what is right, at the points at which it is wrong
    """

    claim: Claim
    shape: Shape
    tape: Tape | None
    digits: int
    held: list[Flat] = field(default_factory=list)
    wrong: list[Counterexample] = field(default_factory=list)
    numbers: list[tuple[Balls, Balls]] = field(default_factory=list)
    given: str | None = None


class MatrixQuestion(NamedTuple):
    """A question whose program is none of numbers.

    names   of what has values: of the point, and held
    reason  raised where a derivative has no enclosure
    admit   refuses values of what is no variable
    """

    asked: ClaimQuestion
    names: Sequence[str]
    shapes: Mapping[str, Shape]
    wrt: Sequence[str] | None
    order: int
    reason: LimitError
    admit: Callable[[Problem], None]


def by_matrices(
    question: MatrixQuestion, at: Flat, held: Flat, patience: float, terms: Terms, where: Sequence[Flat] | None = None
) -> Check:
    """The answer to a question whose program is none of numbers; at these points, if any are said.

    Raises the question's reason where it has no enclosure, or is about third derivatives.
    """
    asked, order = question.asked, question.order
    problem, lowered, by = begin(asked.program, asked.claims, question.names, question.shapes, question.wrt, order)
    if problem.has_custom_vjps or not problem.wrt or order > MOST_ORDER:
        raise question.reason
    question.admit(problem)
    problem.held = held
    assume(problem, lowered, terms.assumed)
    has_formulas = bool(asked.claims) or not asked.values
    tallies = _tallies(problem, lowered, asked, by) if has_formulas else []
    places: list[Flat] = []
    deadline = Deadline(patience)
    assumed = Pieces([], [], deadline, sampled_conditions(problem))

    def judge() -> None:
        for place in _places(problem, at) if where is None else where:
            if where is None and not assumed.is_assumed(place):
                continue
            if _judged(problem, lowered, tallies, place, bool(at) and at.items() <= place.items(), question.reason):
                places.append(place)
            if where is None and len(places) == POINTS:
                return

    if tallies:
        with suppress(OutOfTime):
            deadline.run(judge)
    shown = prepare(asked.program.source.text, None, shape=dict(problem.shapes), patience=patience)
    said = [*notes_of(problem.program, problem.names, at), *shown.typed.warnings]
    findings = [_finding(problem, one, len(places)) for one in tallies]
    findings += numbers_claimed(
        problem, asked, terms, len(findings), lambda *one: _of_one(question, *one), _judge_numbers(question)
    )
    return Check(
        program=asked.program.source.text.rstrip(),
        findings=tuple(corrected(problem, findings, terms)),
        name=output_name(shown),
        order=order,
        shapes={name: list(one) for name, one in problem.shapes.items()},
        at=written(at, problem.shapes) if at else None,
        held=written(problem.held, problem.shapes),
        assumed=terms.assumed.texts,
        wrt=problem.wrt,
        points=tuple(written(place, problem.shapes) for place in places),
        seed=terms.seed,
        notes=tuple(f"Note: {note}." for note in dict.fromkeys(said)),
        versions={"gradcli": __version__},
    )


def _tallies(
    problem: Problem, lowered: Lowered, question: ClaimQuestion, by: Sequence[tuple[str, ...]]
) -> list[MatrixTally]:
    found = []
    every_name = itertools.combinations_with_replacement(problem.wrt, problem.order)
    claims: list[tuple[Claimed | None, tuple[str, ...]]] = [*zip(question.claims, by)] or [
        (None, names) for names in every_name
    ]
    for said, names in claims:
        shape = lowered.derivative_shape(names)
        claim = Claim(names, shape, [], said)
        tape = None if said is None else lowered.claimed(said, shape)
        found.append(MatrixTally(claim, shape, tape, digits_of(problem, claim, DIGITS)))
    return found


def _places(problem: Problem, at: Flat) -> Iterator[Flat]:
    """The given point where it is whole, then points of all sizes, between the bounds."""
    if at and all(name in at or name in problem.held for name in problem.variables):
        yield {**at, **problem.held}
    for shift in range(SIMPLE_POINTS):
        names = enumerate(problem.variables)
        yield _inside(problem, {name: SIMPLE[(i + shift * (i + 1)) % len(SIMPLE)] for i, name in names})
    for numbers in itertools.islice(in_ranges(dict.fromkeys(problem.variables, 1)), CANDIDATES):
        yield _inside(problem, {name: one for name, (one,) in numbers.items()})


def _inside(problem: Problem, place: Mapping[str, Any]) -> Flat:
    """A point of doubles between the bounds, with the values that are held."""
    bounds = problem.bounds
    moved = {name: bounds[name].within(Fraction(one)) if name in bounds else one for name, one in place.items()}
    return {**{name: Fraction(to_float(one)) for name, one in moved.items()}, **problem.held}


def _derivatives(problem: Problem, lowered: Lowered, place: Flat) -> Callable[[Sequence[str]], Balls] | None:
    """The derivative by some names at a point, an array of balls; None where there are none."""
    from gradcli.problem.tensors import enclosed

    point = {name: _doubles(name, problem.shapes.get(name, ()), place) for name in lowered.true.inputs}
    targets = [index for name in problem.wrt if (index := lowered.true.find(name)) is not None]
    found = enclosed.derivatives(lowered.true, point, targets, problem.order, JUDGED_DIGITS)
    if found is None:
        return None
    known = found.partials
    first = len(lowered.true.ops[lowered.true.output].shape)

    def of(names: Sequence[str]) -> Balls:
        positions = tuple(problem.wrt.index(name) for name in names)
        if positions in known:
            return known[positions]
        ranks = [len(lowered.shape_of(name)) for name in names]  # of a mixed one: the other order is known
        axes = [*range(first + ranks[1], first + sum(ranks)), *range(first, first + ranks[1])]
        return known[positions[::-1]].transpose([*range(first), *axes])

    return of


def _judged(
    problem: Problem, lowered: Lowered, tallies: Sequence[MatrixTally], place: Flat, is_given: bool, reason: LimitError
) -> bool:
    """Hold all claims against the derivatives at a point; whether there are such."""
    from gradcli.problem.tensors import enclosed

    doubles = {name: _doubles(name, problem.shapes.get(name, ()), place) for name in problem.names.variables}
    try:
        known = _derivatives(problem, lowered, place)
        if known is None:
            return False
        for tally in tallies:
            truth = known(tally.claim.wrt)
            claimed = None
            if tally.tape is not None:
                claimed = np.broadcast_to(enclosed.values(tally.tape, doubles), tally.shape)
            outcome = _compare(problem, tally, truth, claimed, place, enclosed.BITS)
            tally.given = outcome if is_given else tally.given
    except (enclosed.NotEnclosed, enclosed.TooMuch):
        raise reason from None
    return True


def _of_one(question: MatrixQuestion, names: Sequence[str], shapes: Mapping[str, Shape], wrt: Sequence[str]) -> Problem:
    """The problem of one claimed number."""
    problem, lowered, _ = begin(question.asked.program, [], names, shapes, wrt, question.order)
    by = tuple(wrt) * question.order
    shape = lowered.derivative_shape(by)
    problem.claims = [Claim(by, shape, [ClaimedEntry(0, (), None, index) for index in every(shape)])]
    return problem


def _judge_numbers(question: MatrixQuestion) -> JudgeNumbers:
    def judge(
        problem: Problem, claim: Claim, place: Flat, numbers: Sequence[One], text: str, left_out: Collection[str]
    ) -> ClaimFinding:
        from gradcli.backends.arb.context import precision
        from gradcli.problem.tensors import enclosed

        lowered = Lowered(problem.program, problem.names, problem.shapes, problem.wrt)
        try:
            known = _derivatives(problem, lowered, place)
        except (enclosed.NotEnclosed, enclosed.TooMuch):
            raise question.reason from None
        with precision(enclosed.BITS):
            truths = [
                KnownTruth(entry.index, _truth(None if known is None else known(claim.wrt)[entry.index]))
                for entry in claim.entries
            ]
        return held_against(claim, written(place, problem.shapes), truths, numbers, text)

    return judge


def _truth(ball: Any) -> Finding:
    """What is known of a derivative that is in a ball, or is not told."""
    said = None if ball is None else text(ball, JUDGED_DIGITS)
    return Finding(None, note=NOT_TOLD) if said is None else Finding(True, said, proof="enclosed")


def _doubles(name: str, shape: Shape, place: Flat) -> Any:
    return np.array([to_float(place[entry_name(name, index)]) for index in every(shape)]).reshape(shape)


def _compare(problem: Problem, tally: MatrixTally, truth: Any, claimed: Any, place: Flat, bits: int) -> str:
    """What a claim is worth at one point, and note it."""
    from gradcli.backends.arb.context import precision
    from gradcli.backends.arb.flint import arb

    outcome = "held"
    with precision(bits):
        close = arb(10) ** -tally.digits
        largest = max((abs(one).abs_upper() for one in truth.ravel().tolist() if one is not None), default=arb(0))
        for index in np.ndindex(*tally.shape):
            true = truth[index]
            if true is None:
                outcome = "undecided"
                continue
            if claimed is None:
                continue
            one = claimed[index]
            if not one.is_finite():
                outcome = "undecided"
                continue
            gap = abs(one - true)
            size = abs(true) if not true.is_zero() else arb(0)
            if gap > size * close:
                example = Counterexample(
                    written(place, problem.shapes), ball_in_decimals(one), ball_in_decimals(true), tuple(index)
                )
                tally.wrong.append(example)
                tally.numbers.append((claimed, truth))
                return "wrong"
            if not gap.abs_upper() <= (size if not true.is_zero() else largest).abs_upper() * close:
                outcome = "undecided"
    if outcome == "held":
        tally.held.append(place)
    return outcome


def _finding(problem: Problem, tally: MatrixTally, points: int) -> ClaimFinding:
    verdict = ClaimVerdict.FALSE if tally.wrong else ClaimVerdict.HOLDS if tally.held else ClaimVerdict.UNDECIDED
    note = None
    if not points:
        note = "no point was found at which the program has its derivatives: one may be given by --at"
    said = tally.claim.said
    sizes = [abs(to_float(one)) for place in tally.held for one in place.values() if one]
    return ClaimFinding(
        wrt=tally.claim.wrt,
        verdict=verdict,
        claim=None if said is None else said.text,
        shape=tally.shape,
        points=len(tally.held),
        span=(min(sizes), max(sizes)) if sizes else None,
        counterexample=tally.wrong[0] if tally.wrong else None,
        note=note,
        slip=_slip(tally) if tally.wrong else None,
        given=tally.given,
        letters=() if said is None else said.letters,
    )


def _slip(tally: MatrixTally) -> LikelyMistake | None:
    """The mistake with the derivative as a whole that gives the claim at all points at which it is wrong."""
    from gradcli.check.mistakes.factors import FloatNumbers, off
    from gradcli.check.mistakes.sentences import said

    tables = [(_floats(claimed), _floats(true)) for claimed, true in tally.numbers]
    square = len(tally.shape) == 2 and tally.shape[0] == tally.shape[1]
    if square and all(np.allclose(claimed.T, true, rtol=CLOSE, atol=0) for claimed, true in tables):
        return LikelyMistake("transposed", said("transposed"))
    numbers = FloatNumbers((pair for one in tables for pair in zip(*map(np.ravel, one))), CLOSE)
    found = next(iter(off(numbers)), None)
    return None if found is None else LikelyMistake(found.code, found.text)


def _floats(balls: Balls) -> Any:
    return np.array([float("nan") if one is None else float(one) for one in balls.ravel().tolist()]).reshape(
        balls.shape
    )
