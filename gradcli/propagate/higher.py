"""The terms of the next order: what the second and third derivatives add to the mean and to the variance.

For normal inputs with the covariance S, the mean of the Taylor polynomial has tr(H S)/2 more than f, and the variance
tr(H S H S)/2 + c.S.(T:S) more than c.S.c; for inputs that do not correlate these are the terms of the note to 5.1.2 of
the GUM.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch

from gradcli.backends.columns.evaluate import ColumnEvaluator
from gradcli.backends.columns.kernels import fold
from gradcli.backends.columns.recipe import Grown, grow, write
from gradcli.errors import GradcliError, Source
from gradcli.problem.compiled import Compiled
from gradcli.tape.tape import Tape

MAX_OPERATIONS = 40_000  # of the tape with third derivatives


def second_order(
    compiled: Compiled, names: Sequence[str], values: dict[str, float], covariance: Any
) -> list[tuple[float, float]] | None:
    """For each output what is added to the mean and to the variance; None where it would be too long."""
    source = compiled.job.program.source
    n = len(names)
    tape, found = compiled.grown.tape, list(compiled.grown.values)
    orders = []
    try:
        for _ in range(3):
            if len(tape.ops) * (1 + len(found)) > MAX_OPERATIONS * 10:
                return None
            tape, found = _derivatives(tape, found, names, source)
            if len(tape.ops) > MAX_OPERATIONS:
                return None
            orders.append(found)
        flat = _numbers(compiled, tape, orders, names, values)
    except (GradcliError, KeyError):
        return None
    added = []
    for k in range(len(compiled.values)):
        gradient = flat[0].reshape(-1, n)[k]
        hessian = flat[1].reshape(-1, n, n)[k]
        third = flat[2].reshape(-1, n, n, n)[k]
        if not (np.isfinite(gradient).all() and np.isfinite(hessian).all() and np.isfinite(third).all()):
            return None
        spread = hessian @ covariance
        variance = np.trace(spread @ spread) / 2 + gradient @ covariance @ np.einsum("ijk,jk->i", third, covariance)
        added.append((float(np.trace(spread) / 2), float(variance)))
    return added


def _numbers(
    compiled: Compiled, tape: Tape, orders: Sequence[Sequence[int]], names: Sequence[str], values: Mapping[str, float]
) -> list[Any]:
    """The values of these operations at the estimates: columns of one row."""
    wanted = list(dict.fromkeys(index for one in orders for index in one))
    whole = Grown(tape, len(tape.ops), (), tuple(wanted), ())
    make = partial(write, whole, names, compiled.constants, partial(fold, dtype=compiled.like.dtype))
    evaluator = ColumnEvaluator(make(), make, lambda columns, constants: None, compiled.like, len(wanted))
    out = torch.empty((len(wanted), 1), dtype=torch.float64)
    columns = {name: torch.tensor([values[name]], dtype=torch.float64) for name in names}
    evaluator.rows(columns, {}, [out[i] for i in range(len(wanted))])
    found = dict(zip(wanted, out[:, 0].tolist()))
    return [np.array([found[index] for index in one]) for one in orders]


def _derivatives(tape: Tape, values: Sequence[int], names: Sequence[str], source: Source) -> tuple[Tape, list[int]]:
    """Each of these operations differentiated by each name, an operation that is there for several once."""
    distinct = list(dict.fromkeys(values))
    if any(tape.find(name) is None for name in names):
        raise KeyError(names)
    grown = grow(tape, distinct, names, source)
    n = len(names)
    of = {value: grown.partials[i * n : (i + 1) * n] for i, value in enumerate(distinct)}
    return grown.tape, [partial for value in values for partial in of[value]]
