"""Numbers in formulas are written with a bounded count of digits, whatever their size."""

from __future__ import annotations

import pytest
import sympy

from gradcli.backends.symbolic.fast.text import float_text
from gradcli.language.numbers import DTYPES


@pytest.mark.parametrize(
    ("number", "text"),
    [  # the digits of powers are from 10**(p*log10(2)), by logarithms of 60 digits
        (sympy.Float("0.1"), "0.1"),
        (sympy.Float(2) ** 2000, "1.1481306952742545e602"),
        (sympy.Float(2) ** 10**6, "9.9006562292958983e301029"),
        (-(sympy.Float(2) ** 10**9), "-4.6129760011690674e301029995"),
        (sympy.Float(2) ** -(10**9), "2.1677979676169340e-301029996"),
        (sympy.Float("1e5000", 60), "1e5000"),
    ],
)
def test_a_number_of_any_size(number: sympy.Float, text: str) -> None:
    found = float_text(number, DTYPES["float64"])
    mantissa, _, exponent = text.partition("e")
    said, _, power = found.partition("e")
    assert power == exponent
    assert float(said) == pytest.approx(float(mantissa), rel=1e-14)
    assert len(found) < 40
