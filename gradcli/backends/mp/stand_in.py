"""What stands for python-flint where it is not installed: its names, as far as the package uses them.

Balls have elementary functions only, and nothing here knows a special function: what asks for one gets NotElementary,
and a row of the table is estimated instead.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

from gradcli.backends.mp.ball import Ball, NotElementary
from gradcli.backends.mp.matrix import BallMatrix
from gradcli.backends.mp.number import Whole, ctx


class Rational(Fraction):
    """An exact quotient."""

    @staticmethod
    @cache
    def harmonic(n: int) -> Fraction:
        """The sum of 1/k for k up to n."""
        return sum((Fraction(1, k) for k in range(1, n + 1)), Fraction(0))


class Missing:
    """What there is nothing for: complex balls, power series, polynomials."""

    def __call__(self, *args: Any) -> Any:
        raise NotElementary("a complex ball, a series or a polynomial")

    def __getattr__(self, name: str) -> Any:
        raise NotElementary(name)


arb, arb_mat = Ball, BallMatrix
fmpq, fmpz = Rational, Whole
acb = arb_series = fmpq_poly = Missing()

__all__ = ["acb", "arb", "arb_mat", "arb_series", "ctx", "fmpq", "fmpq_poly", "fmpz"]
