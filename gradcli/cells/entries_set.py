"""x[places] = values of a tensor: the same tensor, but with other entries there."""

from __future__ import annotations

import ast
import math
from array import array
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.creation import make
from gradcli.cells.graph import MOST_INDICES
from gradcli.cells.in_place import change, with_places
from gradcli.cells.memory import check_apart, is_spread
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow
from gradcli.tape.arrays import Array


def is_place(index: Any) -> bool:
    """Whether an index is made of whole numbers, slices of them and lists of them."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        one is Ellipsis
        or (isinstance(one, (int, slice)) and not isinstance(one, bool))
        or (isinstance(one, list) and all(isinstance(item, int) for item in one))
        for one in parts
    )


def set_entries(reader: CellReader, owner: TensorObject, index: Any, value: Any, target: ast.AST) -> None:
    """Let entries at known places be others, of a tensor that is computed.

    Raises CannotFollow, PythonRaises.
    """
    if not owner.is_read_only and is_spread(reader, owner):
        owner.forget()
        raise CannotFollow("what is changed in place has one number at several places", reader.span(target))
    if isinstance(value, (list, tuple)):
        value = make(reader, owner.library, "tensor" if owner.library == "torch" else "array", [value], {}, target)
    is_followed = isinstance(value, TensorObject) and (value.requires_grad or value.is_variable)
    frozen = not reader.graph.following and owner.is_leaf  # a leaf stays one, with other numbers
    if frozen or (not is_followed and not owner.requires_grad and not owner.is_variable):
        _set_numbers(reader, owner, index, value, target)
        return
    span = reader.span(target)
    shape = tuple(reader.engine.shape(owner))
    count = math.prod(shape)
    if not 0 < count <= MOST_INDICES:
        raise CannotFollow("setting entries of a tensor of so many is not followed", span)
    try:
        chosen, own = reader.engine.chosen(Array(shape, array("d", range(count))), index)
    except (RuntimeError, IndexError, ValueError, TypeError) as error:
        raise reader.raised(type(error).__name__, str(error)[:100], target) from None
    check_apart(reader, owner, value, target, chosen)
    put: Any = value
    if isinstance(value, TensorObject) and (given := tuple(reader.engine.shape(value))) and given != own:
        put = reader.graph.call(["torch", "broadcast_to"], [value, own], {}, span, span)
    change(reader, owner, with_places(reader, owner, chosen, put, target), target)


def _set_numbers(reader: CellReader, owner: TensorObject, index: Any, value: Any, target: ast.AST) -> None:
    """Of a tensor that is not followed: its numbers are computed."""
    given = (
        value if isinstance(value, (int, float)) else reader.array(value) if isinstance(value, TensorObject) else None
    )
    if given is None:
        raise CannotFollow("setting entries of a tensor to this is not followed", reader.span(target))
    vertex = owner.vertex
    data = reader.engine.data(vertex) if vertex.is_blank else reader.array(owner)
    try:
        if isinstance(value, TensorObject) and value.storage is owner.storage:
            everything = Array(data.shape, array("d", range(len(data.data))))
            check_apart(reader, owner, value, target, reader.engine.chosen(everything, index)[0])
        found = reader.engine.with_entries(data, index, given)
    except (RuntimeError, IndexError, ValueError, TypeError) as error:
        raise reader.raised(type(error).__name__, str(error)[:100], target) from None
    made = reader.graph.input(found, vertex.dtype, owner.library)
    made.vertex.is_blank = vertex.is_blank and any(map(math.isnan, found.data))
    if vertex.is_blank:
        owner.is_stale = made.vertex.is_blank
    change(reader, owner, made, target)
