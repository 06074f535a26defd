"""Wrong numbers alone, in float64, of which no program is known: what explains all of them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import mpmath

from gradcli.check.data import LikelyMistake
from gradcli.check.mistakes.factors import DECIMALS, SMALL, off
from gradcli.check.mistakes.sentences import said
from gradcli.functions.shapes import Shape

Entries = Mapping[tuple[int, ...], tuple[Any, Any]]  # what is claimed and what is right, by index; None: not known
EXACT = 1e-7  # relative: nearer to a decimal is no chance
MATRIX = 2  # dimensions


class FloatPair(NamedTuple):
    """A claimed number, and the right one."""

    claimed: float
    true: float


class FloatNumbers:
    """Claimed numbers, the same where they are relatively as `close`."""

    m = mpmath.fp
    counts: Collection[int] = ()
    largest_beside_constant = 12

    def __init__(self, pairs: Iterable[tuple[Any, Any]], close: float, has_tensors: bool = True) -> None:
        numbers = [FloatPair(float(claimed), float(true)) for claimed, true in pairs if true is not None]
        self.pairs = [pair for pair in numbers if pair.true]
        self.close, self.has_tensors = close, has_tensors

    def agree(self, one: Any, other: Any) -> bool:
        """Whether two numbers are one, as far as they are known."""
        return bool(abs(one - other) <= self.close * max(abs(one), abs(other)))

    def rational(self, value: Any) -> Fraction | None:
        """A number as a short fraction, if it is one: longer ones are near to any number of so few digits."""
        if not math.isfinite(value):
            return None
        near = Fraction(value).limit_denominator(SMALL)
        if self.agree(value, float(near)):
            return near
        decimal = Fraction(f"{float(value):.{DECIMALS}f}")
        return decimal if abs(float(decimal) - value) <= EXACT * abs(value) else None


def of_numbers(points: Sequence[Entries], shape: Shape, close: float) -> LikelyMistake | None:
    """What explains the numbers at all points at which some are wrong; the last dimensions are of the `shape`."""
    found = transposed(points, shape, close)
    if found is None:
        pairs = [pair for entries in points for pair in entries.values()]
        other = next(iter(off(FloatNumbers(pairs, close, bool(shape)))), None) if len(pairs) > 1 else None
        found = None if other is None else LikelyMistake(other.code, other.text)
    return found


def transposed(points: Sequence[Entries], shape: Shape, close: float) -> LikelyMistake | None:
    """The transpose of the derivative by a square matrix."""
    if len(shape) != MATRIX or shape[0] != shape[1]:
        return None
    agree = FloatNumbers((), close).agree
    for entries in points:
        for index, (claimed, _) in entries.items():
            other = entries.get((*index[:-2], index[-1], index[-2]))
            if other is not None and other[1] is not None and not agree(claimed, other[1]):
                return None
    return LikelyMistake("transposed", said("transposed"))
