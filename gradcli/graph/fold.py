"""Folding a graph by statement: what a name is computed by becomes one node, and its paths one edge."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from gradcli.graph.data import Edge, GraphNode, Local, NodeKind, Tensor, TorchNode, Walked

LEAVES = (NodeKind.VARIABLE, NodeKind.NUMBER, NodeKind.CONSTANT)


def operations(walked: Walked) -> int:
    """How many nodes of a graph are operations."""
    return sum(node.kind not in LEAVES for node in walked.nodes)


def fold(walked: Walked, unfolded: Collection[str] = ()) -> Walked:
    """The graph with every statement but some as one node; what these are made of stays."""
    return _Folding(walked, unfolded).folded()


class _Folding:
    """One folding: which node each one is folded into, itself where it stays."""

    def __init__(self, walked: Walked, unfolded: Collection[str]) -> None:
        self.walked = walked
        self.below: list[list[Edge]] = [[] for _ in walked.nodes]
        for edge in walked.edges:
            self.below[edge.parent].append(edge)
        self.into = self._into(unfolded)
        self.members: dict[int, list[int]] = {}
        for index, target in enumerate(self.into):
            self.members.setdefault(target, []).append(index)
        self.kept = sorted(self.members)
        self.places = {target: index for index, target in enumerate(self.kept)}

    def _into(self, unfolded: Collection[str]) -> list[int]:
        """The node that each one is folded into: the one whose statement it stands in, or itself."""
        nodes = self.walked.nodes
        heads = list(range(len(nodes)))
        for index in range(len(nodes) - 1, -1, -1):
            if nodes[index].kind is NodeKind.VARIABLE:
                continue
            for edge in self.below[index]:
                child = nodes[edge.child]
                if not child.names and heads[edge.child] == edge.child != self.walked.output:
                    heads[edge.child] = heads[index]
        opened = {index for index, node in enumerate(nodes) if any(name in unfolded for name in node.names)}
        return [index if head in opened else head for index, head in enumerate(heads)]

    def folded(self) -> Walked:
        """The graph of what is left."""
        walked = self.walked
        order = dict.fromkeys(self.places[self.into[place]] for place in walked.backward)
        return replace(
            walked,
            nodes=tuple(self._node(target) for target in self.kept),
            edges=tuple(edge for target in self.kept for edge in self._edges(target)),
            torch=tuple(TorchNode(one.name, self.places[self.into[one.node]], one.edges) for one in walked.torch),
            output=self.places[self.into[walked.output]],
            backward=tuple(order),
        )

    def _node(self, target: int) -> GraphNode:
        nodes = self.walked.nodes
        node = nodes[target]
        count = sum(nodes[member].kind not in LEAVES for member in self.members[target])
        if count <= 1:
            return replace(node, operands=())
        torch = tuple(one for member in reversed(self.members[target]) for one in nodes[member].torch)
        return replace(node, kind=NodeKind.STATEMENT, torch=torch, operands=(), operations=count)

    def _edges(self, target: int) -> list[Edge]:
        members = self.members[target]
        leaving = [edge for member in members for edge in self.below[member] if self.into[edge.child] != target]
        if sum(self.walked.nodes[member].kind not in LEAVES for member in members) <= 1:
            return [self._moved(edge) for edge in leaving]
        together: dict[int, list[Edge]] = {}
        for edge in leaving:
            together.setdefault(self.into[edge.child], []).append(edge)
        weights = self._weights(target)
        return [self._merged(target, child, edges, weights) for child, edges in together.items()]

    def _moved(self, edge: Edge) -> Edge:
        return replace(edge, parent=self.places[self.into[edge.parent]], child=self.places[self.into[edge.child]])

    def _merged(self, target: int, child: int, edges: list[Edge], weights: dict[int, float | None]) -> Edge:
        """All edges from what is folded to one other node as one."""
        flowing = [edge for edge in edges if edge.flows]
        parent, place = self.places[target], self.places[child]
        if not flowing:
            return replace(edges[0], parent=parent, child=place, positions=())
        direct = [edge for edge in flowing if edge.child == child]
        contribution = _sum([edge.contribution for edge in direct if edge.contribution is not None])
        parts = [_times(weights.get(edge.parent), _number(edge)) for edge in direct]
        known = [part for part in parts if part is not None]
        derivative = _tensor(sum(known)) if known and len(known) == len(flowing) else None
        return Edge(parent, place, (), True, None, Local.PATHS, None, derivative, contribution)

    def _weights(self, target: int) -> dict[int, float | None]:
        """The derivative of a folded number by each of the numbers inside it; None where one is not known."""
        weights: dict[int, float | None] = {target: 1.0}
        for place in sorted(self.members[target], reverse=True):
            if place not in weights:
                continue
            for edge in self.below[place]:
                if edge.flows and self.into[edge.child] == target:
                    part = _times(weights[place], _number(edge))
                    before = weights.get(edge.child, 0.0)
                    weights[edge.child] = None if part is None or before is None else before + part
        return weights


def _number(edge: Edge) -> float | None:
    """A local derivative that is one number."""
    value = edge.derivative
    return value.entries if value is not None and not value.shape else None


def _times(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first * second


def _tensor(value: float) -> Tensor:
    finite = abs(value) < float("inf")
    return Tensor((), value, value if finite else None, value if finite else None, not finite)


def _sum(tensors: list[Tensor]) -> Tensor | None:
    """The sum of tensors of one shape; None where the entries are not all there."""
    if not tensors or any(tensor.entries is None or tensor.shape != tensors[0].shape for tensor in tensors):
        return None
    if len(tensors) == 1:
        return tensors[0]
    total = tensors[0].entries
    for tensor in tensors[1:]:
        total = _added(total, tensor.entries)
    flat = _flat(total)
    finite = [entry for entry in flat if abs(entry) < float("inf")]
    return Tensor(
        tensors[0].shape, total, min(finite, default=None), max(finite, default=None), len(flat) - len(finite)
    )


def _added(first: Any, second: Any) -> Any:
    """Nested lists added; they are as deep as a tensor has dimensions."""
    if isinstance(first, list):
        return [_added(a, b) for a, b in zip(first, second)]
    return first + second


def _flat(value: Any) -> list[float]:
    if isinstance(value, list):
        return [entry for part in value for entry in _flat(part)]
    return [value]
