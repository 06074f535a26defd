"""Where a callable is judged: the point that was given, and points around it, near and far, the same for a seed."""

from __future__ import annotations

from collections.abc import Iterator

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
