"""The plain sentences below the table."""

from __future__ import annotations

from typing import Any

import pytest

import gradcli
from gradcli.diff.data import Checked, Entry, Result, Verdict
from tests.diff.results import HESSIAN, JACOBIAN, MEAN, MIXED, RELU, tensor
from tests.doors import diff_sentences as sentences

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
        [
            "∂f/∂x: there is no derivative: the function is not defined around this point. Autograd takes -1.0.",
            "∂f/∂x: a value is complex here: --complex follows it.",
        ],
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
            "∂f/∂x: autograd gives nan, and the true derivative is 1.",
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
    said = sentences(gradcli.differentiate("acos(x*x/(abs(x)*abs(x)))", "x=3"))
    assert said[-1] == "∂f/∂x: no formula: SymPy finds no finite real form."


def test_names_in_ascii() -> None:
    (sentence,) = sentences(gradcli.differentiate("abs(x)", "x=0"), unicode=False)
    assert sentence.isascii()
    assert sentence.startswith("df/dx: ")


def test_entries_of_tensors() -> None:
    assert sentences(MEAN) == []
    assert sentences(RELU) == [
        "∂f/∂x[i]: [500]: no derivative: corner, slope 0 on the left and 1 on the right; autograd takes 0.0"
    ]
    assert sentences(RELU, tensors=False) == []
    assert sentences(MIXED)[0] == "∂f/∂x[i,j]: [0,1]: autograd says 3.0, the true derivative is 5"
    assert len(sentences(HESSIAN)) == 2


def kinks(sides: list[str], unusual: int) -> list[str]:
    entries = tuple(
        Entry((i,), 0.0, Verdict.UNDEFINED, kind="corner", left=one, right="1") for i, one in enumerate(sides)
    )
    partial = tensor("x", None, "1", (100,), verdict=Verdict.UNDEFINED, entries=entries, checked=Checked(100, 0, 100, unusual))  # fmt: skip
    return [one.removeprefix("∂f/∂x: ") for one in sentences(Result("x", (partial,)))]


def test_what_is_the_same_is_said_once() -> None:
    said = "no derivative: corner, slope -1 on the left and 1 on the right; autograd takes 0.0"
    assert kinks(["-1"] * 3, 3) == [f"[0], [1], [2]: {said}"]
    assert kinks(["-1"] * 12, 12) == [f"[0], [1], [2], [3], [4], [5] and 6 others: {said}"]
    assert kinks(["-1"] * 12, 30) == [f"[0], [1], [2], [3], [4], [5] and 6 others: {said}", "and 18 more"]


def test_at_most_ten_lines() -> None:
    said = kinks([str(-i) for i in range(2, 15)], 13)
    assert len(said) == 11
    assert said[-1] == "and 3 more"


def test_a_value_that_is_a_tensor() -> None:
    result = Result(
        "x", (), value=[1.0, 2.5, 4.0], value_reference=["1.0", "2.0", "5.00"], shape=(3,),
        value_verdict=Verdict.INACCURATE, value_worst=(1,), value_unusual=2,
    )  # fmt: skip
    assert sentences(result) == ["f[1] itself is inaccurate in float64: its true value is 2. 1 other entry too."]
    assert sentences(JACOBIAN) == []


def test_which_entries_of_the_value_are_wrong() -> None:
    result = gradcli.differentiate("[x, (1 - cos(x))/x**2, (1e20 + x) - 1e20]", "x=1e-8", patience=20)
    assert (result.value_verdict, result.value_worst, result.value_unusual) == (Verdict.INACCURATE, (1,), 2)
    data = result.to_dict()
    assert (data["value_worst"], data["value_unusual"]) == ([1], 2)
    right = gradcli.differentiate("[x, x**2]", "x=2", patience=20)
    assert (right.value_verdict, right.value_worst, right.value_unusual) == (Verdict.AGREE, None, 0)


@pytest.mark.parametrize(
    ("program", "at", "holds", "cause"),
    [
        ("x**2", "x=3", True, None),
        ("relu(x)", "x=0", None, None),
        ("relu(x) + relu(-x) + x", "x=0", None, None),
        ("relu(x) - relu(-x)", "x=0", False, "convention"),
        ("sq(i) = i**2; sq'(i, g) = 2*i; 3*sq(x)", "x=2", True, "hand-written"),
    ],
)
def test_whether_the_formula_holds_and_what_is_wrong(
    program: str, at: str, holds: bool | None, cause: str | None
) -> None:
    (partial,) = gradcli.differentiate(program, at, patience=20).partials
    assert (partial.symbolic_holds, partial.cause) == (holds, cause)
    assert partial.to_dict()["symbolic_holds"] is holds
    assert partial.to_dict().get("cause") == cause
