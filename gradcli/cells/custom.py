"""Subclasses of torch.autograd.Function: forward is the function, backward the derivative written by hand."""

from __future__ import annotations

import ast
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.extract import CustomFunction, replaced
from gradcli.cells.graph import HELD, held
from gradcli.cells.limits import MAX_PARTS
from gradcli.cells.nesting import described, nested
from gradcli.cells.values import CannotFollow, Instance, PythonClass, PythonFunction, TensorObject, Vertex
from gradcli.errors import GradcliError
from gradcli.language.nodes import Call, Name, Node, same
from gradcli.language.tree_facts import size

CONTEXT = PythonClass("ctx", {}, [])
MOST_WRITTEN = 100  # numbers of a tensor from outside that are written out


def apply(reader: CellReader, cls: PythonClass, args: list[Any], node: ast.AST) -> TensorObject:
    """SQ.apply(x): a call of a function of the program, with its derivative; both are read from the class.

    Raises CannotFollow where they are no formulas.
    """
    forward, backward = cls.find("forward"), cls.find("backward")
    if not isinstance(forward, PythonFunction) or not isinstance(backward, PythonFunction):
        raise CannotFollow(f"{cls.name} has no forward and backward that can be read", reader.span(node))
    places = [index for index, one in enumerate(args) if isinstance(one, TensorObject)]
    setup = cls.find("setup_context")
    names = [one.arg for one in forward.arguments.args][0 if setup else 1 :]
    inner = list(args)
    params = []
    for index in places:
        tensor = reader.graph.input(None, args[index].vertex.dtype)
        tensor.vertex.shape = reader.engine.shape(args[index]) if not args[index].is_variable else ()
        tensor.is_variable = True
        inner[index] = tensor
        params.append((names[index] if index < len(names) else f"x{index + 1}", tensor))
    needed = tuple(isinstance(one, TensorObject) and (one.requires_grad or one.is_variable) for one in args)
    context, before = Instance(CONTEXT, {"needs_input_grad": needed}), [one.vertex for _, one in params]
    following, reader.graph.following = reader.graph.following, True
    try:
        value = reader.invoke(forward, inner if setup else [context, *inner], {}, node)
        if setup:
            reader.invoke(setup, [context, tuple(inner), value], {}, node)
        if isinstance(value, (list, tuple)):
            raise CannotFollow(f"{cls.name} has several outputs, which is not followed", reader.span(node))
        if [one.vertex for _, one in params] != before:
            raise CannotFollow(f"the forward of {cls.name} changes its input in place", reader.span(node))
        incoming = reader.graph.input(None, "float32")
        incoming.is_variable = True
        incoming.vertex.shape = _shape(reader, value)
        given = reader.invoke(backward, [context, incoming], {}, node)
    finally:
        reader.graph.following = following
    partials = list(given) if isinstance(given, (list, tuple)) else [given]
    partials = [partials[index] if index < len(partials) else None for index in places]
    for place, index in enumerate(places):
        if partials[place] is None and not needed[index]:  # it is asked by nobody, and has its shape
            partials[place] = reader.graph.operation("*", [0, params[place][1]], reader.span(node), reader.span(node))
    used = _unlike([name for name, _ in params])
    known = {one.vertex.index: name for name, (_, one) in zip(used, params)}
    g = next(name for name in ("g", "grad", "g_out", "g_in") if name not in used)
    body = _tree(reader, value, known, node)
    derivatives = tuple(_tree(reader, one, {**known, incoming.vertex.index: g}, node) for one in partials)
    name = _name(reader, cls, CustomFunction("", tuple(used), body, g, derivatives))
    span = reader.span(node)
    call = Call(name, tuple(reader.graph.name(args[index], span) for index in places), span, span, user=True)
    return reader.graph.made(call, [args[index] for index in places])


def _shape(reader: CellReader, value: Any) -> tuple[int, ...] | None:
    """The shape of what forward gives, where it is known; None elsewhere."""
    try:
        return reader.engine.shape(value) if isinstance(value, TensorObject) else None
    except (CannotFollow, GradcliError):
        return None


def _unlike(names: list[str]) -> list[str]:
    found: list[str] = []
    for given in names:
        name = given if given.isascii() and given.isidentifier() and not given.startswith("_") else "x"
        found.append(next(one for one in (name + "1" * count for count in range(len(names) + 1)) if one not in found))
    return found


def _tree(reader: CellReader, value: Any, names: dict[int, str], node: ast.AST) -> Node:
    """A value as one expression over the parameters.

    Raises CannotFollow where it needs something else.
    """
    if value is None:
        raise CannotFollow("backward gives None for a tensor", reader.span(node))
    if not isinstance(value, TensorObject):
        if isinstance(value, (int, float)):
            return reader.graph.number(value, reader.span(node))
        raise CannotFollow(f"{described(value)} is not what a function with a derivative gives", reader.span(node))
    trees: dict[int, Node] = {}
    vertices = reader.graph.vertices
    stack = [value.vertex.index]
    while stack:
        index = stack[-1]
        if index in trees:
            stack.pop()
            continue
        vertex = vertices[index]
        if index in names:
            trees[index] = Name(names[index], reader.span(node))
        elif vertex.node is None:
            trees[index] = _constant(reader, vertex, node)
        else:
            missing = [one for one in held(vertex.node) if one not in trees]
            if missing:
                stack += missing
                continue
            trees[index] = replaced(vertex.node, lambda one: _put(one, trees))
            if size(trees[index]) > MAX_PARTS:
                raise CannotFollow("the function is too long", reader.span(node))
        stack.pop()
    return trees[value.vertex.index]


def _constant(reader: CellReader, vertex: Vertex, node: ast.AST) -> Node:
    """A tensor from outside as its numbers: torch differentiates by nothing but the arguments.

    Raises CannotFollow where these are not known, or it is one to differentiate by.
    """
    if vertex.owner is not None or not reader.engine.is_known(vertex) or vertex.dtype == "bool":
        raise CannotFollow("a function with a derivative of its own uses a tensor from outside", reader.span(node))
    data = reader.engine.data(vertex)
    if len(data.data) > MOST_WRITTEN:
        raise CannotFollow("a function with a derivative of its own uses a large tensor", reader.span(node))
    whole = vertex.dtype == "int64"
    return reader.graph.operand(nested(data.shape, [int(x) if whole else x for x in data.data]), reader.span(node))


def _put(node: Node, trees: dict[int, Node]) -> Node | None:
    if isinstance(node, Name) and node.name.startswith(HELD):
        return trees[int(node.name[1:])]
    return None


def _name(reader: CellReader, cls: PythonClass, made: CustomFunction) -> str:
    """The name of a function, the same one for the same function."""
    number = 1
    while True:
        name = cls.name if number == 1 else f"{cls.name}_{number}"
        known = reader.graph.functions.get(name)
        if known is None:
            reader.graph.functions[name] = CustomFunction(name, made.params, made.body, made.incoming, made.partials)
            return name
        pairs = zip((made.body, *made.partials), (known.body, *known.partials))
        if known.params == made.params and all(same(a, b) for a, b in pairs):
            return name
        number += 1
