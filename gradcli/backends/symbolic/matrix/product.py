"""Products of entries, summed over indices, as products of whole tensors.

The factors are a graph: an index is a vertex, a matrix an edge between its two, a vector a weight of its one. A
summed index with one edge is a matrix times a vector, one with two edges a product of matrices; what is left are
the axes of the result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sympy import S

from gradcli.backends.symbolic.matrix.chains import diag, dot_of, matmul, ones, outer, reduced, transposed
from gradcli.backends.symbolic.matrix.nodes import MatrixNode, NoMatrix, mul, parts, split

Axes = tuple[Any, ...]
Tensor = tuple[MatrixNode, Axes]  # an expression, and the indices that its axes stand for


class Network:
    """The factors of a product, by their indices; `sizes` of the indices, as numbers and as letters."""

    def __init__(self, factors: Sequence[Tensor], sizes: Mapping[Any, int], letters: Mapping[Any, Any]) -> None:
        self.sizes = sizes
        self.letters = letters
        self.scalars: list[MatrixNode] = []
        self.vectors: dict[Any, list[MatrixNode]] = {}
        self.edges: dict[Axes, list[MatrixNode]] = {}
        for node, axes in factors:
            self.put(node, axes)

    def put(self, node: MatrixNode, axes: Axes) -> None:
        """Take in a factor."""
        scalars, tensor = split(_plainer(node))
        self.scalars += scalars
        if not axes:
            self.scalars.append(tensor)
        elif not tensor.rank:
            raise NoMatrix
        elif len(axes) == 1:
            self.vectors.setdefault(axes[0], []).append(tensor)
        elif len(axes) == 2:
            turned = axes[::-1] in self.edges
            self.edges.setdefault(axes[::-1] if turned else axes, []).append(transposed(tensor) if turned else tensor)
        else:
            raise NoMatrix

    def at(self, index: Any) -> list[Axes]:
        """The edges of an index."""
        return [axes for axes in self.edges if index in axes]

    def take(self, axes: Axes, first: Any) -> MatrixNode:
        """An edge's matrix, taken out, with that index as its rows."""
        matrix = mul(self.edges.pop(axes))
        return matrix if axes[0] == first else transposed(matrix)

    def contract(self, summed: Sequence[Any]) -> None:
        """Sum over these indices, those with the fewest edges first."""
        left = list(summed)
        while left:
            index = min(left, key=lambda k: (len(self.at(k)), self._rest(k)))
            left.remove(index)
            edges = self.at(index)
            if not edges:
                self.scalars.append(dot_of(self.vectors.pop(index, []), self.letters[index]))
            elif len(edges) == 1:
                self._with_one(index, edges[0], left)
            elif len(edges) == 2:
                self._between(index, edges)
            else:
                raise NoMatrix

    def _rest(self, index: Any) -> bool:
        """Whether an index is better kept for later: one without a weight, whose sum is written out."""
        return index not in self.vectors

    def _with_one(self, index: Any, axes: Axes, left: list[Any]) -> None:
        """A matrix times a vector."""
        other = axes[1] if axes[0] == index else axes[0]
        weights = self.vectors.pop(index, [])
        if weights:
            self.put(matmul([self.take(axes, other), mul(weights)]), (other,))
        elif other in left and len(self.at(other)) == 1 and other not in self.vectors:
            left.remove(other)
            self.scalars.append(self._everything(axes))
        else:
            self.put(self._along(mul(self.edges.pop(axes)), axes.index(index), index, other), (other,))

    def _along(self, matrix: MatrixNode, dim: int, index: Any, other: Any) -> MatrixNode:
        """The sums of rows or columns; a softmax sums up to 1."""
        scalars, tensor = split(matrix)
        if tensor.kind == "softmax" and tensor.data == dim:
            return mul([*scalars, ones(self.sizes[other])])
        return reduced("sum", matrix, dim, [self.letters[index]])

    def _everything(self, axes: Axes) -> MatrixNode:
        """The sum over both indices of a matrix; of a product of two entry by entry, the trace of a product."""
        matrices = self.edges.pop(axes)
        sizes = [self.letters[index] for index in axes]
        scalars, matrix = split(mul(matrices))
        powers = parts(matrix)[1]
        whole = reduced("sum", matrix, None, sizes)
        if len(powers) == 2 and all(e == 1 for e in powers.values()):
            a, b = powers
            chains = [matmul([transposed(a), b]), matmul([a, transposed(b)])]
            chain = min(chains, key=lambda node: (node.turns, len(node.key)))
            if chain.turns < matrix.turns or any(node.kind == "matmul" for node in powers):
                whole = reduced("trace", chain, None, sizes[:1])
        return mul([*scalars, whole])

    def _between(self, index: Any, edges: Sequence[Axes]) -> None:
        """A product of two matrices, with a diagonal one between where the index has a weight."""
        first, second = edges
        i, j = (axes[1] if axes[0] == index else axes[0] for axes in edges)
        if i == j:
            raise NoMatrix
        weights = self.vectors.pop(index, [])
        middle = [diag(mul(weights), self.sizes[index])] if weights else []
        self.put(matmul([self.take(first, i), *middle, self.take(second, index)]), (i, j))

    def result(self, order: Sequence[Any]) -> Tensor:
        """What is left, its axes in that order as far as they are in it."""
        axes = tuple(dict.fromkeys([*self.vectors, *(index for pair in self.edges for index in pair)]))
        axes = tuple(sorted(axes, key=lambda index: order.index(index) if index in order else len(order)))
        if len(axes) > 2:
            raise NoMatrix
        weights = [self.vectors.get(index, []) for index in axes]
        if len(axes) < 2:
            return mul([*self.scalars, *(node for nodes in weights for node in nodes)]), axes
        return mul([*self.scalars, self._matrix(axes, weights)]), axes

    def _matrix(self, axes: Axes, weights: Sequence[list[MatrixNode]]) -> MatrixNode:
        if not self.edges:
            return outer(mul(weights[0]), mul(weights[1]))
        (pair,) = self.edges
        matrices = [node if pair == axes else transposed(node) for node in self.edges[pair]]
        diagonals = [node for node in matrices if node.kind in ("eye", "diag")]
        if diagonals:
            inner = [node.args[0] for node in diagonals if node.kind == "diag"]
            rest = [diagonal(node) for node in matrices if node not in diagonals]
            return diag(mul([*weights[0], *weights[1], *inner, *rest]), self.sizes[axes[0]])
        left, right = ([diag(mul(nodes), self.sizes[index])] if nodes else [] for index, nodes in zip(axes, weights))
        return matmul([*left, mul(matrices), *right])


def _plainer(node: MatrixNode) -> MatrixNode:
    """A tensor, or 0 by a condition, with its number in front: 2*where(z > 0, h, 0) for where(z > 0, 2*h, 0)."""
    if node.kind != "where":
        return node
    condition, *values = node.args
    numbers = {parts(value)[0] for value in values} - {S.Zero}
    if len(numbers) != 1 or all(value.kind == "number" for value in values):
        return node
    (front,) = numbers
    values = [mul([value], 1 / front) for value in values]
    return mul([MatrixNode("where", (condition, *values), node.rank)], front)


def diagonal(matrix: MatrixNode) -> MatrixNode:
    """The diagonal of a matrix."""
    scalars, tensor = split(matrix)
    if not tensor.rank:
        raise NoMatrix
    return mul([*scalars, MatrixNode("diagonal", (tensor,), 1)])
