"""Points and numbers as texts that say them exactly, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Union

from gradcli.backends.mp.arithmetic import decimals
from gradcli.functions.shapes import Shape
from gradcli.language.numbers import exactly
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
    return decimals(value.mid(), max(1, min(SHOWN_DIGITS, known)))


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
