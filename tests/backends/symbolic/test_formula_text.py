"""Formulas are one tree, written as text and as LaTeX; their numbers with few digits, whatever their size."""

from __future__ import annotations

import pytest
import sympy

from tests.doors import DTYPES, LATEX, Printer, SymbolicTape, SympyTree, float_text, lower, parse, unparse


@pytest.mark.parametrize(
    ("number", "text"),
    [  # the digits of powers are from 10**(p*log10(2)), by logarithms of 60 digits
        (sympy.Float("0.1"), "0.1"),
        (sympy.Float(2) ** 2000, "1.1481306952742545e602"),
        (sympy.Float(2) ** 10**6, "9.9006562292958983e301029"),
        (-(sympy.Float(2) ** 10**9), "-4.6129760011690674e301029995"),
        (sympy.Float(2) ** -(10**9), "2.1677979676169340e-301029996"),
        (sympy.Float("1e5000", 60), "1e5000"),
    ],
)
def test_a_number_of_any_size(number: sympy.Float, text: str) -> None:
    found = float_text(number, DTYPES["float64"])
    mantissa, _, exponent = text.partition("e")
    said, _, power = found.partition("e")
    assert power == exponent
    assert float(said) == pytest.approx(float(mantissa), rel=1e-14)
    assert len(found) < 40


@pytest.mark.parametrize(
    ("program", "text", "latex"),
    [
        ("x*cos(x)", "x*cos(x)", r"x \cos\left(x\right)"),
        ("y - x/(2*y)", "y - x/(2*y)", r"y - \frac{x}{2 y}"),
        ("-x*exp(-x/2)", "-x*exp(-x/2)", r"-x e^{-\frac{x}{2}}"),
        ("1/(x**2 + 1)", "1/(x**2 + 1)", r"\frac{1}{x^{2} + 1}"),
        ("2*(x%y)", "2*(x%y)", r"2 \left(x \bmod y\right)"),
        ("(x // y)**2", "(x//y)**2", r"\left\lfloor \frac{x}{y}\right\rfloor^{2}"),
        ("2**x**y", "2**x**y", r"2^{x^{y}}"),
        ("x**(2/3)*1e-7", "1e-7*x**(2/3)", r"1 \cdot 10^{-7} x^{\frac{2}{3}}"),
        ("floor(x)", "floor(x)", r"\left\lfloor x\right\rfloor"),
        (
            "where(x > 0, x, where(x > y, 2, 3))",
            "where(x > 0, x, where(x > y, 2, 3))",
            r"\begin{cases}x & \text{if } x > 0 \\ 2 & \text{if } x > y \\ 3 & \text{otherwise}\end{cases}",
        ),
    ],
)
def test_one_tree_is_text_and_latex(program: str, text: str, latex: str) -> None:
    tape = lower(parse(program), frozenset("xy"), None, custom_vjps=False)
    tree = SympyTree(DTYPES["float64"], "xy").of(SymbolicTape(tape).build(tape.output, {}))
    assert unparse(tree) == text
    assert Printer(LATEX).of(tree) == latex
    assert pytest.importorskip("latex2mathml.converter").convert(latex)


def test_what_the_language_cannot_say_is_refused() -> None:
    with pytest.raises(TypeError, match="Derivative"):
        SympyTree(DTYPES["float64"]).of(sympy.Derivative(sympy.Function("f")(sympy.Symbol("x")), sympy.Symbol("x")))


def test_a_number_far_beyond_doubles_is_a_power_of_ten() -> None:
    assert unparse(SympyTree(DTYPES["float64"]).of(-(sympy.Float(2) ** 10**9))).startswith("-4.612976001")
    assert unparse(SympyTree(DTYPES["float64"]).of(sympy.Float(2) ** -(10**9))).endswith("*10**(-301029996)")
