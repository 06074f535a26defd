"""The steps that a diagnosis looks at come to what torch's own backward comes to, and to the truth."""

from __future__ import annotations

import json
import math

import pytest
import torch

from gradcli.errors import LimitError
from tests.doors import MAX_DIAGNOSED as MAX_STEPS
from tests.doors import Arithmetic, ExactSteps, ProgramSteps, prepare, run_autograd, table
from tests.doors import diagnosed_derivative as derivative

LIKE = torch.empty((), dtype=torch.float64)

PROGRAMS = [
    ("x**2*y + sin(x*y)", {"x": 0.7, "y": 1.3}),
    ("y = 2*x + 1; z = y**2; z*y", {"x": 0.4}),
    ("f(t) = t**3; f'(t) = 3*t**2; f(x)*f(2*x)", {"x": 0.9}),
    ("f(t) = t**3; f'(t, g) = g*3*t**2; f(x)**2", {"x": 0.9}),
    ("diff(x**3*y, x)*y + diff(sin(x), x, 2)", {"x": 0.5, "y": 2}),
    ("where(x > 0, exp(x), x)/(1 + y**2)", {"x": 0.3, "y": -0.2}),
    ("detach(x**2)*x + max(x, y, 0.1)", {"x": 0.3, "y": 0.2}),
    ("hypot(x, y)**x - atan2(y, x)", {"x": 1.5, "y": 0.4}),
    ("x*x*x - x**-2 + 3/x", {"x": 1.1}),
]


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize(("program", "at"), PROGRAMS)
def test_derivatives_are_those_of_backward(program: str, at: dict[str, float], order: int) -> None:
    job = prepare(program, at, order=order)
    steps = ProgramSteps(job.typed, job.full_point, LIKE)
    for positions, number in run_autograd(job).partials.items():
        found = derivative(steps, job, positions, ())
        mine = 0.0 if found is None else steps.values[found[0]].item()
        assert mine == pytest.approx(number, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize(("program", "at"), [case for case in PROGRAMS if "'" not in case[0]])
@pytest.mark.parametrize("order", [1, 2])
def test_true_values_stand_beside_torchs(program: str, at: dict[str, float], order: int) -> None:
    job = prepare(program, at, order=order)
    steps = ProgramSteps(job.typed, job.full_point, LIKE)
    for positions in run_autograd(job).partials:
        derivative(steps, job, positions, ())
    exact = ExactSteps(steps, Arithmetic(), job.program.source)
    assert all(exact.relative(index) < 1e-12 for index in range(len(steps.steps)) if exact.value(index))
    assert sum(exact.value(index) is not None for index in range(len(steps.steps))) > len(steps.steps) * 0.9


EXAMPLES = [row for row in table.ROWS if " at " in row.example and row.shape is None and "[" not in row.example]


@pytest.mark.parametrize("row", EXAMPLES, ids=lambda row: row.name)
def test_every_row_is_run_alone_as_in_the_program(row: table.Row) -> None:
    program, _, at = row.example.partition(" at ")
    job = prepare(program, at)
    steps = ProgramSteps(job.typed, job.full_point, LIKE)
    for positions, number in run_autograd(job).partials.items():
        found = derivative(steps, job, positions, ())
        mine = 0.0 if found is None else steps.values[found[0]].item()
        assert mine == number or math.isclose(mine, number, rel_tol=1e-12)


def test_the_seeds_of_tensors() -> None:
    job = prepare("y = 2*x + 1; z = y**2; mean(z)", {"x": [[1.0, 2.0], [3.0, 4.0]]})
    steps = ProgramSteps(job.typed, job.full_point, LIKE)
    found = derivative(steps, job, (0,), (1, 0))
    assert found is not None
    assert steps.values[found[0]][found[1]].item() == 7.0


def test_too_many_steps_are_refused() -> None:
    job = prepare("+".join(["sin(x)"] * MAX_STEPS), {"x": 1.0})
    with pytest.raises(LimitError):
        ProgramSteps(job.typed, job.full_point, LIKE)


def test_json_keeps_numbers() -> None:
    assert json.loads(json.dumps([math.inf]))[0] == math.inf  # what reports rely on between processes
