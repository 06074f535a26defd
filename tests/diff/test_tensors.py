"""Tensors of derivatives in a terminal and in a pipe."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from gradcli.diff.data import Checked, Result, Verdict
from tests.diff.results import EVERY, FORMULAS, JVP, MEAN, MIXED, RELU, TENSOR_HESSIAN, TENSOR_JACOBIAN, VJP, tensor
from tests.doors import Screen
from tests.doors import render_diff as render
from tests.doors import tensor_verdict as of_tensor

PIPE = Screen(None, color=False, unicode=True)
NARROW = Screen(80, color=False, unicode=True)
ASCII = Screen(None, color=False, unicode=False)


def test_a_gradient() -> None:
    assert render(MEAN, NARROW) == (
        "o = 72.0   at x = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.5]]\n"
        "\n"
        "∂o/∂x[i,j] = 4*(2*x[i,j] + 1)/(m*n), with m, n = 2, 3: 2*(2*x[i,j] + 1)/3\n"
        "matrix form: 4*(2*x + 1)/(m*n)\n"
        "autograd: ⎡2.0  3.333333333  4.666666667⎤\n"
        "          ⎣6.0  7.333333333  9.333333333⎦\n"
        "agree: 6 entries, all by formula and by the reference;\n"
        "  at least 15.7 digits (worst at [0,1])\n"
        "\n"
        "gradient: the shape of the variable\n"
    )


def test_in_ascii() -> None:
    text = render(MEAN, ASCII)
    assert text.isascii()
    assert "do/dx[i,j] = 4*" in text
    assert "autograd: [2.0  3.333333333  4.666666667]\n          [6.0 " in text


def test_a_long_one_with_a_kink() -> None:
    assert render(RELU, NARROW) == (
        "f = 2495.0   at x: 1000 entries from -10.0 to 9.98\n"
        "\n"
        "∂f/∂x[i] = where(x[i] > 0, 1, 0)\n"
        "autograd: 1000 entries; norm 22.3383; from 0.0 at [0] to 1.0 at [501];\n"
        "          mean 0.499; begins 0.0, 0.0, 0.0, ...\n"
        "undefined: corner; 999 of 1000 entries by formula, 64 by the reference;\n"
        "  1 does not agree\n"
        "  [500]: no derivative: corner, slope 0 on the left and 1 on the right;\n"
        "    autograd takes 0.0\n"
        "\n"
        "gradient: the shape of the variable\n"
    )


def test_beside_a_number() -> None:
    assert render(MIXED, PIPE) == (
        "f = 3.0   at c = 1.0, x = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.5]]   in float32\n"
        "\n"
        "       autograd  derivative      its value  digits  verdict\n"
        "∂f/∂c  3.0       Sum(x[i,j]**2)  3.0        15.9    agree\n"
        "\n"
        "∂f/∂x[i,j] = (no formula)\n"
        "autograd: ⎡  1.0  3.0        5.0⎤\n"
        "          ⎣nan    1.0000001  1.0⎦\n"
        "disagree: 5 of 6 entries by formula, 5 by the reference; worst at [1,0]: 0.0 digits; 4 do not agree\n"
        "  [0,1]: autograd says 3.0, the true derivative is 5\n"
        "  [1,0]: autograd gives nan, and the true derivative is 2\n"
        "  [1,1]: rounding in float32 leaves autograd 7 correct digits; the true derivative is 1\n"
        "  [1,2]: undecided: the time was up (--patience)\n"
        "  The hand-written derivative is wrong here.\n"
        "  no formula: it would have more than 1000 terms.\n"
        "\n"
        "gradient: the shape of the variable\n"
    )


def test_a_jacobian_of_tensors() -> None:
    assert render(TENSOR_JACOBIAN, PIPE) == (
        "f = [1.0  9.765625]   at x = [1.0, 3.125], u = 1.0\n"
        "\n"
        "∂f[i]/∂x[j] = 2*u*x[i]*(i == j)\n"
        "matrix form: diag(2*u*x)\n"
        "autograd: ⎡2.0  0.0 ⎤\n"
        "          ⎣0.0  6.25⎦\n"
        "agree: 4 entries, all by formula and by the reference; at least 15.9 digits\n"
        "\n"
        "∂f[i]/∂u = x[i]**2\n"
        "autograd: ⎡1.0     ⎤\n"
        "          ⎣9.765625⎦\n"
        "agree: 2 entries, all by formula and by the reference; at least 15.9 digits\n"
        "\n"
        "Jacobian: rows are outputs\n"
    )


def test_second_derivatives() -> None:
    text = render(TENSOR_HESSIAN, PIPE)
    assert "∂²f/∂x[i]∂x[j] = 2*u*(i == j)\nautograd: ⎡2.0  0.0⎤\n" in text
    assert "∂²f/∂x[i]∂u = 2*x[i]\nautograd: [2.0  4.0]\n" in text
    assert "\n∂²f/∂u²  0.0 " in text


def test_products_with_a_vector() -> None:
    assert render(JVP, PIPE) == (
        "f = [1.0  4.0]   at x = [1.0, 2.0], u = 1.0\n"
        "v: x = [1.0, 1.0], u = 0.0\n"
        "\n"
        "(J·v)[i] = 2*u*v[i]*x[i]\n"
        "autograd: [2.0  4.0]\n"
        "agree: 2 entries, all by formula and by the reference; at least 15.9 digits\n"
    )
    text = render(VJP, PIPE)
    assert "\nv: [1.0, 1.0]\n" in text
    assert "\nvᵀ·J by u  5.0 " in text
    assert "\nvᵀ·J by x[i] = 2*u*v[i]*x[i]\n" in text
    assert render(VJP, ASCII).isascii()


def test_formulas_alone() -> None:
    assert render(FORMULAS, PIPE) == (
        "       derivative\n"
        "∂f/∂u  Sum(x[i]**2)\n"
        "\n"
        "∂f/∂x[i] = 2*u*x[i]\n"
        "matrix form: 2*u*x\n"
        "\n"
        "gradient: the shape of the variable\n"
    )


def test_no_variables() -> None:
    result = Result("A@B", (), at={}, value=[[1.0, 2.5], [3.0, 4.0]], shape=(2, 2))
    assert render(result, PIPE) == "f = ⎡1.0  2.5⎤\n    ⎣3.0  4.0⎦\n"
    long = Result("x", (), at={}, value=[0.0] * 50, shape=(50,))
    assert render(long, PIPE) == "f = 50 entries; norm 0.0; all 0.0\n"


def test_a_matrix_beside_a_point_that_has_no_room() -> None:
    result = Result("A", (), at={"A": [[1.5]]}, value=[[1.5], [2.0]], shape=(2, 1))
    assert render(result, PIPE) == "f = ⎡1.5⎤\n    ⎣2.0⎦\nat A = [[1.5]]\n"


def test_quiet_says_nothing_below() -> None:
    text = render(RELU, NARROW, quiet=True)
    assert "no derivative" not in text
    assert "gradient:" not in text
    assert "undefined: corner; 999 of 1000" in text


def test_colours() -> None:
    text = render(RELU, Screen(80, color=True, unicode=True))
    assert "\x1b[38;5;130mundefined: corner; 999" in text
    assert "\x1b[2mgradient: the shape" in text


def test_a_long_formula_is_folded() -> None:
    partial = replace(MEAN.partials[0], symbolic_here=" + ".join(f"A[{i},p]*x[{i}]" for i in range(12)))
    text = render(replace(MEAN, partials=(partial,)), NARROW)
    assert "∂o/∂x[i,j] = 4*(2*x[i,j] + 1)/(m*n),\n  with m, n = 2, 3: A[0,p]*x[0] + " in text
    assert re.search(r"\n {20}A\[\d,p\]", text)


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("name", list(EVERY))
def test_nothing_is_wider_than_the_screen(name: str, width: int) -> None:
    for unicode in (True, False):
        text = render(EVERY[name], Screen(width, color=False, unicode=unicode))
        assert max(map(len, text.splitlines())) <= width
        assert "…" not in text
        assert unicode or text.isascii()
        assert "\n\n\n" not in text


VERDICTS = [
    (Checked(6, 6, 6), 15.7, (0, 1), "agree: 6 entries, all by formula and by the reference; at least 15.7 digits (worst at [0,1])"),
    (Checked(1000, 1000, 64), None, None, "agree: 1000 entries by formula, 64 by the reference"),
    (Checked(1000, 1000, 0), None, None, "agree: 1000 entries, all by formula"),
    (Checked(6, 0, 6), 15.0, None, "agree: 6 entries, all by the reference; at least 15.0 digits"),
    (Checked(100, 0, 64), None, None, "agree: 64 of 100 entries by the reference"),
    (Checked(1, 1, 1), None, None, "agree: 1 entry, by formula and by the reference"),
    (Checked(2, 0, 0), None, None, "agree: 2 entries, none looked at"),
    (None, None, None, "agree"),
]  # fmt: skip


@pytest.mark.parametrize(("checked", "digits", "worst", "said"), VERDICTS)
def test_the_verdict(checked: Checked | None, digits: float | None, worst: tuple[int, ...] | None, said: str) -> None:
    assert of_tensor(tensor("x", [], "1", (2,), checked=checked, digits=digits, worst=worst)) == said


def test_a_verdict_that_is_not_agree() -> None:
    partial = tensor(
        "x", [], "1", (2,), digits=3.0, worst=(1,), verdict=Verdict.INACCURATE, checked=Checked(2, 2, 2, 1)
    )
    assert of_tensor(partial) == (
        "inaccurate: 2 entries, all by formula and by the reference; worst at [1]: 3.0 digits; 1 does not agree"
    )
