"""A ball in decimals, where its error bound leaves no doubt about them."""

from __future__ import annotations

import math
from decimal import Decimal
from functools import cache
from typing import Any

from gradcli.language.numbers import double_of

SURELY_LESS = 0.49  # of an ulp: what 20 digits leave out does not make half of one of it
ONE_SIDED = 0.5  # the significand of a double whose neighbours are not equally far away
SMALLEST = 1e-300


def decimal(ball: Any, digits: int) -> Decimal | None:
    """The number to so many significant digits, halves away from 0; None where the ball does not say which.

    Numbers beyond the range of doubles are left to others.
    """
    middle = float(ball)
    if middle == 0:
        return Decimal(0) if ball.is_zero() else None
    if not math.isfinite(middle):
        return None
    sign, size = ("", ball) if middle > 0 else ("-", -ball)
    exponent = math.floor(math.log10(abs(middle)))
    for _ in range(2):
        whole = (size * _power(digits - 1 - exponent) + _half()).floor().unique_fmpz()
        if whole is None:
            return None
        text = str(whole)
        if len(text) == digits:
            return Decimal(f"{sign}{text}E{exponent - digits + 1}")
        exponent += len(text) - digits
    return None


def double(ball: Any, digits: int) -> float | None:
    """The double next to the number rounded to so many digits; None where the ball does not say which."""
    near = float(ball)
    is_even = SMALLEST < abs(near) < math.inf and abs(math.frexp(near)[0]) != ONE_SIDED
    if is_even and abs(ball - near) < math.ulp(near) * SURELY_LESS:
        return near
    found = decimal(ball, digits)
    return None if found is None else double_of(found)


@cache
def _power(exponent: int) -> Any:
    from gradcli.backends.arb.flint import arb, fmpz

    power = arb(fmpz(10) ** abs(exponent))
    return power if exponent >= 0 else 1 / power


@cache
def _half() -> Any:
    from gradcli.backends.arb.flint import arb

    return arb(0.5)
