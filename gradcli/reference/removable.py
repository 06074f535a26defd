"""A hole that a function could be continued over: its limit, and a stretch around it with no other flat point.

Where numerator and denominator vanish together, their balls say nothing of the quotient however small a part is. The
power series of both, without the power of t that they have in common, do: over a box around the hole, the coefficients
of u(x)/(x - hole) are those of u, one place on (Taylor's theorem with the integral remainder).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from gradcli.backends.arb.context import BALLS, precision
from gradcli.backends.arb.evaluate import is_ball
from gradcli.backends.arb.flint import IS_FLINT, arb
from gradcli.backends.arb.series import BallSeries
from gradcli.backends.series import NoSeries
from gradcli.reference.stationary import FINE, sign_of_ball
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.tape import Tape

QUARTERS = 40  # times that a stretch is made smaller
CLOSER = 4


class RemovableHole(NamedTuple):
    """The limit of a function at a hole, and how far to both sides its slope is proven not to be 0 but there."""

    limit: Any
    reach: Fraction


def removable(
    tape: Tape, name: str, fixed: Mapping[str, Fraction], x: Fraction, widest: Fraction, deadline: Deadline | None
) -> RemovableHole | None:
    """What is known of a hole at a number, as far as so far to both sides; None where it is none of these."""
    if not IS_FLINT:
        return None
    series = BallSeries(tape, deadline)
    held = {one: (BALLS.number(value), arb(0)) for one, value in fixed.items() if one in tape.inputs}
    with precision(FINE):
        try:
            limit, slope, _ = series.run({**held, name: (BALLS.number(x), arb(1))}, 3)
        except NoSeries:
            return None
        if not series.holes or not is_ball(limit) or not limit.is_finite():
            return None
        reach = widest
        for _ in range(QUARTERS):
            box = BALLS.number(x - reach).union(BALLS.number(x + reach))
            try:
                around = series.run({**held, name: (box, arb(1))}, 3, wide=True)
            except NoSeries:
                around = [None] * 3
            if sign_of_ball(around[1]) in (-1, 1) or (slope.is_zero() and sign_of_ball(around[2]) in (-1, 1)):
                return RemovableHole(limit, reach)
            reach /= CLOSER
    return None
