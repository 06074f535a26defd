"""`check` of Python functions: what is done where a number is tiny, and what is assumed where loops end at a tolerance."""

import math

import numpy as np
import pytest

import gradcli
from gradcli.errors import GradcliError


def verdict(function, gradient, **options):
    return gradcli.check(function, gradient=gradient, modes=False, **options).verdict.value


def guarded(inside, outside, below=1e-8):
    return lambda x: inside if abs(x) < below else outside(x)


def test_the_size_of_what_is_done_beside_a_tiny_number_is_that_of_the_derivative_there():
    """However fast a function grows elsewhere; the derivatives are those of calculus."""
    for rate in (15, 300):
        growing, slope = (lambda x, r=rate: math.exp(r * x)), (lambda x, r=rate: r * math.exp(r * x))
        for inside, below in ((0.0, 1e-8), (-float(rate), 1e-3)):
            assert verdict(growing, guarded(inside, slope, below)) == "false", (rate, inside, below)
        assert verdict(growing, lambda x, s=slope: 0.0 if x == 0 else s(x)) == "false", rate
    steep = lambda x: math.exp(20 * x)  # noqa: E731
    assert verdict(steep, lambda x: 0.0 if x == 1 else 20 * math.exp(20 * x)) == "false"
    assert verdict(lambda x: x + 1e7 * x**4, guarded(0.0, lambda x: 1 + 4e7 * x**3, 1e-3)) == "false"
    assert (
        verdict(lambda x: math.expm1(30 * x) - 30 * x, guarded(0.0, lambda x: 30 * math.expm1(30 * x), 1e-3)) == "false"
    )


def test_a_value_that_is_put_where_a_function_vanishes_is_the_formula_beside():
    by_hand = lambda x: (x * math.sin(x) - (1 - math.cos(x))) / x**2  # noqa: E731
    ratio = guarded(0.0, lambda x: (1 - math.cos(x)) / x)
    assert verdict(ratio, guarded(0.5, by_hand)) == "holds"
    assert verdict(ratio, guarded(0.4, by_hand)) == "false"
    assert verdict(guarded(0.0, math.log1p), guarded(1.0, lambda x: 1 / (1 + x))) == "holds"
    dead = guarded(0.0, lambda x: 2 * x, 1e-3)  # it jumps where the guard ends, and is no formula
    assert verdict(dead, lambda x: 2.0) == "false"


def up_to_a_tiny_entry(x):
    """A loop over the entries that there are, which is no series."""
    found = 0.0
    for one in x:
        if abs(one) < 1e-6:
            break
        found += one * one
    return found


def test_formulas_beside_a_tiny_guard_are_meant():
    one = lambda x: 1.0 if abs(x) < 1e-8 else math.log1p(x) / x  # noqa: E731
    outside = lambda x: (1 / (1 + x) - math.log1p(x) / x) / x  # noqa: E731
    for inside, expected in ((-0.5, "holds"), (-0.4, "false"), (7.0, "false")):
        slope = lambda x, inside=inside: inside if abs(x) < 1e-8 else outside(x)  # noqa: E731
        assert verdict(one, slope) == expected
    sinc = lambda x: 1.0 if abs(x) < 1e-8 else math.sin(x) / x  # noqa: E731
    for sign, expected in ((-1, "holds"), (1, "false")):
        slope = lambda x, sign=sign: sign * x / 3 if abs(x) < 1e-4 else (x * math.cos(x) - math.sin(x)) / x**2  # noqa: E731
        assert verdict(sinc, slope) == expected
    whole = lambda x: np.where(abs(x) < 1e-8, 1.0, np.expm1(x) / x)  # noqa: E731
    slopes = lambda x: np.where(abs(x) < 1e-8, 0.5, (np.exp(x) - np.expm1(x) / x) / x)  # noqa: E731
    assert verdict(whole, slopes) == "holds"
    assert verdict(up_to_a_tiny_entry, lambda x: 2 * x, at={"x": [1.0, 2.0, 3.0, 4.0, 5.0]}) == "false"


def geometric(x, turns=100):
    total = 0.0
    for n in range(turns):
        term = x**n
        if abs(term) < 1e-9:
            break
        total += term
    return total


def slope_of_geometric(x, more=0):
    total = 0.0
    for n in range(1, 100):
        term = (n + more) * x ** (n - 1)
        if abs(term) < 1e-9:
            break
        total += term
    return total


def weighted(x, v):
    total = 0.0
    for n in range(100):
        term = np.sum(v**2) * x**n
        if abs(term) < 1e-9:
            break
        total += term
    return total


def test_assumptions_hold_where_loops_end_at_a_tolerance():
    """A geometric series has a sum inside its circle alone."""
    inside = {"assume": "-0.5 < x < 0.5"}
    found = gradcli.check(geometric, gradient=lambda x: 1 / (1 - x) ** 2, modes=False, **inside)
    assert found.verdict.value == "holds" and found.assumed == ("-0.5 < x < 0.5",)
    assert all(abs(float(one["x"])) < 0.5 for one in found.points)
    assert verdict(geometric, lambda x: 1.001 / (1 - x) ** 2, **inside) == "false"
    assert verdict(geometric, slope_of_geometric, **inside) == "holds"
    assert verdict(geometric, lambda x: slope_of_geometric(x, 1), **inside) == "false"  # each has a loop of its own

    given = {"x": 0.25, "v": [1.0, 2.0]}
    slopes = lambda x, v: (np.sum(v**2) / (1 - x) ** 2, 2 * v / (1 - x))  # noqa: E731
    found = gradcli.check(weighted, at=given, gradient=slopes, assume="x**2 < 0.25, v > 0", modes=False)
    assert found.verdict.value == "holds"
    assert all(float(one["x"]) ** 2 < 0.25 and min(map(float, one["v"])) > 0 for one in found.points)


def test_a_given_point_that_is_not_as_assumed_is_left_out():
    slope = lambda x: 1 / (1 - x) ** 2  # noqa: E731
    found = gradcli.check(geometric, at={"x": 2.0}, gradient=slope, assume="-0.5 < x < 0.5", modes=False)
    assert found.verdict.value == "holds"
    assert any("not as it is assumed" in one for one in found.notes)
    with pytest.raises(GradcliError, match='no name "y"'):
        gradcli.check(geometric, gradient=slope, assume="y > 0", modes=False)
    with pytest.raises(GradcliError, match="is as assumed: x < x - 1"):
        gradcli.check(geometric, gradient=slope, assume="x < x - 1", modes=False)


def test_points_where_a_loop_stops_before_its_end_say_nothing():
    """So many turns are more than are followed: the sum is settled where they are enough, and nowhere else."""

    closed = lambda x: 1 / (1 - x) ** 2  # noqa: E731
    longer = lambda x: geometric(x, 200)  # noqa: E731
    found = gradcli.check(longer, gradient=closed, modes=False)
    assert found.verdict.value == "holds"
    assert any("stops there before it comes close" in one for one in found.notes)
    assert verdict(longer, lambda x: 1.01 * closed(x)) == "false"


def anomaly(e):
    """Kepler's equation E = M + e sin(E) at M = 1, in steps; e is the eccentricity."""
    found = 1.0
    for _ in range(60):
        following = 1.0 + e * math.sin(found)
        if abs(following - found) < 1e-12:
            break
        found = following
    return found


def slope_of_anomaly(e):
    found = anomaly(e)
    return math.sin(found) / (1 - e * math.cos(found))


def test_assumptions_are_about_parameters_that_are_called_as_constants_are():
    size = lambda e: (e**2) ** 0.5 * e  # noqa: E731
    assert verdict(size, lambda e: 2 * e, assume="e > 0") == "proved"
    assert verdict(size, lambda e: 2 * e, assume="e < 0") == "false"
    assert verdict(size, lambda e: -2 * e, assume="e < -1e-3") == "proved"
    assert verdict(anomaly, slope_of_anomaly, assume="0 < e < 0.5") == "holds"
    assert verdict(anomaly, lambda e: 1.01 * slope_of_anomaly(e), assume="0 < e < 0.5") == "false"
