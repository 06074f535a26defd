"""Sums with fewer terms, and lower denominators, by what the squares of a function and its partner come to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sympy

from gradcli.backends.symbolic.short.bases import Bases
from gradcli.backends.symbolic.short.monomials import MAX_TERMS, Product, raise_to
from gradcli.backends.symbolic.short.sparse import Polynomial, Rational, add, dense, quotient, raised, times

CIRCULAR: Mapping[Any, tuple[Any, int]] = {  # the partner of a function, and the sign of its square: sin² = 1 - cos²
    sympy.sin: (sympy.cos, -1), sympy.cos: (sympy.sin, -1),
    sympy.sinh: (sympy.cosh, 1), sympy.cosh: (sympy.sinh, 1),
}  # fmt: skip


def reduced(bases: Bases, terms: Polynomial) -> Polynomial:
    """A sum with fewer terms by sin² + cos² = 1, or cosh² - sinh² = 1, where it has them."""
    squares = {i for monomial in terms for i, e in monomial if e >= 2 and e.denominator == 1}
    for index in sorted(squares):
        partner = CIRCULAR.get(type(bases.bases[index]))
        if partner is None or len(terms) < 2:
            continue
        kind, sign = partner
        other = bases.index(kind(bases.bases[index].args[0]))
        if type(bases.bases[other]) is not kind:
            continue
        one = -1 if kind is sympy.cosh else 1  # sinh² = cosh² - 1
        fewer = _replaced(terms, index, {(): one, ((other, 2),): sign})
        if len(fewer) < len(terms):
            terms = fewer
    return terms


def without_partners(bases: Bases, common: Mapping[int, Rational], terms: Polynomial) -> Iterator[Polynomial]:
    """A sum by the partner alone of each function in it that stands in a sum below: by cos over 1 + cos."""
    below = {
        i for index, e in common.items() if e < 0 and index in bases.sums for row in bases.sums[index] for i, _ in row
    }
    for index in sorted({i for monomial in terms for i, e in monomial if e >= 2 and e.denominator == 1}):
        kind, sign = CIRCULAR.get(type(bases.bases[index]), (None, 0))
        if kind is None:
            continue
        other = bases.index(kind(bases.bases[index].args[0]))
        if other in below and len(terms) > 1:
            yield _replaced(terms, index, {(): -1 if kind is sympy.cosh else 1, ((other, 2),): sign})


def merged(bases: Bases, terms: Polynomial) -> Polynomial:
    """A sum with one term for two by the same: sin(x)*cos(x)**2 - sin(x) is -sin(x)**3."""
    for index in sorted({i for monomial in terms for i, e in monomial if e >= 2 and e.denominator == 1}):
        partner = CIRCULAR.get(type(bases.bases[index]))
        if partner is None:
            continue
        kind, sign = partner
        other = bases.index(kind(bases.bases[index].args[0]))
        one = -1 if kind is sympy.cosh else 1
        result = dict(terms)
        for monomial, value in terms.items():
            lower = raised(monomial, ((index, -2),)) if dict(monomial).get(index, 0) >= 2 else monomial
            if lower != monomial and result.get(monomial) == value and result.get(lower) == -value * one:
                del result[monomial], result[lower]
                add(result, raised(lower, ((other, 2),)), value * sign)
        terms = result
    return terms


def _replaced(terms: Polynomial, index: int, square: Polynomial) -> Polynomial:
    """A sum with something else for each square of a base."""
    result: Polynomial = {}
    for monomial, value in terms.items():
        exponent = dict(monomial).get(index, 0)
        if exponent < 2 or exponent.denominator != 1:
            add(result, monomial, value)
            continue
        half = int(exponent) // 2
        part: Polynomial = {raised(monomial, ((index, -2 * half),)): value}
        for _ in range(half):
            part = times(part, square, MAX_TERMS)
        for one, coefficient in part.items():
            add(result, one, coefficient)
    return result


def without_square(bases: Bases, terms: Polynomial, index: int) -> tuple[Polynomial, Sequence[Product]]:
    """1 - cos over sin² is 1 over 1 + cos."""
    partner = CIRCULAR.get(type(bases.bases[index]))
    if partner is None:
        return terms, []
    kind, sign = partner
    other = bases.index(kind(bases.bases[index].args[0]))
    for side in (1, -1) if kind is not sympy.sinh else ():
        layout, (above, below) = dense(terms, {(): 1, ((other, 1),): side})
        exact = quotient(above, below)
        if exact is not None:  # the square is a multiple of (1 + cos)*(1 - cos)
            opposite = bases.registered({(): 1, ((other, 1),): -side}, True)
            factor = Product(-sign, {index: 2})
            return layout.sparse(exact, layout.lows[0]), [factor, raise_to(opposite, -1)]
    return terms, []
