"""Derivatives of functions, as JAX, torch.func and HIPS autograd ask for them: by arguments, and by what these hold."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from gradcli.cells import autograd, pytrees
from gradcli.cells.base import CellReader
from gradcli.cells.creation import require
from gradcli.cells.derivations import followed
from gradcli.cells.nesting import array_of
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow, Instance, ReaderFunction
from gradcli.language.nodes import Call

GRADIENTS = ("grad", "value_and_grad", "grad_and_value", "elementwise_grad")
WITH_VALUES = ("value_and_grad", "grad_and_value")


def differentiated(
    reader: CellReader, name: str, function: Any, args: list[Any], places: Any, several: bool, node: ast.AST,
    library: str = "torch", has_aux: bool = False, keywords: dict[str, Any] | None = None,
) -> Any:  # fmt: skip
    """The derivative of a function at its arguments, and a derivation where they are numbers.

    has_aux  whether the function gives a pair, of which the second is only handed on
    """
    chosen = range(len(args)) if places is None else places if isinstance(places, (list, tuple)) else (places,)
    held = [one for given in args for _, one in pytrees.leaves(given, None)]
    inner = any(isinstance(one, TensorObject) and one.is_variable for one in held)
    output, by, aux = evaluated(reader, function, args, chosen, node, library, has_aux, keywords)
    if inner or name == "hessian":
        autograd.check_once(reader, output, node)
    if name in GRADIENTS and inner:
        span = reader.span(node)
        found = [
            reader.graph.made(Call("diff", (reader.graph.name(output, span), reader.graph.name(one, span)), span, span),
                              [output, *by])
            for one in by
        ]  # fmt: skip
        for one in found:
            one.is_variable = True
    else:
        jacobian = name not in GRADIENTS
        total = output
        if name == "elementwise_grad" and reader.engine.shape(output):
            total = reader.graph.call(["sum"], [output], {}, reader.span(node), reader.span(node))
        order = 2 if name == "hessian" else 1
        pairs = [(one, one.vertex) for one in by]
        made = autograd.derivation(
            reader, total, pairs, None, node, order=order, hessian=order == 2, is_jacobian=jacobian
        )
        reader.derivations.append(made)
        found = [autograd.of_derivation(reader, made, position, one) for position, one in enumerate(by)]
    rest = iter(found)
    shaped = [pytrees.rebuilt(args[place], rest) for place in chosen]
    result = tuple(shaped) if several else shaped[0]
    value: Any = (output, aux) if has_aux else output
    if name == "grad_and_value":
        return result, value
    if name == "value_and_grad":
        return value, result
    return (result, aux) if has_aux else result


def evaluated(
    reader: CellReader, function: Any, args: Sequence[Any], chosen: Sequence[Any], node: ast.AST, library: str,
    has_aux: bool = False, keywords: dict[str, Any] | None = None,
) -> tuple[TensorObject, list[TensorObject], Any]:  # fmt: skip
    """What a function gives of variables in the place of some arguments; these variables, and what it gives besides."""
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
    before = len(reader.derivations)
    try:
        output = reader.invoke(function, values, keywords or {}, node)
    finally:
        reader.graph.following = following
    output, aux = output if has_aux else (output, None)
    if isinstance(output, Instance) or not isinstance(output, TensorObject):
        raise CannotFollow("what the function gives is no tensor", reader.span(node))
    reached = {one.index for one in followed(reader.graph, output.vertex)}
    if any(one.vertex.index not in reached for one in by):
        if output.source is not None:
            del reader.derivations[before:]  # what is within is not what is asked
            raise CannotFollow("derivatives of what this gives are not followed", reader.span(node))
        raise CannotFollow("the value does not depend on what it is differentiated by: that is 0", reader.span(node))
    return output, by, aux


def _variable(reader: CellReader, value: Any, hint: str | None, node: ast.AST, library: str) -> TensorObject:
    """An argument that is differentiated by: an input of its own, or the name of what it is."""
    if isinstance(value, TensorObject) and (value.is_variable or value.requires_grad):
        if value.vertex.node is None:
            return value
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
