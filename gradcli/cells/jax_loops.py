"""JAX's control flow, and arrays with other entries: fori_loop, while_loop, scan, cond, x.at[index].set(value)."""

from __future__ import annotations

import ast
from typing import Any

from gradcli.cells import entries_set, pytrees
from gradcli.cells.base import CellReader
from gradcli.cells.methods import number_of
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow, PlacesObject, ReaderFunction

SETTING = {"set": "", "add": "+", "multiply": "*", "mul": "*", "divide": "/", "subtract": "-", "power": "**"}


def fori_loop(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """lax.fori_loop(lower, upper, body, value)"""
    lower, upper, body, value = args[:4]
    for index in range(_whole(reader, lower, node), _whole(reader, upper, node)):
        reader.step(node)
        value = reader.invoke(body, [index, value], {}, node)
    return value


def while_loop(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """lax.while_loop(condition, body, value)"""
    condition, body, value = args[:3]
    while reader.truth(reader.invoke(condition, [value], {}, node), node):
        reader.step(node)
        value = reader.invoke(body, [value], {}, node)
    return value


def scan(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """lax.scan(f, carry, xs, length): the last carry, and what f gave besides, stacked."""
    given = dict(zip(("f", "init", "xs", "length", "reverse"), args)) | keywords
    carry, xs, length = given["init"], given.get("xs"), given.get("length")
    if given.get("reverse") or (xs is not None and not isinstance(xs, (TensorObject, tuple, list))):
        raise CannotFollow("a scan of this is not followed", reader.span(node))
    rows: list[Any] = [None] * int(length or 0)
    if isinstance(xs, (tuple, list)):
        rows = list(zip(*(reader.iterated(one, node) for one in xs)))
    elif xs is not None:
        rows = reader.iterated(xs, node)
    outputs = []
    for one in rows:
        reader.step(node)
        carry, output = reader.invoke(given["f"], [carry, one], {}, node)
        outputs.append(output)
    return carry, pytrees.stacked(reader, outputs, reader.span(node)) if outputs else None


def mapped(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """lax.map(f, xs): f of each row, stacked."""
    if keywords or len(args) != 2 or not isinstance(args[1], TensorObject):
        raise CannotFollow("lax.map of these is not followed", reader.span(node))
    outputs = [reader.invoke(args[0], [one], {}, node) for one in reader.iterated(args[1], node)]
    return pytrees.stacked(reader, outputs, reader.span(node))


def switch(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """lax.switch(index, branches, *operands)"""
    index, branches, *operands = args
    ways = reader.iterated(branches, node)
    return reader.invoke(ways[max(0, min(_whole(reader, index, node), len(ways) - 1))], operands, {}, node)


def cond(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """lax.cond(test, f, g, *operands)"""
    test, one, other, *operands = args
    return reader.invoke(one if reader.truth(test, node) else other, operands, {}, node)


def _whole(reader: CellReader, value: Any, node: ast.AST) -> int:
    found = number_of(reader, value) if isinstance(value, TensorObject) else value
    if not isinstance(found, int):
        raise CannotFollow("how often the loop is gone through is not known", reader.span(node))
    return int(found)


def places_attribute(reader: CellReader, made: PlacesObject, name: str, node: ast.AST) -> Any:
    """x.at[index].set(value), and what computes with the entries that are there."""
    if name not in SETTING:
        raise CannotFollow(f".at[...].{name} is not followed", reader.span(node))

    def call(args: list[Any], keywords: dict[str, Any], place: ast.AST) -> TensorObject:
        span, value, tensor = reader.span(place), args[0], made.tensor
        if SETTING[name]:
            places = made.index if isinstance(made.index, tuple) else (made.index,)
            if any(isinstance(one, (list, TensorObject)) for one in places):  # JAX adds to what comes twice twice
                raise CannotFollow(f".at[...].{name} of a list of places is not followed", span)
            old = reader.graph.subscript(tensor, made.index, span)
            value = reader.graph.operation(SETTING[name], [old, value], span, span)
        index = made.index
        index = tuple(map(reader.graph.index, index)) if isinstance(index, tuple) else reader.graph.index(index)
        if not entries_set.is_place(index):
            raise CannotFollow("setting entries at these places is not followed", span)
        copy = TensorObject(tensor.vertex, tensor.requires_grad, tensor.library, is_variable=tensor.is_variable)
        if copy.vertex.node is None and (copy.requires_grad or copy.is_variable):  # a leaf is not changed itself
            copy = reader.graph.made(reader.graph.name(tensor, span), [tensor])
        entries_set.set_entries(reader, copy, index, value, place)
        return copy

    return ReaderFunction(name, call)
