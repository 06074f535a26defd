"""Methods and functions that write to what they are given: those of torch that end in _, and those of NumPy."""

from __future__ import annotations

import ast
import math
from array import array
from collections.abc import Callable
from functools import partial
from typing import Any

from gradcli.cells import accumulated
from gradcli.cells.base import CellReader
from gradcli.cells.graph import FLOATS
from gradcli.cells.in_place import arithmetic, change
from gradcli.cells.memory import check_apart
from gradcli.cells.outs import operands
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow
from gradcli.tape.arrays import Array

IN_PLACE = {"add_": "+", "sub_": "-", "mul_": "*", "div_": "/", "pow_": "**", "subtract_": "-", "multiply_": "*"}
# What writes to an array and is not followed: methods, and functions whose first argument they write to.
NUMPY_METHODS = frozenset("fill sort partition put itemset resize byteswap setfield __setitem__".split())
NUMPY_FUNCTIONS = frozenset("copyto put place putmask fill_diagonal at put_along_axis shuffle".split())


def is_writing(name: str, tensor: TensorObject) -> bool:
    """Whether a method writes to its tensor."""
    if tensor.library == "np" and name in NUMPY_METHODS:
        return True
    return name.endswith("_") and not name.endswith("__") and name not in ("detach_", "requires_grad_", "share_memory_")


def written(
    reader: CellReader, tensor: TensorObject, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """What a method gives that writes to its tensor.

    Raises CannotFollow, PythonRaises.
    """
    span = reader.span(node)
    if name in NUMPY_METHODS:
        return _of_numpy(reader, tensor, name, args, keywords, node)
    if (special := _SPECIAL.get(name)) is not None:
        return special(reader, tensor, args, keywords, node)
    if name in IN_PLACE and keywords.keys() <= {"other", "alpha"}:
        value = args[0] if args else keywords.get("other")
        times = keywords.get("alpha")
        scaled = value if times is None else reader.graph.operation("*", [value, times], span, span)
        result = reader.graph.operation(IN_PLACE[name], [tensor, scaled], span, span)
        return arithmetic(reader, tensor, [value], result, node)
    result = reader.graph.method(tensor, name[:-1], args, keywords, span, span)
    for one in args:
        check_apart(reader, tensor, one, node)
    return change(reader, tensor, result, node)


def _of_numpy(
    reader: CellReader, tensor: TensorObject, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> None:
    """a.fill(2), a.sort(): they give nothing."""
    span = reader.span(node)
    if name == "fill" and len(args) == 1 and not keywords:
        _fill(reader, tensor, args, keywords, node)
    elif name == "sort" and not args and not keywords:
        change(reader, tensor, reader.graph.call(["np", "sort"], [tensor], {}, span, span), node)
    else:
        raise not_written(reader, tensor, name, node)


def not_written(reader: CellReader, target: Any, name: str, node: ast.AST) -> CannotFollow:
    """Why a call is not followed that has written to a tensor, of which nothing is known from there on."""
    if isinstance(target, TensorObject):
        target.forget()
    return CannotFollow(f"{name} in place is not followed", reader.span(node))


def writing(path: str) -> Callable[..., None] | None:
    """What a function of NumPy's does that writes to its first argument, np.copyto or np.add.at; None of others."""
    root, _, inner = path.partition(".")
    function, _, name = inner.rpartition(".")
    is_one = (not function and name in NUMPY_FUNCTIONS) or (name == "at" and operands(function) is not None)
    return partial(_numpy_writes, name) if root == "numpy" and is_one else None


def _numpy_writes(name: str, reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> None:
    target = args[0] if args else keywords.get("dst", keywords.get("a", keywords.get("arr")))
    given = args[1] if len(args) == 2 else keywords.get("src")
    is_whole = name == "copyto" and len(args) + len(keywords) == 2
    if is_whole and isinstance(target, TensorObject) and isinstance(given, (int, float, TensorObject)):
        if isinstance(given, TensorObject):
            _copy_in(reader, target, [given], {}, node)
        else:
            _fill(reader, target, [given], {}, node)
        return
    raise not_written(reader, target, name, node)


def _zero(reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    if accumulated.is_standing(tensor) and tensor.holder is not None:
        accumulated.put(reader, tensor.holder, None)
        return tensor
    return _fill(reader, tensor, [0.0], keywords, node)


def _fill(reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    shape = reader.engine.shape(tensor)
    number = float(args[0]) if tensor.vertex.dtype in FLOATS else float(int(args[0]))
    filled = Array(shape, array("d", [number] * math.prod(shape)))
    return change(reader, tensor, reader.graph.input(filled, tensor.vertex.dtype, tensor.library), node)


def _copy_in(reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    value = args[0]
    if not isinstance(value, TensorObject) or (value.vertex.dtype in FLOATS) != (tensor.vertex.dtype in FLOATS):
        raise not_written(reader, tensor, "a copy of what is no tensor of its kind", node)
    check_apart(reader, tensor, value, node)
    shape, span = tuple(reader.engine.shape(tensor)), reader.span(node)
    if tuple(reader.engine.shape(value)) != shape:
        spread = reader.graph.call(["torch", "broadcast_to"], [value, shape], {}, span, span)
        return change(reader, tensor, spread, node)
    return change(reader, tensor, clone(reader, value, [], {}, node), node)


def clone(reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """x.clone(): the same numbers, for itself."""
    tracks = frozenset([tensor.vertex.index]) if tensor.requires_grad and reader.graph.following else frozenset()
    vertex = reader.graph.vertex(reader.graph.name(tensor, reader.span(node)), tensor.vertex.dtype, tracks=tracks)
    is_variable = tensor.is_variable and tensor.library != "torch"
    return TensorObject(vertex, bool(tracks), tensor.library, source=tensor.source, is_variable=is_variable)


_SPECIAL = {"zero_": _zero, "fill_": _fill, "copy_": _copy_in}
