"""Error propagation against the GUM, its Supplement 1, and formulas worked out by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

import gradcli
from gradcli.propagate import build, sampling
from tests.support import run, schema, validate

READINGS = "V,I,p\n5.007,19.663e-3,1.0456\n4.994,19.639e-3,1.0438\n5.005,19.640e-3,1.0468\n4.990,19.685e-3,1.0428\n4.999,19.678e-3,1.0433\n"


def test_the_gums_h2_from_its_readings(tmp_path: Path) -> None:
    """GUM H.2, tables H.3 and H.4."""
    path = tmp_path / "readings.csv"
    path.write_text(READINGS)
    found = gradcli.propagate("R = V/I*cos(p); X = V/I*sin(p); Z = V/I; [R, X, Z]", readings=str(path), samples=20_000)
    assert [round(one.value, 3) for one in found.outputs] == [127.732, 219.847, 254.260]
    assert [one.u for one in found.outputs] == pytest.approx([0.071, 0.295, 0.236], abs=7e-4)  # of rounded inputs
    r = found.output_correlation
    assert [round(r[0][1], 3), round(r[0][2], 3), round(r[1][2], 3)] == [-0.588, -0.485, 0.993]
    assert [one.name for one in found.outputs] == ["R", "X", "Z"]
    assert found.outputs[0].dof == 4


@pytest.mark.parametrize(
    ("text", "value", "u"),
    [
        ("1.000±0.002", 1.0, 0.002), ("1.000+-0.002", 1.0, 0.002), ("1.000 +/- 0.002", 1.0, 0.002),
        ("1.2345(67)", 1.2345, 0.0067), ("1.2(3)e-4", 1.2e-4, 3e-5), ("-1.2(3)", -1.2, 0.3), ("2.001(0.006)", 2.001, 0.006),
        ("5.0 ± 1 %", 5.0, 0.05), ("5.0 1 %", 5.0, 0.05), ("(1.2±0.3)e-4", 1.2e-4, 3e-5), ("10(5)", 10.0, 5.0),
        ("1.0 ± 0.004 (k=2)", 1.0, 0.002), ("1 ± 0.06/sqrt(9)", 1.0, 0.02), ("2, u(x)=0.1", 2.0, 0.1),
        ("2, u(x)=1 %", 2.0, 0.02),
    ],
)  # fmt: skip
def test_values_are_read_as_people_write_them(text: str, value: float, u: float) -> None:
    found = gradcli.propagate("x + 0*y", f"x={text}, y=1", samples=0)
    assert found.inputs[0].value == pytest.approx(value, rel=1e-12)
    assert found.inputs[0].u == pytest.approx(u, rel=1e-12)


def test_supplement_1_four_rectangular_inputs() -> None:
    """GUM Supplement 1, 9.2.3.4: the interval is ±3.88, the linear one ±3.92."""
    at = dict.fromkeys(("a", "b", "c", "d"), (0.0, 1.0))
    found = gradcli.propagate("a + b + c + d", at, distribution=dict.fromkeys(at, "rectangular"))
    spread = found.outputs[0].monte_carlo
    assert spread is not None
    assert spread.high == pytest.approx(3.88, abs=0.02)
    assert found.outputs[0].high == pytest.approx(3.92, abs=0.005)
    assert found.verdict.value == "linear is right"


def test_supplement_1_a_large_rectangular_input() -> None:
    """GUM Supplement 1, 9.2.4: [-17.0, 17.0] against the linear ±19.9."""
    at = {"a": (0.0, 1.0), "b": (0.0, 1.0), "c": (0.0, 1.0), "d": (0.0, 10.0)}
    found = gradcli.propagate("a + b + c + d", at, distribution=dict.fromkeys(at, "rectangular"))
    one = found.outputs[0]
    assert one.monte_carlo is not None
    assert (one.monte_carlo.high, one.high) == (pytest.approx(17.0, abs=0.05), pytest.approx(19.9, abs=0.05))
    assert one.verdict.value.startswith("not normal")
    assert found.exit_code == 1


def test_supplement_1_comparison_loss() -> None:
    """GUM Supplement 1, 9.4.2.2: x² + y² at 0.0 and 0.010 with u = 0.005; the first orders are 0 and 50, 150 in 1e-6."""
    near = gradcli.propagate("x**2 + y**2", {"x": (0.0, 0.005), "y": (0.0, 0.005)})
    one = near.outputs[0]
    assert one.monte_carlo is not None and one.bias is not None
    assert one.u == 0 and one.verdict.value.startswith("not linear")
    assert one.bias == pytest.approx(50e-6)
    assert (one.monte_carlo.mean, one.monte_carlo.u) == (pytest.approx(50e-6, rel=0.01), pytest.approx(50e-6, rel=0.01))
    assert one.second_u == pytest.approx(50e-6)
    far = gradcli.propagate("x**2 + y**2", {"x": (0.010, 0.005), "y": (0.0, 0.005)}).outputs[0]
    assert far.u == pytest.approx(100e-6)
    assert far.second_u == pytest.approx(112e-6, rel=0.01)


@pytest.mark.parametrize(
    ("program", "at", "u"),
    [
        ("a*b", {"a": (3.0, 0.1), "b": (4.0, 0.2)}, math.hypot(0.4, 0.6)),
        ("a/b", {"a": (3.0, 0.1), "b": (4.0, 0.2)}, 0.75 * math.hypot(1 / 30, 0.05)),
        ("exp(-t/tau)", {"t": (1.0, 0.01), "tau": (2.0, 0.02)}, math.exp(-0.5) * math.hypot(0.005, 0.005)),
        ("sqrt(a**2 + b**2)", {"a": (3.0, 0.1), "b": (4.0, 0.2)}, math.hypot(0.06, 0.16)),
        ("log(a)", {"a": (2.0, 0.01)}, 0.005),
        ("1/(1/f - 1/g)", {"f": (0.1, 0.001), "g": (0.5, 0.005)}, math.hypot(0.125**2 * 0.1, 0.125**2 * 0.02)),
        ("sin(i)/sin(r)", {"i": (0.5, 0.01), "r": (0.3, 0.01)},
         0.01 * math.hypot(math.cos(0.5) / math.sin(0.3), math.sin(0.5) * math.cos(0.3) / math.sin(0.3) ** 2)),
    ],
)  # fmt: skip
def test_formulas_of_the_lab(program: str, at: dict[str, Any], u: float) -> None:
    assert gradcli.propagate(program, at, samples=0).outputs[0].u == pytest.approx(u, rel=1e-12)


def test_correlations_count() -> None:
    found = gradcli.propagate("a - b", "a=5±0.1, b=3±0.1", correlation="a,b=1", samples=20_000).outputs[0]
    assert found.u == pytest.approx(0, abs=1e-9)


def test_effective_degrees_of_freedom() -> None:
    """GUM G.4.2, the example of the note: 9, 4 and 14 with 0.25, 0.57 and 0.82 % give 19."""
    at = {"a": (100.0, 0.25), "b": (100.0, 0.57), "c": (100.0, 0.82)}
    found = gradcli.propagate("a*b*c", at, dof="a=9,b=4,c=14", samples=0).outputs[0]
    assert found.dof == pytest.approx(19.0, abs=0.1)
    assert (found.u or 0) / found.value == pytest.approx(0.0103, abs=5e-5)


def test_a_kink_in_reach_is_named_and_one_at_the_point_has_no_derivative() -> None:
    found = gradcli.propagate("abs(x)", "x=0.1±0.1")
    assert any("corner at x = 0" in note for note in found.notes)
    assert found.exit_code == 1
    assert gradcli.propagate("abs(x)", "x=0±0.1", samples=20_000).exit_code == 3


def test_the_same_seed_gives_the_same_samples() -> None:
    found = [gradcli.propagate("x**2", "x=1±0.1", samples=200_000, seed=4).to_json() for _ in range(2)]
    assert found[0] == found[1]


def test_squares_beyond_doubles() -> None:
    """u of a/x is a*u/x**2 to first order, whatever a is: 2.5e298 of 1e300/x at -2 +- 0.1."""
    (one,) = gradcli.propagate("1e300/x", {"x": (-2, 0.1)}).outputs
    assert one.u == pytest.approx(2.5e298)
    assert one.monte_carlo is not None and one.monte_carlo.u == pytest.approx(2.5e298, rel=0.05)
    assert one.budget[0].share == pytest.approx(100)
    both = gradcli.propagate("[1e300/x, 1e200*x]", {"x": (-2, 0.1)}, samples=0)
    said = json.loads(both.to_json())
    assert said["covariance_status"] == [["inf", "-inf"], ["-inf", "inf"]]
    assert said["output_correlation"] == [[1, pytest.approx(-1)], [pytest.approx(-1), 1]]


def test_a_function_that_is_computed_number_by_number_has_fewer_samples_and_a_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Barnes's G is 1 at 2, and its slope there is (log(2*pi) + 1)/2 - 2 + digamma(2): DLMF 5.17.4, differentiated."""
    monkeypatch.setattr(build, "SAMPLES_OF_SLOW", 1_000)
    found = gradcli.propagate("barnesg(x)", "x=2±0.001")
    assert found.samples == 1_000
    assert any("1,000 samples are drawn: barnesg is computed number by number" in note for note in found.notes)
    slope = (math.log(2 * math.pi) + 1) / 2 - 2 + (1 - 0.5772156649015329)
    spread = found.outputs[0].monte_carlo
    assert found.outputs[0].u == pytest.approx(0.001 * abs(slope), rel=1e-9)
    assert spread is not None and spread.u == pytest.approx(0.001 * abs(slope), rel=0.1)
    monkeypatch.setattr(sampling, "SECONDS", 0.0)
    done = run("propagate", "barnesg(x)", "--at", "x=2±0.1", "--samples", "20000", "--patience", "0.2")
    assert done.code == 4
    assert "of 20,000 samples took all of 0.2 s: barnesg is computed number by number" in done.err
    assert "--samples 0" in done.err


def test_the_json_follows_its_schema() -> None:
    done = run("propagate", "[x*y, x/y]", "--at", "x=1±0.1, y=3±0.1", "--samples", "10000", "--json")
    validate(json.loads(done.out), schema("propagate-1"))


@pytest.mark.parametrize("kind", ["csv", "latex", "markdown"])
def test_other_formats_have_the_result(kind: str) -> None:
    done = run("propagate", "x*2", "--at", "x=1.00±0.01", "--samples", "10000", "--format", kind)
    assert done.code == 0
    assert "2.0" in done.out
