"""Tensors put side by side, as torch, NumPy and JAX call it: hstack, vstack, column_stack, append, atleast_2d."""

from __future__ import annotations

import ast
from array import array
from collections.abc import Callable
from functools import partial
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.creation import make
from gradcli.cells.in_place import with_places
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow
from gradcli.tape.arrays import Array


def _tensors(reader: CellReader, library: str, values: Any, node: ast.AST) -> list[TensorObject]:
    given = reader.iterated(values, node)
    if not given:
        raise CannotFollow("there is nothing to put together", reader.span(node))
    maker = "tensor" if library == "torch" else "array"
    return [one if isinstance(one, TensorObject) else make(reader, library, maker, [one], {}, node) for one in given]


def _at_least(reader: CellReader, rank: int, tensor: TensorObject, node: ast.AST) -> TensorObject:
    """A tensor of so many dimensions at least, as atleast_1d, atleast_2d and atleast_3d make it."""
    shape = tuple(reader.engine.shape(tensor))
    if len(shape) >= rank:
        return tensor
    front = 1 if rank == 3 and len(shape) == 1 else rank - len(shape) - (rank == 3 and len(shape) > 0)
    sizes = [*[1] * front, *shape, *[1] * (rank - front - len(shape))]
    span = reader.span(node)
    found = reader.graph.method(tensor, "reshape", sizes, {}, span, span)
    return reader.graph.view(found, tensor)


def _cat(reader: CellReader, tensors: list[TensorObject], dim: int, node: ast.AST) -> TensorObject:
    span = reader.span(node)
    return reader.graph.call(["torch", "cat"], [tensors, dim], {}, span, span)


def _stack(
    kind: str, library: str, reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> TensorObject:
    words = {**keywords}
    values = args[0] if args else words.pop("tup", words.pop("tensors", None))
    if words or len(args) > 1:
        raise CannotFollow(f"{kind} with options is not followed", reader.span(node))
    given = _tensors(reader, library, values, node)
    if kind == "column_stack":
        flat = [len(reader.engine.shape(one)) < 2 for one in given]
        span = reader.span(node)
        columns = [
            reader.graph.method(one, "reshape", [-1, 1], {}, span, span) if is_flat else one
            for one, is_flat in zip(given, flat)
        ]
        return _cat(reader, columns, 1, node)
    rank = {"hstack": 1, "vstack": 2, "dstack": 3}[kind]
    given = [_at_least(reader, rank, one, node) for one in given]
    dim = {"vstack": 0, "dstack": 2}.get(kind, min(1, len(reader.engine.shape(given[0])) - 1))
    return _cat(reader, given, dim, node)


def _append(library: str, reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> TensorObject:
    """np.append(x, values, axis=None): of all entries in a row where there is no axis."""
    words = dict(zip(("arr", "values", "axis"), args)) | keywords
    pair, axis = _tensors(reader, library, [words["arr"], words["values"]], node), words.get("axis")
    if axis is not None:
        return _cat(reader, pair, axis, node)
    span = reader.span(node)
    return _cat(reader, [reader.graph.method(one, "reshape", [-1], {}, span, span) for one in pair], 0, node)


def _raised(
    rank: int, library: str, reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    found = [_at_least(reader, rank, one, node) for one in _tensors(reader, library, args, node)]
    return found[0] if len(found) == 1 else tuple(found) if library == "torch" else found


SIDE_BY_SIDE = frozenset(("numpy.c_", "numpy.r_"))


def side_by_side(reader: CellReader, path: str, index: Any, node: ast.AST) -> TensorObject:
    """np.c_[x, y], np.r_[x, y]: of tensors and numbers; the ranges that slices mean there are not followed."""
    given = list(index) if isinstance(index, tuple) else [index]
    if any(isinstance(one, (slice, str)) for one in given):
        raise CannotFollow(f"{path} with slices is not followed", reader.span(node))
    if path == "numpy.c_":
        return _stack("column_stack", "np", reader, [given], {}, node)
    return _cat(reader, [_at_least(reader, 1, one, node) for one in _tensors(reader, "np", given, node)], 0, node)


def _diagonal(
    path: list[str], reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> TensorObject:
    """diag(x, k): a matrix with a vector on one of its diagonals, or such a diagonal of a matrix."""
    called, span = {"diagonal": "k", "v": "x", "input": "x"}, reader.span(node)
    words = dict(zip(("x", "k"), args)) | {called.get(one, one): value for one, value in keywords.items()}
    x, k = words.get("x"), words.get("k", 0)
    if k == 0 or not isinstance(x, TensorObject) or not isinstance(k, int) or words.keys() - {"x", "k"}:
        return _shown(reader, path, x, reader.graph.call(path, args, keywords, span, span))
    shape = reader.engine.shape(x)
    low, right = max(0, -k), max(0, k)
    if len(shape) == 2:
        count = min(shape[0] - low, shape[1] - right)
        if count <= 0:
            raise CannotFollow("a diagonal outside of the matrix is not followed", span)
        places = [low + i for i in range(count)], [right + i for i in range(count)]
        return _shown(reader, path, x, reader.graph.subscript(x, places, span))
    size = shape[0] + abs(k)
    zeros = reader.graph.input(Array((size, size), array("d", [0.0]) * (size * size)), x.vertex.dtype, x.library)
    chosen = [(low + i) * size + right + i for i in range(shape[0])]
    return with_places(reader, zeros, chosen, x, node)


def _shown(reader: CellReader, path: list[str], x: Any, found: TensorObject) -> TensorObject:
    """NumPy's diagonal of a matrix shares its numbers, and is not written to."""
    if path[0] != "np" or not isinstance(x, TensorObject) or x.library != "np" or len(reader.engine.shape(x)) != 2:
        return found
    found.is_read_only = True
    return reader.graph.view(found, x)


def _absolute(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """jnp.abs(x): at 0 JAX has the slope 1, where it is looked at."""
    (x,), span = args, reader.span(node)
    if isinstance(x, TensorObject) and reader.engine.is_known(x.vertex) and 0.0 in reader.array(x).data:
        ways = [reader.graph.operation("<", [x, 0], span, span), reader.graph.operation("neg", [x], span, span), x]
        return reader.graph.call(["where"], ways, {}, span, span)
    return reader.graph.call(["np", "abs"], args, keywords, span, span)


KINDS = {"row_stack": "vstack", **{name: name for name in ("hstack", "vstack", "dstack", "column_stack")}}
JOINED: dict[str, Callable[..., Any]] = {
    f"{root}.{name}": function
    for root, library in (("torch", "torch"), ("numpy", "np"), ("jax.numpy", "jax"), ("autograd.numpy", "np"))
    for name, function in (
        *((name, partial(_stack, kind, library)) for name, kind in KINDS.items()),
        *((f"atleast_{rank}d", partial(_raised, rank, library)) for rank in (1, 2, 3)),
        *([("append", partial(_append, library))] if library != "torch" else []),
        ("diag", partial(_diagonal, ["torch" if library == "torch" else "np", "diag"])),
    )
} | {"jax.numpy.abs": _absolute}
