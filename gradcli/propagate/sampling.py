"""The Monte Carlo of GUM Supplement 1: inputs drawn, run through the program compiled for columns.

Samples are drawn and run in chunks by a seeded generator of their own; only the outputs are kept.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import torch

from gradcli.backends.columns.kernels import PIECE
from gradcli.backends.torch.functions import is_by_itself, is_number_by_number
from gradcli.errors import OPTIONS, LimitError
from gradcli.problem.compiled import Compiled
from gradcli.propagate.data import MeasuredInput, Spread
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.runtime.processes import cores

CHUNK = 65_536  # samples drawn at a time: the columns of some inputs stay in the cache
MAX_KEPT = 50_000_000  # numbers of all outputs together: 400 MB
SECONDS = 20.0  # beyond the patience: a last resort
SQUARED = 1e150  # a number beyond which squares overflow, and those of inverses vanish


class Draws(NamedTuple):
    """The samples of each output, and what its linear model gives for the same draws."""

    outputs: Any
    linear: Any


def draw(
    compiled: Compiled, inputs: Sequence[MeasuredInput], correlation: Any, sensitivities: Any, joint: Sequence[int],
    count: int, seed: int, patience: float,
) -> Draws:  # fmt: skip
    """Draw the inputs and run the program.

    `joint` are the inputs that were read together: their t distribution is one of several dimensions.

    Raises LimitError where there are too many, or where the program takes too long.
    """
    width = len(compiled.values)
    if 2 * width * count > MAX_KEPT:
        raise LimitError(
            OPTIONS, f"{count:,} samples of {width} outputs are too many to keep",
            hint=f"--samples {MAX_KEPT // (2 * width):,}".replace(",", ""),
        )  # fmt: skip
    names = [one.name for one in inputs]
    evaluator = compiled.evaluator(names)
    outputs = torch.empty((width, count), dtype=torch.float64)
    linear = np.empty((width, count))
    root = _root(correlation)
    starts = range(0, count, CHUNK)
    step = PIECE if compiled.in_values(is_by_itself) else CHUNK  # the time is looked at between two
    deadline = Deadline(SECONDS + patience)
    done: list[int] = []  # samples that were run, at a time

    def work(start: int) -> None:
        stop = min(start + CHUNK, count)
        deviations = _deviations(inputs, root, joint, stop - start, np.random.Philox(key=[seed, start]))
        linear[:, start:stop] = sensitivities @ deviations
        columns = {one.name: torch.from_numpy(one.value + deviations[i]) for i, one in enumerate(inputs)}
        for place in range(start, stop, step):
            deadline.check()
            end = min(place + step, stop)
            some = {name: column[place - start : end - start] for name, column in columns.items()}
            evaluator.rows(some, {}, [outputs[i, place:end] for i in range(width)])
            done.append(end - place)

    try:
        with ThreadPoolExecutor(min(cores(), len(starts))) as pool:
            for _ in pool.map(work, starts):
                pass
    except OutOfTime:
        slow = said_slow(compiled)
        raise LimitError(
            "running the Monte Carlo",
            f"{sum(done):,} of {count:,} samples took all of {SECONDS + patience:g} s" + (f": {slow}" if slow else ""),
            hint="draw fewer with --samples, or none with --samples 0; or allow more with --patience",
        ) from None  # fmt: skip
    return Draws(outputs.numpy(), linear)


def said_slow(compiled: Compiled) -> str:
    """What makes each sample take its time, as the end of a sentence; nothing where it takes none."""
    names = compiled.in_values(is_number_by_number)
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} computed number by number" if names else ""


def _root(correlation: Any) -> Any:
    """A matrix whose product with its transpose is the correlation, which may be singular; None for the identity."""
    if np.array_equal(correlation, np.eye(len(correlation))):
        return None
    values, vectors = np.linalg.eigh(correlation)
    return vectors * np.sqrt(np.maximum(values, 0.0))


def _deviations(inputs: Sequence[MeasuredInput], root: Any, joint: Sequence[int], count: int, bits: Any) -> Any:
    """The deviations of each input from its estimate, a row each (GUM Supplement 1, 6.4)."""
    generator = np.random.Generator(bits)
    drawn = generator.standard_normal((len(inputs), count))
    if root is not None:
        drawn = root @ drawn
    shared = None
    for i, one in enumerate(inputs):
        if one.distribution == "t" and one.dof is not None:
            if i not in joint:
                drawn[i] *= np.sqrt(one.dof / generator.chisquare(one.dof, count))
                continue
            if shared is None:
                shared = np.sqrt(one.dof / generator.chisquare(one.dof, count))
            drawn[i] *= shared
        elif one.distribution == "rectangular":
            drawn[i] = generator.uniform(-math.sqrt(3), math.sqrt(3), count)
        elif one.distribution == "triangular":
            drawn[i] = generator.triangular(-math.sqrt(6), 0, math.sqrt(6), count)
        elif one.distribution == "arcsine":
            drawn[i] = math.sqrt(2) * np.sin(generator.uniform(-math.pi, math.pi, count))
    drawn *= np.array([[one.u] for one in inputs])
    return drawn


def spread(samples: Any, coverage: float) -> Spread | None:
    """What the samples of an output say; None where it has no value in any of them."""
    finite = samples[np.isfinite(samples)]
    if not len(finite):
        return None
    count = len(finite)
    low, high = ends(finite, coverage)
    finite = np.sort(finite[:: max(1, count // 200_000)])  # enough of them for the shortest interval
    inside = min(math.ceil(coverage * len(finite)), len(finite) - 1)
    widths = finite[inside:] - finite[: len(finite) - inside]
    start = _smooth_lowest(widths)
    kept = samples[np.isfinite(samples)]
    largest = float(np.abs(kept).max())
    unit = 1.0 if not largest or 1 / SQUARED < largest < SQUARED else largest
    kept = kept / unit
    mean, u = unit * float(kept.mean()), unit * float(kept.std(ddof=1)) if count > 1 else 0.0
    return Spread(mean, u, low, high, float(finite[start]), float(finite[start + inside]), 1 - count / len(samples))


def _smooth_lowest(widths: Any) -> int:
    """Where an interval is shortest: the middle of those that are as short but for chance."""
    least = widths.min()
    near = np.flatnonzero(widths <= least * 1.001 + 0.0)
    return int(near[len(near) // 2])


def ends(finite: Any, coverage: float) -> tuple[float, float]:
    """The ends of the interval that leaves out as many samples below as above."""
    last = len(finite) - 1
    low, high = round((1 - coverage) / 2 * last), round((1 + coverage) / 2 * last)
    parted = np.partition(finite, (low, high))
    return float(parted[low]), float(parted[high])
