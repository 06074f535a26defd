"""Methods of tensors that ask for a shape, or make a tensor of the shape or the dtype of another one."""

from __future__ import annotations

import ast
import math
from array import array
from collections.abc import Callable
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.creation import make
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow, LibraryPath
from gradcli.tape.arrays import Array

Method = Callable[[CellReader, TensorObject, "list[Any]", "dict[str, Any]", ast.AST], Any]


def _size(reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    shape = tuple(reader.engine.shape(tensor))
    return shape[args[0]] if args and isinstance(args[0], int) else shape


def _dim(reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    return len(reader.engine.shape(tensor))


def _numel(reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    return math.prod(reader.engine.shape(tensor))


def _expand_as(
    reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    span = reader.span(node)
    return reader.graph.call(["torch", "broadcast_to"], [tensor, tuple(reader.engine.shape(args[0]))], {}, span, span)


def _diagonal(
    reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    if args or keywords or len(reader.engine.shape(tensor)) != 2:
        raise CannotFollow("a diagonal is followed of a matrix, the main one", reader.span(node))
    return reader.graph.call(["diag"], [tensor], {}, reader.span(node), reader.span(node))


def _flatten(reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    shape = reader.engine.shape(tensor)
    start, end = (
        keywords.get(name, args[place] if len(args) > place else default) % max(len(shape), 1)
        for place, (name, default) in enumerate((("start_dim", 0), ("end_dim", -1)))
    )
    sizes = [*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]]
    span = reader.span(node)
    found = reader.graph.method(tensor, "reshape", sizes, {}, span, span)
    return found if tensor.library == "np" else reader.graph.view(found, tensor)  # NumPy's has numbers of its own


def _view_as(reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    sizes, span = list(reader.engine.shape(args[0])), reader.span(node)
    return reader.graph.view(reader.graph.method(tensor, "reshape", sizes, {}, span, span), tensor)


def nonzero(reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """x.nonzero(): the places of what is not 0, a row for each; with as_tuple a list of places for each dimension."""
    data, rank = reader.array(tensor), len(reader.engine.shape(tensor))
    places = [place for place, one in enumerate(data.data) if one]
    columns = []
    for size_behind, size in ((math.prod(data.shape[dim + 1 :]), data.shape[dim]) for dim in range(rank)):
        columns.append([place // size_behind % size for place in places])
    if keywords.get("as_tuple") or tensor.library in ("np", "jax"):
        vectors = [Array((len(places),), array("d", one)) for one in columns]
        return tuple(reader.graph.input(one, "int64", tensor.library) for one in vectors)
    rows = array("d", [column[k] for k in range(len(places)) for column in columns])
    return reader.graph.input(Array((len(places), rank), rows), "int64", tensor.library)


def _alike(name: str) -> Method:
    """x.new_ones(2): a tensor of the dtype of another one."""

    def make_it(
        reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST
    ) -> Any:
        words = {"dtype": LibraryPath(f"torch.{tensor.vertex.dtype}"), **keywords}
        return make(reader, "torch", name, args, words, node)

    return make_it


SHAPED: dict[str, Method] = {
    "size": _size, "dim": _dim, "numel": _numel, "nelement": _numel, "flatten": _flatten, "expand_as": _expand_as,
    "diagonal": _diagonal, "view_as": _view_as, "reshape_as": _view_as, "nonzero": nonzero,
    **{f"new_{name}": _alike(name) for name in ("ones", "zeros", "tensor", "full")},
}  # fmt: skip
