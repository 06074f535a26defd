"""What torch's autograd is asked in a cell: backward, grad, no_grad, Jacobians; and what others call the same."""

from __future__ import annotations

import ast
import math
from array import array
from collections.abc import Iterator, Sequence
from typing import Any

from gradcli.cells import accumulated, hooks
from gradcli.cells.base import CellReader
from gradcli.cells.derivations import CellDerivation, followed, free, leaves, total_of
from gradcli.cells.nesting import described
from gradcli.cells.tensors import Gradient, TensorObject, Vertex
from gradcli.cells.values import CannotFollow
from gradcli.language.nodes import Call
from gradcli.tape.arrays import Array

NO_GRAD = "element 0 of tensors does not require grad and does not have a grad_fn"
UNUSED = "One of the differentiated Tensors appears to not have been used in the graph."
NOT_SCALAR = "grad can be implicitly created only for scalar outputs"


def backward(reader: CellReader, output: Any, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> None:
    """y.backward(gradient, retain_graph, create_graph, inputs)"""
    if not isinstance(output, TensorObject):
        raise CannotFollow(f"backward of {described(output)} is not followed", reader.span(node))
    words = dict(zip(("gradient", "retain_graph", "create_graph", "inputs"), args)) | keywords
    weights = words.get("gradient", words.get("grad_tensors"))
    if isinstance(weights, (list, tuple)) and len(weights) == 1:
        weights = weights[0]
    weights = _weights(reader, output, weights, node)
    by = leaves(reader.graph, output)
    by = [(owner, vertex) for owner, vertex in by if owner not in reader.free.values()] or by
    if not output.requires_grad or not by:
        raise reader.raised("RuntimeError", NO_GRAD, node, "a tensor is followed with requires_grad=True")
    if words.get("inputs") is not None:
        by = _chosen(reader, output, words["inputs"], node)
    create = bool(words.get("create_graph"))
    if create:
        check_once(reader, output, node)
    free(reader.graph, output, [vertex for _, vertex in by], _retains(words, create))
    made = derivation(reader, output, by, weights, node)
    hooked = hooks.run(reader, made, node)
    if create and hooked:
        raise CannotFollow(hooks.CHANGES, reader.span(node))
    if create:
        accumulated.followed_on(reader, made, output)
    else:
        accumulated.collect(reader, made, by, hooked)
    reader.derivations.append(made)
    hooks.run_late(reader, by, node)


def check_once(reader: CellReader, output: TensorObject, node: ast.AST) -> None:
    """Refuse a second derivative of what has a derivative that is not differentiated again."""
    for vertex in followed(reader.graph, output.vertex) if reader.graph.once else ():
        if isinstance(vertex.node, Call) and vertex.node.user and vertex.node.function in reader.graph.once:
            why = reader.graph.once[vertex.node.function]
            raise CannotFollow(f"{why}: a second derivative of it is not followed", reader.span(node))


def backward_of(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> None:
    """torch.autograd.backward(tensors, grad_tensors, retain_graph, create_graph)"""
    words = dict(zip(("tensors", "grad_tensors", "retain_graph", "create_graph", "grad_variables"), args)) | keywords
    outputs, weights = words.pop("tensors"), words.pop("grad_tensors", None)
    if isinstance(outputs, (list, tuple)) and len(outputs) > 1:
        outputs, weights = combined(reader, outputs, weights, node), None
    elif isinstance(outputs, (list, tuple)):
        (outputs,) = outputs
    backward(reader, outputs, [weights], words, node)


def combined(reader: CellReader, outputs: Any, weights: Any, node: ast.AST) -> TensorObject:
    """Of several outputs the number that torch differentiates at once: the sum of all, each times its weight."""
    span, total = reader.span(node), None
    own = list(weights) if isinstance(weights, (list, tuple)) else [weights] * len(outputs)
    if len(own) != len(outputs) or (weights is not None and not isinstance(weights, (list, tuple))):
        raise CannotFollow("a weight is needed for each output", span)
    following, reader.graph.following = reader.graph.following, True
    try:
        for place, (one, weight) in enumerate(zip(outputs, own)):
            if not isinstance(one, TensorObject):
                raise CannotFollow(f"a derivative of {described(one)} is not followed", span)
            if not one.requires_grad:
                raise reader.raised("RuntimeError", NO_GRAD.replace("0", str(place)), node)
            term = _weighted(reader, one, _weights(reader, one, weight, node), node)
            total = term if total is None else reader.graph.operation("+", [total, term], span, span)
    finally:
        reader.graph.following = following
    assert total is not None
    return total


def _weighted(reader: CellReader, output: TensorObject, weights: TensorObject | None, node: ast.AST) -> TensorObject:
    span = reader.span(node)
    term = output if weights is None else reader.graph.operation("*", [weights, output], span, span)
    return reader.graph.call(["sum"], [term], {}, span, span) if reader.engine.shape(output) else term


def _retains(words: dict[str, Any], create: bool) -> bool:
    retain = words.get("retain_graph")
    return create if retain is None else bool(retain)


def _chosen(reader: CellReader, output: TensorObject, inputs: Any, node: ast.AST) -> list[tuple[TensorObject, Vertex]]:
    """What backward(inputs=...) names, as far as the output depends on it."""
    given = list(reader.iterated(inputs, node)) if not isinstance(inputs, TensorObject) else [inputs]
    reached = {one.index for one in followed(reader.graph, output.vertex)}
    if not given or not all(isinstance(one, TensorObject) and one.requires_grad for one in given):
        raise CannotFollow("backward with such inputs is not followed", reader.span(node))
    by = [(one, one.vertex) for one in given if one.vertex.index in reached]
    if not by or not all(one.is_leaf for one in given):
        raise CannotFollow("backward by what is not a leaf, or is not reached, is not followed", reader.span(node))
    return by


def _weights(reader: CellReader, output: TensorObject, weights: Any, node: ast.AST) -> TensorObject | None:
    """The weights of the outputs; None where there is one output."""
    shape = reader.engine.shape(output)
    if weights is None:
        size = 1
        for one in shape:
            size *= one
        if size != 1:
            raise reader.raised("RuntimeError", NOT_SCALAR, node, "backward(gradient=...) gives each output a weight")
        return None
    if not isinstance(weights, TensorObject):
        raise CannotFollow(f"{described(weights)} is not a gradient", reader.span(node))
    if not shape and reader.engine.is_known(weights.vertex) and set(reader.array(weights).data) == {1.0}:
        return None
    if not weights.requires_grad:
        return weights
    vertex = weights.vertex  # its numbers: a weight is not followed
    return reader.graph.input(None, vertex.dtype, later=lambda: reader.engine.data(vertex), shape=shape)


def derivation(
    reader: CellReader, output: TensorObject, by: list[tuple[TensorObject, Vertex]], weights: TensorObject | None,
    node: ast.AST, **more: Any,
) -> CellDerivation:  # fmt: skip
    """What is asked for at a place: the output as it is now."""
    return CellDerivation(
        reader.graph, reader.engine, reader.cell, reader.lines.line(node), reader.span(node),
        TensorObject(output.vertex, output.requires_grad, output.library), list(by), weights, **more,
    )  # fmt: skip


def implied(reader: CellReader, value: Any, node: ast.AST) -> None:
    """The derivation of a value that nobody asks for, where there is one number to differentiate."""
    if isinstance(value, TensorObject) and value.requires_grad and set(reader.engine.shape(value)) <= {1}:
        by = leaves(reader.graph, value)
        if by:
            reader.derivations.append(derivation(reader, value, by, None, node))


def grad(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """torch.autograd.grad(outputs, inputs, grad_outputs): a tuple with a gradient for each input."""
    names = ("outputs", "inputs", "grad_outputs", "retain_graph", "create_graph", "only_inputs", "allow_unused")
    words = dict(zip((*names, "is_grads_batched", "materialize_grads"), args)) | keywords
    outputs, inputs, weights = words.get("outputs"), words.get("inputs"), words.get("grad_outputs")
    create = bool(words.get("create_graph"))
    if isinstance(outputs, (list, tuple)) and len(outputs) > 1 and not words.get("is_grads_batched"):
        outputs, weights = combined(reader, outputs, weights, node), None
    output = outputs[0] if isinstance(outputs, (list, tuple)) and len(outputs) == 1 else outputs
    if isinstance(weights, (list, tuple)) and len(weights) == 1:
        weights = weights[0]
    given = [inputs] if isinstance(inputs, TensorObject) else list(reader.iterated(inputs, node))
    by = [one for one in given if isinstance(one, TensorObject)]
    if not isinstance(output, TensorObject) or not by or len(by) < len(given):
        raise CannotFollow("torch.autograd.grad of these is not followed", reader.span(node))
    if not output.requires_grad:
        raise reader.raised("RuntimeError", NO_GRAD, node)
    if not all(one.requires_grad for one in by):
        raise reader.raised("RuntimeError", "One of the differentiated Tensors does not require grad", node)
    reached = {one.index for one in followed(reader.graph, output.vertex)}
    chosen = [one for one in by if one.vertex.index in reached]
    zeros = bool(words.get("materialize_grads"))
    if len(chosen) < len(by) and not zeros and not words.get("allow_unused"):
        raise reader.raised("RuntimeError", UNUSED, node, "allow_unused=True gives None for it")
    found: Iterator[TensorObject] = iter(())
    if chosen and words.get("is_grads_batched"):
        if create:
            raise CannotFollow("rows of gradients that are differentiated again are not followed", reader.span(node))
        free(reader.graph, output, [one.vertex for one in chosen], _retains(words, create))
        found = iter(rows(reader, output, chosen, weights, node))
    elif chosen:
        found = iter(gradients(reader, output, chosen, weights, create, _retains(words, create), node))
    return tuple(
        next(found) if one.vertex.index in reached else _zeros(reader, one) if zeros else None for one in by
    )  # fmt: skip


def _zeros(reader: CellReader, like: TensorObject) -> TensorObject:
    shape = reader.engine.shape(like)
    return reader.graph.input(Array(shape, array("d", [0.0]) * math.prod(shape)), like.vertex.dtype)


def rows(
    reader: CellReader, output: TensorObject, by: Sequence[TensorObject], weights: Any, node: ast.AST
) -> list[TensorObject]:
    """The gradients for each row of a matrix of weights: that matrix times the Jacobian."""
    span, shape = reader.span(node), reader.engine.shape(output)
    if not isinstance(weights, TensorObject) or len(reader.engine.shape(weights)) != 1 + len(shape) or not shape:
        raise CannotFollow("gradients for rows of weights are followed where the weights are rows", span)
    flat = [reader.engine.shape(weights)[0], -1]
    own = reader.graph.method(weights, "reshape", flat, {}, span, span) if len(shape) > 1 else weights
    column = output
    if len(shape) > 1:
        column = reader.graph.method(column, "reshape", [-1], {}, span, span)
    product = reader.graph.operation("@", [own, column], span, span)
    made = derivation(reader, product, [(one, one.vertex) for one in by], None, node, is_jacobian=True)
    reader.derivations.append(made)
    return [of_derivation(reader, made, place, one) for place, one in enumerate(by)]


def of_derivation(reader: CellReader, made: CellDerivation, position: int, by: TensorObject) -> TensorObject:
    """The tensor that a derivation gives by one of its inputs."""
    gradient = Gradient([(made, position)])
    tensor = reader.graph.input(
        None, by.vertex.dtype, by.library, later=lambda: total_of(gradient, reader.engine.shape(by))
    )
    tensor.source = gradient
    return tensor


def gradients(
    reader: CellReader, output: TensorObject, by: Sequence[TensorObject], weights: Any, create: bool, retain: bool,
    node: ast.AST,
) -> list[TensorObject]:  # fmt: skip
    """A gradient for each tensor; with `create` one that can be differentiated again."""
    given = _weights(reader, output, weights, node)
    reached = {one.index for one in followed(reader.graph, output.vertex)}
    if any(one.vertex.index not in reached for one in by):
        raise reader.raised("RuntimeError", UNUSED, node)
    if create:
        check_once(reader, output, node)
    free(reader.graph, output, [one.vertex for one in by], retain)
    made = derivation(reader, output, [(one, one.vertex) for one in by], given, node)
    if hooks.run(reader, made, node):
        raise CannotFollow(hooks.CHANGES, reader.span(node))
    reader.derivations.append(made)
    weighted = None
    if create and given is not None and isinstance(weights, TensorObject) and weights.requires_grad:
        before = {one.index for one in followed(reader.graph, weights.vertex)}
        if any(one.vertex.index in before for one in by):
            raise CannotFollow("weights that depend on what is differentiated by are not followed", reader.span(node))
        weighted = _weighted(reader, output, weights, node)
    found = []
    for position, one in enumerate(by):
        gradient = Gradient([(made, position)])
        if create:
            total = output if weighted is None else weighted
            if weighted is None and (given is not None or reader.engine.shape(output)):
                total = reader.graph.made(made.total(), [output])
            names = reader.graph.name(total, made.span), reader.graph.name(one, made.span)
            tensor = reader.graph.made(Call("diff", names, made.span, made.span), [total, one])
            tensor.vertex.shape = reader.engine.shape(one)
        else:
            vertex = one.vertex
            tensor = reader.graph.input(
                None, vertex.dtype, one.library, later=lambda g=gradient, t=one: total_of(g, reader.engine.shape(t))
            )
        tensor.source = gradient
        found.append(tensor)
    return found
