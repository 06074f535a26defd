"""What makes tensors: exact, rounded once, the same for everybody, and constant."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import gradcli
from tests.doors import table
from tests.tensors.values import value

ROWS = [row for row in table.ROWS if row.shape is not None]
CONSTRUCTORS = ("linspace", "logspace", "arange", "zeros", "ones", "full", "eye", "one_hot", "rand", "randn")


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("linspace(0, 1, 5)", [0.0, 0.25, 0.5, 0.75, 1.0]),
        ("linspace(1, -1, 3)", [1.0, 0.0, -1.0]),
        ("linspace(3, 7, 1)", [3.0]),
        ("linspace(0.1, 0.7, 4)", [0.1, 0.3, 0.5, 0.7]),
        ("arange(3)", [0.0, 1.0, 2.0]),
        ("arange(2, 5)", [2.0, 3.0, 4.0]),
        ("arange(0, 1, 0.3)", [0.0, 0.3, 0.6, 0.9]),
        ("arange(0, 0.9, 0.3)", [0.0, 0.3, 0.6]),
        ("arange(3, 0, -2)", [3.0, 1.0]),
        ("logspace(0, 2, 3)", [1.0, 10.0, 100.0]),
        ("logspace(-1, 1, 3, base=2)", [0.5, 1.0, 2.0]),
        ("logspace(0, 1, 3, 4)", [1.0, 2.0, 4.0]),
        ("logspace(0, 0.5, 2)", [1.0, 10**0.5]),
        ("eye(2)", [[1.0, 0.0], [0.0, 1.0]]),
        ("eye(2, 3)", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]),
        ("one_hot(1, 3)", [0.0, 1.0, 0.0]),
        ("one_hot([2, 0], 3)", [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]),
        ("zeros(2, 1)", [[0.0], [0.0]]),
        ("ones([1, 2])", [[1.0, 1.0]]),
        ("full(2, 1.5)", [1.5, 1.5]),
        ("full([1, 2], 3)", [[3.0, 3.0]]),
    ],
)  # fmt: skip
def test_constructors(program: str, expected: Any) -> None:
    assert value(f"{program}*x") == expected
    (partial,) = gradcli.differentiate("sum(x)", {"x": program}, reference=False).partials
    assert torch.tensor(partial.autograd).shape == torch.tensor(expected).shape


@pytest.mark.parametrize("ends", [("-10", "10", 1000), ("0.1", "0.7", 7), ("1/3", "1/7", 99), ("-pi", "pi", 361)])
def test_linspace_has_exact_ends(ends: tuple[str, str, int]) -> None:
    start, stop, count = ends
    (points,) = (
        gradcli.differentiate("sum(x)", {"x": f"linspace({start}, {stop}, {count})"}, reference=False).at or {}
    ).values()
    points = list(points)
    assert (points[0], points[-1], len(points)) == (value(f"{start}*x"), value(f"{stop}*x"), count)
    assert points == sorted(points, reverse=points[0] > points[-1])


def test_linspace_is_rounded_once() -> None:
    points = value("linspace(0, 1, 11)*x")
    assert points == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]


@pytest.mark.parametrize("name", ["rand", "randn"])
def test_random_numbers(name: str) -> None:
    numbers = value(f"{name}(2000, seed=3)*x")
    assert numbers == value(f"{name}(2000, seed=3)*x") == value(f"flatten({name}(2, 1000, seed=3))*x")
    assert numbers[:2] != value(f"{name}(2, seed=4)*x")
    assert value(f"{name}(2)*x") == value(f"{name}(2, seed=0)*x")
    mean = sum(numbers) / 2000
    spread = sum((number - mean) ** 2 for number in numbers) / 2000
    assert mean == pytest.approx(0.5 if name == "rand" else 0.0, abs=0.08)
    assert spread == pytest.approx(1 / 12 if name == "rand" else 1.0, rel=0.1)
    assert name == "randn" or all(0 <= number < 1 for number in numbers)


@pytest.mark.parametrize(
    ("program", "dtype"),
    [
        ("linspace(0, 1e6, 3)", "float16"),
        ("linspace(0, 1e39, 3)", "float32"),
        ("arange(0, 200000, 70000)", "float16"),
        ("logspace(0, 400, 3)", "float64"),
        ("logspace(0, 39, 3)", "bfloat16"),
        ("full(2, 1e39)", "float32"),
        ("[1e39, 1]", "float32"),
    ],
)
def test_an_entry_too_large_for_the_dtype_is_refused_and_no_zero(program: str, dtype: str) -> None:
    for text, at in ((f"sum({program})*x", "x=1"), ("sum(x)", {"x": program})):
        with pytest.raises(gradcli.GradcliError, match=f"too large for {dtype}"):
            gradcli.differentiate(text, at, dtype=dtype, reference=False)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_entries_are_rounded_to_the_dtype(dtype: str) -> None:
    expected = torch.tensor([i / 7 for i in range(8)], dtype=torch.float64).to(getattr(torch, dtype)).double().tolist()
    assert value("linspace(0, 1, 8)*x", dtype=dtype) == expected
    (points,) = (
        gradcli.differentiate("sum(x)", {"x": "linspace(0, 1, 8)"}, dtype=dtype, reference=False).at or {}
    ).values()
    assert points == expected


@pytest.mark.parametrize("name", CONSTRUCTORS)
def test_every_constructor_is_a_constant(name: str) -> None:
    row = table.BY_NAME[name]
    assert row.family == table.BY_NAME["linspace"].family
    program, _, at = row.example.partition(" at ")
    assert {partial.wrt for partial in gradcli.differentiate(program, at, reference=False).partials} == {("x",)}


def test_entries_are_rounded_once() -> None:
    # A little more than 1 + 2**-24: as a double it would be just that, a tie, and become 1.
    assert value("linspace(0, 1.0000000596046447754, 2)*x", dtype="float32")[1] > 1
