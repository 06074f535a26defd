"""Formulas with decimals and branches in them, as a person writes them; mpmath's difference quotients say the truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath

import gradcli

# A program, the orders by x, the formula, and the same program by mpmath.
FORMULAS: tuple[tuple[str, int, str, Callable[[Any], Any]], ...] = (
    ("x**0.9*x**0.1", 1, "1", lambda x: x),
    ("1.2*x**1.7/(3.4 + x**1.7)", 1, "6.936*x**0.7/(x**1.7 + 3.4)**2", lambda x: 1.2 * x**1.7 / (3.4 + x**1.7)),
    ("x**0.7/(1 + x**1.4)", 2, "(1.19*x**2.8 - 2.94*x**1.4 - 0.21)/(x**1.3*(x**1.4 + 1)**3)",
     lambda x: x**0.7 / (1 + x**1.4)),
    ("611.2*exp(17.62*x/(243.12 + x))", 1, "2618242.91328*exp(17.62*x/(243.12 + x))/(x + 243.12)**2",
     lambda x: 611.2 * mpmath.exp(17.62 * x / (243.12 + x))),
    ("2.5*(x/298.15)**1.75", 1, "4.375*(x/298.15)**0.75/298.15", lambda x: 2.5 * (x / 298.15) ** 1.75),
    ("100*(1 - (x/3.2)**1.9)", 1, "-59.375*(x/3.2)**0.9", lambda x: 100 * (1 - (x / 3.2) ** 1.9)),
    ("0.1*x**3 + 0.25*x**2", 1, "0.3*x**2 + 0.5*x", lambda x: 0.1 * x**3 + 0.25 * x**2),
    ("where(x > 1, x**2, x) + where(x > 1, sin(x), cos(x))", 1, "where(x > 1, 2*x + cos(x), 1 - sin(x))",
     lambda x: x**2 + mpmath.sin(x) if x > 1 else x + mpmath.cos(x)),
    ("min(3*x, 3*clamp(x, 0.8, 1.2))", 1, "where(x < clamp(x, 0.8, 1.2), 3, where(x > 1.2 or x < 0.8, 0, 3))",
     lambda x: min(3 * x, 3 * min(max(x, 0.8), 1.2))),
    ("2*x*(1 + x)**n/((1 + x)**n - 1)", 1, "2*(x + 1)**(n - 1)*((x + 1)*((x + 1)**n - 1) - n*x)/((x + 1)**n - 1)**2",
     lambda x: 2 * x * (1 + x) ** 7 / ((1 + x) ** 7 - 1)),
    ("max(x, 0)**3", 2, "where(x > 0, 6*x, 0)", lambda x: max(x, 0) ** 3),
)  # fmt: skip

VALUES = {name: getattr(mpmath, name) for name in ("exp", "sin", "cos")} | {
    "where": lambda condition, one, other: one if condition else other,
    "clamp": lambda x, low, high: min(max(x, low), high),
}


def test_formulas_with_decimals_and_branches() -> None:
    for program, order, formula, function in FORMULAS:
        (partial,) = gradcli.differentiate(program, wrt=["x"], order=order).partials
        assert partial.symbolic == formula, program
        for x in (mpmath.mpf("0.37"), mpmath.mpf("1.9")):
            found = eval(formula, {**VALUES, "x": x, "n": 7})
            truth = mpmath.diff(function, x, order, h=mpmath.mpf("1e-5"))
            assert abs(found - truth) <= 1e-5 * max(1, abs(truth)), program


def test_an_exponent_that_was_typed_is_no_rounding() -> None:
    (partial,) = gradcli.differentiate("y*x**1e-17", wrt=["y"]).partials
    assert partial.symbolic == "x**1e-17"
