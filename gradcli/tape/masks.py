"""Entries that a condition chooses, inside a reduction: how many there are depends on values, what they come to not."""

from __future__ import annotations

from collections.abc import Callable

from gradcli.functions import table
from gradcli.functions.row import Row
from gradcli.functions.shapes import Shape, text
from gradcli.language.calls import default
from gradcli.language.nodes import Call, Name, Node, same
from gradcli.tape.lower_tensors import standing_at, written


def choice(node: Call, is_truth: Callable[[Name], bool]) -> tuple[Node, Node] | None:
    """Of a reduction of x[condition] the tensor and the condition; None for anything else."""
    row = table.BY_NAME[node.function]
    inner = node.args[0] if row.masked and node.args else None
    if not isinstance(inner, Call) or inner.user or inner.function != "x[]" or len(inner.args) != 2:
        return None
    tensor, condition = inner.args
    is_condition = is_truth(condition) if isinstance(condition, Name) else is_comparison(condition)
    return (tensor, condition) if is_condition and _all_default(row, node) else None


def is_comparison(node: Node) -> bool:
    """Whether an index is a condition as it stands."""
    return isinstance(node, Call) and not node.user and table.BY_NAME[node.function].gives_truth


def tree_of(node: Call) -> Node:
    """The reduction of a choice in terms of all entries: of the tensor x and the condition c."""
    row = table.BY_NAME[node.function]
    return standing_at(written(row.masked, row.name), node.span)


def mismatch(tensor: Shape, condition: Shape) -> str | None:
    """What is wrong with a condition that does not have the shape of what it chooses from."""
    if condition == tensor:
        return None
    return f"the condition is {text(condition)}, and what it chooses from is {text(tensor)}"


def _all_default(row: Row, node: Call) -> bool:
    """Whether the other arguments are what they would be without them: p=2, dim=None."""
    return all(same(arg, default(one, node.span)) for arg, one in zip(node.args[1:], row.parameters[1:]))
