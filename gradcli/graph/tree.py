"""The graph as text: each node on a line, what it is made of below it, its details in columns."""

from __future__ import annotations

from gradcli.graph.api import Graph
from gradcli.graph.branches import TreeBranch, branches
from gradcli.graph.columns import Cell, Detail, Styled, TableRow, fitted, painted
from gradcli.graph.data import NodeKind
from gradcli.graph.notes import header, notes
from gradcli.graph.spelling import cell, shortened
from gradcli.graph.words import adjoint, label, local, short_label, torch_names
from gradcli.terminal.arrays import by
from gradcli.terminal.console import AMBER, Screen

MOST_NODES = 400  # that are drawn
MOST_WITH_NUMBERS = 40  # nodes of a graph whose literals are drawn too
DEEPEST = 14  # levels of a tree, beyond which another one begins
WIDE = 110  # columns of what is as wide as it likes
COLUMNS = 40  # what stands beside a tree takes at the least
LEVEL = 5  # further columns for a level

STYLES = {
    NodeKind.VARIABLE: "green", NodeKind.NUMBER: "dim", NodeKind.CONSTANT: "dim", NodeKind.TRUTH: "dim",
    NodeKind.DETACH: AMBER, NodeKind.CUSTOM_VJP: "magenta", NodeKind.STATEMENT: "bold",
}  # fmt: skip


def render(graph: Graph, screen: Screen, quiet: bool = False, everything: bool = False) -> str:
    """The graph, with what there is to know about reading it; `quiet` leaves that out."""
    walked = graph.walked
    deepest = min(max(((screen.width or WIDE) - COLUMNS) // LEVEL, 2), DEEPEST)
    numbers = everything or len(walked.nodes) <= MOST_WITH_NUMBERS
    trees, left = branches(walked, screen.unicode, deepest, numbers, MOST_NODES, graph.folded)

    def make(detail: Detail) -> tuple[list[str], list[TableRow]]:
        rows: list[TableRow] = []
        for tree in trees:
            rows += [TableRow()] * bool(rows)
            rows += [_row(graph, branch, detail, screen.unicode) for branch in tree]
        return _headers(detail), rows

    lines: list[Styled] = [[(text, "bold")] for text in header(graph, screen)] + [[]]
    table, detail = fitted(make, screen, elastic=(0, 4))
    lines += table
    if not quiet:
        shown = [branch for tree in trees for branch in tree]
        said = notes(graph, shown, left, numbers, detail, screen)
        lines += [[]] * bool(said) + [[(text, "dim")] for text in said]
    return painted(lines, screen)


def _headers(detail: Detail) -> list[str]:
    flags = ["is_leaf", "requires_grad"] if detail.flags else []
    value = ["value, adjoint"] if detail.stacked else ["value"]
    return ["node", "shape", *value, "local", *([] if detail.stacked else ["adjoint"]), "grad_fn", *flags]


def _row(graph: Graph, branch: TreeBranch, detail: Detail, unicode: bool) -> TableRow:
    node = graph.walked.nodes[branch.node]
    style = STYLES.get(node.kind, "bold" if node.names else "")
    edge = "" if branch.edge is None else local(branch.edge, detail.digits, detail.formula)
    cut = AMBER if branch.edge is not None and branch.edge.cut else ""
    if branch.reference:
        text = f"{shortened(short_label(node), detail.label, unicode)} {_arrow(branch.reference, unicode)}"
        cells = [Cell([text], "dim", branch.below, branch.lead), *[Cell([""])] * 2, Cell([edge], cut)]
        return TableRow([*cells, *[Cell([""])] * (len(_headers(detail)) - len(cells))])
    cells = [
        Cell([shortened(label(node), detail.label, unicode)], style, branch.below, branch.lead),
        Cell([by(node.shape)], "dim"),
        _value(graph, branch.node, detail, unicode),
        Cell([edge], cut),
        *([] if detail.stacked else [Cell(adjoint(graph, branch.node, detail, unicode), "cyan")]),
        Cell([torch_names(graph, node, unicode, detail.label // 2)], "dim" if not node.requires_grad else ""),
    ]
    flags = [Cell([str(node.is_leaf)], "dim"), Cell([str(node.requires_grad)], "dim")]
    return TableRow([*cells, *(flags if detail.flags else [])])


def _value(graph: Graph, index: int, detail: Detail, unicode: bool) -> Cell:
    """A node's value, and below it the adjoint where there is no column for that."""
    node = graph.walked.nodes[index]
    value = cell(node.value, detail.digits, unicode, detail.tall, detail.tensor)
    style = "dim" if node.kind is NodeKind.NUMBER else ""
    if not detail.stacked:
        return Cell(value, style)
    below = adjoint(graph, index, detail, unicode)
    sign = "∂ " if unicode else "d "
    lines = [f"  {text}" for text in value] + [
        (sign if i == 0 else "  ") + text for i, text in enumerate(below) if text
    ]
    return Cell(lines, style, change=len(value), other="cyan")


def _arrow(reference: str, unicode: bool) -> str:
    if not unicode:
        return f"({reference})"
    return "↑" if reference == "above" else "↓"
