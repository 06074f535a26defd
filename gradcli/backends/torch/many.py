"""Autograd at many points at once: each operation runs on a whole column of numbers.

Only programs whose every operation comes to the same bits in a column as alone are run so: a number must not depend
on which others it was computed with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch

from gradcli.backends.torch.autograd import derivatives
from gradcli.backends.torch.run import run_all
from gradcli.tape.findings import Numbers
from gradcli.tape.tape import ConstantTensor, Custom, Primitive, Tape

POWERS = (frozenset((0, 1, 2, 3, 0.5)), frozenset((0, 1, 2, 3)))  # steady exponents: to the first order, and beyond


def is_steady(tape: Tape, order: int) -> bool:
    """Whether a tape can be run at many points at once."""
    powers = POWERS[order > 1]
    for op in tape.ops:
        if not isinstance(op, Primitive):
            if isinstance(op, (Custom, ConstantTensor)):
                return False
        elif op.row.name == "**":
            if tape.literal(op.args[1]) not in powers:
                return False
        elif not op.row.steady:
            return False
    return True


def differentiate(
    tape: Tape, columns: Mapping[str, Sequence[float]], targets: Sequence[int], order: int
) -> list[Numbers]:
    """Run a tape at all points of some columns, in doubles, and differentiate its output by these operations.

    The columns are of one length, and there is one.
    """
    like = torch.empty((), dtype=torch.float64)
    count = len(next(iter(columns.values())))
    inputs = {
        name: torch.tensor(column, dtype=torch.float64).requires_grad_(tape.inputs[name] in targets)
        for name, column in columns.items()
        if name in tape.inputs
    }
    values = run_all(tape, inputs, like, set(targets))
    output = values[tape.output]
    odd = _odd(values, count)
    found = derivatives(output, [values[target] for target in targets], order)
    partials = {positions: _column(tensor, count) for positions, tensor in found.items()}
    return [
        Numbers(value, {positions: column[i] for positions, column in partials.items()}, torch.__version__, odd[i])
        for i, value in enumerate(_column(output, count))
    ]


def _column(tensor: torch.Tensor, count: int) -> list[float]:
    numbers: list[float] = tensor.detach().expand(count).tolist()
    return numbers


def _odd(values: Sequence[torch.Tensor], count: int) -> list[bool]:
    """For each point, whether anything on the way is not finite."""
    with torch.no_grad():
        floats = [value.detach().expand(count) for value in values if value.is_floating_point()]
        odd: list[bool] = (~torch.stack(floats).isfinite().all(0)).tolist()
    return odd
