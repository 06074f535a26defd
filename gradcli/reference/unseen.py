"""Points on pieces of formulas on which no sampled point is: far out, and at the numbers that formulas compare with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import islice, pairwise

from gradcli.reference.pieces import Pieces, Point
from gradcli.reference.simple_numbers import short

FAR = tuple(Fraction(10) ** one for one in (3, 5, 7, 9, 12, 16, 30, 100))  # where pieces may be that begin far out
MOST_THRESHOLDS = 12  # numbers that formulas compare with, from each of which
ASIDE = (Fraction(1), Fraction(51, 50), Fraction(49, 50))  # it is looked on, beyond and before it,
MOST_KEPT = 8  # points


def unseen(
    pieces: Pieces, found: Sequence[Point], moving: Sequence[str], inside: Callable[[Point], Point],
    keep: Callable[[Point], bool], looks: int,
) -> list[Point]:  # fmt: skip
    """Keep the points, of so many that are looked at, on which one formula is as it was nowhere.

    Returns others, on which formulas are together as they were not.
    """
    together = {pieces.labels(point) for point in found}
    seen = {one for labels in together for one in enumerate(labels)}
    bases, others = list(found[:2]), list[Point]()
    left = MOST_KEPT
    for point in islice(map(inside, _far(pieces, bases, moving)), looks):
        labels = pieces.labels(point)
        if labels in together:
            continue
        together.add(labels)
        if {one for one in enumerate(labels) if one[1]} <= seen:
            others.append(point)
        elif left and keep(point):
            left -= 1
            seen |= set(enumerate(labels))
            bases.append(point)
    return others


def _far(pieces: Pieces, bases: Sequence[Point], moving: Sequence[str]) -> Iterator[Point]:
    """Points at, around and between the numbers that formulas compare with, and far out.

    All variables are moved there, then each alone, from each base, of which there may become more.
    """
    numbers = sorted(pieces.thresholds())[-MOST_THRESHOLDS:]
    between = [short(*pair) for pair in pairwise(numbers)]
    sizes = [*between, *(one * by for by in ASIDE for one in numbers), *FAR]
    moves = [sign * size for size in dict.fromkeys(sizes) for sign in (1, -1)]
    if len(moving) > 1:
        yield from ({**bases[0], **dict.fromkeys(moving, move)} for move in moves)
    for base in bases:
        yield from ({**base, name: move} for name in moving for move in moves)
