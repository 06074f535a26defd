"""What torch says at many points at once: values, and derivatives by autograd."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from gradcli.backends.torch import device as devices
from gradcli.backends.torch.device import STAGE
from gradcli.backends.torch.run import inputs_of, run_all
from gradcli.errors import LimitError
from gradcli.problem.job import Job
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.dependence import held_by_diff
from gradcli.tape.tape import Derivative

FEW = 4  # points, of which an operation may take as long as it is given

Wanted = tuple[str, int]  # by which variable, and how often


class Batch:
    """A program at many points: the points are one more dimension where all its operations go entry by entry.

    Else, and where torch cannot do that, they are run one after the other.
    """

    def __init__(self, job: Job, wanted: Sequence[Wanted], deadline: Deadline) -> None:
        self.job = job
        self.wanted = wanted
        self.deadline = deadline
        self.like = devices.like(job.dtype.name, job.device)
        tape = job.typed
        inner = any(isinstance(op, Derivative) for op in tape.ops)
        self.at_once = not (tape.has_tensors or inner)

    def at(self, points: Mapping[str, Any]) -> Any:
        """A row for the value, and one for each derivative that is wanted, of as many columns as there are points.

        `points` has an array for each variable that varies. Raises GradcliError where torch cannot do it, LimitError
        where the time is up.
        """
        count = len(next(iter(points.values())))
        self._check_time()
        if self.at_once:
            try:
                return self._together(points, count)
            except LimitError:  # one operation takes too long for all of them
                if count > FEW:
                    return np.concatenate([self.at(piece) for piece in _pieces(points, count)], axis=1)
                raise
            except devices.REFUSALS:
                self.at_once = False
        columns = []
        for index in range(count):
            self._check_time()
            columns.append(self._alone({name: float(values[index]) for name, values in points.items()}))
        return np.array(columns).T

    def _check_time(self) -> None:
        if self.deadline.left < 0:
            raise LimitError(
                STAGE, f"it took more than {self.job.autograd_allowance:.1f} s for all points",
                hint="ask for fewer points, such as --over x=0:1:20, or allow more with --patience SECONDS",
            )  # fmt: skip

    def rounded(self, numbers: Sequence[float]) -> Any:
        """Numbers of the dtype, as doubles."""
        return torch.tensor(list(numbers), dtype=torch.float64).to(self.like.dtype).double().numpy()

    def _together(self, points: Mapping[str, Any], count: int) -> Any:
        tape = self.job.typed
        assert self.job.point is not None
        inputs = inputs_of(tape, self.job.point, self.like, ())
        by = {name for name, _ in self.wanted}
        for name in {*points, *by} & set(inputs):
            values = torch.tensor(points[name]) if name in points else inputs[name].expand(count)
            inputs[name] = values.to(self.like).clone().requires_grad_(name in by)
        output = run_all(tape, inputs, self.like)[tape.output]
        output = output.expand(count)
        rows = [output, *(self._derivative(output, inputs[name], order) for name, order in self.wanted)]
        return np.stack([row.detach().cpu().double().numpy() for row in rows])

    def _alone(self, point: Mapping[str, float]) -> list[float]:
        tape = self.job.typed
        assert self.job.point is not None
        leaves = {index for name, _ in self.wanted if (index := tape.find(name)) is not None}
        leaves |= held_by_diff(tape)
        inputs = inputs_of(tape, self.job.point, self.like, leaves)
        for name, number in point.items():
            if name in inputs:
                value = torch.tensor(number, dtype=torch.float64).to(self.like)
                inputs[name] = value.requires_grad_(inputs[name].requires_grad)
        where = ", ".join(f"{name} = {number!r}" for name, number in point.items())
        with devices.torch_errors(STAGE, f"at {where}"):
            output = run_all(tape, inputs, self.like, leaves)[tape.output]
            rows = [output, *(self._derivative(output, inputs[name], order) for name, order in self.wanted)]
        return [row.item() for row in rows]

    @staticmethod
    def _derivative(output: torch.Tensor, by: torch.Tensor, order: int) -> torch.Tensor:
        """A derivative of an order; the points do not depend on each other, so that of the sum has all of them."""
        for step in range(order):
            if not output.requires_grad:
                return torch.zeros_like(by)
            (gradient,) = torch.autograd.grad(
                output.sum(), by, create_graph=step + 1 < order, retain_graph=True, allow_unused=True
            )
            if gradient is None:
                return torch.zeros_like(by)
            output = gradient
        return output


def _pieces(points: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
    """The points in two halves."""
    halves = (slice(0, count // 2), slice(count // 2, count))
    return [{name: values[half] for name, values in points.items()} for half in halves]
