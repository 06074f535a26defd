"""Matching trees with patterns: sums and products as bags of terms and factors, names seen through.

The recursion here is as deep as the pattern, which is ours; the user's tree is looked at only that deep.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from gradcli.language.nodes import Call, Name, Node, Number, same
from gradcli.language.trees import joined

MAX_PARTS = 12  # terms or factors of the user's, of one sum or product
MAX_NAMES = 50  # that are seen through, one after the other

Binding = Mapping[str, Node]
Part = tuple[int, Node]  # a term with its sign, or a factor with 1 above and -1 below the line

_SUMS = frozenset(("+", "-", "neg", "pos"))
_PRODUCTS = frozenset(("*", "/", "neg", "pos"))


class Match(NamedTuple):
    """A match: what the names of the pattern stand for, and what is left of the sum or the product around it."""

    binding: Binding
    sign: int = 1
    rest: tuple[Part, ...] = ()
    is_product: bool = False


class Matcher:
    """Matches patterns in one program; `defined` are the values of its intermediates."""

    def __init__(self, defined: Mapping[str, Node]) -> None:
        self.defined = defined

    def seen(self, node: Node) -> Node:
        """What a name stands for."""
        for _ in range(MAX_NAMES):
            if not isinstance(node, Name) or node.name not in self.defined:
                break
            node = self.defined[node.name]
        return node

    def top(self, pattern: Node, node: Node) -> Iterator[Match]:
        """The matches of a pattern with a node, or with some terms or factors of it."""
        if not isinstance(node, Call):
            return
        if isinstance(pattern, Call) and pattern.function == "neg" and node.function == "neg":
            pattern, node = pattern.args[0], node.args[0]
            if not isinstance(node, Call):
                return
        if isinstance(pattern, Call) and pattern.function in ("+", "-"):
            if _is_sum(node):
                yield from self._sum(pattern, node)
        elif isinstance(pattern, Call) and pattern.function in ("*", "/"):
            if node.function in ("*", "/"):
                yield from self._product(pattern, node)
        else:
            for binding in self._node(pattern, node, {}):
                yield Match(binding)

    def _sum(self, pattern: Node, node: Node) -> Iterator[Match]:
        wanted, terms = _sum_parts(pattern), _sum_parts(node)
        for sign in (1, -1):
            for binding, left in self._some(wanted, [(sign * s, term) for s, term in terms], {}, True):
                yield Match(binding, sign, tuple((sign * s, term) for s, term in left))

    def _product(self, pattern: Node, node: Node) -> Iterator[Match]:
        wanted, there = _factors(pattern), _factors(node)
        for binding, left in self._some(wanted[1], there[1], {}, False):
            yield Match(binding, there[0] * wanted[0], tuple(left), is_product=True)

    def _some(
        self, wanted: Sequence[Part], there: Sequence[Part], binding: Binding, is_sum: bool
    ) -> Iterator[tuple[Binding, list[Part]]]:
        """Every way in which the wanted parts, terms or factors, are among those there; what is left of these."""
        if not wanted:
            yield binding, list(there)
            return
        (sign, pattern), *further = wanted
        for index, (own, part) in enumerate(there):
            others = [*there[:index], *there[index + 1 :]]
            if sign == own:
                matches = self._node(pattern, part, binding)
            elif is_sum and isinstance(pattern, Name):
                matches = self._bind(pattern.name, negated(part), binding)
            else:
                continue
            for more in matches:
                yield from self._some(further, others, more, is_sum)

    def _node(self, pattern: Node, node: Node, binding: Binding) -> Iterator[Binding]:
        """The ways in which a whole node matches."""
        if isinstance(pattern, Name):
            yield from self._bind(pattern.name, node, binding)
            return
        node = self.seen(node)
        if isinstance(pattern, Number):
            if isinstance(node, Number) and node.value == pattern.value:
                yield binding
        elif pattern.function == "neg":
            yield from self._opposite(pattern.args[0], node, binding)
        elif isinstance(node, Call) and not node.user:
            yield from self._call(pattern, node, binding)

    def _opposite(self, pattern: Node, node: Node, binding: Binding) -> Iterator[Binding]:
        """The ways in which the opposite of a node matches."""
        opposite = _without_sign(node)
        if opposite is not None:
            yield from self._node(pattern, opposite, binding)
        elif isinstance(pattern, Name) and not isinstance(node, Number):
            yield from self._bind(pattern.name, negated(node), binding)

    def _call(self, pattern: Call, node: Call, binding: Binding) -> Iterator[Binding]:
        if pattern.function in ("+", "-"):
            if _is_sum(node):
                yield from self._whole(_sum_parts(pattern), _sum_parts(node), binding, True)
        elif pattern.function in ("*", "/"):
            wanted, there = _factors(pattern), _factors(node)
            if wanted[0] == there[0]:
                yield from self._whole(wanted[1], there[1], binding, False)
        elif pattern.function == "**" and _is_square(pattern) and (base := _squared(node)) is not None:
            yield from self._node(pattern.args[0], base, binding)
        elif node.function == pattern.function and len(node.args) == len(pattern.args):
            yield from self._all(pattern.args, node.args, binding)

    def _whole(
        self, wanted: Sequence[Part], there: Sequence[Part], binding: Binding, is_sum: bool
    ) -> Iterator[Binding]:
        """The ways in which the wanted parts are all there are."""
        if len(wanted) == len(there):
            for more, _ in self._some(wanted, there, binding, is_sum):
                yield more

    def _all(self, patterns: Sequence[Node], nodes: Sequence[Node], binding: Binding) -> Iterator[Binding]:
        if not patterns:
            yield binding
            return
        for more in self._node(patterns[0], nodes[0], binding):
            yield from self._all(patterns[1:], nodes[1:], more)

    def _bind(self, name: str, node: Node, binding: Binding) -> Iterator[Binding]:
        if name not in binding:
            yield {**binding, name: node}
        elif same(binding[name], node) or same(self.seen(binding[name]), self.seen(node)):
            yield binding


def _sum_parts(node: Node) -> list[Part]:
    """The terms of a sum with their signs, in order; none where there are too many."""
    found: list[Part] = []
    todo: list[Part] = [(1, node)]
    while todo:
        sign, current = todo.pop()
        if len(found) + len(todo) > MAX_PARTS:
            return []
        if not isinstance(current, Call) or current.user or current.function not in _SUMS:
            found.append((sign, current))
        elif len(current.args) == 1:
            todo.append((-sign if current.function == "neg" else sign, current.args[0]))
        else:
            right = -sign if current.function == "-" else sign
            todo += [(right, current.args[1]), (sign, current.args[0])]
    return found


def _factors(node: Node) -> tuple[int, list[Part]]:
    """The sign of a product, and its factors above and below the line; a 1 above it is none. No factors: too many."""
    sign = 1
    found: list[Part] = []
    todo: list[Part] = [(1, node)]
    while todo:
        side, current = todo.pop()
        if len(found) + len(todo) > MAX_PARTS:
            return sign, []
        if not isinstance(current, Call) or current.user or current.function not in _PRODUCTS:
            if not (side == 1 and isinstance(current, Number) and current.value == 1):
                found.append((side, current))
        elif len(current.args) == 1:
            sign = -sign if current.function == "neg" else sign
            todo.append((side, current.args[0]))
        else:
            other = -side if current.function == "/" else side
            todo += [(other, current.args[1]), (side, current.args[0])]
    return sign, found


def _is_sum(node: Node) -> bool:
    for _ in range(MAX_PARTS):
        if not isinstance(node, Call) or node.user:
            return False
        if node.function != "neg":
            return node.function in ("+", "-")
        node = node.args[0]
    return False


def _is_square(node: Call) -> bool:
    return isinstance(node.args[1], Number) and node.args[1].value == 2


def _squared(node: Call) -> Node | None:
    """What is squared: u**2, u*u or square(u)."""
    if node.function == "**" and _is_square(node):
        return node.args[0]
    if node.function == "square":
        return node.args[0]
    if node.function == "*" and same(*node.args):
        return node.args[0]
    return None


def _without_sign(node: Node) -> Node | None:
    """The opposite of what begins with a minus; None where it does not."""
    above: list[Call] = []
    for _ in range(MAX_PARTS):
        if not isinstance(node, Call) or node.user:
            return None
        if node.function == "neg":
            inner = node.args[0]
            for outer in reversed(above):
                inner = joined(outer.function, inner, outer.args[1])
            return inner
        if node.function not in ("*", "/"):
            return None
        above.append(node)
        node = node.args[0]
    return None


def negated(node: Node) -> Node:
    """The opposite of a node."""
    opposite = _without_sign(node)
    return joined("neg", node) if opposite is None else opposite
