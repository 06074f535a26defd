"""A SymPy expression in gradcli's own language: what is printed can be typed in again."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

import sympy
from sympy.printing.precedence import PRECEDENCE, precedence
from sympy.printing.str import StrPrinter

from gradcli.backends.symbolic.fast.order import Order
from gradcli.backends.symbolic.tree import float_text
from gradcli.functions import table
from gradcli.language.numbers import Dtype
from gradcli.language.stack import INFIX


@cache
def _names() -> dict[str, str]:
    """What the table calls SymPy's functions."""
    return {row.sympy: row.name for row in table.ROWS if isinstance(row.sympy, str)}


class SympyPrinter(StrPrinter):  # type: ignore[misc]
    """SymPy's own printer of text, with the language's spelling of functions, branches and numbers."""

    def __init__(self, dtype: Dtype, names: Collection[str]) -> None:
        super().__init__({"full_prec": False})
        self.dtype = dtype
        self.names = names
        self.ordering = Order()
        self.printed: dict[Any, str] = {}

    def _print(self, expr: Any, **kwargs: Any) -> str:
        """As in SymPy, but each part once: the formulas of one program share most of theirs."""
        if expr not in self.printed:
            self.printed[expr] = super()._print(expr, **kwargs)
        return self.printed[expr]

    def parenthesize(self, item: Any, level: int, strict: bool = False) -> str:
        """A part, in parentheses where it binds less than its surroundings."""
        own = _binding(item)
        text = self._print(item)
        return f"({text})" if own < level or (own == level and not strict) else text

    def _as_ordered_terms(self, expr: Any, order: Any = None) -> list[Any]:
        """SymPy's order, but for a sum that would begin with a minus: x - m, not -m + x."""
        terms = self.ordering.terms(expr)
        first = next((i for i, term in enumerate(terms) if not _has_minus(term)), 0)
        return [terms[first], *terms[:first], *terms[first + 1 :]]

    def _print_Add(self, expr: Any, order: Any = None) -> str:
        text = ""
        for term in self._as_ordered_terms(expr, order):
            piece = self._print(term)
            is_less = piece.startswith("-") and not term.is_Add
            piece = piece[1:] if is_less else piece
            if term.is_Add or _binding(term) < PRECEDENCE["Add"]:
                piece = f"({piece})"
            text += f" {'-' if is_less else '+'} {piece}" if text else f"{'-' if is_less else ''}{piece}"
        return text

    def _print_Mul(self, expr: Any) -> str:
        number, *others = expr.args
        if not expr.is_commutative or number is sympy.S.One or any(map(_is_unevaluated, others)):
            return str(super()._print_Mul(expr))
        is_negative = number.is_Number and number.is_extended_negative
        if number.is_Number:
            factors = sorted(others, key=self.ordering.key)
            if number is not sympy.S.NegativeOne:
                factors.insert(0, -number if is_negative else number)
        else:
            factors = self.ordering.factors(expr)
        above, below, enclosed = [], [], set()
        for factor in factors:
            if factor.is_Pow and _is_below(factor.exp):
                enclosed |= {factor.base} if factor.exp is sympy.S.NegativeOne and _is_compound(factor.base) else set()
                below.append(factor.base if factor.exp is sympy.S.NegativeOne else _inverse(factor))
            elif factor.is_Rational:
                above += [sympy.Integer(factor.p)] if factor.p != 1 else []
                below += [sympy.Integer(factor.q)] if factor.q != 1 else []
            else:
                above.append(factor)
        level = PRECEDENCE["Add" if is_negative else "Mul"]
        upper = "*".join([self.parenthesize(factor, level) for factor in above]) or "1"
        lower = [self.parenthesize(factor, level) for factor in below]
        lower = [f"({text})" if factor in enclosed else text for factor, text in zip(below, lower)]
        divisor = f"({'*'.join(lower)})" if len(lower) > 1 else "".join(lower)
        return f"{'-' if is_negative else ''}{upper}{'/' if lower else ''}{divisor}"

    def _print_Function(self, expression: Any) -> str:
        name = expression.func.__name__
        if name in INFIX:  # `%` and `//` are rows like any other
            left, right = (self.parenthesize(arg, PRECEDENCE["Func"]) for arg in expression.args)
            return f"({left} {name} {right})"
        return f"{_names().get(name, name)}({self.stringify(expression.args, ', ')})"

    def _print_Abs(self, expression: Any) -> str:
        return f"abs({self._print(expression.args[0])})"

    def _print_Float(self, expression: Any) -> str:
        return float_text(expression, self.dtype)

    def _print_Exp1(self, expression: Any) -> str:
        return "math.e" if "e" in self.names else "e"

    def _print_Pi(self, expression: Any) -> str:
        return "math.pi" if "pi" in self.names else "pi"

    def _print_Piecewise(self, expression: Any) -> str:
        text = ""
        for value, condition in reversed(expression.args):
            text = self._print(value) if condition == sympy.true else self._where(condition, value, text)
        return text

    def _where(self, condition: Any, value: Any, otherwise: str) -> str:
        return f"where({self._print(condition)}, {self._print(value)}, {otherwise})"

    def _print_Relational(self, expression: Any) -> str:
        left = self.parenthesize(expression.lhs, PRECEDENCE["Relational"])
        right = self.parenthesize(expression.rhs, PRECEDENCE["Relational"])
        return f"{left} {expression.rel_op} {right}"

    def _print_And(self, expression: Any) -> str:
        return " and ".join(
            f"({self._print(arg)})" if arg.func is sympy.Or else self._print(arg) for arg in self._order(expression)
        )

    def _print_Or(self, expression: Any) -> str:
        return " or ".join(self._print(arg) for arg in self._order(expression))

    def _print_Not(self, expression: Any) -> str:
        return f"not ({self._print(expression.args[0])})"

    def _print_ITE(self, expression: Any) -> str:
        condition, then, otherwise = (f"({self._print(arg)})" for arg in expression.args)
        return f"({condition} and {then} or not {condition} and {otherwise})"

    def _print_BooleanTrue(self, expression: Any) -> str:
        return "0 < 1"

    def _print_BooleanFalse(self, expression: Any) -> str:
        return "0 > 1"

    def _order(self, expression: Any) -> list[Any]:
        return sorted(expression.args, key=sympy.default_sort_key)


def _binding(item: Any) -> int:
    """How strongly a part holds together, as SymPy has it."""
    if item.is_Mul:
        return int(PRECEDENCE["Add" if _has_minus(item) else "Mul"])
    return int(precedence(item))


def _has_minus(term: Any) -> bool:
    """Whether a term is written with a minus in front."""
    if term.is_Mul:
        return bool(term.args[0].is_Number and term.args[0].is_extended_negative)
    return bool(term.could_extract_minus_sign())


def _is_unevaluated(factor: Any) -> bool:
    """Whether SymPy would have computed this, had it been allowed to."""
    return bool(factor.is_Number or (factor.is_Pow and all(arg.is_Integer for arg in factor.args)))


def _is_below(exponent: Any) -> bool:
    """Whether a power stands under the line."""
    return bool(exponent.as_coeff_Mul()[0].is_extended_negative)


def _is_compound(base: Any) -> bool:
    return (base.is_Mul or base.is_Pow) and len(base.args) != 1


def _inverse(power: Any) -> Any:
    """A power without its minus."""
    base, exponent = power.as_base_exp()
    number, *others = sympy.Mul.make_args(exponent)
    factors = others if number is sympy.S.NegativeOne else [-number, *others]
    return sympy.Pow(base, sympy.Mul._from_args(factors), evaluate=False)
