"""The derivatives of whole matrices at a point, in balls, and claimed numbers held against them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from gradcli.check.data import ClaimFinding
from gradcli.check.judging import ClaimQuestion, JudgeNumbers
from gradcli.check.lowered import Lowered
from gradcli.check.numbers import KnownTruth, One, held_against
from gradcli.check.problem import begin
from gradcli.check.stated import Claim, ClaimedEntry, Problem
from gradcli.check.written import written
from gradcli.errors import LimitError
from gradcli.functions.shapes import Shape
from gradcli.language.numbers import to_float
from gradcli.reference.texts import text
from gradcli.tape.arrays import every
from gradcli.tape.findings import Finding
from gradcli.tape.scalarize import entry_name

JUDGED_DIGITS = 32  # of the truth
NOT_TOLD = "the derivative is not told there, by the reference of whole matrices"

Flat = Mapping[str, Fraction]
Balls = Any  # an array of them


class MatrixQuestion(NamedTuple):
    """A question whose program is none of numbers.

    names   of what has values: of the point, and held
    reason  raised where a derivative has no enclosure
    admit   refuses values of what is not a variable
    """

    asked: ClaimQuestion
    names: Sequence[str]
    shapes: Mapping[str, Shape]
    wrt: Sequence[str] | None
    order: int
    reason: LimitError
    admit: Callable[[Problem], None]


def doubles_of(name: str, shape: Shape, place: Flat) -> Any:
    """The value of a variable at a point, as an array of doubles."""
    return np.array([to_float(place[entry_name(name, index)]) for index in every(shape)]).reshape(shape)


def derivatives(problem: Problem, lowered: Lowered, place: Flat) -> Callable[[Sequence[str]], Balls] | None:
    """The derivative by some names at a point, an array of balls; None where there are none."""
    from gradcli.problem.tensors import enclosed

    point = {name: doubles_of(name, problem.shapes.get(name, ()), place) for name in lowered.true.inputs}
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


def of_one(question: MatrixQuestion, names: Sequence[str], shapes: Mapping[str, Shape], wrt: Sequence[str]) -> Problem:
    """The problem of one claimed number."""
    problem, lowered, _ = begin(question.asked.program, [], names, shapes, wrt, question.order)
    by = tuple(wrt) * question.order
    shape = lowered.derivative_shape(by)
    problem.claims = [Claim(by, shape, [ClaimedEntry(0, (), None, index) for index in every(shape)])]
    return problem


def judging_numbers(question: MatrixQuestion) -> JudgeNumbers:
    """What judges numbers that are claimed about a derivative by a whole matrix."""

    def judge(
        problem: Problem, claim: Claim, place: Flat, numbers: Sequence[One], text: str, left_out: Collection[str]
    ) -> ClaimFinding:
        from gradcli.backends.arb.context import precision
        from gradcli.problem.tensors import enclosed

        lowered = Lowered(problem.program, problem.names, problem.shapes, problem.wrt)
        try:
            known = derivatives(problem, lowered, place)
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
