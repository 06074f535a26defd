"""The values of a program over tensors in double precision, and of its formulas at every entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch

from gradcli.backends.symbolic.build import NoFormula, symbol
from gradcli.backends.symbolic.indexed.axes import Axes
from gradcli.backends.symbolic.indexed.evaluate import IndexedEvaluator
from gradcli.backends.symbolic.indexed.notation import base
from gradcli.backends.symbolic.indexed.rows import IndexFormulas
from gradcli.backends.symbolic.value import Unknown
from gradcli.backends.torch.run import inputs_of, run_all
from gradcli.problem.job import Job
from gradcli.problem.tensors.passing import passing
from gradcli.tape.dependence import held_by_diff


class Forward:
    """The program of a job, its rows written out, run once in doubles; `values` where it has run already.

    `has_ties` says whether an equality in the formula that was evaluated last holds for more than it is meant for.
    `room` gives an array of doubles of a shape, for the values of a formula that has many.
    """

    def __init__(
        self, job: Job, values: Sequence[torch.Tensor] | None = None, room: Callable[[Sequence[int]], Any] = np.empty
    ) -> None:
        self.job = job
        self.room = room
        self.tape = job.written
        self.has_ties = False
        if values is not None:
            self.values = _detached(values)

    @cached_property
    def values(self) -> list[torch.Tensor] | None:
        """The value of every operation that formulas are made of, else None.

        None where torch has none, as of the inverse of a singular matrix.
        """
        like = torch.empty((), dtype=torch.float64)
        differentiated = held_by_diff(self.tape)
        targets = [index for name in self.job.targets if (index := self.tape.find(name)) is not None]
        try:
            with torch.set_grad_enabled(bool(differentiated)):
                inputs = inputs_of(self.tape, self.job.full_point, like, differentiated)
                found = run_all(self.tape, inputs, like, differentiated, passing(self.tape, targets))
        except RuntimeError:
            return None
        return _detached(found)

    def entries(self, formula: Any, indices: Sequence[Any], f: IndexFormulas, axes: Axes, shape: Sequence[int]) -> Any:
        """The values of a formula at all entries, as an array of doubles; None where there are none."""
        self.has_ties = False
        if self.values is None:
            return None
        try:
            return self._entries(formula, indices, f, axes, shape)
        except (NoFormula, Unknown, RuntimeError, OverflowError):
            return None

    def _entries(self, formula: Any, indices: Sequence[Any], f: IndexFormulas, axes: Axes, shape: Sequence[int]) -> Any:
        values = self.values
        assert values is not None
        tensors: dict[Any, Any] = {}
        numbers: dict[Any, float] = {}
        for name, place in {**self.tape.inputs, **self.tape.named}.items():
            if values[place].dim():
                tensors[base(name).label] = values[place]
            else:
                numbers[symbol(name)] = float(values[place])
        for name, place in f.constants.items():
            tensors[base(name).label] = tensors[symbol(name)] = values[place]
        for key, opaque in f.opaque.items():
            tensors[key] = opaque.value(values)
        taken = {key: opaque.taken(values) for key, opaque in f.opaque.items()}
        places = {key: at for key, at in taken.items() if at is not None}
        with torch.no_grad():
            evaluator = IndexedEvaluator(tensors, numbers, axes.values, places)
            found = evaluator.entries(formula, indices, shape, self.room)
        self.has_ties = evaluator.has_ties
        return found


def _detached(values: Sequence[Any]) -> list[Any]:
    return [None if value is None else value.detach() for value in values]
