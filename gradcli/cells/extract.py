"""A program of the language from the graph of a cell: the statements that an output depends on, and the point."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gradcli.cells.graph import FLOATS, STAGE, CellGraph
from gradcli.cells.limits import MAX_PARTS
from gradcli.cells.tensors import Vertex
from gradcli.cells.views import HELD, held, replaced
from gradcli.errors import LimitError, Span
from gradcli.functions import table
from gradcli.language.nodes import Assign, Call, Define, DefineDerivative, Name, Node, Number, Output, Program, walk
from gradcli.language.parser import RESERVED
from gradcli.language.tree_facts import size

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,98}")


@dataclass(frozen=True)
class Extracted:
    """A program, the inputs that have numbers by their names in it, and the names of what it is differentiated by.

    free  the inputs that have none, by their names
    """

    program: Program
    inputs: dict[str, Vertex]
    wrt: tuple[str, ...]
    free: dict[str, Vertex]


@dataclass(frozen=True)
class CustomFunction:
    """A function with a derivative of its own: trees over its parameters, and `incoming` in the derivatives."""

    name: str
    params: tuple[str, ...]
    body: Node
    incoming: str
    partials: tuple[Node, ...]


def extract(graph: CellGraph, output: Node, by: Sequence[Vertex], last: Vertex | None = None) -> Extracted:
    """The program whose value is `output`, a tree over vertices; `last` is the vertex that it is, where it is one.

    Raises LimitError where it would be too long.
    """
    needed = _needed(graph, output)
    moving = {one.index for one in by}
    for index in needed:  # each after those that it is computed from
        vertex = graph.vertices[index]
        if vertex.node is not None and vertex.dtype in FLOATS and any(one in moving for one in held(vertex.node)):
            moving.add(index)
    counts = Counter(one for index in needed if (node := graph.vertices[index].node) for one in held(node))
    counts.update(held(output))
    inner = _named_by_diff(graph, needed) - {one.index for one in by}
    wanted = {one.index for one in by} | inner
    stated = [
        index
        for index in needed
        if graph.vertices[index].node is not None and (index in wanted or _is_stated(graph.vertices[index], counts))
    ]
    names = _named(graph, needed, stated, wanted)
    trees: dict[int, Node] = {}
    sizes: dict[int, int] = {}
    statements: list[Any] = []

    def put_in(node: Node, tracks: frozenset[int] | None) -> Node:
        return replaced(node, _reference(names, trees, moving, tracks))

    for index in needed:
        vertex = graph.vertices[index]
        if vertex.node is None:
            continue
        tree = put_in(vertex.node, vertex.tracks)
        if size(tree, sizes) > MAX_PARTS:
            raise LimitError(STAGE, f"a statement would have more than {MAX_PARTS:,} parts", source=graph.source)
        if index in names and isinstance(tree, Name) and index in inner:
            names[index] = tree.name  # another name of the same
        elif index in names:
            statements.append(Assign(names[index], tree, tree.span))
        else:
            trees[index] = tree
    if last is None or not statements or not (last.index in names and statements[-1].name == names[last.index]):
        whole = put_in(output, None)
        statements.append(Output(whole, whole.span))
    program = Program((*definitions(graph, statements), *statements), graph.source, is_foreign=True)
    inputs = {names[index]: graph.vertices[index] for index in needed if graph.vertices[index].node is None}
    known = {name: one for name, one in inputs.items() if one.data is not None or one.later is not None}
    free = {name: one for name, one in inputs.items() if name not in known}
    return Extracted(program, known, tuple(names[one.index] for one in by if one.index in names), free)


def _needed(graph: CellGraph, output: Node) -> list[int]:
    """What an output is computed from, in the order of making: what an operation needs was made before it."""
    found: set[int] = set()
    stack = list(held(output))
    while stack:
        index = stack.pop()
        if index in found:
            continue
        found.add(index)
        node = graph.vertices[index].node
        if node is not None:
            stack.extend(held(node))
    return sorted(found)


def _named_by_diff(graph: CellGraph, needed: Sequence[int]) -> set[int]:
    """What a derivative inside the program is by: that is a name."""
    nodes = [node for index in needed if (node := graph.vertices[index].node)]
    calls = [one for node in nodes for one in walk(node) if isinstance(one, Call) and one.function == "diff"]
    return {index for one in calls for index in held(one.args[1])}


def _is_stated(vertex: Vertex, counts: Counter[int]) -> bool:
    """Whether a value is a statement of its own: the cell has a name for it, or it is used several times."""
    if isinstance(vertex.node, Name):
        return False
    return vertex.name is not None or (counts[vertex.index] > 1 and not isinstance(vertex.node, Number))


def _named(graph: CellGraph, needed: Sequence[int], stated: Sequence[int], wanted: set[int]) -> dict[int, str]:
    """A name of its own for each input and statement: the cell's, with numbers where several things have one name."""
    inputs = [index for index in needed if graph.vertices[index].node is None]
    hints = {index: _hint(graph.vertices[index]) for index in (*inputs, *stated)}
    plain: dict[str, int] = {}  # who has the name as it is: what is differentiated by, an input, the latest value
    for index in sorted(hints, key=lambda one: (one in wanted, one in inputs, one)):
        if hints[index]:
            plain[hints[index]] = index
    taken = set(plain)
    names: dict[int, str] = {}
    for index in sorted(hints):
        hint, number = hints[index], 1
        if plain.get(hint) == index:
            names[index] = hint
            continue
        base = f"{hint}_" if hint else "t"
        while f"{base}{number}" in taken:
            number += 1
        names[index] = f"{base}{number}"
        taken.add(names[index])
    return names


def _hint(vertex: Vertex) -> str:
    """The name that the cell has for a value, where it can be one here; else nothing."""
    name = vertex.name or ""
    name = name if name.isascii() else ""
    if not _NAME.fullmatch(name) or name in RESERVED or name in ("None", "True", "False"):
        return ""
    if vertex.node is not None and table.constant(name) is not None:
        return f"{name}_"
    return name


def _reference(
    names: dict[int, str], trees: dict[int, Node], moving: set[int], tracks: frozenset[int] | None
) -> Callable[[Node], Node | None]:
    """What stands for a vertex in a tree: its name or its tree, detached where autograd does not follow it there."""

    def change(node: Node) -> Node | None:
        if not isinstance(node, Name) or not node.name.startswith(HELD):
            return None
        index = int(node.name[1:])
        tree = Name(names[index], node.span) if index in names else trees[index]
        if tracks is None or index in tracks or index not in moving:
            return tree
        if isinstance(tree, Call) and tree.function == "detach" and not tree.user:
            return tree
        return Call("detach", (tree,), node.span, node.span)

    return change


def _called(tree: Node) -> Iterator[str]:
    return (one.function for one in walk(tree) if isinstance(one, Call) and one.user)


def definitions(graph: CellGraph, statements: Iterable[Any]) -> list[Define | DefineDerivative]:
    """The functions with derivatives of their own that statements use."""
    used = {name for s in statements for name in _called(s.value)}
    for name, vjp in reversed(graph.functions.items()):  # what a function uses stands in front of it
        if name in used:
            used.update(called for tree in (vjp.body, *vjp.partials) for called in _called(tree))
    found: list[Define | DefineDerivative] = []
    for name, vjp in graph.functions.items():
        if name in used:
            span = Span(vjp.body.span.start, vjp.body.span.end)
            found.append(Define(name, vjp.params, vjp.body, span))
            found.append(DefineDerivative(name, vjp.params, vjp.incoming, vjp.partials, span))
    return found
