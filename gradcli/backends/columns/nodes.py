"""What a plan consists of: operations on columns, equal ones once, with factors and signs moved to where they are free.

A product with a power of two, and a change of sign, are exact: they are carried along and come in for nothing where
a sum is formed anyway. No other rewriting changes a rounding by more than one product's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

MAX_FACTOR = 2.0**60  # of a factor that is carried along; its inverse likewise
MAX_PRODUCTS = 8  # a power of a whole number up to this is written as products

# Kinds of nodes that are no rows of the table.
INPUT, NUMBER = "input", "number"
LINEAR = "linear"  # a + factor*b
TIMES = "times"  # factor*a
FUSED = "fused"  # a + factor*b*c
FUSED_QUOTIENT = "fused quotient"  # a + factor*b/c
GUARDED = "scale"  # a*b, and 0 where a is 0
TRUTHS = frozenset(("==", "!=", "<", "<=", ">", ">=", "and", "or", "not"))


class ColumnNode(NamedTuple):
    """An operation: a row by its name, or one of the kinds above."""

    what: str
    args: tuple[int, ...] = ()
    factor: float = 1.0  # or the number itself
    name: str = ""  # of an input

    @property
    def is_truth(self) -> bool:
        """Whether its values are true or false."""
        return self.what in TRUTHS


class Term(NamedTuple):
    """A factor times a node; without one, a number."""

    factor: float
    node: int | None = None


@dataclass
class Nodes:
    """Nodes, each after the ones it uses, equal ones once."""

    fold: Callable[[str, Sequence[float]], float]  # computes a row of numbers
    guarded: bool = False  # whether an adjoint of 0 wins over a local derivative that is not finite
    nodes: list[ColumnNode] = field(default_factory=list)
    known: dict[ColumnNode, int] = field(default_factory=dict)

    def add(self, node: ColumnNode) -> int:
        """The index of a node."""
        if node not in self.known:
            self.known[node] = len(self.nodes)
            self.nodes.append(node)
        return self.known[node]

    def number(self, value: float) -> int:
        """The index of a number."""
        # A number that is not equal to itself, and 0 and -0, are told apart by their spelling.
        return self.add(ColumnNode(NUMBER, factor=value, name=repr(value)))

    def input(self, name: str) -> Term:
        """A variable."""
        return Term(1.0, self.add(ColumnNode(INPUT, name=name)))

    def whole(self, term: Term) -> int:
        """The index of a node that has the term's value."""
        if term.node is None:
            return self.number(term.factor)
        return term.node if term.factor == 1 else self.add(ColumnNode(TIMES, (term.node,), term.factor))

    def call(self, name: str, terms: Sequence[Term]) -> Term:
        """A row applied to terms."""
        if name in ("pos", "detach"):
            return terms[0]
        if name == "neg":
            return Term(-terms[0].factor, terms[0].node)
        if all(term.node is None for term in terms) and name not in TRUTHS and name != "where":
            return Term(self.fold(name, [term.factor for term in terms]))
        rewrite = _REWRITTEN.get(name)
        term = rewrite(self, *terms) if rewrite else None
        return term or Term(1.0, self.add(ColumnNode(name, tuple(self.whole(term) for term in terms))))

    def sum(self, a: Term, b: Term) -> Term:
        """a + b."""
        if b.node is None:
            a, b = b, a
        if a.node is None:
            return b if a.factor == 0 else Term(1.0, self._linear(self.number(a.factor), b))
        assert b.node is not None
        if a.node == b.node and is_exact(total := a.factor + b.factor):
            return Term(total, a.node)
        if abs(a.factor) != 1 and abs(b.factor) == 1:
            a, b = b, a
        assert a.node is not None
        ratio = b.factor / a.factor
        if not is_exact(ratio):
            return Term(1.0, self._linear(self.whole(a), b))
        return Term(a.factor, self._linear(a.node, Term(ratio, b.node)))

    def _linear(self, first: int, second: Term) -> int:
        assert second.node is not None
        if second.factor == 1 and first > second.node:
            return self.add(ColumnNode(LINEAR, (second.node, first), 1.0))
        return self.add(ColumnNode(LINEAR, (first, second.node), second.factor))

    def product(self, a: Term, b: Term) -> Term:
        """a*b."""
        if a.node is None:
            a, b = b, a
        assert a.node is not None
        factor = a.factor * b.factor
        if b.node is None:
            if is_exact(factor):
                return Term(factor, a.node)
            return Term(a.factor, self.add(ColumnNode(TIMES, (a.node,), b.factor)))
        if not is_exact(factor):
            return Term(1.0, self.add(ColumnNode("*", (self.whole(a), self.whole(b)))))
        return Term(factor, self.add(ColumnNode("*", (min(a.node, b.node), max(a.node, b.node)))))

    def quotient(self, a: Term, b: Term) -> Term | None:
        """a/b; None where there is nothing to simplify."""
        if not b.factor:
            return None
        factor = a.factor / b.factor
        if b.node is None:
            return Term(factor, a.node) if is_exact(b.factor) and is_exact(factor) else None
        if not is_exact(factor):
            return None
        if a.node is None:
            return Term(factor, self.add(ColumnNode("reciprocal", (b.node,))))
        return Term(factor, self.add(ColumnNode("/", (a.node, b.node))))

    def power(self, a: Term, b: Term) -> Term | None:
        """a**b; None where there is nothing to simplify."""
        if b.node is not None or a.node is None:
            return None
        exponent = b.factor
        if exponent == 0.5:
            return self.call("sqrt", [a])
        if exponent != int(exponent) if math.isfinite(exponent) else True:
            return None
        times = abs(int(exponent))
        if not times:
            return Term(1.0)
        if times > MAX_PRODUCTS:
            return None
        result, square = None, a
        while times:
            if times & 1:
                result = square if result is None else self.product(result, square)
            times >>= 1
            square = self.product(square, square) if times else square
        assert result is not None
        return result if exponent > 0 else self.call("/", [Term(1.0), result])

    def branch(self, condition: Term, a: Term, b: Term) -> Term | None:
        """where(condition, a, b); None where there is nothing to simplify."""
        return a if a == b else None

    def scale(self, adjoint: Term, local: Term) -> Term:
        """The product of an adjoint and a local derivative; one that a condition makes 1 or 0 is a branch."""
        if self.guarded and local.node is not None:
            return Term(1.0, self.add(ColumnNode(GUARDED, (self.whole(adjoint), self.whole(local)))))
        for one, other in ((local, adjoint), (adjoint, local)):
            if one.node is None or one.factor != 1 or self.nodes[one.node].what != "where":
                continue
            condition, *branches = self.nodes[one.node].args
            ends = [self.nodes[branch] for branch in branches]
            if all(end.what == NUMBER for end in ends) and sorted(end.factor for end in ends) == [0, 1]:
                value, zero = self.whole(other), self.number(0.0)
                chosen = (value, zero) if ends[0].factor else (zero, value)
                return Term(1.0, self.add(ColumnNode("where", (condition, *chosen))))
        return self.product(adjoint, local)


_REWRITTEN: dict[str, Callable[..., Term | None]] = {
    "+": Nodes.sum,
    "-": lambda nodes, a, b: nodes.sum(a, Term(-b.factor, b.node)),
    "*": Nodes.product,
    "/": Nodes.quotient,
    "**": Nodes.power,
    "square": lambda nodes, a: nodes.product(a, a),
    "reciprocal": lambda nodes, a: nodes.quotient(Term(1.0), a),
    "where": Nodes.branch,
    "scale": Nodes.scale,
}


def is_exact(factor: float) -> bool:
    """Whether a product with this number has no rounding: a power of two, with any sign, of moderate size."""
    return math.isfinite(factor) and abs(math.frexp(factor)[0]) == 0.5 and 1 / MAX_FACTOR <= abs(factor) <= MAX_FACTOR
