"""Where a function goes as a place is approached: enclosed values at steps that shrink faster and faster."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from gradcli.backends.arb.context import BALLS
from gradcli.backends.arb.evaluate import UNKNOWN, Enclosed, is_ball
from gradcli.backends.arb.flint import arb
from gradcli.reference.classify import UNDECIDED, Outcome, compare
from gradcli.reference.limits import ENOUGH, Course, Trend
from gradcli.reference.samples import EXPONENTS, MANTISSA_BITS, MANTISSAS, RESOLVED, BothKinds, Sample, mpf, wide

LOOKS = 4  # steps of each kind


def steps(scale: Fraction, sign: int) -> list[tuple[Fraction, int]]:
    """How far from a place it is looked at to one side, by both kinds of steps in turn; and the bits that it takes."""
    return [
        (sign * scale * Fraction(kind[step], 2 ** (EXPONENTS[step] + MANTISSA_BITS)), 2 * (EXPONENTS[step] + RESOLVED))
        for step in range(LOOKS)
        for kind in MANTISSAS
    ]


def approached(moves: Sequence[Fraction], values: Sequence[Enclosed]) -> BothKinds:
    """A side from its values; those from the first unknown one on are left out."""
    pairs = list(zip(zip(moves[::2], values[::2]), zip(moves[1::2], values[1::2])))
    while any(value is UNKNOWN for pair in pairs for _, value in pair):
        pairs.pop()
    kinds = [[_sample(*pair[kind]) for pair in pairs] for kind in range(len(MANTISSAS))]
    return BothKinds.of((kinds[0], kinds[1]))


def _sample(move: Fraction, value: Enclosed) -> Sample:
    step = mpf(BALLS.number(move))
    return Sample(step, mpf(value), 0, mpf(value.rad())) if is_ball(value) else Sample(step, None, 0, 0)


def course_of_side(side: BothKinds) -> Course | None:
    """Where the values go; None where there are none."""
    if not side.steps or side.defined is None:
        return Course(Trend.UNCLEAR)
    return side.gap(mpf(arb(0))) if side.defined else None


def judged_by_sides(left: BothKinds, right: BothKinds) -> Outcome:
    """What a place is at which the function's own value is not known: a hole, where nothing else is special."""
    if min(len(left.steps), len(right.steps)) < ENOUGH * len(MANTISSAS):
        return UNDECIDED
    with wide():
        return compare(None, left, right, lambda side: Course(Trend.UNCLEAR))
