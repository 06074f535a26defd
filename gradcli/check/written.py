"""Points and numbers as texts that say them exactly, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Union

import mpmath

from gradcli.functions.shapes import Shape
from gradcli.tape.arrays import every, nested
from gradcli.tape.scalarize import entry_name

SHOWN_DIGITS = 40
BITS_PER_DIGIT = 3.33
LARGEST_EXPONENT = 10**17  # bits

Nested = Union[str, Sequence[Any]]


def is_writable(value: Any) -> bool:
    """Whether the exponent of a ball is no long number itself."""
    return bool(abs(value.mid()._mpf_[2]) < LARGEST_EXPONENT)


def ball_in_decimals(value: Any) -> str:
    """The middle of a ball in decimals, with no more digits than are known of it."""
    known = SHOWN_DIGITS if value.is_exact() else int(value.rel_accuracy_bits() / BITS_PER_DIGIT)
    return str(mpmath.libmp.to_str(value.mid()._mpf_, max(1, min(SHOWN_DIGITS, known)), strip_zeros=True))


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
    if not places:
        return _scientific(sign, digits)
    if len(digits) <= places:
        zeros = places - len(digits)
        if zeros > 4:
            tail = f".{digits[1:]}" if len(digits) > 1 else ""
            return f"{sign}{digits[0]}{tail}e-{zeros + 1}"
        digits = "0" * (zeros + 1) + digits
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def _scientific(sign: str, digits: str) -> str:
    """A whole number; with many zeros at its end as a power of ten."""
    short = digits.rstrip("0")
    if len(digits) - len(short) < 6 or not short:
        return sign + digits
    tail = f".{short[1:]}" if len(short) > 1 else ""
    return f"{sign}{short[0]}{tail}e{len(digits) - 1}"


def written(place: Mapping[str, Fraction], shapes: Mapping[str, Shape]) -> dict[str, Nested]:
    """A point as texts, the entries of tensors nested again."""
    found: dict[str, Nested] = {}
    for name, value in place.items():
        base = name.partition("[")[0]
        if base in found:
            continue
        shape = shapes.get(base, ())
        if not shape:
            found[base] = exactly(value)
        else:
            found[base] = nested(shape, [exactly(place[entry_name(base, index)]) for index in every(shape)])
    return found


def read(point: Mapping[str, Nested]) -> dict[str, Fraction]:
    """The numbers of a point that was written down, the entries of tensors by their names.

    Raises ValueError where one is none.
    """
    found: dict[str, Fraction] = {}
    for name, value in point.items():
        _read(name, (), value, found)
    return found


def _read(name: str, index: tuple[int, ...], value: Nested, found: dict[str, Fraction]) -> None:
    if isinstance(value, str):
        found[entry_name(name, index)] = Fraction(value)
        return
    for place, inner in enumerate(value):
        _read(name, (*index, place), inner, found)
