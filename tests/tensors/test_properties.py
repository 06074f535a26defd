"""On random smooth programs of vectors and matrices the sources agree, entry by entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradcli
from gradcli.diff.data import Partial, Verdict
from tests.doors import TIME_UP, names_of, parse
from tests.shares import either

ONE = ["sin({})", "exp(0.5*tanh({}))", "tanh({})", "sigmoid({})", "-({})", "({})*0.75", "softmax({})"]
TWO = ["{} + {}", "{} - ({})", "({})*({})"]
TO_SCALAR = ["sum({})", "mean({})", "norm(sin({}) + 2)", "logsumexp({})"]
Shape = tuple[int, ...]


class Case(NamedTuple):
    """A program of one value, or of several, and the values of x (n), y (m) and A (m, n)."""

    program: str
    at: dict[str, Any]


class Writer:
    """Writes expressions of a given shape."""

    def __init__(self, draw: Callable[..., Any], m: int, n: int) -> None:
        self.draw = draw
        self.sizes = sorted({m, n})
        self.leaves: dict[Shape, list[str]] = {}
        for text, shape in (("x", (n,)), ("y", (m,)), ("A", (m, n)), ("A.T", (n, m)), ("A[0]", (n,)), ("A[:, 0]", (m,)),
                            ("A.T@A", (n, n)), ("outer(y, y)", (m, m)),
                            ("A[-1, 0]", ()), ("x[0]", ()), ("y[-1]", ()), ("0.5", ())):  # fmt: skip
            self.leaves.setdefault(shape, []).append(text)

    def choose(self, options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def write(self, shape: Shape, depth: int) -> str:
        """An expression of this shape; the depth is that of the calls in it."""
        if depth <= 0:
            return self.choose(self.leaves[shape])
        ways = [self.one, self.two, self.product]
        if shape:
            ways += [self.scaled]
        if len(shape) == 1:
            ways += [self.of_matrix]
        if len(shape) == 2:
            ways += [self.transpose, self.spread]
        if not shape:
            ways += [self.reduced, self.entry]
        return self.choose(ways)(shape, depth - 1)

    def one(self, shape: Shape, depth: int) -> str:
        form = self.choose(ONE if shape else ONE[:-1])
        return form.format(self.write(shape, depth))

    def two(self, shape: Shape, depth: int) -> str:
        return self.choose(TWO).format(self.write(shape, depth), self.write(shape, depth))

    def scaled(self, shape: Shape, depth: int) -> str:
        return f"({self.write((), depth)})*({self.write(shape, depth)})"

    def product(self, shape: Shape, depth: int) -> str:
        if len(shape) == 2 and self.draw(st.booleans()):
            return f"outer({self.write(shape[:1], depth)}, {self.write(shape[1:], depth)})"
        inner = self.choose(self.sizes)
        return f"({self.write((*shape[:1], inner), depth)})@({self.write((inner, *shape[1:]), depth)})"

    def of_matrix(self, shape: Shape, depth: int) -> str:
        """A vector of a matrix: summed, averaged, a row or a column of it."""
        form, place = self.choose([("sum({}, dim=0)", 0), ("mean({}, dim=1)", 1), ("logsumexp({}, dim=0)", 0),
                                   ("({})[0]", 0), ("({})[:, -1]", 1)])  # fmt: skip
        size = self.choose(self.sizes)
        return form.format(self.write((size, *shape) if place == 0 else (*shape, size), depth))

    def transpose(self, shape: Shape, depth: int) -> str:
        return f"({self.write(shape[::-1], depth)}).T"

    def spread(self, shape: Shape, depth: int) -> str:
        """A vector taken to every row of a matrix."""
        return f"({self.write(shape, depth)})*({self.write(shape[1:], depth)})"

    def reduced(self, shape: Shape, depth: int) -> str:
        rank = self.draw(st.integers(1, 2))
        return self.choose(TO_SCALAR).format(self.write(tuple(self.choose(self.sizes) for _ in range(rank)), depth))

    def entry(self, shape: Shape, depth: int) -> str:
        return f"({self.write((self.choose(self.sizes),), depth)})[-1]"


@st.composite
def cases(draw: Callable[..., Any], depth: int, scalar: bool = True) -> Case:
    m, n = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    writer = Writer(draw, m, n)
    program = writer.reduced((), depth) if scalar else writer.write((n,), depth)
    names = names_of(parse(program)).variables
    if not names:
        program, names = f"{program} + sum(x)", ("x",)
    count = n + m + m * n
    numbers = [part / 16 for part in draw(st.lists(st.integers(-24, 24), min_size=count, max_size=count, unique=True))]
    values = {"x": numbers[:n], "y": numbers[n : n + m], "A": np.reshape(numbers[n + m :], (m, n)).tolist()}
    return Case(program, {name: values[name] for name in names})


def check(partial: Partial) -> None:
    """The verdict, and every entry of the three sources."""
    if partial.verdict in (Verdict.UNDECIDED, Verdict.AGREE) and TIME_UP in (partial.note or ""):
        return
    assert partial.verdict is Verdict.AGREE, partial
    autograd = np.asarray(partial.autograd, dtype=float)
    assert partial.symbolic_value is not None, partial
    assert np.asarray(partial.symbolic_value, dtype=float) == pytest.approx(autograd, rel=1e-9, abs=1e-11), partial
    assert partial.reference is not None, partial
    reference = np.asarray(partial.reference, dtype=object)
    assert reference.shape == autograd.shape, partial
    for text, number in zip(reference.flat, autograd.flat):
        if text is not None:
            assert float(text) == pytest.approx(number, rel=1e-9, abs=1e-11), partial


@settings(max_examples=either(12, 40), deadline=None, derandomize=True)
@given(cases(depth=3))
def test_gradients(case: Case) -> None:
    for partial in gradcli.differentiate(case.program, at=case.at, patience=10).partials:
        check(partial)


@settings(max_examples=either(6, 15), deadline=None, derandomize=True)
@given(cases(depth=2, scalar=False))
def test_jacobians(case: Case) -> None:
    for partial in gradcli.differentiate(case.program, at=case.at, patience=10).partials:
        check(partial)


@settings(max_examples=either(6, 15), deadline=None, derandomize=True)
@given(cases(depth=2))
def test_hessians(case: Case) -> None:
    for partial in gradcli.differentiate(case.program, at=case.at, order=2, patience=10).partials:
        check(partial)


# What a wider search has found.
@pytest.mark.parametrize(
    ("program", "at"),
    [
        ("norm(exp(0.5*tanh(sigmoid(x))), 1)", {"x": [0.0625, -1.5]}),
        ("max((A.T@A)*outer(x, x).T)", {"A": [[-0.5, 0.375], [0.875, 0.25]], "x": [-1.25, 1.0625]}),
        ("sum(max(where(x > 0.1, 1.5, -0.5), y[-1]*x))", {"x": [-0.9375, -0.75], "y": [-0.4375]}),
        ("norm(sin(sin(A*A[0])) + 2)", {"A": [[0.1875, 0.25]]}),
        ("sum(x**_k1)", {"x": [2.0, 3.0], "_k1": 2.0}),
    ],
)
def test_once_wrong(program: str, at: dict[str, Any]) -> None:
    for partial in gradcli.differentiate(program, at, patience=10).partials:
        if "Max" not in (partial.symbolic or ""):  # where entries tie, the formula counts each
            check(partial)


def test_a_branch_in_a_sum_in_a_condition_has_no_formula() -> None:
    at = {"y": [0.25, 1.0], "x": [0.5, 0.75]}
    partial, *_ = gradcli.differentiate("max(cumsum(y), softmax(x))", at, patience=30).partials
    assert partial.verdict is Verdict.AGREE
    assert partial.symbolic is None
    assert "takes a sum with branches out of a condition" in (partial.note or "")


def test_a_product_of_many_factors_stays_small() -> None:
    at = {"A": np.full((400, 400), 0.5), "B": np.full((400, 400), 0.25), "v": np.arange(400.0)}
    partial, *_ = gradcli.differentiate("sum(((A*v)@B)**2)", at, wrt="A", reference=False).partials
    assert np.asarray(partial.symbolic_value) == pytest.approx(np.asarray(partial.autograd), rel=1e-9)
