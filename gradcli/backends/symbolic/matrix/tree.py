"""Expressions of whole tensors as trees of the language: what is written of them can be typed in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Any

from sympy import S

from gradcli.backends.symbolic.matrix.nodes import MatrixNode, NoMatrix, Sub, parts
from gradcli.backends.symbolic.tree import without_defaults
from gradcli.language.nodes import Call, Name, Node
from gradcli.language.printer import unparse
from gradcli.language.trees import HERE, call, is_call, negated, number, without_minus

_WAYS = {"power": "_power_of", "T": "_turned"}


class MatrixTree:
    """Makes trees; `value` puts sizes into a number, `number` makes its tree."""

    def __init__(self, value: Callable[[Any], Any], number: Callable[[Any], Node]) -> None:
        self.value = value
        self.number = number
        self.made: dict[MatrixNode, Node] = {}
        self.texts: dict[MatrixNode, str] = {}

    def of(self, node: MatrixNode) -> Node:
        """The tree of an expression."""
        if node not in self.made:
            self.made[node] = getattr(self, _WAYS.get(node.kind, f"_{node.kind}"))(node)
        return self.made[node]

    def text(self, node: MatrixNode) -> str:
        """An expression in the language."""
        if node not in self.texts:
            self.texts[node] = unparse(self.of(node))
        return self.texts[node]

    def _called(self, name: str, node: MatrixNode, *more: Node) -> Node:
        return call(name, *map(self.of, node.args), *more)

    # Products and sums

    def _number(self, node: MatrixNode) -> Node:
        return self._quotient(node.data, [], [], [])

    def _mul(self, node: MatrixNode) -> Node:
        coefficient, powers = parts(node)
        above = [self._power(base, e) for base, e in powers.items() if not base.rank and e > 0]
        tensors = [self._power(base, e) for base, e in powers.items() if base.rank and e > 0]
        below = [self._power(base, -e) for base, e in powers.items() if e < 0]
        return self._quotient(coefficient, above, below, tensors)

    def _quotient(self, coefficient: Any, scalars: list[Node], below: list[Node], tensors: list[Node]) -> Node:
        value = self.value(coefficient)
        if not value.is_finite:
            raise NoMatrix
        minus = value.could_extract_minus_sign()
        value = -value if minus else value
        p, q = (value.p, value.q) if value.is_Rational else (value, 1)
        front = _parted([*([self._plain(p)] if p != 1 else []), *scalars], bool(tensors))
        under = _parted([*([self._plain(q)] if q != 1 else []), *below])
        whole = _product([_scaled(front, tensors[0]), *tensors[1:]] if front and tensors else [*front, *tensors])
        whole = call("/", whole, _product(under)) if under else whole
        return negated(whole) if minus else whole

    def _plain(self, value: Any) -> Node:
        """A positive number."""
        return number(value) if isinstance(value, int) else self.number(value)

    def _power(self, base: MatrixNode, exponent: Any) -> Node:
        if exponent == 1:
            return self.of(base)
        if exponent == S.Half:
            return self._spread("std", base) if base.kind == "var" else call("sqrt", self.of(base))
        if base.kind == "var" and (2 * exponent).is_Integer and not exponent.is_Integer:
            return call("**", self._spread("std", base), self.number(2 * exponent))
        return call("**", self.of(base), self.number(exponent))

    def _add(self, node: MatrixNode) -> Node:
        first, *others = map(self.of, node.args)
        for term in others:
            positive = without_minus(term)
            first = call("+", first, term) if positive is None else call("-", first, positive)
        return first

    def _power_of(self, node: MatrixNode) -> Node:
        return self._called("**", node)

    def _matmul(self, node: MatrixNode) -> Node:
        first, *others = map(self.of, node.args)
        return _chain(_enclosed(first), others)

    # Names and calls

    def _name(self, node: MatrixNode) -> Node:
        tree: Node = node.data.tree
        return tree

    def _constant(self, node: MatrixNode) -> Node:
        return self.number(node.data)

    def _turned(self, node: MatrixNode) -> Node:
        return self._called("transpose", node)

    def _item(self, node: MatrixNode) -> Node:
        return self._called("x[]", node, *map(sub_tree, node.data))

    def _list(self, node: MatrixNode) -> Node:
        return self._called("[]", node)

    def _call(self, node: MatrixNode) -> Node:
        shown = without_defaults(node.data, [one.data if one.kind == "number" else one for one in node.args])
        return call(node.data, *map(self.of, node.args[: len(shown)]))

    def _outer(self, node: MatrixNode) -> Node:
        return self._called("outer", node)

    def _diag(self, node: MatrixNode) -> Node:
        return self._called("diag", node)

    _diagonal = _diag

    def _eye(self, node: MatrixNode) -> Node:
        return call("eye", number(node.data))

    def _arange(self, node: MatrixNode) -> Node:
        return call("arange", number(node.data))

    def _ones(self, node: MatrixNode) -> Node:
        return call("ones", *map(number, node.data))

    def _zeros(self, node: MatrixNode) -> Node:
        return call("zeros", *map(number, node.data))

    def _row(self, node: MatrixNode) -> Node:
        return self.of(node.args[0])

    def _column(self, node: MatrixNode) -> Node:
        return self._called("reshape", node, number(-1), number(1))

    def _reshape(self, node: MatrixNode) -> Node:
        return self._called("reshape", node, *map(number, node.data))

    def _reduce(self, node: MatrixNode) -> Node:
        name, dim, _ = node.data
        return self._called(name, node, *_option("dim", dim))

    def _softmax(self, node: MatrixNode) -> Node:
        return self._called("softmax", node, *_option("dim", node.data))

    def _var(self, node: MatrixNode) -> Node:
        return self._spread("var", node)

    def _spread(self, name: str, node: MatrixNode) -> Node:
        return self._called(name, node, *_option("correction", None if node.data else 0))

    # Cases

    def _where(self, node: MatrixNode) -> Node:
        return self._called("where", node)

    def _compare(self, node: MatrixNode) -> Node:
        return self._called(node.data, node)

    def _logic(self, node: MatrixNode) -> Node:
        return reduce(lambda a, b: call(node.data, a, b), map(self.of, node.args))


def _option(name: str, value: int | None) -> list[Node]:
    return [] if value is None else [call("=", Name(name, HERE), number(value))]


def sub_tree(sub: Sub) -> Node:
    """An index, or a slice with what it leaves out."""
    if isinstance(sub, int):
        return number(sub)
    return call("[:]", *(call("None") if end is None else number(end) for end in sub))


def _enclosed(node: Node) -> Node:
    """In brackets what a reader would tear apart before a matrix: (x*y)@A."""
    return call("()", node) if is_call(node, "*", "/", "neg") else node


def _parted(scalars: Sequence[Node], is_in_front: bool = False) -> list[Node]:
    """Scalars as factors: one that is a product of vectors in brackets, in front of others (x@y)*z."""
    if len(scalars) + is_in_front == 1:
        return list(scalars)
    return [call("()", one) if is_call(one, "@") else one for one in scalars]


def _product(factors: Sequence[Node]) -> Node:
    """A product entry by entry, whose first factor may be one of matrices: A@x*y."""
    return reduce(lambda a, b: call("*", a, b), factors) if factors else number(1)


def _scaled(scalars: Sequence[Node], tensor: Node) -> Node:
    """Scalars in front of a tensor; a product of matrices needs no brackets: 2*A@x."""
    chain: list[Node] = []
    while isinstance(tensor, Call) and is_call(tensor, "@"):
        chain.append(tensor.args[1])
        tensor = tensor.args[0]
    return _chain(_product([*scalars, tensor]), reversed(chain))


def _chain(first: Node, others: Iterable[Node]) -> Node:
    """A product of matrices."""
    for other in others:
        first = call("@", first, other if without_minus(other) is None else call("()", other))
    return first
