"""Torch's tensors as plain data, within a budget of entries."""

from __future__ import annotations

import math

import torch

from gradcli.graph.data import Tensor

MAX_ENTRIES = 10_000  # of one tensor
MAX_ALL_ENTRIES = 1_000_000  # of all tensors of a graph; what comes later has only its bounds


class Carrier:
    """Turns tensors into plain data."""

    def __init__(self) -> None:
        self.left = MAX_ALL_ENTRIES

    def tensor(self, value: torch.Tensor) -> Tensor:
        """The entries of a tensor, or only what is said of them where they are too many."""
        if not value.dim():
            number = value.item()
            bound = float(number) if math.isfinite(number) else None
            return Tensor((), number, bound, bound, int(bound is None))
        value = value.detach().cpu()
        shape = tuple(value.shape)
        value = value if value.dtype == torch.bool else value.double()
        fits = value.numel() <= min(MAX_ENTRIES, self.left)
        self.left -= value.numel() if fits else 0
        finite_entries = value[torch.isfinite(value)].double()
        least = finite_entries.min().item() if finite_entries.numel() else None
        greatest = finite_entries.max().item() if finite_entries.numel() else None
        return Tensor(shape, value.tolist() if fits else None, least, greatest, value.numel() - finite_entries.numel())
