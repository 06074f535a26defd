"""Autograd: torch evaluates the typed tree, and `backward` differentiates it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import torch

from gradcli.backends.torch import device as devices
from gradcli.backends.torch.device import STAGE
from gradcli.backends.torch.run import inputs_of, run_all
from gradcli.tape.arrays import Array
from gradcli.tape.dependence import held_by_diff
from gradcli.tape.findings import Numbers, Positions
from gradcli.tape.tape import Tape


def differentiate(
    tape: Tape,
    point: Mapping[str, Fraction | Array],
    targets: Sequence[int],
    order: int,
    dtype: str,
    device: str = "cpu",
    in_plane: bool = False,
    most: int | None = None,
) -> Numbers:
    """Run a tape at a point, and differentiate its output by these operations; arrays are of rank 0.

    `in_plane`: with complex numbers, real inputs among them. Past `most` nodes of a graph derivatives are left out.

    Raises GradcliError where the device is not there, or torch lacks an operation in this dtype.
    """
    like = devices.like(devices.COMPLEX[dtype] if in_plane else dtype, device)
    differentiated = held_by_diff(tape)
    leaves = {*targets, *differentiated}
    with devices.torch_errors(STAGE, f"in {dtype} on {device}"):
        values = run_all(tape, inputs_of(tape, point, like, leaves), like, leaves)
        output = values[tape.output]
        by = [values[target] for target in targets]
        odd = is_odd(values)
        if order == 1:
            found = _first(_real(output), by)
        else:
            level = derivatives(_real(output), by, order, most)
            found = {chosen: tensor.item() for chosen, tensor in level.items()}
    imaginary = output.imag.item() if output.is_complex() else None
    return Numbers(_real(output).item(), found, torch.__version__, odd, imaginary, is_left_out=bool(by) and not found)


def _nodes(tensors: Iterable[torch.Tensor], most: int) -> int:
    """The nodes of the graphs that these tensors come from, counted as far as one more than `most`."""
    seen: set[Any] = set()
    left: list[Any] = [tensor.grad_fn for tensor in tensors if tensor.grad_fn is not None]
    while left and len(seen) <= most:
        node = left.pop()
        if node not in seen:
            seen.add(node)
            left += [following for following, _ in node.next_functions if following is not None]
    return len(seen)


def _as_reals(value: torch.Tensor) -> torch.Tensor:
    return torch.view_as_real(value) if value.is_complex() else value


def _real(value: torch.Tensor) -> torch.Tensor:
    """The real part; a gradient by a real number, though complex, has the derivative there."""
    return value.real if value.is_complex() else value


def is_odd(values: Sequence[torch.Tensor]) -> bool:
    """Whether any of these is not finite; a sum tells that of many entries at once."""
    with torch.no_grad():
        for value in map(_as_reals, values):
            if not value.is_floating_point():
                continue
            if not value.dim():
                if not math.isfinite(value.item()):
                    return True
            elif not math.isfinite(value.sum().item()) and not value.isfinite().all():
                return True
    return False


def _first(output: torch.Tensor, by: list[torch.Tensor]) -> dict[Positions, float]:
    """The gradient, by one call of backward."""
    if output.requires_grad:
        for tensor in by:
            tensor.retain_grad()
        output.backward()  # type: ignore[no-untyped-call]
    return {(i,): 0.0 if tensor.grad is None else _real(tensor.grad).item() for i, tensor in enumerate(by)}


def derivatives(
    output: torch.Tensor, by: list[torch.Tensor], order: int, most: int | None = None
) -> dict[Positions, torch.Tensor]:
    """All distinct derivatives of an order: gradients of gradients.

    None where the graphs of those of a lower order have more than `most` nodes together. Columns are differentiated as
    numbers are: a point's output depends on its own numbers alone.
    """
    level: dict[Positions, torch.Tensor] = {(): output}
    for step in range(order):
        if most is not None and _nodes(level.values(), most) > most:
            return {}
        following = {}
        for chosen, tensor in level.items():
            first = chosen[-1] if chosen else 0
            gradients: Sequence[torch.Tensor | None] = [None] * (len(by) - first)
            if tensor.requires_grad and by[first:]:
                ones = torch.ones_like(tensor) if tensor.dim() else None  # a tensor makes torch import for a second
                gradients = torch.autograd.grad(
                    tensor, by[first:], ones, create_graph=step + 1 < order, retain_graph=True, allow_unused=True
                )
            for offset, gradient in enumerate(gradients):
                following[(*chosen, first + offset)] = _real(torch.zeros_like(by[0]) if gradient is None else gradient)
        level = following
    return level
