"""What a node of the graph is."""

from __future__ import annotations

from gradcli.graph.data import Kind
from gradcli.tape.tape import Op


def kind_of(op: Op) -> Kind:
    """What an operation is."""
    if op.data is not None:
        return Kind.CONSTANT
    if op.value is not None:
        return Kind.NUMBER if op.label is None else Kind.CONSTANT
    if op.hand is not None:
        return Kind.HAND_WRITTEN
    if op.row is None:
        return Kind.VARIABLE
    if op.row.gives_truth:
        return Kind.TRUTH
    return {"detach": Kind.DETACH, "diff": Kind.DERIVATIVE}.get(op.row.name, Kind.OPERATION)
