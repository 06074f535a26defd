"""Where a callable is judged: the point that was given, and points around it, near and far, the same for a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import torch

from gradcli.check.callables.callables import Inputs
from gradcli.tape import candidates

POINTS = 24
POINTS_OF_TENSORS = 8
FEW_ENTRIES = 4  # as many numbers are still no tensor


def around(base: Inputs, seed: int) -> Iterator[Inputs]:
    """The point itself, and others; numbers that are short to read first."""
    yield base
    count = POINTS if base.size <= FEW_ENTRIES else POINTS_OF_TENSORS
    for numbers in candidates.around(base.flat().tolist(), seed, count - 1):
        yield base.moved(torch.tensor(numbers, dtype=torch.float64))


def scalars(base: Inputs, seed: int) -> Iterator[Inputs]:
    """Where no point was given: numbers of ordinary size."""
    for numbers in candidates.ordinary(base.size, seed):
        yield base.moved(torch.tensor(numbers, dtype=torch.float64))


def in_turns(inputs: Inputs, positions: Sequence[int]) -> list[int]:
    """Places ordered so that the first entries of all inputs come before the second ones."""
    mine: dict[str, int] = {}
    turns: list[tuple[int, int]] = []
    for position in positions:
        name, _ = inputs.place(position)
        mine[name] = mine.get(name, -1) + 1
        turns.append((mine[name], position))
    return [position for _, position in sorted(turns)]


def chosen(count: int, most: int, chance: random.Random) -> list[int]:
    """All places, or some of them at random."""
    return list(range(count)) if count <= most else sorted(chance.sample(range(count), most))
