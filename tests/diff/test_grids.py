"""The Jacobian of a list of outputs, and the Hessian, as matrices."""

from __future__ import annotations

from dataclasses import replace

from gradcli.diff.data import Result
from tests.diff.results import HESSIAN, JACOBIAN, scalar
from tests.doors import Screen
from tests.doors import render_diff as render

PIPE = Screen(None, color=False, unicode=True)


def test_a_jacobian() -> None:
    assert render(JACOBIAN, PIPE) == (
        "f = [2.0  3.0]   at u = 1.0, v = 2.0\n"
        "\n"
        "          autograd  derivative  its value  digits  verdict\n"
        "∂f[0]/∂u  2.0       v           2.0        15.9    agree\n"
        "∂f[0]/∂v  1.0       u           1.0        15.9    agree\n"
        "∂f[1]/∂u  1.0       1           1.0        15.9    agree\n"
        "∂f[1]/∂v  1.0       1           1.0        15.9    agree\n"
        "\n"
        "Jacobian by autograd\n"
        "        u    v\n"
        "  f[0]  2.0  1.0\n"
        "  f[1]  1.0  1.0\n"
        "\n"
        "Jacobian: rows are outputs\n"
    )


def test_no_jacobian_of_one_variable() -> None:
    result = replace(JACOBIAN, partials=JACOBIAN.partials[::2])
    assert "Jacobian" not in render(result, PIPE)


def test_a_hessian() -> None:
    assert render(HESSIAN, Screen(80, color=False, unicode=True)) == (
        "f = 2.0   at x = 1.0, y = 2.0, z = 0.0\n"
        "\n"
        "Hessian by autograd\n"
        "     x    y    z\n"
        "  x  4.0  2.0  0.0\n"
        "  y  2.0  0.0  0.0\n"
        "  z  0.0  0.0  0.0\n"
        "\n"
        "its formulas\n"
        "     x    y        z\n"
        "  x  2*y  2*x      0\n"
        "  y  2*x  0        sign(z)\n"
        "  z  0    sign(z)  0\n"
        "\n"
        "∂²f/∂y∂z: undefined: corner\n"
        "∂²f/∂z²: undefined: jump\n"
        "the other 4 agree: at least 15.9 digits\n"
        "\n"
        "∂²f/∂y∂z: there is no derivative: the function has a corner here, with slope -1\n"
        "  on the left and 1 on the right. Autograd takes 0.0.\n"
        "∂²f/∂z²: there is no derivative: the function jumps here. Autograd takes 0.0.\n"
    )


PLAIN = (scalar("x,x", 4.0, "2*y"), scalar("x,y", 2.0, "2*x"), scalar("y,y", 0.0, "0"))


def test_all_agree() -> None:
    result = Result("x**2*y", PLAIN, at={"x": 1.0, "y": 2.0}, value=2.0, order=2, hessian=True)
    assert render(result, PIPE).endswith("\n\nall agree: at least 15.9 digits\n")


def test_colours() -> None:
    text = render(HESSIAN, Screen(80, color=True, unicode=True))
    assert "\x1b[38;5;130m∂²f/∂z²: undefined: jump" in text
    assert "\x1b[32mthe other 4 agree" in text


def test_formulas_that_do_not_fit_have_lines_of_their_own() -> None:
    long = replace(PLAIN[1], symbolic="2*x*sin(x*y)/(1 + exp(x*y)) + cos(x)*x**3 + sin(y)")
    result = Result("g", (PLAIN[0], long, PLAIN[2]), at={"x": 1.0, "y": 2.0}, value=2.0, order=2, hessian=True)
    text = render(result, Screen(80, color=False, unicode=True))
    assert "\n∂²f/∂x² = 2*y\n∂²f/∂x∂y = 2*x*sin" in text


def test_without_a_point() -> None:
    partials = tuple(replace(one, autograd=None, verdict=None, digits=None) for one in PLAIN)
    assert render(Result("x**2*y", partials, order=2, hessian=True), PIPE) == (
        "Hessian\n     x    y\n  x  2*y  2*x\n  y  2*x  0\n"
    )


def test_of_several_outputs() -> None:
    partials = tuple(replace(one, of=(output,)) for output in (0, 1) for one in PLAIN)
    result = Result("[x**2*y, x**2*y]", partials, at={"x": 1.0, "y": 2.0}, value=[2.0, 2.0], shape=(2,), order=2, hessian=True)  # fmt: skip
    text = render(result, PIPE)
    assert "Hessian of f[0] by autograd\n" in text
    assert "\n\nHessian of f[1] by autograd\n" in text


def test_more_variables_than_columns_have_rows() -> None:
    names = [f"x{i}" for i in range(14)]
    partials = tuple(scalar(f"{a},{b}", 1.0, "1") for i, a in enumerate(names) for b in names[i:])
    result = Result("f", partials, at=dict.fromkeys(names, 1.0), value=1.0, order=2, hessian=True)
    text = render(result, PIPE)
    assert "Hessian" not in text
    assert "\n∂²f/∂x0∂x13   1.0 " in text
