"""Entries that are added up in places, and put there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from gradcli.check.callables.tensor import entries_of, handler
from gradcli.check.callables.world import Array, world


def added(entries: Array, targets: Any, values: Array) -> Array:
    """Entries with values added in places: where several go to one place their sum."""
    now, shape = world(), entries.shape
    found = entries.reshape(-1).copy()
    for target, value in zip(np.asarray(targets).reshape(-1), np.broadcast_to(values, np.shape(targets)).flat):
        found[target] = now.named("+", found[target], value)
    return found.reshape(shape)


def places(shape: Sequence[int]) -> torch.Tensor:
    """The number of each entry in a tensor of a shape."""
    return torch.arange(int(np.prod(shape, dtype=int))).reshape(tuple(shape))


def written_once(targets: Any) -> None:
    """Take note of values that are put in one place one after the other: only the last one counts."""
    world().overwrites |= len(np.unique(targets)) < np.size(targets)


@handler("index_put", "_unsafe_index_put", "_index_put_impl")
def _index_put(x: Any, indices: Any, values: Any, accumulate: bool = False, *_: Any) -> Array:
    targets = torch.ops.aten.index(places(x.shape), indices).numpy()
    if accumulate:
        return added(entries_of(x), targets, entries_of(values))
    written_once(targets)
    found = entries_of(x).reshape(-1).copy()
    for target, value in zip(targets.reshape(-1), np.broadcast_to(entries_of(values), targets.shape).flat):
        found[target] = value  # of several that go to one place the last one, as torch does
    return found.reshape(tuple(x.shape))


@handler("scatter_add")
def _scatter_add(x: Any, dim: int, index: torch.Tensor, src: Any) -> Array:
    within = tuple(slice(size) for size in index.shape)
    return added(entries_of(x), places(x.shape).gather(dim, index).numpy(), entries_of(src)[within])
