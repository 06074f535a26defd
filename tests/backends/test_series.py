"""Taylor series of tapes, held against mpmath's differences and against series that are known in closed form."""

from __future__ import annotations

from fractions import Fraction
from math import factorial
from typing import Any

import mpmath
import pytest

from tests.doors import BALLS, BallSeries, NoSeries, precision, prepare, table

ORDER = 12
BITS = 400
PLACES = (Fraction(3, 8), Fraction(13, 8), Fraction(-5, 8), Fraction(5, 2))
SLOW = ("barnesg", "rgamma", "dirichlet_eta")  # mpmath takes minutes for their differences
ROWS = [
    row for row in dict.fromkeys(table.BY_NAME.values())
    if isinstance(row.mp, str) and len(row.parameters) == 1 and row.shape is None and not row.gives_truth
    and row.name not in SLOW
]  # fmt: skip


def line(value: Fraction | int, speed: int) -> tuple[Any, Any]:
    """A variable that goes from an exact value at a whole speed."""
    return BALLS.number(value), BALLS.arb(speed)


def series(program: str, at: str, order: int, bits: int = BITS) -> list[mpmath.mpf]:
    job = prepare(program, at)
    assert job.point is not None
    with precision(bits), mpmath.workdps(60):
        found = BallSeries(job.exact).run({name: line(value, 1) for name, value in job.point.items()}, order + 1)
        return [mpmath.mpf(one.mid().str(60, radius=False)) for one in found]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_series_of_each_function_that_mpmath_has_by_name(row: table.Row) -> None:
    held = 0
    for place in PLACES:
        try:
            found = series(f"{row.name}(x)", f"x={place}", ORDER)
        except NoSeries:
            continue
        with mpmath.workdps(60):
            x = mpmath.mpf(place.numerator) / place.denominator
            try:
                true = mpmath.taylor(getattr(mpmath, row.mp), x, ORDER)
            except (ValueError, ZeroDivisionError, NotImplementedError):
                continue
            for got, wanted in zip(found, true, strict=True):
                assert abs(got - wanted) <= mpmath.mpf(10) ** -18 * (1 + abs(wanted)), (place, got, wanted)
        held += 1
        if held == 2:
            break
    assert held


@pytest.mark.parametrize(
    ("program", "true"),
    [
        ("sin(x)/x", lambda k: 0 if k % 2 else (-1) ** (k // 2) / mpmath.factorial(k + 1)),
        ("(exp(x) - 1)/x", lambda k: 1 / mpmath.factorial(k + 1)),
        ("x/(exp(x) - 1)", lambda k: (0.5 - 1 if k == 1 else mpmath.bernoulli(k)) / mpmath.factorial(k)),
        ("(1 - cos(x))/x**2", lambda k: 0 if k % 2 else (-1) ** (k // 2) / mpmath.factorial(k + 2)),
        ("log(1 + x)/x", lambda k: mpmath.mpf((-1) ** k) / (k + 1)),
        ("x/(1 - x - x**2)", lambda k: mpmath.fib(k)),
        ("(1 - sqrt(1 - 4*x))/(2*x)", lambda k: mpmath.binomial(2 * k, k) / (k + 1)),  # Catalan's numbers
        ("lambertw(x)", lambda k: mpmath.mpf(-k) ** (k - 1) / mpmath.factorial(k) if k else 0),
        ("exp(exp(x) - 1)", lambda k: mpmath.bell(k) / mpmath.factorial(k)),
    ],
)
def test_series_that_are_known_to_order_100(program: str, true: object) -> None:
    with mpmath.workdps(60):
        for k, got in enumerate(series(program, "x=0", 100, 2000)):
            wanted = mpmath.mpf(true(k))  # type: ignore[operator]
            assert abs(got - wanted) <= mpmath.mpf(10) ** -50 * (abs(wanted) + mpmath.mpf(10) ** -200), k


@pytest.mark.parametrize(
    ("program", "at", "reason", "operation"),
    [
        ("1/x", "x=0", "a pole", "/"),
        ("cos(x)/x**2", "x=0", "a pole", "/"),
        ("x**-3", "x=0", "a pole", "**"),
        ("abs(x)", "x=0", "its formula changes here", "abs"),
        ("max(x, 2)", "x=2", "its formula changes here", "max"),
        ("where(x > 1, x, 2*x)", "x=1", "its condition changes here", ">"),
        ("log(x)", "x=-1", "it has no value here", "log"),
    ],
)
def test_where_there_is_no_series_the_reason_and_the_operation(
    program: str, at: str, reason: str, operation: str
) -> None:
    with pytest.raises(NoSeries) as found:
        series(program, at, 4)
    assert (found.value.reason, found.value.operation) == (reason, operation)


def test_a_wide_run_encloses_the_coefficients_of_a_whole_box_a_hole_within_it_included() -> None:
    job = prepare("sin(x)/x", "x=0")
    with precision(200):
        evaluator = BallSeries(job.exact)
        evaluator.run({"x": line(0, 1)}, 8)
        value, speed = line(0, 1)
        box = (value + type(value)(0, 0.5), speed)
        found = evaluator.run({"x": box}, 8, wide=True)
        for place in (0.0, 0.125, -0.5, 0.5):
            with mpmath.workdps(60):
                true = mpmath.taylor(lambda x: mpmath.sin(x) / x if x else mpmath.mpf(1), place, 4) if place else None
            for k, one in enumerate(found[:5]):
                if true is not None:
                    assert one.contains(type(value)(mpmath.nstr(true[k], 40))), (place, k)
        assert found[2].contains(-1 / type(value)(factorial(3)))
        assert found[7].is_finite()
