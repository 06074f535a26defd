"""The first witness: torch evaluates the typed tree, and `backward` differentiates it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

import torch

from gradcli.backends.torch.run import inputs_of, run_all
from gradcli.errors import GradcliError
from gradcli.tape.findings import Numbers, Positions
from gradcli.tape.tape import Tape

STAGE = "running autograd"


def differentiate(
    tape: Tape, point: Mapping[str, Fraction], targets: Sequence[int], order: int, dtype: str, device: str = "cpu"
) -> Numbers:
    """Run a tape at a point, and differentiate its output by these operations.

    Raises GradcliError where the device is not there, or torch lacks an operation in this dtype.
    """
    like = torch.empty((), dtype=getattr(torch, dtype), device=device_of(device))
    differentiated = {op.args[1] for op in tape.ops if op.row is not None and op.row.name == "diff"}
    leaves = {*targets, *differentiated}
    try:
        values = run_all(tape, inputs_of(tape, point, like, leaves), like, leaves)
        output = values[tape.output]
        by = [values[target] for target in targets]
        odd = is_odd(values)
        if order == 1:
            found = _first(output, by)
        else:
            found = {chosen: tensor.item() for chosen, tensor in derivatives(output, by, order).items()}
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise GradcliError(STAGE, f"torch cannot do this in {dtype} on {device}: {reason}") from error
    return Numbers(output.item(), found, torch.__version__, odd)


def is_odd(values: Sequence[torch.Tensor]) -> bool:
    """Whether any of these is not finite; a sum tells that of many entries at once."""
    with torch.no_grad():
        for value in values:
            if not value.is_floating_point():
                continue
            if not value.dim():
                if not math.isfinite(value.item()):
                    return True
            elif not math.isfinite(value.sum().item()) and not value.isfinite().all():
                return True
    return False


def device_of(name: str) -> torch.device:
    """The device of that name, if it is there."""
    try:
        device = torch.device(name)
        torch.empty((), device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).strip().partition("\n")[0]
        known = "Expected one of" not in reason
        raise GradcliError(
            STAGE,
            f'the device "{name}" cannot be used{": " + reason if known else ""}',
            expected="cpu, or cuda where torch finds a GPU",
        ) from error
    return device


def _first(output: torch.Tensor, by: list[torch.Tensor]) -> dict[Positions, float]:
    """The gradient, by one call of backward."""
    if output.requires_grad:
        for tensor in by:
            tensor.retain_grad()
        output.backward()  # type: ignore[no-untyped-call]
    return {(i,): 0.0 if tensor.grad is None else tensor.grad.item() for i, tensor in enumerate(by)}


def derivatives(output: torch.Tensor, by: list[torch.Tensor], order: int) -> dict[Positions, torch.Tensor]:
    """All distinct derivatives of an order: gradients of gradients.

    Columns are differentiated as numbers are: a point's output depends on its own numbers alone.
    """
    level: dict[Positions, torch.Tensor] = {(): output}
    for step in range(order):
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
                following[(*chosen, first + offset)] = torch.zeros_like(by[0]) if gradient is None else gradient
        level = following
    return level
