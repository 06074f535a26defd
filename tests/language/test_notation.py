"""The sign of a partial derivative in each style."""

from __future__ import annotations

import pytest

from tests.doors import Notation, derivative_sign

CASES = [
    ("f", ["x"], "∂f/∂x", "df/dx", r"\frac{\partial f}{\partial x}"),
    ("f", ["x", "x"], "∂²f/∂x²", "d2f/dx2", r"\frac{\partial^{2} f}{\partial x^{2}}"),
    ("f", ["x", "y"], "∂²f/∂x∂y", "d2f/dxdy", r"\frac{\partial^{2} f}{\partial x \partial y}"),
    ("", ["x"], "∂/∂x", "d/dx", r"\frac{\partial}{\partial x}"),
]


@pytest.mark.parametrize(("function", "by", "signs", "plain", "latex"), CASES)
def test_signs(function: str, by: list[str], signs: str, plain: str, latex: str) -> None:
    assert derivative_sign(Notation.SIGNS, function, by) == signs
    assert derivative_sign(Notation.ASCII, function, by) == plain
    assert derivative_sign(Notation.LATEX, function, by) == latex


def test_entries_with_an_index_stand_alone() -> None:
    assert derivative_sign(Notation.SIGNS, "f", ["x[0]", "x[0]", "y", "y"]) == "∂⁴f/∂x[0]∂x[0]∂y²"
