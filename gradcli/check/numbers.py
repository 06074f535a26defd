"""Claimed numbers: whether a derivative's true value at a point rounds to what somebody wrote down."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple, Union

from gradcli.check.compare import PATIENCE
from gradcli.check.data import ClaimFinding, Counterexample
from gradcli.check.evaluate import PointTruth
from gradcli.check.patience import Patience, StepBudget
from gradcli.check.problem import STAGE, Claim, Problem
from gradcli.check.worth import ESTIMATED_DIGITS, JUDGING_DIGITS
from gradcli.check.written import Nested, written
from gradcli.errors import GradcliError
from gradcli.functions.shapes import text as shape_text
from gradcli.language.claims import Valued
from gradcli.language.nodes import Call, Node, Number
from gradcli.language.numbers import DTYPES, exactly
from gradcli.language.point import Given
from gradcli.problem.values import value_of
from gradcli.reference.digits import agreeing
from gradcli.reference.pieces import Point
from gradcli.reference.verdict import ClaimVerdict
from gradcli.tape.findings import TIME_UP
from gradcli.tape.findings import Finding as Truth

HALF = Fraction(1, 2)
CLOSE = Fraction(1, 10**14)  # relative: what an expression of constants is known to, once it is a double
MEASURED = Fraction(1, 10**8)  # relative: of a number of Python, which rounding may have cost half its digits
ENOUGH_DIGITS = 16.0
LARGEST_EXPONENT = 1_000  # of a true number that is held against a claimed one, which is about a double

Written = Union[Given, float, int, Sequence[Any]]


class One(NamedTuple):
    """A claimed number: its value, and how far from it the true one may be."""

    value: Fraction
    slack: Fraction
    text: str


class KnownTruth(NamedTuple):
    """What is known of one entry of a derivative; `is_limit` where it is estimated from its sides."""

    at: tuple[int, ...]
    truth: Truth
    is_limit: bool = False


def judge(
    problem: Problem, claim: Claim, point: Point, numbers: Sequence[One], text: str, deadline: Patience,
    left_out: Collection[str] = (),
) -> ClaimFinding:  # fmt: skip
    """What there is to say of the numbers that are claimed for all entries of a derivative at a point."""
    at = written(point, problem.shapes)
    outputs = sorted({entry.output for entry in claim.entries})
    steps = StepBudget(deadline, left_out)
    truths = steps.take("truth", PATIENCE * len(outputs), lambda allowed: _truths(problem, outputs, point, allowed))
    if truths is None:
        return ClaimFinding(
            claim.wrt, ClaimVerdict.UNDECIDED, text, claim.shape, at, note=TIME_UP, unfinished=("truth",)
        )
    known = []
    for entry in claim.entries:
        of = truths[entry.output]
        truth = of.finding(entry.positions)
        is_limit = bool(truth.exists) and truth.proof != "enclosed" and of.is_nonsmooth(entry.positions)
        known.append(KnownTruth(entry.index, truth, is_limit))
    return held_against(claim, at, known, numbers, text)


def held_against(
    claim: Claim, at: Mapping[str, Nested], known: Sequence[KnownTruth], numbers: Sequence[One], text: str
) -> ClaimFinding:
    """What there is to say of claimed numbers, by what is known of each."""
    digits, verdict, note, wrong = ENOUGH_DIGITS, ClaimVerdict.HOLDS, None, None
    for (index, truth, is_limit), one in zip(known, numbers):
        if truth.exists is None:
            verdict, note = ClaimVerdict.UNDECIDED, truth.note
        elif not truth.exists or truth.value is None:
            wrong = wrong or Counterexample(at, one.text, None, index, truth.kind)
        else:
            gap, right, slack = _gap(one, truth, is_limit)
            digits = min(digits, right)
            if gap > one.slack + slack:
                wrong = wrong or Counterexample(at, one.text, truth.value, index)
            elif gap and gap > one.slack - slack:
                verdict, note = ClaimVerdict.UNDECIDED, "the derivative is not known to as many digits as are claimed"
    if wrong is not None:
        verdict = ClaimVerdict.FALSE
    return ClaimFinding(
        claim.wrt, verdict, text, claim.shape, at, points=int(verdict is ClaimVerdict.HOLDS), counterexample=wrong,
        digits=round(digits, 2) if verdict is not ClaimVerdict.UNDECIDED else None, note=note,
    )  # fmt: skip


def _truths(problem: Problem, outputs: Sequence[int], point: Point, deadline: Patience) -> dict[int, PointTruth]:
    """What the reference knows of all derivatives of these outputs."""
    found = {}
    for output in outputs:
        found[output] = PointTruth(problem.chains[output], problem.taken[output], point, JUDGING_DIGITS, deadline)
        found[output].ask()
    return found


def _gap(one: One, true: Truth, is_limit: bool) -> tuple[Fraction, float, Fraction]:
    """How far a claimed number is from the true one, its right digits, and what the true one is known to."""
    truth = _bounded(Decimal(true.value or "0"))
    gap = abs(one.value - truth)
    known = abs(truth) / 10 ** (ESTIMATED_DIGITS if is_limit else JUDGING_DIGITS - 1)
    return gap, agreeing(gap, abs(truth), ENOUGH_DIGITS), known


def _bounded(number: Decimal) -> Fraction:
    """A number as a fraction; one that is larger or smaller than all doubles as such a one, whatever its exponent."""
    if number and abs(number.adjusted()) > LARGEST_EXPONENT:
        size = Fraction(10**LARGEST_EXPONENT)
        return (size if number.adjusted() > 0 else 1 / size) * (-1 if number < 0 else 1)
    return Fraction(number)


def numbers_of(said: Written, claim: Claim, valued: Valued, within: Fraction | None = None) -> list[One]:
    """The claimed number of each entry; one number stands for all of them. The true ones may be `within` so much.

    Raises GradcliError where their shape is not the derivative's.
    """
    if within is not None:
        return [one._replace(slack=within) for one in numbers_of(said, claim, valued)]
    if not isinstance(said, Given):
        return _plain(said, claim, valued)
    value = value_of(said, DTYPES["float64"])
    if isinstance(value, Fraction):
        return [_one(said.value, value)] * len(claim.entries)
    if value.shape != claim.shape:
        raise _misshapen(value.shape, claim, valued)
    leaves = list(_leaves(said.value))
    exact = [Fraction(number) for number in value.data]
    if len(leaves) == len(exact):
        return [_one(leaf, number) for leaf, number in zip(leaves, exact)]
    return [One(number, abs(number) * CLOSE, exactly(number)) for number in exact]


def _plain(said: Any, claim: Claim, valued: Valued) -> list[One]:
    """Python's numbers, or nested lists of them."""
    import numpy as np

    try:
        found = np.asarray(said, dtype=np.float64)
    except (TypeError, ValueError):
        raise GradcliError(STAGE, "the claimed value is not a number", source=valued.source) from None
    if found.shape not in ((), tuple(claim.shape)):
        raise _misshapen(found.shape, claim, valued)
    flat = np.broadcast_to(found, claim.shape).ravel().tolist()
    if not all(map(math.isfinite, flat)):
        raise GradcliError(STAGE, "a claimed value is not finite", source=valued.source, expected="real numbers")
    return [One(Fraction(number), abs(Fraction(number)) * MEASURED, repr(number)) for number in flat]


def _misshapen(shape: Sequence[int], claim: Claim, valued: Valued) -> GradcliError:
    return GradcliError(
        STAGE,
        f"the claimed value is {shape_text(tuple(shape))}, and the derivative {shape_text(claim.shape)}",
        source=valued.source,
        span=valued.values_span,
    )


def _leaves(node: Node) -> list[Node]:
    """The numbers of a nested list, in order."""
    found, todo = [], [node]
    while todo:
        current = todo.pop()
        if isinstance(current, Call) and current.function == "[]":
            todo += reversed(current.args)
        else:
            found.append(current)
    return found


def _one(node: Node, value: Fraction) -> One:
    """A claimed number as it was written: what is written in decimals may be rounded to them."""
    sign, inner = 1, node
    while isinstance(inner, Call) and inner.function in ("neg", "pos") and not inner.user:
        sign, inner = -sign if inner.function == "neg" else sign, inner.args[0]
    if isinstance(inner, Number):
        text = f"{'-' if sign < 0 else ''}{inner.text}"
        return One(sign * inner.value, HALF * _unit(inner.text), text)
    return One(value, abs(value) * CLOSE, exactly(value))


def _unit(text: str) -> Fraction:
    """The unit of the last decimal that is written; 0 of a whole number, which is meant as it stands."""
    mantissa, _, exponent = text.lower().replace("_", "").partition("e")
    _, point, decimals = mantissa.partition(".")
    if not point and not exponent:
        return Fraction(0)
    return Fraction(10) ** (int(exponent or 0) - len(decimals))
