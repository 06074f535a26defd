"""The edges of the graph: which argument an edge of torch's leads to, its local derivative, and what flowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch

from gradcli.graph import rules
from gradcli.graph.data import Cut, Edge, Local, NodeKind
from gradcli.graph.local import derivatives, kind_of
from gradcli.graph.passes import PassRecord, leave
from gradcli.graph.plain import Carrier
from gradcli.graph.texts import Texts
from gradcli.graph.walk import Border, Place, Walk
from gradcli.tape.tape import ConstantNumber, ConstantTensor, Custom, Literal, Op, Primitive, Tape

IGNORED = "ignores the incoming gradient"


class Edges:
    """Finds the edges of an operation to its arguments, and to whatever else torch's graph leads to."""

    def __init__(
        self, tape: Tape, values: Sequence[torch.Tensor], resolved: Sequence[int], walk: Walk, record: PassRecord,
        texts: Texts, carrier: Carrier,
    ) -> None:  # fmt: skip
        self.tape, self.values, self.resolved, self.walk, self.record = tape, values, resolved, walk, record
        self.texts, self.carrier = texts, carrier

    def of(self, index: int, places: Mapping[int, int]) -> list[Edge]:
        """The edges of an operation, those of its arguments in order."""
        op = self.tape.ops[index]
        by_target: dict[Place, list[Border]] = {}
        for border in self.walk.borders[index]:
            by_target.setdefault(border.target, []).append(border)
        locals_here = derivatives(self.tape, op, self.values) if by_target else {}
        positions: dict[int, list[int]] = {}
        for position, arg in enumerate(op.args):
            if self.resolved[arg] in places:
                positions.setdefault(self.resolved[arg], []).append(position)
        edges: list[Edge] = []
        for arg, at in positions.items():
            root = self.walk.roots[arg]
            borders = by_target.pop(root, []) if root is not None else []
            parent, child = places[index], places[arg]
            if not borders:
                edges += [Edge(parent, child, (position,), False, self._cut(op, position, arg)) for position in at]
                continue
            groups: list[tuple[tuple[int, ...], list[Border]]] = [(tuple(at), borders)]
            if len(at) == len(borders) and len({border.source for border in borders}) == 1:
                groups = [((position,), [border]) for position, border in zip(at, borders)]
            for together, leaving in groups:
                edges.append(self._edge(index, parent, child, together, leaving, locals_here))
        for target, borders in by_target.items():  # what a `diff` leads to besides its arguments
            owner = self.resolved[self.walk.found[target[0]].owner]
            if owner in places:
                edges.append(self._edge(index, places[index], places[owner], (), borders, {}))
        return sorted(edges, key=lambda edge: edge.positions or (len(op.args),))

    def _edge(
        self, index: int, parent: int, child: int, positions: tuple[int, ...], borders: Sequence[Border],
        found: Mapping[int, torch.Tensor],
    ) -> Edge:  # fmt: skip
        op = self.tape.ops[index]
        kind = kind_of(op)
        text, value, note = None, None, None
        if kind is Local.PATHS:
            value = self._through(index, borders)
        elif positions:
            value = _sum([found[position] for position in positions if position in found])
            text = self._text(op, positions[0]) if len(positions) == 1 else None
            note = IGNORED if rules.ignores_incoming(op, positions[0]) else None
        contribution = _sum([gradient for border in borders if (gradient := self._left(border)) is not None])
        return Edge(
            parent, child, positions, True, None, kind, text,
            None if value is None else self.carrier.tensor(value),
            None if contribution is None else self.carrier.tensor(contribution), note,
        )  # fmt: skip

    def _text(self, op: Op, position: int) -> str | None:
        if isinstance(op, Custom):
            return rules.backward(self.texts, op, position)
        if isinstance(op, Primitive) and op.row.shape is not None:
            return rules.of_tensors(self.texts, op, position)
        return rules.formula(self.texts, op, position)

    def _left(self, border: Border) -> torch.Tensor | None:
        """What left torch's node by an edge."""
        leaving = self.record.left.get(border.source)
        return None if leaving is None else leaving[border.slot]

    def _through(self, index: int, borders: Sequence[Border]) -> torch.Tensor | None:
        """The derivative of a number through the nodes of its own operation: torch goes back once more from there."""
        if self.values[index].dim():
            return None
        leaving = leave(self.values[index], borders, self.walk)
        return _sum([gradient for gradient in leaving if gradient is not None])

    def _cut(self, op: Op, position: int, arg: int) -> Cut | None:
        """Why no gradient flows to an argument that requires one."""
        if not self.values[arg].requires_grad:
            return None
        kind = node_kind(op)
        if kind is NodeKind.CUSTOM_VJP:
            return Cut.VALUE if position == 0 else Cut.CONSTANT
        return {NodeKind.DETACH: Cut.DETACH, NodeKind.TRUTH: Cut.COMPARISON, NodeKind.DERIVATIVE: Cut.DIFF}.get(
            kind, Cut.NONE
        )


def _sum(parts: Sequence[torch.Tensor]) -> torch.Tensor | None:
    """The sum; None of nothing."""
    total = None
    for part in parts:
        total = part if total is None else total + part
    return total


def node_kind(op: Op) -> NodeKind:
    """What the node of an operation is."""
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
