"""A number of 20 digits becomes the double that all its digits would become."""

from __future__ import annotations

import random
from decimal import Context, Decimal
from fractions import Fraction

import pytest

from tests.doors import double_of


@pytest.mark.parametrize("seed", range(20))
def test_it_is_the_nearest(seed: int) -> None:
    """Products of a short decimal and a whole number are often in the middle of two doubles."""
    chosen = random.Random(seed)
    for _ in range(200):
        exact = (
            Fraction(round(chosen.uniform(-1, 1), 1)) * chosen.randint(1, 100) * Fraction(10) ** chosen.randint(-3, 3)
        )
        wanted = (
            exact.numerator / exact.denominator
        )  # Python's division of integers rounds to the nearest, ties to even
        text = str(Context(prec=chosen.choice([20, 25])).divide(Decimal(exact.numerator), Decimal(exact.denominator)))
        assert double_of(text) == wanted, text


def test_the_ends() -> None:
    assert double_of("1e400") == float("inf")
    assert double_of("0") == 0.0
    assert double_of("5e-324") == 5e-324
    assert double_of("1.7976931348623157e308") == 1.7976931348623157e308
