"""Random numbers that are the same in every run."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator

import numpy as np
import torch


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """The same random numbers in every run, without touching those of the host program."""
    ours, theirs, torchs = random.getstate(), np.random.get_state(), torch.default_generator.get_state()
    torch.default_generator.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed % 2**32)
    try:
        yield
    finally:
        random.setstate(ours)
        np.random.set_state(theirs)
        torch.default_generator.set_state(torchs)
