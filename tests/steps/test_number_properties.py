"""Random programs: each step passes its check, and the last line is the very formula of `diff`."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import gradcli
from gradcli import steps
from gradcli.errors import GradcliError, Source
from tests.doors import DTYPES, Node, Output, Probe, Program, Screen, StepPrinter, lower, parse_expression, prepared
from tests.doors import check_places as places
from tests.doors import compare_lines as compare
from tests.doors import render_steps as render
from tests.doors import steps_latex as latex
from tests.doors import steps_markdown as markdown
from tests.shares import either
from tests.tensors.test_latex import assert_sound

PATIENCE = 30.0
ONE = ["sin({})", "cos({})", "exp({})", "log({})", "sqrt({})", "tanh({})", "-({})", "({})**2", "({})**-3", "({})**2.5",
       "({})**(1/3)", "1/({})", "2*({})", "erf({})", "abs({})", "relu({})", "softplus({})", "({})/3", "detach({})",
       "2**({})", "e**({})", "pi*({})", "diff({}, x)", "sq({})", "cbrt({})", "gelu({})"]  # fmt: skip
TWO = ["{} + {}", "{} - ({})", "({})*({})", "({})/({})", "({})**({})", "hypot({}, {})", "atan2({}, {})", "max({}, {})",
       "where({} > {}, x*y, x - y)", "mixed({}, {})"]  # fmt: skip
SETUP = "sq(i) = i**2; mixed(s, t) = s*t + cos(s - t); "


def larger(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds(lambda form, part: form.format(part), st.sampled_from(ONE), parts),
        st.builds(lambda form, one, other: form.format(one, other), st.sampled_from(TWO), parts, parts),
    )


def expressions(names: tuple[str, ...], most: int = 5) -> st.SearchStrategy[str]:
    leaves = st.sampled_from([*names, *names, "2", "0.5", "3", "pi"])
    return st.recursive(leaves, larger, max_leaves=most)


@st.composite
def programs(draw: st.DrawFn) -> str:
    """A few statements, each using the ones before it."""
    names: tuple[str, ...] = ("x", "y")
    statements = []
    for index in range(draw(st.integers(0, 2))):
        statements.append(f"a{index} = {draw(expressions(names, 3))}")
        names = (*names, f"a{index}", f"a{index}")
    return SETUP + "; ".join([*statements, f"{draw(expressions(names))} + 0*(x + y)"])


@settings(max_examples=either(10, 30), deadline=None, derandomize=True)
@given(programs(), st.sampled_from([None, {"x": 0.75, "y": 1.25}]), st.sampled_from([1, 1, 1, 2]))
def test_random_programs(program: str, at: dict[str, float] | None, order: int) -> None:
    try:
        found = steps(program, at, order=order, patience=PATIENCE)
    except GradcliError as error:
        assume(error.exit_code != 5)
        raise
    formulas = {
        one.wrt: one.symbolic for one in gradcli.differentiate(program, order=order, patience=PATIENCE).partials
    }
    for section in found.sections:
        if len(section.wrt) == order and at is None:
            assert section.formula == formulas[section.wrt]
        if section.formula is not None and section.blocks:
            assert section.blocks[-1].lines[-1].formula.text == section.formula
        for line in section.lines:
            assert_sound(line.formula.latex)
            if line.check is not None:
                assert line.check.digits >= 12 or line.check.note is not None
    for width in (40, 80):
        shown = render(found, Screen(width, False, False))
        assert shown.isascii()
        assert max(map(len, shown.splitlines()), default=0) <= width
    assert latex(found)
    assert markdown(found)


def read(text: str) -> Node:
    """An expression, its numbers rounded."""
    return prepared(parse_expression(text, "an expression"), DTYPES["float64"])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(expressions(("x", "y", "x"), 8))
def test_what_is_shown_can_be_typed_in(expression: str) -> None:
    """The mathematical signs mean what the language reads in them."""
    assume(not any(name in expression for name in ("sq(", "mixed(", "diff(", "detach(")))
    tree = read(expression)
    again = read(StepPrinter().of(tree).shown)
    tape = lower(Program((Output(tree, tree.span),), Source("")), ("x", "y"), None, custom_vjps=False)
    first, second = Probe(tree, ("x", "y")), Probe(again, ("x", "y"))
    tape.input("x"), tape.input("y")
    assert compare(first, second, list(places(tape, ["x", "y"], None, ["x"]))).differs is None


@pytest.mark.parametrize(
    ("text", "shown", "latex_text"),
    [
        ("-x**2", "-x²", "-x^{2}"),
        ("(-x)**2", "(-x)²", r"\left(-x\right)^{2}"),
        ("x**-1", "x⁻¹", "x^{-1}"),
        ("x**(1/2)", "x^(1/2)", r"x^{\frac{1}{2}}"),
        ("2**x**y", "2^x^y", "2^{x^{y}}"),
        ("(2**x)**y", "(2^x)^y", r"\left(2^{x}\right)^{y}"),
        ("e**x**2", "e^(x²)", "e^{x^{2}}"),
        ("2*3*x", "2·3·x", r"2 \cdot 3 x"),
        ("x*(-3)", "x·(-3)", r"x \cdot \left(-3\right)"),
        ("-(x*y)", "-x·y", "-x y"),
        ("-(x + y)", "-(x + y)", r"-\left(x + y\right)"),
        ("x - (y - z)", "x - (y - z)", r"x - \left(y - z\right)"),
        ("x/y/z", "x/y/z", r"\frac{\frac{x}{y}}{z}"),
        ("x/(y*z)", "x/(y·z)", r"\frac{x}{y z}"),
        ("(x/y)**2", "(x/y)²", r"\left(\frac{x}{y}\right)^{2}"),
        ("sqrt(x)**2", "(√x)²", r"\sqrt{x}^{2}"),
        ("sqrt(x + 1)*y", "√(x + 1)·y", r"\sqrt{x + 1} y"),
        ("sin(x)**2*y", "sin(x)²·y", r"\sin\left(x\right)^{2} y"),
        ("pi*alpha_1", "π·alpha_1", r"\pi \alpha_{1}"),
        ("exp(-x)**2", "exp(-x)²", r"\left(e^{-x}\right)^{2}"),
        ("x!", "x!", "x!"),
        ("(x + 1)!", "(x + 1)!", r"\left(x + 1\right)!"),
        ("abs(x)", "abs(x)", r"\left|x\right|"),
        ("x % 2", "x % 2", r"x \bmod 2"),
        ("x // 2", "x // 2", r"\left\lfloor \frac{x}{2}\right\rfloor"),
        ("1e-3*x", "1e-3·x", r"1 \cdot 10^{-3} x"),
        ("where(x >= 0 and y != 1, x, 0)", "where(x ≥ 0 and y ≠ 1, x, 0)",
         r"\begin{cases}x & \text{if } x \ge 0 \wedge y \ne 1 \\ 0 & \text{otherwise}\end{cases}"),
        ("log_ndtr(x)", "log_ndtr(x)", r"\operatorname{log\_ndtr}\left(x\right)"),
        ("diff(x**2, x)*y", "∂/∂x[x²]·y", r"\frac{\partial}{\partial x}\left[x^{2}\right] \cdot y"),
        ("y*diff(x**2, x)", "y·∂/∂x[x²]", r"y \cdot \frac{\partial}{\partial x}\left[x^{2}\right]"),
        ("y/diff(y, x)", "y/(∂y/∂x)", r"\frac{y}{\frac{\partial y}{\partial x}}"),
        ("diff(y, x)**2", "(∂y/∂x)²", r"\left(\frac{\partial y}{\partial x}\right)^{2}"),
    ],
)  # fmt: skip
def test_spelling(text: str, shown: str, latex_text: str) -> None:
    written = StepPrinter().of(read(text))
    assert written.shown == shown
    assert written.latex == latex_text
    assert_sound(written.latex)
