"""The loop in C that `map --compile` may use: the numbers of NumPy, nothing left behind, and what it cannot do is told."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from itertools import chain, cycle
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from tests.doors import NoKernel, Plan, compiler, fused_choose, in_c, task_of

needs_c = pytest.mark.skipif(compiler() is None, reason="there is no C compiler")

ROWS = 1_001  # no multiple of what a processor computes at once
X = np.linspace(0.1, 3, ROWS)
Y = np.linspace(-2, 2, ROWS)[::-1].copy()
# Value, by x, by y: written out by hand.
BY_HAND: Mapping[str, Callable[[Any, Any], tuple[Any, ...]]] = {
    "x*y + y**3": lambda x, y: (x * y + y**3, y, x + 3 * y**2),
    "sin(x)*cos(x)*y": lambda x, y: (np.sin(x) * np.cos(x) * y, np.cos(2 * x) * y, np.sin(2 * x) / 2),
    "exp(-x*y)/x": lambda x, y: (np.exp(-x * y) / x, -np.exp(-x * y) * (x * y + 1) / x**2, -np.exp(-x * y)),
    "t = log(x); t*tanh(y)  # */ system();": lambda x, y: (
        np.tanh(y) * np.log(x), np.tanh(y) / x, np.log(x) / np.cosh(y) ** 2
    ),
}  # fmt: skip


def run(program: str, **columns: Any) -> list[Any]:
    """What the loop in C gives."""
    names = list(columns)
    compiled = Plan(program).compiled
    out = [torch.empty(len(columns[names[0]]), dtype=torch.float64) for _ in compiled.names]
    in_c(compiled, names)([torch.from_numpy(columns[name]) for name in names], out)
    return [one.numpy() for one in out]


@needs_c
@pytest.mark.parametrize("program", list(BY_HAND))
def test_a_loop_in_c_gives_the_numbers_of_numpy(program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for mine, theirs in zip(run(program, x=X, y=Y), BY_HAND[program](X, Y), strict=True):
        assert mine == pytest.approx(theirs, rel=1e-13, abs=1e-14)
    assert not list(tmp_path.iterdir())


@needs_c
def test_columns_may_come_in_any_order_and_constants_are_numbers() -> None:
    compiled = Plan("for_ = a*x; for_**2 + b*int", {"a": 3, "b": 0.5}).compiled
    out = [torch.empty(ROWS, dtype=torch.float64) for _ in compiled.names]
    in_c(compiled, ["int", "x"])([torch.from_numpy(Y), torch.from_numpy(X)], out)
    want = {"x": 18 * X, "int": np.full(ROWS, 0.5)}
    assert out[0].numpy() == pytest.approx(9 * X**2 + Y / 2)
    for name, column in zip(compiled.job.wrt, out[1:]):
        assert column.numpy() == pytest.approx(want[name])


@needs_c
def test_what_is_not_finite_is_so_in_c() -> None:
    x = np.array([0.0, -1.0, np.inf, np.nan, 1.0] * 5)
    value, slope = run("log(x)", x=x)
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(value, np.log(x), rtol=1e-14)
        np.testing.assert_allclose(slope, 1 / x, rtol=1e-14)


@needs_c
def test_rows_that_repay_it_are_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = chain([0.0, 1.0] * 5, cycle([0.0, 0.5]))  # a machine on which the loop takes half as long, busy or not
    monkeypatch.setattr(
        "gradcli.backends.columns.fused.time", SimpleNamespace(process_time=lambda: next(ticks), perf_counter=None)
    )
    compiled = Plan("sin(x)*exp(-x**2/2) + log(1 + y**2)*tanh(x*y)").compiled
    evaluator = compiled.evaluator(["x", "y"])
    evaluator.chunk = 20_000
    columns = {name: torch.linspace(0.5, 2, 100_000, dtype=torch.float64) for name in ("x", "y")}
    plain = [torch.empty(100_000, dtype=torch.float64) for _ in range(3)]
    evaluator.rows(columns, {}, plain)
    choice = fused_choose(evaluator, columns, None, lambda: in_c(compiled, ["x", "y"]))
    assert choice.fused, choice.reason
    assert choice.reason.startswith("in C: ")
    found = [torch.empty_like(one) for one in plain]
    evaluator.rows(columns, {}, found)
    for mine, theirs in zip(found, plain):
        torch.testing.assert_close(mine, theirs, rtol=1e-12, atol=1e-13)


@needs_c
def test_a_loop_with_other_numbers_is_not_used() -> None:
    compiled = Plan("sin(x)*cos(x)").compiled
    evaluator = compiled.evaluator(["x"])
    evaluator.chunk = 20_000
    columns = {"x": torch.linspace(0.5, 2, 100_000, dtype=torch.float64)}
    wrong = in_c(Plan("sin(x)*cos(x)*1.000001").compiled, ["x"])
    choice = fused_choose(evaluator, columns, 10**7, lambda: wrong)
    assert (choice.fused, evaluator.fused) == (False, None)


@pytest.mark.parametrize(
    ("program", "dtype", "reason"),
    [
        ("x**2", "float32", "float32 on cpu"),
        ("sq(i) = i**2; sq'(i, g) = g*2*i; sq(x)", "float64", "written by hand"),
        ("[x, x**2]", "float64", "one value"),
        ("digamma(x)", "float64", "digamma"),
    ],
)
def test_what_c_has_not_is_told(program: str, dtype: str, reason: str) -> None:
    with pytest.raises(NoKernel, match=reason):
        in_c(Plan(program, dtype=dtype).compiled, ["x"])


def test_a_compiler_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o700)
    monkeypatch.setenv("CC", str(broken))
    with pytest.raises(NoKernel, match="failed: CalledProcessError"):
        in_c(Plan("x**2").compiled, ["x"])
    monkeypatch.delenv("CC")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoKernel, match="no C compiler"):
        in_c(Plan("x**2").compiled, ["x"])


def test_each_row_of_a_program_with_kinks_is_looked_at(tmp_path: Path) -> None:
    report = task_of("abs(x)", [], str(tmp_path / "a.npy"), over="x=-1:1:1001", fuse=True).run()
    assert report.notes[0].startswith("--compile: not compiled, the program changes its formula")
    assert report.counts["undefined"] == 1
