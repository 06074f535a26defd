"""Where the numbers of views stand in memory: what overlaps, what stands in a row, what has one number twice."""

from __future__ import annotations

import ast
import math
from array import array
from collections.abc import Sequence
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.tensors import TensorObject
from gradcli.cells.views import renamed
from gradcli.language.nodes import Name
from gradcli.tape.arrays import Array

OVERLAP = (
    "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory"
    " location. Please clone() the tensor before performing the operation."
)


def check_apart(
    reader: CellReader, written: TensorObject, read: Any, node: ast.AST, places: Sequence[int] | None = None
) -> None:
    """Refuse, as torch does, to write to a part of memory of which another part is read; `places` are what is written.

    Like torch it asks only of what stands in memory without gaps.
    """
    if not isinstance(read, TensorObject) or read is written or read.storage is not written.storage:
        return
    if written.library != "torch":
        return
    own, other = places_in_root(reader, written), places_in_root(reader, read)
    if own is None or other is None:
        return
    if places is not None:
        own = [own[place] for place in places]
    if not all(_is_dense(one) for one in (own, other)) or own == other:
        return
    if min(own) <= max(other) and min(other) <= max(own):
        raise reader.raised("RuntimeError", OVERLAP, node, ".clone() gives what is read its own numbers")


def _is_dense(places: Sequence[int]) -> bool:
    return bool(places) and len(set(places)) == len(places) == max(places) - min(places) + 1


def places_in_root(reader: CellReader, tensor: TensorObject) -> list[int] | None:
    """Where the entries of a tensor stand among those of the tensor whose numbers it shares; None: it is not known."""
    if tensor.base is None:
        return list(range(math.prod(reader.engine.shape(tensor))))
    if tensor.again is None or tensor.is_stale:
        return None
    outer = places_in_root(reader, tensor.base)
    return None if outer is None else [outer[place] for place in _places(reader, tensor)]


def is_contiguous(reader: CellReader, tensor: TensorObject) -> bool:
    """Whether the numbers of a tensor stand one after the other, as far as it is a view."""
    places = places_in_root(reader, tensor)
    return not places or places == list(range(places[0], places[0] + len(places)))


def is_spread(reader: CellReader, tensor: TensorObject) -> bool:
    """Whether a view has one number at several places."""
    places = places_in_root(reader, tensor) if tensor.base is not None else None
    return places is not None and len(set(places)) < len(places)


def has_stride_0(places: Sequence[int], shape: Sequence[int]) -> bool:
    """Whether all entries along a dimension are one number, as broadcasting makes them."""
    behind = len(places)
    for size in shape:
        step, behind = behind // size, behind // size
        if size > 1 and all(place == places[k + step] for k, place in enumerate(places) if k // step % size < size - 1):
            return True
    return False


def _places(reader: CellReader, view: TensorObject) -> list[int]:
    """Where the entries of a view stand among those of what it is a view of."""
    base, node = view.base, view.vertex.node
    assert base is not None
    shape = reader.engine.shape(base)
    count = math.prod(shape)
    if node is None or view.current is base.vertex or isinstance(node, Name):
        return list(range(count))
    rows = reader.graph.vertex(None, "float64", data=Array(shape, array("d", range(count))), shape=shape)
    tree = renamed(node, base.vertex.index, rows.index)
    return [int(one) for one in reader.engine.data(reader.graph.vertex(tree, "float64")).data]
