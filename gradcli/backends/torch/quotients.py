"""Difference quotients as somebody computes them by hand: the program run twice in the dtype, and divided."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

import torch

from gradcli.backends.torch import device as devices
from gradcli.backends.torch.run import inputs_of, run_all
from gradcli.language.numbers import Dtype
from gradcli.tape.arrays import Array
from gradcli.tape.dependence import held_by_diff
from gradcli.tape.findings import StepQuotients
from gradcli.tape.tape import Tape

STAGE = "computing difference quotients"


def difference_quotients(
    tape: Tape, point: Mapping[str, Fraction | Array], names: Sequence[str], dtype: Dtype, device: str
) -> dict[str, list[StepQuotients]]:
    """The quotients by each of these variables, with steps from 0.1 to the last digit that the dtype has.

    Raises GradcliError where torch lacks an operation in this dtype.
    """
    like = devices.like(dtype.name, device)
    held = held_by_diff(tape)
    with devices.torch_errors(STAGE, f"in {dtype.name} on {device}"):
        inputs = inputs_of(tape, point, like, held)

        def value(name: str, x: torch.Tensor) -> torch.Tensor:
            moved = {**inputs, name: x.requires_grad_(tape.inputs[name] in held)}
            return run_all(tape, moved, like, held)[tape.output].detach().reshape(-1)

        def row(name: str, exponent: int) -> StepQuotients:
            x = inputs[name].detach()
            nominal = float(f"1e-{exponent}")
            h = torch.tensor(nominal, dtype=like.dtype, device=like.device)
            here, above, below = value(name, x.clone()), value(name, x + h), value(name, x - h)
            found = ((above - here) / h, (here - below) / h, (above - below) / (2 * h))
            forward, backward, central = (tuple(one.double().tolist()) for one in found)
            return StepQuotients(nominal, forward, backward, central, bool(x + h == x and x - h == x))

        return {name: [row(name, n) for n in range(1, math.ceil(dtype.digits) + 1)] for name in names}
