"""The decimals that a program has: which numbers of a formula a reader knows, and what divides several of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from gradcli.backends.symbolic.short.sparse import Rational

MAX_DECIMALS = 40  # that are looked at
MAX_PLACES = 8  # of a fraction that is written as decimals
MAX_MULTIPLE = 12  # of one over a typed number
CLOSE = 1e-14  # of doubles
FEW_DIGITS = 6  # of a number that reads as if it were typed
DIGITS = 14  # of a double that was computed


class KnownNumbers:
    """The numbers that were typed, decimals and whole ones."""

    def __init__(self, decimals: Iterable[Fraction] = (), integers: Iterable[Fraction] = ()) -> None:
        self.decimal_set = frozenset(decimals)
        self.exact = sorted(self.decimal_set)[:MAX_DECIMALS]
        self.integers = frozenset(map(int, integers))

    @cached_property
    def decimals(self) -> Sequence[float]:
        """As doubles."""
        return [abs(float(one)) for one in self.exact]

    def is_decimal(self, value: Fraction) -> bool:
        """Whether a fraction is written in decimals: where the program has some, but for 1/8 of its own."""
        is_own = value.numerator == 1 and value.denominator in self.integers and value not in self.decimal_set
        return bool(self.decimal_set) and not is_own and 10**MAX_PLACES % value.denominator == 0

    def is_strange(self, number: Any) -> bool:
        """Whether a number is neither typed nor a few times one over a typed one, where decimals were."""
        if not self.exact or number.is_Integer or not (number.is_Rational or number.is_Float):
            return False
        if number.is_Rational and int(number.q) in self.integers:
            return False
        size = abs(float(number))
        return size not in self.decimals and not any(_is_multiple(size * one) for one in self.decimals)

    def divisor(self, values: Sequence[Rational]) -> Rational:
        """One over a typed number, where all of several long numbers are short times that; else 1."""
        sizes = [abs(float(value)) for value in values]
        if len(sizes) > 1 and all(map(_is_long, sizes)):
            for one, size in zip(self.exact, self.decimals):
                if not any(_is_long(value * size) for value in sizes):
                    return 1 / one
        return 1


def _is_multiple(value: float) -> bool:
    is_few = value <= MAX_MULTIPLE + 1  # an infinite one has no nearest whole number
    return is_few and 0 < round(value) <= MAX_MULTIPLE and abs(value - round(value)) <= CLOSE * value


def _is_long(size: float) -> bool:
    return len(f"{size:.{DIGITS}g}".partition("e")[0].replace(".", "").strip("0")) > FEW_DIGITS


NOTHING_KNOWN = KnownNumbers()
