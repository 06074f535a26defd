"""Balls in decimals: a digit is said only where the enclosure proves it."""

from __future__ import annotations

from typing import Any

from gradcli.backends.arb.evaluate import UNKNOWN, Enclosed, is_ball
from gradcli.backends.arb.flint import arb
from gradcli.backends.mp.arithmetic import decimals as in_decimals
from gradcli.reference.classify import Infinite

BITS_PER_DIGIT = 3.33
LEAST = 17  # digits of a value that is told: as many as a double has
ROUGH = 6  # digits of a bound
NOTHING = -1_200  # bits: what is surely smaller than 2 to this is 0 in every dtype, the smallest double being 2**-1074
LARGEST_EXPONENT = 10**17  # bits: beyond, the exponent of a number alone would be a long number


def has_digits(value: Enclosed, digits: int) -> bool:
    """Whether a value has so many digits, or surely none."""
    if value is UNKNOWN:
        return False
    if not is_ball(value) or value.is_exact():
        return True
    return bool(value.rel_accuracy_bits() >= (digits + 2) * BITS_PER_DIGIT)


def text(value: Enclosed, digits: int) -> str | None:
    """A ball in decimals, with so many digits as far as they are proven; None where fewer than a double has are."""
    if not is_ball(value):
        return None
    if value.is_zero() or (value.contains(0) and value.abs_upper() < arb(2) ** NOTHING):
        return "0"
    if value.contains(0) or not has_digits(value, LEAST):
        return None
    proven = digits if value.is_exact() else int(value.rel_accuracy_bits() / BITS_PER_DIGIT) - 1
    return decimals(value.mid(), min(digits, proven))


def side(value: Any, digits: int) -> str | None:
    """A one-sided value in decimals: a ball, an mpf, or infinite."""
    if isinstance(value, Infinite):
        return "inf" if value.sign > 0 else "-inf"
    return text(value, digits) if is_ball(value) or value is None else decimals(value, digits)


def upper(size: Any) -> str:
    """The upper bound of a ball's absolute value, roughly."""
    return decimals(size.abs_upper(), ROUGH) or "inf"


def decimals(value: Any, digits: int) -> str | None:
    """A number in decimals, with so many digits; None where its exponent alone has too many."""
    _, _, exponent, bits = value._mpf_
    return None if abs(exponent + bits) > LARGEST_EXPONENT else in_decimals(value, digits, strip_zeros=False)
