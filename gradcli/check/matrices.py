"""Claims about programs with functions of whole matrices, which no program of numbers computes.

Eigenvalues, singular values and exponentials are enclosed as `diff` encloses them; the claimed formula is evaluated in
balls at the same points, entry by entry.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from gradcli.check.compare import digits_of
from gradcli.check.data import DIGITS, NOT_AS_ASSUMED, Check, ClaimFinding, Counterexample
from gradcli.check.evaluate import sampled_conditions
from gradcli.check.judging import ClaimQuestion, Terms, corrected, numbers_claimed
from gradcli.check.lowered import Lowered
from gradcli.check.mistakes.measured import Entries, of_numbers
from gradcli.check.problem import assume, begin
from gradcli.check.stated import Claim, Problem
from gradcli.check.whole_truths import Flat, MatrixQuestion, derivatives, doubles_of, judging_numbers, of_one
from gradcli.check.written import ball_in_decimals, written
from gradcli.errors import LimitError
from gradcli.functions.shapes import Shape
from gradcli.language.claims import Claimed
from gradcli.language.notes import notes_of
from gradcli.language.numbers import to_float
from gradcli.problem.prepare import prepare
from gradcli.problem.shown import output_name
from gradcli.reference.pieces import Pieces
from gradcli.reference.verdict import ClaimVerdict
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.tape.candidates import SIMPLE, in_ranges
from gradcli.tape.tape import Tape
from gradcli.version import __version__

POINTS = 8  # at which a claim is judged
CANDIDATES = 40  # that are looked at for these
SIMPLE_POINTS = 4  # of these, among numbers that are easy to read
MOST_ORDER = 2
CLOSE = 1e-12  # relative: numbers of a mistake, in float64


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
    numbers: list[Entries] = field(default_factory=list)
    given: str | None = None


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
    given = {**at, **problem.held}
    is_whole = bool(at) and all(name in given for name in problem.variables)
    is_left_out = bool(tallies) and is_whole and not assumed.is_assumed(given)

    def judge() -> None:
        for place in _places(problem, at) if where is None else map(_of_doubles, where):
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
    findings = [_finding(one, len(places)) for one in tallies]
    findings += numbers_claimed(
        problem, asked, terms, len(findings), lambda *one: of_one(question, *one), judging_numbers(question)
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
        notes=(*(f"Note: {note}." for note in dict.fromkeys(said)), *([NOT_AS_ASSUMED] if is_left_out else [])),
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
    return {**_of_doubles(moved), **problem.held}


def _of_doubles(place: Mapping[str, Any]) -> Flat:
    """The point of doubles that is the nearest: enclosures of tensors are at such."""
    return {name: Fraction(to_float(one)) for name, one in place.items()}


def _judged(
    problem: Problem, lowered: Lowered, tallies: Sequence[MatrixTally], place: Flat, is_given: bool, reason: LimitError
) -> bool:
    """Hold all claims against the derivatives at a point; whether there are such."""
    from gradcli.problem.tensors import enclosed

    doubles = {name: doubles_of(name, problem.shapes.get(name, ()), place) for name in problem.names.variables}
    try:
        known = derivatives(problem, lowered, place)
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
                tally.numbers.append({at: (claimed[at], truth[at]) for at in np.ndindex(*tally.shape)})
                return "wrong"
            if not gap.abs_upper() <= (size if not true.is_zero() else largest).abs_upper() * close:
                outcome = "undecided"
    if outcome == "held":
        tally.held.append(place)
    return outcome


def _finding(tally: MatrixTally, points: int) -> ClaimFinding:
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
        slip=of_numbers(tally.numbers, tally.shape, CLOSE) if tally.wrong else None,
        given=tally.given,
        letters=() if said is None else said.letters,
    )
