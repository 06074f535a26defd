"""Tensors that are changed in place: who shares their numbers, and where torch refuses it."""

from __future__ import annotations

import ast
import math
from array import array
from collections.abc import Sequence
from typing import Any

from gradcli.cells import accumulated
from gradcli.cells.base import CellReader
from gradcli.cells.creation import make
from gradcli.cells.graph import FLOATS, MOST_INDICES
from gradcli.cells.memory import check_apart, has_stride_0, places_in_root
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow
from gradcli.language.nodes import Call
from gradcli.tape.arrays import Array

LEAF = "a leaf Variable that requires grad is being used in an in-place operation."
VIEW = "a view of a leaf Variable that requires grad is being used in an in-place operation."


SAME_PLACE = (
    "unsupported operation: more than one element of the written-to tensor refers to a single memory location."
    " Please clone() the tensor before performing the operation."
)
PLAIN_SEVERAL = "A view was created in no_grad mode and is being modified inplace with grad mode enabled."


def is_in_place(args: Sequence[Any], keywords: dict[str, Any]) -> bool:
    """Whether the options of an activation say inplace=True."""
    return bool(keywords.get("inplace")) or any(one is True for one in args)


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


def change(
    reader: CellReader, tensor: TensorObject, result: TensorObject, node: ast.AST, is_counted: bool = True
) -> TensorObject:
    """Let a tensor have other numbers, as what works in place does; `is_counted` says whether torch knows of it.

    Raises PythonRaises for a leaf that is followed.
    """
    if accumulated.is_standing(tensor):
        assert tensor.holder is not None
        accumulated.put(reader, tensor.holder, reader.array(result))
        return tensor
    target = tensor.holder if tensor.holder is not None and tensor.source is None else tensor
    tensor.source = None
    if result.vertex.replaces is None:
        result.vertex.replaces = target.vertex.index
    if target.is_read_only:
        raise reader.raised(
            "ValueError", "assignment destination is read-only", node, ".copy() gives it its own numbers"
        )
    if target.base is not None:
        return _through(reader, target, result, node, is_counted and target is tensor)
    if reader.graph.following and target is tensor and target.requires_grad and target.is_leaf:
        raise reader.raised("RuntimeError", LEAF, node, "with torch.no_grad(): in front of it")
    target.write(is_counted and target is tensor)
    is_seen = reader.graph.following and target is tensor
    if target.requires_grad and not target.is_leaf and not is_seen:
        result = _unseen(reader, target, result, node)
    if target.retained:
        target.vertex.owner = None
    if target.requires_grad and target.is_leaf:
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


def _unseen(reader: CellReader, old: TensorObject, new: TensorObject, node: ast.AST) -> TensorObject:
    """A tensor with other numbers of which autograd does not know: the way back goes through it as it did before.

    Raises CannotFollow where the difference of the numbers does not hold what they are.
    """
    graph, span = reader.graph, reader.span(node)
    following, graph.following = graph.following, False
    try:
        added = graph.operation("-", [new, old], span, span)
    finally:
        graph.following = following
    nodes = graph.name(old, span), graph.name(added, span)
    vertex = graph.vertex(
        Call("+", nodes, span, span), old.vertex.dtype, tracks=frozenset([old.vertex.index]), replaces=old.vertex.index
    )
    found = TensorObject(vertex, True, old.library, is_variable=old.is_variable)
    if reader.engine.is_known(vertex):
        for one, wanted in zip(reader.array(found).data, reader.array(new).data):
            if not abs(one - wanted) <= 1e-6 * abs(wanted):
                old.forget()
                raise CannotFollow("numbers of so different sizes are not put in place under no_grad", span)
    return found


def arithmetic(
    reader: CellReader, tensor: TensorObject, operands: Sequence[Any], result: TensorObject, node: ast.AST
) -> TensorObject:
    """What `tensor += operand` does: the result takes the place of the numbers, which keep their shape and kind.

    Raises PythonRaises where it does not fit, as torch and NumPy do.
    """
    old, new = tuple(reader.engine.shape(tensor)), tuple(reader.engine.shape(result))
    is_torch = tensor.library == "torch"
    if old != new and not tensor.is_variable:
        if is_torch:
            message = f"output with shape {list(old)} doesn't match the broadcast shape {list(new)}"
            raise reader.raised("RuntimeError", message, node)
        raise reader.raised("ValueError", f"non-broadcastable output operand with shape {old} doesn't match", node)
    if tensor.vertex.dtype == "int64" and result.vertex.dtype in FLOATS:
        if is_torch:
            message = "result type Float can't be cast to the desired output type Long"
            raise reader.raised("RuntimeError", message, node, "a tensor of whole numbers stays one")
        raise reader.raised("UFuncTypeError", "Cannot cast ufunc output from float64 to int64", node)
    for one in operands:
        check_apart(reader, tensor, one, node)
    return change(reader, tensor, result, node)


def _check_alone(reader: CellReader, view: TensorObject, is_followed: bool, node: ast.AST) -> None:
    """Refuse to write to one of several views that a function gives at once, as torch does."""
    if view.several:
        message = f"{view.several} is a view and is being modified inplace." if is_followed else PLAIN_SEVERAL
        raise reader.raised("RuntimeError", message, node, "torch does not write to one of several views")


def _through(
    reader: CellReader, view: TensorObject, result: TensorObject, node: ast.AST, is_counted: bool
) -> TensorObject:
    """Let a view have other numbers: the tensor that it is a view of has them at its places.

    Raises PythonRaises for a view of a leaf that is followed, CannotFollow.
    """
    graph, span = reader.graph, reader.span(node)
    root, is_cut = view, False
    while root.base is not None:
        root, is_cut = root.base, is_cut or root.is_cut
    is_leaf = root.requires_grad and root.is_leaf
    if is_leaf and graph.following and not is_cut:
        raise reader.raised("RuntimeError", VIEW, node, "with torch.no_grad(): in front of it")
    shape = tuple(reader.engine.shape(view))
    is_hidden = is_cut and not is_leaf and (root.requires_grad or root.is_variable)
    places, base = None if is_hidden else places_in_root(reader, view), root
    if places is None:
        root.forget()
        raise CannotFollow("what is changed in place shares its numbers with another tensor", span)
    if graph.following and not is_cut and (root.requires_grad or result.requires_grad):
        _check_alone(reader, view, root.requires_grad, node)
    if tuple(reader.engine.shape(result)) != shape:
        raise CannotFollow("a value of another shape is put in place", span)
    if len(set(places)) < len(places):
        if view.library == "torch" and has_stride_0(places, shape):
            raise reader.raised("RuntimeError", SAME_PLACE, node, ".clone() gives each entry its own number")
        root.forget()
        raise CannotFollow("what is changed in place has one number at several places", span)
    moving = (result, base) if not is_leaf else ()
    if any(one.requires_grad or one.is_variable for one in moving):
        whole = with_places(reader, base, places, result, node)
    else:
        data = reader.array(base)
        numbers = array("d", data.data)
        for place, number in zip(places, reader.array(result).data):
            numbers[place] = number
        whole = graph.input(Array(data.shape, numbers), base.vertex.dtype, base.library)
    following, graph.following = graph.following, graph.following and not is_cut
    try:
        change(reader, base, whole, node, is_counted and not (view.library == "np" and base.library == "torch"))
    finally:
        graph.following = following
    return view


def with_places(
    reader: CellReader, owner: TensorObject, places: Sequence[int], value: Any, node: ast.AST
) -> TensorObject:
    """A tensor in which the entries at some places, in a row, are those of a value, in its order, or all one number."""
    span, graph = reader.span(node), reader.graph
    shape = tuple(reader.engine.shape(owner))
    count = math.prod(shape)
    if not 0 < count <= MOST_INDICES:
        raise CannotFollow("setting entries of a tensor of so many is not followed", span)
    chosen, sources = array("d", [0.0]) * count, [0] * count
    for position, place in enumerate(places):
        chosen[place], sources[place] = 1.0, position
    mask = graph.operation("==", [graph.input(Array(shape, chosen), "float64"), 1], span, span)
    put: Any = value
    if isinstance(value, TensorObject) and (own := reader.engine.shape(value)):
        flat = graph.method(value, "reshape", [-1], {}, span, span) if len(own) != 1 else value
        spread = graph.subscript(flat, sources, span)
        put = graph.method(spread, "reshape", list(shape), {}, span, span) if len(shape) != 1 else spread
    return graph.call(["where"], [mask, put, owner], {}, span, span)
