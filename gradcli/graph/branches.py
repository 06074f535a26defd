"""The graph as a tree: a node that is shared, or too deep down, is drawn once and referred to."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import NamedTuple

from gradcli.graph.data import Cut, Edge, NodeKind, Walked


class TreeBranch(NamedTuple):
    """One line of the tree: what is in front of it, and of the lines below; the edge that leads there.

    `reference` says where the node is drawn instead: "above" or "below".
    """

    lead: str
    below: str
    node: int
    edge: Edge | None
    reference: str | None = None


class Signs(NamedTuple):
    """What a tree is drawn with."""

    fork: str
    last: str
    bar: str
    blank: str


BOXES = Signs("├─ ", "└─ ", "│  ", "   ")
ASCII = Signs("|- ", "`- ", "|  ", "   ")


class _Waiting(NamedTuple):
    """A node to draw; `live` where the gradient flows all the way from the output."""

    node: int
    edge: Edge | None
    lead: str
    onward: str
    depth: int
    live: bool


def branches(
    walked: Walked, unicode: bool, deepest: int, numbers: bool, most: int, apart: bool = False
) -> tuple[list[list[TreeBranch]], int]:
    """The trees, the output's first, then those that did not fit in below it; and how many nodes are left out.

    With `apart`, what has a name and is made of other nodes has a tree of its own.
    """
    signs = BOXES if unicode else ASCII
    below = children(walked, numbers)
    live = _live(walked, below)
    roots, drawn = [-walked.output], set[int]()  # a heap, the last step of the forward pass first
    queued = {walked.output}
    trees: list[list[TreeBranch]] = []
    count = 0
    while roots and count < most:
        root = -heappop(roots)
        tree: list[TreeBranch] = []
        waiting = [_Waiting(root, None, "", "", 0, root in live)]
        while waiting and count < most:
            index, edge, lead, onward, depth, flowing = waiting.pop()
            if index in drawn or (index in queued and depth) or (index in live and not flowing and below[index]):
                tree.append(TreeBranch(lead, onward, index, edge, "above" if index in drawn else "below"))
                continue
            if below[index] and (depth >= deepest or (apart and depth and walked.nodes[index].names)):
                queued.add(index)
                heappush(roots, -index)
                tree.append(TreeBranch(lead, onward, index, edge, "below"))
                continue
            drawn.add(index)
            count += 1
            edges = below[index]
            tree.append(TreeBranch(lead, onward + (signs.bar if edges else ""), index, edge))
            for position in range(len(edges) - 1, -1, -1):
                is_last = position == len(edges) - 1
                waiting.append(
                    _Waiting(
                        edges[position].child, edges[position], onward + (signs.last if is_last else signs.fork),
                        onward + (signs.blank if is_last else signs.bar), depth + 1, flowing and edges[position].flows,
                    )
                )  # fmt: skip
        trees.append(tree)
    total = sum(numbers or node.kind is not NodeKind.NUMBER for node in walked.nodes)
    return trees, max(total - count, 0)


def _live(walked: Walked, below: list[list[Edge]]) -> set[int]:
    """The nodes that the gradient reaches from the output: they are drawn where it does."""
    found = {walked.output}
    waiting = [walked.output]
    while waiting:
        for edge in below[waiting.pop()]:
            if edge.flows and edge.child not in found:
                found.add(edge.child)
                waiting.append(edge.child)
    return found


def children(walked: Walked, numbers: bool) -> list[list[Edge]]:
    """The edges of each node, a value that alone is used last."""
    below: list[list[Edge]] = [[] for _ in walked.nodes]
    for edge in walked.edges:
        if numbers or walked.nodes[edge.child].kind is not NodeKind.NUMBER:
            below[edge.parent].append(edge)
    for edges in below:
        edges.sort(key=lambda edge: edge.cut is Cut.VALUE)
    return below
