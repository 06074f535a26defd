"""Descents against closed forms, and against loops with torch.optim that are written here by hand."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import gradcli
from gradcli.descend.data import BACK_AND_FORTH, NOT_FINITE, RISING, SINGULAR, STATIONARY, Descent
from gradcli.diff.data import Verdict
from gradcli.errors import ExitCode, GradcliError
from tests.support import run, schema, validate

POINTS = "x,y,name\n0,1.1,a\n1,2.9,b\n2,5.2,c\n3,6.8,d\n4,9.1,e\n"


@pytest.fixture
def points(tmp_path: Path) -> str:
    path = tmp_path / "points.csv"
    path.write_text(POINTS)
    return str(path)


def quick(program: str, at: Any = None, **options: Any) -> Descent:
    return gradcli.descend(program, at, reference=False, **options)


def numbers(found: Descent, name: str) -> list[Any]:
    return [one.variables[name] for one in found.path]


def test_a_quadratic_descends_as_its_closed_form() -> None:
    """w - 3 shrinks by 1 - 2*rate in each step."""
    found = quick("(w - 3)**2", "w=0", rate=0.1, steps=50)
    expected = [3 - 3 * 0.8**k for k in range(51)]
    assert numbers(found, "w") == pytest.approx(expected, rel=1e-12)
    assert [one.loss for one in found.path] == pytest.approx([9 * 0.64**k for k in range(51)], rel=1e-9)
    assert found.stopped == "all steps" and found.steps == 50


LOOPS: dict[str, Callable[[list[torch.Tensor]], torch.optim.Optimizer]] = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.002),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.002, momentum=0.8),
    "adam": lambda p: torch.optim.Adam(p, lr=0.002),
}


@pytest.mark.parametrize("method", LOOPS)
def test_rosenbrock_descends_as_a_loop_of_torch(method: str) -> None:
    options = {"momentum": 0.8} if method == "momentum" else {}
    found = quick("(1 - x)**2 + 100*(y - x**2)**2", "x=-0.5,y=1", rate=0.002, steps=30, method=method, **options)
    x, y = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (-0.5, 1.0))
    mover = LOOPS[method]([x, y])
    for one in found.path:
        mover.zero_grad()
        loss = (1 - x) ** 2 + 100 * (y - x**2) ** 2
        loss.backward()  # type: ignore[no-untyped-call]
        assert (one.loss, one.variables["x"], one.variables["y"]) == (loss.item(), x.item(), y.item())
        assert x.grad is not None and y.grad is not None
        assert one.gradient_norm == pytest.approx(math.hypot(x.grad.item(), y.grad.item()), rel=1e-14)
        mover.step()


def test_accumulated_gradients_are_those_of_a_loop_without_zero_grad() -> None:
    found = quick("(w - 3)**2", "w=0", rate=0.1, steps=12, accumulate=True)
    w = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
    mover = torch.optim.SGD([w], lr=0.1)
    for one in found.path:
        ((w - 3) ** 2).backward()  # type: ignore[no-untyped-call]
        assert w.grad is not None
        assert (one.variables["w"], one.accumulated_norm) == (w.item(), abs(w.grad.item()))
        mover.step()
    assert found.with_zero_grad == pytest.approx(9 * 0.64**12)
    assert any(".grad holds -6 + -4.8 = -10.8" in said for said in found.said)


def test_newton_solves_least_squares_in_one_step(points: str) -> None:
    found = gradcli.descend("mean((y - w*x - b)**2)", {"w": 0, "b": 0}, data=points, method="newton")
    x, y = np.arange(5.0), np.array([1.1, 2.9, 5.2, 6.8, 9.1])
    slope, intercept = np.polyfit(x, y, 1)
    assert found.path[1].variables == pytest.approx({"w": slope, "b": intercept}, rel=1e-12)
    assert found.stopped == STATIONARY and found.columns == ("y", "x") and found.rows == 5
    assert found.end is not None and found.end.kind == "minimum"
    hessian = 2 * np.array([[np.mean(x * x), x.mean()], [x.mean(), 1]])
    assert found.end.eigenvalues == pytest.approx(tuple(np.linalg.eigvalsh(hessian)), rel=1e-12)
    assert found.verdict is Verdict.AGREE


@pytest.mark.parametrize("tilt", [0.0, 0.3, 1.2])
def test_the_largest_rate_is_two_over_the_largest_eigenvalue(tilt: float) -> None:
    """Of a quadratic form of eigenvalues 2 and 20, turned by an angle: just below it converges, above not."""
    turn = np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])
    form = (turn @ np.diag([2.0, 20.0]) @ turn.T / 2).tolist()
    at = {"x": [1.0, 0.5], "A": form}
    found = quick("x@A@x", at, wrt="x", rate=0.101, steps=2000)
    assert found.stopped == RISING and found.curvature is not None
    assert found.curvature.bound == pytest.approx(0.1, rel=1e-9)
    assert found.curvature.largest == pytest.approx(20, rel=1e-9)
    assert quick("x@A@x", at, wrt="x", rate=0.099, steps=3000).stopped == STATIONARY


def test_momentum_allows_a_larger_rate() -> None:
    found = quick("5*x**2", "x=1", rate=0.4, momentum=0.9, method="momentum", steps=500)
    assert found.stopped == RISING and found.curvature is not None
    assert found.curvature.bound == pytest.approx(2 * 1.9 / 10)
    assert quick("5*x**2", "x=1", rate=0.37, momentum=0.9, method="momentum", steps=3000).stopped == STATIONARY


@pytest.mark.parametrize(
    ("program", "at", "options", "kind", "proven"),
    [
        ("(w - 3)**2", "w=0", {"steps": 200}, "minimum", True),
        ("x**2 - y**2", "x=1,y=0", {"steps": 200}, "saddle", True),
        ("x*y", "x=0,y=0", {}, "saddle", True),
        ("x**3 - 3*x", "x=-0.5", {"method": "newton"}, "maximum", True),
        ("x**3", "x=1", {"method": "newton"}, "flat", False),
        ("x**4", "x=1", {"method": "newton", "steps": 100}, "flat", False),
        ("(x + y)**2", "x=1,y=1", {"steps": 300}, "flat", False),
        ("sum((x - [1, 2])**2)", "x=[0, 0]", {"steps": 200}, "minimum", False),
        ("x[0]**2 - x[1]**2", "x=[1, 0]", {"steps": 200}, "saddle", False),
        ("cos(x)", "x=0", {}, "maximum", True),
    ],
)
def test_the_end_is_classed(program: str, at: str, options: dict[str, Any], kind: str, proven: bool) -> None:
    found = quick(program, at, **options)
    assert found.stopped == STATIONARY and found.end is not None
    assert (found.end.kind, found.end.proven) == (kind, proven)


def test_a_corner_leads_back_and_forth() -> None:
    found = quick("abs(x - 2)", "x=1.75", steps=100)
    assert found.stopped == BACK_AND_FORTH and found.curvature is None and found.steps < 20
    assert any("nonsmooth point" in said for said in found.said)
    at_the_bound = quick("x**2", "x=3", rate=1, steps=100)
    assert at_the_bound.stopped == BACK_AND_FORTH and at_the_bound.curvature is not None
    assert at_the_bound.curvature.bound == 1


@pytest.mark.parametrize(
    ("program", "at", "rate", "born", "code"),
    [
        ("log(x) + x", "x=0.1", 1.0, "log", ExitCode.UNDEFINED),
        ("sqrt((x - 1)**2)", "x=0", 0.5, "sqrt", ExitCode.UNDEFINED),
        ("exp(x**2)", "x=3", 1.0, "exp", ExitCode.WRONG),
        ("-x**2", "x=1", 10.0, "**", ExitCode.WRONG),
    ],
)
def test_what_is_not_finite_ends_it_and_is_traced(
    program: str, at: str, rate: float, born: str, code: ExitCode
) -> None:
    found = gradcli.descend(program, at, rate=rate, steps=1000, every=1000)
    assert found.stopped == NOT_FINITE and found.exit_code == code
    assert found.last is not None and found.last.origins[0].operation == born


def test_newtons_method_ends_at_a_singular_hessian() -> None:
    assert quick("x + 2*y", "x=0,y=0", method="newton").stopped == SINGULAR


def test_batches_are_those_of_a_loop_over_shuffled_rows(points: str) -> None:
    found = quick("mean((y - w*x)**2)", {"w": 0}, data=points, rate=0.01, steps=7, batch_size=2, seed=3)
    x, y = torch.arange(5.0, dtype=torch.float64), torch.tensor([1.1, 2.9, 5.2, 6.8, 9.1], dtype=torch.float64)
    generator = torch.Generator().manual_seed(3)
    rows = [part for _ in range(3) for part in torch.randperm(5, generator=generator).split(2)]  # type: ignore[no-untyped-call]
    w = 0.0
    for one, chosen in zip(found.path, rows):
        a, b = x[chosen], y[chosen]
        assert one.variables["w"] == pytest.approx(w, rel=1e-12)
        assert one.batch_loss == pytest.approx(float(((b - w * a) ** 2).mean()), rel=1e-12)
        assert one.loss == pytest.approx(float(((y - w * x) ** 2).mean()), rel=1e-12)
        w -= 0.01 * float((-2 * (b - w * a) * a).mean())


def test_a_step_by_hand_with_a_tensor_in_float32() -> None:
    found = quick("sum((A@x)**2)", {"A": [[1, 2], [3, 4]], "x": [1, 1]}, wrt="x", rate=0.01, steps=3, dtype="float32")
    x = torch.ones(2, requires_grad=True)
    matrix = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    for one in found.path:
        assert list(one.variables["x"]) == pytest.approx(x.tolist(), rel=1e-6)  # type: ignore[arg-type]
        (gradient,) = torch.autograd.grad(((matrix @ x) ** 2).sum(), x)
        x = (x - 0.01 * gradient).detach().requires_grad_()


def test_the_last_gradient_is_judged_and_its_wrong_backward_found() -> None:
    found = gradcli.descend("sq(i) = i**2; sq'(i, g) = g*i; sq(w - 3)", "w=0", steps=5)
    assert found.verdict is Verdict.DISAGREE and found.exit_code == ExitCode.WRONG


def test_formats(points: str) -> None:
    line = ["mean((y - w*x - b)**2)", "--data", points, "--at", "w=0,b=0", "--rate", "0.05", "--steps", "6"]
    whole = json.loads(run("descend", *line, "--json").out)
    validate(whole, schema("descend-1"))
    *steps, last = map(json.loads, run("descend", *line, "--format", "jsonl").out.splitlines())
    for one in steps:
        validate(one, schema("descend.step-1"))
    validate(last, schema("descend-1"))
    assert [one["loss"] for one in steps] == [one["loss"] for one in whole["path"]]
    table = run("descend", *line, "--format", "csv").out.splitlines()
    assert table[0] == "step,loss,gradient_norm,w,b" and len(table) == 8
    assert table[3].split(",")[3] == repr(whole["path"][2]["variables"]["w"])
    kept = run("descend", *line, "--format", "plain", "--every", "4").out.splitlines()
    assert [row.split()[0] for row in kept] == ["0", "4", "6"]


def test_what_is_refused(points: str) -> None:
    for options in ({"rate": 0}, {"steps": 0}, {"method": "lbfgs"}, {"every": 0}, {"momentum": 0.5}, {"batch_size": 1}):
        with pytest.raises(GradcliError):
            quick("w**2", "w=1", **options)  # type: ignore[arg-type]
    with pytest.raises(GradcliError, match="one number"):
        quick("(y - w*x)**2", {"w": 1}, data=points)
    with pytest.raises(GradcliError, match="no column"):
        quick("mean((v - w*z)**2)", {"w": 1}, data=points)
