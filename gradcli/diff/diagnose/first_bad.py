"""Which steps made a number that is not finite out of better ones, and are to blame for the answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from gradcli.diff.diagnose.elements import ProgramSteps
from gradcli.tape.tape import Input, Op, Primitive, Tape

FINITE, INFINITE, NAN = 0, 1, 2

Index = tuple[int, ...]


@dataclass
class FirstBadStep:
    """A step whose result is worse than all of its operands: NaN from numbers and infinities, infinite from numbers.

    index   the first entry of its result where that is so, () of a number
    others  how many more entries alike there are
    """

    step: int
    index: Index
    others: int
    harmless: bool = False


def severity(tensor: torch.Tensor) -> torch.Tensor:
    """For each entry, 0 where it is finite, 1 where infinite, 2 where it is not a number."""
    return torch.isinf(tensor).to(torch.int8) + 2 * torch.isnan(tensor).to(torch.int8)


def worst(tensor: torch.Tensor) -> int:
    """The severity of the worst entry."""
    if not tensor.is_floating_point() or not tensor.numel():
        return FINITE
    if tensor.numel() == 1:  # most steps are numbers, and three operations of torch take longer than this
        number = tensor.item()
        return NAN if math.isnan(number) else INFINITE if math.isinf(number) else FINITE
    return int(severity(tensor).max())


def first_bad_steps(steps: ProgramSteps, ends: Sequence[int]) -> list[FirstBadStep]:
    """The first bad steps that the bad ones among these steps come from, in the order in which they happened."""
    found: dict[int, FirstBadStep] = {}
    seen: set[int] = set()
    waiting = [end for end in ends if worst(steps.values[end])]
    while waiting:
        index = waiting.pop()
        if index in seen:
            continue
        seen.add(index)
        first = _first_bad(steps, index)
        if first:
            found[index] = first
        waiting += [cause for cause in _causes(steps, index) if worst(steps.values[cause])]
    return [found[index] for index in sorted(found)]


def harmless(steps: ProgramSteps, known: Sequence[FirstBadStep]) -> list[FirstBadStep]:
    """Further ones in the forward pass."""
    there = {first.step for first in known}
    more = [_first_bad(steps, index) for index in steps.places if index not in there and worst(steps.values[index])]
    return [FirstBadStep(first.step, first.index, first.others, harmless=True) for first in more if first]


def _causes(steps: ProgramSteps, index: int) -> list[int]:
    """The steps that a result may have its badness from; a product uses the result that it differentiates, too."""
    step = steps.steps[index]
    return [*step.args, *([step.of] if step.of is not None and not step.is_sum else [])]


def _first_bad(steps: ProgramSteps, index: int) -> FirstBadStep | None:
    """Whether a step is one, and where; what is given as such is none."""
    step, value = steps.steps[index], steps.values[index]
    if isinstance(steps.tape.ops[step.op], Input) and index == steps.places[step.op]:
        return None
    operands = [steps.values[arg] for arg in step.args if steps.values[arg].is_floating_point()]
    if value.numel() == 1 and all(operand.numel() == 1 for operand in operands):
        is_worse = worst(value) > max(map(worst, operands), default=FINITE)
        return FirstBadStep(index, (0,) * value.dim(), 0) if is_worse else None
    bad = severity(value)
    if is_elementwise(steps, index):
        before = torch.zeros_like(bad)
        for operand in operands:
            before = torch.maximum(before, severity(operand).broadcast_to(value.shape))
        worse = bad > before
        if not bool(worse.any()):
            return None
        where = (worse & (bad == bad[worse].max())).nonzero()
    elif int(bad.max()) > max((worst(operand) for operand in operands), default=FINITE):
        where = (bad == bad.max()).nonzero()
    else:
        return None
    return FirstBadStep(index, tuple(where[0].tolist()), len(where) - 1)


def is_elementwise(steps: ProgramSteps, index: int) -> bool:
    """Whether each entry of a result comes from the entries of the arguments that meet there."""
    op, shape = steps.tape.ops[steps.steps[index].op], steps.values[index].shape
    if isinstance(op, Primitive) and op.row.shape is not None:
        return False
    return all(_fits(steps.values[arg].shape, shape) for arg in steps.steps[index].args)


def _fits(shape: Sequence[int], result: Sequence[int]) -> bool:
    """Whether a tensor is as large as a result, or is broadcast to it."""
    if len(shape) > len(result):
        return False
    return all(size in (1, whole) for size, whole in zip(reversed(shape), reversed(result)))


class TakenBranches:
    """For each operation, which entries reach the output through branches of `where` that are taken.

    And for those with entries that do not, the `where` that shuts them out.
    """

    def __init__(self, tape: Tape, values: Sequence[torch.Tensor]) -> None:
        self.live = [torch.zeros(value.shape, dtype=torch.bool, device=value.device) for value in values]
        self.live[tape.output] |= True
        self.around: dict[int, int] = {}
        for index in range(tape.output, -1, -1):
            self._pass_on(tape.ops[index], index, values)

    def is_untaken(self, index: int, at: Index) -> bool:
        """Whether an entry of an operation is in a branch that was not taken."""
        return index in self.around and not bool(self.live[index][at])

    def _pass_on(self, op: Op, index: int, values: Sequence[torch.Tensor]) -> None:
        mine = self.live[index]
        for position, arg in enumerate(op.args):
            flows = mine
            if op.called == "where" and position:
                condition = values[op.args[0]]
                flows = mine & (condition if position == 1 else ~condition)
            if index in self.around or not bool(flows.all()):
                shuts = op.called == "where" and position
                self.around.setdefault(arg, index if shuts else self.around.get(index, index))
            same = isinstance(op, Primitive) and op.row.shape is None and self.live[arg].shape == flows.shape
            self.live[arg] |= flows if same else bool(flows.any())
