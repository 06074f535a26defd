"""Exponentials whose quotient is plain, as that of the two densities in the Black-Scholes formula."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import sympy

from gradcli.backends.symbolic.opaque import opaque

MAX_EXPONENTIALS = 6

Shorten = Callable[[Any], Any]


def related(expression: Any, shorten: Shorten, length: Callable[[Any], int]) -> Any:
    """A formula with exponentials as multiples of each other, where the exponential of their difference is short."""
    densities = [one for one in expression.atoms(opaque("npdf")) if one.args[1:] == (0, 1)]
    expression = expression.xreplace({one: _density(one.args[0]) for one in densities})
    found = [one for one in expression.atoms(sympy.exp) if one.args[0].has(sympy.log)]
    if not 1 < len(found) <= MAX_EXPONENTIALS:
        return expression
    first, *others = sorted(found, key=lambda one: (length(one), one.sort_key()))
    changed = {}
    for other in others:
        difference = shorten(other.args[0] - first.args[0])
        if length(difference) < length(other.args[0]):
            changed[other] = first * _exponential(difference)
    return cancelled(expression.xreplace(changed)) if changed else expression


def softened(expression: Any) -> Any:
    """A formula with log1p(exp(x)) for log(1 + exp(x)), which keeps the digits of what is small.

    It has all that `softplus` would not: that is x itself from 20 on. Nor is it log1p(exp(-x)) where x is subtracted
    from it: one of the two overflows where the other does not.
    """
    changed = {}
    for part in expression.atoms(sympy.log):
        terms: Any = part.args[0].args if part.args[0].is_Add else ()
        if len(terms) == 2 and terms[0] is sympy.S.One and isinstance(terms[1], sympy.exp):
            changed[part] = opaque("log1p")(terms[1])
    return expression.xreplace(changed) if changed else expression


def cancelled(expression: Any) -> Any:
    """A formula whose factors exp(a)*exp(b) are one where terms of a and b cancel: exp(1 - t)*exp(t - 1) is 1."""
    changed = {}
    for part in expression.atoms(sympy.Mul):
        factors = [factor for factor in part.args if isinstance(factor, sympy.exp)]
        left = _together([factor.args[0] for factor in factors])
        if len(left) < len(factors):
            others = (arg for arg in part.args if arg not in factors)
            changed[part] = sympy.Mul(*others, *map(sympy.exp, left))
    return expression.xreplace(changed) if changed else expression


def _together(exponents: list[Any]) -> list[Any]:
    """Exponents with those added of which terms cancel."""
    for first, second in combinations(exponents, 2):
        total = sympy.Add(first, second)
        if _terms(total) < _terms(first) + _terms(second):
            rest = list(exponents)
            rest.remove(first)
            rest.remove(second)
            return _together([*rest, total])
    return exponents


def _terms(exponent: Any) -> int:
    return 0 if exponent.is_zero else len(sympy.Add.make_args(exponent))


def _density(argument: Any) -> Any:
    return sympy.exp(-(argument**2) / 2) / sympy.sqrt(2 * sympy.pi)


def _exponential(exponent: Any) -> Any:
    """The exponential of a sum, that of its logarithms taken."""
    factors, rest = [], []
    for term in sympy.Add.make_args(exponent):
        count, inner = term.as_coeff_Mul()
        if type(inner) is sympy.log and count.is_Integer:
            factors.append(inner.args[0] ** count)
        else:
            rest.append(term)
    return sympy.Mul(*factors, sympy.exp(sympy.Add(*rest)))
