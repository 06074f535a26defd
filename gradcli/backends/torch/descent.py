"""The value of a tape as a loss: its gradient and its Hessian at parameters that torch.optim moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Protocol, Union

import torch

from gradcli.backends.torch.gradients import hessian_of
from gradcli.backends.torch.run import inputs_of, run_all
from gradcli.tape.arrays import Array
from gradcli.tape.dependence import held_by_diff
from gradcli.tape.tape import Tape

ITERATIONS = 100  # of the power method, for a largest eigenvalue
SETTLED = 1e-6  # its relative change in an iteration that ends them

Point = Mapping[str, Union[Fraction, Array]]


class TorchLoss:
    """A tape with one number for its output, as a function of some of its inputs, the parameters."""

    def __init__(self, tape: Tape, point: Point, wrt: Sequence[str], like: torch.Tensor) -> None:
        self.tape, self.like, self.wrt = tape, like, list(wrt)
        held = held_by_diff(tape)
        self.leaves = held | {tape.inputs[name] for name in wrt}
        self.fixed = inputs_of(tape, {name: one for name, one in point.items() if name not in wrt}, like, held)

    def parameters(self, point: Point) -> list[torch.Tensor]:
        """Tensors for the parameters, which require a gradient."""
        found = inputs_of(self.tape, {name: point[name] for name in self.wrt}, self.like, self.leaves)
        return [found[name] for name in self.wrt]

    def at(self, parameters: Sequence[torch.Tensor]) -> torch.Tensor:
        """The loss, with its graph."""
        inputs = {**self.fixed, **dict(zip(self.wrt, parameters))}
        return run_all(self.tape, inputs, self.like, self.leaves)[self.tape.output]

    def gradient(self, parameters: Sequence[torch.Tensor]) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """The loss, and its gradient by each parameter: 0 where it does not depend on one."""
        loss = self.at(parameters)
        found: Sequence[Any] = [None] * len(parameters)
        if loss.requires_grad:
            found = torch.autograd.grad(loss, list(parameters), allow_unused=True)
        return loss.detach(), [torch.zeros_like(one) if g is None else g for one, g in zip(parameters, found)]

    def hessian(self, parameters: Sequence[torch.Tensor]) -> torch.Tensor:
        """The second derivatives by all entries of the parameters, one after the other, as one matrix."""
        own = [one.detach().clone().requires_grad_() for one in parameters]
        return hessian_of(self.at(own), own)

    def along(self, parameters: Sequence[torch.Tensor], direction: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """The Hessian's product with a direction."""
        own = [one.detach().clone().requires_grad_() for one in parameters]
        loss = self.at(own)
        nothing = [torch.zeros_like(one) for one in own]
        if not loss.requires_grad:
            return nothing
        first = torch.autograd.grad(loss, own, create_graph=True, allow_unused=True)
        moved = sum((g * v).sum() for g, v in zip(first, direction) if g is not None)
        if not isinstance(moved, torch.Tensor) or not moved.requires_grad:
            return nothing
        second = torch.autograd.grad(moved, own, allow_unused=True)
        return [zero if h is None else h for zero, h in zip(nothing, second)]

    def largest_curvature(self, parameters: Sequence[torch.Tensor], start: Sequence[torch.Tensor]) -> float:
        """The eigenvalue of the Hessian that is farthest from 0, by products with it alone."""
        vector, found = [one.clone() for one in start], 0.0
        for _ in range(ITERATIONS):
            size = norm(vector)
            if not 0 < size < float("inf"):
                return found
            vector = [one / size for one in vector]
            product = self.along(parameters, vector)
            before, found = found, float(sum((a * b).sum() for a, b in zip(vector, product)))
            if abs(found - before) <= SETTLED * abs(found):
                return found
            vector = product
        return found


class Optimizer(Protocol):
    """What moves the parameters by their gradients."""

    def zero_grad(self) -> None:
        """Forget the gradients."""

    def step(self) -> Any:
        """Move."""


def optimizer(method: str, loss: TorchLoss, parameters: list[torch.Tensor], rate: float, momentum: float) -> Optimizer:
    """torch's optimizer of that name; Newton's method is our own."""
    if method == "newton":
        return NewtonOptimizer(loss, parameters, rate)
    if method == "adam":
        return torch.optim.Adam(parameters, lr=rate)
    return torch.optim.SGD(parameters, lr=rate, momentum=momentum if method == "momentum" else 0.0)


class SingularHessianError(Exception):
    """Newton's method has no step."""


class NewtonOptimizer:
    """Newton's method: the gradient, through the inverse of the Hessian, times the rate.

    `step` raises SingularHessianError where the Hessian is singular.
    """

    def __init__(self, loss: TorchLoss, parameters: list[torch.Tensor], rate: float) -> None:
        self.loss, self.parameters, self.rate = loss, parameters, rate

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for one in self.parameters:
            one.grad = None

    def step(self) -> None:
        """Move all parameters at once."""
        gradient = flat([torch.zeros_like(one) if one.grad is None else one.grad for one in self.parameters])
        away = solved(self.loss.hessian(self.parameters), gradient)
        if away is None:
            raise SingularHessianError
        with torch.no_grad():
            for one, part in zip(self.parameters, in_shape(away, self.parameters)):
                one.sub_(self.rate * part)


def solved(matrix: torch.Tensor, right: torch.Tensor) -> torch.Tensor | None:
    """The solution of a linear system; None where the matrix is singular."""
    found, info = torch.linalg.solve_ex(matrix, right)
    return None if int(info) else found


def flat(tensors: Sequence[torch.Tensor]) -> torch.Tensor:
    """The entries of some tensors, one after the other."""
    return torch.cat([one.reshape(-1) for one in tensors])


def in_shape(whole: torch.Tensor, like: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Entries one after the other as tensors again."""
    return [part.reshape(one.shape) for part, one in zip(torch.split(whole, [x.numel() for x in like]), like)]


def norm(tensors: Sequence[torch.Tensor]) -> float:
    """The length of some tensors as one vector."""
    return float(torch.linalg.vector_norm(flat(tensors).detach()))
