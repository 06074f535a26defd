"""Where sequences go, and what two sides of a point say together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import mpmath
import pytest

from tests.doors import UNDECIDED_KIND as UNDECIDED
from tests.doors import Course, Infinite, Outcome, Trend
from tests.doors import OneSide as Side
from tests.doors import compare_outcomes as compare
from tests.doors import course_of as course

EXPONENTS = (20, 40, 80, 160, 320, 640, 1280, 2560)
m = mpmath.MPContext()
m.dps = 2_000

STEPS = [m.mpf(10) ** -exponent for exponent in EXPONENTS[:5]]

COURSES: list[tuple[str, Callable[[Any], Any], Trend, Any]] = [
    ("3", lambda h: m.mpf(3), Trend.LIMIT, 3),
    ("0", lambda h: m.mpf(0), Trend.LIMIT, 0),
    ("3 + h", lambda h: 3 + h, Trend.LIMIT, 3),
    ("-1e300 + h**2", lambda h: h**2 - m.mpf("1e300"), Trend.LIMIT, -m.mpf("1e300")),
    ("1e-300 + h**4", lambda h: h**4 + m.mpf("1e-300"), Trend.LIMIT, m.mpf("1e-300")),
    ("2 - sqrt(h)", lambda h: 2 - m.sqrt(h), Trend.LIMIT, 2),
    ("2 + h**(1/5)", lambda h: 2 + m.root(h, 5), Trend.LIMIT, 2),
    ("-h**(1/5)", lambda h: -m.root(h, 5), Trend.LIMIT, 0),
    ("h*log(h)", lambda h: h * m.log(h), Trend.LIMIT, 0),
    ("h*sin(1/h)", lambda h: h * m.sin(1 / h), Trend.LIMIT, 0),
    ("exp(-1/h)", lambda h: m.exp(-1 / m.root(h, 20)), Trend.LIMIT, 0),
    ("1/h", lambda h: 1 / h, Trend.INFINITE, 1),
    ("-1/h", lambda h: -1 / h, Trend.INFINITE, -1),
    ("5 - h**(-1/9)", lambda h: 5 - 1 / m.root(h, 9), Trend.INFINITE, -1),
    ("log(h)", lambda h: m.log(h), Trend.INFINITE, -1),
    ("sqrt(-log(h))", lambda h: m.sqrt(-m.log(h)), Trend.INFINITE, 1),
    ("sin(1/h)", lambda h: m.sin(1 / h), Trend.OSCILLATES, None),
    ("sin(1/h)/h", lambda h: (-1) ** STEPS.index(h) / h, Trend.OSCILLATES, None),
    ("to and fro", lambda h: 5 + m.mpf(-1) ** STEPS.index(h) / 9, Trend.OSCILLATES, None),
    ("a little to and fro", lambda h: 1 + m.mpf(-1) ** STEPS.index(h) / 10**15, Trend.OSCILLATES, None),
    ("1/log(h)", lambda h: 1 / m.log(h), Trend.UNCLEAR, None),
    ("log(-log(h))", lambda h: m.log(-m.log(h)), Trend.UNCLEAR, None),
    ("2 + h**(1/2000)", lambda h: 2 + m.root(h, 2000), Trend.UNCLEAR, None),
]


@pytest.mark.parametrize(
    ("function", "trend", "value"), [case[1:] for case in COURSES], ids=[case[0] for case in COURSES]
)
def test_course(function: Callable[[Any], Any], trend: Trend, value: Any) -> None:
    found = course([function(step) for step in STEPS])
    assert found.trend is trend
    if trend is Trend.LIMIT:
        assert abs(found.value - value) <= found.error <= m.mpf("1e-9") * max(abs(value), m.mpf("1e-10"))
    else:
        assert found.value == value


@pytest.mark.parametrize("count", range(3))
def test_few_values_say_nothing(count: int) -> None:
    assert course([m.mpf(1)] * count) == Course(Trend.UNCLEAR)


def test_three_values_show_no_oscillation() -> None:
    assert course([m.mpf(1), m.mpf(-1), m.mpf(1)]).trend is Trend.UNCLEAR


def test_a_zero_on_the_way_is_no_growth() -> None:
    assert course([m.mpf(-1), m.mpf(0), m.mpf(1), m.mpf(2)]).trend is Trend.UNCLEAR


def test_a_sequence_that_stands_still_for_a_while_does_not_oscillate() -> None:
    assert course([m.mpf(0), m.mpf(0), m.mpf(1), m.mpf(2)]).trend is Trend.UNCLEAR


# Two sides of a point

Function = Callable[[Any], Any]


class Point(NamedTuple):
    name: str
    center: Any
    left: Function
    right: Function
    kind: str | None  # None: there is a derivative
    slopes: tuple[Any, Any] = (None, None)
    value: Any = None  # of the derivative, or of its limit at a hole


def nothing(x: Any) -> None:
    return None


INF, MINUS, TINY = Infinite(1), Infinite(-1), m.mpf("1e-75")
POINTS = [
    Point("x**2", 0, lambda x: x**2, lambda x: x**2, None, value=0),
    Point("1 + 3*x", 1, lambda x: 1 + 3 * x, lambda x: 1 + 3 * x, None, value=3),
    Point("1 + 3*x + abs(x)**1.5", 1, lambda x: 1 + 3 * x - (-x) ** 1.5, lambda x: 1 + 3 * x + x**1.5, None, value=3),
    Point("x**2*sin(1/x)", 0, lambda x: x**2 * m.sin(1 / x), lambda x: x**2 * m.sin(1 / x), None, value=0),
    Point("abs(x)", 0, lambda x: -x, lambda x: x, "corner", (-1, 1)),
    Point("relu(x)", 0, lambda x: x * 0, lambda x: x, "corner", (0, 1)),
    Point("x + abs(x)*1e-9", 0, lambda x: x * (1 - m.mpf("1e-9")), lambda x: x, "corner", (1 - m.mpf("1e-9"), 1)),
    Point("x + 1e-75*abs(x)", 0, lambda x: x + x**2 - TINY * x, lambda x: x + x**2 + TINY * x, "corner", (1, 1)),
    Point("sqrt(abs(x))", 0, lambda x: m.sqrt(-x), lambda x: m.sqrt(x), "corner", (MINUS, INF)),
    Point("x, then sqrt(x)", 0, lambda x: x, lambda x: m.sqrt(x), "corner", (1, INF)),
    Point("cbrt(x)", 0, lambda x: -m.cbrt(-x), lambda x: m.cbrt(x), "vertical tangent", (INF, INF)),
    Point("1 - cbrt(x)", 1, lambda x: 1 + m.cbrt(-x), lambda x: 1 - m.cbrt(x), "vertical tangent", (MINUS, MINUS)),
    Point("sign(x)", 0, lambda x: x * 0 - 1, lambda x: x * 0 + 1, "jump"),
    Point("floor(x)", 1, lambda x: x * 0, lambda x: x * 0 + 1, "jump"),
    Point("a point on its own", 5, lambda x: x, lambda x: x, "jump"),
    Point("1/x, 5 at 0", 5, lambda x: 1 / x, lambda x: 1 / x, "pole"),
    Point("1/x", None, lambda x: 1 / x, lambda x: 1 / x, "pole"),
    Point("log(x)", None, nothing, lambda x: m.log(x), "pole"),
    Point("log(x), 0 at 0", 0, nothing, lambda x: m.log(x), "pole"),
    Point("sqrt(x)", 0, nothing, lambda x: m.sqrt(x), "edge", (None, INF)),
    Point("sqrt(-x)", 0, lambda x: m.sqrt(-x), nothing, "edge", (MINUS, None)),
    Point("x**1.5", 0, nothing, lambda x: x**1.5, "edge", (None, 0)),
    Point("2*x to the left", 0, lambda x: 2 * x, nothing, "edge", (2, None)),
    Point("x*log(x)", None, nothing, lambda x: x * m.log(x), "edge", (None, MINUS)),
    Point("x**x", None, nothing, lambda x: m.exp(x * m.log(x)), "edge", (None, MINUS)),
    Point("sin(1/x)", None, lambda x: m.sin(1 / x), lambda x: m.sin(1 / x), "oscillating"),
    Point("sin(1/x), 0 at 0", 0, lambda x: m.sin(1 / x), lambda x: m.sin(1 / x), "oscillating"),
    Point("x*sin(1/x)", 0, lambda x: x * m.sin(1 / x), lambda x: x * m.sin(1 / x), "oscillating"),
    Point("x*sin(1/x) to the right", 0, nothing, lambda x: x * m.sin(1 / x), "oscillating"),
    Point("sin(x)/x", None, lambda x: m.sin(x) / x, lambda x: m.sin(x) / x, "hole", value=0),
    Point("x*x/x", None, lambda x: 4 * x, lambda x: 4 * x, "hole", value=4),
    Point("abs(x)*x/x", None, lambda x: -x, lambda x: x, "hole"),
    Point("atan(1/x)", None, lambda x: m.atan(1 / x), lambda x: m.atan(1 / x), "jump"),
    Point("sqrt(-1 - x**2)", None, nothing, nothing, "outside the domain"),
    Point("0 at 0 only", 0, nothing, nothing, "outside the domain"),
]


def side(function: Function, sign: int, noise: Any = 0) -> Side:
    steps = [sign * step for step in STEPS]
    return Side(steps, [function(step) for step in steps], [m.mpf(noise)] * len(steps))


def judged(point: Point) -> Outcome:
    def slope_near(one: Side) -> Course:
        """The derivative's own course, here from differences across a thousandth of a step."""
        function = point.left if one.steps[0] < 0 else point.right
        return course([(function(h * 1.001) - function(h)) / (h * 0.001) for h in one.steps[:-2]])

    center = None if point.center is None else m.mpf(point.center)
    return compare(center, side(point.left, -1), side(point.right, 1), slope_near)


def close(one: Any, other: Any) -> bool:
    """Whether two slopes are nothing, the same infinity, or nearly the same number."""
    if one is None or other is None or isinstance(one, Infinite) or isinstance(other, Infinite):
        return bool(getattr(one, "sign", one) == getattr(other, "sign", other))
    return bool(abs(one - other) <= 1e-12)


@pytest.mark.parametrize("point", POINTS, ids=[point.name for point in POINTS])
def test_kinds(point: Point) -> None:
    found = judged(point)
    assert (found.exists, found.kind) == (point.kind is None, point.kind)
    assert close(found.left, point.slopes[0])
    assert close(found.right, point.slopes[1])
    assert close(found.value if point.kind is None else found.limit, point.value)
    bounded = point.kind in (None, "corner", "edge") and not {INF, MINUS} & set(point.slopes)
    assert found.is_finite == bounded


def test_an_isolated_value_is_said_so() -> None:
    assert judged(POINTS[-1]).note == "the function is defined at this point only"
    assert judged(POINTS[-2]).note is None


@pytest.mark.parametrize("hole", range(5))
def test_a_side_with_gaps_decides_nothing(hole: int) -> None:
    left, right = side(lambda x: x, -1), side(lambda x: x, 1)
    right.values[hole] = None
    assert right.defined is None
    assert compare(m.mpf(0), left, right, lambda one: Course(Trend.UNCLEAR)) is UNDECIDED
    assert compare(m.mpf(0), right, left, lambda one: Course(Trend.UNCLEAR)) is UNDECIDED


def test_what_is_rounding_is_no_difference() -> None:
    def noisy(x: Any) -> Any:
        return 1 + x / 1000

    outcome = compare(m.mpf(1), side(noisy, -1, noise=1), side(noisy, 1, noise=1), course)  # type: ignore[arg-type]
    assert (outcome.exists, outcome.value) == (True, 0)
    outcome = compare(m.mpf(1), side(noisy, -1), side(noisy, 1), course)  # type: ignore[arg-type]
    assert outcome.exists
    assert close(outcome.value, m.mpf("0.001"))


def test_slow_slopes_decide_nothing() -> None:
    def slow(x: Any) -> Any:
        return x * m.log(-m.log(abs(x)))

    assert compare(m.mpf(0), side(slow, -1), side(slow, 1), course).exists is None  # type: ignore[arg-type]
