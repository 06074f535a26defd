"""Reverse mode over nodes: autograd's chain rule at high precision, with the user's own backwards in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Union

import numpy as np

from gradcli.check.callables.nodes import BallNode, EvaluationContext, Made, Unsupported, array, is_ball

_Vertex = Union[BallNode, Made]


def pull(
    world: EvaluationContext, seeds: Sequence[tuple[BallNode, BallNode]], targets: Sequence[BallNode]
) -> list[tuple[BallNode | None, Any]]:
    """For each target its gradient, and the sum of the sizes of the contributions to it; None where nothing flows.

    A seed is a node with the gradient that comes in there. The gradients are nodes: they can be pulled again.
    Raises Unsupported where a derivative on the way is not known.
    """
    wanted = {id(target) for target in targets}
    order = _order([node for node, _ in seeds], wanted)
    moving = {id(vertex) for vertex in order}
    gradients: dict[int, BallNode] = {}
    sizes: dict[int, Any] = {}

    def add(node: BallNode, gradient: BallNode) -> None:
        key = id(node)
        if key not in moving:
            return
        gradients[key] = gradients[key] + gradient if key in gradients else gradient
        if key in wanted:
            sizes[key] = sizes.get(key, 0) + (abs(gradient.value) if is_ball(gradient.value) else 0)

    for node, gradient in seeds:
        add(node, gradient)
    for vertex in reversed(order):
        if isinstance(vertex, Made):
            _through(world, vertex, gradients, add)
        elif vertex.row is not None and id(vertex) in gradients and id(vertex) not in wanted:
            _down(world, vertex, gradients[id(vertex)], moving, add)
    return [(gradients.get(id(target)), sizes.get(id(target), 0)) for target in targets]


def _down(
    world: EvaluationContext,
    node: BallNode,
    gradient: BallNode,
    moving: set[int],
    add: Callable[[BallNode, BallNode], None],
) -> None:
    """Through one row of the table, by its rules."""
    row = node.row
    assert row is not None
    if row.gives_truth:
        return
    for position, arg in enumerate(node.args):
        if id(arg) not in moving or position in row.truths:
            continue
        if row.signs:
            add(arg, gradient if row.signs[position] > 0 else -gradient)
        elif row.name == "where":
            if node.args[0].value is not None:
                both = (gradient, world.number(0)) if position == 1 else (world.number(0), gradient)
                add(arg, world.named("where", node.args[0], *both))
        elif row.name == "**" and position == 0 and _is_constant(node.args[1], moving):
            add(arg, gradient * _power_rule(world, node))
        else:
            add(arg, gradient * world.local(row, position, node.args))


def _is_constant(node: BallNode, moving: set[int]) -> bool:
    return id(node) not in moving and node.value is not None


def _power_rule(world: EvaluationContext, node: BallNode) -> BallNode:
    """The derivative of a power with a constant exponent; that of x**0 is 0 everywhere, as in torch."""
    base, exponent = node.args
    if is_ball(exponent.value) and exponent.value.is_zero():
        return world.number(0)
    return exponent * world.named("**", base, exponent - world.number(1))


def _through(
    world: EvaluationContext, made: Made, gradients: dict[int, BallNode], add: Callable[[BallNode, BallNode], None]
) -> None:
    """Through an autograd Function: its backward is given a gradient for each output."""
    incoming: list[Any] = []
    seen = False
    for nodes in made.outputs:
        if nodes is None:
            incoming.append(None)
            continue
        found = [gradients.get(id(node)) for node in nodes.flat]
        seen = seen or any(one is not None for one in found)
        zero = world.number(0)
        there = any(one is not None for one in found)
        incoming.append(array([zero if one is None else one for one in found], nodes.shape) if there else None)
    if not seen:
        return
    for nodes, answer in zip(made.inputs, made.backward(incoming)):
        if nodes is None or answer is None:
            continue
        fitted = answer if answer.shape == nodes.shape else _fitted(answer, nodes.shape)
        for node, gradient in zip(nodes.flat, fitted.flat):
            add(node, gradient)


def _fitted(answer: Any, shape: tuple[int, ...]) -> Any:
    """A gradient brought to the shape of its input, as torch does: what was broadcast is summed."""
    try:
        if answer.size < int(np.prod(shape)):
            return np.broadcast_to(answer, shape)
        while answer.ndim > len(shape):
            answer = answer.sum(axis=0)
        for axis, size in enumerate(shape):
            if size == 1 and answer.shape[axis] != 1:
                answer = answer.sum(axis=axis, keepdims=True)
        return answer.reshape(shape)
    except ValueError:
        raise Unsupported(f"a backward that gives a gradient of the shape {list(answer.shape)}") from None


def _order(outputs: Sequence[BallNode], wanted: set[int]) -> list[_Vertex]:
    """Everything on the way from the targets to the outputs, each vertex after those that it was made from."""
    found: list[_Vertex] = []
    moving: dict[int, bool] = {}
    stack: list[tuple[_Vertex, bool]] = [(node, False) for node in outputs]
    while stack:
        vertex, done = stack.pop()
        key = id(vertex)
        if done:
            moving[key] = key in wanted or any(moving[id(one)] for one in _sources(vertex))
            if moving[key]:
                found.append(vertex)
        elif key not in moving:
            moving[key] = False
            stack.append((vertex, True))
            if key not in wanted:
                stack.extend((one, False) for one in _sources(vertex) if id(one) not in moving)
    return found


def _sources(vertex: _Vertex) -> Sequence[_Vertex]:
    if isinstance(vertex, Made):
        return [node for nodes in vertex.inputs if nodes is not None for node in nodes.flat]
    return (vertex.made,) if vertex.made is not None else vertex.args
