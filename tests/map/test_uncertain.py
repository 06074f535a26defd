"""Error propagation over a table: each row as `gradcli propagate` has it."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradcli
from tests.support import run

ROWS = [(5.007, 0.03, 19.663e-3, 1e-4), (4.994, 0.02, 19.639e-3, 2e-4), (5.005, 0.01, 19.640e-3, 0.0)]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "readings.csv"
    path.write_text("V,u_V,I,u_I\n" + "".join(",".join(map(repr, row)) + "\n" for row in ROWS))
    return path


def mapped(*args: str, **options: Any) -> tuple[list[dict[str, str]], str]:
    outcome = run("map", *args, **options)
    assert outcome.code == 0, outcome.err
    return list(csv.DictReader(io.StringIO(outcome.out))), outcome.err


@pytest.mark.parametrize("correlation", [None, -0.36])
def test_each_row_is_as_propagate_has_it(table: Path, correlation: float | None) -> None:
    more = () if correlation is None else ("--correlation", f"V,I={correlation}")
    rows, err = mapped("R = V/I", str(table), "--propagate", *more)
    assert "linear propagation: no second difference shows in the first 3 rows" in err
    for row, (v, u, i, w) in zip(rows, ROWS, strict=True):
        at = {"V": (v, u), "I": (i, w) if w else i}
        pairs = {("V", "I"): correlation} if correlation and w else None
        (one,) = gradcli.propagate("R = V/I", at, correlation=pairs, samples=0).outputs
        assert (float(row["R"]), float(row["u_R"])) == pytest.approx((one.value, one.u), rel=1e-12)
        shares = {line.name: line.share for line in one.budget}
        assert float(row["share_V"]) == pytest.approx(shares["V"], rel=1e-9)
        assert float(row["share_I"]) == pytest.approx(shares.get("I", 0), rel=1e-9)
        assert row["status"] == "ok"


def test_uncertainties_that_are_the_same_in_every_row(table: Path) -> None:
    rows, _ = mapped("V*k", str(table), "--propagate", "--uncertainty", "V=1%, k=0.1", "--at", "k=2")
    for row, (v, *_) in zip(rows, ROWS, strict=True):
        assert float(row["u_f"]) == pytest.approx(math.hypot(2 * 0.01 * v, 0.1 * v))
        assert float(row["share_k"]) == pytest.approx(100 * 0.1**2 / (0.02**2 + 0.1**2))


def test_standard_input_and_other_names_of_the_columns(tmp_path: Path) -> None:
    rows, _ = mapped("x*y", "-", "--propagate", "--uncertainty", "y=0", stdin="x,y,u_x\n2,3,0.1\n2,4,\n")
    assert [(row["u_f"], row["status"]) for row in rows] == [(repr(0.1 * 3), "ok"), ("", "missing")]
    path = tmp_path / "x.csv"
    path.write_text("x,y,x_err,sigma_y\n2,3,0.1,0.2\n")
    rows, _ = mapped("x*y", str(path), "--propagate", "--keep")
    assert float(rows[0]["u_f"]) == pytest.approx(0.5)
    assert rows[0]["x_err"] == "0.1"


def test_there_is_no_uncertainty_where_there_is_no_derivative() -> None:
    rows, err = mapped("abs(x)", "--over", "x=-1:1:3", "--propagate", "--uncertainty", "x=0.1")
    assert [row["u_f"] for row in rows] == ["0.1", "nan", "0.1"]
    assert "undefined: 1 row" in err


def test_rows_that_are_not_linear_are_told() -> None:
    _, err = mapped("x**2", "--over", "x=1:9:5", "--propagate", "--uncertainty", "x=0.5")
    # the second difference is 0.25, and u is x
    assert "may be wrong in 2 of the first 5 rows, where second differences show: row 1 is the first one" in err


def test_several_outputs() -> None:
    rows, _ = mapped(
        "[x*y, x/y]", "--over", "x=2:2.5:2", "--over", "y=4:4.5:2", "--propagate", "--uncertainty", "x=0.1"
    )
    assert list(rows[0]) == ["x", "y", "f_0", "u_f_0", "share_f_0_x", "f_1", "u_f_1", "share_f_1_x", "status"]
    assert (float(rows[0]["u_f_0"]), float(rows[0]["u_f_1"])) == pytest.approx((0.4, 0.025))


def test_a_plan_propagates_arrays() -> None:
    plan = gradcli.compile("V/I")
    v, i = np.array([5.0, 4.0]), np.array([0.02, 0.03])
    found = plan.propagate({"V": v, "I": i}, {"V": 0.03, "I": np.array([1e-4, 2e-4])}, {("V", "I"): 0.5})
    a, b = 0.03 / i, -v / i**2 * np.array([1e-4, 2e-4])
    assert found["u_f"] == pytest.approx(np.sqrt(a**2 + b**2 + a * b))
    assert found["share_V"] == pytest.approx(100 * a**2 / (a**2 + b**2 + a * b))
    with pytest.raises(gradcli.GradcliError, match="negative"):
        plan.propagate({"V": v, "I": i}, {"V": -1.0})
