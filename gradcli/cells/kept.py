"""What torch keeps for the way back: operands and results, which must not be changed in place before backward."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from gradcli.cells.graph import CellGraph
from gradcli.cells.tensors import Vertex
from gradcli.cells.values import CannotFollow, PythonRaises
from gradcli.cells.views import HELD, held
from gradcli.functions.kept import AGAIN, BOTH, FACTORS, NOTHING, OPERANDS, RESULT, SHARING, TURNING
from gradcli.language.nodes import Call, Name, Node, walk
from gradcli.language.trees import is_call

MODIFIED = "one of the variables needed for gradient computation has been modified by an inplace operation"
ANEW = "{name} = ... makes a new tensor where {name} += ... or {name}[...] = ... changes the one that was kept"
UNKNOWN = "{name} was changed in place, and {function} may have kept it for its backward"
UNSEEN = "{name} was changed by way of .data after it was used: torch goes on with the changed numbers and says nothing"


def is_kept_nothing_of(vertex: Vertex) -> bool:
    """Whether torch keeps nothing for the backward of an operation, so that it goes through it a second time."""
    for one in walk(vertex.node) if vertex.node is not None else ():
        if isinstance(one, Call) and (one.user or one.function not in AGAIN):
            return False
        if is_call(one, "x[]") and isinstance(one, Call) and any(is_call(arg, "[]") for arg in one.args[1:]):
            return False
    return True


def check_kept(graph: CellGraph, vertices: Iterable[Vertex], by: Iterable[Vertex]) -> None:
    """Refuse to go back where what was kept has been changed since; `by` are the ends of the way.

    Raises PythonRaises where torch does, CannotFollow where it computes with other numbers or may do either.
    """
    order = sorted(vertices, key=lambda one: one.index)
    if not any(_is_changed(one) for one in _around(graph, order)):
        return
    on_the_way = {one.index for one in by}
    for vertex in order:
        if vertex.node is None or not any(one in on_the_way for one in held(vertex.node) if one in vertex.tracks):
            continue
        on_the_way.add(vertex.index)
        also = (KeptTensor(index, "it", True) for index in vertex.keeps)
        for one in (*_kept(vertex.node, vertex, True), *also):
            if one.vertex != vertex.replaces or not one.is_first:
                _check(graph, one, vertex.node)


def _check(graph: CellGraph, kept: KeptTensor, node: Node) -> None:
    vertex = graph.vertices[kept.vertex]
    while not _is_changed(vertex):  # a transpose shares the numbers of what it is of
        inner = vertex.node
        if not isinstance(inner, Call) or inner.function not in TURNING or not isinstance(inner.args[0], Name):
            return
        vertex = graph.vertices[next(held(inner.args[0]))]
    name = vertex.name or "a tensor"
    assert vertex.storage is not None
    if not kept.is_sure:
        raise CannotFollow(UNKNOWN.format(name=name, function=kept.function), node.span)
    if vertex.storage.version == vertex.version:
        raise CannotFollow(UNSEEN.format(name=name), node.span)
    raise PythonRaises("RuntimeError", MODIFIED, ANEW.format(name=vertex.name) if vertex.name else None)


def _around(graph: CellGraph, vertices: Iterable[Vertex]) -> Iterator[Vertex]:
    for one in vertices:
        yield one
        if one.node is not None:
            yield from (graph.vertices[index] for index in held(one.node))


def _is_changed(vertex: Vertex) -> bool:
    return vertex.storage is not None and vertex.storage.writes > vertex.writes


class KeptTensor(NamedTuple):
    """A vertex that an operation keeps: which function does, whether that is sure, whether it is its first operand."""

    vertex: int
    function: str
    is_sure: bool
    is_first: bool = False


def _kept(node: Node | None, vertex: Vertex, is_root: bool) -> Iterator[KeptTensor]:
    """What an operation keeps."""
    if not isinstance(node, Call) or (node.function in NOTHING and not node.user):
        for arg in node.args if isinstance(node, Call) else ():
            yield from _kept(arg, vertex, False)
        return
    for arg in node.args:
        yield from _kept(arg, vertex, False)
    operands, result, is_sure = _rule(node, vertex)
    for place, arg in enumerate(node.args):
        if place in operands:
            yield from (KeptTensor(index, node.function, is_sure, place == 0) for index in _shared(arg))
    if result and is_root:
        yield KeptTensor(vertex.index, node.function, is_sure)


def _rule(node: Call, vertex: Vertex) -> tuple[Collection[int], bool, bool]:
    """The places of the operands that a call keeps, whether it keeps its result, and whether that is sure."""
    function, everything = node.function, range(len(node.args))
    if node.user:
        return everything, True, False
    moving = [place for place in everything if any(index in vertex.tracks for index in held(node.args[place]))]
    if function in FACTORS:
        factors = range(2) if function == "linear" else everything  # the bias is added
        return [place for place in factors if any(other != place for other in moving if other in factors)], False, True
    if function == "/":
        is_number = not any(True for _ in held(node.args[0]))  # torch multiplies by the reciprocal
        return () if is_number else everything if 1 in moving else (1,), False, True
    if function == "kron":  # it goes on with what stands there then, of which torch does not know
        return [place for place in everything if any(other != place for other in moving)], False, False
    if function == "**":
        return everything, any(True for _ in held(node.args[1])), True
    if function in ("max", "min") and len(node.args) > 1:
        return everything, False, True
    is_sure = function in OPERANDS or function in RESULT or function in BOTH
    return () if function in RESULT else everything, function not in OPERANDS, is_sure


def _shared(node: Node) -> Iterator[int]:
    """The vertices whose numbers a tree is, or is a view of."""
    while isinstance(node, Call) and node.function in SHARING:
        node = node.args[0]
    if isinstance(node, Call) and node.function in ("[]", "..."):
        for arg in node.args:
            yield from _shared(arg)
    if isinstance(node, Name) and node.name.startswith(HELD):
        yield int(node.name[1:])
