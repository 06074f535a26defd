"""Roots of quotients: sqrt(1 - x**2/a**2)/a is sqrt(a**2 - x**2) over a's size, and abs(x)/x is its sign."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import sympy

from gradcli.backends.symbolic.build import number
from gradcli.backends.symbolic.fast.assemble import power, product, total
from gradcli.backends.symbolic.short.bases import Bases
from gradcli.backends.symbolic.short.monomials import Product, multiplied
from gradcli.backends.symbolic.short.sparse import Polynomial, Rational, add, root_of, times, whole

MAX_QUOTIENT = 4  # terms of both sums of a quotient under a root
_CIRCULAR = (sympy.sin, sympy.cos, sympy.sinh, sympy.cosh, sympy.tan)
_POSITIVE = (sympy.exp, sympy.cosh, sympy.Abs)


def may_shorten(expression: Any) -> bool:
    """Whether a formula has a root of a sum that might come to a quotient, or to a square; or two that are one."""
    stack, roots = [expression], 0
    while stack:
        part = stack.pop()
        if _is_root(part) and part.args[0].is_Mul and sum(arg.has(sympy.Add) for arg in part.args[0].args) > 1:
            return True
        if _is_root(part) and part.args[0].is_Add:
            roots += 1
            if roots > 1 or _is_mixed(part.args[0]):
                return True
        stack += part.args
    return False


def _is_root(part: Any) -> bool:
    return bool(part.is_Pow and part.args[1].is_Rational and part.args[1].q == 2)


def _is_mixed(whole_: Any) -> bool:
    """Whether a sum has quotients, sums, or sines in it."""
    stack = list(whole_.args)
    while stack:
        part = stack.pop()
        if part.is_Add or type(part) in _CIRCULAR or (part.is_Pow and part.args[1].is_extended_negative):
            return True
        if part.is_Mul or part.is_Pow:
            stack += part.args
    return False


def paired(factors: Sequence[Any]) -> Sequence[Any]:
    """The factors with sqrt(u**2 - 1) for sqrt(u - 1)*sqrt(u + 1): where the second exists, u is at least 1."""
    roots = [factor for factor in factors if _is_root(factor) and factor.args[0].is_Add]
    for first in roots:
        for second in roots:
            if first.args[1] == second.args[1] and second.args[0] - first.args[0] == 2:
                base = sympy.Add(power(first.args[0] + 1, sympy.Integer(2)), sympy.S.NegativeOne)
                rest = [factor for factor in factors if factor is not first and factor is not second]
                return paired([*rest, sympy.Pow(base, first.args[1], evaluate=False)])
    return factors


def without_squares(bases: Bases, inner: Product, exponent: Fraction) -> Product | None:
    """A half power of a product without the squares in it; None where it has none, or stays a product of several."""
    if sorted(inner.powers.values()) == [-1, 1] and bases.sums.keys() >= inner.powers.keys():
        return _of_quotient(bases, inner, exponent)
    left = {index: power_ for index, power_ in inner.powers.items() if power_.denominator != 1 or power_ % 2}
    squares = {index: power_ for index, power_ in inner.powers.items() if index not in left}
    if not squares or len(left) > 1:
        return None
    outside = [sized(bases, index, whole(power_ * exponent)) for index, power_ in squares.items()]
    root = root_of(inner.coefficient) if inner.coefficient > 0 else None
    coefficient: Rational = 1 if root is None else whole(Fraction(root) ** exponent.numerator)
    if not left:
        return None if root is None else multiplied([*outside, Product(coefficient, {})])
    ((index, power_),) = left.items()
    if power_ != 1:
        return None
    if root is None:
        if index not in bases.sums:
            return None
        scaled = {monomial: whole(value * inner.coefficient) for monomial, value in bases.sums[index].items()}
        index = bases.apart(scaled)
    return multiplied([*outside, Product(coefficient, {index: exponent})])


def _of_quotient(bases: Bases, inner: Product, exponent: Fraction) -> Product | None:
    """A half power of a quotient of sums whose product is short: of (1 - x)/(1 + x) by 1 - x**2; else None."""
    above, below = sorted(inner.powers, key=lambda index: -inner.powers[index])
    first, second = bases.sums[above], bases.sums[below]
    root = root_of(inner.coefficient) if inner.coefficient > 0 else None
    if len(first) + len(second) > MAX_QUOTIENT or root is None:
        return None
    whole_ = times(first, second, MAX_QUOTIENT**2)
    if len(whole_) > 2:
        return None
    sum_ = dict(first)
    for monomial, value in second.items():
        add(sum_, monomial, value)
    is_positive = sum_.keys() == {()} and sum_[()] > 0  # where both have one sign, and come to a positive number
    outside = whole(-2 * exponent)
    size = Product(1, {below: outside}) if is_positive else sized(bases, below, outside)
    number_ = whole(Fraction(root) ** exponent.numerator)
    return multiplied([size, Product(number_, {bases.apart(whole_): exponent})])


def sized(bases: Bases, index: int, exponent: Rational) -> Product:
    """A power of what a base is without its sign."""
    if exponent.denominator == 1 and exponent % 2 == 0:
        return Product(1, {index: exponent})
    if index in bases.sums:
        if _is_positive(bases, bases.sums[index]):
            return Product(1, {index: exponent})
        own = bases.bases[index]
        expression = own if own is not None else _plain(bases, bases.sums[index])
    else:
        expression = bases.bases[index]
        if isinstance(expression, _POSITIVE) or index in bases.exponents:
            return Product(1, {index: exponent})
    size = bases.index(sympy.Abs(expression, evaluate=False))
    bases.sizes[size] = index
    return Product(1, {size: exponent})


def with_signs(bases: Bases, one: Product) -> Product:
    """A product with abs(x)/x as the sign of x, and abs(x)**2 as x**2."""
    powers, coefficient = dict(one.powers), one.coefficient
    for size, index in bases.sizes.items():
        both = powers.get(size, 0), powers.get(index, 0)
        if not both[0] or any(exponent.denominator != 1 for exponent in both):
            continue
        together = both[0] + both[1]
        powers[size] = powers[index] = 0
        if both[0] % 2 == 0:
            powers[index] = together
        elif both[1] % 2 == 0:
            powers[size] = together
        else:
            powers[index] = together
            argument = bases.bases[size].args[0]
            if coefficient < 0 and argument.is_Add:
                coefficient, argument = -coefficient, total(product((sympy.S.NegativeOne, a)) for a in argument.args)
            sign = bases.index(sympy.sign(argument))
            powers[sign] = powers.get(sign, 0) + 1
    return Product(coefficient, {index: exponent for index, exponent in powers.items() if exponent})


def _is_positive(bases: Bases, terms: Polynomial) -> bool:
    """Whether a sum is so whatever its variables are: of even powers, and of what is positive itself."""
    return all(
        value > 0
        and all(
            (exponent.denominator == 1 and exponent % 2 == 0)
            or index in bases.exponents
            or isinstance(bases.bases[index], _POSITIVE)
            for index, exponent in monomial
        )
        for monomial, value in terms.items()
    )


def _plain(bases: Bases, terms: Polynomial) -> Any:
    """A sum as an expression, term by term."""
    return total(
        product((number(value), *(power(bases.bases[index] or _plain(bases, bases.sums[index]), number(exponent))
                                  for index, exponent in monomial)))
        for monomial, value in terms.items()
    )  # fmt: skip
