"""The count of digits that agree, for every kind of number."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import arb

from tests.doors import agreeing, agreeing_all, is_same


@pytest.mark.parametrize("kind", [float, Decimal, Fraction, mpmath.mpf])
@pytest.mark.parametrize(
    ("error", "size", "digits"),
    [
        ("1e-5", "1", 5.0),
        ("3", "3000", 3.0),
        ("2", "1", 0.0),
        ("0", "1", 16.0),
        ("0", "0", 16.0),
        ("1e-20", "1", 16.0),
        ("1", "0", 0.0),
    ],
)
def test_every_kind_of_number(kind: Any, error: str, size: str, digits: float) -> None:
    assert agreeing(kind(error), kind(size), 16.0) == pytest.approx(digits, abs=1e-12)
    assert agreeing_all(np.array([float(error)]), np.array([float(size)]), 16.0) == pytest.approx([digits], abs=1e-12)


def test_what_no_double_holds() -> None:
    assert agreeing(Fraction(1, 10**2000), Fraction(1), 16.0) == 16.0
    assert agreeing(Fraction(10**2000), Fraction(1), 16.0) == 0.0
    assert agreeing(math.inf, 1.0, 16.0) == agreeing(math.nan, 1.0, 16.0) == 0.0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (arb(1), arb(1), True),
        (arb(1), arb(1) + arb(10) ** -20, True),
        (arb(1), arb(1) + arb(10) ** -5, False),
        (arb(1), arb(1, 1e-3), None),
        (arb(0), arb(0), True),
        (arb(0), arb(10) ** -20, False),
    ],
)
def test_balls_agree_where_that_is_proven(one: Any, other: Any, same: Any) -> None:
    assert is_same(one, other, 10) is same
