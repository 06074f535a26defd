"""The smallest and roundest point at which a claim is wrong, from one that was found: number by number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from gradcli.language.numbers import exactly
from gradcli.reference.pieces import Point

ROUND = tuple(Fraction(one) for one in ("1", "2", "0", "3", "4", "5", "-1", "-2", "10", "0.5", "0.1"))
HIDES = 2.5  # a zero among several numbers is as hard to follow as this: what it multiplies is not seen
MOST_NUMBERS = 12  # of a point that is made simpler
LAPS = 3  # through all numbers of a point
MOST_LOOKS = 60  # at points, for one claim

Example = TypeVar("Example")


def weight(point: Point) -> tuple[int, float]:
    """How hard a point is to follow: by the length of its numbers, then by their size."""
    texts = [exactly(value) for value in point.values()]
    sizes = (float(abs(Decimal(value.numerator) / Decimal(value.denominator))) for value in point.values())
    return sum(map(len, texts)), sum(size or HIDES if len(point) > 1 else size for size in sizes)


def simplest(
    point: Point, example: Example, names: Sequence[str], wrong_at: Callable[[Point], Example | None]
) -> tuple[Point, Example]:
    """A point that is no harder to follow, and a claim's counterexample there; `names` are those that may change.

    `wrong_at` gives the counterexample at a point, None where the claim is not wrong.
    """
    if len(names) > MOST_NUMBERS:
        return point, example
    found, looks = dict(point), 0
    for _ in range(LAPS):
        before = dict(found)
        for name in names:
            for number in ROUND:
                other = {**found, name: number}
                if looks >= MOST_LOOKS or number == found[name] or weight(other) >= weight(found):
                    continue
                looks += 1
                there = wrong_at(other)
                if there is not None:
                    found, example = other, there
        if found == before:
            break
    return found, example
