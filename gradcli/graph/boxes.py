"""A graph as boxes and arrows, before any format: what stands in each box, and beside each arrow."""

from __future__ import annotations

from dataclasses import dataclass

from gradcli.errors import LimitError
from gradcli.graph.api import Graph
from gradcli.graph.branches import children
from gradcli.graph.data import Edge, GraphNode, Local, NodeKind
from gradcli.graph.spelling import flat, line, shortened
from gradcli.graph.words import label, local, summed, torch_names
from gradcli.terminal.arrays import by

STAGE = "drawing the graph"
MOST_BOXES = 400
MOST_WITH_NUMBERS = 40
LABEL = 32  # columns of a label, of a formula beside an arrow, and of a text that shows where the pointer is
FORMULA = 22
TENSOR = 48  # columns of entries
TOOLTIP = 400
DIGITS = 5


@dataclass(frozen=True)
class Box:
    """A node: its heading, the lines below it, what kind it is, and all there is to say about it."""

    node: int
    heading: str
    lines: tuple[str, ...]
    kind: str
    tooltip: str


@dataclass(frozen=True)
class Arrow:
    """An edge: from the box that uses another one to that; `flows` where a gradient does."""

    parent: int
    child: int
    label: str
    flows: bool
    tooltip: str


def boxes(graph: Graph, everything: bool) -> tuple[list[Box], list[Arrow]]:
    """The boxes of a graph and its arrows, those that the output leads to.

    Raises LimitError for more boxes than anybody looks at.
    """
    walked = graph.walked
    numbers = everything or len(walked.nodes) <= MOST_WITH_NUMBERS
    below = children(walked, numbers)
    places = _reached(below, walked.output)
    if len(places) > MOST_BOXES:
        raise LimitError(
            STAGE, f"there are {len(places):,} nodes, and {MOST_BOXES:,} is the limit of a picture",
            hint="give parts of the program names: a statement is one node then; or take --format json",
        )  # fmt: skip
    return (
        [_box(graph, place) for place in places],
        [_arrow(edge) for place in places for edge in below[place]],
    )


def _reached(below: list[list[Edge]], output: int) -> list[int]:
    """The nodes in the order of a walk from the output."""
    found: dict[int, None] = {}
    waiting = [output]
    while waiting:
        place = waiting.pop()
        if place not in found:
            found[place] = None
            waiting.extend(edge.child for edge in reversed(below[place]))
    return list(found)


def _box(graph: Graph, index: int) -> Box:
    node = graph.walked.nodes[index]
    heading = shortened(label(node), LABEL, unicode=True)
    size = f"{by(node.shape)}: " if node.shape else ""
    lines = [] if node.kind is NodeKind.NUMBER else [size + flat(node.value, DIGITS, TENSOR)]
    lines.append(torch_names(graph, node, unicode=True))
    if node.adjoint is not None:
        added = summed(graph, index, DIGITS)
        fits = added is not None and len(added) <= LABEL
        lines.append(f"adjoint {added if fits else flat(node.adjoint, DIGITS, TENSOR)}")
    return Box(index, heading, tuple(lines), _class(node), _tooltip(graph, index))


def _class(node: GraphNode) -> str:
    """What a box is drawn as."""
    if node.kind is NodeKind.VARIABLE:
        return "leaf" if node.requires_grad else "fixed"
    if node.kind in (NodeKind.CUSTOM_VJP, NodeKind.DETACH, NodeKind.STATEMENT):
        return {NodeKind.CUSTOM_VJP: "hand", NodeKind.DETACH: "cut", NodeKind.STATEMENT: "statement"}[node.kind]
    return "operation" if node.requires_grad else "fixed"


def _tooltip(graph: Graph, index: int) -> str:
    node = graph.walked.nodes[index]
    said = [
        label(node),
        f"value: {line(node.value, 17)}",
        f"grad_fn: {node.grad_fn}",
        f"is_leaf: {node.is_leaf}, requires_grad: {node.requires_grad}",
    ]
    if node.shape:
        said.insert(1, f"shape: {by(node.shape)}")
    if node.adjoint is not None:
        said.append(f"adjoint: {summed(graph, index, 17) or line(node.adjoint, 17)}")
    if len(node.torch) > 1:
        said.append("torch: " + ", ".join(graph.walked.torch[one].name for one in node.torch[:20]))
    return "\n".join(shortened(text, TOOLTIP, unicode=True) for text in said)


def _arrow(edge: Edge) -> Arrow:
    text = local(edge, DIGITS, FORMULA)
    said = []
    if edge.text:
        said.append(f"local derivative: {edge.text}")
    if edge.derivative is not None and edge.local is not Local.MAP:
        said.append(f"its value: {line(edge.derivative, 17)}")
    if edge.contribution is not None:
        said.append(f"contribution: {line(edge.contribution, 17)}")
    if edge.note:
        said.append(edge.note)
    return Arrow(edge.parent, edge.child, text, edge.flows, "\n".join(said))
