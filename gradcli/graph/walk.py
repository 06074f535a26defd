"""Walking torch's graph from `grad_fn.next_functions`, and finding which operation each of its nodes belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.autograd.graph import get_gradient_edge

from gradcli.errors import LimitError

STAGE = "walking the graph"
MAX_TORCH_NODES = 100_000

Place = tuple[int, int]  # a node of torch's by its position, and which of its results


@dataclass
class FoundOperation:
    """A node of torch's graph; it is held, so that it stays the same object."""

    node: Any
    owner: int
    edges: tuple[Place | None, ...] = ()

    @property
    def name(self) -> str:
        """As torch shows it."""
        return type(self.node).__name__


@dataclass(frozen=True)
class Border:
    """An edge that leaves an operation: from which node, by which of its edges, and where to."""

    source: int
    slot: int
    target: Place


class Walk:
    """The nodes that each operation made: those that its result leads to before an earlier operation's."""

    def __init__(self, values: Sequence[torch.Tensor], resolved: Sequence[int]) -> None:
        self.found: list[FoundOperation] = []
        self.own: list[list[int]] = [[] for _ in values]
        self.borders: list[list[Border]] = [[] for _ in values]
        self.roots: list[Place | None] = [None] * len(values)
        self._known: dict[Any, int] = {}
        for index, value in enumerate(values):
            if resolved[index] == index and value.requires_grad:
                self._enter(index, value)

    def _enter(self, index: int, value: torch.Tensor) -> None:
        edge = get_gradient_edge(value)
        if edge.node in self._known:  # another result of a node that is known
            self.roots[index] = (self._known[edge.node], edge.output_nr)
            return
        self.roots[index] = (self._add(edge.node, index), edge.output_nr)
        waiting = [self.roots[index][0]]  # type: ignore[index]
        while waiting:
            place = waiting.pop()
            leads: list[Place | None] = []
            for slot, (node, number) in enumerate(self.found[place].node.next_functions):
                if node is None:
                    leads.append(None)
                    continue
                if node not in self._known:
                    waiting.append(self._add(node, index))
                target = (self._known[node], number)
                leads.append(target)
                if self.found[target[0]].owner != index:
                    self.borders[index].append(Border(place, slot, target))
            self.found[place].edges = tuple(leads)

    def _add(self, node: Any, owner: int) -> int:
        if len(self.found) >= MAX_TORCH_NODES:
            raise LimitError(STAGE, f"torch's graph has more than {MAX_TORCH_NODES:,} nodes")
        self._known[node] = len(self.found)
        self.own[owner].append(len(self.found))
        self.found.append(FoundOperation(node, owner))
        return self._known[node]


def resolve(values: Sequence[torch.Tensor]) -> list[int]:
    """For each operation the first one whose result is the very same tensor: `+x` makes no new one."""
    first: dict[int, int] = {}
    return [first.setdefault(id(value), index) for index, value in enumerate(values)]
