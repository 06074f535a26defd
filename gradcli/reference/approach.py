"""Where a function goes as a place is approached: enclosed values at steps that shrink faster and faster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import mpmath

from gradcli.backends.arb.evaluate import UNKNOWN, Enclosed, is_ball
from gradcli.reference.by_rule import FIRST_LOOK
from gradcli.reference.classify import Outcome, Side, compare
from gradcli.reference.limits import ENOUGH, Course, Trend, course, joined
from gradcli.reference.samples import EXPONENTS, MANTISSA_BITS, MANTISSAS

BITS = 4_096  # of the differences of values, which are exact

_M = mpmath.MPContext()


class ApproachedSide(Side):
    """One side of a place, with steps of two kinds in turn: its limits are those that both kinds agree on."""

    def slopes(self, center: Any) -> Course:
        """Where the difference quotients go."""
        with _M.workprec(BITS):
            return _both([gap / step for gap, step in zip(self._gaps(center), self.steps)])

    def gap(self, center: Any) -> Course:
        """Where the distance to a value at the place goes."""
        with _M.workprec(BITS):
            return _both(self._gaps(center))

    def but_the_last(self) -> Side:
        """This side without its smallest steps."""
        return ApproachedSide(self.steps[:-2], self.values[:-2], self.noise[:-2])

    @property
    def course(self) -> Course | None:
        """Where the values go; None where there are none."""
        return None if self.defined is False else self.gap(_M.mpf(0)) if self.defined else Course(Trend.UNCLEAR)


def steps(scale: Fraction, sign: int) -> list[Fraction]:
    """How far from a place it is looked at, to one side, relative to a scale."""
    return [
        sign * scale * Fraction(kind[step], 2 ** (EXPONENTS[step] + MANTISSA_BITS))
        for step in range(FIRST_LOOK)
        for kind in MANTISSAS
    ]


def approached(moves: Sequence[Fraction], values: Sequence[Enclosed]) -> ApproachedSide:
    """A side from its values; what is not known there, and what is farther away than that, is left out."""
    known = [(_mpf(move), value) for move, value in zip(moves, values)]
    while any(value is UNKNOWN for _, value in known):
        known = known[:-2]
    numbers = [_M.make_mpf(value.mid()._mpf_) if is_ball(value) else None for _, value in known]
    radii = [_M.make_mpf(value.rad()._mpf_) if is_ball(value) else 0 for _, value in known]
    return ApproachedSide([move for move, _ in known], numbers, radii)


def judged_by_sides(left: ApproachedSide, right: ApproachedSide, slope_near: Callable[[Side], Course]) -> Outcome:
    """What a place is at which the function's own value is not known: a hole, where nothing else is special."""
    with _M.workprec(BITS):
        return compare(None, left, right, slope_near)


def _both(values: Sequence[Any]) -> Course:
    if len(values) < 2 * ENOUGH:
        return Course(Trend.UNCLEAR)
    return joined(course(values[::2]), course(values[1::2]), values)


def _mpf(x: Fraction) -> Any:
    with _M.workprec(BITS):
        return _M.mpf(x.numerator) / x.denominator
