"""Error propagation held against what is published: the GUM's annexes, its Supplement 1, and the package `uncertainties`."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy
import pytest

import gradcli

LAB = [json.loads(line) for line in (Path(__file__).parent / "lab.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("one", LAB, ids=[one["name"] for one in LAB])
def test_thirty_formulas_of_the_lab(one: dict[str, Any]) -> None:
    """The values and uncertainties in lab.jsonl are those of `uncertainties` 3.2.3; correlated: the first two, by 0.6."""
    at = {name: tuple(pair) for name, pair in one["at"].items()}
    (found,) = gradcli.propagate(one["program"], at, samples=0).outputs
    assert (found.value, found.u) == pytest.approx((one["value"], one["u"]), rel=1e-9)
    first, second = list(at)[:2]
    (found,) = gradcli.propagate(one["program"], at, correlation={(first, second): 0.6}, samples=0).outputs
    assert found.u == pytest.approx(one["u_correlated"], rel=1e-6)


END_GAUGE = "ls + d - ls*(da*th + al*dt)"  # GUM H.1, equation (H.3)
OF_END_GAUGE = (
    "ls=50.000623e6±25, d=215±9.7, da=0±0.58e-6, th=-0.1±0.41, al=11.5e-6±1.2e-6, dt=0±0.029"  # nm, table H.1
)


def test_the_gums_h1() -> None:
    """GUM H.1: l = 50,000,838 nm; u = 32 nm, 34 nm with the second order; 16 degrees of freedom, U99 = 93 nm."""
    dof = "ls=18, d=25.6, da=50, dt=2"
    (one,) = gradcli.propagate(END_GAUGE, OF_END_GAUGE, dof=dof, coverage=99, samples=0).outputs
    assert round(one.value) == 50_000_838
    assert (round(one.u or 0), round(one.second_u or 0)) == (32, 34)
    parts = {line.name: line.part for line in one.budget}
    assert [round(parts[name], 1) for name in ("ls", "d", "da", "th", "al", "dt")] == [25, 9.7, 2.9, 0, 0, 16.7]
    assert parts["dt"] == pytest.approx(16.6, abs=0.1)  # as it is printed
    assert int(one.dof or 0) == 16
    # the GUM takes Student's t for 16 degrees of freedom, 2.92; the factor here is that of 16.7
    assert one.factor == pytest.approx(2.92, abs=0.02)
    assert (one.high or 0) - one.value == pytest.approx(93, abs=1)


def test_supplement_1_gauge_block() -> None:
    """GUM Supplement 1, 9.5: the Monte Carlo has u = 36 nm where the linear propagation has 32.

    The deviations of the Supplement are drawn as it says, but for its curvilinear trapezoids, which are rectangular here.
    """
    program = "ls + d + d1 + d2 - ls*(da*(t0 + de) + al*dt)"
    at = (
        "ls=50000623±25, d=215±6, d1=0±4, d2=0±7, al=11.5e-6±1.1547e-6, t0=-0.1±0.2, de=0±0.35355, da=0±0.57735e-6,"
        " dt=0±0.028868"
    )
    kinds = "al=rectangular, de=arcsine, da=rectangular, dt=rectangular"
    found = gradcli.propagate(program, at, dof="ls=18, d=24, d1=5, d2=8", distribution=kinds, samples=400_000)
    (one,) = found.outputs
    assert one.monte_carlo is not None
    assert round(one.monte_carlo.mean) == 50_000_838
    assert one.monte_carlo.u == pytest.approx(36, abs=0.7)
    assert one.u == pytest.approx(32, abs=0.7)


@pytest.mark.parametrize(("first", "second"), [("readings", 0.296), ("each set", 0.295)])
def test_the_gums_h2_prints_0_295_for_x(tmp_path: Path, first: str, second: float) -> None:
    """GUM H.2 prints u(X) = 0.295 for both ways to compute it, and only the second one rounds to that.

    Propagated from the means, their uncertainties and their correlations (equation H.9) it is 0.29558; the standard
    deviation of the five values of X, one of each set of readings, divided by sqrt(5), is 0.29549 (table H.4).
    """
    readings = numpy.array([
        [5.007, 19.663e-3, 1.0456], [4.994, 19.639e-3, 1.0438], [5.005, 19.640e-3, 1.0468], [4.990, 19.685e-3, 1.0428],
        [4.999, 19.678e-3, 1.0433],
    ])  # fmt: skip
    v, i, p = readings.T
    if first == "each set":
        u = (v / i * numpy.sin(p)).std(ddof=1) / math.sqrt(5)
    else:
        covariance = numpy.cov(readings.T) / 5
        v, i, p = readings.mean(axis=0)
        c = numpy.array([math.sin(p) / i, -v * math.sin(p) / i**2, v * math.cos(p) / i])  # by hand
        u = math.sqrt(c @ covariance @ c)
        path = tmp_path / "readings.csv"
        path.write_text("V,I,p\n" + "".join(",".join(map(repr, row)) + "\n" for row in readings.tolist()))
        found = gradcli.propagate("V/I*sin(p)", readings=str(path), samples=0)
        assert found.outputs[0].u == pytest.approx(u, rel=1e-9)
    assert round(float(u), 3) == second


def test_supplement_1_four_normal_inputs() -> None:
    """GUM Supplement 1, 9.2.2: both intervals are ±3.92."""
    (one,) = gradcli.propagate("a + b + c + d", dict.fromkeys("abcd", (0.0, 1.0))).outputs
    assert one.monte_carlo is not None
    assert (one.high, one.monte_carlo.high) == (pytest.approx(3.92, abs=0.005), pytest.approx(3.92, abs=0.03))
    assert one.verdict.value == "linear is right"


def test_supplement_1_calibration_of_a_mass() -> None:
    """GUM Supplement 1, 9.3, table 6: mg; the first order misses what the densities bring, the next one has it."""
    program = "(mR + dm)*(1 + (ra - 1.2)*(1/rW - 1/rR)) - 100000"
    at = f"mR=100000±0.050, dm=1.234±0.020, ra=1.20±{0.1 / math.sqrt(3)}, rW=8e3±{1e3 / math.sqrt(3)}, rR=8e3±{50 / math.sqrt(3)}"
    kinds = "ra=rectangular, rW=rectangular, rR=rectangular"
    (one,) = gradcli.propagate(program, at, distribution=kinds).outputs
    found = one.monte_carlo
    assert found is not None
    assert (one.value, one.u, one.second_u) == pytest.approx((1.2340, 0.0539, 0.0750), abs=5e-5)
    assert (one.low, one.high) == pytest.approx((1.1285, 1.3395), abs=2e-4)
    assert (found.mean, found.u) == pytest.approx((1.2340, 0.0754), abs=3e-4)
    assert (found.shortest_low, found.shortest_high) == pytest.approx((1.0834, 1.3825), abs=2e-3)
    assert one.verdict.value.startswith("not linear")


@pytest.mark.parametrize("x", [0.0, 0.010, 0.050])
@pytest.mark.parametrize("r", [0.0, 0.9])
def test_supplement_1_comparison_loss_with_correlations(x: float, r: float) -> None:
    """GUM Supplement 1, 9.4, whose exact mean and variance are known (9.4.2.1.2)."""
    u = 0.005
    at = {"a": (x, u), "b": (0.0, u)}
    (one,) = gradcli.propagate("a**2 + b**2", at, correlation={("a", "b"): r}, samples=400_000).outputs
    exact = math.sqrt(4 * u**2 * x**2 + 4 * u**4 * (1 + r**2))
    assert one.u == pytest.approx(2 * x * u)
    assert one.second_u == pytest.approx(exact, rel=1e-9)
    assert one.monte_carlo is not None
    assert (one.monte_carlo.mean, one.monte_carlo.u) == pytest.approx((x**2 + 2 * u**2, exact), rel=0.01)


def test_nists_thermal_expansion() -> None:
    """The first example of the NIST Uncertainty Machine's manual, 1.727e-5 with u = 1.8e-6; the second order is small."""
    at = "L0=1.4999±0.0001, L1=1.5021±0.0002, T0=288.15±0.02, T1=373.10±0.05"
    (one,) = gradcli.propagate("(L1 - L0)/(L0*(T1 - T0))", at, samples=0).outputs
    assert one.value == pytest.approx(1.727e-5, rel=5e-4)
    assert one.u == pytest.approx(1.8e-6, abs=0.5e-7)
    assert one.second_u == pytest.approx(one.u, rel=1e-4)


def test_nists_area() -> None:
    """NIST/SEMATECH e-Handbook 2.5.5: the area of a rectangle, and the exact variance of a product (Goodman)."""
    (one,) = gradcli.propagate("length*width", "length=10.0±0.3, width=4.0±0.2", samples=0).outputs
    assert one.u == pytest.approx(math.hypot(4 * 0.3, 10 * 0.2))
    assert one.second_u == pytest.approx(math.sqrt(4**2 * 0.3**2 + 10**2 * 0.2**2 + 0.3**2 * 0.2**2))
