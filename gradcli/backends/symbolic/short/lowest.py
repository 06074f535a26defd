"""Sums without the divisors that they share with a denominator."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy

from gradcli.backends.symbolic.short.bases import Bases
from gradcli.backends.symbolic.short.monomials import Product, raise_to
from gradcli.backends.symbolic.short.sparse import Dense, Polynomial, Rational, dense, may_share, quotient, whole


def without_divisor(
    bases: Bases, terms: Polynomial, index: int, exponent: Rational
) -> tuple[Polynomial, Sequence[Product]]:
    """A sum without the divisors that it has in common with a sum below, and what that is multiplied with."""
    layout, (above, below) = dense(terms, bases.sums[index])
    exact = quotient(above, below)
    if exact is not None:
        low = [a - b for a, b in zip(*layout.lows)]
        return layout.sparse(exact, low), [Product(1, {index: 1})]
    if exponent.denominator != 1 or not may_share(above, below):
        return terms, []
    shared, above_left, below_left = _greatest(above, below)
    if len(shared) < 2:
        return terms, []
    parts = [
        Product(1, {index: -exponent}),
        raise_to(bases.registered(layout.sparse(shared, [0] * len(layout.indices)), True), int(exponent) + 1),
        raise_to(bases.single(layout.sparse(below_left, layout.lows[1])), int(exponent)),
    ]
    return layout.sparse(above_left, layout.lows[0]), parts


def _greatest(first: Dense, second: Dense) -> tuple[Dense, Dense, Dense]:
    """The greatest common divisor of two polynomials, and what is left of each; by SymPy."""
    count = len(next(iter(first)))
    ring = sympy.polys.rings.ring([f"x{index}" for index in range(count)], sympy.QQ)[0]
    found = [
        ring.from_dict({row: sympy.QQ(value.numerator, value.denominator) for row, value in one.items()})
        for one in (first, second)
    ]
    return tuple(  # type: ignore[return-value]
        {row: whole(Fraction(int(value.numerator), int(value.denominator))) for row, value in one.items()}
        for one in found[0].cofactors(found[1])
    )
