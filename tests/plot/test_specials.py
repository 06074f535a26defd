"""Where a plot finds that something breaks, and what it says there."""

from __future__ import annotations

import math

import pytest

import gradcli
from gradcli.plot.data import Plot
from tests.plot import plot

PI = math.pi

# Each program with its range, and the kind of each place.
PLACES = [
    ("x**2", "-2:2", {}),
    ("x**4 + sin(x)", "-2:2", {}),
    ("abs(x)", "-2:2", {0: "corner"}),
    ("abs(x)", "-2:3.3", {0: "corner"}),
    ("abs(3*x - 1)", "-1:1", {1 / 3: "corner"}),
    ("abs(x - 0.3)", "-1:1", {0.3: "corner"}),
    ("abs(cos(x))", "0:5", {PI / 2: "corner", 3 * PI / 2: "corner"}),
    ("relu(x)", "-10:10:1000", {0: "corner"}),
    ("relu(relu(x))", "-1:1", {0: "corner"}),
    ("relu(x) - relu(-x)", "-1:1", {}),
    ("relu(abs(x) - 1)", "-3:3", {-1: "corner", 1: "corner"}),
    ("max(x, x**2)", "-1:2", {0: "corner", 1: "corner"}),
    ("sqrt(x**2)", "-1:1", {0: "corner"}),
    ("where(x < 1, x**2, 2 - x)", "0:2", {1: "corner"}),
    ("where(x < 1, x**2, 2*x - 1)", "0:2", {}),
    ("where(x < 1, x**2, 5)", "0:2", {1: "jump"}),
    ("where(x > 5, abs(x), 0)", "-2:2", {}),
    ("cbrt(x)", "-1:1", {0: "vertical tangent"}),
    ("sign(x)", "-1:1", {0: "jump"}),
    ("floor(x)", "-1.5:1.5", {-1: "jump", 0: "jump", 1: "jump"}),
    ("floor(10*x)", "-0.25:0.15", {-0.2: "jump", -0.1: "jump", 0: "jump", 0.1: "jump"}),
    ("x % 1", "0.5:2.5", {1: "jump", 2: "jump"}),
    ("atan2(x, -1)", "-1:1", {0: "jump"}),
    ("1/x", "-1:1", {0: "pole"}),
    ("1/x**2", "-1:1.3", {0: "pole"}),
    ("x**-3", "-1:1", {0: "pole"}),
    ("1/cos(x)**2", "0:4", {PI / 2: "pole"}),
    ("tan(x)", "0:5", {PI / 2: "pole", 3 * PI / 2: "pole"}),
    ("log(abs(x))", "-1:1", {0: "pole"}),
    ("log(x)", "-1:1", {0: "pole"}),
    ("gamma(x)", "-1.5:3", {-1: "pole", 0: "pole"}),
    ("sin(x)/x", "-1:1", {0: "hole"}),
    ("(x**2 - 1)/(x - 1)", "0:2", {1: "hole"}),
    ("(1 - cos(x))/x**2", "-1e-4:1e-4", {0: "hole"}),
    ("sqrt(x)", "-1:4", {0: "edge"}),
    ("x**x", "-0.5:2", {0: "edge"}),
    ("asin(x)", "-2:2", {-1: "edge", 1: "edge"}),
    ("sqrt(sin(x))", "1:8", {PI: "edge", 2 * PI: "edge"}),
    ("sin(1/x)", "-1:1", {0: "oscillating"}),
    ("sinc(x)", "-2:2", {}),
    ("hypot(x, 0)", "-1:1", {0: "corner"}),
    ("max([x, x**2, 1])", "-2:2", {-1: "corner", 1: "corner"}),
    ("norm([x, 2*x])", "-1:1", {0: "corner"}),
    ("sin(3*x - 1)/(3*x - 1)", "0:1", {1 / 3: "hole"}),
    ("1/(1 - cos(x))", "-1:8", {0: "pole", 2 * PI: "pole"}),
    ("sqrt(abs(x - 1/3))", "-1:1", {1 / 3: "corner"}),
    ("cbrt(3*x - 1)", "-1:1", {1 / 3: "vertical tangent"}),
    ("where(x == 0, 0, x*sin(1/x))", "-1:1", {0: "oscillating"}),
    ("where(x == 0, 0, x*sinpi(1/x))", "-1:1", {0: "oscillating"}),  # 0 at every power of ten
    ("where(x == 0, 0, x**2*sin(1/x))", "-1:1", {}),
    ("x + where(x <= 0, 0, exp(-1/x))", "-1:1", {}),
    ("max(x, exp(x) - 1, (x + 1)**2/2 - 1/2)", "-1:1", {}),
    ("abs(x)*sin(x - 1e-9)", "-1:1", {0: "corner"}),
    ("abs(x) + abs(x - 1e-9)", "-1:1", {0: "corner", 1e-9: "corner"}),
]


def kinds(found: Plot) -> dict[float, str]:
    return {special.x: special.kind for special in found.specials}


@pytest.mark.parametrize(("program", "ends", "expected"), PLACES, ids=[f"{p} over {o}" for p, o, _ in PLACES])
def test_places(program: str, ends: str, expected: dict[float, str]) -> None:
    found = kinds(plot(program, f"x={ends}"))
    assert list(found.values()) == list(expected.values())
    assert list(found) == pytest.approx(list(expected), rel=1e-15, abs=1e-300)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("program", "ends", "expected"),
    [case for case in PLACES if case[2] and all(x == round(x, 1) for x in case[2])],
    ids=[p for p, _, expected in PLACES if expected and all(x == round(x, 1) for x in expected)],
)
def test_the_reference_says_the_same_of_a_single_point(program: str, ends: str, expected: dict[float, str]) -> None:
    special = plot(program, f"x={ends}").specials[0]
    if special.autograd is None:
        return  # the place is no double
    partial = gradcli.differentiate(program, at={"x": special.x}, patience=60).partials[0]
    assert partial.kind == special.kind
    if special.kind == "corner":
        assert [float(partial.left or ""), float(partial.right or "")] == [special.left[1], special.right[1]]


@pytest.mark.parametrize(
    ("program", "left", "value", "right"),
    [
        ("abs(x)", (0, -1), (0, None), (0, 1)),
        ("floor(x)", (-1, 0), (0, None), (0, 0)),
        ("1/x", (-math.inf, -math.inf), (None, None), (math.inf, -math.inf)),
        ("sqrt(x)", (None, None), (0, None), (0, math.inf)),
        ("cbrt(x)", (0, math.inf), (0, None), (0, math.inf)),
        ("sin(x)/x", (1, 0), (None, None), (1, 0)),
        ("sign(x)", (-1, 0), (0, None), (1, 0)),
        ("sin(1/x)", (None, None), (None, None), (None, None)),
    ],
)
def test_limits(program: str, left: tuple[object, ...], value: tuple[object, ...], right: tuple[object, ...]) -> None:
    (special,) = plot(program, "x=-0.5:0.5").specials
    assert (special.left, special.value, special.right) == (left, value, right)


def test_a_curve_jumps_where_what_is_detached_does() -> None:
    found = plot("x*detach(floor(x))", "x=-1.5:1.5")
    assert kinds(found) == {-1: "jump", 1: "jump"}  # to the derivative, floor(x) stands still
    assert [(special.left, special.right) for special in found.specials] == [((2, -2), (1, -1)), ((0, 0), (1, 1))]


def test_a_corner_of_the_derivative() -> None:
    (special,) = plot("x*abs(x)", "x=-1:1", orders=(0, 1, 2)).specials
    assert (special.kind, special.order) == ("corner", 2)
    assert special.value == (0, 0, None)
    assert not plot("x*abs(x)", "x=-1:1").specials


def test_an_undefined_point_has_autograds_convention_beside_it() -> None:
    (special,) = plot("relu(x)", "x=-1:1").specials
    assert special.autograd == (0.0, 0.0)
    (special,) = plot("abs(3*x - 1)", "x=-1:1").specials
    assert special.autograd is None, "no double is a third"


@pytest.mark.parametrize(
    ("program", "ends", "strokes"),
    [
        ("x**2", "-1:1", (1, 1)),
        ("abs(x)", "-1:1", (1, 2)),
        ("1/x", "-1:1", (2, 2)),
        ("tan(x)", "-5:5", (5, 5)),
        ("floor(x)", "-1.5:1.5", (4, 4)),
        ("sin(x)/x", "-1:1", (2, 2)),
        ("sqrt(x)", "-1:1", (1, 1)),
        ("sign(x)", "-1:1", (2, 2)),
        ("relu(x) - relu(-x)", "-1:1", (1, 1)),
        ("asin(x)", "-2:2", (1, 1)),
    ],
)
def test_there_are_gaps_instead_of_vertical_lines(program: str, ends: str, strokes: tuple[int, ...]) -> None:
    found = plot(program, f"x={ends}")
    assert tuple(len(found.strokes(curve)) for curve in range(2)) == strokes
    for curve in range(2):
        for stroke in found.strokes(curve):
            assert [x for x, _ in stroke] == sorted({x for x, _ in stroke})


def test_curves_run_up_to_their_limits() -> None:
    left, right = plot("floor(x)", "x=-0.5:0.5", orders=(0,)).strokes(0)
    assert (left[0], left[-1]) == ((-0.5, -1.0), (0.0, -1.0))
    assert (right[0], right[-1]) == ((0.0, 0.0), (0.5, 0.0))
