"""Tensors of balls as rows and matrices, and which entry of a row is chosen."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradcli.backends.arb.tensors import arrays
from gradcli.backends.arb.tensors.leaf import BallArray
from gradcli.functions.entries import PlaceRule
from gradcli.tape.activity import placed
from gradcli.tape.tape import Primitive


def groups(x: Any, gone: Sequence[int]) -> Any:
    """A tensor as rows of what is reduced together: these dimensions of it."""
    kept = [index for index in range(x.ndim) if index not in gone]
    turned = x.transpose([*kept, *gone])
    return turned.reshape(-1, math.prod(x.shape[place] for place in gone))


def ungrouped(rows: Any, shape: Sequence[int], gone: Sequence[int]) -> Any:
    """The tensor of such rows again."""
    order = [*(index for index in range(len(shape)) if index not in gone), *gone]
    turned = rows.reshape([shape[place] for place in order])
    return turned.transpose(np.argsort(order)) if order else turned


def as_matrix(x: Any, count: int) -> Any:
    """A tensor as a matrix whose rows are its first dimensions, so many of them."""
    if (x.ndim, count) == (2, 1):
        return x
    return x.reshape(math.prod(x.shape[:count]), math.prod(x.shape[count:]))


def product(x: Any, y: Any, inner: int, multiply: Callable[[Any, Any], Any]) -> Any:
    """The product over the last dimensions of the one and the first of the other, by a product of matrices."""
    outer = x.ndim - inner
    return multiply(as_matrix(x, outer), as_matrix(y, inner)).reshape((*x.shape[:outer], *y.shape[inner:]))


def placed_entries(op: Primitive, entry: PlaceRule, args: Sequence[Any]) -> Any:
    """Entries of the arguments, each in its place."""
    blocks = []
    for x, (part, place, there) in zip(args, placed(entry, op.shape, [x.shape for x in args])):
        block = np.broadcast_to(arrays.as_array(x[place]), [one.stop - one.start for one in part])
        blocks.append(block if there is None else np.where(there, block, arrays.ZERO))
    return blocks[0] if entry.along is None else np.concatenate(blocks, axis=entry.along)


def chosen(fold: str, row: BallArray) -> tuple[Any, int, list[int]]:
    """The chosen value of a row, where it stands, and the entries that tie with it or might."""
    order = np.argsort(arrays.nearest(row), kind="stable")
    place = {"max": len(row) - 1, "min": 0}.get(fold, (len(row) - 1) // 2)
    winner = int(order[place])
    value = row[winner]
    low = [int(i) for i in order[:place] if not row[i] < value]
    high = [int(i) for i in order[place + 1 :] if not row[i] > value]
    rivals = low + high
    if not rivals:
        return value, winner, []
    rivals.append(winner)
    if all(row[i] == value for i in rivals):
        return value, winner, rivals
    if fold == "median":
        return value.nan(), winner, rivals  # a wide ball might be on the other side
    for i in rivals:
        value = value.max(row[i]) if fold == "max" else value.min(row[i])
    return value, winner, rivals
