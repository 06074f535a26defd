"""The points of a plot: where they are, what is true there, and what autograd says."""

from __future__ import annotations

import json
import math

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

import gradcli
from tests.doors import Deadline, table
from tests.doors import PlotBatch as Batch
from tests.plot import plot
from tests.support import run, schema, validate

SCHEMA = schema("plot-1")

SHOWN = [
    ("x**2", ["x=-1:1"], {}),
    ("abs(x)", ["x=-1:1"], {"at": "x=0"}),
    ("1/x", ["x=-1:1:100"], {}),
    ("x*y", ["x=-1:1", "y=0:1"], {}),
    ("1/(x*y)", ["x=-1:1:5", "y=-1:1:5"], {}),
    ("x**2*y", ["x=-1:1"], {"at": "y=2", "wrt": ["x", "y"], "orders": (0, 1, 2)}),
    ("where(x > 0, sqrt(x), 0)", ["x=-1:1"], {}),
    ("sum((A@[x, 1])**2)", ["x=-1:1"], {"at": "A=[[1,2],[3,4]]"}),
    ("status*autograd", ["status=0:1"], {"at": "autograd=2"}),
    ("exp(exp(x))", ["x=0:10"], {}),
]


@pytest.mark.parametrize(("program", "over", "rest"), SHOWN, ids=[program for program, _, _ in SHOWN])
def test_json_keeps_its_schema(program: str, over: list[str], rest: dict[str, object]) -> None:
    found = plot(program, over, **rest)  # type: ignore[arg-type]
    text = json.dumps(found.to_dict(), allow_nan=False)
    validate(json.loads(text), SCHEMA)


def test_data_of_the_command_line() -> None:
    out = run("plot", "x**2", "--over", "x=0:2:5", "--orders", "0,1,2", "--show-data", "csv").out
    assert out == (
        "x,f,df_dx,d2f_dx2,autograd_f,autograd_df_dx,autograd_d2f_dx2,status\n"
        "0.0,0.0,0.0,2.0,0.0,0.0,2.0,ok\n"
        "0.5,0.25,1.0,2.0,0.25,1.0,2.0,ok\n"
        "1.0,1.0,2.0,2.0,1.0,2.0,2.0,ok\n"
        "1.5,2.25,3.0,2.0,2.25,3.0,2.0,ok\n"
        "2.0,4.0,4.0,2.0,4.0,4.0,2.0,ok\n"
    )


def test_data_at_a_corner_and_outside() -> None:
    out = run("plot", "sqrt(x)", "--over", "x=-1:1:3", "--show-data", "csv").out
    assert out.splitlines()[1:] == [
        "-1.0,,,,,outside",
        "0.0,0.0,,0.0,inf,edge",
        "1.0,1.0,0.5,1.0,0.5,ok",
    ]
    data = json.loads(run("plot", "abs(x)", "--over", "x=-1:1:2", "--show-data", "json").out)
    assert [point["status"] for point in data["points"]] == ["ok", "corner", "ok"]
    assert data["points"][1]["values"] == {"f": 0.0, "df_dx": None}
    assert data["points"][1]["autograd"] == {"f": 0.0, "df_dx": 0.0}


def test_evenly_spaced_points_are_the_nearest_doubles() -> None:
    found = plot("x", "x=-10:10:201")
    assert [sample.x for sample in found.samples] == [number / 10 for number in range(-100, 101)]


def test_points_are_closer_where_a_curve_bends() -> None:
    found = plot("tanh(100*x)", "x=-1:1", orders=(0,))
    gaps = {sample.x: following.x - sample.x for sample, following in zip(found.samples, found.samples[1:])}
    assert min(gap for x, gap in gaps.items() if abs(x) < 0.1) < 0.5 * min(g for x, g in gaps.items() if abs(x) > 0.5)


@pytest.mark.parametrize("program", ["sin(40*pi*x)", "sin(20*pi*x)", "sin(31*x)", "exp(-1000*(x - 0.123)**2)"])
def test_no_period_hides_between_the_points(program: str) -> None:
    found = plot(program, "x=-10:10", orders=(0,))
    values = [sample.values[0] for sample in found.samples if sample.values[0] is not None]
    assert max(values) > 0.98


def test_autograd_is_held_against_the_truth() -> None:
    found = plot("sq(i) = i**2; sq'(i) = 3*i; sq(x)", "x=-1:1:5")
    assert [sample.status for sample in found.samples] == ["wrong", "wrong", "ok", "wrong", "wrong"]
    assert [sample.values[1] for sample in found.samples] == [-2, -1, 0, 1, 2]
    assert [sample.autograd[1] for sample in found.samples] == [-3, -1.5, 0, 1.5, 3]


def test_a_convention_at_a_smooth_point_is_wrong() -> None:
    (middle,) = (sample for sample in plot("relu(x) - relu(-x)", "x=-1:1").samples if sample.x == 0)
    assert (middle.status, middle.values[1], middle.autograd[1]) == ("wrong", 1.0, 0.0)


def test_the_branch_that_is_not_taken_poisons_autograd() -> None:
    found = plot("where(x > 0, sqrt(x), 0)", "x=-1:1:5")
    assert math.isnan(found.samples[0].autograd[1])
    assert (found.samples[0].values[1], found.samples[0].status) == (0.0, "wrong")


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_other_dtypes(dtype: str) -> None:
    found = plot("x**2 + 0.1*x", "x=-1:1:9", dtype=dtype)
    assert {sample.status for sample in found.samples} == {"ok"}
    assert "wrong" in {sample.status for sample in plot("(1 - cos(x))/x**2", "x=0.001:0.01:5", dtype=dtype).samples}


def test_a_variable_that_does_not_matter() -> None:
    found = plot("x**2 + 0*y", "y=0:1:3", at="x=2", wrt=["x", "y"])
    assert [sample.values for sample in found.samples] == [(4, 4, 0)] * 3


def test_derivatives_of_several_variables() -> None:
    found = plot("x**2*y**3", "x=0:2:3", at="y=2", wrt=["x", "y"], orders=(0, 1, 2))
    assert found.columns == ["f", "df_dx", "d2f_dx2", "df_dy", "d2f_dy2"]
    assert [sample.values for sample in found.samples] == [(0, 0, 16, 0, 0), (8, 16, 16, 12, 12), (32, 32, 16, 48, 48)]


def test_derivatives_alone() -> None:
    found = plot("x**3 + abs(x)", "x=-2:2:3", orders=(1, 2))
    assert found.columns == ["df_dx", "d2f_dx2"]
    assert [sample.values for sample in found.samples] == [(11, -12), (None, None), (13, 12)]
    assert [special.left for special in found.specials] == [(-1, 0)]
    assert [curve.formula for curve in plot("x**3", "x=0:1:3", orders=(1, 2), formulas=True).curves] == [
        "3*x**2",
        "6*x",
    ]


def test_a_grid_has_the_first_variable_across() -> None:
    found = plot("x - 10*y", "x=0:2:3,y=0:1:2")
    assert found.shape == (2, 3)
    assert [sample.at for sample in found.samples] == [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1)]
    assert {sample.values[1:] for sample in found.samples} == {(1, -10)}


def test_no_gradient_is_claimed_on_a_kink() -> None:
    found = plot("abs(x)*y", "x=-1:1:3,y=1:2:2")
    assert [sample.status for sample in found.samples[:3]] == ["ok", "kink", "ok"]
    assert found.samples[1].values == (0, None, None)


@pytest.mark.parametrize(
    ("program", "x", "expected"),
    [
        ("x**2", "3", [(3, 9, 6, None)]),
        ("abs(x)", "0", [(0, 0, -1, "left"), (0, 0, 1, "right")]),
        ("x**1.5", "0", [(0, 0, 0, "right")]),
        ("relu(x) - relu(-x)", "0", [(0, 0, 1, None)]),
        ("1/x", "0", []),
        ("cbrt(x)", "0", []),
        ("sum(x*A)", "1", [(1, 3, 3, None)]),
    ],
)
def test_tangents(program: str, x: str, expected: list[tuple[object, ...]]) -> None:
    at = {"x": x} | ({"A": [1, 2]} if "A" in program else {})
    found = plot(program, "x=-4:4", at=at)
    assert [(one.x, one.y, one.slope, one.side) for one in found.tangents] == expected
    assert any("tangent" in note for note in found.notes) == (not expected)


ELEMENTWISE = sorted(
    name
    for name, row in table.BY_NAME.items()
    if row.shape is None and row.least == 1 and not row.truths and not row.gives_truth and name != "detach"
    if all(parameter.optional for parameter in row.parameters[1:])
)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_many_points_at_once_are_the_same_as_one_after_the_other(name: str) -> None:
    from tests.doors import prepare

    program = {"neg": "-x", "pos": "+x", "factorial": "x!"}.get(name, f"{name}(x)")
    job = prepare(program, {"x": 0.5})
    points = {"x": np.array([0.2, 0.4, 0.55, 0.71])}
    together = Batch(job, [("x", 1)], Deadline(20))
    alone = Batch(job, [("x", 1)], Deadline(20))
    alone.at_once = False
    np.testing.assert_allclose(together.at(points), alone.at(points), rtol=1e-13, equal_nan=True)
    assert together.at_once


POLYNOMIALS = st.lists(st.integers(-9, 9), min_size=1, max_size=5)


@hypothesis.given(POLYNOMIALS, st.integers(-5, 4), st.integers(1, 5))
@hypothesis.settings(max_examples=20)
def test_polynomials(coefficients: list[int], start: int, width: int) -> None:
    program = " + ".join(f"({c})*x**{k}" for k, c in enumerate(coefficients)) + " + 0*x"
    found = plot(program, {"x": (start, start + width, 7)})
    slope = np.polynomial.Polynomial(coefficients).deriv()
    assert not found.specials
    for sample in found.samples:
        assert sample.values[1] == pytest.approx(slope(sample.x), rel=1e-12, abs=1e-9)


@hypothesis.given(st.lists(st.integers(-30, 30), min_size=1, max_size=4, unique=True))
@hypothesis.settings(max_examples=8)
def test_every_corner_is_found(tenths: list[int]) -> None:
    program = " + ".join(f"abs(x - ({tenth}/10))" for tenth in tenths)
    found = plot(program, "x=-pi:pi", orders=(0, 1))
    assert [special.x for special in found.specials] == pytest.approx([tenth / 10 for tenth in sorted(tenths)])
    assert {special.kind for special in found.specials} == {"corner"}


def test_the_time_is_kept_and_said() -> None:
    found = plot("+".join(["sin(x)*cos(x)"] * 3000), "x=0:1", patience=0.01)
    assert any("time was up" in note for note in found.notes)
    assert "unchecked" in {sample.status for sample in found.samples}


def test_the_door_is_public() -> None:
    assert gradcli.plot("x", {"x": (0, 1, 2)}).columns == ["f", "df_dx"]
