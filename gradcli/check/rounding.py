"""Constants with the digits of doubles: whether their rounding explains that a claim is not the derivative."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from gradcli.backends.arb.context import precision
from gradcli.backends.arb.evaluate import Enclosed, is_ball
from gradcli.backends.arb.flint import arb
from gradcli.check.evaluate import START_BITS, ClaimValues, PointTruth
from gradcli.check.problem import Problem
from gradcli.check.rebuilding import nodes_of, with_trees
from gradcli.check.worth import JUDGING_DIGITS, WeighedNumber, Worth
from gradcli.language.nodes import Node, Number, walk
from gradcli.language.trees import rebuilt
from gradcli.runtime.deadlines import Deadline

LONG = 13  # significant digits of a decimal that was a double, where nothing else says so
EXACT_BITS = 26  # a double that needs no more, 0.5 or 3.0, was not rounded: one in 2**26 of those that were has as few
MOVED = Fraction(1, 2**52)  # by how much a constant is moved, relative: what rounding does to it, at the most twice
RESIDUES = (
    Fraction(1, 2**56),
    Fraction(1, 2**48),
)  # sizes of what is left where numbers about 1 cancel: cos(pi/2)
ROUNDINGS = 8  # as many of them may have gone into one constant
SMALL = 1e-9  # relative: where roundings change the number by more, the point says nothing
MOST = 12  # constants that are moved one by one; of more, some are moved together


class ConstantRounding:
    """A problem whose constants are moved by a rounding, one after the other."""

    def __init__(self, problem: Problem, deadline: Deadline) -> None:
        self.problem, self.deadline = problem, deadline
        literals = (one for node in nodes_of(problem) for one in walk(node) if isinstance(one, Number))
        self.texts = sorted({one.text for one in literals if is_rounded(one, problem.doubles)})
        self._moved: list[tuple[Problem, ClaimValues]] | None = None

    def excused(
        self, number: int, place: Mapping[str, Fraction], truths: Sequence[PointTruth], values: ClaimValues,
        weighed: Sequence[WeighedNumber],
    ) -> list[WeighedNumber]:  # fmt: skip
        """What the numbers of a claim are worth where the constants may be off by their rounding."""
        if not self.texts or not any(one.outcome is Worth.WRONG for one in weighed):
            return list(weighed)
        given = self._numbers(self.problem, values, number, place, truths)
        moved = [self._numbers(one, own, number, place) for one, own in self._problems()]
        found = []
        for i, one in enumerate(weighed):
            if one.outcome is Worth.WRONG:
                with precision(START_BITS):
                    found.append(one._replace(outcome=_outcome(given[i], [each[i] for each in moved])))
            else:
                found.append(one)
        return found

    def _problems(self) -> list[tuple[Problem, ClaimValues]]:
        if self._moved is None:
            groups = [self.texts[i::MOST] for i in range(min(MOST, len(self.texts)))]
            problems = [one for one in (_moved(self.problem, group) for group in groups) if one is not None]
            self._moved = [(one, ClaimValues(one, self.deadline)) for one in problems]
        return self._moved

    def _numbers(
        self, problem: Problem, values: ClaimValues, number: int, place: Mapping[str, Fraction],
        truths: Sequence[PointTruth] | None = None,
    ) -> list[tuple[Enclosed, Enclosed]]:  # fmt: skip
        """The claimed number and the derivative for each entry of a claim."""
        if truths is None:
            pairs = zip(problem.chains, problem.taken)
            truths = [PointTruth(true, taken, place, JUDGING_DIGITS, self.deadline) for true, taken in pairs]
        claim = problem.claims[number]
        right = [truths[one.output].by_rule(one.positions, START_BITS) for one in claim.entries]
        if claim.tape is None:
            said = [truths[one.output].by_convention(one.positions, START_BITS) for one in claim.entries]
        else:
            said = values.run(claim, place, START_BITS)
        return list(zip(said, right))


def is_rounded(literal: Number, doubles: bool = False) -> bool:
    """Whether a number was rounded to a double: by its digits, or of `doubles` by the bits that it takes."""
    mantissa, exponent, _ = literal.text.lower().partition("e")
    if doubles and ("." in mantissa or exponent):
        try:
            numerator = Fraction(float(literal.value)).numerator
        except OverflowError:  # no double
            return False
        return (numerator // ((numerator & -numerator) or 1)).bit_length() > EXACT_BITS
    return "." in mantissa and _is_long(literal)


def _is_long(literal: Number) -> bool:
    """Whether a number has as many digits as what was computed: 6.123233995736766e-17, and not 3.74e-16."""
    mantissa = literal.text.lower().partition("e")[0]
    return len(mantissa.replace("_", "").replace(".", "").lstrip("0")) >= LONG


def _outcome(given: tuple[Enclosed, Enclosed], moved: Sequence[tuple[Enclosed, Enclosed]]) -> Worth:
    """Whether the two numbers are the same up to what moving the constants does to them."""
    if not all(is_ball(one) for pair in (given, *moved) for one in pair):
        return Worth.UNDECIDED
    said, right = _pair(given)
    effect = arb(0)
    for pair in moved:
        for new, old in zip(_pair(pair), (said, right)):
            effect += abs(new - old).abs_upper()
    effect *= ROUNDINGS
    if abs(said - right).abs_upper() > effect:
        return Worth.WRONG
    return Worth.HELD if effect < abs(right).abs_lower() * SMALL else Worth.UNDECIDED


def _pair(balls: tuple[Enclosed, Enclosed]) -> tuple[Any, Any]:
    return balls


def _moved(problem: Problem, texts: Sequence[str]) -> Problem | None:
    """The problem with these constants moved, each by another part, so that a quotient of two moves, too.

    None where it is none any more.
    """
    by = {text: MOVED * (1 + Fraction(i, len(texts))) * (-1) ** i for i, text in enumerate(texts)}

    def change(one: Node) -> Node | None:
        if not (isinstance(one, Number) and one.text in by and is_rounded(one, problem.doubles)):
            return None
        is_residue = RESIDUES[0] <= abs(one.value) <= RESIDUES[1] and _is_long(one)
        value = one.value + by[one.text] * (1 if is_residue else one.value)
        return Number(str(value), value, one.span)

    return with_trees(problem, lambda node: rebuilt(node, change, simplify=False))
