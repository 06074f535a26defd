"""Columns of data as tensors, and batches of their rows, in an order that a seed gives."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from gradcli.backends.torch.descent import TorchLoss
from gradcli.errors import GradcliError, LimitError
from gradcli.map.blocks import STAGE, WantedColumns
from gradcli.map.sources import sources_of
from gradcli.tape.arrays import Array

MAX_ROWS = 1_000_000


def columns_of(path: str, variables: Sequence[str]) -> tuple[dict[str, Array], int]:
    """The columns of a file that are variables, as tensors, and how many rows without a value are left out.

    Raises GradcliError where there is no such file, or no such column; LimitError where it is too long.
    """
    (source,) = sources_of([path], None)[:1]
    source.check_library()
    blocks = list(source.blocks(WantedColumns(variables)))
    rows = sum(block.rows for block in blocks)
    if rows > MAX_ROWS:
        raise LimitError(STAGE, f"{path} has {rows:,} rows, and {MAX_ROWS:,} is the limit")
    missing = [np.zeros(block.rows, bool) if block.missing is None else block.missing for block in blocks]
    gone = np.concatenate(missing) if missing else np.zeros(0, bool)
    if gone.all():
        raise GradcliError(STAGE, f"{path} has no row with a value in each column", expected="at least one")
    found = {}
    for name in variables:
        whole = np.concatenate([np.asarray(block.columns[name], np.float64) for block in blocks])[~gone]
        found[name] = Array(whole.shape, array("d", whole.tobytes()))
    return found, int(gone.sum())


def names_in(path: str) -> list[str] | None:
    """The columns that a file has; None of standard input, which is read once.

    Raises GradcliError where there is no such file, or several.
    """
    found = sources_of([path], None)
    if len(found) > 1:
        raise GradcliError(STAGE, f"{path} is {len(found)} files", expected="one, or - for standard input")
    found[0].check_library()
    return None if path == "-" else found[0].names()


class RowBatches:
    """The loss on some rows at a time: every row once in a random order, then again.

    make  the loss for columns of so many rows
    """

    def __init__(
        self, columns: Mapping[str, Array], size: int, seed: int, like: torch.Tensor, make: Callable[[int], TorchLoss]
    ) -> None:
        self.size, self.make = size, make
        self.whole: dict[str, Any] = {
            name: torch.tensor(one.data, dtype=like.dtype, device=like.device) for name, one in columns.items()
        }
        self.rows = len(next(iter(columns.values())))
        self.generator = torch.Generator().manual_seed(seed)
        self._made: dict[int, TorchLoss] = {}
        self._order = self._batches()

    def next(self) -> TorchLoss:
        """The loss on the next rows."""
        chosen = next(self._order)
        if len(chosen) not in self._made:
            self._made[len(chosen)] = self.make(len(chosen))
        loss = self._made[len(chosen)]
        for name, whole in self.whole.items():
            loss.fixed[name] = whole[chosen]
        return loss

    def _batches(self) -> Iterator[torch.Tensor]:
        while True:
            order = torch.randperm(self.rows, generator=self.generator)
            yield from (order[start : start + self.size] for start in range(0, self.rows, self.size))
