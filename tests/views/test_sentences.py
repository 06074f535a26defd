"""The plain sentences below the table."""

from __future__ import annotations

from typing import Any

import pytest

import gradcli
from gradcli.views.sentences import sentences

SAID: list[tuple[str, str, dict[str, Any], list[str]]] = [
    ("2*x**3 + x", "x=1", {}, []),
    (
        "relu(x)",
        "x=0",
        {},
        [
            "∂f/∂x: there is no derivative: the function has a corner here, with slope 0 on the left and 1 on the right."
            " Autograd takes 0.0."
        ],
    ),
    (
        "sqrt(x)",
        "x=0",
        {},
        ["∂f/∂x: there is no derivative: the domain ends here, with slope inf on the right. Autograd takes inf."],
    ),
    (
        "cbrt(x)",
        "x=0",
        {},
        [
            "∂f/∂x: there is no derivative: its tangent is vertical here, with slope inf on the left and inf on the right."
            " Autograd takes inf."
        ],
    ),
    ("floor(x)", "x=2", {}, ["∂f/∂x: there is no derivative: the function jumps here. Autograd takes 0.0."]),
    ("1/x", "x=0", {}, ["∂f/∂x: there is no derivative: the function has a pole here. Autograd takes -inf."]),
    (
        "sin(x)/x",
        "x=0",
        {},
        [
            "∂f/∂x: there is no derivative: the function has no value here, only around it; the derivative tends to 0."
            " Autograd takes nan."
        ],
    ),
    (
        "x*sin(1/x)",
        "x=0",
        {},
        [
            "∂f/∂x: there is no derivative: the function has no value here, only around it; the derivative has no limit"
            " there. Autograd takes nan."
        ],
    ),
    (
        "log(x)",
        "x=-1",
        {},
        ["∂f/∂x: there is no derivative: the function is not defined around this point. Autograd takes -1.0."],
    ),
    (
        "tanh(x)",
        "x=20",
        {},
        [
            "∂f/∂x: rounding in float64 leaves autograd no correct digit; the true derivative is"
            " 1.6993417021166355837e-17."
        ],
    ),
    (
        "(1 - cos(x))/x**2",
        "x=1e-5",
        {},
        [
            "f itself is inaccurate in float64: its true value is 0.49999999999583333333.",
            "∂f/∂x: rounding in float64 leaves autograd no correct digit; the true derivative is -8.3333333332777784595e-7.",
        ],
    ),
    (
        "log(1 + exp(x))",
        "x=800",
        {},
        [
            "f itself is inaccurate in float64: its true value is 800.",
            "∂f/∂x: autograd gives nan, and the true derivative is 1: 0 times infinity on the way back.",
        ],
    ),
    (
        "exp(x)",
        "x=800",
        {},
        [
            "f itself is inaccurate in float64: its true value is 2.7263745721125665674e+347.",
            "∂f/∂x: autograd overflows, and the true derivative is 2.7263745721125665674e+347.",
        ],
    ),
    (
        "relu(x) - relu(-x)",
        "x=0",
        {},
        [
            "∂f/∂x: autograd says 0.0, the true derivative is 1. The chain rule with autograd's conventions goes wrong at"
            " this point.",
            "∂f/∂x: the formula does not hold here; it gives 0.0.",
        ],
    ),
    (
        "sq(i) = i**2; sq'(i, g) = 2*i; 3*sq(x)",
        "x=2",
        {},
        ["∂f/∂x: autograd says 4.0, the true derivative is 12. The hand-written derivative is wrong here."],
    ),
    (
        "exp(x) - cos(x) - x",
        "x=1e-6",
        {"dtype": "float32"},
        [
            "f itself is inaccurate in float32: its true value is 1.0000001616171508264e-12.",
            "∂f/∂x: rounding in float32 leaves autograd 1 correct digit; the true derivative is"
            " 0.000002000000494950482891.",
        ],
    ),
]


@pytest.mark.parametrize(("program", "at", "options", "said"), SAID)
def test_sentences(program: str, at: str, options: dict[str, Any], said: list[str]) -> None:
    assert sentences(gradcli.differentiate(program, at, **options)) == said


def test_a_missing_formula_has_its_reason() -> None:
    program = "x"
    for _ in range(100):
        program = f"sin({program})"
    (sentence,) = sentences(gradcli.differentiate(program, "x=1"))
    assert sentence.startswith("∂f/∂x: no formula: it would ")


def test_names_in_ascii() -> None:
    (sentence,) = sentences(gradcli.differentiate("abs(x)", "x=0"), unicode=False)
    assert sentence.isascii()
    assert sentence.startswith("df/dx: ")
