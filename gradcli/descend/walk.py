"""The steps of a descent: torch.optim moves the parameters, and what goes wrong ends it."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import torch

from gradcli.backends.torch.descent import Optimizer, SingularHessianError, TorchLoss, norm, optimizer
from gradcli.descend.batches import RowBatches
from gradcli.descend.data import (
    ALL_STEPS,
    BACK_AND_FORTH,
    NOT_FINITE,
    RISING,
    SINGULAR,
    STATIONARY,
    STUCK,
    DescentStep,
)
from gradcli.diff.data import Entries
from gradcli.problem.job import Job
from gradcli.problem.values import Value
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.arrays import Array

RISES = 3  # in a row that end a descent whose every step should go down: one may be a ridge
ROUNDING = 64  # units in the last place that a loss may rise by, for all that it says
FAR = 1e3  # times what it has fallen, or was at first: a loss so far up has left for good, whatever the method
TURNS = 6  # steps in a row that lead back to where the one before came from
SAME = 1e-9  # of a step: how close to that


@dataclass(frozen=True)
class DescentRules:
    """What was asked for of a descent; see gradcli.descend.data."""

    method: str
    rate: float
    momentum: float
    steps: int
    every: int
    tolerance: float
    accumulate: bool


class DescentWalk:
    """Runs a descent.

    path     the steps that are kept
    stopped  why it ended
    made     how many steps were made
    first_up from where on the loss rises, as far as it does at the end; and the parameters there
    summands with accumulated gradients: .grad of the first variable, what was added to it, and the sum, once
    overflow the variables that a last step, which is taken back, would have made infinite
    """

    def __init__(self, job: Job, rules: DescentRules, batches: RowBatches | None, like: torch.Tensor) -> None:
        assert job.point is not None
        self.job, self.rules, self.batches = job, rules, batches
        self.loss = TorchLoss(job.typed, job.point, job.wrt, like)
        self.parameters = self.loss.parameters(job.point)
        self.path: list[DescentStep] = []
        self.stopped = ALL_STEPS
        self.made = 0
        self.first_up: tuple[int, list[torch.Tensor]] = (0, self._copied())
        self.summands: tuple[int, float, float, float] | None = None
        self.overflow: tuple[str, ...] = ()
        self._losses: list[float] = []
        self._before: list[list[torch.Tensor]] = []
        self._rises = self._turns = 0

    def run(self, deadline: Deadline) -> None:
        """Make the steps; OutOfTime where there is no more time."""
        rules = self.rules
        mover = optimizer(rules.method, self.loss, self.parameters, rules.rate, rules.momentum)
        for step in range(rules.steps + 1):
            deadline.check()
            if not rules.accumulate:
                mover.zero_grad()
            loss, gradient = self._here()
            self._add(step, gradient)
            self.made = step
            stop = self._reason(step, loss.item(), norm(gradient))
            last = step == rules.steps or stop is not None
            if last or step % rules.every == 0:
                self._keep(step, loss.item(), norm(gradient))
            if last:
                self.stopped = stop or ALL_STEPS
                return
            if not self._moved(mover):
                if not self.path or self.path[-1].step != step:
                    self._keep(step, loss.item(), norm(gradient))
                return

    def _here(self) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """The loss that the next step goes by, and its gradient."""
        return (self.batches.next() if self.batches else self.loss).gradient(self.parameters)

    def _add(self, step: int, gradient: Sequence[torch.Tensor]) -> None:
        """Put the gradient into .grad as `backward` does: it adds."""
        first, new = self.parameters[0], gradient[0]
        if self.rules.accumulate and first.grad is not None and new.numel() == 1 and self.summands is None:
            self.summands = (step, first.grad.item(), new.item(), (first.grad + new).item())
        for one, g in zip(self.parameters, gradient):
            one.grad = g if one.grad is None else one.grad + g

    def _moved(self, mover: Optimizer) -> bool:
        """Take a step; whether the descent goes on from there."""
        before = self._copied()
        try:
            mover.step()
        except SingularHessianError:
            self.stopped = SINGULAR
            return False
        if not all(bool(one.isfinite().all()) for one in self.parameters):
            self.overflow = tuple(
                name for name, one in zip(self.job.wrt, self.parameters) if not bool(one.isfinite().all())
            )
            with torch.no_grad():
                for one, old in zip(self.parameters, before):
                    one.copy_(old)
            self.stopped = NOT_FINITE
            return False
        certain = self.batches is None and not self.rules.accumulate
        if certain and all(torch.equal(a, b) for a, b in zip(self.parameters, before)):
            self.stopped = STUCK
            return False
        self._before = [*self._before[-1:], before]
        return True

    def _reason(self, step: int, loss: float, size: float) -> str | None:
        """Why the descent ends here; None where it goes on."""
        if not math.isfinite(loss) or not math.isfinite(size):
            return NOT_FINITE
        before, self._losses = self._losses, [*self._losses, loss]
        if self.batches is None and size <= self.rules.tolerance:
            return STATIONARY
        least = ROUNDING * float(torch.finfo(self.loss.like.dtype).eps)
        up = bool(before) and loss > before[-1] + least * abs(before[-1])
        self._rises = self._rises + 1 if up else 0
        if not up:
            self.first_up = step, self._copied()
        plain = self.batches is None and not self.rules.accumulate and self.rules.method == "sgd"
        if plain and self._rises >= RISES:
            return RISING
        if before and not self.rules.accumulate:
            first, lowest = before[0], min(before)
            if loss - lowest > FAR * max(first - lowest, abs(first)) > 0 and self._rises:
                return RISING
        self._turns = self._turns + 1 if plain and self._turns_back() else 0
        return BACK_AND_FORTH if self._turns >= TURNS else None

    def _turns_back(self) -> bool:
        """Whether the last step went back to where the one before it came from."""
        if len(self._before) < 2:
            return False
        older, old = self._before
        away = norm([a - b for a, b in zip(self.parameters, old)])
        return norm([a - b for a, b in zip(self.parameters, older)]) <= SAME * away

    # What is kept

    def _keep(self, step: int, loss: float, size: float) -> None:
        values = {name: entries_of(one) for name, one in zip(self.job.wrt, self.parameters)}
        batch = None
        if self.batches is not None:
            batch, loss = loss, self.loss.at(self.parameters).item()
        added = norm([one.grad for one in self.parameters if one.grad is not None]) if self.rules.accumulate else None
        self.path.append(DescentStep(step, loss, size, values, batch, added))

    def _copied(self) -> list[torch.Tensor]:
        return [one.detach().clone() for one in self.parameters]


def entries_of(tensor: torch.Tensor) -> Entries:
    """A tensor as plain data: a number, or an array."""
    if not tensor.dim():
        return tensor.item()
    flat = tensor.detach().to("cpu", torch.float64).reshape(-1)
    return Array(tuple(tensor.shape), array("d", flat.tolist()))


def values_of(variables: Mapping[str, Entries]) -> dict[str, Value]:
    """Plain data as values of a point."""
    return {name: one if isinstance(one, Array) else Fraction(one or 0.0) for name, one in variables.items()}
