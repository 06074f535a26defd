"""The factors of a product as one would write them down: roots as one, odd functions turned, no rounded exponents."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from typing import Any

import sympy

from gradcli.backends.symbolic.short.length import is_plain_root
from gradcli.language.numbers import fraction_of

_HALF = sympy.S.Half
ROUNDING = 2**-52  # of an exponent between 1 and 2


def roots_together(factors: Sequence[Any]) -> Sequence[Any]:
    """The factors with the roots of numbers as one, that of a product too: 1/sqrt(2*x) for sqrt(2)/(2*sqrt(x))."""
    roots = [one for one in factors if one.is_Pow and abs(one.exp) is sympy.S.Half and one.base.is_number]
    if roots:
        roots += [one for one in factors if is_plain_root(one) and not one.base.is_number][:1]
    if len(roots) < 2:
        return factors
    above, below = ([one.base for one in roots if one.exp.is_positive is sign] for sign in (True, False))
    others = [factor for factor in factors if factor not in roots]
    if others and others[0].is_Float:
        return [others[0], *roots_together([*roots, *others[1:]])]
    front = others.pop(0) if others and others[0].is_Rational else sympy.S.One
    top, bottom = sympy.Mul(*above), sympy.Mul(*below)
    inside = front.q**2 / top
    if below and front.q != 1 and inside.is_Integer:
        front, top, bottom = sympy.Integer(front.p), sympy.S.One, inside * bottom
    numbers = [] if front is sympy.S.One else [front]
    root = sympy.Pow(top / bottom, _HALF, evaluate=False) if top != 1 else sympy.Pow(bottom, -_HALF, evaluate=False)
    return [*numbers, root, *others] if root.is_number else [*numbers, *others, root]


def turned(factor: Any) -> Any | None:
    """tanh(y - t) for tanh(t - y), an odd function, where there is a minus to be got rid of; None of other factors."""
    if not (factor.is_Function and len(factor.args) == 1 and factor.args[0].is_Add and len(factor.args[0].args) == 2):
        return None
    if any(term.is_Number for term in factor.args[0].args):
        return None  # x - 3 reads better than 3 - x
    opposite = -factor.args[0]
    is_difference = {bool(term.as_coeff_Mul()[0].is_extended_negative) for term in opposite.args} == {True, False}
    return factor.func(opposite, evaluate=False) if is_difference and factor.func(opposite) == -factor else None


def rounded(factor: Any, typed: Collection[Fraction] = ()) -> Any:
    """A power whose exponent, a sum of decimals, is a whole number up to their rounding: x**2 for x**(1.9 + 0.1).

    It is none where it was `typed`.
    """
    if not (factor.is_Pow and factor.exp.is_Float):
        return factor
    nearest = sympy.Integer(round(factor.exp))
    if abs(factor.exp - nearest) > ROUNDING or fraction_of(abs(factor.exp)) in typed:
        return factor
    return factor.base**nearest


def is_not_one(factor: Any) -> bool:
    """Whether a factor has to be written."""
    return factor is not sympy.S.One
