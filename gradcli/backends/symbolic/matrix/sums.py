"""Sums of expressions of whole tensors: equal terms counted, common factors in front."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sympy
from sympy import S

from gradcli.backends.symbolic.matrix.chains import matmul, outer
from gradcli.backends.symbolic.matrix.nodes import MatrixNode, NoMatrix, mul, number, parts, power

Term = tuple[Any, dict[MatrixNode, Any]]  # its number, and its other factors with their exponents

MAX_ENTRIES = 6  # of a vector that is written out

_FIRST = {"matmul": 0, "number": 4}


def add(terms: Iterable[MatrixNode]) -> MatrixNode:
    """The sum of tensors of one shape, and of scalars."""
    flat = _joined([term for node in terms for term in _terms(node)])
    if len(flat) > 1:
        flat = _factored(flat)
    if not flat:
        return number(0)
    if len(flat) == 1:
        return _whole(_node(flat[0]))
    entries = _entries(flat)
    if entries is not None:
        return entries
    content, flat = _content(flat)
    common, flat = _common(flat)
    for base in common:
        _whole(base)
    nodes = sorted(map(_node, flat), key=_order)
    whole = MatrixNode("add", nodes, max(node.rank for node in nodes))
    kinds = {base.kind for _, powers in flat for base in powers if base.rank == 2}
    if whole.rank == 2 and kinds in ({"row"}, {"column"}):
        raise NoMatrix
    return mul([whole, *(power(base, e) for base, e in common.items())], content)


def _terms(node: MatrixNode) -> list[Term]:
    """The terms of a sum; a number in front of it goes into them."""
    coefficient, powers = parts(node)
    if len(powers) == 1:
        ((base, exponent),) = powers.items()
        if base.kind == "add" and exponent == 1:
            return [(coefficient * own, inner) for own, inner in map(parts, base.args)]
    return [(coefficient, powers)]


def _node(term: Term) -> MatrixNode:
    return mul((power(base, exponent) for base, exponent in term[1].items()), term[0])


def _joined(terms: Sequence[Term]) -> list[Term]:
    """Equal terms as one."""
    found: dict[frozenset[Any], Term] = {}
    for coefficient, powers in terms:
        key = frozenset(powers.items())
        before = found[key][0] if key in found else S.Zero
        found[key] = (before + coefficient, powers)
    return [term for term in found.values() if term[0] != 0]


def _factored(terms: list[Term]) -> list[Term]:
    """Products of matrices with a common beginning or end as one: A@x + B@x is (A + B)@x."""
    done: list[Term] = []
    while terms:
        term = terms.pop(0)
        for i, other in enumerate(terms):
            joined = _pair(term, other)
            if joined is not None:
                terms[i] = joined
                break
        else:
            done.append(term)
    return done


def _pair(first: Term, second: Term) -> Term | None:
    """Two terms as one, where they differ in one product only."""
    if abs(first[0]) != abs(second[0]) if first[0].is_Rational and second[0].is_Rational else first[0] != second[0]:
        return None
    rest = {base: e for base, e in first[1].items() if second[1].get(base) == e}
    a = [base for base in first[1] if base not in rest]
    b = [base for base in second[1] if base not in rest]
    if len(a) != 1 or len(b) != 1 or first[1][a[0]] != 1 or second[1][b[0]] != 1 or a[0].rank != b[0].rank:
        return None
    if first[0].could_extract_minus_sign() and not second[0].could_extract_minus_sign():
        first, second, a, b = second, first, b, a
    sign = number(second[0] / first[0])
    found = _merged(a[0], b[0], sign)
    if found is None:
        return None
    coefficient, powers = parts(found)
    if any(base in rest for base in powers):
        return None
    return first[0] * coefficient, {**rest, **powers}


def _merged(a: MatrixNode, b: MatrixNode, sign: MatrixNode) -> MatrixNode | None:
    """The sum of two products of matrices, or of two outer products, as one."""
    if a.kind == "outer" and b.kind == "outer":
        if a.args[0] == b.args[0]:
            return outer(a.args[0], add([a.args[1], mul([sign, b.args[1]])]))
        if a.args[1] == b.args[1]:
            return outer(add([a.args[0], mul([sign, b.args[0]])]), a.args[1])
    if a.kind != "matmul" or b.kind != "matmul" or (a.rank == 0):
        return None
    left = 0
    most = min(len(a.args), len(b.args)) - 1
    while left < most and a.args[left] == b.args[left]:
        left += 1
    right = 0
    while right < most - left and a.args[-1 - right] == b.args[-1 - right]:
        right += 1
    if 2 * (left + right) < max(len(a.args), len(b.args)):
        return None
    first, second = (chain.args[left : len(chain.args) - right] for chain in (a, b))
    inner = add([matmul(first), mul([sign, matmul(second)])])
    return matmul([*a.args[:left], inner, *a.args[len(a.args) - right :]])


def _entries(terms: Sequence[Term]) -> MatrixNode | None:
    """Numbers times rows of the identity: the vector with these entries."""
    found: dict[int, MatrixNode] = {}
    size = 0
    for coefficient, powers in terms:
        units = [base for base in powers if base.rank]
        if len(units) != 1 or units[0].kind != "item" or units[0].args[0].kind != "eye" or powers[units[0]] != 1:
            return None
        size = units[0].args[0].data
        others = {base: exponent for base, exponent in powers.items() if base is not units[0]}
        found[int(units[0].data[0])] = _node((coefficient, others))
    if size > MAX_ENTRIES or len(found) < len(terms):
        return None
    return MatrixNode("list", [found.get(i, number(0)) for i in range(size)], 1)


def _content(terms: Sequence[Term]) -> tuple[Any, list[Term]]:
    """The number that goes in front of a sum."""
    pairs = [coefficient.as_coeff_Mul() for coefficient, _ in terms]
    content = pairs[0][0]
    for rational, _ in pairs[1:]:
        content = sympy.gcd(content, rational) if content.is_Rational and rational.is_Rational else S.One
    content = abs(content)
    letters = [rest.as_powers_dict() for _, rest in pairs]
    for base, exponent in letters[0].items():
        every = [powers.get(base, S.Zero) for powers in letters]
        if base != 1 and all(e * exponent > 0 for e in every):
            content = content * base ** min(every, key=abs)
    divided = [coefficient / content for coefficient, _ in terms]
    if all(one.could_extract_minus_sign() for one in divided):
        content, divided = -content, [-one for one in divided]
    return content, [(one, powers) for one, (_, powers) in zip(divided, terms)]


def _common(terms: Sequence[Term]) -> tuple[dict[MatrixNode, Any], list[Term]]:
    """The factors that all terms have."""
    shared: dict[MatrixNode, Any] = {}
    for base in terms[0][1]:
        others = [powers.get(base, S.Zero) for _, powers in terms]
        if all(e > 0 for e in others):
            shared[base] = min(others)
        elif all(e < 0 for e in others):
            shared[base] = max(others)
    left = [
        (one, {base: e - shared.get(base, S.Zero) for base, e in powers.items() if e != shared.get(base)})
        for one, powers in terms
    ]
    return shared, left


def _order(node: MatrixNode) -> tuple[bool, int, int, int, str]:
    """What begins with a minus comes last, numbers after tensors, products of matrices first."""
    coefficient, powers = parts(node)
    first = min((_FIRST.get(base.kind, 2) for base in powers), default=4)
    if not node.rank and powers:
        first = 3
    scalars = sum(1 for base in powers if not base.rank)
    return coefficient.could_extract_minus_sign(), first, scalars, node.turns, node.key


def _whole(node: MatrixNode) -> MatrixNode:
    """A node that is not only one row or column, to be repeated."""
    if any(base.kind in ("row", "column") for base in parts(node)[1]):
        raise NoMatrix
    return node
