"""Numbers as texts: few digits, whether they are all, decimals cut."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.doors import DTYPES, few, to_digits
from tests.doors import cut_digits as cut

TENTH = Fraction(0.1)  # the double


@pytest.mark.parametrize(
    ("exact", "dtype", "digits", "text", "is_all"),
    [
        (Fraction(60), "float64", 6, "60", True),
        (TENTH, "float64", 6, "0.1", True),
        (-TENTH, "float64", 6, "-0.1", True),
        (Fraction(1, 10), "float64", 6, "0.1", True),
        (Fraction(1, 3), "float64", 6, "0.333333", False),
        (Fraction(-1, 3), "float64", 17, "-0.3333333333333333", False),
        (Fraction(13421773, 2**27), "float32", 6, "0.1", True),
        (Fraction(13421773, 2**27), "float64", 6, "0.1", False),
        (Fraction(2) ** 1024, "float64", 6, "1.79769e308", False),
        (60 + Fraction(1, 2**400), "float64", 6, "60", True),
        (60 + Fraction(1, 2**200), "float64", 6, "60.0", False),
    ],
)  # fmt: skip
def test_few(exact: Fraction, dtype: str, digits: int, text: str, is_all: bool) -> None:
    assert few(exact, DTYPES[dtype], digits) == (text, is_all)


@pytest.mark.parametrize(
    ("text", "digits", "expected", "short"),
    [
        ("0.66666666666666666667", 5, "0.66667", "0.66667"),
        ("1.5000", 10, "1.5000", "1.5"),
        ("1.0e+500", 3, "1.0e+500", "1e500"),
        ("-inf", 3, "-inf", "-inf"),
        ("0", 3, "0", "0"),
    ],
)
def test_cut(text: str, digits: int, expected: str, short: str) -> None:
    assert cut(text, digits) == expected
    assert to_digits(text, digits) == short
