"""What a node of the graph is."""

from __future__ import annotations

from gradcli.graph.data import NodeKind
from gradcli.tape.tape import Op


def kind_of(op: Op) -> NodeKind:
    """What an operation is."""
    if op.data is not None:
        return NodeKind.CONSTANT
    if op.value is not None:
        return NodeKind.NUMBER if op.label is None else NodeKind.CONSTANT
    if op.hand is not None:
        return NodeKind.HAND_WRITTEN
    if op.row is None:
        return NodeKind.VARIABLE
    if op.row.gives_truth:
        return NodeKind.TRUTH
    return {"detach": NodeKind.DETACH, "diff": NodeKind.DERIVATIVE}.get(op.row.name, NodeKind.OPERATION)
