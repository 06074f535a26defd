"""Exact numbers, and their one rounding to the dtype that the engines compute in."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

FEW_DIGITS = 6  # fewer decimals than a dtype holds, in one of twice as many at least: so few are meant
ROUNDED = Fraction(1, 2)
LEADING, TRAILING = 4, 5  # zeros behind the point, and at the end, that are written out where every digit is
LEAST = 20  # digits of a number that is cut
NEAR_ULPS = 16  # they may stand for a value that is this far away


class Dtype(NamedTuple):
    """A binary floating-point format: bits of its significand, exponent of its largest and smallest numbers."""

    name: str
    bits: int
    largest: int  # the largest number is just under 2**largest
    smallest: int  # the smallest positive number is 2**smallest

    @property
    def digits(self) -> float:
        """How many decimal digits the significand holds."""
        return self.bits * 0.30102999566398120


DTYPES = {
    dtype.name: dtype
    for dtype in (
        Dtype("float64", 53, 1024, -1074),
        Dtype("float32", 24, 128, -149),
        Dtype("bfloat16", 8, 128, -133),
        Dtype("float16", 11, 16, -24),
    )
}


def rounded(value: Fraction, dtype: Dtype) -> Fraction | None:
    """The nearest number of the dtype, ties to even; None where it would be infinite.

    A number too small for the dtype becomes 0, as it does everywhere.
    """
    if value.denominator == 1 and abs(value.numerator) < 1 << dtype.bits and dtype.bits > 15:
        return value
    if dtype.name == "float64":  # Python's division of integers is the correctly rounded one
        number = to_float(value)
        return None if number in (float("inf"), float("-inf")) else Fraction(number)
    if value == 0:
        return value
    magnitude = abs(value)
    exponent = magnitude.numerator.bit_length() - magnitude.denominator.bit_length()
    if magnitude < Fraction(2) ** exponent:
        exponent -= 1
    unit = max(exponent - dtype.bits + 1, dtype.smallest)
    steps = round(magnitude / Fraction(2) ** unit)
    result = steps * Fraction(2) ** unit
    if result >= Fraction(2) ** dtype.largest:
        return None
    return result if value > 0 else -result


def to_float(value: Fraction) -> float:
    """The double of an exact value; infinite where it is too large."""
    try:
        return value.numerator / value.denominator
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def double_of(decimals: str | Decimal) -> float:
    """The double nearest to a number of which there are at least 20 digits; infinite where it is too large.

    The decimals of a number in the middle of two doubles are cut: it becomes the even one, as with all of them.
    """
    number, exact = float(decimals), Decimal(decimals)
    if not math.isfinite(number):
        return number
    off, unit = exact - Decimal(number), Decimal(math.ulp(number))
    cut = exact.adjusted() + 1 - max(len(exact.as_tuple().digits), LEAST)
    if abs(abs(off) - unit / 2) > Decimal((0, (1,), cut)):
        return number
    neighbour = math.nextafter(number, math.copysign(math.inf, off))
    return neighbour if int(Decimal(number) / unit) % 2 else number


def short(value: Fraction, dtype: Dtype) -> str:
    """The shortest decimals that stand for a value as precisely as the dtype could.

    A literal that was rounded to the dtype reads as it was written: 0.1, not 0.1000000000000000055. A few digits
    may stand for a value within some more ulps: 1.05 - 1 in doubles reads as 0.05.
    """
    if value.denominator == 1 and abs(value) < 10**15:
        return str(value.numerator)
    number = to_float(value)
    if number in (0.0, float("inf"), float("-inf")):
        return scientific(value, 17)
    exponent = abs(value).numerator.bit_length() - abs(value).denominator.bit_length()
    ulp = Fraction(2) ** max(exponent - dtype.bits + 1, dtype.smallest)
    few = dtype.digits - FEW_DIGITS if dtype.digits > 2 * FEW_DIGITS else 0
    for digits in range(1, 18):
        text = f"{number:.{digits}g}"
        if abs(Fraction(text) - value) <= ulp * (NEAR_ULPS if digits <= few else ROUNDED):
            break
    return plain_exponent(text)


def plain_exponent(text: str) -> str:
    """A number's text with its exponent as one writes it: 1e-5 for 1e-05, 1e9 for 1e+09."""
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if e else text


def scientific(value: Fraction, digits: int) -> str:
    """A value in decimals with so many significant digits, whatever its size."""
    if value == 0:
        return "0"
    sign, magnitude = ("-" if value < 0 else ""), abs(value)
    exponent = len(str(magnitude.numerator)) - len(str(magnitude.denominator))
    if magnitude < Fraction(10) ** exponent:
        exponent -= 1
    steps = str(round(magnitude / Fraction(10) ** (exponent - digits + 1)))
    if len(steps) > digits:
        steps, exponent = steps[:-1], exponent + 1
    return _with_exponent(sign, steps, exponent)


def exactly(value: Fraction) -> str:
    """A fraction as the shortest text that says it: decimals where they end, else numerator/denominator."""
    denominator = value.denominator
    twos = fives = 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    if denominator > 1:
        return str(value)
    places = max(twos, fives)
    digits = str(abs(value.numerator) * 10**places // value.denominator)
    sign = "-" if value < 0 else ""
    leading = places - len(digits)
    trailing = 0 if places else len(digits) - len(digits.rstrip("0"))
    if value and (leading > LEADING or trailing > TRAILING):
        return _with_exponent(sign, digits, -leading - 1)
    if not places:
        return sign + digits
    digits = digits.rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def _with_exponent(sign: str, digits: str, exponent: int) -> str:
    """Digits with a point behind the first, without zeros at their end."""
    return f"{sign}{digits[0]}{('.' + digits[1:]).rstrip('0').rstrip('.')}e{exponent}"


def fraction_of(value: Any) -> Fraction:
    """The exact value of a finite number of mpmath's, or a decimal number of SymPy's."""
    sign, significand, exponent, _ = value._mpf_
    return Fraction(int(significand)) * Fraction(2) ** int(exponent) * (-1 if sign else 1)
