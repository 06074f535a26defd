"""Programs that are Python's objects: functions, whose source is read, and expressions of SymPy."""

from __future__ import annotations

import math
from math import sin
from typing import Any

import numpy as np
import pytest
import sympy
import torch
import torch.nn.functional as F

import gradcli

RATE = 3.0
WEIGHTS = torch.tensor([[1.0, 2.0], [0.5, 1.0]], dtype=torch.float64)
X, Y = sympy.symbols("x y")


def inner(x: Any, y: float = 2) -> Any:
    """What another function calls."""
    z = torch.sin(x)
    return z * x * y * RATE


def outer(t: Any) -> Any:
    return sin(t) * inner(t)


def layer(x: Any) -> Any:
    return torch.sum(F.softmax(WEIGHTS @ x, dim=0) * x)


def plain(x: Any, *, k: float) -> Any:
    return np.exp(k * x) + abs(x)


def gradient(program: object, at: Any, **options: Any) -> list[float]:
    result = gradcli.differentiate(program, at, **options)
    assert result.verdict is gradcli.Verdict.AGREE
    return [one.autograd for one in result.partials]


def test_a_function_with_a_function_and_a_constant_from_around_it() -> None:
    truth = 3 * 2 * (math.sin(0.7) + 0.7 * math.cos(0.7))
    assert gradient(inner, {"x": 0.7}) == pytest.approx([truth])
    whole = math.cos(0.7) * 6 * 0.7 * math.sin(0.7) + math.sin(0.7) * truth
    assert gradient(outer, "t=0.7") == pytest.approx([whole])


def test_a_parameter_with_a_default_is_a_variable_where_it_has_a_value() -> None:
    assert gradient(inner, {"x": 1.0, "y": 5.0}) == pytest.approx([15 * (math.sin(1) + math.cos(1)), 3 * math.sin(1)])


def test_a_function_of_tensors() -> None:
    x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    (truth,) = torch.autograd.grad(layer(x), x)
    (found,) = gradient(layer, {"x": [1.0, 2.0]})
    assert list(found) == pytest.approx(truth.tolist())  # type: ignore[call-overload]


def test_parameters_by_name_alone() -> None:
    found = gradcli.differentiate(plain, {"x": 0.5, "k": 2.0}, wrt="x").partials[0].autograd
    assert found == pytest.approx(2 * math.exp(1) + 1)


def test_a_lambda() -> None:
    square = 4
    assert gradient(lambda a, b: a**2 * b + square, {"a": 3, "b": 2}) == pytest.approx([12, 9])
    assert gradcli.differentiate(lambda a: a**3).partials[0].symbolic == "3*a**2"


def test_sympy() -> None:
    assert gradient(sympy.sin(X) * Y / 3, {X: sympy.pi / 4, Y: 2}, wrt=[X]) == pytest.approx(
        [math.cos(math.pi / 4) * 2 / 3]
    )
    assert gradient(sympy.Matrix([X * Y, X + Y]), {"x": 1, "y": 2}) == [2, 1, 1, 1]
    assert gradient([X * Y, X + Y], {X: 1, Y: 2}, wrt=X) == [2, 1]
    assert gradcli.steps(X**2).sections[0].formula == "2*x"


@pytest.mark.parametrize("program", [3, None, b"x", [], ["x"], {"x": 1}, torch.sin, torch.nn.Linear(2, 2), object()])
def test_what_is_no_program_says_what_is(program: object) -> None:
    with pytest.raises(
        TypeError, match=r"is not a program: that is a text, a Python function .* or an expression of SymPy"
    ):
        gradcli.differentiate(program)


def numbered(x: Any, *more: Any) -> Any:
    return x


@torch.no_grad()
def decorated(x: Any) -> Any:
    return x


def keeps(x: Any) -> Any:
    return MODEL(x)


MODEL = torch.nn.Linear(1, 1)


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (numbered, r"the function numbered is not read: \*more takes any number of arguments"),
        (decorated, "its source|changes it"),
        (keeps, 'it uses "MODEL", a Linear'),
        (eval("lambda x: x"), "its source is not there"),
        (lambda e: e, 'its parameter "e" is a constant in programs'),
        (sympy.Integral(sympy.exp(X**2), X), "the language has no Integral"),
        (sympy.Symbol("e") * X, "the symbol 'e' is a constant in programs"),
        (sympy.Symbol("a b") * X, "the symbol 'a b' is not a name in programs"),
    ],
)  # fmt: skip
def test_what_is_not_read_says_why(program: object, said: str) -> None:
    with pytest.raises(gradcli.GradcliError, match=said):
        gradcli.differentiate(program, {"x": 1})
