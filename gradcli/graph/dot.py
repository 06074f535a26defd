"""The graph in DOT, the language of Graphviz."""

from __future__ import annotations

from gradcli.graph.api import Graph
from gradcli.graph.boxes import boxes
from gradcli.safe import Target, safe

FILLS = {
    "leaf": "#d9f2dc", "fixed": "#eeeeee", "operation": "#ffffff", "hand": "#f2e2f7", "cut": "#fff0cc",
    "statement": "#e3ecfa",
}  # fmt: skip


def dot(graph: Graph, everything: bool = False) -> str:
    """A digraph; arrows go the way of the backward pass, and are dashed where no gradient flows."""
    shown, arrows = boxes(graph, everything)
    lines = [
        "digraph autograd {",
        "  rankdir=TB;",
        '  node [shape=box, style="rounded,filled", fontname="monospace", fontsize=11];',
        '  edge [fontname="monospace", fontsize=10];',
    ]
    for box in shown:
        text = "\n".join([box.heading, *box.lines])
        lines.append(
            f"  n{box.node} [label={safe(text, Target.DOT)}, tooltip={safe(box.tooltip, Target.DOT)}, "
            f'fillcolor="{FILLS[box.kind]}"];'
        )
    for arrow in arrows:
        style = "" if arrow.flows else ", style=dashed, color=gray"
        lines.append(f"  n{arrow.parent} -> n{arrow.child} [label={safe(arrow.label, Target.DOT)}{style}];")
    return "\n".join([*lines, "}"]) + "\n"
