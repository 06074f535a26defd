"""Expressions of whole tensors as trees of matrix algebra, as a textbook writes it.

Vectors are columns: a product of two of them is x^T y or x y^T. The heads are those of `language.index_notation`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sympy import S, fraction

from gradcli.backends.symbolic.matrix.named import Ranks, named
from gradcli.backends.symbolic.matrix.nodes import MatrixNode, NoMatrix
from gradcli.backends.symbolic.matrix.tree import MatrixTree, sub_tree
from gradcli.language import index_notation as heads
from gradcli.language.index_notation import ENTRY
from gradcli.language.nodes import Call, Name, Node
from gradcli.language.tree_facts import uses
from gradcli.language.trees import HERE, call, is_call, number, without_minus

ALL = Name(":", HERE)


class MatrixAlgebra(MatrixTree):
    """Makes trees; `value` puts sizes into a number, `number` makes its tree, names have so many axes.

    Raises NoMatrix where a name cannot be read.
    """

    def __init__(self, value: Callable[[Any], Any], number: Callable[[Any], Node], ranks: Ranks) -> None:
        super().__init__(value, number)
        self.ranks = ranks

    # Products and sums

    def _number(self, node: MatrixNode) -> Node:
        return self._scaled(node.data, [], [], None)

    def _mul(self, node: MatrixNode) -> Node:
        return self._times(node, None)

    def _times(self, node: MatrixNode, tensor: Node | None) -> Node:
        """A product; one of scalars perhaps in front of a tensor of ones."""
        coefficient, exponents = node.data
        pairs = list(zip(node.args, exponents))
        above = [self._power(base, e) for base, e in pairs if not base.rank and e > 0]
        below = [self._power(base, -e) for base, e in pairs if not base.rank and e < 0]
        tensors = [(base, e) for base, e in pairs if base.rank]
        return self._scaled(coefficient, above, below, self._entries(tensors) if tensors else tensor)

    def _repeated(self, node: MatrixNode, rank: int) -> Node:
        """A scalar as a term of a tensor: it is added to every entry."""
        ones = _ones(rank)
        if node.kind == "number":
            return self._scaled(node.data, [], [], ones)
        if node.kind == "mul":
            return self._times(node, ones)
        return self._scaled(S.One, [self.of(node)], [], ones)

    def _entries(self, pairs: Sequence[tuple[MatrixNode, Any]]) -> Node:
        """A product of tensors entry by entry."""
        above = [self._power(base, e) for base, e in pairs if e > 0]
        below = [self._power(base, -e) for base, e in pairs if e < 0]
        if not above:
            above, below = [self._power(base, e) for base, e in pairs], []
        whole = _product(heads.TIMES, above)
        return call(heads.DIVIDED, _enclosed(whole), _product(heads.TIMES, below)) if below else whole

    def _scaled(self, coefficient: Any, above: list[Node], below: list[Node], tensor: Node | None) -> Node:
        """A number and scalars in front of a tensor, or alone."""
        value = self.value(coefficient)
        if not value.is_finite:
            raise NoMatrix
        minus = value.could_extract_minus_sign()
        p, q = fraction(-value if minus else value)
        above = [*([self.number(p)] if p != 1 else []), *above]
        below = [*([self.number(q)] if q != 1 else []), *below]
        if below and above and tensor is not None:
            above, below = [call("/", _in_front(above), _in_front(below))], []
        whole = _in_front(above, tensor)
        whole = call("/", whole, _in_front(below)) if below else whole
        return call("neg", whole) if minus else whole

    def _power(self, base: MatrixNode, exponent: Any) -> Node:
        """A power by a number."""
        if exponent == 1:
            return self.of(base)
        if base.kind == "var" and (2 * exponent).is_Integer and not exponent.is_Integer:
            return self._power(MatrixNode("std", base.args, 0, base.data), 2 * exponent)
        if exponent == S.Half:
            return call("sqrt", self.of(base))
        return call(heads.RAISED if base.rank else "**", self.of(base), self.number(exponent))

    def _power_of(self, node: MatrixNode) -> Node:
        return self._called(heads.RAISED if node.rank else "**", node)

    def _add(self, node: MatrixNode) -> Node:
        first, *others = (
            self.of(term) if term.rank == node.rank else self._repeated(term, node.rank) for term in node.args
        )
        for term in others:
            positive = without_minus(term)
            first = call("+", first, term) if positive is None else call("-", first, positive)
        return first

    def _matmul(self, node: MatrixNode) -> Node:
        first, *rest = node.args
        begin = self._turned(MatrixNode("T", (first,))) if first.rank == 1 else self.of(first)
        return _beside([begin, *map(self.of, rest)])

    def _outer(self, node: MatrixNode) -> Node:
        u, v = node.args
        return _beside([self.of(u), self._turned(MatrixNode("T", (v,)))])

    def _row(self, node: MatrixNode) -> Node:
        return _beside([_ones(1), self._turned(MatrixNode("T", node.args))])

    def _column(self, node: MatrixNode) -> Node:
        return _beside([self.of(node.args[0]), call(heads.TRANSPOSE, _ones(1))])

    # Names, parts and calls

    def _turned(self, node: MatrixNode) -> Node:
        """A transpose; that of an inverse, or of a product with a vector of ones, as one."""
        inner = self._read(node.args[0])
        if inner.kind == "call" and inner.data == "inv":
            return self._called(heads.INVERSE_TRANSPOSE, inner)
        if inner.kind == "reduce" and inner.data[0] == "sum":
            (x,) = inner.args
            summed = self.of(x) if inner.data[1] == 0 else self._turned(MatrixNode("T", (x,)))
            return _beside([call(heads.TRANSPOSE, _ones(1)), summed])
        if inner.kind == "T":
            return self.of(inner.args[0])
        return call(heads.TRANSPOSE, self.of(inner))

    def _name(self, node: MatrixNode) -> Node:
        known = self._read(node)
        tree: Node = node.data.tree
        return tree if known is node else self.of(known)

    def _read(self, node: MatrixNode) -> MatrixNode:
        """What a name says, where it is more than a name; an expression without tensors stays as it is."""
        if node.kind != "name" or isinstance(node.data.tree, Name):
            return node
        try:
            return named(node.data.tree, self.ranks)
        except NoMatrix:
            if uses(node.data.tree, self.ranks):
                raise
            return node

    def _item(self, node: MatrixNode) -> Node:
        (whole,) = node.args
        subs = map(sub_tree, node.data)
        if whole.kind == "eye":
            return call(ENTRY, Name("e", HERE), *subs)
        return call(ENTRY, self.of(whole), *subs, *[ALL] * (whole.rank - len(node.data)))

    def _eye(self, _: MatrixNode) -> Node:
        return Name("I", HERE)

    def _ones(self, node: MatrixNode) -> Node:
        return _ones(node.rank)

    def _zeros(self, node: MatrixNode) -> Node:
        return call(heads.ZEROS) if node.rank else number(0)

    def _call(self, node: MatrixNode) -> Node:
        if node.data == "exp" and node.rank:
            return self._called(heads.EXP, node)
        return self._called(heads.INVERSE if node.data == "inv" else node.data, node)

    def _reduce(self, node: MatrixNode) -> Node:
        name, dim, _ = node.data
        (x,) = node.args
        if name == "sum":  # a product with a vector of ones
            if dim is None:
                return _beside([call(heads.TRANSPOSE, _ones(1)), self.of(x), *([_ones(1)] if x.rank == 2 else [])])
            return _beside([self.of(x) if dim == 1 else self._turned(MatrixNode("T", (x,))), _ones(1)])
        if name == "norm" and dim is None and x.rank == 2:
            name = heads.FROBENIUS
        return self._with_option(name, "dim", dim, node)

    def _with_option(self, name: str, option: str, value: int | None, node: MatrixNode) -> Node:
        if value is None:
            return self._called(name, node)
        return call(heads.OPTION, Name(name, HERE), Name(option, HERE), number(value), *map(self.of, node.args))

    def _along(self, node: MatrixNode) -> Node:
        name, dim = node.data
        return self._with_option(name, "dim", dim, node)

    def _softmax(self, node: MatrixNode) -> Node:
        return self._with_option("softmax", "dim", node.data, node)

    def _var(self, node: MatrixNode) -> Node:
        return self._with_option(node.kind, "correction", None if node.data else 0, node)

    _std = _var


def _ones(rank: int) -> Node:
    ones = call(heads.ONES)
    return ones if rank < 2 else _beside([ones, call(heads.TRANSPOSE, ones)])


def _beside(factors: Iterable[Node]) -> Node:
    """Matrices next to each other; a product among them is taken apart."""
    flat = [one for factor in factors for one in (_parts(factor))]
    return call(heads.BESIDE, *(call("()", one) if is_call(one, "neg") else one for one in flat))


def _parts(node: Node) -> Sequence[Node]:
    return node.args if isinstance(node, Call) and is_call(node, heads.BESIDE) else [node]


def _product(head: str, factors: Sequence[Node]) -> Node:
    """Tensors entry by entry: products of matrices among them in brackets."""
    return factors[0] if len(factors) == 1 else call(head, *map(_enclosed, factors))


def _enclosed(node: Node) -> Node:
    return call("()", node) if is_call(node, heads.BESIDE, "neg") else node


def _in_front(scalars: Sequence[Node], tensor: Node | None = None) -> Node:
    """Scalars in front of a tensor, whose first factor they join; without one in front of the last of them."""
    if tensor is None:
        *scalars, tensor = scalars or [number(1)]
    if not scalars:
        return tensor
    if isinstance(tensor, Call) and is_call(tensor, heads.TIMES, heads.DIVIDED):
        first, *others = tensor.args
        return call(tensor.function, _in_front(scalars, first), *others)
    return call(heads.BESIDE, *map(_enclosed, scalars), *_parts(tensor))
