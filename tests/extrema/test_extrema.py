"""Extreme points against closed forms, and against SciPy's on random polynomials."""

from __future__ import annotations

import math
import time

import mpmath
import numpy as np
import pytest
from scipy.optimize import brentq

import gradcli
from gradcli.errors import ExitCode

E1, PI = math.e, math.pi
# program, range, the inner points with their kinds
EXAM = [
    ("x**2 - 4*x + 3", "-5:5", [(2, "minimum")]),
    ("x**3 - 6*x**2 + 9*x + 1", "-1:5", [(1, "maximum"), (3, "minimum")]),
    ("x**4 - 2*x**2", "-2:2", [(-1, "minimum"), (0, "maximum"), (1, "minimum")]),
    ("3*x**5 - 5*x**3", "-2:2", [(-1, "maximum"), (0, "neither"), (1, "minimum")]),
    ("x**5 - 5*x**4", "-1:5", [(0, "maximum"), (4, "minimum")]),
    ("x**4", "-1:2", [(0, "minimum")]),
    ("x**3", "-1:1", [(0, "neither")]),
    ("x**3 + x", "-1:1", []),
    ("x/(1 + x**2)", "-5:5", [(-1, "minimum"), (1, "maximum")]),
    ("x**2/(x - 1)", "-3:5", [(0, "maximum"), (1, "neither"), (2, "minimum")]),
    ("x + 1/x", "-3:3", [(-1, "maximum"), (0, "neither"), (1, "minimum")]),
    ("x*sqrt(4 - x**2)", "-2:2", [(-math.sqrt(2), "minimum"), (math.sqrt(2), "maximum")]),
    ("sqrt(1 - x**2)", "-2:2", [(-1, "minimum"), (0, "maximum"), (1, "minimum")]),
    ("sqrt(x) - x", "0:2", [(0.25, "maximum")]),
    ("x*log(x)", "0:2", [(1 / E1, "minimum")]),
    ("log(x)/x", "0.5:10", [(E1, "maximum")]),
    ("log(1 + x**2)", "-3:3", [(0, "minimum")]),
    ("x**2 - 8*log(x)", "0.5:4", [(2, "minimum")]),
    ("x**2*exp(-x)", "-1:6", [(0, "minimum"), (2, "maximum")]),
    ("exp(-x**2)", "-3:3", [(0, "maximum")]),
    ("exp(x)*cos(x)", "0:6", [(PI / 4, "maximum"), (5 * PI / 4, "minimum")]),
    ("x**x", "0.01:2", [(1 / E1, "minimum")]),
    ("sin(x) + cos(x)", "0:2*pi", [(PI / 4, "maximum"), (5 * PI / 4, "minimum")]),
    ("x - 2*sin(x)", "0:2*pi", [(PI / 3, "minimum"), (5 * PI / 3, "maximum")]),
    ("4*x - tan(x)", "-1.5:1.5", [(-PI / 3, "minimum"), (PI / 3, "maximum")]),
    ("atan(x) - x/2", "-3:3", [(-1, "minimum"), (1, "maximum")]),
    ("acos(x) + x", "-0.9:0.9", [(0, "neither")]),
    ("cosh(x) - 2*x", "-1:3", [(math.asinh(2), "minimum")]),
    ("sin(1/x)", "0.2:1", [(2 / (3 * PI), "minimum"), (2 / PI, "maximum")]),
    ("x*(12 - 2*x)**2", "0:6", [(2, "maximum")]),
    ("abs(x - 1)", "-1:2", [(1, "minimum")]),
    ("abs(x**2 - 2)", "-2:2", [(-math.sqrt(2), "minimum"), (0, "maximum"), (math.sqrt(2), "minimum")]),
    ("abs(x)*exp(-x)", "-1:3", [(0, "minimum"), (1, "maximum")]),
    ("cbrt(x)*(x - 4)", "-2:5", [(0, "neither"), (1, "minimum")]),
    ("cbrt(x**2)", "-1:1", [(0, "minimum")]),
    ("max(x, x**2)", "-2:2", [(0, "minimum"), (1, "neither")]),
    ("min(sin(x), cos(x))", "0:3", [(PI / 4, "maximum")]),
    ("where(x < 1, x**2, 2 - x)", "-1:3", [(0, "minimum"), (1, "maximum")]),
    ("sign(x)*x**2", "-1:1", [(0, "neither")]),
    ("tan(x)", "0:3", [(PI / 2, "neither")]),
    ("relu(x) - relu(-x)", "-1:1", []),
    ("(x - 0.1)**2", "-1:1", [(0.1, "minimum")]),
]  # fmt: skip


@pytest.mark.parametrize(("program", "over", "points"), EXAM, ids=[one[0] for one in EXAM])
def test_exam_functions(program: str, over: str, points: list[tuple[float, str]]) -> None:
    found = gradcli.extrema(program, f"x={over}")
    inner = [(float(one.at["x"]), one.kind) for one in found.points if one.place != "end"]
    assert [kind for _, kind in inner] == [kind for _, kind in points]
    assert [x for x, _ in inner] == pytest.approx([x for x, _ in points], abs=1e-15, rel=1e-15)
    doubtful = [one for one in found.points if one.place == "stationary" and not one.proven]
    assert not found.unresolved and found.exit_code is (ExitCode.LIMIT if doubtful else ExitCode.AGREE)
    low, high = found.over["x"]
    values = [gradcli.differentiate(program, {"x": x}).value for x in np.linspace(low, high, 15)[4:5].tolist()]
    for value in values:
        if isinstance(value, float) and math.isfinite(value):
            assert found.least.value is None or float(found.least.value) <= value + 1e-12
            assert found.greatest.value is None or float(found.greatest.value) >= value - 1e-12


@pytest.mark.parametrize("seed", range(4))
def test_random_polynomials_against_numpy(seed: int) -> None:
    random = np.random.default_rng(seed)
    numbers = random.integers(-9, 10, 6)
    slope = np.polynomial.Polynomial(numbers).deriv()
    roots = sorted({round(float(one.real), 9) for one in slope.roots() if abs(one.imag) < 1e-9 and abs(one.real) < 3})
    text = " + ".join(f"({number})*x**{k}" for k, number in enumerate(numbers))
    found = gradcli.extrema(text, "x=-3:3")
    assert [float(one.at["x"]) for one in found.points if one.place == "stationary"] == pytest.approx(roots, abs=1e-8)
    grid = np.polynomial.Polynomial(numbers)(np.linspace(-3, 3, 2001))
    assert float(found.least.value or 0) == pytest.approx(grid.min(), rel=1e-4, abs=1e-3)
    assert float(found.greatest.value or 0) == pytest.approx(grid.max(), rel=1e-4, abs=1e-3)


def test_values_are_proven_to_all_their_digits() -> None:
    found = gradcli.extrema("x*exp(-x**2)*cos(x)", "x=0:1")
    (one,) = [one for one in found.points if one.place == "stationary"]
    root = brentq(lambda x: math.cos(x) * (1 - 2 * x * x) - x * math.sin(x), 0.1, 0.9, xtol=1e-15)
    assert float(one.at["x"]) == pytest.approx(root, rel=1e-14) and one.proven and one.kind == "maximum"


def test_inflections() -> None:
    found = gradcli.extrema("x**3 - 3*x", "x=-3:5", inflections=True)
    assert [(one.at["x"], one.kind) for one in found.points if one.place != "end"] == [
        ("-1", "maximum"), ("0", "inflection"), ("1", "minimum"),
    ]  # fmt: skip
    assert "inflection" not in {one.kind for one in gradcli.extrema("x**4", "x=-1:1", inflections=True).points}
    kinds = [one.kind for one in gradcli.extrema("x**3", "x=-1:1", inflections=True).points]
    assert kinds == ["minimum", "inflection", "maximum"]


def test_flat_stretches_and_gaps_are_told() -> None:
    found = gradcli.extrema("relu(x)", "x=-1:3")
    assert [(one.start, one.stop, one.what) for one in found.flat] == [({"x": -1}, {"x": 0}, "constant")]
    assert gradcli.extrema("cos(x)**2 + sin(x)**2", "x=-1:3").flat[0].stop == {"x": 3}
    assert {one.what for one in gradcli.extrema("sqrt(1 - x**2)", "x=-2:2").flat} == {"no value"}
    assert len(gradcli.extrema("floor(x)", "x=0:3").flat) == 3


@pytest.mark.parametrize(
    ("program", "over", "least", "greatest"),
    [("1/x", "-1:3", None, None), ("x - floor(x)", "0.5:2.5", 0, None),     ("log(abs(x))", "-1:2", None, math.log(2)), ("sin(x)", "0:7", -1, 1)],
)  # fmt: skip
def test_extremes_that_are_not_taken_are_none(
    program: str, over: str, least: float | None, greatest: float | None
) -> None:
    found = gradcli.extrema(program, f"x={over}")
    for one, value in ((found.least, least), (found.greatest, greatest)):
        assert (one.value is None) == (value is None) and bool(one.note) >= (value is None)
        assert value is None or float(one.value or 0) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(("program", "over"), [("tanh(1/x)", "-5:5"), ("x**2*sin(1/x)", "-1:1")])
def test_what_could_not_be_excluded_is_told(program: str, over: str) -> None:
    found = gradcli.extrema(program, f"x={over}")
    doubtful = [one for one in found.points if not one.proven]
    assert (found.unresolved or doubtful) and found.exit_code is ExitCode.LIMIT


@pytest.mark.parametrize(
    ("program", "points"),
    [
        ("x**3 - 3*x*y + y**3", [((0, 0), "saddle"), ((1, 1), "minimum")]),
        ("x**2 + y**2", [((0, 0), "minimum")]), ("x*y", [((0, 0), "saddle")]),
        ("-(x - 0.5)**2 - (y - 0.25)**2", [((0.5, 0.25), "maximum")]),
        ("(1 - x)**2 + 100*(y - x**2)**2", [((1, 1), "minimum")]),
        ("x**4 + y**4 - 4*x*y", [((-1, -1), "minimum"), ((0, 0), "saddle"), ((1, 1), "minimum")]),
    ],
)  # fmt: skip
def test_two_variables(program: str, points: list[tuple[tuple[float, float], str]]) -> None:
    found = gradcli.extrema(program, ["x=-1.5:2", "y=-1.25:2"])
    inner = [((float(p.at["x"]), float(p.at["y"])), p.kind) for p in found.points if p.place == "stationary"]
    assert inner == [(pytest.approx(place, abs=1e-15), kind) for place, kind in points] and found.complete


def test_the_border_takes_part() -> None:
    found = gradcli.extrema("x*y", ["x=-1:2", "y=-3:1"])
    assert (float(found.least.value or 0), float(found.greatest.value or 0)) == (-6, 3)
    assert dict(found.least.at[0]) == {"x": "2", "y": "-3"}


def test_all_points_is_said_only_where_nothing_was_skipped() -> None:
    smooth, bent = gradcli.extrema("x**3 - 3*x", "x=-3:5"), gradcli.extrema("abs(x - 1)**(x - 1)", "x=-1:2")
    assert smooth.complete and not smooth.skipped and "all points at which" in str(smooth)
    assert not bent.complete and bent.skipped[0].start["x"] < 1 < bent.skipped[0].stop["x"]
    assert "not searched" in " ".join(str(bent).split())


@pytest.mark.parametrize(
    ("program", "x", "kind", "slopes"),
    [
        ("sqrt(abs(x))", 0, "minimum", "cusp: -inf from the left, inf from the right"), ("cbrt(x**2)", 0, "minimum", "cusp"),
        ("x**(2/3)", 0, "minimum", "edge"), ("abs(x)**(2/3)*(1 - x)", 0, "minimum", "cusp"), ("cbrt(x)", 0, "neither", "vertical"),
        ("1 - sqrt(abs(x))", 0, "maximum", "cusp"), ("asin(x)", 1, "maximum", "edge"), ("sqrt(abs(x - 1)) + x", 1, "minimum", "cusp"),
        ("floor(x)", 1, "maximum", "jump"), ("ceil(x)", 1, "minimum", "jump"), ("sign(x)", 0, "neither", "jump"),
        ("x - floor(x)", 1, "minimum", "jump"), ("where(x < 0, x**2, x + 1)", 0, "neither", "jump"),
        ("where(x <= 0, x + 2, x)", 0, "maximum", "jump"), ("where(x < 1, x, where(x == 1, 5, x))", 1, "maximum", "jump"),
        ("clamp(x, 0, 1)", 0, "minimum", "corner"), ("abs(x) + sqrt(x + 1)", -1, "minimum", "edge"),
    ],
)  # fmt: skip
def test_cusps_jumps_and_edges_are_proven(program: str, x: int, kind: str, slopes: str) -> None:
    found = gradcli.extrema(program, "x=-1.5:1.75")
    (one,) = [one for one in found.points if one.at["x"] == str(x)]
    assert (one.kind, one.proven) == (kind, True) and (one.slopes or "").startswith(slopes)
    assert found.complete and found.least.proven and found.greatest.proven


@pytest.mark.parametrize(
    ("program", "slopes"),
    [
        ("1/x - 1/sin(x)", "hole: 0 from both sides"), ("sin(x)/abs(x)", "hole: -1 from the left, 1 from the right"),
        ("exp(-1/x**2)", "hole: 0 from both sides"), ("atan(1/x)", "hole: -1.5708 from the left, 1.5708 from the right"),
        ("1/(1 + exp(1/x))", "hole: 1 from the left, 0 from the right"), ("exp(1/x)", "pole: 0 from the left, inf from the right"),
        ("x*log(x)", "edge: 0 from the right"), ("log(abs(x))", "pole: -inf from both sides"), ("abs(x)/x", "hole"),
        ("(1 - cos(x))/x**2", "hole: 0.5 from both sides"), ("1/x**2", "pole: inf from both sides"),
    ],
)  # fmt: skip
def test_what_is_tended_to_is_proven(program: str, slopes: str) -> None:
    found = gradcli.extrema(program, "x=-1.5:1.75")
    (one,) = [one for one in found.points if one.at["x"] == "0"]
    assert (one.value, one.proven) == (None, True) and (one.slopes or "").startswith(slopes) and found.complete
    assert found.least.proven and found.greatest.proven and found.exit_code is ExitCode.AGREE


def test_what_no_series_tells_is_likely_and_about_zero_is_said() -> None:
    (one,) = [one for one in gradcli.extrema("abs(x)**x", "x=-0.5:0.5").points if one.at["x"] == "0"]
    assert one.kind == "neither" and not one.proven
    zero = gradcli.extrema("abs(sin(x))", "x=1:4").least
    assert zero.value == "0" and not zero.proven and "about 0" in (zero.note or "")


def test_no_bound_is_proven_at_a_pole() -> None:
    found = gradcli.extrema("1/x", "x=-1:3")
    assert found.greatest.proven and "f has no bound above near x = 0" in (found.greatest.note or "")


@pytest.mark.parametrize(("program", "over"), [("x*sin(1/x)", "0.001:1"), ("x*sin(1/x)", "-1:1")])
def test_endless_oscillation_ends_soon(program: str, over: str) -> None:
    before = time.process_time()
    found = gradcli.extrema(program, f"x={over}")
    assert time.process_time() - before < 3 and found.unresolved and found.exit_code is ExitCode.LIMIT


@pytest.mark.parametrize(("program", "least", "gap"), [
    ("max(x, 1 - x)", "0.5", 1e-14), ("abs(x - 1)*exp(x)", "0", 1e-14), ("abs(x)", "0", 1e-14), ("x**2", "0", 0),
])  # fmt: skip
def test_what_is_not_searched_is_bounded(program: str, least: str, gap: float) -> None:
    """A kink is beside values that are not searched: how far they may be below is said, or nothing has to be."""
    found = gradcli.extrema(program, "x=-1:2").least
    assert float(found.value or "nan") == float(least)
    if found.note is not None:
        assert found.note.startswith("no value is less by more than ")
        assert 0 < float(found.note.split()[-1]) <= gap
    assert found.proven is (found.note is None)


# A kink, the range, its kind: the slopes on both sides are those of the formula that is meant there.
KINKS = [
    ("abs(x - 1)", "-1:2", 1, "minimum"), ("abs(x**2 - 2)", "0:2", math.sqrt(2), "minimum"),
    ("min(sin(x), cos(x))", "0:3", PI / 4, "maximum"), ("max(x, x**2)", "-0.5:0.5", 0, "minimum"),
    ("where(x < 1, x**2, 2 - x)", "0.5:3", 1, "maximum"), ("abs(x) + abs(x - 1)", "-1:0.5", 0, "minimum"),
    ("x*abs(x)", "-1:1", 0, "neither"), ("relu(x)**2", "-1:1", 0, "minimum"), ("abs(log(x))", "0.5:2", 1, "minimum"),
    ("exp(-abs(x - pi))", "1:5", PI, "maximum"), ("2*x + abs(x)", "-1:1", 0, "neither"), ("abs(x**3 - 2)", "0:2", 2 ** (1 / 3), "minimum"),
    ("-abs(x**2 - 3)*exp(x)", "1:2", math.sqrt(3), "maximum"), ("leaky_relu(x) - x/2", "-1:1", 0, "minimum"),
]  # fmt: skip


@pytest.mark.parametrize(("program", "over", "place", "kind"), KINKS, ids=[one[0] for one in KINKS])
def test_the_kind_of_a_kink_is_proven_by_its_one_sided_slopes(program: str, over: str, place: float, kind: str) -> None:
    found = gradcli.extrema(program, f"x={over}")
    near = [one for one in found.points if abs(float(one.at["x"]) - place) < 1e-12]
    (one,) = near
    assert (one.kind, one.proven) == (kind, True) and found.complete and found.exit_code is ExitCode.AGREE


@pytest.mark.parametrize(
    ("program", "over", "limit", "taken"),
    [
        ("sin(x)/x", "-5:5", 1.0, False), ("(exp(x) - 1)/x", "-1:1", 1.0, True), ("(1 - cos(x))/x**2", "-3:3", 0.5, False),
        ("log(1 + x)/x", "-0.5:2", 1.0, True), ("(x**2 - 1)/(x - 1)", "0:3", 2.0, True), ("x/tan(x)", "-1:1", 1.0, False),
        ("0.1*(x + 55)/(1 - exp(-(x + 55)/10))", "-80:-30", 1.0, True), ("x/(exp(x) - 1)", "-2:2", 1.0, True),
    ],
)  # fmt: skip
def test_holes_have_a_limit_and_nothing_hides_beside_them(program: str, over: str, limit: float, taken: bool) -> None:
    found = gradcli.extrema(program, f"x={over}")
    (one,) = [one for one in found.points if one.slopes]
    assert one.value is None and one.proven and (one.slopes or "").startswith("hole: ")
    assert float((one.slopes or "").split()[1]) == pytest.approx(limit)
    assert found.complete and found.exit_code is ExitCode.AGREE
    assert (found.greatest.value is not None) == taken and found.greatest.proven


@pytest.mark.parametrize(
    ("program", "over", "place", "kind"),
    [
        ("x**5/5 - 4*x**3/3 + 4*x", "0:2", math.sqrt(2), "neither"), ("(x**2 - 2)**4", "0.5:2", math.sqrt(2), "minimum"),
        ("-(exp(x) - 2)**4", "0:1", math.log(2), "maximum"), ("(exp(x) - 2)**3", "0:1", math.log(2), "neither"),
        ("(x**2 - 0.3)**3", "0.1:1", math.sqrt(0.3), "neither"), ("cos(x)**4", "1:2", PI / 2, "minimum"),
        ("(log(x) - 1)**3", "1:4", E1, "neither"), ("x + sin(x)", "0:6", PI, "neither"),
        ("x - sin(x)", "1:7", 2 * PI, "neither"), ("x + cos(x)", "0:6", PI / 2, "neither"), ("(sin(x) - x/3)**4", "2:3", 2.278862660075828, "minimum"),
    ],
)  # fmt: skip
def test_roots_of_several_times_at_irrational_places(program: str, over: str, place: float, kind: str) -> None:
    found = gradcli.extrema(program, f"x={over}")
    (one,) = [one for one in found.points if one.place == "stationary"]
    assert float(one.at["x"]) == pytest.approx(place, abs=1e-15) and (one.kind, one.proven) == (kind, True)
    assert found.exit_code is ExitCode.AGREE and found.complete


@pytest.mark.parametrize(
    ("program", "place", "kind"),
    [
        ("abs(x) + abs(y)", (0, 0), "minimum"), ("abs(x) + y**2", (0, 0), "minimum"), ("abs(x) - abs(y)", (0, 0), "saddle"),
        ("1 - abs(x - 0.25) - abs(y)", (0.25, 0), "maximum"), ("2 - abs(x)*exp(y) - abs(y)", (0, 0), "maximum"),
        ("relu(x) + relu(-x) + 3*abs(y - 0.5)", (0, 0.5), "minimum"), ("y**2 - abs(x)", (0, 0), "saddle"),
        ("abs(x) + (y - 0.3)**2", (0, 0.3), "minimum"), ("cos(y) - abs(x - 0.25)", (0.25, 0), "maximum"),
    ],
)  # fmt: skip
def test_nonsmooth_points_of_two_variables(program: str, place: tuple[float, float], kind: str) -> None:
    found = gradcli.extrema(program, ["x=-1:1", "y=-1:1"])
    (one,) = [one for one in found.points if one.place == "nonsmooth"]
    assert (float(one.at["x"]), float(one.at["y"])) == place and (one.kind, one.proven) == (kind, True)
    assert not found.unresolved and found.exit_code is ExitCode.AGREE
    best = {"minimum": found.least, "maximum": found.greatest}.get(kind)
    assert best is None or best.at[0] == one.at


@pytest.mark.parametrize(
    ("program", "place", "x", "y", "kind"),
    [
        ("sqrt(x**2 + y**2)", "nonsmooth", 0, 0, "minimum"), ("1 - hypot(x - 0.1, y + 0.7)", "nonsmooth", 0.1, -0.7, "maximum"),
        ("max(abs(x), abs(y))", "nonsmooth", 0, 0, "minimum"), ("abs(x - 0.3) + (y - 0.2)**2", "nonsmooth", 0.3, 0.2, "minimum"),
        ("abs(x) - abs(y)", "nonsmooth", 0, 0, "saddle"), ("x**4 - y**2", "stationary", 0, 0, "saddle"),
        ("x**4 + y**4", "stationary", 0, 0, "minimum"), ("x**3 - 3*x*y**2", "stationary", 0, 0, "saddle"),
        ("x**2 + y**3", "stationary", 0, 0, "saddle"), ("-x**4 - y**2", "stationary", 0, 0, "maximum"),
    ],
)  # fmt: skip
def test_points_of_two_variables_without_a_hessian_are_proven(
    program: str, place: str, x: float, y: float, kind: str
) -> None:
    found = gradcli.extrema(program, ["x=-1:1.5", "y=-1:1.25"], sources=False)
    (one,) = [one for one in found.points if one.place in ("nonsmooth", "stationary")]
    at = {name: float(value) for name, value in one.at.items()}
    assert (one.place, one.kind, one.proven, at) == (place, kind, True, {"x": x, "y": y})
    assert found.complete and found.exit_code is ExitCode.AGREE


def test_what_curved_signs_would_tell_is_not_told() -> None:
    """Peano's surface rises along every line through its saddle."""
    assert gradcli.extrema("(y - x**2)*(y - 3*x**2)", ["x=-1:1", "y=-1:1"], sources=False).exit_code is ExitCode.LIMIT


def test_every_stationary_point_is_asked_of_three_sources() -> None:
    """At the double next to pi/4, the slope of exp(x)*cos(x) is the second derivative there times what is missing."""
    found = gradcli.extrema("exp(x)*cos(x)", "x=0:2")
    (one,) = [one for one in found.points if one.place == "stationary"]
    (here,) = one.sources
    with mpmath.workdps(40):
        x = mpmath.mpf(here.at["x"])
        slope = mpmath.exp(x) * (mpmath.cos(x) - mpmath.sin(x))
        assert abs(mpmath.mpf(here.reference) - slope) < mpmath.mpf(10) ** -33
    assert here.symbolic_value == pytest.approx(float(slope), rel=1e-14) and abs(here.autograd) < 1e-15
    assert here.verdict.value == "agree" and here.symbolic is not None and "cos(x)" in here.symbolic
    assert not any(one.sources for one in gradcli.extrema("exp(x)*cos(x)", "x=0:2", sources=False).points)
    wrong = gradcli.extrema("sq(i) = i**2; sq'(i, g) = 3*i*g; sq(x) + x", "x=-2:2")
    (here,) = next(one for one in wrong.points if one.place == "stationary").sources
    assert here.verdict.value == "disagree"


@pytest.mark.parametrize(
    ("program", "points"),
    [
        ("x*exp(-x**2 - y**2)", [(-math.sqrt(0.5), 0), (math.sqrt(0.5), 0)]), ("1/(1 + x**2 + y**2)", [(0, 0)]),
        ("x*y*(1 - x - y)", [(0, 0), (0, 1), (1 / 3, 1 / 3), (1, 0)]),
    ],
)  # fmt: skip
def test_coordinates_on_an_axis_are_exactly_0(program: str, points: list[tuple[float, float]]) -> None:
    found = gradcli.extrema(program, ["x=-1.5:2", "y=-1.5:2"], sources=False)
    inner = [(one.at["x"], one.at["y"]) for one in found.points if one.place == "stationary"]
    assert np.allclose([(float(x), float(y)) for x, y in inner], points, rtol=0, atol=1e-15)
    assert all((x == "0") == (a == 0) and (y == "0") == (b == 0) for (x, y), (a, b) in zip(inner, points))
