"""Sums over a common denominator are those of SymPy."""

from __future__ import annotations

import random

import pytest
import sympy

from gradcli.backends.symbolic.fast.denominators import together
from tests.benchmarks.programs import _expression

X, Y, Z = sympy.symbols("x y z", real=True)
ATOMS = (X, Y, Z, X + 1, X - Y, 2 * X + 4 * Z, sympy.sin(X), sympy.exp(-X), sympy.exp(2 * X * Y), sympy.sqrt(X + 2),
         sympy.log(1 / X + 1), X**Y, sympy.Integer(3), sympy.Rational(2, 3), sympy.Float("0.1"), sympy.sqrt(2), sympy.pi,
         -X, 1 / (Y + 2), abs(X))  # fmt: skip


def sample(chosen: random.Random, depth: int) -> sympy.Expr:
    if not depth:
        return chosen.choice(ATOMS)
    parts = [sample(chosen, chosen.randrange(depth)) for _ in range(chosen.randint(2, 4))]
    if chosen.random() < 0.5:
        return sympy.Add(*parts)
    if chosen.random() < 0.3:
        return sympy.Piecewise((parts[0], X > 0), (parts[1], True))
    return sympy.Mul(*(part ** chosen.choice((1, 1, 2, -1, -1, -2, sympy.Rational(1, 2))) for part in parts))


@pytest.mark.parametrize("seed", range(20))
def test_of_random_expressions(seed: int) -> None:
    chosen = random.Random(seed)
    for _ in range(25):
        expression = sample(chosen, chosen.randint(1, 4))
        if not expression.has(sympy.zoo, sympy.nan, sympy.I):
            assert together(expression) == sympy.together(expression), expression


@pytest.mark.parametrize("seed", range(5))
def test_of_derivatives(seed: int) -> None:
    chosen = random.Random(seed)
    for _ in range(25):
        text = _expression(chosen, ["x", "y", "z"], chosen.randint(2, 4))
        expression = sympy.parse_expr(text, local_dict={"x": X, "y": Y, "z": Z})
        derivative = sympy.diff(expression, X)
        assert together(derivative) == sympy.together(derivative), text
