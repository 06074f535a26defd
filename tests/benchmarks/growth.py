"""How the time grows: slopes of processor time over sizes, both in logarithms. 1 is linear.

Processor time, and the best of several runs: a machine that is busy moves all sizes alike, and no slope.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

import gradcli
from tests.benchmarks.measure import Figure, seconds

ROUNDS = 3
N_LOG_N = 1.2  # the slope of n*log(n) over the sizes here is 1.15 to 1.18


class Growth(NamedTuple):
    """Something that is done at several sizes: `made` gives what runs one."""

    name: str
    sizes: Sequence[int]
    made: Callable[[int], Callable[[], object]]
    most: float


def _chain(size: int) -> Callable[[], object]:
    lines = [f"t{i} = sin(t{i - 1})*x + y/{i + 1}" for i in range(1, size // 4)]
    program = "; ".join(["t0 = x*y", *lines, f"t{size // 4 - 1}"])
    return lambda: gradcli.differentiate(program, {"x": 0.5, "y": 1.25})


def _variables(size: int) -> Callable[[], object]:
    program = " + ".join(f"x{i}*sin(x{i + 1})" for i in range(size - 1))
    at = {f"x{i}": 1 + i / size for i in range(size)}
    return lambda: gradcli.differentiate(program, at)


def _entries(size: int) -> Callable[[], object]:
    x = np.linspace(-1, 1, size)
    return lambda: gradcli.differentiate("mean((2*x + 1)**2)", {"x": x})


def _points(size: int) -> Callable[[], object]:
    plan = gradcli.compile("sin(x)*exp(-x**2/2) + log(1+y**2)*tanh(x*y)")
    columns: dict[str, Any] = {name: np.linspace(0.1, 2, size) for name in "xy"}
    return lambda: plan.map(columns)


def _order(size: int) -> Callable[[], object]:
    return lambda: gradcli.taylor("exp(x)*sin(x)", "x=0.5", order=size)


GROWTHS = (
    Growth("operations", (100, 200, 400, 800), _chain, N_LOG_N),
    Growth("variables", (50, 100, 200, 400), _variables, N_LOG_N),
    Growth("entries of a tensor", (20_000, 40_000, 80_000, 160_000), _entries, 1.1),
    Growth("points", (250_000, 500_000, 1_000_000, 2_000_000), _points, 1.1),
    Growth("order of a series", (12, 24, 48, 96), _order, 2.1),
)


def slope(sizes: Sequence[int], times: Sequence[float]) -> float:
    """The slope of the line through the logarithms, by least squares."""
    return float(np.polyfit([math.log(size) for size in sizes], [math.log(one) for one in times], 1)[0])


def growth(_: int) -> Iterator[Figure]:
    """One slope each."""
    for one in GROWTHS:
        runs = [one.made(size) for size in one.sizes]
        for run in runs:
            run()
        times = [min(seconds(run, time.process_time) for _ in range(ROUNDS)) for run in runs]
        span = f"{one.sizes[0]:,} to {one.sizes[-1]:,}"
        yield Figure(f"slope in {one.name}, {span}", slope(one.sizes, times), one.most, unit="")
