"""Where a callable is judged: the point that was given, and points around it, near and far, the same for a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator

import torch

from gradcli.engines.opaque.callables import Inputs

POINTS = 24
POINTS_OF_TENSORS = 8
FEW_ENTRIES = 4  # as many numbers are still no tensor
NEAR = (1e-3, 0.1)  # relative
FACTORS = (0.5, 2.0, -1.0, 0.1, 10.0, -0.5, 0.01, 100.0, -3.0, 1e-3, 30.0, -20.0)
SCALARS = (0.5, 1.0, -0.5, 2.0, -2.0, 0.1, 3.0, -0.1, 10.0, -7.0, 0.9, 1.5)


def around(base: Inputs, seed: int) -> Iterator[Inputs]:
    """The point itself, and others; numbers that are short to read first."""
    yield base
    chance = random.Random(seed)  # noqa: S311
    flat = base.flat()
    count = POINTS if base.size <= FEW_ENTRIES else POINTS_OF_TENSORS
    for place in range(count - 1):
        moved = []
        for number in flat.tolist():
            if place < len(NEAR):
                moved.append(number * (1 + chance.uniform(-1, 1) * NEAR[place]) or chance.uniform(-1, 1) * NEAR[place])
            else:
                factor = FACTORS[(place - len(NEAR)) % len(FACTORS)]
                spread = chance.uniform(0.5, 1.5)
                moved.append((number or chance.choice((-1.0, 1.0))) * factor * spread)
        yield base.moved(torch.tensor([_short(one) for one in moved], dtype=torch.float64))


def scalars(base: Inputs, seed: int) -> Iterator[Inputs]:
    """Where no point was given: numbers of ordinary size."""
    chance = random.Random(seed)  # noqa: S311
    for first in SCALARS:
        numbers = [_short(first * chance.uniform(0.7, 1.3)) for _ in range(base.size)]
        yield base.moved(torch.tensor(numbers, dtype=torch.float64))


def _short(number: float) -> float:
    """A number of few digits nearby."""
    return float(f"{number:.4g}")
