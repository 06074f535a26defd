"""Candidates for the points at which programs are compared: simple numbers, ranges of all sizes, around a given point.

Whether a program has a value there is for others to find out (`sample`). All are the same in every run.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial

# Numbers that are easy to compute with: a counterexample among these is readable.
SIMPLE = tuple(map(Fraction, ("1", "2", "1/2", "3", "-1", "3/2", "0", "-2", "1/4", "5", "-1/2", "1/10", "-3", "4")))
Range = tuple[Fraction, Fraction]
RANGES: tuple[Range, ...] = tuple(
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
SEED = 12  # of what is the same in every run, whatever seed the user says
PARTS = 1009  # of a range that a number is chosen from: a prime, so that no simple number is among them


def in_ranges(counts: Mapping[str, int]) -> Iterator[dict[str, list[Fraction]]]:
    """So many numbers for each name, without end: all out of one range, then all out of the next one."""
    chance = random.Random(SEED)  # noqa: S311
    for low, high in itertools.cycle(WITH_ZERO):
        yield {name: [low + (high - low) * _part(chance) for _ in range(count)] for name, count in counts.items()}


def anywhere(names: Iterable[str]) -> Iterator[dict[str, Fraction]]:
    """Points in ranges of all sizes and signs, one after the other, without end."""
    return ({name: value for name, (value,) in point.items()} for point in in_ranges(dict.fromkeys(names, 1)))


def near_and_far(
    names: Sequence[str], at: Mapping[str, Fraction] | None, moving: Sequence[str]
) -> Iterator[dict[str, Fraction]]:
    """Points near a given one, then anywhere; each name goes its own way.

    Of the near ones every other moves only what is `moving`: a parameter may have to be a whole number.
    """
    chance = random.Random(SEED)  # noqa: S311
    for count in range(NEAR if at else 0):
        chosen = moving if count % 2 else names
        scale = SPREAD / 4 ** (count // 4)
        yield {
            name: value + ((_part(chance) - Fraction(1, 2)) * (abs(value) or 1) * scale if name in chosen else 0)
            for name, value in (at or {}).items()
        }
    yield from itertools.islice(anywhere(names), CANDIDATES)


def _part(chance: random.Random) -> Fraction:
    """A number between 0 and 1."""
    return Fraction(chance.randrange(1, PARTS), PARTS)


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


def _finite(move: Callable[[float, float], float], value: float, weight: float) -> float:
    """A number moved, or where it was: beyond the largest double there is nothing."""
    moved = move(value, weight)
    return moved if math.isfinite(moved) else value


def moves() -> Iterator[tuple[Callable[[float, float], float], Iterator[float]]]:
    """What becomes of each number of a point, given a weight of its own; and these weights, without end."""
    for number, move in enumerate(MOVES):
        yield partial(_finite, move), iter(random.Random(SEED + number).random, None)  # noqa: S311
