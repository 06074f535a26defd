"""Elasticities, condition numbers, derivatives by the size of a change, and the largest first."""

from __future__ import annotations

import csv
import io
import json
import math
from fractions import Fraction
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradcli
from gradcli.diff.data import Partial, Result
from tests.support import run


def by_name(result: Result) -> dict[str, Partial]:
    return {",".join(partial.wrt): partial for partial in result.partials}


# The elasticities of a product of powers are its exponents: textbook.
@pytest.mark.parametrize(
    ("program", "at", "elasticities"),
    [
        ("g = 4*pi**2*L/T**2", "L=1,T=2.001", {"L": 1, "T": -2}),
        ("P = pi*r**4*dp/(8*eta*L)", "r=0.01,dp=200,eta=1e-3,L=2", {"r": 4, "dp": 1, "eta": -1, "L": -1}),
        ("Q = A*K**0.3*L**0.7", "A=2,K=30,L=7", {"A": 1, "K": 0.3, "L": 0.7}),
        ("sqrt(l/g)", "l=1,g=9.81", {"l": 0.5, "g": -0.5}),
        ("exp(a*x)", "a=-2,x=3", {"a": -6, "x": -6}),
        ("log(x)", "x=20", {"x": 1 / math.log(20)}),
        ("x - y", "x=3,y=2", {"x": 3, "y": -2}),
        ("z = x**2; z*y", "x=-2,y=3", {"x": 2, "y": 1}),
    ],
)
def test_elasticities_of_formulas(program: str, at: str, elasticities: dict[str, float]) -> None:
    result = gradcli.differentiate(program, at, relative=True)
    found = {name: partial.elasticity for name, partial in by_name(result).items()}
    assert found == pytest.approx(elasticities, rel=1e-14)
    assert result.condition == pytest.approx(sum(map(abs, elasticities.values())), rel=1e-14)


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.integers(-4, 4).filter(bool), min_size=2, max_size=3),
    st.lists(st.integers(1, 2**20).map(lambda n: n / 2**10), min_size=3, max_size=3),
)
def test_a_product_of_powers_has_its_exponents(powers: list[int], values: list[float]) -> None:
    names = "abc"[: len(powers)]
    program = "*".join(f"{name}**({power})" for name, power in zip(names, powers))
    result = gradcli.differentiate(program, dict(zip(names, values)), relative=True)
    found = by_name(result)
    assert [found[name].elasticity for name in names] == pytest.approx(powers, rel=1e-13)
    # d(x^n)/dx has the exponents of f, less one: so its condition number is known, too
    conditions = [sum(abs(p - (i == j)) for j, p in enumerate(powers)) for i in range(len(powers))]
    assert [found[name].condition for name in names] == pytest.approx(conditions, rel=1e-12)


@pytest.mark.parametrize(
    ("program", "at", "name", "reason"),
    [
        ("x*y", "x=0,y=2", "x", "x is 0"),
        ("x*y", "x=0,y=2", "y", "f is 0"),
        ("x - y", "x=3,y=3", "x", "f is 0"),
        ("1 + relu(x - 1)", "x=1", "x", "there is no derivative"),
        ("y = x**2; [y, x - 3]", "x=3", "x", "f[1] is 0"),
    ],
)
def test_there_is_none_where_it_would_be_a_percentage_of_nothing(program: str, at: str, name: str, reason: str) -> None:
    partial = [one for one in gradcli.differentiate(program, at, relative=True).partials if one.wrt == (name,)][-1]
    assert (partial.elasticity, partial.no_elasticity) == (None, reason)


def test_it_is_of_the_true_derivative_where_autograd_is_wrong() -> None:
    result = gradcli.differentiate("(1 - cos(x))/x**2", "x=1e-9", relative=True, scale="x=-2")
    (partial,) = result.partials
    assert partial.elasticity == pytest.approx(-1e-18 / 6, rel=1e-6)  # of 1/2 - x**2/24
    assert partial.scaled == pytest.approx(1e-9 / 6, rel=1e-6)
    assert result.condition == pytest.approx(1e-18 / 6, rel=1e-6)
    assert partial.condition == pytest.approx(1, rel=1e-6)


def test_scales_multiply_each_order() -> None:
    result = gradcli.differentiate("S**2*vol**3", "S=3,vol=2", order=2, scale={"vol": "1/100"})
    found = {name: partial.scaled for name, partial in by_name(result).items()}
    assert found == pytest.approx({"S,S": 16, "S,vol": 0.72, "vol,vol": 0.0108})
    assert result.scale == {"vol": 0.01}
    rounded = gradcli.differentiate("x", {"x": 1}, scale={"x": Fraction(1, 365)}, dtype="float32")
    assert by_name(rounded)["x"].scaled == 1 / 365


@pytest.mark.parametrize(
    ("options", "order"),
    [
        ({}, "bca"),
        ({"relative": True}, "cba"),
        ({"scale": "a=100"}, "abc"),
        ({"relative": True, "scale": "a=100"}, "abc"),
    ],
)
def test_the_largest_stands_first_by_what_was_asked_for(options: Any, order: str) -> None:
    result = gradcli.differentiate("a - 5*b + 3*c", "a=1,b=2,c=7", sort=True, **options)  # 1, -10, 21
    assert "".join(partial.wrt[0] for partial in result.partials) == order


def test_of_tensors_by_entry() -> None:
    A, x = numpy.array([[1.0, 2.0], [3.0, 4.0]]), numpy.array([1.0, -1.0])
    result = gradcli.differentiate("y = A@x", {"A": A, "x": x}, relative=True, scale={"x": 0.5})
    found = by_name(result)
    y = A @ x
    assert numpy.allclose(found["x"].elasticity, A * x / y[:, None])
    assert numpy.allclose(found["x"].scaled, A / 2)
    assert numpy.allclose(result.condition, 2 * (abs(A) @ abs(x)) / abs(y))
    zero = gradcli.differentiate("sum(x**2)", {"x": [1, 2, 0]}, relative=True)
    assert numpy.allclose(by_name(zero)["x"].elasticity, [0.4, 1.6, math.nan], equal_nan=True)
    assert zero.condition == 2


def test_of_intermediates_and_of_several_outputs() -> None:
    result = gradcli.differentiate("z = x**2; z*y", "x=2,y=3", wrt="z,y", relative=True)
    assert [partial.elasticity for partial in result.partials] == [1, 1]
    tensor = gradcli.differentiate("z = x**2; mean(z)", {"x": [1, 3]}, wrt="z", relative=True)
    assert numpy.allclose(by_name(tensor)["z"].elasticity, [0.1, 0.9])
    both = gradcli.differentiate("[u*v, u - v]", "u=1,v=1.25", relative=True, sort=True)
    assert both.condition == [2, 9]
    assert [(one.of, one.wrt, one.elasticity) for one in both.partials[2:]] == [((1,), ("v",), 5), ((1,), ("u",), -4)]
    assert [one.condition for one in both.partials] == [1, 1, 0, 0]
    dependent = gradcli.differentiate("z = x**2; z*x", "x=2", wrt="z,x", relative=True)
    assert dependent.condition is None  # a change of x would be counted twice


OUT = ("--relative", "--scale", "x=1/4", "--sort")


def test_every_format_has_them() -> None:
    given = ("diff", "x*y**2", "--at", "x=1,y=2", *OUT)
    rows = list(csv.DictReader(io.StringIO(run(*given, "--format", "csv").out)))
    assert [(row["wrt"], row["elasticity"], row["condition"], row["scaled"]) for row in rows] == [
        ("y", "2.0", "2.0", "4.0"), ("x", "1.0", "2.0", "1.0"),
    ]  # fmt: skip
    assert run(*given, "--format", "plain").out == "y 4.0 2.0 4.0\nx 4.0 1.0 1.0\n"
    latex = run(*given, "--format", "latex").out
    assert r"\frac{y}{f} \frac{\partial f}{\partial y} = 2.0" in latex
    assert r"0.25 \cdot \frac{\partial f}{\partial x} = 1.0" in latex
    data = json.loads(run(*given, "--json").out)
    assert (data["condition"], data["scale"]) == (3.0, {"x": 0.25})
    assert [partial["elasticity"] for partial in data["partials"]] == [2.0, 1.0]
    line = json.dumps(
        {"program": "x*y**2", "at": {"x": 1, "y": 2}, "relative": True, "scale": {"x": 0.25}, "sort": True}
    )
    record = json.loads(run("batch", "-", stdin=line).out)
    assert {**record, "id": None} == {**data, "id": None}
    text = run(*given).out
    assert "1 % of y changes f by 2 %." in text
    assert "condition number of f: 3" in text


def test_a_large_elasticity_is_told_of_a_small_change() -> None:
    text = run("diff", "x - 1", "--at", "x=1+1e-9", "--relative").out
    assert "1e-8 % of x changes f by 10 %." in text
    assert "the last 9 of 16 digits hang on the rounding of the variables" in text


def test_the_explanation_of_a_lost_digit_says_whose_fault_it_is() -> None:
    """By hand: the condition number of (x - 1)**2 is 2*x/(x - 1), and that of its derivative half of that."""
    cancels = run("diff", "x**2 - 2*x + 1", "--at", "x=1+1e-7", "--explain", "--min-digits", "6")
    assert "f: its condition number is 2e7: that is 7 of the 13 lost digits" in cancels.out
    assert "elasticity" not in cancels.out
    good = run("diff", "(1 - cos(x))/x**2", "--at", "x=1e-9", "--explain")
    assert "the question is a good one, and the operations lose the digits" in good.out
    overflows = run("diff", "exp(x)", "--at", "x=1000", "--explain")
    assert "condition number" not in overflows.out
    data = json.loads(run("diff", "x**2 - 2*x + 1", "--at", "x=1.25", "--explain", "--json").out)
    assert (data["condition"], data["partials"][0]["condition"]) == (10.0, 5.0)
    assert "elasticity" not in data["partials"][0]
