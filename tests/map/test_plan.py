"""Plans: the numbers of the chain rule, at many points and at one, in the kind and the dtype that is asked for."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings

import gradcli
from gradcli import GradcliError, LimitError
from tests.doors import Row, prepare, table
from tests.doors import columns_evaluate as evaluate
from tests.doors import torch_run as run
from tests.tape.test_properties import SETUP, expressions

BENCHMARK = "sin(x)*exp(-x**2/2) + log(1+y**2)*tanh(x*y)"
POINTS = torch.linspace(-3, 3, 7, dtype=torch.float64)
EXAMPLES = [row for row in table.ROWS if " at " in row.example]


def autograd(program: str, columns: dict[str, torch.Tensor]) -> list[Any]:
    """The value and the gradients of the sum, by torch on whole columns."""
    job = prepare(program, wrt=list(columns))
    leaves = {name: column.clone().requires_grad_() for name, column in columns.items()}
    count = next(iter(columns.values())).shape
    output = run(job.typed, leaves, torch.empty((), dtype=torch.float64)).expand(count)
    found = torch.autograd.grad(output.sum(), list(leaves.values()), allow_unused=True)
    parts = [torch.zeros(count) if one is None else one for one in found]
    return [one.detach().numpy() for one in (output, *parts)]


def plain(value: Any) -> Any:
    """Numbers and tensors as NumPy has them."""
    return value.numpy() if isinstance(value, torch.Tensor) else np.array(value)


@settings(max_examples=40)
@given(expressions)
def test_random_programs_have_the_numbers_of_autograd(expression: str) -> None:
    program = f"{SETUP}; {expression} + 0*(x + y + z)"
    columns = {"x": POINTS, "y": POINTS.flip(0) + 0.3, "z": POINTS * 0.7 + 0.1}
    found = gradcli.compile(program, wrt=["x", "y", "z"]).map(columns)
    for mine, theirs in zip(found.values(), autograd(program, columns)):
        assert mine.numpy() == pytest.approx(theirs, rel=1e-9, abs=1e-11, nan_ok=True), program


@pytest.mark.sampled(2)
@pytest.mark.parametrize("row", EXAMPLES, ids=lambda row: row.name)
def test_every_row_of_the_table(row: Row) -> None:
    program, at = row.example.rsplit(" at ", 1)
    expected = gradcli.differentiate(program, at, reference=False)
    assert expected.at is not None
    if row.name == "hardsigmoid":  # torch has 1/6 in single precision there
        pytest.skip("torch's own is not accurate")
    plan = gradcli.compile(program, wrt=[partial.wrt[0] for partial in expected.partials])
    value, gradients = plan(**expected.at)
    wanted = [expected.value, *(partial.autograd for partial in expected.partials)]
    for mine, theirs in zip([value, *gradients.values()], wanted):
        assert np.allclose(plain(mine), np.array(theirs), rtol=1e-10, atol=1e-13)
    if row.shape is None and not any(isinstance(one, list) for one in expected.at.values()):
        found = plan.map({name: [one] * 3 for name, one in expected.at.items()})
        for column, theirs in zip(found.values(), wanted):
            assert column.tolist() == pytest.approx([theirs] * 3, rel=1e-10, abs=1e-13)


def test_columns_have_their_names_and_order() -> None:
    assert gradcli.compile("z = x**2; r = z*y", wrt="y,z,x").columns == ["r", "dr_dy", "dr_dz", "dr_dx"]
    assert gradcli.compile("x*f").columns == ["g", "dg_dx", "dg_df"]
    assert gradcli.compile("x*y", name="energy").columns == ["energy", "denergy_dx", "denergy_dy"]
    assert gradcli.compile("[u*v, u + v]").columns == ["f_0", "f_1", "df_0_du", "df_0_dv", "df_1_du", "df_1_dv"]


@pytest.mark.parametrize("kind", [np.array, torch.tensor, list])
def test_kinds_in_are_kinds_out(kind: Any) -> None:
    found = gradcli.compile("sin(x)*y", wrt=["x", "y"]).map({"x": kind([0.0, 1.0]), "y": kind([2.0, 3.0])})
    assert list(found) == ["f", "df_dx", "df_dy"]
    assert all(isinstance(one, torch.Tensor if kind is torch.tensor else np.ndarray) for one in found.values())
    assert found["df_dx"].tolist() == pytest.approx([2.0, 3 * math.cos(1)], rel=1e-14)


def test_shapes_broadcast() -> None:
    found = gradcli.compile("k*x*y").map({"x": np.ones((3, 1)), "y": np.arange(4), "k": 2})
    assert found["f"].shape == (3, 4)
    assert found["df_dk"].tolist() == [[0, 1, 2, 3]] * 3
    with pytest.raises(GradcliError, match="do not go together"):
        gradcli.compile("x*y").map({"x": np.ones(3), "y": np.ones(2)})


@pytest.mark.parametrize("made", [np.zeros(0), np.arange(6)[::-1], np.arange(6, dtype=">i4"), np.ones((2, 3)).T])
def test_any_array_of_numbers_will_do(made: Any) -> None:
    assert gradcli.compile("x**2").map({"x": made})["df_dx"].tolist() == (2.0 * made).tolist()


@pytest.mark.parametrize("made", [np.array(["a"]), np.array([1j]), [None], np.array([True]), {"a": 1}])
def test_what_is_no_column_is_refused(made: Any) -> None:
    with pytest.raises(GradcliError, match="not a column of real numbers"):
        gradcli.compile("x**2").map({"x": made})


def test_the_dtype_is_that_of_the_plan() -> None:
    x = np.linspace(0, 1, 5, dtype=np.float32)
    found = gradcli.compile("exp(x)*x", dtype="float32").map({"x": x})
    assert {one.dtype for one in found.values()} == {np.dtype(np.float32)}
    assert found["df_dx"] == pytest.approx(np.exp(x) * (1 + x), rel=1e-6)


def test_many_chunks_on_many_threads() -> None:
    rows = 5 * evaluate.CHUNK + 17
    generator = torch.Generator().manual_seed(0)
    columns = {name: torch.randn(rows, dtype=torch.float64, generator=generator) for name in "xy"}
    threads = torch.get_num_threads()
    found = gradcli.compile(BENCHMARK).map(columns)
    assert torch.get_num_threads() == threads
    for mine, theirs in zip(found.values(), autograd(BENCHMARK, columns)):
        assert np.allclose(mine.numpy(), theirs, rtol=1e-12, atol=1e-13)


def test_columns_are_untouched() -> None:
    x = torch.linspace(0, 1, 5, dtype=torch.float64, requires_grad=True)
    before = x.detach().clone()
    gradcli.compile("y = -x; y*x").map({"x": x})
    assert torch.equal(x, before)
    assert x.grad is None


# What the derivative is


def test_a_branch_that_is_not_taken_does_no_harm() -> None:
    found = gradcli.compile("where(x > 0, sqrt(x), 0) + where(x > 1, log(x - 1), x)").map({"x": [-4.0, 0.25, 2.0]})
    assert found["df_dx"].tolist() == [1.0, 2.0, pytest.approx(0.5 / math.sqrt(2) + 1)]


def test_where_a_rule_is_0_over_0_autograd_is_asked() -> None:
    assert gradcli.compile("sinc(x) + x").map({"x": [0.0, 0.5]})["df_dx"].tolist() == [
        1.0,
        pytest.approx(1 - 4 / math.pi),
    ]
    assert gradcli.compile("sinc(x)*y")(x=0.0, y=2.0).gradients == {"x": 0.0, "y": 1.0}


def test_a_derivative_by_hand_is_what_the_program_gives() -> None:
    found = gradcli.compile("sq(i) = i**2; sq'(i, g) = 2*i; 3*sq(x)").map({"x": [2.0, 5.0]})
    assert (found["f"].tolist(), found["df_dx"].tolist()) == ([12.0, 75.0], [4.0, 10.0])


@pytest.mark.parametrize(
    ("program", "slope"),
    [("detach(x**2)*x", 9.0), ("diff(x**3, x)*x", 81.0), ("y = x**2; y*y", 108.0), ("norm([x, 4])", 0.6),
     ("e**x/e**3", 1.0), ("x**-2", -2 / 27), ("x**9", 9 * 3.0**8), ("2**x", 8 * math.log(2)), ("3", 0.0)],
)  # fmt: skip
def test_programs_of_every_kind(program: str, slope: float) -> None:
    found = gradcli.compile(program, wrt="x" if "x" in program else None).map({"x": [3.0]} if "x" in program else {})
    assert [one.item() for name, one in found.items() if name != "f" and name.endswith("dx")] in (
        [], [pytest.approx(slope)],
    )  # fmt: skip


def test_constants_are_given_once() -> None:
    plan = gradcli.compile("W@[x, y]*k", at={"W": [[1, 2], [3, 4]], "k": "pi/2"})
    assert plan.variables == ("x", "y")
    assert plan.map({"x": [1.0], "y": [0.0]})["df_1_dx"].tolist() == [3 * math.pi / 2]


# One call


def test_numbers_give_numbers() -> None:
    value, gradients = gradcli.compile("sin(x)*y", wrt=["x", "y"])(x=1.0, y=2)
    assert value == pytest.approx(2 * math.sin(1))
    assert gradients == {"x": pytest.approx(2 * math.cos(1)), "y": pytest.approx(math.sin(1))}


def test_tensors_give_tensors_entry_by_entry() -> None:
    value, gradients = gradcli.compile("k*x**2")(x=torch.tensor([1.0, 2.0]), k=3.0)
    assert value.dtype is torch.float64
    assert gradients["x"].tolist() == [6.0, 12.0]
    assert gradients["k"].tolist() == [1.0, 4.0]


def test_a_program_over_tensors_gives_its_gradient() -> None:
    plan = gradcli.compile("sum(tanh(W@x)**2)")
    W, x = torch.randn(3, 2, dtype=torch.float64), torch.randn(2, dtype=torch.float64)
    leaves = [one.clone().requires_grad_() for one in (W, x)]
    output = torch.sum(torch.tanh(leaves[0] @ leaves[1]) ** 2)
    expected = torch.autograd.grad(output, leaves)
    value, gradients = plan(W=W, x=x)
    assert torch.equal(value, output.detach())
    assert all(torch.equal(mine, theirs) for mine, theirs in zip(gradients.values(), expected))
    assert plan(W=[[1.0]], x=[2.0]).gradients["W"].shape == (1, 1)
    with pytest.raises(GradcliError):
        plan.map({"W": [1.0], "x": [1.0]})


def test_several_outputs_give_a_jacobian() -> None:
    value, gradients = gradcli.compile("A@x")(A=[[1.0, 2.0], [3.0, 4.0]], x=[1.0, 1.0])
    assert value.tolist() == [3.0, 7.0]
    assert gradients["x"].tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert gradients["A"].shape == (2, 2, 2)


def test_one_call_guards_branches_too() -> None:
    assert gradcli.compile("where(x > 0, sqrt(x), x)")(x=0.0).gradients == {"x": 1.0}
    assert gradcli.compile("where(x > 0, sqrt(x), x)")(x=torch.zeros(2)).gradients["x"].tolist() == [1.0, 1.0]


# Plans as things


def test_a_plan_can_be_pickled() -> None:
    plan = gradcli.compile("k*x**2", at="k=3", wrt="x", name="s")
    again = pickle.loads(pickle.dumps(plan))
    assert again.columns == ["s", "ds_dx"]
    assert again.map({"x": [2.0]})["ds_dx"].tolist() == [12.0]


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: gradcli.compile("x +"), "ends"),
        (lambda: gradcli.compile("x*y", wrt="z"), 'no name "z"'),
        (lambda: gradcli.compile("x*y", at="z=1"), 'no variable "z"'),
        (lambda: gradcli.compile("x*y", dtype="int8"), 'no dtype "int8"'),
        (lambda: gradcli.compile("x > 1"), "true or false"),
        (lambda: gradcli.compile("lowergamma(x, 2)"), "no derivative by its parameter"),
        (lambda: gradcli.compile("x*y").map({"x": [1.0]}), '"y" has no value'),
        (lambda: gradcli.compile("x*y").map({"x": [1.0], "y": [1.0], "w": [1]}), 'no variable "w"'),
        (lambda: gradcli.compile("x*y")(x=1.0, z=2.0), 'no variable "z"'),
        (lambda: gradcli.compile("x*y")(x=1.0), '"y" has no value'),
        (lambda: gradcli.compile("x", device="cuda:99"), "cannot be used"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(made: Any, message: str) -> None:
    with pytest.raises(GradcliError) as caught:
        made()
    assert message in caught.value.message or message in str(caught.value.expected)


def test_sizes_are_bounded() -> None:
    with pytest.raises(LimitError):
        gradcli.compile("*".join(["x"] * 20_000))
    with pytest.raises(LimitError):
        gradcli.compile("outer(linspace(0, 1, 100), linspace(0, 1, 100))*x").map({"x": [1.0]})
