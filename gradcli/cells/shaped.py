"""Methods of tensors that ask for a shape, or make a tensor of the shape or the dtype of another one."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.creation import make
from gradcli.cells.values import CannotFollow, LibraryPath, TensorObject

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
    return reader.graph.method(tensor, "reshape", sizes, {}, span, span).as_view_of(tensor)


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
    "diagonal": _diagonal, **{f"new_{name}": _alike(name) for name in ("ones", "zeros", "tensor", "full")},
}  # fmt: skip
