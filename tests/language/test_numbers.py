"""Rounding exact numbers to a dtype, and writing them shortly."""

from __future__ import annotations

import struct
from fractions import Fraction

import mpmath
import pytest
import sympy
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.doors import DTYPES, exactly, fraction_of, scientific, short, to_float
from tests.doors import rounded_to as rounded

decimals = st.builds(
    lambda digits, exponent: f"{digits}e{exponent}", st.integers(-(10**20), 10**20), st.integers(-60, 20)
)


@given(decimals)
def test_float64_is_rounded_as_python_does(text: str) -> None:
    near = rounded(Fraction(text), DTYPES["float64"])
    assert near is not None
    assert to_float(near) == float(text)


@given(st.integers(0, 2**32 - 1))
def test_float32_values_stay_and_their_middles_go_to_even(bits: int) -> None:
    value = struct.unpack("f", struct.pack("I", bits))[0]
    if value != value or abs(value) > 3e38:
        return
    after = struct.unpack("f", struct.pack("I", bits + 1))[0] if bits & 0x7FFFFFFF != 0x7F7FFFFF else None
    assert rounded(Fraction(value), DTYPES["float32"]) == Fraction(value)
    if after is not None:
        middle = (Fraction(value) + Fraction(after)) / 2
        assert rounded(middle, DTYPES["float32"]) == Fraction(value if bits % 2 == 0 else after)


@pytest.mark.parametrize("name", list(DTYPES))
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_other_dtypes_are_rounded_as_torch_does(name: str, value: float) -> None:
    near = rounded(Fraction(value), DTYPES[name])
    expected = torch.tensor(value, dtype=torch.float64).to(getattr(torch, name)).item()
    assert (float("inf") if near is None else abs(to_float(near))) == abs(expected)


@pytest.mark.parametrize(
    ("text", "dtype", "shown"),
    [
        ("0.1", "float64", "0.1"),
        ("0.1", "bfloat16", "0.1"),
        ("1e-5", "float64", "1e-5"),
        ("1e20", "float64", "1e20"),
        ("3.141592653589793", "float64", "3.141592653589793"),
        ("3.141592653589793", "float32", "3.1415927"),
        ("123456", "float64", "123456"),
        ("5e-324", "float64", "5e-324"),
        ("0.30000000000000004", "float64", "0.3"),
    ],
)
def test_short(text: str, dtype: str, shown: str) -> None:
    near = rounded(Fraction(text), DTYPES[dtype])
    assert near is not None
    assert short(near, DTYPES[dtype]) == shown


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (Fraction(2) ** 1024, 3, "1.8e308"),
        (Fraction(1, 3), 4, "3.333e-1"),
        (Fraction(-99999), 3, "-1e5"),
        (Fraction(0), 3, "0"),
    ],
)
def test_scientific(value: Fraction, digits: int, shown: str) -> None:
    assert scientific(value, digits) == shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(0), "0"), (Fraction(1, 3), "1/3"), (Fraction(-5, 4), "-1.25"), (Fraction(100_000), "100000"),
        (Fraction(1_000_000), "1e6"), (Fraction(-1_230_000_000), "-1.23e9"), (Fraction(1, 100_000), "0.00001"),
        (Fraction(-123 * 10**9), "-1.23e11"), (Fraction(15, 10**7), "1.5e-6"), (Fraction(1, 10**6), "1e-6"),
    ],
)  # fmt: skip
def test_exactly(value: Fraction, text: str) -> None:
    assert exactly(value) == text
    assert Fraction(text) == value


@pytest.mark.parametrize("text", ["0", "0.1", "-1e-300", "12345.678", "1e300"])
def test_fractions_of_high_precision_numbers(text: str) -> None:
    number = float(text)
    assert fraction_of(mpmath.mpf(number)) == Fraction(number)
    assert fraction_of(sympy.Float(number)) == Fraction(number)
