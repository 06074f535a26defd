"""The graph in Mermaid, which many Markdown viewers draw."""

from __future__ import annotations

from gradcli.graph.api import Graph
from gradcli.graph.boxes import boxes
from gradcli.safe import Target, safe

STYLES = {
    "leaf": "fill:#d9f2dc,stroke:#3b7a45,color:#111", "fixed": "fill:#eeeeee,stroke:#999,color:#333",
    "operation": "fill:#ffffff,stroke:#666,color:#111", "hand": "fill:#f2e2f7,stroke:#7d4a8d,color:#111",
    "cut": "fill:#fff0cc,stroke:#a87900,color:#111", "statement": "fill:#e3ecfa,stroke:#4465a0,color:#111",
}  # fmt: skip


def mermaid(graph: Graph, everything: bool = False) -> str:
    """A flowchart; arrows go the way of the backward pass, and are dotted where no gradient flows."""
    shown, arrows = boxes(graph, everything)
    lines = ["flowchart TD"]
    for box in shown:
        text = "<br/>".join(safe(part, Target.MERMAID) for part in (box.heading, *box.lines))
        lines.append(f'  n{box.node}["{text}"]:::{box.kind}')
    for arrow in arrows:
        line = "-->" if arrow.flows else "-.->"
        label = f'|"{safe(arrow.label, Target.MERMAID)}"|' if arrow.label else ""
        lines.append(f"  n{arrow.parent} {line}{label} n{arrow.child}")
    used = {box.kind for box in shown}
    lines += [f"  classDef {name} {style}" for name, style in STYLES.items() if name in used]
    return "\n".join(lines) + "\n"
