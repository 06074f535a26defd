"""Whether two lines of a derivation have the same value: at all places, and to how many digits."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, NamedTuple, TypeVar

from gradcli.backends.arb.context import BALLS
from gradcli.backends.arb.evaluate import is_ball
from gradcli.language.numbers import Dtype
from gradcli.reference.digits import is_same
from gradcli.steps.data import LineCheck

DIGITS = 30  # to which they have to agree
ROUNDED_DIGITS = 3  # of a dtype's digits that decimals in a formula may lack
SMALL_DIGITS = 55  # of the largest number on the way: values that cancel agree where their difference is proven less

Place = TypeVar("Place")


def rounded_digits(dtype: Dtype) -> int:
    """To how many digits lines agree where decimals in one of them are rounded."""
    return max(1, math.floor(dtype.digits) - ROUNDED_DIGITS)


def is_near(first: Fraction, second: Fraction, dtype: Dtype) -> bool:
    """Whether these are one number, but for the rounding of decimals to the dtype."""
    return bool(abs(first - second) <= abs(second) / 10 ** rounded_digits(dtype))


class Comparison(NamedTuple):
    """At how many places two sides have the same value, and the first one where they differ."""

    points: int
    differs: Any = None

    def said(self, nowhere: str, digits: int = DIGITS, note: str | None = None) -> LineCheck:
        """The check of a line that holds: to so many digits, or nowhere."""
        return LineCheck(self.points, digits, note=note) if self.points else LineCheck(0, 0, note=nowhere)


def compare(places: Iterable[Place], same: Callable[[Place], bool | None]) -> Comparison:
    """Hold two sides against each other at all places; None says of one that nothing is proven there."""
    points = 0
    for place in places:
        found = same(place)
        if found is False:
            return Comparison(points, place)
        points += bool(found)
    return Comparison(points)


def compare_decimals(
    compared: Callable[[int], Comparison], is_rounded: bool, dtype: Dtype
) -> tuple[Comparison, int, str | None]:
    """Hold sides against each other to many digits, or as decimals that are rounded have them: 1/0.2 is no 5.

    The digits, and a note where they are fewer, stand beside.
    """
    found = compared(DIGITS)
    if found.differs is None or not is_rounded:
        return found, DIGITS, None
    digits = rounded_digits(dtype)
    return compared(digits), digits, "its decimals are rounded"


def same_number(a: Any, b: Any, digits: int, size: Any, last: bool = True) -> bool | None:
    """Whether two balls are one number, to so many digits, or truth values one; None where neither is proven.

    Numbers that nearly cancel are, where their difference is proven to be nothing beside the largest one on the way;
    that is said at the `last` precision only.
    """
    if not is_ball(a) or not is_ball(b):
        return bool(a == b)
    found = is_same(a, b, digits)
    if found:
        return True
    gap, small = abs(a - b), size.abs_upper() * BALLS.arb(10) ** -SMALL_DIGITS
    if found is False and gap.abs_lower() > small:
        return False
    return True if last and gap.abs_upper() <= small else None
