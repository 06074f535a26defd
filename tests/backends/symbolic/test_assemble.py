"""Products, powers and functions are those of SymPy's own constructors, and so is the order of their parts."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
import sympy
from sympy import S
from sympy.printing.str import StrPrinter

from gradcli.backends.symbolic.fast.assemble import function, power, product
from gradcli.backends.symbolic.fast.order import Order
from tests.doors import DTYPES, SympyTree, short, table, unparse

X, Y, Z = sympy.symbols("x y z", real=True)
KEPT = sympy.Mul(2, X + Y, evaluate=False)
PARTS = (
    X, Y, Z, X + 1, X - Y, Y - X, 2 * X + 4 * Z, -X - Y, KEPT, -X, 3 * X, X * Y, 1 / (Y + 2), X**2, 1 / X, X**-2, X**Y,
    2**X, (X + 1) ** 2, 3 * (X + 1) ** 2, sympy.sqrt(X), sympy.sqrt(X + 2), abs(X), sympy.sign(X),
    sympy.sin(X), -sympy.sin(X), sympy.sin(X + Y), sympy.tan(X), sympy.tanh(X * Y), sympy.atan(X), sympy.asin(X),
    sympy.acos(Y), sympy.log(X), sympy.log(1 / X + 1), sympy.gamma(X), sympy.besselj(1, X),
    sympy.exp(X), sympy.exp(-X), sympy.exp(2 * X), sympy.exp(2 * X * Y), sympy.exp(KEPT), sympy.exp(X * sympy.log(Y)),
    sympy.Piecewise((X, X > 0), (Y, True)),
    S(0), S(1), S(-1), S(3), S(2) / 3, sympy.Float("0.1"), sympy.Float(2), sympy.sqrt(2), sympy.pi, sympy.E, sympy.zoo,
)  # fmt: skip
EXPONENTS = (S(1), S(2), S(3), S(-1), S(-2), S(1) / 2, S(-1) / 2, S(3) / 2, sympy.Float(0.5), X)
FUNCTIONS = (
    sympy.sin, sympy.cos, sympy.tan, sympy.tanh, sympy.atan, sympy.exp, sympy.log, sympy.sqrt, sympy.sinh, sympy.Abs,
)  # fmt: skip


class PlainText(StrPrinter):  # type: ignore[misc]
    """SymPy's own printer, with the table's names of functions, and no minus at the beginning of a sum."""

    def _as_ordered_terms(self, expr: Any, order: Any = None) -> list[Any]:
        terms = expr.as_ordered_terms()
        first = next((term for term in terms if not str(term).startswith("-")), terms[0])
        return [first, *(term for term in terms if term is not first)]

    def _print_Function(self, expr: Any) -> str:
        names = {row.sympy: row.name for row in table.ROWS if isinstance(row.sympy, str)}
        return f"{names.get(expr.func.__name__, expr.func.__name__)}({self.stringify(expr.args, ', ')})"

    def _print_Abs(self, expr: Any) -> str:
        return f"abs({self._print(expr.args[0])})"

    def _print_Float(self, expr: Any) -> str:
        return short(Fraction(float(expr)), DTYPES["float64"])

    def _print_Exp1(self, expr: Any) -> str:
        return "e"

    def _print_Piecewise(self, expr: Any) -> str:
        (value, condition), (otherwise, _) = expr.args
        return f"where({self._print(condition)}, {self._print(value)}, {self._print(otherwise)})"


def outcome(make: Callable[..., Any], *parts: Any) -> Any:
    try:
        return make(*parts)
    except Exception as error:  # SymPy fails in a dozen ways
        return type(error)


def sample(chosen: random.Random, depth: int, seen: Callable[[Any, Any], None]) -> Any:
    """An expression by SymPy's constructors; at every step `seen` is told what both sides come to."""
    if not depth:
        return chosen.choice(PARTS)
    parts = [sample(chosen, chosen.randrange(depth), seen) for _ in range(chosen.randint(1, 4))]
    kind = chosen.choice((0, 0, 1, 1, 2, 3))
    if kind == 0:
        found = expected = outcome(sympy.Add, *parts)
    elif kind == 1:
        found, expected = outcome(product, parts), outcome(sympy.Mul, *parts)
    elif kind == 2:
        exponent = chosen.choice(EXPONENTS)
        found, expected = outcome(power, parts[0], exponent), outcome(sympy.Pow, parts[0], exponent)
    else:
        constructor = chosen.choice(FUNCTIONS)
        found, expected = outcome(function, constructor, parts[0]), outcome(constructor, parts[0])
    seen(found, expected)
    return X if isinstance(expected, type) else expected


@pytest.mark.parametrize("seed", range(12))
def test_constructors(seed: int) -> None:
    def same(found: Any, expected: Any) -> None:
        assert found == expected
        assert isinstance(expected, type) or sympy.srepr(found) == sympy.srepr(expected)

    chosen = random.Random(seed)
    for _ in range(120):
        sample(chosen, chosen.randint(1, 4), same)


@pytest.mark.parametrize("seed", range(6))
def test_order(seed: int) -> None:
    chosen = random.Random(seed)
    for _ in range(120):
        expression, order = sample(chosen, chosen.randint(1, 4), lambda *_: None), Order()
        for part in sympy.preorder_traversal(expression):
            if isinstance(part, sympy.Expr):
                assert order.key(part) == part.sort_key()
            if part.is_Add:
                assert order.terms(part) == part.as_ordered_terms()
            elif part.is_Mul:
                assert order.factors(part) == part.as_ordered_factors()


@pytest.mark.parametrize("seed", range(6))
def test_text(seed: int) -> None:
    chosen = random.Random(seed)
    for _ in range(120):
        expression = sample(chosen, chosen.randint(1, 4), lambda *_: None)
        if not expression.has(sympy.zoo, sympy.nan, sympy.oo, -sympy.oo, sympy.I):
            found = unparse(SympyTree(DTYPES["float64"]).of(expression))
            assert found == PlainText({"full_prec": False}).doprint(expression)
