"""Arrays in languages that have none: loops that compilers and node run, held against torch's own gradients."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import cache
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch

import gradcli
from gradcli.errors import GradcliError
from tests.code.running import needs_c, needs_fortran, needs_node, run_c, run_fortran, run_javascript

T = torch


class ArrayProgram(NamedTuple):
    """A program over arrays, their shapes, and the same function by torch."""

    text: str
    shapes: dict[str, tuple[int, ...]]
    torch: Callable[..., Any]


X3, A33 = {"x": (3,)}, {"A": (3, 3)}
PROGRAMS = (
    ArrayProgram("h = tanh(W@x + b); mean((V@h - t)**2)",
                 {"W": (3, 2), "x": (2,), "b": (3,), "V": (2, 3), "t": (2,)},
                 lambda W, x, b, V, t: ((V @ T.tanh(W @ x + b) - t) ** 2).mean()),
    ArrayProgram("sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)", {"x": (7,)},
                 lambda x: (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()),
    ArrayProgram("sum(tril(A)@x) + sum(triu(A, 1)**2)", A33 | X3,
                 lambda A, x: (T.tril(A) @ x).sum() + (T.triu(A, 1) ** 2).sum()),
    ArrayProgram("sum(x[[0, 2, 1, 0]]**2*x[0])", X3, lambda x: (x[[0, 2, 1, 0]] ** 2 * x[0]).sum()),
    ArrayProgram("sum(cumsum(x)*x)", X3, lambda x: (T.cumsum(x, 0) * x).sum()),
    ArrayProgram("max(x)*min(x)", X3, lambda x: x.max() * x.min()),
    ArrayProgram("prod(x)", X3, lambda x: x.prod()),
    ArrayProgram("cat([x, x**2])@[1, 2, 3, 4, 5, 6]", X3, lambda x: T.cat([x, x**2]) @ T.arange(1.0, 7).double()),
    ArrayProgram("sum(stack([x, sin(x)])@A)", X3 | A33, lambda x, A: (T.stack([x, T.sin(x)]) @ A).sum()),
    ArrayProgram("softmax(x)[1] + logsumexp(x)", X3, lambda x: T.softmax(x, 0)[1] + T.logsumexp(x, 0)),
    ArrayProgram("var(x)*norm(x)", X3, lambda x: x.var() * x.norm()),
    ArrayProgram("sum(outer(x, y)**2*A)", X3 | {"y": (3,)} | A33, lambda x, y, A: (T.outer(x, y) ** 2 * A).sum()),
    ArrayProgram("trace(A@A.T@A)", A33, lambda A: T.trace(A @ A.T @ A)),
    ArrayProgram("sum(flip(x, 0)*x**3)", X3, lambda x: (T.flip(x, [0]) * x**3).sum()),
    ArrayProgram("sum(relu(X@W + b)) + s*sum(W)", {"X": (4, 2), "W": (2, 3), "b": (3,), "s": ()},
                 lambda X, W, b, s: T.relu(X @ W + b).sum() + s * W.sum()),
    ArrayProgram("sum((x - mean(x))**2/(1 + abs(x)))", X3, lambda x: ((x - x.mean()) ** 2 / (1 + x.abs())).sum()),
    ArrayProgram("sum(A[1:, ::2]*exp(A[:2, 1:]))", A33, lambda A: (A[1:, ::2] * T.exp(A[:2, 1:])).sum()),
    ArrayProgram("cross_entropy(X@W, [0, 2])", {"X": (2, 3), "W": (3, 3)},
                 lambda X, W: T.nn.functional.cross_entropy(X @ W, T.tensor([0, 2]))),
    ArrayProgram("sum(where(x > y, x**2*y, exp(y)))", X3 | {"y": (3,)}, lambda x, y: T.where(x > y, x**2 * y, y.exp()).sum()),
    ArrayProgram("sum(conv1d(reshape(x, (1, 1, 3)), [[[1, 2]]])**2)", X3,
                 lambda x: (T.nn.functional.conv1d(x.reshape(1, 1, 3), T.tensor([[[1.0, 2.0]]]).double()) ** 2).sum()),
    ArrayProgram("x@A@x/(x@x)", X3 | A33, lambda x, A: x @ A @ x / (x @ x)),
    ArrayProgram("sum(zero_pad(x, [1, 2])[1:]**2)", X3, lambda x: (x**2).sum()),
    ArrayProgram("t = sum(x)*mean(y); t + dot(x, y)**2*norm(y) + argmax(x)*y + amax(y.T)**2", {"x": (), "y": ()},
                 lambda x, y: x.sum() * y.mean() + (x * y) ** 2 * y.norm() + y**2),
    ArrayProgram("i = x*2; j = sum(i); j*sum(i**2)", X3, lambda x: (2 * x).sum() * ((2 * x) ** 2).sum()),
)  # fmt: skip
REFUSED = ("det(A)", "sorted(x)[0]", "sum(inv(A))", "median(x)")


def _point(program: ArrayProgram) -> dict[str, Any]:
    chosen = random.Random(program.text)
    numbers = {name: [chosen.uniform(0.2, 2.0) for _ in range(prod(shape))] for name, shape in program.shapes.items()}
    return {name: T.tensor(numbers[name], dtype=T.float64).reshape(shape) for name, shape in program.shapes.items()}


def _truth(program: ArrayProgram, order: Sequence[str]) -> list[float]:
    """The value, and the gradients in an order, by torch alone."""
    point = {name: one.clone().requires_grad_() for name, one in _point(program).items()}
    value = program.torch(**point)
    gradients = T.autograd.grad(value, [point[name] for name in order])
    return [value.item(), *(number for one in gradients for number in one.flatten().tolist())]


@cache
def _codes(to: str) -> list[tuple[Any, dict[str, Any]]]:
    found = []
    for program in PROGRAMS:
        shape = {name: one for name, one in program.shapes.items() if one}
        code = gradcli.code(program.text, to, shape=shape, name="f")
        point = {name: one.tolist() for name, one in _point(program).items()}
        found.append((code, point))
    return found


def _compare(to: str, run: Callable[..., list[list[float]]], folder: Path) -> None:
    codes = _codes(to)
    for program, (code, _), found in zip(PROGRAMS, codes, run(codes, folder)):
        assert found == pytest.approx(_truth(program, code.by), rel=1e-11, abs=1e-12), program.text


@needs_c
def test_c(tmp_path: Path) -> None:
    _compare("c", run_c, tmp_path)


@needs_fortran
def test_fortran(tmp_path: Path) -> None:
    _compare("fortran", run_fortran, tmp_path)


@needs_node
def test_javascript(tmp_path: Path) -> None:
    _compare("javascript", run_javascript, tmp_path)


@pytest.mark.parametrize("text", REFUSED)
def test_functions_of_whole_matrices_are_refused_by_name(text: str) -> None:
    with pytest.raises(GradcliError) as caught:
        gradcli.code(text, "c", shape={"A": (3, 3)} if "A" in text else {"x": 3})
    assert caught.value.exit_code == 2
    assert 'c has no "' in str(caught.value)


def test_a_gradient_of_many_variables_costs_as_few_operations() -> None:
    """The operations of a gradient are at most five times the function's."""
    text, shape = "sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)", {"x": 1000}
    own = gradcli.code(text, "c", shape=shape, value_only=True)
    whole = gradcli.code(text, "c", shape=shape)
    assert whole.operations <= 5 * own.operations
    assert len(whole.text) < 2_000  # loops, however many entries
