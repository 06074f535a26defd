"""Derivatives of functions, as JAX, torch.func and HIPS autograd ask for them: by arguments, and by what these hold."""

from __future__ import annotations

import ast
import math
from array import array
from collections.abc import Sequence
from typing import Any

from gradcli.cells import autograd, pytrees
from gradcli.cells.base import CellReader
from gradcli.cells.creation import require
from gradcli.cells.derivations import followed
from gradcli.cells.nesting import array_of
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow, Instance, ReaderFunction
from gradcli.cells.views import held
from gradcli.language.nodes import Call, Name
from gradcli.tape.arrays import Array

GRADIENTS = ("grad", "value_and_grad", "grad_and_value", "elementwise_grad")
CONSTANT = "the value does not depend on what it is differentiated by: that is 0"
WITH_VALUES = ("value_and_grad", "grad_and_value")


def differentiated(
    reader: CellReader, name: str, function: Any, args: list[Any], places: Any, several: bool, node: ast.AST,
    library: str = "torch", has_aux: bool = False, keywords: dict[str, Any] | None = None, is_forward: bool = False,
) -> Any:  # fmt: skip
    """The derivative of a function at its arguments, and a derivation where they are numbers.

    has_aux     whether the function gives a pair, of which the second is only handed on
    is_forward  whether the derivative, the inner one of two, is taken in forward mode
    """
    chosen = range(len(args)) if places is None else places if isinstance(places, (list, tuple)) else (places,)
    held = [one for given in args for _, one in pytrees.leaves(given, None)]
    inner = any(isinstance(one, TensorObject) and one.is_variable for one in held)
    output, by, aux = evaluated(
        reader, function, args, chosen, node, library, has_aux, keywords, is_forward, unused=True
    )
    reached = {one.index for one in followed(reader.graph, output.vertex)}
    used = [one for one in by if one.vertex.index in reached]
    if inner or name == "hessian":
        autograd.check_once(reader, output, node)
    total = output
    if name == "elementwise_grad" and reader.engine.shape(output):
        total = reader.graph.call(["sum"], [output], {}, reader.span(node), reader.span(node))
    if name in GRADIENTS and inner:
        found = formulas(reader, total, used, node)
    elif not used:
        reader.leave_out(node, CONSTANT)
        found = []
    else:
        jacobian = name not in GRADIENTS
        order = 2 if name == "hessian" else 1
        pairs = [(one, one.vertex) for one in used]
        made = autograd.derivation(
            reader, total, pairs, None, node, order=order, hessian=order == 2, is_jacobian=jacobian
        )
        reader.derivations.append(made)
        found = [autograd.of_derivation(reader, made, position, one) for position, one in enumerate(used)]
    own = iter(found)
    shape = () if name in GRADIENTS else reader.engine.shape(output)
    rest = iter(next(own) if one in used else _zeros(reader, one, shape, name == "hessian") for one in by)
    shaped = [pytrees.rebuilt(args[place], rest) for place in chosen]
    result = tuple(shaped) if several else shaped[0]
    value: Any = (output, aux) if has_aux else output
    if name == "grad_and_value":
        return result, value
    if name == "value_and_grad":
        return value, result
    return (result, aux) if has_aux else result


def formulas(reader: CellReader, output: TensorObject, by: Sequence[TensorObject], node: ast.AST) -> list[TensorObject]:
    """Derivatives of one number as operations, which may be differentiated again."""
    span, found = reader.span(node), list[TensorObject]()
    _part(reader, output, by)
    for one in by:
        names = reader.graph.name(output, span), reader.graph.name(one, span)
        made = reader.graph.made(Call("diff", names, span, span), [output, *by])
        made.is_variable = True
        found.append(made)
    return found


def _zeros(reader: CellReader, by: TensorObject, shape: tuple[int, ...], is_twice: bool) -> TensorObject:
    """The derivatives of what does not depend on an input."""
    own = tuple(reader.engine.shape(by))
    whole = (*shape, *own, *(own if is_twice else ()))
    return reader.graph.input(Array(whole, array("d", [0.0]) * math.prod(whole)), by.vertex.dtype, by.library)


def evaluated(
    reader: CellReader, function: Any, args: Sequence[Any], chosen: Sequence[Any], node: ast.AST, library: str,
    has_aux: bool = False, keywords: dict[str, Any] | None = None, is_forward: bool = False, unused: bool = False,
) -> tuple[TensorObject, list[TensorObject], Any]:  # fmt: skip
    """What a function gives of variables in the place of some arguments; these variables, and what it gives besides.

    is_forward  whether the derivative is taken in forward mode
    unused      whether it need not depend on all of them
    """
    values, by = list(args), list[TensorObject]()
    names = _parameters(function)
    for place in chosen:
        if not isinstance(place, int) or not -len(args) <= place < len(args):
            raise CannotFollow("the place of an argument is not known", reader.span(node))
        value, hint = values[place], names[place] if place < len(names) else None
        made = [_variable(reader, one, name, node, library) for name, one in pytrees.leaves(value, hint)]
        values[place] = pytrees.rebuilt(value, iter(made))
        by += made
    following, reader.graph.following = reader.graph.following, True
    mode, reader.is_forward = reader.is_forward, is_forward
    before = len(reader.derivations)
    try:
        output = reader.invoke(function, values, keywords or {}, node)
    finally:
        reader.graph.following, reader.is_forward = following, mode
    output, aux = output if has_aux else (output, None)
    if isinstance(output, TensorObject):
        _part(reader, output, by)
    if isinstance(output, Instance) or not isinstance(output, TensorObject):
        raise CannotFollow("what the function gives is not a tensor", reader.span(node))
    reached = {one.index for one in followed(reader.graph, output.vertex)}
    missing = [one for one in by if one.vertex.index not in reached]
    if missing and (not unused or output.source is not None):
        if output.source is not None:
            del reader.derivations[before:]  # what is within is not what is asked
            raise CannotFollow("derivatives of what this gives are not followed", reader.span(node))
        raise CannotFollow(CONSTANT, reader.span(node))
    return output, by, aux


def _part(reader: CellReader, output: TensorObject, by: Sequence[TensorObject]) -> None:
    """Let variables be values of their own where an output depends on what they are the names of in other ways, too."""
    names = {one.vertex.index: one.vertex for one in by if isinstance(one.vertex.node, Name)}
    others, seen, stack = set[int](), set[int](), [output.vertex.index]
    while stack and names:
        index = stack.pop()
        tree = reader.graph.vertices[index].node
        if index in names or index in seen or tree is None:
            others.add(index)
            continue
        seen.add(index)
        stack += held(tree)
    for vertex in names.values():
        assert vertex.node is not None
        if set(held(vertex.node)) & (seen | others - names.keys()):
            one = reader.graph.number(1, vertex.node.span)
            vertex.node = Call("*", (vertex.node, one), vertex.node.span, vertex.node.span)


def _variable(reader: CellReader, value: Any, hint: str | None, node: ast.AST, library: str) -> TensorObject:
    """An argument that is differentiated by: an input of its own, or the name of what it is."""
    if isinstance(value, TensorObject) and (value.is_variable or value.requires_grad):
        made = reader.graph.vertex(reader.graph.name(value, reader.span(node)), value.vertex.dtype,
                                   tracks=frozenset([value.vertex.index]), name=hint)  # fmt: skip
        return TensorObject(made, True, value.library, is_variable=value.is_variable)
    if isinstance(value, TensorObject):
        vertex = value.vertex
        dtype = vertex.dtype if vertex.dtype != "int64" else "float32"
        made_input = reader.graph.input(None, dtype, value.library, later=lambda: reader.engine.data(vertex))
        made_input.vertex.shape = reader.engine.shape(value)
    else:
        data, whole = array_of(value, reader.span(node), reader.array)
        if whole and library == "jax":
            raise reader.raised(
                "TypeError", "grad requires real- or complex-valued inputs (input dtype that is a sub-dtype of"
                " np.inexact), but got int32", node, "write the number with a point: 3.0",
            )  # fmt: skip
        made_input = reader.graph.input(data, "float64" if library == "np" else "float32", library)
    made_input.vertex.name = (value.vertex.name if isinstance(value, TensorObject) else None) or hint
    require(reader, made_input, node)
    made_input.is_variable = True
    return made_input


def _parameters(function: Any) -> list[str]:
    while isinstance(function, ReaderFunction):
        function = function.function
    arguments = getattr(function, "arguments", None)
    return [one.arg for one in arguments.args] if arguments is not None else []
