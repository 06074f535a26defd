"""Hooks: what is called with a gradient on its way, after it was added, or with what a module gives."""

from __future__ import annotations

import ast
import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.derivations import CellDerivation, followed, total_of
from gradcli.cells.tensors import Gradient, TensorObject, Vertex
from gradcli.cells.values import CannotFollow, ReaderFunction
from gradcli.cells.views import HELD
from gradcli.language.nodes import Name, bottom_up

CHANGES = "a hook changes the gradient"
CHANGED = "a hook changes what is added to .grad: the derivative is that of the function"


@dataclass(eq=False, repr=False)
class HookHandle:
    """A function that is called with a gradient, or, `is_late`, after it was added to `.grad`; until it is removed."""

    function: Any
    hooks: list[HookHandle]
    is_late: bool = False


def register(tensor: TensorObject, function: Any, is_late: bool = False) -> HookHandle:
    """x.register_hook(f), x.register_post_accumulate_grad_hook(f)"""
    made = HookHandle(function, tensor.hooks, is_late)
    tensor.hooks.append(made)
    tensor.vertex.owner = tensor.vertex.owner or tensor
    return made


def handle_attribute(reader: CellReader, handle: HookHandle, name: str, node: ast.AST) -> Any:
    """handle.remove()"""
    if name != "remove":
        raise CannotFollow(f".{name} of a hook is not followed", reader.span(node))

    def remove(args: list[Any], keywords: dict[str, Any], place: ast.AST) -> None:
        if handle in handle.hooks:
            handle.hooks.remove(handle)

    return ReaderFunction(name, remove)


def run(reader: CellReader, made: CellDerivation, node: ast.AST) -> dict[int, TensorObject]:
    """Call the hooks of all tensors on the way back, the last one first; what those of leaves have made of it.

    Raises CannotFollow where one changes a gradient that goes on.
    """
    found: dict[int, TensorObject] = {}
    if not any(one.owner is not None and one.owner.hooks for one in followed(reader.graph, made.output.vertex)):
        return found
    for vertex in _way_back(reader, made.output.vertex):
        owner = vertex.owner
        if owner is None or not owner.hooks:
            continue
        calls = [one for one in owner.hooks if not one.is_late]
        seen = _seen(reader, made, owner, vertex)
        for one in calls:
            before = seen.vertex
            result = reader.invoke(one.function, [seen], {}, node)
            if seen.vertex is not before:
                raise CannotFollow("a hook changes the gradient in place", reader.span(node))
            if result is None:
                continue
            if vertex.node is not None or not isinstance(result, TensorObject):
                raise CannotFollow(CHANGES, reader.span(node))
            seen = found[vertex.index] = result
    if found:
        made.notes.append(CHANGED)
    return found


def _way_back(reader: CellReader, output: Vertex) -> Iterator[Vertex]:
    """The vertices in the order in which torch's engine comes to them: leaves at once, else what was made last."""

    def operands(vertex: Vertex) -> list[int]:
        tree = vertex.node
        names = [one for one in bottom_up(tree) if isinstance(one, Name)] if tree is not None else []
        return [index for one in names if one.name.startswith(HELD) and (index := int(one.name[1:])) in vertex.tracks]

    waiting = Counter(index for one in followed(reader.graph, output) for index in operands(one))
    ready = [(0, 0, output.index)]
    count = 0
    while ready:
        vertex = reader.graph.vertices[heapq.heappop(ready)[2]]
        yield vertex
        for index in operands(vertex):
            waiting[index] -= 1
            if waiting[index] == 0:
                count += 1
                is_leaf = reader.graph.vertices[index].node is None
                heapq.heappush(ready, (0, count, index) if is_leaf else (1, -index, index))


def _seen(reader: CellReader, made: CellDerivation, owner: TensorObject, vertex: Vertex) -> TensorObject:
    own = replace(made, by=[(owner, vertex)], notes=[], earlier=())
    gradient, shape = Gradient([(own, 0)]), reader.engine.shape(owner)
    seen = reader.graph.input(None, vertex.dtype, owner.library, later=lambda: total_of(gradient, shape), shape=shape)
    seen.source = gradient
    return seen


def run_late(reader: CellReader, by: list[tuple[TensorObject, Vertex]], node: ast.AST) -> None:
    """Call what was to be called after the gradients were added."""
    for owner, _ in by:
        for one in [one for one in owner.hooks if one.is_late]:
            reader.invoke(one.function, [owner], {}, node)
