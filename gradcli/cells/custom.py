"""Subclasses of torch.autograd.Function: forward is the function, backward the derivative written by hand."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.extract import CustomFunction, definitions
from gradcli.cells.limits import MAX_PARTS
from gradcli.cells.nesting import described, nested
from gradcli.cells.tensors import TensorObject, Vertex
from gradcli.cells.values import CannotFollow, Instance, PythonClass, PythonFunction
from gradcli.cells.views import HELD, held, replaced
from gradcli.errors import GradcliError, LimitError
from gradcli.language.nodes import Call, Name, Node, Number, Output, Program, same, walk
from gradcli.language.numbers import DTYPES
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
    needed = tuple(isinstance(one, TensorObject) and (one.requires_grad or one.is_variable) for one in args)
    context = Instance(CONTEXT, {"needs_input_grad": needed})

    def value_of(tensors: list[TensorObject]) -> Any:
        inner = list(args)
        for index, tensor in zip(places, tensors):
            inner[index] = tensor
        value = reader.invoke(forward, inner if setup else [context, *inner], {}, node)
        if setup:
            reader.invoke(setup, [context, tuple(inner), value], {}, node)
        return value

    def partials_of(incoming: TensorObject, known: Mapping[int, str]) -> list[Any]:
        given = reader.invoke(backward, [context, incoming], {}, node)
        partials = list(given) if isinstance(given, (list, tuple)) else [given]
        found = [partials[index] if index < len(partials) else None for index in places]
        for place, index in enumerate(places):
            if found[place] is None and needed[index]:
                raise CannotFollow("backward gives None for a tensor", reader.span(node))
        return found

    hints = [names[index] if index < len(names) else f"x{index + 1}" for index in places]
    made = defined(reader, cls.name, [args[index] for index in places], hints, value_of, partials_of, node)
    if backward.once and isinstance(made.vertex.node, Call):
        reader.graph.once[made.vertex.node.function] = f"the backward of {cls.name} is once_differentiable"
    return made


def defined(
    reader: CellReader, called: str, args: list[TensorObject], hints: list[str],
    value_of: Callable[[list[TensorObject]], Any], partials_of: Callable[[TensorObject, Mapping[int, str]], list[Any]],
    node: ast.AST,
) -> TensorObject:  # fmt: skip
    """A call of a function with a derivative of its own, both read as formulas over tensors of which nothing is known.

    partials_of  of what comes in, and the names of the vertices: the derivatives by each; None for zero
    """
    params = []
    for one in args:
        tensor = reader.graph.input(None, one.vertex.dtype, one.library, shape=_shape(reader, one) or ())
        tensor.is_variable = True
        params.append(tensor)
    before, span = [one.vertex for one in params], reader.span(node)
    used = _unlike(hints)
    known = {one.index: name for name, one in zip(used, before)}
    g = next(name for name in ("g", "grad", "g_out", "g_in") if name not in used)
    following, reader.graph.following = reader.graph.following, True
    try:
        value = value_of(params)
        if isinstance(value, (list, tuple)):
            raise CannotFollow(f"{called} has several outputs, which is not followed", span)
        if [one.vertex for one in params] != before:
            raise CannotFollow(f"the forward of {called} changes its input in place", span)
        incoming = reader.graph.input(None, "float32", args[0].library if args else "torch")
        incoming.is_variable = True
        incoming.vertex.shape = _shape(reader, value)
        known[incoming.vertex.index] = g
        given = partials_of(incoming, known)
        partials = [  # what is None is zero, and has the shape of what it is by
            reader.graph.operation("*", [0, own], span, span) if one is None else one for one, own in zip(given, params)
        ]
    finally:
        reader.graph.following = following
    body = tree_of(reader, value, known, node)
    derivatives = tuple(
        one if isinstance(one, (Call, Name, Number)) else tree_of(reader, one, known, node) for one in partials
    )
    name = _name(reader, called, CustomFunction("", tuple(used), body, g, derivatives))
    call = Call(name, tuple(reader.graph.name(one, span) for one in args), span, span, user=True)
    return reader.graph.made(call, args)


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


def tree_of(reader: CellReader, value: Any, names: dict[int, str], node: ast.AST) -> Node:
    """A value as one expression over the parameters.

    Raises CannotFollow where it needs something else.
    """
    if not isinstance(value, TensorObject):
        if isinstance(value, (int, float)):
            return reader.graph.number(value, reader.span(node))
        raise CannotFollow(f"{described(value)} is not what a function with a derivative gives", reader.span(node))
    trees: dict[int, Node] = {}
    vertices = reader.graph.vertices
    shapes = {name: vertices[index].shape for index, name in names.items()}
    behind: dict[str, Node] = {}  # what derivatives within are by, where that is computed: it has a name for a while
    inner = {index: f"within{index}" for index in _by(reader, value.vertex.index) if index not in names}
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
            if index in inner:
                shapes[inner[index]] = vertex.shape
                behind[inner[index]], trees[index] = trees[index], Name(inner[index], reader.span(node))
            if size(trees[index]) > MAX_PARTS:
                raise CannotFollow("the function is too long", reader.span(node))
        stack.pop()
    tree = trees[value.vertex.index]
    while any(isinstance(one, Call) and one.function == "diff" for one in walk(tree)) or _named(tree, behind):
        tree = replaced(
            _without_derivatives(reader, tree, shapes, node),
            lambda one: behind.get(one.name) if isinstance(one, Name) else None,
        )
        if size(tree) > MAX_PARTS:
            raise CannotFollow("the function is too long", reader.span(node))
    return tree


def _by(reader: CellReader, index: int) -> set[int]:
    """What derivatives are by on which a vertex depends."""
    found, seen, stack = set[int](), set[int](), [index]
    while stack:
        one = stack.pop()
        tree = reader.graph.vertices[one].node
        if one in seen or tree is None:
            continue
        seen.add(one)
        stack += held(tree)
        if isinstance(tree, Call) and tree.function == "diff":
            found.update(held(tree.args[1]))
    return found


def _named(tree: Node, names: Mapping[str, Node]) -> bool:
    return any(isinstance(one, Name) and one.name in names for one in walk(tree))


def _without_derivatives(
    reader: CellReader, tree: Node, shapes: Mapping[str, tuple[int, ...] | None], node: ast.AST
) -> Node:
    """A tree with the derivatives in it written out: a rule is one formula."""
    from gradcli.tape.lower import lower
    from gradcli.tape.sweep import expand
    from gradcli.tape.trees import TapeTrees

    output = Output(tree, reader.span(node))
    program = Program((*definitions(reader.graph, [output]), output), reader.source, is_foreign=True)
    names = list(dict.fromkeys(one.name for one in walk(tree) if isinstance(one, Name) and one.name in shapes))
    sizes = {name: size for name in names if (size := shapes[name])}
    try:
        tape = expand(lower(program, names, DTYPES["float64"], True, sizes), reader.source)
        return TapeTrees(tape).of(tape.output)
    except (LimitError, CannotFollow):
        raise
    except GradcliError as error:
        raise CannotFollow(f"a derivative within a rule is not followed: {error.message}", reader.span(node)) from None


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


def _name(reader: CellReader, called: str, made: CustomFunction) -> str:
    """The name of a function, the same one for the same function."""
    number = 1
    while True:
        name = called if number == 1 else f"{called}_{number}"
        known = reader.graph.functions.get(name)
        if known is None:
            reader.graph.functions[name] = CustomFunction(name, made.params, made.body, made.incoming, made.partials)
            return name
        pairs = zip((made.body, *made.partials), (known.body, *known.partials))
        if known.params == made.params and all(same(a, b) for a, b in pairs):
            return name
        number += 1
