"""Both passes in order: what was computed, and how the adjoints came about, a line for each step of the chain rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gradcli.errors import Span
from gradcli.graph.api import Graph
from gradcli.graph.columns import Cell, Detail, Styled, TableRow, fitted, painted
from gradcli.graph.data import Edge, GraphNode, Local, NodeKind, Tensor
from gradcli.graph.notes import INDENT, header, remarks
from gradcli.graph.spelling import cell, shortened
from gradcli.graph.words import is_number, label, short_label, terms, torch_names
from gradcli.language.nodes import Call, Name
from gradcli.language.nodes import Node as Expression
from gradcli.language.printer import unparse
from gradcli.terminal.console import Screen
from gradcli.terminal.numbers import brief
from gradcli.terminal.wrap import fold

NOWHERE = Span(0, 0)
MOST_STEPS = 400  # of one pass that are shown
ROOMY = 30  # columns for formulas, from which a sum has a column as wide as it is

Rows = Callable[[Graph, Detail, bool], "tuple[list[str], list[TableRow]]"]


def render(graph: Graph, screen: Screen, forward: bool, backward: bool, quiet: bool = False) -> str:
    """The passes that are asked for; `quiet` leaves out how to read them."""
    lines: list[Styled] = [[(text, "bold")] for text in header(graph, screen)]
    said: list[str] = []
    if forward:
        lines += [[], *_table(graph, screen, "forward", _forward, (1, 2))]
    if backward and graph.walked.seed is not None:
        lines += [[], *_table(graph, screen, "backward", _backward, (1, 2))]
        said += _reading(graph, screen.unicode)
    for count, name in ((len(graph.walked.nodes), "forward"), (len(graph.walked.backward), "backward")):
        if count > MOST_STEPS and (forward if name == "forward" else backward):
            said.append(f"{count - MOST_STEPS:,} more steps {name} are not shown")
    if not quiet:
        said += remarks(graph)
        notes = [part for text in dict.fromkeys(said) for part in fold(text, screen.columns, INDENT)]
        lines += [[]] * bool(notes) + [[(text, "dim")] for text in notes]
    return painted(lines, screen)


def _table(graph: Graph, screen: Screen, title: str, rows: Rows, elastic: Sequence[int]) -> list[Styled]:
    table, _ = fitted(lambda detail: rows(graph, detail, screen.unicode), screen, elastic)
    return [[(title, "bold")], *table]


def steps(graph: Graph) -> dict[int, int]:
    """The number of each node that is a step forward: literals are none."""
    indices = [index for index, node in enumerate(graph.walked.nodes) if node.kind is not NodeKind.NUMBER]
    return {place: step for step, place in enumerate(indices, 1)}


def _forward(graph: Graph, detail: Detail, unicode: bool) -> tuple[list[str], list[TableRow]]:
    rows = []
    for index, step in list(steps(graph).items())[:MOST_STEPS]:
        node = graph.walked.nodes[index]
        value = cell(node.value, detail.digits, unicode, detail.tall, detail.tensor)
        rows.append(
            TableRow([
                Cell([f"{step:>2}"], "dim"),
                Cell([shortened(label(node), detail.label, unicode)], "bold" if node.names else ""),
                Cell([shortened(_with_values(graph, node, detail.digits), max(detail.formula, 12), unicode)]),
                Cell(_after("= ", value)),
                Cell([torch_names(graph, node, unicode, detail.label // 2)], "" if node.requires_grad else "dim"),
            ])
        )  # fmt: skip
    return ["", "node", "computed", "  value", "recorded"], rows


def _with_values(graph: Graph, node: GraphNode, digits: int) -> str:
    """The operation with the values of its arguments, where all are numbers."""
    arguments: list[Expression] = []
    for operand in node.operands:
        text = operand if isinstance(operand, str) else _value(graph.walked.nodes[operand], digits)
        if text is None:
            return ""
        arguments.append(_signed(text, node.function == "neg"))
    if not arguments or node.function is None or node.kind in (NodeKind.DERIVATIVE, NodeKind.CUSTOM_VJP):
        return ""
    return unparse(Call(node.function, tuple(arguments), NOWHERE, NOWHERE))


def _value(node: GraphNode, digits: int) -> str | None:
    """The value of a node that is one number."""
    return None if node.shape else brief(node.value.entries, digits)


def _signed(text: str, negated: bool) -> Expression:
    """A number as a part of an expression: a negative one takes brackets where they are needed."""
    if text.startswith("-") and negated:
        return Name(f"({text})", NOWHERE)
    if text.startswith("-"):
        return Call("neg", (Name(text[1:], NOWHERE),), NOWHERE, NOWHERE)
    return Name(text, NOWHERE)


def _backward(graph: Graph, detail: Detail, unicode: bool) -> tuple[list[str], list[TableRow]]:
    rows: list[TableRow] = []
    leaving: dict[int, list[Edge]] = {}
    for edge in graph.walked.edges:
        leaving.setdefault(edge.parent, []).append(edge)
    numbered = steps(graph)
    for index in graph.walked.backward[:MOST_STEPS]:
        node = graph.walked.nodes[index]
        flowing = [edge for edge in leaving.get(index, []) if edge.flows and edge.contribution is not None]
        first = True
        parts = graph.walked.summands.get(index, ())
        for cells in [
            *_sum(node, parts, detail, unicode),
            *(_step(graph, edge, numbered, detail, unicode) for edge in flowing),
        ]:
            head = [f"{numbered[index]:>2}", shortened(label(node), detail.label, unicode)] if first else ["", ""]
            rows.append(TableRow([Cell([head[0]], "dim"), Cell([head[1]], "bold" if node.names else ""), *cells]))
            first = False
    return ["", "node", "to", "adjoint", "  local", "  contribution", "rule"], rows


def _sum(node: GraphNode, parts: Sequence[Tensor], detail: Detail, unicode: bool) -> list[list[Cell]]:
    """How the adjoint of a node came about: of a leaf always, else where several paths lead to it."""
    if node.adjoint is None or (len(parts) < 2 and not node.is_leaf):
        return []
    total = cell(node.adjoint, detail.digits, unicode, detail.tall, detail.tensor)
    to = f"{node.name}.grad" if node.is_leaf and node.name else "(sum)"
    if len(parts) < 2:
        return [[Cell([to], "green"), Cell([""]), Cell([""]), Cell(_after("= ", total), "cyan"), Cell([""])]]
    counted = f"sum of {len(parts)}"
    added = Cell([terms(parts, detail.digits) or counted], instead=counted if detail.formula < ROOMY else None)
    return [[Cell([to], "green" * node.is_leaf), added, Cell([""]), Cell(_after("= ", total), "cyan"), Cell([""])]]


def _step(graph: Graph, edge: Edge, numbered: Mapping[int, int], detail: Detail, unicode: bool) -> list[Cell]:
    """One step of the chain rule, by one edge."""
    parent, child = graph.walked.nodes[edge.parent], graph.walked.nodes[edge.child]
    times, arrow = ("× ", "→ ") if unicode else ("* ", "> ")
    formula = edge.text if edge.text and len(edge.text) <= max(detail.formula, 12) else None
    rule = ""
    if edge.local in (Local.MAP, Local.RULE):
        local = [arrow + (formula or _jacobian(edge))]
    elif edge.derivative is None:
        local = [f"{arrow}paths"] if edge.local is Local.PATHS else [""]
    elif edge.derivative.shape and formula:
        local = [times + formula]
    else:
        local = _after(times, cell(edge.derivative, detail.digits, unicode, detail.tall, detail.tensor))
        rule = formula if formula and len(formula) <= detail.formula and not is_number(formula) else ""
    to = short_label(child)
    if len(to) > max(detail.label * 2 // 3, 8):
        to = f"step {numbered[edge.child]}"
    return [
        Cell([to], "green" if child.is_leaf else ""),
        Cell(cell(parent.adjoint, detail.digits, unicode, detail.tall, detail.tensor)),
        Cell(local),
        Cell(_after("= ", cell(edge.contribution, detail.digits, unicode, detail.tall, detail.tensor)), "cyan"),
        Cell([rule], "dim"),
    ]


def _jacobian(edge: Edge) -> str:
    return "its backward" if edge.local is Local.RULE else "J.T, times g"


def _reading(graph: Graph, unicode: bool) -> list[str]:
    """How the steps back are to be read."""
    times, arrow = ("×", "→") if unicode else ("*", ">")
    said = [f"adjoint {times} local derivative = contribution; the adjoint of a node is the sum of what arrives"]
    if any(edge.local in (Local.MAP, Local.RULE) and edge.flows for edge in graph.walked.edges):
        said.append(f"{arrow} what the backward makes of the adjoint, g")
    return said


def _after(sign: str, lines: Sequence[str]) -> list[str]:
    """Lines with a sign in front of the first one."""
    return [(sign if i == 0 else " " * len(sign)) + text for i, text in enumerate(lines)] if any(lines) else [""]
