"""Candidates for the points at which programs are compared: simple numbers, ranges of all sizes, around a given point.

Whether a program has a value there is for others to find out (`sample`). All are the same in every run.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache

# Numbers that are easy to compute with: a counterexample among these is readable.
SIMPLE = tuple(map(Fraction, ("1", "2", "1/2", "3", "-1", "3/2", "0", "-2", "1/4", "5", "-1/2", "1/10", "-3", "4")))
RANGES = tuple(
    (Fraction(low), Fraction(high))
    for low, high in (
        ("1/5", "9/5"), ("-2", "2"), ("1/20", "19/20"), ("1", "4"), ("-1", "1"), ("-3", "-1/5"), ("2", "9"),
        ("-9", "9"), ("6", "60"),
    )
)  # fmt: skip
AROUND_ZERO = (Fraction(-1, 10), Fraction(1, 10))
WITH_ZERO = (*RANGES[:7], AROUND_ZERO, *RANGES[7:])
CANDIDATES = 60
NEAR = 16  # of them are near a given point, if there is one
SPREAD = Fraction(1, 16)  # how far, relative to the value

CLOSE = (1e-3, 0.1)  # relative distances of doubles from a given point,
FACTORS = (0.5, 2.0, -1.0, 0.1, 10.0, -0.5, 0.01, 100.0, -3.0, 1e-3, 30.0, -20.0)  # then factors, roughly
SCALARS = (0.5, 1.0, -0.5, 2.0, -2.0, 0.1, 3.0, -0.1, 10.0, -7.0, 0.9, 1.5)
GOLDEN = 0.6180339887498949

# What becomes of a value v with a weight w of its own between 0 and 1: first close to the point, then elsewhere.
MOVES: tuple[Callable[[float, float], float], ...] = (
    lambda v, w: v + (abs(v) or 1) * (0.001 + 0.002 * w),
    lambda v, w: v - (abs(v) or 1) * (0.001 + 0.002 * w),
    lambda v, w: v * (0.6 + 0.7 * w) + 0.13 * w,
    lambda v, w: 0.3 + 0.6 * w,
    lambda v, w: 1.2 + 2 * w,
    lambda v, w: -0.2 - 0.7 * w,
    lambda v, w: 4 * w - 2,
)
CLOSE_MOVES = 2  # of these are close
LINES = (
    (Fraction(7, 13), Fraction(31, 17)),
    (Fraction(-23, 19), Fraction(5, 29)),
)  # a start, and a step from name to name


def near_and_far(
    names: Sequence[str], at: Mapping[str, Fraction] | None, moving: Sequence[str]
) -> Iterator[dict[str, Fraction]]:
    """Points near a given one, then anywhere; each name goes its own way.

    Of the near ones every other moves only what is `moving`: a parameter may have to be a whole number.
    """
    near = {} if at is None else at
    for count in range(NEAR if near else 0):
        chosen = moving if count % 2 else names
        scale = SPREAD / 4 ** (count // 4)
        yield {
            name: value + ((_part(count, i) - Fraction(1, 2)) * (abs(value) or 1) * scale if name in chosen else 0)
            for i, (name, value) in enumerate(near.items())
        }
    for position in range(len(names)):
        _prime(position)  # each from the one before it
    for count in range(CANDIDATES):
        low, high = WITH_ZERO[count % len(WITH_ZERO)]
        yield {name: low + (high - low) * _part(count, i) for i, name in enumerate(names)}


def _part(count: int, position: int) -> Fraction:
    """A number between 0 and 1 that looks random: steps of the square roots of primes, cut to thousandths."""
    return Fraction(int(1009 * ((count + 1) * math.sqrt(_prime(position)) % 1)), 1009) + Fraction(1, 3011)


@cache
def _prime(position: int) -> int:
    candidate = 2 if position == 0 else _prime(position - 1) + 1
    while any(candidate % divisor == 0 for divisor in range(2, math.isqrt(candidate) + 1)):
        candidate += 1
    return candidate


def around(numbers: Sequence[float], seed: int, count: int) -> Iterator[list[float]]:
    """Doubles near the given ones, then farther and farther away; short to read."""
    chance = random.Random(seed)  # noqa: S311
    for place in range(count):
        moved = []
        for number in numbers:
            if place < len(CLOSE):
                size = CLOSE[place]
                moved.append(number * (1 + chance.uniform(-1, 1) * size) or chance.uniform(-1, 1) * size)
            else:
                factor = FACTORS[(place - len(CLOSE)) % len(FACTORS)]
                spread = chance.uniform(0.5, 1.5)
                moved.append((number or chance.choice((-1.0, 1.0))) * factor * spread)
        yield [_short(one) for one in moved]


def ordinary(count: int, seed: int) -> Iterator[list[float]]:
    """So many doubles of ordinary size, where no point was given."""
    chance = random.Random(seed)  # noqa: S311
    for first in SCALARS:
        yield [_short(first * chance.uniform(0.7, 1.3)) for _ in range(count)]


def _short(number: float) -> float:
    """A number of few digits nearby."""
    return float(f"{number:.4g}")


def moves() -> Iterator[tuple[Callable[[float, float], float], Iterator[float]]]:
    """What becomes of each number of a point, given a weight of its own; and these weights, without end."""
    for number, move in enumerate(MOVES):
        yield move, (math.modf((count + 7 * number) * GOLDEN)[0] for count in itertools.count(1))


def in_line(names: Sequence[str]) -> Iterator[dict[str, Fraction]]:
    """Points where formulas are compared that have none of their own."""
    for start, step in LINES:
        yield {name: start + position * step for position, name in enumerate(names)}
