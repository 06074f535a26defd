"""Answers about tensors: inputs, letters, higher orders, products with a vector, and large tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import gradcli
from gradcli.diff.data import Verdict
from tests.doors import prepare
from tests.tensors.test_tensor_verdicts import ask, only

# Values, inputs, and what the parts of an answer are called


@pytest.mark.parametrize(
    "given",
    [
        [[1, 2], [3, 4]], ((1, 2), (3, 4)), np.array([[1, 2], [3, 4]]), np.array([[1.0, 3.0], [2.0, 4.0]]).T,
        torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.bfloat16), torch.tensor([[1, 2], [3, 4]]),
        torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True), "[[1, 2], [3, 4]]", "reshape(arange(1, 5), 2, 2)",
        [np.array([1, 2]), np.array([3, 4])],
    ],
    ids=str,
)  # fmt: skip
def test_values_are_taken_from_anything(given: Any) -> None:
    result = ask("sum(x[0]**2)", {"x": given})
    assert result.at == {"x": [[1.0, 2.0], [3.0, 4.0]]}
    assert result.partials[0].autograd == [[2.0, 4.0], [0.0, 0.0]]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "empty"), (np.zeros((2, 0)), "empty"), ([[1, 2], [3]], "not a tensor"), (["a"], "not a tensor"),
        ([1j], "not a tensor"), (np.array(["a"]), "not a tensor"),
        (None, "not a number"), ({}, "not a number"), (int, "not a number"), ([10**400], "not a tensor"),
    ],
    ids=str,
)  # fmt: skip
def test_values_that_are_none(given: Any, said: str) -> None:
    with pytest.raises(gradcli.GradcliError, match=said):
        ask("sum(x)", {"x": given})


def test_the_reference_of_a_value() -> None:
    result = ask("x/3", "x=[1,2]", digits=5)
    assert result.value_reference == ["0.33333", "0.66667"]
    assert ask("solve(a, b)", "a=[[2,1],[1,3]],b=[5,5]", digits=5).value_reference == ["2.0000", "1.0000"]
    assert ask("x@x", "x=[1,2]", digits=5).value_reference == "5.0000"


def test_intermediates() -> None:
    result = ask("y = A@x; z = tanh(y); sum(z**2)", "A=[[1,2],[3,4]],x=[0.1,0.2]", wrt="x,y,z")
    assert {partial.wrt[0]: partial.shape for partial in result.partials} == {"x": (2,), "y": (2,), "z": (2,)}
    x, y, z = (np.array(partial.autograd) for partial in result.partials)
    value = np.tanh(np.array([0.5, 1.1]))
    np.testing.assert_allclose(z, 2 * value)
    np.testing.assert_allclose(y, z * (1 - value**2))
    np.testing.assert_allclose(x, np.array([[1, 3], [2, 4]]) @ y)
    assert result.verdict is Verdict.AGREE


def test_a_list_has_a_formula_for_each_output() -> None:
    result = ask("[x@x, sum(x), x[0]*c]", "x=[1,2],c=5")
    assert [(partial.of, partial.wrt, partial.symbolic) for partial in result.partials][::2] == [
        ((0,), ("x",), "2*x[i]"), ((1,), ("x",), "1"), ((2,), ("x",), "c*delta(i, 0)"),
    ]  # fmt: skip
    assert [partial.autograd for partial in result.partials] == [[2.0, 4.0], 0.0, [1.0, 1.0], 0.0, [5.0, 0.0], 1.0]


@pytest.mark.parametrize(
    ("program", "shape", "wrt", "formula", "sizes"),
    [
        ("mean(x)", {"x": 4}, "x", "1/n", {"n": 4}),
        ("mean(x)", {"x": (2, 3)}, "x", "1/(m*n)", {"m": 2, "n": 3}),
        ("mean(n*x)", {"x": 4}, "x", "n/m", {"m": 4}),
        ("mean(m*n*x)", {"x": 4}, "x", "m*n/p", {"p": 4}),
        ("mean(i*x)", {"x": 4}, "i", "Sum(x[j], j)/n", {"n": 4}),
        ("sum(i@j)*k", {"i": 2, "j": (2, 2)}, "j", "k*i[l]", {}),
        ("sum(i**2)", {"i": 3}, "i", "2*i[j]", {}),
    ],
)
def test_letters_give_way_to_variables(
    program: str, shape: dict[str, Any], wrt: str, formula: str, sizes: dict[str, int]
) -> None:
    partial = only(program, None, shape=shape, wrt=wrt)
    assert partial.symbolic == formula
    assert {letter: partial.sizes[letter] for letter in sizes} == sizes
    assert not set(partial.indices) & {*shape, wrt}
    assert (partial.verdict, partial.autograd) == (None, None)


# Higher orders and products


def test_higher_orders() -> None:
    second = only("sum(x**3)*c", {"x": [1, 2], "c": 2}, wrt="x", order=2)
    assert second.autograd == [[12.0, 0.0], [0.0, 24.0]]
    third = only("sum(x**3)*c", {"x": [1, 2], "c": 2}, wrt="x", order=3)
    assert third.autograd == [[[12.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 12.0]]]
    mixed = {partial.wrt: partial.autograd for partial in ask("sum(x**2)*y", "x=[1,2],y=3", order=2).partials}
    assert mixed == {("x", "x"): [[6.0, 0.0], [0.0, 6.0]], ("x", "y"): [2.0, 4.0], ("y", "y"): 0.0}


@pytest.mark.parametrize("program", ["x@A@x", "logsumexp(A@x)", "norm(x)**3", "sum(sin(outer(x, x)))", "prod(x)*x[0]"])
def test_a_hessian_is_symmetric(program: str) -> None:
    partial = only(program, {"x": [0.5, 1.5, -1.0], "A": [[1, 2, 3], [4, 5, 6], [7, 8, 10]]} if "A" in program else
                   {"x": [0.5, 1.5, -1.0]}, wrt="x", hessian=True)  # fmt: skip
    assert partial.verdict is Verdict.AGREE
    matrix = np.array(partial.autograd)
    np.testing.assert_allclose(matrix, matrix.T, rtol=1e-12)
    assert np.array(partial.reference)[0, 1] == np.array(partial.reference)[1, 0]


def test_products_by_hand() -> None:
    at = {"A": [[1, 2], [3, 4]], "x": [5, 6]}
    moved = only("A@x", at, jvp={"x": [1, 0], "A": [[0, 1], [0, 0]]})
    assert moved.autograd == [7.0, 3.0]
    pulled = ask("A@x", at, vjp=[1, 2])
    assert [partial.autograd for partial in pulled.partials] == [[[5.0, 6.0], [10.0, 12.0]], [7.0, 10.0]]
    assert only("sum(x**2)", {"x": [1, 2]}, jvp={"x": [3, 4]}).autograd == 22.0


@pytest.mark.parametrize("program", ["softmax(x)", "x/norm(x)", "sin(outer(x, x))[0]", "cumsum(x**2)", "x[1:]*x[:-1]"])
def test_products_are_those_of_the_jacobian(program: str) -> None:
    at = {"x": [0.5, 1.5, -1.0]}
    jacobian = np.array(only(program, at).autograd)
    direction, weights = np.array([1.0, -2.0, 0.5]), np.array([2.0, -1.0, 3.0])[: len(jacobian)]
    moved, pulled = only(program, at, jvp={"x": direction}), only(program, at, vjp=weights)
    assert moved.verdict is pulled.verdict is Verdict.AGREE
    np.testing.assert_allclose(moved.autograd, jacobian @ direction, rtol=1e-12, atol=1e-14)  # type: ignore[arg-type]
    np.testing.assert_allclose(pulled.autograd, weights @ jacobian, rtol=1e-12, atol=1e-14)  # type: ignore[arg-type]


# Large tensors: all entries are judged, and those on a kink by themselves


@pytest.mark.parametrize("program", ["sum(sin(x)**2)", "mean(x**2)", "sum(x*linspace(0, 1, 100000))", "x@x"])
def test_of_many_entries_all_are_judged(program: str) -> None:
    partial = only(program, {"x": "linspace(-1, 1, 100000)"})
    assert partial.verdict is Verdict.AGREE
    assert partial.checked is not None
    assert (partial.checked.entries, partial.checked.formula) == (100_000, 100_000)
    assert partial.checked.reference == 100_000


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("program", "kinks"),
    [
        ("sum(relu(x))", {50_000}),
        ("sum(max(x, 0))", {50_000}),
        ("sum(where(x == 0.5, 1, x))", {75_000}),
        ("sum(relu(x) + abs(x - 0.5))", {50_000, 75_000}),
        ("sum(abs(x - 0.5)*(x - 0.5) + where(x < 0, 0, x))", {50_000}),
        ("sum(abs(x - 0.5)*(x - 0.5) + abs(x - 0.25)*(x - 0.25) + abs(x + 0.25)*(x + 0.25) + abs(x))", {50_000}),
        ("sum(abs(x) + abs(x - 0.5) + abs(x + 0.5))", {25_000, 50_000, 75_000}),
    ],
)
def test_kinks_are_found_among_many_entries(program: str, kinks: set[int]) -> None:
    partial = only(program, {"x": "linspace(-1, 1, 100001)"})
    assert partial.verdict is Verdict.UNDEFINED
    assert {entry.index[0] for entry in partial.entries} == kinks


def test_lost_digits_are_found_among_many_entries() -> None:
    partial = only("sum((1 - cos(x))/x**2)", {"x": "linspace(1e-5, 1, 100000)"})
    assert partial.verdict is Verdict.INACCURATE
    assert (0,) in {entry.index for entry in partial.entries}


@pytest.mark.parametrize("program", ["max(x)", "norm(x)", "logsumexp(x)", "var(x)"])
def test_what_couples_many_entries_is_judged_at_several(program: str) -> None:
    partial = only(program, {"x": "linspace(-1, 1, 2000)"})
    assert partial.verdict is Verdict.AGREE
    assert partial.checked is not None
    assert partial.checked.reference >= 3


def test_the_winner_among_many_is_judged() -> None:
    partial = only("max(x)", {"x": "cat([[1], linspace(-1, 1, 5000)])"})
    assert partial.verdict is Verdict.UNDEFINED
    assert {(0,), (5000,)} <= {entry.index for entry in partial.entries}


@pytest.mark.filterwarnings("error")
def test_infinite_derivatives_among_many_bring_no_warning() -> None:
    partial = only("sum(sqrt(x))", {"x": "linspace(0, 1, 100001)"})
    assert {(entry.index, entry.kind) for entry in partial.entries} == {((0,), "edge")}


@pytest.mark.filterwarnings("error")
def test_a_transposed_number_brings_no_warning() -> None:
    assert only("x.T*2", "x=3").autograd == 2.0


@pytest.mark.parametrize(
    ("program", "once"),
    [
        ("sum(relu(A@x)**2)", True),
        ("mean(x)", False),
        ("norm(x)", False),
        ("own(t) = mean(t); own(x)", False),
        ("own(t) = t**2; own'(t) = 2*t; sum(own(x))", False),
    ],
)
def test_what_is_written_out_is_what_has_another_form(program: str, once: bool) -> None:
    job = prepare(program, shape={"x": 2, "A": (2, 2)} if "A" in program else {"x": 2})
    assert (job.written is job.typed) == once


def test_weights_are_not_a_variable_called_v() -> None:
    partials = gradcli.differentiate("[u*v, u + v]", {"u": 1, "v": 2}, vjp=[3, -1]).partials
    assert [(one.autograd, one.symbolic_value, one.note) for one in partials] == [(5.0, 5.0, None), (2.0, 2.0, None)]
