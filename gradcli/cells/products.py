"""Products with Jacobians and Hessians, as torch.func, torch.autograd.functional and JAX have them: vjp, jvp, hvp."""

from __future__ import annotations

import ast
from array import array
from collections.abc import Sequence
from typing import Any

from gradcli.cells import autograd, differentiation
from gradcli.cells.base import CellReader
from gradcli.cells.creation import require
from gradcli.cells.derivations import followed, total_of
from gradcli.cells.tensors import Gradient, TensorObject
from gradcli.cells.values import CannotFollow, ReaderFunction
from gradcli.language.nodes import Call
from gradcli.tape.arrays import Array

STEP = "t"  # of a jvp: how far the point is moved


def vjp(library: str, reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """vjp(f, *primals): the value, and a function of the weights of its entries."""
    is_inner = any(isinstance(one, TensorObject) and one.is_variable for one in args[1:])
    output, by, _ = differentiation.evaluated(reader, args[0], list(args[1:]), range(len(args) - 1), node, library)
    return output, Pullback(reader, output, by, args[0], is_inner)


class Pullback(ReaderFunction):
    """What vjp gives besides the value: a function of the weights of its entries."""

    def __init__(
        self, reader: CellReader, output: TensorObject, by: list[TensorObject], function: Any, is_inner: bool
    ) -> None:
        def call(weights: list[Any], _keywords: dict[str, Any], place: ast.AST) -> Any:
            if is_inner:
                total = _weighted(reader, output, weights[0], place)
                return tuple(differentiation.formulas(reader, total, by, place))
            return tuple(_by_weights(reader, output, by, weights[0], place))

        super().__init__("vjp", call, function)
        self.output = output
        self.by = by

    def of_rows(self, reader: CellReader, given: list[Any], node: ast.AST) -> Any:
        """vmap of it: each row of a matrix of weights, times the Jacobian."""
        return tuple(autograd.rows(reader, self.output, self.by, given[0], node))


def functional_vjp(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """torch.autograd.functional.vjp(f, inputs, v): the value and vᵀ·J."""
    inputs, v = _inputs(args, keywords)
    output, by, _ = differentiation.evaluated(reader, args[0], inputs, range(len(inputs)), node, "torch")
    return output, _shaped(_by_weights(reader, output, by, v, node), args)


def functional_hvp(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """torch.autograd.functional.hvp(f, inputs, v), and vhp: the value and the Hessian's product with v."""
    inputs, v = _inputs(args, keywords)
    output, by, _ = differentiation.evaluated(reader, args[0], inputs, range(len(inputs)), node, "torch")
    if len(by) != 1 or not isinstance(v, TensorObject):
        raise CannotFollow("a product with the Hessian by several tensors is not followed", reader.span(node))
    gradient = _gradient(reader, output, by[0], node)
    return output, _shaped(_by_weights(reader, gradient, by, v, node), args)


def jvp(library: str, reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """jvp(f, primals, tangents): the value and J·v, the derivative by how far the point is moved along v."""
    span = reader.span(node)
    primals, tangents = (listed(one) for one in args[1:3])
    if len(tangents) != len(primals):
        raise CannotFollow("a tangent is needed for each argument", span)
    if any(isinstance(one, TensorObject) and one.is_variable for one in primals):
        return _inner_jvp(reader, args[0], primals, tangents, node, library)
    dtype = next((one.vertex.dtype for one in primals if isinstance(one, TensorObject)), "float32")
    step = reader.graph.input(Array((), array("d", [0.0])), dtype, library)
    step.vertex.name = STEP
    require(reader, step, node)
    moved = [
        reader.graph.operation("+", [x, reader.graph.operation("*", [step, v], span, span)], span, span)
        for x, v in zip(primals, tangents)
    ]
    for one in moved:
        one.is_variable = True  # a gradient within is differentiated again
    mode, reader.is_forward = reader.is_forward, True
    try:
        output = reader.invoke(args[0], moved, {}, node)
    finally:
        reader.is_forward = mode
    if not isinstance(output, TensorObject):
        raise CannotFollow("what the function gives is not a tensor", span)
    if all(one.index != step.vertex.index for one in followed(reader.graph, output.vertex)):
        raise CannotFollow(differentiation.CONSTANT, span)
    note = f"J·v is the derivative by {STEP}, how far the point is moved along v"
    made = autograd.derivation(reader, output, [(step, step.vertex)], None, node, is_jacobian=True, notes=[note])
    reader.derivations.append(made)
    gradient = Gradient([(made, 0)])
    shape = reader.engine.shape(output)
    found = reader.graph.input(None, dtype, output.library, later=lambda: total_of(gradient, shape))
    found.source = gradient
    return output, found


def _inner_jvp(
    reader: CellReader, function: Any, primals: list[Any], tangents: list[Any], node: ast.AST, library: str
) -> Any:
    """J·v where the point is a variable: the derivatives of one number, each times its tangent."""
    span, graph = reader.span(node), reader.graph
    places = range(len(primals))
    output, by, _ = differentiation.evaluated(reader, function, primals, places, node, library, is_forward=True)
    if reader.engine.shape(output):
        raise CannotFollow("a derivative along a tangent, within another one, is followed of one number", span)
    if any(not isinstance(one, (TensorObject, int, float)) for one in tangents) or len(by) != len(tangents):
        raise CannotFollow("a derivative along such tangents, within another one, is not followed", span)
    total: Any = 0
    for one, own, tangent in zip(differentiation.formulas(reader, output, by, node), by, tangents):
        term = graph.operation("*", [one, tangent], span, span)
        if reader.engine.shape(own):
            term = graph.call(["sum"], [term], {}, span, span)
        total = graph.operation("+", [total, term], span, span) if total else term
    return output, total


def functional_jvp(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """torch.autograd.functional.jvp(f, inputs, v)."""
    inputs, v = _inputs(args, keywords)
    return jvp("torch", reader, [args[0], inputs, v], {}, node)


def _inputs(args: list[Any], keywords: dict[str, Any]) -> tuple[list[Any], Any]:
    inputs = args[1] if len(args) > 1 else keywords.get("inputs")
    v = args[2] if len(args) > 2 else keywords.get("v")
    weights = listed(v)
    return listed(inputs), weights[0] if len(weights) == 1 else v


def listed(value: Any) -> list[Any]:
    """A list or a tuple as a list; something else alone in one."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _shaped(found: Sequence[Any], args: list[Any]) -> Any:
    return tuple(found) if isinstance(args[1], (list, tuple)) else found[0]


def _by_weights(
    reader: CellReader, output: TensorObject, by: Sequence[TensorObject], weights: Any, node: ast.AST
) -> list[TensorObject]:
    given = weights[0] if isinstance(weights, (list, tuple)) and len(weights) == 1 else weights
    output.requires_grad = True
    return autograd.gradients(reader, output, by, given, False, True, node)


def _weighted(reader: CellReader, output: TensorObject, weights: Any, node: ast.AST) -> TensorObject:
    """The number whose gradient is the vjp with these weights."""
    span = reader.span(node)
    total = reader.graph.operation("*", [weights, output], span, span)
    return reader.graph.call(["sum"], [total], {}, span, span) if reader.engine.shape(output) else total


def _gradient(reader: CellReader, output: TensorObject, by: TensorObject, node: ast.AST) -> TensorObject:
    """The gradient as an operation, to be differentiated again."""
    span = reader.span(node)
    names = reader.graph.name(output, span), reader.graph.name(by, span)
    made = reader.graph.made(Call("diff", names, span, span), [output, by])
    made.vertex.shape = reader.engine.shape(by)
    return made
