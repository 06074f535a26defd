"""A SymPy expression in gradcli's own language: what is printed can be typed in again."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from functools import cache
from typing import Any

import sympy
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter

from gradcli.functions import table
from gradcli.language.numbers import Dtype, short
from gradcli.language.stack import INFIX


@cache
def _names() -> dict[str, str]:
    """What the table calls SymPy's functions."""
    return {row.sympy: row.name for row in table.ROWS if isinstance(row.sympy, str)}


class Printer(StrPrinter):  # type: ignore[misc]
    """SymPy's own printer of text, with the language's spelling of functions, branches and numbers."""

    def __init__(self, dtype: Dtype, names: Collection[str]) -> None:
        super().__init__({"full_prec": False})
        self.dtype = dtype
        self.names = names
        self.enclosed: dict[tuple[Any, int, bool], str] = {}

    def parenthesize(self, item: Any, level: int, strict: bool = False) -> str:
        """As in SymPy, but each part once: the formulas of one program share most of theirs."""
        key = (item, level, strict)
        if key not in self.enclosed:
            self.enclosed[key] = super().parenthesize(item, level, strict=strict)
        return self.enclosed[key]

    def _as_ordered_terms(self, expr: Any, order: Any = None) -> list[Any]:
        """SymPy's order, but for a sum that would begin with a minus: x - m, not -m + x."""
        terms = list(super()._as_ordered_terms(expr, order=order))
        first = next((i for i, term in enumerate(terms) if not term.could_extract_minus_sign()), 0)
        return [terms[first], *terms[:first], *terms[first + 1 :]]

    def _print_Function(self, expression: Any) -> str:
        name = expression.func.__name__
        if name in INFIX:  # `%` and `//` are rows like any other
            left, right = (self.parenthesize(arg, PRECEDENCE["Func"]) for arg in expression.args)
            return f"({left} {name} {right})"
        return f"{_names().get(name, name)}({self.stringify(expression.args, ', ')})"

    def _print_Abs(self, expression: Any) -> str:
        return f"abs({self._print(expression.args[0])})"

    def _print_Float(self, expression: Any) -> str:
        sign, significand, exponent, _ = expression._mpf_
        value = Fraction(int(significand)) * Fraction(2) ** int(exponent) * (-1 if sign else 1)
        return short(value, self.dtype)

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


class Text:
    """Writes expressions as text of the language, their decimal numbers as short as the dtype allows.

    `names` are the program's own, which a constant may not be mistaken for.
    """

    def __init__(self, dtype: Dtype, names: Collection[str] = ()) -> None:
        self.printer = Printer(dtype, names)

    def of(self, expression: Any) -> str:
        """The text of an expression."""
        return str(self.printer.doprint(expression))
