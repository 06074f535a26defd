"""Autograd on tensors: torch runs the typed tape, and its autograd differentiates."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Union

import torch

from gradcli.backends.torch import device as devices
from gradcli.backends.torch.autograd import is_odd
from gradcli.backends.torch.device import STAGE
from gradcli.backends.torch.run import inputs_of, run_all
from gradcli.errors import LimitError
from gradcli.tape.arrays import Array
from gradcli.tape.dependence import held_by_diff
from gradcli.tape.findings import Positions
from gradcli.tape.lower_tensors import MAX_NUMBERS
from gradcli.tape.tape import Tape

BATCH = 128  # rows of a Jacobian that are computed at a time

Point = Mapping[str, Union[Fraction, Array]]


@dataclass
class Gradients:
    """The value of a program, and its derivatives: of the shape of the output, then of each target.

    Of operations whose values were not kept there is None; `odd` says whether one of these was not finite.
    """

    values: list[torch.Tensor]
    value: torch.Tensor
    partials: dict[Positions, torch.Tensor]
    odd: bool = False

    @property
    def is_odd(self) -> bool:
        """Whether anything on the way to the value, or any derivative, is not finite."""
        kept = [value for value in self.values if value is not None]
        return self.odd or is_odd([*kept, *self.partials.values()])

    def forget(self) -> None:
        """Keep the derivatives no longer: somebody else has them."""
        self.partials.clear()
        for value in self.values:
            if value is not None and (value.is_leaf or value.retains_grad):
                value.grad = None


def differentiate(
    tape: Tape,
    point: Point,
    targets: Sequence[int],
    order: int,
    dtype: str,
    device: str,
    passing: Collection[int] = (),
) -> Gradients:
    """Run a tape of tensors at a point, and differentiate its output by these operations.

    The values of operations in `passing` are not kept.

    Raises GradcliError where the device is not there, or torch lacks an operation in this dtype; LimitError where
    a derivative would have too many entries.
    """
    like = devices.like(dtype, device)
    _check_sizes(tape, targets, order)
    leaves = {*targets, *held_by_diff(tape)}
    with devices.torch_errors(STAGE, f"in {dtype} on {device}"):
        odd: list[bool] = []
        values = run_all(
            tape, inputs_of(tape, point, like, leaves), like, leaves, passing, lambda one: odd.append(is_odd([one]))
        )
        output, by = values[tape.output], [values[target] for target in targets]
        if order == 1 and not output.shape:
            partials = _backward(output, by)
        else:
            partials = _jacobians(output, by, order)
    return Gradients(values, output.detach(), partials, any(odd))


def _check_sizes(tape: Tape, targets: Sequence[int], order: int) -> None:
    """Refuse a Jacobian or a Hessian that nobody can hold."""
    out = math.prod(tape.ops[tape.output].shape)
    largest = max((math.prod(tape.ops[target].shape) for target in targets), default=1)
    count = out * largest**order
    if count > MAX_NUMBERS and (out > 1 or order > 1):
        raise LimitError(
            STAGE,
            f"there are {count:,} derivatives of {out:,} outputs, and {MAX_NUMBERS:,} is the limit",
            hint="take a sum of the outputs, or a product with a vector: --vjp, --jvp",
        )


def _backward(output: torch.Tensor, by: list[torch.Tensor]) -> dict[Positions, torch.Tensor]:
    """The gradient, by one call of backward."""
    if output.requires_grad:
        for tensor in by:
            tensor.retain_grad()
        output.backward(retain_graph=True)  # type: ignore[no-untyped-call]
    return {(i,): torch.zeros_like(tensor) if tensor.grad is None else tensor.grad for i, tensor in enumerate(by)}


def _jacobians(output: torch.Tensor, by: list[torch.Tensor], order: int) -> dict[Positions, torch.Tensor]:
    """All distinct derivatives of an order: Jacobians of Jacobians."""
    level: dict[Positions, torch.Tensor] = {(): output}
    for step in range(order):
        following: dict[Positions, torch.Tensor] = {}
        for chosen, tensor in level.items():
            first = chosen[-1] if chosen else 0
            found = _jacobian(tensor, by[first:], step + 1 < order)
            following |= {(*chosen, first + offset): one for offset, one in enumerate(found)}
        level = following
    return {chosen: tensor.detach() for chosen, tensor in level.items()}


def hessian_of(output: torch.Tensor, by: list[torch.Tensor]) -> torch.Tensor:
    """The second derivatives of a number by all entries of some tensors, one after the other, as one matrix."""
    parts, sizes = _jacobians(output, by, 2), [tensor.numel() for tensor in by]
    rows = []
    for i, height in enumerate(sizes):
        blocks = [
            parts[(i, j)].reshape(height, width) if i <= j else parts[(j, i)].reshape(width, height).T
            for j, width in enumerate(sizes)
        ]
        rows.append(torch.cat(blocks, 1))
    return torch.cat(rows)


def _jacobian(output: torch.Tensor, by: list[torch.Tensor], further: bool) -> list[torch.Tensor]:
    """The derivatives of every entry of a tensor by others: rows are entries."""
    if not output.requires_grad or not by:
        return [output.new_zeros((*output.shape, *tensor.shape)) for tensor in by]
    if further:
        rows = [list(part) for part in zip(*_rows(output, by, further))]
        return [torch.cat(part).reshape((*output.shape, *tensor.shape)) for part, tensor in zip(rows, by)]
    found = [tensor.new_empty((output.numel(), *tensor.shape)) for tensor in by]
    start = 0
    for part in _rows(output, by, further):
        for whole, some in zip(found, part):
            whole[start : start + len(some)] = some  # copied: each may be a view of all that it was summed from
        start += len(part[0])
    return [whole.reshape((*output.shape, *tensor.shape)) for whole, tensor in zip(found, by)]


def _rows(output: torch.Tensor, by: list[torch.Tensor], further: bool) -> Iterator[list[torch.Tensor]]:
    """Some rows at a time, for every tensor."""
    count = output.numel()
    for start in range(0, count, BATCH):
        size = min(BATCH, count - start)
        seeds = output.new_zeros((size, count))
        seeds[torch.arange(size), torch.arange(start, start + size)] = 1
        found = _batch(output, by, seeds.reshape(size, *output.shape), further)
        yield [
            output.new_zeros((size, *tensor.shape)) if gradient is None else gradient
            for gradient, tensor in zip(found, by)
        ]


def _batch(
    output: torch.Tensor, by: list[torch.Tensor], seeds: torch.Tensor, further: bool
) -> Sequence[torch.Tensor | None]:
    """The products of some seeds with the Jacobian: together, or one by one where torch cannot batch an operation."""
    if len(seeds) > 1:
        try:
            return torch.autograd.grad(
                output, by, seeds, retain_graph=True, create_graph=further, allow_unused=True, is_grads_batched=True
            )
        except RuntimeError:
            pass
    each = [
        torch.autograd.grad(output, by, seed, retain_graph=True, create_graph=further, allow_unused=True)
        for seed in seeds
    ]
    columns = [[row[i] for row in each] for i in range(len(by))]
    return [
        None if any(one is None for one in column) else torch.stack([one for one in column if one is not None])
        for column in columns
    ]
