"""One call of a compiled program: no chunks and no buffers, the operations as directly as they can be called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from gradcli.backends.columns.nodes import INPUT
from gradcli.backends.columns.recipe import Recipe
from gradcli.backends.columns.schedule import Schedule
from gradcli.backends.torch.run import constant, kernel, tensor_of
from gradcli.language.numbers import to_float
from gradcli.problem.values import Value
from gradcli.tape.arrays import Array
from gradcli.tape.dependence import held_by_diff, reaches
from gradcli.tape.tape import ConstantNumber, ConstantTensor, Custom, Input, Primitive, Tape


class Entrywise:
    """The values and the partials of a program of numbers, at numbers or at tensors entry by entry."""

    def __init__(self, recipe: Recipe, like: torch.Tensor) -> None:
        self.like = like
        schedule = Schedule(recipe)
        self.start: list[Any] = schedule.uniform({}, like)
        self.inputs = [(i, node.name) for i, node in enumerate(recipe.nodes) if node.what == INPUT]
        self.steps = [(step.run, step.args, step.node) for step in schedule.steps]
        self.outputs = recipe.outputs

    def __call__(self, given: Mapping[str, torch.Tensor]) -> list[torch.Tensor]:
        """The values, then the partials."""
        values = self.start.copy()
        for index, name in self.inputs:
            values[index] = given[name]
        for compute, args, node in self.steps:
            values[node] = compute(*[values[arg] for arg in args])
        return [values[index] for index in self.outputs]


class WholeCall:
    """A program over tensors: its operations in torch, and torch's own gradient."""

    def __init__(
        self,
        tape: Tape,
        variables: Sequence[str],
        wrt: Sequence[str],
        like: torch.Tensor,
        constants: Mapping[str, Value],
    ) -> None:
        self.output = tape.output
        self.shape = tape.ops[tape.output].shape
        self.targets = [tape.find(name) or 0 for name in wrt]
        self.start: list[Any] = [None] * len(tape.ops)
        self.inputs: list[tuple[int, int, bool]] = []
        self.steps: list[tuple[Callable[..., Any], tuple[int, ...], int, bool]] = []
        leaves = {*self.targets, *held_by_diff(tape)}
        used = reaches(tape, [tape.output, *self.targets])
        for index, op in enumerate(tape.ops):
            if not used[index]:
                continue
            if isinstance(op, (ConstantNumber, ConstantTensor)):
                self.start[index] = constant(op, like)
            elif isinstance(op, Input) and op.label in constants:
                value = constants[op.label]
                self.start[index] = (
                    tensor_of(value, like)
                    if isinstance(value, Array)
                    else torch.tensor(to_float(value), dtype=like.dtype, device=like.device)
                )
            elif isinstance(op, Input):
                self.inputs.append((index, variables.index(op.label), index in leaves))
            else:
                compute, args = _closure(tape, op)
                self.steps.append((compute, args, index, index in leaves))

    def __call__(self, given: Sequence[torch.Tensor]) -> tuple[torch.Tensor, Sequence[torch.Tensor]]:
        """The value, and its gradients: of the shape of the output, then of the variable."""
        values = self.start.copy()
        for index, place, leaf in self.inputs:
            values[index] = given[place].detach().requires_grad_() if leaf else given[place].detach()
        for compute, args, index, leaf in self.steps:
            if len(args) == 1:  # said apart from the others: a call of a small tensor is mostly Python
                value = compute(values[args[0]])
            elif len(args) == 2:
                value = compute(values[args[0]], values[args[1]])
            else:
                value = compute(*[values[arg] for arg in args])
            values[index] = value.detach().requires_grad_() if leaf and not value.requires_grad else value
        output, by = values[self.output], [values[target] for target in self.targets]
        if not self.shape:
            return output.detach(), _gradients(output, by)
        flat = output.reshape(-1)
        rows = [_gradients(flat[i], by, keep=True) for i in range(flat.shape[0])]
        return output.detach(), [
            torch.stack(column).reshape(self.shape + one.shape) for column, one in zip(zip(*rows), by)
        ]


def _gradients(output: torch.Tensor, by: Sequence[torch.Tensor], keep: bool = False) -> Sequence[torch.Tensor]:
    """The gradient by each; zeros where nothing flows."""
    if not by or not output.requires_grad:
        return [torch.zeros_like(one) for one in by]
    found = torch.autograd.grad(output, by, allow_unused=True, retain_graph=keep)
    for part in found:
        if part is None:
            return [torch.zeros_like(one) if part is None else part for part, one in zip(found, by)]
    return found


def _closure(tape: Tape, op: Primitive | Custom) -> tuple[Callable[..., Any], tuple[int, ...]]:
    """What computes an operation, and from which ones; of sums over all of a tensor without the way there."""
    if isinstance(op, Primitive) and op.statics == (None, False) and op.row.name in _OF_ALL:
        return _OF_ALL[op.row.name], op.args
    return kernel(tape, op)


_OF_ALL: dict[str, Callable[..., Any]] = {"sum": torch.sum, "mean": torch.mean}  # over no dimension in particular
