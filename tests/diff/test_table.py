"""The table in a terminal and in a pipe: nothing is cut, and nothing of the user's is read as markup."""

from __future__ import annotations

import pytest

import gradcli
from gradcli.diff.data import Partial, Result, Verdict
from tests.doors import Screen, fold
from tests.doors import render_diff as render
from tests.support import assert_shown

PIPE = Screen(None, color=False, unicode=True)
NARROW = Screen(80, color=False, unicode=True)
WIDE = Screen(120, color=False, unicode=True)
ASCII = Screen(None, color=False, unicode=False)


def test_in_a_pipe() -> None:
    result = gradcli.differentiate("u*v + u**2", "u=1,v=2")
    assert render(result, PIPE) == (
        "f = 3.0   at u = 1.0, v = 2.0\n"
        "\n"
        "       autograd  derivative  its value  digits  verdict\n"
        "∂f/∂u  4.0       2*u + v     4.0        15.9    agree\n"
        "∂f/∂v  1.0       u           1.0        15.9    agree\n"
    )


def test_in_ascii() -> None:
    result = gradcli.differentiate("x**2*y", "x=1,y=2", order=2)
    text = render(result, ASCII)
    assert text.isascii()
    assert "d2f/dx2 " in text
    assert "d2f/dxdy " in text


def test_in_a_terminal() -> None:
    result = gradcli.differentiate("2*x**3 + x", "x=1")
    assert render(result, NARROW) == (
        "f = 3.0   at x = 1.0\n"
        "\n"
        "        autograd   derivative   its value   digits   verdict\n"
        "────────────────────────────────────────────────────────────\n"
        "∂f/∂x   7.0        6*x**2 + 1   7.0         15.9     agree\n"
    )


LONG = "sin(u*v + (u*v)**2)/(u*v + (u*v)**2)"


def test_a_long_formula_has_lines_of_its_own() -> None:
    result = gradcli.differentiate(LONG, "u=2,v=1", wrt="u")
    assert_shown(
        render(result, NARROW),
        "f = -0.0465692497   at u = 2.0, v = 1.0\n"
        "\n"
        "        autograd       by formula     digits   verdict\n"
        "──────────────────────────────────────────────────────\n"
        "∂f/∂u   0.8389496136   0.8389496136   15.9     agree\n"
        "\n"
        "∂f/∂u = ((2*u**3*v**3 + 3*u**2*v**2 + u*v)*cos(u**2*v**2 + u*v) - (2*u*v + 1)*\n"
        "        sin(u**2*v**2 + u*v))/(u**2*v*(u*v + 1)**2)\n",
    )


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
@pytest.mark.parametrize("program", [LONG, "x0 + 1", "abs(x)*y**2*sin(x*y)/(1 + exp(x*y)) + cos(x)"])
def test_nothing_is_cut(program: str, width: int) -> None:
    names = gradcli.differentiate(program).partials
    result = gradcli.differentiate(program, {partial.wrt[0]: 0.1 for partial in names})
    text = render(result, Screen(width, color=False, unicode=True))
    assert max(map(len, text.splitlines())) <= width
    packed = "".join(text.split())
    for partial in result.partials:
        assert "".join((partial.symbolic or "").split()) in packed
        assert repr(float(f"{partial.autograd:.10g}")) in text or width < 70
        assert "…" not in text


def test_colours_only_where_they_are_wanted() -> None:
    result = gradcli.differentiate("relu(x)", "x=0")
    assert "\x1b[" not in render(result, NARROW)
    assert "\x1b[38;5;130m" in render(result, Screen(80, color=True, unicode=True))


def test_user_text_is_no_markup() -> None:
    partial = Partial(("x",), 1.0, "[red]x[/red]*[bold]", 1.0, "1", 15.95, Verdict.AGREE)
    result = Result("[red]x[/red]", (partial,), at={"x": 1.0}, value=1.0)
    assert "[red]x[/red]*[bold]" in render(result, PIPE)


def test_quiet_says_nothing_below() -> None:
    result = gradcli.differentiate("relu(x)", "x=0")
    assert "corner here" in render(result, PIPE)
    assert "corner here" not in render(result, PIPE, quiet=True)


def test_formulas_alone() -> None:
    assert render(gradcli.differentiate("x^4*y"), PIPE) == ("       derivative\n∂f/∂x  4*x**3*y\n∂f/∂y  x**4\n")


def test_no_variables() -> None:
    assert render(gradcli.differentiate("3 + 4"), PIPE) == "f = 7.0\n"


@pytest.mark.parametrize("width", [8, 20, 33, 80])
def test_fold_keeps_everything(width: int) -> None:
    text = "(2*u*v + 1)*(u*v*(u*v + 1)*cos(u**2*v**2 + 1234567.5e-10*v) - sin(name_of_some_length))"
    lines = fold(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(len(line) <= width for line in lines)
    if width >= 20:
        assert not any(line.endswith(("*", ".", "e-")) and not line.endswith(("**", ")*", "*")) for line in lines)
        assert all("1234567.5e-10" in line or "1234567" not in line for line in lines)
