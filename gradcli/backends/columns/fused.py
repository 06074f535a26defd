"""The operations of a plan compiled into one loop by torch's compiler, where that is worth the time it takes."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import torch

from gradcli.backends.columns.evaluate import ColumnEvaluator, in_thread
from gradcli.runtime.processes import cores

SECONDS_TO_COMPILE = 20.0  # about what it takes; a run that is over sooner is not worth it
LIKELY_GAIN = 0.3  # of the time of a run
TRIALS = 5
MAX_CHUNKS = 16  # of a trial
TOLERANCE = 1e-10

Columns = Callable[..., "Sequence[torch.Tensor]"]


class Choice(NamedTuple):
    """Whether the compiled loop is used, and why or why not."""

    fused: bool
    reason: str


def choose(evaluator: ColumnEvaluator, columns: Mapping[str, torch.Tensor], rows: int | None) -> Choice:
    """Compile a plan's operations where so many rows repay it (None: it is not known how many there are).

    Both ways are timed on some of these columns, and the faster one is used from then on.
    """
    if evaluator.like.device.type == "cpu" and compiler() is None:
        return Choice(False, "there is no C++ compiler")
    some = _chunks(evaluator, columns)
    if some is None:
        return Choice(False, "there are too few rows")
    count = next(iter(some.values())).shape[0]
    plain, expected = _run(evaluator, some)
    left = None if rows is None else plain * rows / count
    if left is not None and left * LIKELY_GAIN < SECONDS_TO_COMPILE:
        return Choice(False, f"the rows take about {left:.1f} s, and compiling {SECONDS_TO_COMPILE:.0f} s")
    try:
        # A thread that computes: what is compiled holds for its settings alone.
        evaluator.fused = in_thread(lambda: _compiled(evaluator, some))
        fused, found = _run(evaluator, some)
    except Exception as error:  # whatever is wrong with a compiler on this machine
        evaluator.fused = None
        return Choice(False, f"compiling failed: {type(error).__name__}")
    said = f"{fused / count * 1e9:.1f} ns a row, and {plain / count * 1e9:.1f} ns without"
    if fused < plain and _agree(expected, found):
        return Choice(True, said)
    evaluator.fused = None
    return Choice(False, f"it is no faster here: {said}" if fused >= plain else "its numbers are not the same")


def compiler() -> str | None:
    """The C++ compiler that torch would use."""
    return next(
        (one for name in (os.environ.get("CXX"), "g++", "clang++") if name and (one := shutil.which(name))), None
    )


def _chunks(evaluator: ColumnEvaluator, columns: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor] | None:
    """Some whole chunks of the columns that a plan uses, in its dtype; None where there is not one for each thread."""
    wanted = [name for _, name in evaluator.schedule.columns]
    chunks = min((columns[name].shape[0] // evaluator.chunk for name in wanted), default=0)
    if chunks < cores():
        return None
    count = min(chunks, MAX_CHUNKS) * evaluator.chunk
    return {name: columns[name][:count].to(evaluator.like).contiguous() for name in wanted}


def _run(evaluator: ColumnEvaluator, some: Mapping[str, torch.Tensor]) -> tuple[float, list[torch.Tensor]]:
    """The seconds that all of these rows take, at best, and what comes out."""
    like = next(iter(some.values()))
    out = [torch.empty_like(like) for _ in range(evaluator.count)]
    best = float("inf")
    for _ in range(TRIALS):
        start = time.perf_counter()
        evaluator.rows(some, {}, out)
        best = min(best, time.perf_counter() - start)
    return best, out


def _compiled(evaluator: ColumnEvaluator, some: Mapping[str, torch.Tensor]) -> Columns:
    schedule = evaluator.schedule
    start: list[Any] = evaluator.prepared({})
    places = [index for index, _ in schedule.columns]
    steps = [(step.run, step.args, step.node) for step in schedule.steps]
    outputs = schedule.recipe.outputs

    def loop(*columns: torch.Tensor) -> list[torch.Tensor]:
        values = list(start)
        for place, column in zip(places, columns):
            values[place] = column
        for run, args, node in steps:
            values[node] = run(*[values[arg] for arg in args])
        return [values[index].expand(columns[0].shape) for index in outputs]

    options: dict[str, Any] | None = {"cpp.threads": 1} if evaluator.like.device.type == "cpu" else None
    made: Columns = torch.compile(loop, dynamic=False, fullgraph=True, options=options)
    with torch.no_grad():
        made(*(column[: evaluator.chunk] for column in some.values()))
    return made


def _agree(first: Sequence[torch.Tensor], second: Sequence[torch.Tensor]) -> bool:
    bound = TOLERANCE if first[0].dtype is torch.float64 else 1e-3
    return all(torch.allclose(a, b, rtol=bound, atol=bound, equal_nan=True) for a, b in zip(first, second))
