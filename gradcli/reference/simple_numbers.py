"""Simple numbers: near a number, and between two."""

from __future__ import annotations

import math
from fractions import Fraction

CLOSE = Fraction(1, 10**9)  # a crossing that is this close to a simple fraction may be one
LARGEST_DENOMINATOR = 1_000
SMALLEST = Fraction(1, 10**300)  # of what a double's logarithm is taken


def simple_fraction(number: Fraction) -> Fraction | None:
    """The simple fraction that a number is, up to the error of a search; None where it is none."""
    near = number.limit_denominator(LARGEST_DENOMINATOR)
    return near if abs(near - number) <= CLOSE * max(Fraction(1), abs(number)) else None


def simplest_between(low: Fraction, high: Fraction) -> Fraction:
    """The fraction with the smallest denominator strictly between two numbers (Stern-Brocot)."""
    whole = math.floor(low)
    if whole + 1 < high:
        return Fraction(whole + 1 if whole + 1 > 0 else min(0, math.ceil(high) - 1))
    low, high = low - whole, high - whole  # 0 <= low < high <= 1
    if not low:
        return whole + Fraction(1, math.floor(1 / high) + 1)
    return whole + 1 / simplest_between(1 / high, 1 / low)


def short(low: Fraction, high: Fraction) -> Fraction:
    """A number with few decimals in the middle half between two: what is read in a counterexample is short."""
    middle, quarter = (low + high) / 2, abs(high - low) / 4
    places = 1 - math.ceil(math.log10(quarter)) if quarter > SMALLEST else 0
    short = Fraction(round(middle * Fraction(10) ** places)) / Fraction(10) ** places
    return short if abs(short - middle) <= quarter else middle
