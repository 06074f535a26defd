"""What is said of nodes and edges, in words: the names, what torch has of them, and local derivatives."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.graph.api import Graph
from gradcli.graph.columns import Detail
from gradcli.graph.data import Edge, GraphNode, Local, NodeKind, Tensor
from gradcli.graph.spelling import cell
from gradcli.terminal.numbers import brief

NARROW = 12  # columns that a vector may take in any case
MOST_TERMS = 6  # of a sum that is written out
LONGEST = 30  # columns of a list of torch's nodes, which a table of many columns does not have

_NO_GRAD = {
    NodeKind.NUMBER: "number, no grad",
    NodeKind.CONSTANT: "constant, no grad",
    NodeKind.TRUTH: "truth, no grad",
    NodeKind.DETACH: "detached, no grad",
    NodeKind.VARIABLE: "variable, no grad",
}


def label(node: GraphNode) -> str:
    """A node's names and its source text."""
    text = f"{node.inside}: {node.text}" if node.inside else node.text
    names = [name for name in node.names if name != node.text]
    return " = ".join([*names, text])


def short_label(node: GraphNode) -> str:
    """A node's name, or its text where it has none."""
    return node.name or (f"{node.inside}: {node.text}" if node.inside else node.text)


def torch_names(graph: Graph, node: GraphNode, unicode: bool, longest: int = LONGEST) -> str:
    """What torch has of a node: its `grad_fn` and the nodes behind it, or that it is a leaf."""
    if node.grad_fn is None:
        if not node.requires_grad:
            return _NO_GRAD.get(node.kind, "no grad")
        return "leaf" if node.kind is NodeKind.VARIABLE else "leaf, by --wrt"
    if node.kind is NodeKind.STATEMENT:
        return f"{node.grad_fn}, {node.operations} operations"
    inner = [graph.walked.torch[place].name for place in node.torch[1:]]
    text = f" {'←' if unicode else '<-'} ".join([node.grad_fn, *inner])
    if inner and len(text) > longest:
        text = f"{node.grad_fn} and {len(inner)} more"
    return f"{text}, by hand" if node.kind is NodeKind.CUSTOM_VJP else text


def adjoint(graph: Graph, index: int, detail: Detail, unicode: bool) -> list[str]:
    """A node's adjoint, of several uses as their sum where there is room; a word where none arrives."""
    node = graph.walked.nodes[index]
    if node.adjoint is None:
        return ["none" if node.requires_grad else ""]
    added = summed(graph, index, detail.digits)
    if added is not None and len(added) <= detail.formula:
        return [added]
    return cell(node.adjoint, detail.digits, unicode, detail.tall, detail.tensor)


def terms(parts: Sequence[Tensor], digits: int) -> str | None:
    """Contributions as a sum, 0.5 + 1.5; None where they are tensors, or too many."""
    if not 1 < len(parts) <= MOST_TERMS or any(part.shape for part in parts):
        return None
    return " + ".join(brief(part.entries, digits) for part in parts).replace("+ -", "- ")


def summed(graph: Graph, index: int, digits: int) -> str | None:
    """The adjoint of a node with several uses as the sum that it is, 0.5 + 1.5 = 2.0; None of others."""
    text, whole = terms(graph.walked.summands.get(index, ()), digits), graph.walked.nodes[index].adjoint
    return None if text is None or whole is None else f"{text} = {brief(whole.entries, digits)}"


def is_number(text: str) -> bool:
    """Whether a formula is no more than a number."""
    return text.lstrip("-").replace(".", "", 1).isdigit()


def local(edge: Edge, digits: int, longest: int) -> str:
    """The local derivative on an edge: the formula, and its value where that is one number."""
    if edge.cut:
        return f"cut: {edge.cut.value}"
    if not edge.flows:
        return ""
    text = edge.text if edge.text and len(edge.text) <= longest else None
    if edge.local is Local.RULE:
        return f"backward: {text}" if text else "its backward"
    value = edge.derivative
    if value is not None and not value.shape:
        shown = brief(value.entries, digits)
        return shown if text is None or is_number(text) else f"{text} = {shown}"
    if text is not None:
        return text
    if value is None:
        return "paths" if edge.local is Local.PATHS else "a linear map" if edge.local is Local.MAP else ""
    if edge.local is Local.MAP:
        return f"J {'x'.join(map(str, value.shape))}"
    return cell(value, digits, unicode=False, tall=False, width=max(longest, NARROW))[0]
