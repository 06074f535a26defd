"""The operations of a plan compiled into one loop, in C or by torch, where that is worth the time it takes."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch

from gradcli.backends.columns.evaluate import ColumnEvaluator, RowLoop, in_thread
from gradcli.runtime.processes import cores

SECONDS_IN_C = (
    0.15  # to compile a loop, measured 0.07 to 0.11 for four functions; a run that is over sooner is not worth it
)
SECONDS_BY_TORCH = 20.0
GAIN_IN_C = 0.5  # of the time of a run, to be expected
GAIN_BY_TORCH = 0.3
TRIALS = 5
MAX_CHUNKS = 4  # of a trial
TOLERANCE = 1e-10
CANCELLED = 1e-13  # of the largest number of a column: the rounding of terms that cancel


class Choice(NamedTuple):
    """Whether the compiled loop is used, and why or why not."""

    fused: bool
    reason: str


class _Way(NamedTuple):
    """One way to a loop: what it takes to make it, what is gained then, and what makes it."""

    name: str
    seconds: float
    gain: float
    make: Callable[[], RowLoop]


def choose(
    evaluator: ColumnEvaluator,
    columns: Mapping[str, torch.Tensor],
    rows: int | None,
    in_c: Callable[[], Callable[..., None]],
) -> Choice:
    """Compile a plan's operations where so many rows repay it (None: it is not known how many there are).

    `in_c` makes a loop in C, or raises; the first loop that is faster on some of these columns, and gives the same
    numbers, is used from then on.
    """
    if evaluator.schedule.recipe.guarded:
        return Choice(False, "the program changes its formula somewhere, and each row has to be looked at")
    some = _chunks(evaluator, columns)
    if some is None:
        return Choice(False, "there are too few rows")
    count = next(iter(some.values())).shape[0]
    plain, expected = _run(evaluator, some)
    left = None if rows is None else plain * rows / count
    reasons = []
    for way in _ways(evaluator, some, in_c):
        if left is not None and left * way.gain < way.seconds:
            reasons.append(f"the rows take about {left:.1f} s, and compiling {way.name} {way.seconds:.1f} s")
            continue
        try:
            evaluator.fused = way.make()
            fused, found = _run(evaluator, some)
        except Exception as error:  # whatever is wrong with a compiler on this machine
            evaluator.fused = None
            reasons.append(f"{way.name}: {str(error) or type(error).__name__}")
            continue
        said = f"{fused / count * 1e9:.1f} ns a row, and {plain / count * 1e9:.1f} ns without"
        if fused < plain and _agree(expected, found):
            return Choice(True, f"{way.name}: {said}")
        evaluator.fused = None
        reasons.append(f"{way.name}: " + (f"no faster here, {said}" if fused >= plain else "not the same numbers"))
    return Choice(False, "; ".join(reasons))


def _ways(
    evaluator: ColumnEvaluator, some: Mapping[str, torch.Tensor], in_c: Callable[[], Callable[..., None]]
) -> Iterator[_Way]:
    is_cpu = evaluator.like.device.type == "cpu"
    if is_cpu:
        yield _Way("in C", SECONDS_IN_C, GAIN_IN_C, lambda: RowLoop(in_c()))
    if not is_cpu or compiler() is not None:
        # A thread that computes: what is compiled holds for its settings alone.
        yield _Way("by torch", SECONDS_BY_TORCH, GAIN_BY_TORCH, lambda: in_thread(lambda: _compiled(evaluator, some)))


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
    """The seconds that all of these rows take, at best, and what comes out.

    On the CPU it is the processor's time that counts, by core: what else a machine does, it does to both ways.
    """
    like = next(iter(some.values()))
    out = [torch.empty_like(like) for _ in range(evaluator.count)]
    best = float("inf")
    is_cpu = evaluator.like.device.type == "cpu"
    clock = time.process_time if is_cpu else time.perf_counter
    for _ in range(TRIALS):
        start = clock()
        evaluator.rows(some, {}, out)
        best = min(best, clock() - start)
    return best / (cores() if is_cpu else 1), out


def _compiled(evaluator: ColumnEvaluator, some: Mapping[str, torch.Tensor]) -> RowLoop:
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
    made: Any = torch.compile(loop, dynamic=False, fullgraph=True, options=options)
    with torch.no_grad():
        made(*(column[: evaluator.chunk] for column in some.values()))

    def run(into: Sequence[torch.Tensor], out: Sequence[torch.Tensor]) -> None:
        for mine, theirs in zip(out, made(*into)):
            mine.copy_(theirs)

    return RowLoop(run, evaluator.chunk)


def _agree(first: Sequence[torch.Tensor], second: Sequence[torch.Tensor]) -> bool:
    bound = TOLERANCE if first[0].dtype is torch.float64 else 1e-3
    return all(_is_same(a, b, bound) for a, b in zip(first, second))


def _is_same(first: torch.Tensor, second: torch.Tensor, bound: float) -> bool:
    largest = float(first[first.isfinite()].abs().max()) if bool(first.isfinite().any()) else 0.0
    return torch.allclose(first, second, rtol=bound, atol=bound / TOLERANCE * CANCELLED * largest, equal_nan=True)
