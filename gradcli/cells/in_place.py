"""Tensors that are changed in place: who shares their numbers, and where torch refuses it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from gradcli.cells import accumulated
from gradcli.cells.base import CellReader
from gradcli.cells.creation import make
from gradcli.cells.values import CannotFollow, TensorObject

LEAF = "a leaf Variable that requires grad is being used in an in-place operation."
VIEW = "a view of a leaf Variable that requires grad is being used in an in-place operation."


def is_in_place(args: Sequence[Any], keywords: dict[str, Any]) -> bool:
    """Whether the options of an activation say inplace=True."""
    return bool(keywords.get("inplace")) or any(one is True for one in args)


def overwritten(reader: CellReader, tensor: TensorObject, result: TensorObject, node: ast.AST) -> TensorObject:
    """What inplace=True does: a tensor has other numbers; those of others that share them are not known any more.

    Raises PythonRaises for a leaf that is followed.
    """
    root = tensor
    while root.base is not None:
        root = root.base
    if root is not tensor:
        if root.requires_grad and root.is_leaf and reader.graph.following:
            raise reader.raised("RuntimeError", VIEW, node)
        root.is_stale = True
        root.outdate()
        tensor.base, tensor.is_stale = None, False
    return change(reader, tensor, result, node)


ASSIGNED = {"assign": "", "assign_add": "+", "assign_sub": "-"}


def assigned(
    name: str, reader: CellReader, tensor: TensorObject, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> TensorObject:
    """x.assign(value), x.assign_add(value) of TensorFlow's variables: other numbers, and nothing is followed there."""
    value = args[0] if args else keywords.get("value", keywords.get("delta"))
    if tensor.library != "tf" or not isinstance(value, (TensorObject, int, float, list)):
        raise CannotFollow(f".{name} of this is not followed", reader.span(node))
    following, reader.graph.following = reader.graph.following, False
    try:
        if ASSIGNED[name]:
            value = reader.graph.operation(ASSIGNED[name], [tensor, value], reader.span(node), reader.span(node))
        elif not isinstance(value, TensorObject):
            value = make(reader, "tf", "constant", [value], {"dtype": tensor.vertex.dtype}, node)
        if reader.engine.shape(value) != reader.engine.shape(tensor):
            raise CannotFollow("a value of another shape is assigned", reader.span(node))
        numbers = reader.graph.input(reader.array(value), tensor.vertex.dtype, "tf")
        return change(reader, tensor, numbers, node)
    finally:
        reader.graph.following = following


def change(reader: CellReader, tensor: TensorObject, result: TensorObject, node: ast.AST) -> TensorObject:
    """Let a tensor have other numbers, as what works in place does.

    Raises PythonRaises for a leaf that is followed.
    """
    if accumulated.is_standing(tensor):
        assert tensor.holder is not None
        accumulated.put(reader, tensor.holder, reader.array(result))
        return tensor
    target = tensor.holder if tensor.holder is not None and tensor.source is None else tensor
    tensor.source = None
    if target.base is not None:
        raise CannotFollow("what is changed in place shares its numbers with another tensor", reader.span(node))
    target.outdate()
    if target.requires_grad and target.is_leaf:
        if reader.graph.following and target is tensor:
            raise reader.raised("RuntimeError", LEAF, node, "with torch.no_grad(): in front of it")
        old, computed = target.vertex, result.vertex
        made = reader.graph.input(None, old.dtype, target.library, later=lambda: reader.engine.data(computed))
        reader.engine.data(made.vertex)  # now: after a thousand steps it would be a thousand levels away
        made.vertex.name, made.vertex.owner = old.name, target
        target.vertex = made.vertex
        if target is not tensor:
            tensor.vertex = made.vertex
        return tensor
    result.vertex.name = result.vertex.name or target.vertex.name
    target.vertex, target.requires_grad = result.vertex, target.requires_grad or result.requires_grad
    tensor.vertex = target.vertex
    if target.retained:
        target.vertex.owner = target
    return tensor
