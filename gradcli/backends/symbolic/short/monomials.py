"""Products of powers of bases, which are known by their indices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from gradcli.backends.symbolic.fast.assemble import MAX_BITS_OF_POWER
from gradcli.backends.symbolic.short.sparse import Rational, TooManyTerms, whole

MAX_EXPONENT_BITS = 4_096  # of a number that is computed with; its fraction is that long
PRODUCT_BITS = 106  # of two doubles; a number with more of them is a quotient
ROUNDED = Fraction(1, 2**180)  # of a number with 60 digits
MAX_TERMS = 60  # of a product of sums that is multiplied out


class Product(NamedTuple):
    """A number times powers of bases, by their indices."""

    coefficient: Rational
    powers: Mapping[int, Rational]


ZERO = Product(0, {})


def multiplied(parts: Iterable[Product]) -> Product:
    """The product of products."""
    coefficient: Rational = 1
    powers: dict[int, Rational] = {}
    for part in parts:
        coefficient *= part.coefficient
        for index, exponent in part.powers.items():
            powers[index] = powers.get(index, 0) + exponent
    if not coefficient:
        return ZERO
    return Product(whole(coefficient), {index: whole(exponent) for index, exponent in powers.items() if exponent})


def raise_to(product: Product, exponent: int) -> Product:
    """A whole power of a product.

    Raises TooManyTerms for what is divided by 0.
    """
    if not product.coefficient and exponent < 0:
        raise TooManyTerms
    number = whole(Fraction(product.coefficient) ** exponent)
    return Product(number, {index: whole(power * exponent) for index, power in product.powers.items()})


def exactly(number: Any, decimals: Sequence[Fraction] = ()) -> Rational:
    """A number of SymPy's, exactly; what was divided by one of some decimals as the quotient that it is.

    Raises TooManyTerms for one far beyond doubles.
    """
    if number.is_Rational:
        return int(number.p) if number.q == 1 else Fraction(int(number.p), int(number.q))
    sign, significand, exponent, bits = number._mpf_
    if abs(exponent + bits) > MAX_EXPONENT_BITS:
        raise TooManyTerms
    found = whole(Fraction(int(significand)) * Fraction(2) ** int(exponent) * (-1 if sign else 1))
    if bits > PRODUCT_BITS:
        for decimal in decimals:
            times = _binary(found * decimal)
            if abs(times - found * decimal) <= abs(times) * ROUNDED:
                return whole(times / decimal)
    return found


def _binary(value: Fraction) -> Fraction:
    """The nearest number with as few bits as a product of two doubles has."""
    scale = Fraction(2) ** (PRODUCT_BITS - abs(value.numerator).bit_length() + value.denominator.bit_length())
    return round(value * scale) / scale


def is_short(value: Rational, exponent: int | Fraction) -> bool:
    """Whether a power of a number has so few bits that it is written out."""
    number = Fraction(value)
    bits = max(abs(number.numerator).bit_length(), number.denominator.bit_length()) - 1
    return abs(Fraction(exponent)) * bits <= MAX_BITS_OF_POWER
