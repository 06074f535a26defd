"""Reads an index formula as an expression of whole tensors: what each part is over the indices in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import sympy
from sympy import KroneckerDelta, Mul, Pow

from gradcli.backends.symbolic.indexed.notation import Held, Largest, Multiple, Ordered, Over, Selects, Smallest, Total
from gradcli.backends.symbolic.matrix.chains import reduced, transposed
from gradcli.backends.symbolic.matrix.factors import cases_apart, take_softmax, worth_it
from gradcli.backends.symbolic.matrix.leaves import Leaves
from gradcli.backends.symbolic.matrix.nodes import MatrixNode, NoMatrix, mul, number, power, split
from gradcli.backends.symbolic.matrix.product import Axes, Network, Tensor
from gradcli.backends.symbolic.matrix.sums import add
from gradcli.backends.symbolic.matrix.tree import MatrixTree
from gradcli.backends.symbolic.value import Unknown, row_of
from gradcli.functions import table

if TYPE_CHECKING:
    from gradcli.backends.symbolic.indexed.formulas import Indexed

MAX_TERMS = 6  # of a sum that a product is multiplied out over
MAX_DEPTH = 60

_OVER = {Largest: "max", Smallest: "min", Multiple: "prod"}


class Reader:
    """Reads formulas whose free indices have these sizes."""

    def __init__(self, f: Indexed, sizes: Mapping[Any, int], trees: MatrixTree) -> None:
        self.f = f
        self.order = list(sizes)
        self.sizes: dict[Any, int] = dict(sizes)
        self.letters: dict[Any, Any] = {}
        self.trees = trees
        self.leaves = Leaves(f, self.sizes)
        self.known: dict[Any, Tensor] = {}
        self.depth = 0

    def read(self, expression: Any) -> Tensor:
        """The tensor over the indices that occur, and these."""
        if expression not in self.known:
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise NoMatrix
            try:
                self.known[expression] = self._read(expression)
            finally:
                self.depth -= 1
        return self.known[expression]

    def _read(self, e: Any) -> Tensor:
        if not e.free_symbols - self.f.axes.values.keys() and not e.atoms(sympy.Function, sympy.NumberSymbol, Over):
            if e.is_finite is False or e.is_real is False:
                raise NoMatrix
            return number(e), ()
        if e.is_Mul or isinstance(e, Total) or self._has_more(e):
            return self._product(e)
        if e.is_Add:
            return self._sum([self.read(term) for term in e.args])
        if e.is_Pow:
            return self._power(e)
        if isinstance(e, tuple(_OVER)):
            return self._extreme(e)
        if isinstance(e, Held):
            return self.read(e.args[0])
        if e.is_Piecewise:
            return self._cases(e)
        if isinstance(e, (sympy.Max, sympy.Min)) or (e.is_Function and not isinstance(e, KroneckerDelta)):
            return self._function(e)
        return self.leaves.read(e)

    # Entry by entry

    def aligned(self, tensors: Sequence[Tensor]) -> tuple[list[MatrixNode], Axes]:
        """Tensors over the same indices: a vector as the rows or columns of a matrix."""
        axes = tuple(dict.fromkeys(index for _, own in tensors for index in own))
        if len(axes) > 2:
            raise NoMatrix
        axes = tuple(sorted(axes, key=lambda s: self.order.index(s) if s in self.order else len(self.order)))
        ways = dict.fromkeys((axes, axes[::-1]))
        found = [([self._aligned(node, own, way) for node, own in tensors], way) for way in ways]
        return min(found, key=lambda pair: sum(map(_turns, pair[0])))

    def _aligned(self, node: MatrixNode, axes: Axes, wanted: Axes) -> MatrixNode:
        if axes == wanted or not axes:
            return node
        if len(axes) == 2:
            return transposed(node)
        if not node.rank:
            raise NoMatrix
        if node.kind in ("compare", "logic"):
            args = [self._aligned(arg, axes if arg.rank else (), wanted) for arg in node.args]
            return MatrixNode(node.kind, args, 2, node.data)
        scalars, vector = split(node)
        return mul([*scalars, MatrixNode("row" if axes[0] == wanted[1] else "column", (vector,), 2)])

    def _sum(self, tensors: Sequence[Tensor]) -> Tensor:
        nodes, axes = self.aligned(tensors)
        return self._checked(add(nodes), axes)

    def _checked(self, node: MatrixNode, axes: Axes) -> Tensor:
        if node.rank != len(axes):
            raise NoMatrix
        return node, axes

    def _power(self, e: Any) -> Tensor:
        if not e.exp.is_Rational:
            (base, exponent), axes = self.aligned([self.read(e.base), self.read(e.exp)])
            return MatrixNode("power", (base, exponent), len(axes)), axes
        if isinstance(e.base, Total) and (2 * e.exp).is_Integer and not e.exp.is_Integer:
            norm = self._norm(e.base)
            if norm is not None:
                return power(norm[0], 2 * e.exp), norm[1]
        base, axes = self.read(e.base)
        return power(base, e.exp), axes

    def _function(self, e: Any) -> Tensor:
        try:
            row = row_of(e.func.__name__, len(e.args))
        except Unknown:
            raise NoMatrix from None
        if row.shape is not None or not table.is_function_name(row.name):
            raise NoMatrix
        if isinstance(e, sympy.log) and isinstance(e.args[0], Total) and isinstance(e.args[0].args[0], sympy.exp):
            body, index = self._open(e.args[0])
            return self._over("logsumexp", *self.read(body.args[0]), [index])
        nodes, axes = self.aligned([self.read(arg) for arg in e.args])
        return MatrixNode("call", nodes, len(axes), row.name), axes

    def _cases(self, e: Any) -> Tensor:
        """Branches, chosen entry by entry."""
        *branches, (last, always) = e.args
        if always != sympy.true:
            raise NoMatrix
        tensors = [self.read(last)]
        for value, condition in reversed(branches):
            nodes, axes = self.aligned([self._condition(condition), self.read(value), tensors[-1]])
            tensors.append((MatrixNode("where", nodes, len(axes)), axes))
        return tensors[-1]

    def _has_more(self, e: Any) -> bool:
        """Whether these are branches of something over more indices than what is chosen among them."""
        cases, *others = cases_apart(e, self.sizes.keys())
        return any(one.free_symbols & self.sizes.keys() - cases.free_symbols for one in others)

    def _condition(self, e: Any) -> Tensor:
        if e.is_Relational:
            nodes, axes = self.aligned([self.read(e.lhs), self.read(e.rhs)])
            return MatrixNode("compare", nodes, len(axes), e.rel_op), axes
        if isinstance(e, Ordered):
            nodes, axes = self.aligned([self.leaves.places(e.args[2]), self.read(e.args[3])])
            return MatrixNode("compare", nodes, len(axes), "=="), axes
        if isinstance(e, Selects):
            nodes, axes = self.aligned([self.read(side) for side in e.args[:2]])
            return MatrixNode("compare", nodes, len(axes), "=="), axes
        if isinstance(e, (sympy.And, sympy.Or)):
            args = sorted(e.args, key=sympy.default_sort_key)
            nodes, axes = self.aligned([self._condition(arg) for arg in args])
            return MatrixNode("logic", nodes, len(axes), "and" if isinstance(e, sympy.And) else "or"), axes
        raise NoMatrix

    # Over indices

    def _open(self, e: Any) -> tuple[Any, Any]:
        """The body of a sum, its index a fresh one of known size."""
        body, index, size = e.opened()
        value = self.f.axes.here(size)
        if not value.is_Integer:
            raise NoMatrix
        self.sizes[index], self.letters[index] = int(value), size
        return body, index

    def _extreme(self, e: Any) -> Tensor:
        """The largest, the smallest value or the product over an index, or over both."""
        body, indices = e, []
        while type(body) is type(e):
            body, index = self._open(body)
            indices.append(index)
        node, axes = self.read(body)
        return self._over(_OVER[type(e)], node, axes, indices)

    def _over(self, name: str, node: MatrixNode, axes: Axes, indices: Sequence[Any]) -> Tensor:
        if not axes or any(index not in axes for index in indices):
            raise NoMatrix
        sizes = [self.letters[index] for index in indices]
        if len(indices) == len(axes):
            return reduced(name, node, None, sizes), ()
        position = axes.index(indices[0])
        return reduced(table.BY_NAME[name].reduction or name, node, position, sizes), (axes[1 - position],)

    def _norm(self, e: Any) -> Tensor | None:
        """The norm that the root of a sum of squares is."""
        body, indices = e, []
        while isinstance(body, Total):
            body, index = self._open(body)
            indices.append(index)
        roots = []
        for factor in Mul.make_args(body):
            if factor.is_Pow and factor.exp.is_Integer and factor.exp % 2 == 0:
                roots.append(Pow(factor.base, factor.exp / 2))
            elif isinstance(factor, Total) or not factor.is_Pow:
                return None
        node, axes = self.read(Mul(*roots))
        try:
            return self._over("norm", node, axes, indices)
        except NoMatrix:
            return None

    def _product(self, e: Any) -> Tensor:
        """A product, summed or not: as it stands or multiplied out, whichever is shorter."""
        factors, summed = self._factors(e)
        found = []
        with suppress(NoMatrix):
            found.append(self._network(factors, summed))
        sums = [factor for factor in factors if factor.is_Add and len(factor.args) <= MAX_TERMS]
        if len(sums) == 1 and (not found or worth_it(sums[0], factors)):
            rest = [factor for factor in factors if factor is not sums[0]]
            with suppress(NoMatrix):
                found.append(self._sum([self._term(term, rest, summed) for term in sums[0].args]))
        if not found:
            raise NoMatrix
        return min(found, key=lambda tensor: len(self.trees.text(tensor[0])))

    def _term(self, term: Any, rest: Sequence[Any], summed: Sequence[Any]) -> Tensor:
        """A term of a product that is multiplied out."""
        factors, more = self._factors(term)
        return self._network([*factors, *rest], [*summed, *more])

    def _factors(self, e: Any) -> tuple[list[Any], list[Any]]:
        """The factors of a product and of the sums in it, and the indices that are summed over."""
        factors, summed, todo = [], [], [e]
        while todo:
            one = todo.pop()
            if one.is_Mul:
                todo += one.args
            elif isinstance(one, Total):
                body, index = self._open(one)
                summed.append(index)
                todo.append(body)
            else:
                factors += cases_apart(one, self.sizes.keys())
        return factors, summed

    def _network(self, factors: Sequence[Any], summed: Sequence[Any]) -> Tensor:
        """The factors contracted over the summed indices."""
        found, rest = take_softmax(self, factors)
        unused = [index for index in summed if not any(index in one.free_symbols for one in factors)]
        tensors = [*found, *((number(self.letters[index]), ()) for index in unused), *map(self.read, rest)]
        network = Network(tensors, self.sizes, self.letters)
        network.contract([index for index in summed if index not in unused])
        return network.result(self.order)


def _turns(node: MatrixNode) -> int:
    """How much a matrix is turned; a vector as columns is longer to write."""
    return node.turns + 10 * (node.kind == "column" or (node.kind == "mul" and node.args[-1].kind == "column"))
