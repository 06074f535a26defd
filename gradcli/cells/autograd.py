"""What torch's autograd is asked in a cell: backward, grad, no_grad, Jacobians; and what others call the same."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.derivations import CellDerivation, followed, free, leaves, total_of
from gradcli.cells.nesting import described
from gradcli.cells.values import CannotFollow, Gradient, TensorObject, Vertex
from gradcli.language.nodes import Call, Name

NO_GRAD = "element 0 of tensors does not require grad and does not have a grad_fn"
NOT_SCALAR = "grad can be implicitly created only for scalar outputs"


def backward(reader: CellReader, output: Any, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> None:
    """y.backward(gradient, retain_graph=..., create_graph=...)"""
    if not isinstance(output, TensorObject):
        raise CannotFollow(f"backward of {described(output)} is not followed", reader.span(node))
    weights = args[0] if args else keywords.get("gradient", keywords.get("grad_tensors"))
    create = bool(keywords.get("create_graph"))
    retain = bool(keywords.get("retain_graph", create))
    if isinstance(weights, (list, tuple)) and len(weights) == 1:
        weights = weights[0]
    weights = _weights(reader, output, weights, node)
    by = leaves(reader.graph, output)
    by = [(owner, vertex) for owner, vertex in by if owner not in reader.free.values()] or by
    if not output.requires_grad or not by:
        raise reader.raised("RuntimeError", NO_GRAD, node, "a tensor is followed with requires_grad=True")
    free(reader.graph, output, retain)
    if any(one.owner is not None and one.owner.hooks for one in followed(reader.graph, output.vertex)):
        raise CannotFollow("a hook changes the gradient", reader.span(node))
    made = derivation(reader, output, by, weights, node)
    _collect(made, by)
    if create:
        for owner, vertex in by:
            total = output if not reader.engine.shape(output) else reader.graph.made(made.total(), [output])
            names = reader.graph.name(total, made.span), Name(f"${vertex.index}", made.span)
            owner.grad = None
            owner.created = reader.graph.made(Call("diff", names, made.span, made.span), [total, owner])
    reader.derivations.append(made)


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


def _collect(made: CellDerivation, by: list[tuple[TensorObject, Vertex]]) -> None:
    """Add what comes out to `.grad`, as backward does."""
    before = [tuple(one for one, _ in owner.grad.parts) if owner.grad else () for owner, _ in by]
    same = all(
        earlier == before[0] and all((owner, vertex) in one.by for one in earlier)
        for earlier, (owner, vertex) in zip(before, by)
    )
    if any(before) and same:
        made.earlier = before[0]
        times = len(made.earlier) + 1
        made.notes.append(f"backward() adds to .grad: the sum of {times} derivatives is there now")
    elif any(before):
        names = [vertex.name or "a tensor" for earlier, (_, vertex) in zip(before, by) if earlier]
        made.notes.append(
            f"{' and '.join(names)}.grad was not set to zero: this derivative is added to what was there before"
        )
    for position, (owner, _) in enumerate(by):
        owner.grad = owner.grad or Gradient()
        owner.grad.parts.append((made, position))


def gradient_of(reader: CellReader, tensor: TensorObject, node: ast.AST) -> Any:
    """x.grad"""
    if tensor.created is not None:
        tensor.created.source = tensor.created.source or Gradient([(reader.derivations[-1], 0)])
        return tensor.created
    gradient = tensor.grad
    if gradient is None:
        return None
    now = Gradient(list(gradient.parts), list(gradient.factors))
    vertex = tensor.vertex
    made = reader.graph.input(
        None, vertex.dtype, tensor.library, later=lambda: total_of(now, reader.engine.shape(tensor))
    )
    made.vertex.name = f"{vertex.name}_grad" if vertex.name else None
    made.source, made.holder = now, tensor
    if gradient.parts:
        made.vertex.shape = reader.engine.shape(tensor)
    return made


def reset(tensor: TensorObject, to_none: bool = False) -> None:
    """x.grad = None, x.grad.zero_()"""
    tensor.created = None
    tensor.grad = None if to_none else Gradient()


def grad(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """torch.autograd.grad(outputs, inputs, grad_outputs): a tuple with a gradient for each input."""
    outputs = args[0] if args else keywords.get("outputs")
    inputs = args[1] if len(args) > 1 else keywords.get("inputs")
    weights = args[2] if len(args) > 2 else keywords.get("grad_outputs")
    create = bool(keywords.get("create_graph"))
    output = outputs[0] if isinstance(outputs, (list, tuple)) and len(outputs) == 1 else outputs
    if isinstance(weights, (list, tuple)) and len(weights) == 1:
        weights = weights[0]
    given = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
    by = [one for one in given if isinstance(one, TensorObject)]
    if not isinstance(output, TensorObject) or len(by) < len(given):
        raise CannotFollow("torch.autograd.grad of these is not followed", reader.span(node))
    if not output.requires_grad:
        raise reader.raised("RuntimeError", NO_GRAD, node)
    return tuple(gradients(reader, output, by, weights, create, bool(keywords.get("retain_graph", create)), node))


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
        message = "One of the differentiated Tensors appears to not have been used in the graph."
        raise reader.raised("RuntimeError", message, node)
    free(reader.graph, output, retain)
    made = derivation(reader, output, [(one, one.vertex) for one in by], given, node)
    reader.derivations.append(made)
    found = []
    for position, one in enumerate(by):
        gradient = Gradient([(made, position)])
        if create:
            total = output
            if given is not None or reader.engine.shape(output):
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
