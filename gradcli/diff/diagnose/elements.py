"""A program and its derivatives as one list of steps, each run by torch on its own.

torch's `backward` is one call that shows nothing of what happens in it. Here every operation is run alone, and so is
its vector-Jacobian product by each argument: the same kernels on the same numbers. A derivative is a list of further
steps, which can be differentiated like any others; sums of contributions are steps of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Union

import torch

from gradcli.backends.torch.run import constant, inputs_of, kernel
from gradcli.errors import LimitError
from gradcli.tape.arrays import Array
from gradcli.tape.interpret import Rules, interpret
from gradcli.tape.tape import ConstantTensor, Custom, Derivative, Literal, NamedConstant, Primitive, Tape

MAX_STEPS = 10_000  # forward and backward together
MAX_ENTRIES = 5_000_000  # of all their values

Run = Callable[[Sequence[torch.Tensor]], torch.Tensor]


@dataclass
class ProgramStep:
    """One step: an operation of the tape, a vector-Jacobian product of another step, or a sum of contributions.

    run     what it computes from the values of its arguments
    args    the steps that it uses
    op      the operation of the tape that it belongs to; of a sum the one whose adjoint it is
    of      of a product: the step that it differentiates, by its argument at `position`; the last one of `args` is
            the adjoint then
    order   how often was differentiated
    """

    run: Run
    args: tuple[int, ...]
    op: int
    order: int = 0
    of: int | None = None
    position: int = 0
    is_sum: bool = False


class ProgramSteps:
    """The steps of one tape at a point, with their values; `sweep` adds those of a derivative.

    Raises LimitError past a number of steps, RuntimeError and the like where torch cannot do something.
    """

    def __init__(
        self, tape: Tape, point: Mapping[str, Union[Fraction, Array]], like: torch.Tensor, most: int = MAX_STEPS
    ) -> None:
        self.tape = tape
        self.like = like
        self.most = most
        self.entries = 0
        self.steps: list[ProgramStep] = []
        self.values: list[torch.Tensor] = []
        self.places: list[int] = []  # of each operation of the tape
        inputs = inputs_of(tape, point, like, ())
        rules = Rules(self._constant, self._call, self._constant, self._call, lambda op: self._fixed(inputs[op.label]))
        interpret(tape, rules, values=self.places)

    def sweep(self, output: int, seed: torch.Tensor, targets: Sequence[int]) -> dict[int, int]:
        """The derivative of a step, weighted by a seed, by each target that it depends on; a missing one is 0."""
        active = self._active(output, targets)
        order = self.steps[output].order + 1
        op = self.steps[output].op
        adjoints = {output: [self._append(ProgramStep(lambda _: seed, (), op, order))]}
        found: dict[int, int] = {}
        for index in range(output, -1, -1):
            if index not in adjoints:
                continue
            adjoint = self._total(adjoints.pop(index), index, order)
            if index in targets:
                found[index] = adjoint
            for position, arg in enumerate(self.steps[index].args):
                if active[arg]:
                    part = self._product(index, position, adjoint, order)
                    if part is not None:
                        adjoints.setdefault(arg, []).append(part)
        return found

    def local(self, index: int) -> torch.Tensor | None:
        """The derivative that a product multiplies its adjoint by: the product of an adjoint of ones."""
        step = self.steps[index]
        *args, adjoint = (self.values[arg] for arg in step.args)
        try:
            return step.run([*args, torch.ones_like(adjoint)])
        except RuntimeError:
            return None

    # Building

    def _append(self, step: ProgramStep) -> int:
        if len(self.steps) >= self.most:
            raise LimitError("looking for where it went wrong", f"it takes more than {self.most:,} steps")
        with torch.no_grad():
            value = step.run([self.values[arg] for arg in step.args])
        self.entries += value.numel()
        if self.entries > MAX_ENTRIES:
            raise LimitError("looking for where it went wrong", f"the values have more than {MAX_ENTRIES:,} entries")
        self.steps.append(step)
        self.values.append(value.detach())
        return len(self.steps) - 1

    def _fixed(self, value: torch.Tensor) -> int:
        """What depends on nothing, as the step of the operation that is looked at."""
        value = value.detach()
        return self._append(ProgramStep(lambda _: value, (), len(self.places)))

    def _constant(self, op: Literal | NamedConstant | ConstantTensor) -> int:
        return self._fixed(constant(op, self.like))

    def _call(self, op: Primitive | Custom, args: Sequence[int]) -> int:
        if isinstance(op, Derivative):
            return self._derivative(len(self.places), args[0], args[1], op.order)
        function, taken = kernel(self.tape, op)
        return self._append(ProgramStep(lambda v: function(*v[: len(taken)]), tuple(args), len(self.places)))

    def _derivative(self, index: int, output: int, by: int, order: int) -> int:
        """A derivative inside the program, as steps."""
        for _ in range(order):
            found = self.sweep(output, torch.ones_like(self.values[output]), [by])
            output = found[by] if by in found else self._append(self._zeros(by, index))
        return self._append(ProgramStep(lambda v: v[0].clone(), (output,), index))

    def _zeros(self, like: int, op: int) -> ProgramStep:
        """A derivative by what is not used."""
        zeros = torch.zeros_like(self.values[like])
        return ProgramStep(lambda _: zeros, (), op)

    def _active(self, output: int, targets: Sequence[int]) -> bytearray:
        """For each step, whether it depends on a target."""
        flags = bytearray(output + 1)
        for target in targets:
            if target <= output:
                flags[target] = 1
        for index in range(output + 1):
            if not flags[index] and any(flags[arg] for arg in self.steps[index].args):
                flags[index] = self.values[index].is_floating_point()
        return flags

    def _total(self, parts: list[int], index: int, order: int) -> int:
        total = parts[0]
        for part in parts[1:]:
            step = ProgramStep(lambda v: v[0] + v[1], (total, part), self.steps[index].op, order, index, is_sum=True)
            total = self._append(step)
        return total

    def _product(self, index: int, position: int, adjoint: int, order: int) -> int | None:
        """The contribution of a step's adjoint to one of its arguments; None where nothing flows there."""
        step = self.steps[index]
        if step.is_sum:
            return adjoint
        forward = step.run

        def product(values: Sequence[torch.Tensor]) -> torch.Tensor:
            *args, weight = values
            again = any(value.requires_grad for value in values)  # else torch need not know how to go on
            with torch.enable_grad():
                mine = [_leaf(arg) if place == position else arg for place, arg in enumerate(args)]
                weighted = (forward(mine) * weight).sum()  # given weights, torch would import SymPy to look at them
                (found,) = torch.autograd.grad(weighted, mine[position], create_graph=again, allow_unused=True)
            if found is None:
                raise _NothingFlows
            return found

        try:
            return self._append(ProgramStep(product, (*step.args, adjoint), step.op, order, index, position))
        except _NothingFlows:
            return None
        except RuntimeError as error:
            if "does not require grad" in str(error):
                return None
            raise


class _NothingFlows(Exception):
    """An argument on which a step's value does not depend, as far as torch is concerned."""


def _leaf(tensor: torch.Tensor) -> torch.Tensor:
    """A tensor that a gradient can be asked for, apart from every other one."""
    return tensor.view_as(tensor) if tensor.requires_grad else tensor.detach().requires_grad_()
