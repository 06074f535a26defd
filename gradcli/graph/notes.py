"""What stands above and below a graph: the value and the point, and how to read what is drawn."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.graph.api import Graph
from gradcli.graph.branches import TreeBranch
from gradcli.graph.columns import Detail
from gradcli.graph.data import Cut, Local, NodeKind
from gradcli.graph.spelling import line
from gradcli.graph.words import short_label
from gradcli.terminal.arrays import given
from gradcli.terminal.console import Screen
from gradcli.terminal.wrap import fold

MOST_NAMES = 6
MOST_VALUES = 8
INDENT = 2


def header(graph: Graph, screen: Screen) -> list[str]:
    """The value, the point, the dtype, and the gradient that the backward pass begins with where it is not 1."""
    output = graph.walked.nodes[graph.walked.output]
    value = line(output.value, screen.digits(10))
    values = [given(name, one, screen.precision) for name, one in graph.at.items()]
    more = len(values) - MOST_VALUES
    at = ", ".join([*values[:MOST_VALUES], *([f"and {more} more values"] if more > 0 else [])])
    text = f"{graph.name} = {value}" + (f"   at {at}" if at else "")
    text += f"   in {graph.dtype}" if graph.dtype != "float64" else ""
    width = screen.columns
    lines = fold(text, width)
    seed = graph.walked.seed
    if seed is None:
        lines += fold(f"{graph.name} requires no gradient: there is no backward pass.", width)
    elif graph.given_seed:
        lines += fold(f"The backward pass begins with {line(seed, 6)}, as --vjp says.", width)
    elif seed.shape:
        lines += fold(f"The backward pass begins with ones, as for the sum of the entries of {graph.name}.", width)
    return lines


def notes(
    graph: Graph, shown: Sequence[TreeBranch], left: int, numbers: bool, detail: Detail, screen: Screen
) -> list[str]:
    """How to read the tree, as far as it needs saying."""
    walked = graph.walked
    d = "∂" if screen.unicode else "d"
    edges = [branch.edge for branch in shown if branch.edge is not None]
    reading = []
    if any(edge.flows for edge in edges):
        reading.append(f"local: {d}(node above)/{d}(this one)")
    if walked.seed is not None:
        reading.append(f"adjoint: {d}{graph.name}/{d}(this one), as in retain_grad")
    said = ["; ".join(reading)] if reading else []
    maps = [edge.text is not None and len(edge.text) <= detail.formula for edge in edges if edge.local is Local.MAP]
    if any(maps):
        said.append("g: the adjoint of the node above")
    if not all(maps):
        said.append("J: a Jacobian of that shape; the adjoint above is multiplied by its transpose")
    if not detail.flags:
        said.append("is_leaf: leaf, and no grad; requires_grad: leaf, and what has a grad_fn")
    above, below = "↑↓" if screen.unicode else ("(above)", "(below)")
    references = {branch.reference for branch in shown}
    if "above" in references:
        said.append(f"{above} a shared node is drawn once" + (f"; {below} further below" * ("below" in references)))
    elif "below" in references:
        said.append(f"{below} drawn further below")
    said += remarks(graph)
    hidden = sum(node.kind is NodeKind.NUMBER for node in walked.nodes)
    if hidden and not numbers and not graph.folded:
        said.append(f"{hidden} numbers are not drawn (--all)")
    if graph.folded:
        said.append("a statement is one node here; --unfold NAME writes one out, --all everything")
    if left:
        said.append(f"{left:,} more nodes are not drawn: give parts of the program names, and they are folded")
    return [part for text in said for part in fold(text, screen.columns, INDENT)]


def remarks(graph: Graph) -> list[str]:
    """What is unusual about the graph itself."""
    walked = graph.walked
    said = []
    for edge in walked.edges:
        if edge.note:
            said.append(f"{short_label(walked.nodes[edge.parent])}: its hand-written backward {edge.note}")
    if any(edge.cut is Cut.VALUE for edge in walked.edges):
        said.append("value only: a function with a hand-written derivative passes no gradient to its body")
    if any(edge.cut is Cut.DIFF for edge in walked.edges):
        said.append("diff: its graph leads to what the derivative depends on, and not to what is differentiated")
    fixed = [node.names[0] for node in walked.nodes if node.kind is NodeKind.VARIABLE and not node.requires_grad]
    if fixed:
        said.append(f"not in --wrt, so without a gradient: {_listed(fixed)}")
    if walked.unused:
        said.append(f"not used by the output: {_listed(walked.unused)}")
    return list(dict.fromkeys(said))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST_NAMES]) + (", ..." if len(names) > MOST_NAMES else "")
