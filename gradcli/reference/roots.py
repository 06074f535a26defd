"""Where a number changes its sign, or is smallest, between two points; at any precision. Or where labels change."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeVar

MAX_STEPS = 2_000  # of one search
HALVING = 4  # every so many steps the interval is halved, whatever the secant says
SETTLED = 2**-10  # of the wanted width: secants that move by less have arrived
DELTA = 1e-10  # likewise: how far to both sides a slope is taken

Label = TypeVar("Label")
Place = TypeVar("Place", float, Fraction)
Function = Callable[[Any], Any]  # None where there is no number


def narrowed(value: Function, a: Any, b: Any, at_a: Any, at_b: Any, tiny: Any) -> Any:
    """The place where a function changes its sign, to within `tiny`; None where it has no number on the way.

    It need not be continuous. Secants with the Illinois rule, and now and then a bisection.
    """
    last, side, rising = None, 0, at_b > 0
    for step in range(MAX_STEPS):
        middle = (a + b) / 2
        if step % HALVING != HALVING - 1:
            secant = b - at_b * (b - a) / (at_b - at_a)
            middle = secant if a < secant < b else middle
        if b - a <= tiny or (last is not None and abs(middle - last) <= tiny * SETTLED):
            return middle
        last, here = middle, value(middle)
        if here is None:
            return None
        if here == 0:
            return middle
        if (here > 0) == rising:
            b, at_b, at_a, side = middle, here, at_a / 2 if side < 0 else at_a, -1
        else:
            a, at_a, at_b, side = middle, here, at_b / 2 if side > 0 else at_b, 1
    return None


def lowest(height: Function, a: Any, b: Any, tiny: Any) -> Any:
    """The place between two points where a function is lowest, to within `tiny`: where its slope changes its sign."""
    delta = tiny * DELTA

    def slope(x: Any) -> Any:
        right, left = height(x + delta), height(x - delta)
        return None if right is None or left is None else right - left

    at_a, at_b = slope(a), slope(b)
    if at_a is None or at_b is None or not at_a < 0 < at_b:
        return (a + b) / 2
    place = narrowed(slope, a, b, at_a, at_b, tiny)
    return (a + b) / 2 if place is None else place


def change(
    label: Callable[[Place], Label], first: tuple[Place, Label], last: tuple[Place, Label], halvings: int
) -> tuple[tuple[Place, Label], tuple[Place, Label]]:
    """Two points close together between which a label changes from that of the first point, with their labels.

    This finds a nonsmooth point where nothing is enclosed: of whatever can be evaluated at a point.
    """
    for _ in range(halvings):
        middle = (first[0] + last[0]) / 2
        here = label(middle)
        if here == first[1]:
            first = middle, here
        else:
            last = middle, here
    return first, last
