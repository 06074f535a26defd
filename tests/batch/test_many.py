"""A number does not depend on which others it was computed with, down to the last bit."""

from __future__ import annotations

import math
import random
import struct
from fractions import Fraction

import pytest

from tests.benchmarks.programs import different
from tests.doors import prepare, table
from tests.doors import torch_autograd as autograd
from tests.doors import torch_many as many

COUNT = 203


def bits(value: float) -> bytes:
    return b"nan" if math.isnan(value) else struct.pack("d", value + 0.0)


def check(program: str, order: int, low: float = -2.0, high: float = 3.0) -> None:
    chosen = random.Random(program)
    job = prepare(program, dict.fromkeys(prepare(program).names.variables, 1.0), order=order)
    assert many.is_steady(job.typed, order), program
    assert job.point is not None
    columns = {name: [chosen.uniform(low, high) for _ in range(COUNT)] for name in job.point}
    targets = [job.typed.inputs[name] for name in job.wrt]
    together = many.differentiate(job.typed, columns, targets, order)
    for i in range(0, COUNT, 1 if order == 1 else 3):
        point = {name: Fraction(column[i]) for name, column in columns.items()}
        numbers = autograd.differentiate(job.typed, point, targets, order, "float64")
        assert bits(together[i].value) == bits(numbers.value), (program, i)
        assert [*map(bits, together[i].partials.values())] == [*map(bits, numbers.partials.values())]
        assert together[i].odd == numbers.odd


def calls() -> list[str]:
    """Each steady row, applied to variables."""
    found = []
    for row in table.ROWS:
        if not row.steady:
            continue
        name = row.name
        args = [parameter.name for parameter in row.parameters if not parameter.optional]
        if row.gives_truth:
            condition = (
                f"{name} x" if name == "not" else f"x > 0 {name} y > 1" if name in ("and", "or") else f"x {name} y"
            )
            found.append(f"where({condition.replace('not x', 'not x > 0')}, x*y, x/y)")
        elif name == "where":
            found.append("where(x > y, x*y, x/y)")
        elif name in ("+", "-", "*", "/"):
            found.append(f"x {name} y")
        elif name in ("neg", "pos"):
            found.append(f"{'-' if name == 'neg' else '+'}x*y")
        else:
            found.append(f"{name}({', '.join(args)})")
    return [*found, *(f"x**{power}" for power in (0, 1, 2, 3, 0.5)), "x**3*y**2 + 1/x"]


@pytest.mark.parametrize("program", calls())
def test_steady_rows(program: str) -> None:
    check(program, 1)


@pytest.mark.parametrize("program", [program for program, _ in list(different())[::8]])
def test_steady_programs(program: str) -> None:
    check(program, 1)


@pytest.mark.parametrize("program", ["sin(x)*exp(y)/x", "tanh(x*y)**2 + log(x**2 + 1)", "sqrt(x**2 + y**2)", "x**3*y"])
@pytest.mark.parametrize("order", [2, 3])
def test_steady_programs_of_higher_order(program: str, order: int) -> None:
    check(program, order)


@pytest.mark.parametrize(
    "program", ["sinh(x)", "sigmoid(x)", "x**y", "x**5", "atan2(x, y)", "gamma(x)", "diff(x**3, x)"]
)
def test_others_are_run_one_by_one(program: str) -> None:
    assert not many.is_steady(prepare(program).typed, 1)
