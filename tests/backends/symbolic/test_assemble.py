"""Products and powers are those of SymPy's own constructors, and so is the order of their parts."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
import sympy
from sympy import S

from gradcli.backends.symbolic.fast.assemble import exponential, power, product
from gradcli.backends.symbolic.fast.order import Order
from tests.doors import DTYPES, SympyTree, unparse

X, Y, Z = sympy.symbols("x y z", real=True)
KEPT = sympy.Mul(2, X + Y, evaluate=False)
PARTS = (
    X, Y, Z, X + 1, X - Y, Y - X, 2 * X + 4 * Z, -X - Y, KEPT, -X, 3 * X, X * Y, 1 / (Y + 2), X**2, 1 / X, X**-2, X**Y,
    2**X, (X + 1) ** 2, 3 * (X + 1) ** 2, sympy.sqrt(X), sympy.sqrt(X + 2), abs(X), sympy.sign(X),
    sympy.sin(X), -sympy.sin(X), sympy.sin(X + Y), sympy.tan(X), sympy.tanh(X * Y), sympy.atan(X), sympy.asin(X),
    sympy.acos(Y), sympy.log(X), sympy.log(1 / X + 1), sympy.gamma(X), sympy.besselj(1, X),
    sympy.exp(X), sympy.exp(-X), sympy.exp(2 * X), sympy.exp(2 * X * Y), sympy.exp(X * sympy.log(Y)),
    sympy.Piecewise((X, X > 0), (Y, True)),
    S(0), S(1), S(-1), S(3), S(2) / 3, sympy.Float("0.1"), sympy.Float(2), sympy.sqrt(2), sympy.pi, sympy.E, sympy.zoo,
)  # fmt: skip
EXPONENTS = (S(1), S(2), S(3), S(-1), S(-2), S(1) / 2, S(-1) / 2, S(3) / 2, sympy.Float(0.5), X)
FUNCTIONS = (
    sympy.sin, sympy.cos, sympy.tan, sympy.tanh, sympy.atan, sympy.exp, sympy.log, sympy.sqrt, sympy.sinh, sympy.Abs,
)  # fmt: skip


NAMES = {"x": X, "y": Y, "z": Z, "atan2": sympy.atan2, "besselj": sympy.besselj, "e": sympy.E}
POINTS = ({X: S(3) / 7, Y: S(9) / 8, Z: S(-5) / 3}, {X: S(-7) / 5, Y: S(2) / 9, Z: S(4) / 3})


def _where(condition: Any, then: Any, otherwise: Any) -> Any:
    return sympy.Piecewise((then, condition), (otherwise, True))


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
        ours = exponential if constructor is sympy.exp else constructor
        found, expected = outcome(ours, parts[0]), outcome(constructor, parts[0])
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
    for _ in range(30):
        expression = sample(chosen, chosen.randint(1, 4), lambda *_: None)
        if not expression.has(sympy.zoo, sympy.nan, sympy.oo, -sympy.oo, sympy.I):
            found = unparse(SympyTree(DTYPES["float64"]).of(expression))
            again = sympy.sympify(found, locals={**NAMES, "where": _where, "sign": sympy.sign})
            for point in POINTS:
                own, theirs = (complex(sympy.N(one.subs(point))) for one in (again, expression))
                assert own == pytest.approx(theirs, rel=1e-9, abs=1e-12, nan_ok=True), found


def test_a_number_times_a_sum_stays_in_an_exponential() -> None:
    typed = sympy.exp(KEPT)
    assert product((X, typed, S(-1))).args[-1] == typed


def test_roots_of_numbers_are_one() -> None:
    def text(expression: Any) -> str:
        return unparse(SympyTree(DTYPES["float64"]).of(expression))

    root = sympy.sqrt(2) / sympy.sqrt(sympy.pi)
    assert text(X * root / 2) == "x/sqrt(2*pi)"
    assert text(root) == "sqrt(2/pi)"
    assert text(3 * X * sympy.sqrt(2) * sympy.sqrt(sympy.pi)) == "3*sqrt(2*pi)*x"
