"""What a node of the graph is."""

from __future__ import annotations

from gradcli.graph.data import NodeKind
from gradcli.tape.tape import ConstantNumber, ConstantTensor, Custom, Literal, Op, Primitive


def kind_of(op: Op) -> NodeKind:
    """What an operation is."""
    if isinstance(op, ConstantTensor):
        return NodeKind.CONSTANT
    if isinstance(op, ConstantNumber):
        return NodeKind.NUMBER if isinstance(op, Literal) else NodeKind.CONSTANT
    if isinstance(op, Custom):
        return NodeKind.CUSTOM_VJP
    if not isinstance(op, Primitive):
        return NodeKind.VARIABLE
    if op.row.gives_truth:
        return NodeKind.TRUTH
    return {"detach": NodeKind.DETACH, "diff": NodeKind.DERIVATIVE}.get(op.row.name, NodeKind.OPERATION)
