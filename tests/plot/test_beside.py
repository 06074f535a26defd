"""What is drawn beside a function: against closed forms, and in every form of output."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.errors import GradcliError
from gradcli.plot.data import Plot
from tests.doors import Screen
from tests.doors import plot_field as field
from tests.doors import render_plot as render
from tests.support import run, schema, validate


def quick(program: str, over: Any, at: Any = None, **options: Any) -> Plot:
    return gradcli.plot(program, over, at, orders=(0,), formulas=False, **options)


def test_a_taylor_polynomial_is_that_of_the_closed_form() -> None:
    (curve,) = quick("exp(x)", "x=-1:1:9", "x=0", taylor=4).taylor
    assert curve.coefficients == pytest.approx([1 / math.factorial(k) for k in range(5)])
    assert curve.at(0.5) == pytest.approx(sum(0.5**k / math.factorial(k) for k in range(5)))
    assert not quick("exp(x)", "x=-1:1:9", "x=0", taylor=4).tangents
    assert len(quick("exp(x)", "x=-1:1:9", "x=0", taylor=4, tangent=True).tangents) == 1
    missing = quick("abs(x)", "x=-1:1:9", "x=0", taylor=2)
    assert not missing.taylor and any("no Taylor polynomial" in note for note in missing.notes)


def test_other_functions_have_names_of_their_own_and_their_breaks() -> None:
    found = quick("sin(x)", "x=-2:2", also=["1/x", "h = a*x"], at="a=2")
    assert [one.name for one in found.also] == ["g", "h"]
    assert [special.kind for special in found.also[0].specials] == ["pole"]
    assert all(s.values[0] == pytest.approx(2 * s.x) for s in found.also[1].samples)


def test_extreme_points_are_marked() -> None:
    found = quick("x**3 - 3*x", "x=-2:2:9", extrema=True).extrema
    assert found is not None
    inner = {one.kind: one.at[0] for one in found if one.place == "stationary" and one.kind != "inflection"}
    assert inner == {"maximum": -1, "minimum": 1}
    assert [one.at for one in found if one.kind == "inflection"] == [(0,)]
    plane = gradcli.plot("x**2 + 3*y**2", "x=-3:3:5, y=-2:2:5", formulas=False, extrema=True).extrema
    assert plane is not None
    assert [one.at for one in plane if one.kind == "minimum"] == [(0, 0)]  # none that is so along the border alone


def test_a_descent_is_the_one_that_descend_makes() -> None:
    trace = quick("(x - 1)**2", "x=-2:4:9", "x=-1", descend={"rate": 0.25, "steps": 5}).descent
    assert trace is not None
    assert [at for (at,) in trace.points] == pytest.approx([1 - 2 * 0.5**k for k in range(6)])
    plane = gradcli.plot("x**2 + y**2", "x=-2:2:5, y=-2:2:5", "x=1,y=-1", formulas=False, descend=True).descent
    assert plane is not None and np.allclose(plane.points[3], (0.8**3, -(0.8**3)))


def test_json_has_it_all(tmp_path: Path) -> None:
    line = ["plot", "sin(x)", "--over", "x=-2:2:9", "--at", "x=0.5", "--taylor", "2", "--also", "cos(x)", "--extrema"]
    whole = json.loads(run(*line, "--descend", "--steps", "3", "--show-data", "json").out)
    validate(whole, schema("plot-1"))
    assert whole["also"][0]["program"] == "cos(x)" and len(whole["descent"]["points"]) == 4
    plain = json.loads(run("plot", "sin(x)", "--over", "x=-2:2:9", "--show-data", "json").out)
    assert not {"also", "taylor", "extrema", "descent"} & set(plain)


@pytest.mark.parametrize("suffix", ["svg", "html"])
def test_a_picture_names_what_is_beside(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"plot.{suffix}"
    at = ["--at", "x=0.5", "--tangent", "--taylor", "2", "--also", "cos(x)", "--extrema", "--descend", "-o", str(path)]
    assert run("plot", "sin(x)", "--over", "x=-2:2:9", "--orders", "0", *at).code == 0
    first = path.read_bytes()
    assert len(first) > 10_000
    assert run("plot", "sin(x)", "--over", "x=-2:2:9", "--orders", "0", *at).code == 0
    assert path.read_bytes() == first


def test_the_terminal_has_signs_in_ascii_too() -> None:
    found = quick("x**3 - 3*x", "x=-2:2", "x=-0.9", extrema=True, descend={"steps": 4})
    text = render(found, Screen(80, False, False))
    assert text.isascii() and " v minimum" in text and "S" in text and "E" in text
    assert "▲" in render(found, Screen(80, False, True))


def test_planes_and_further_functions_of_two_variables() -> None:
    found = quick("x**2 + y**2", "x=-1:1:5, y=-1:1:5", "x=0.5,y=0.5", tangent=True, taylor=2, also="x*y")
    assert [one.name for one in found.also] == ["g", "tangent plane", "order 2"]
    for one, value in zip(found.also, (lambda x, y: x * y, lambda x, y: x + y - 0.5, lambda x, y: x**2 + y**2)):
        assert all(s.values[0] == pytest.approx(value(*s.at), abs=1e-15) for s in one.samples)
    text = field.render(found, Screen(80, False, True))
    assert "tangent plane = 1/2 + (x - 0.5) + (y - 0.5)" in text and text.count("┬") > 8
    corner = quick("abs(x) + y", "x=-1:1:5, y=-1:1:5", "x=0,y=0", tangent=True)
    assert not corner.also and any("no tangent plane is drawn: undefined: corner" in note for note in corner.notes)
    with pytest.raises(GradcliError, match="without"):
        quick("x*y", "x=-1:1:5, y=-1:1:5", also="x")


def test_what_cannot_be_drawn_is_refused() -> None:
    for options in ({"taylor": 2}, {"tangent": True}, {"descend": True}, {"also": ["2"]}):
        with pytest.raises(GradcliError):
            quick("sin(x)", "x=-1:1:9", **options)  # type: ignore[arg-type]
    with pytest.raises(GradcliError, match="varies"):
        gradcli.plot("x*y", "x=-1:1:5, y=-1:1:5", "x=0,y=0")
