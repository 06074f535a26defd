"""Running a tape with torch tensors: one tensor for each operation, in order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import torch

from gradcli.backends.torch.functions import custom_vjp, row_function
from gradcli.backends.torch.plane import plane_kernel
from gradcli.functions import table
from gradcli.functions.row import Row
from gradcli.language.numbers import to_float
from gradcli.tape.arrays import Array
from gradcli.tape.emit import SCALE
from gradcli.tape.interpret import Rules, interpret
from gradcli.tape.lower_rows import written_row
from gradcli.tape.tape import ConstantTensor, Custom, Derivative, Literal, NamedConstant, Primitive, Tape

WITHOUT_DERIVATIVE = ("is not differentiable with respect to argument", "derivative for")  # torch's own words


def run(tape: Tape, inputs: Mapping[str, torch.Tensor], like: torch.Tensor) -> torch.Tensor:
    """The value of a tape's output; numbers take the dtype and the device of `like`."""
    return run_all(tape, inputs, like)[tape.output]


def run_all(
    tape: Tape,
    inputs: Mapping[str, torch.Tensor],
    like: torch.Tensor,
    leaves: Collection[int] = (),
    passing: Collection[int] = (),
    leave: Callable[[torch.Tensor], object] = id,
) -> list[torch.Tensor]:
    """The value of every operation; the ones in `leaves` become leaves unless a gradient flows to them.

    Those in `passing` are given to `leave` when they have been used for the last time, and None stands there.
    """
    found: list[Any] = []
    last = {arg: index for index, op in enumerate(tape.ops) for arg in op.args if arg in passing}
    ending: dict[int, list[int]] = {}
    for arg, index in last.items():
        ending.setdefault(index, []).append(arg)
    # By these something is differentiated: where torch hands on the same tensor, as for +x, it is not by x.
    targets = {op.args[1] for op in tape.ops if isinstance(op, Derivative)}

    def call(op: Primitive | Custom, args: list[torch.Tensor]) -> torch.Tensor:
        function, taken = plane_kernel(tape, op, kernel, run) if like.is_complex() else kernel(tape, op)
        value: torch.Tensor = function(*args[: len(taken)])
        return value

    def known(op: Literal | NamedConstant | ConstantTensor) -> torch.Tensor:
        return constant(op, like)

    def after(index: int, value: torch.Tensor) -> torch.Tensor:
        if index in targets and any(value is found[arg] for arg in tape.ops[index].args):
            value = value.view_as(value)
        for arg in ending.get(index, ()):
            leave(found[arg])
            found[arg] = None
        return value.detach().requires_grad_() if index in leaves and not value.requires_grad else value

    return interpret(
        tape,
        Rules(known, call, known, call),
        inputs,
        values=found,
        after=after if leaves or ending or targets else None,
    )


def inputs_of(
    tape: Tape, point: Mapping[str, Fraction | Array], like: torch.Tensor, leaves: Collection[int]
) -> dict[str, torch.Tensor]:
    """A tensor for each variable of a tape; those that are leaves require a gradient."""
    return {
        name: (
            tensor_of(value, like)
            if isinstance(value, Array)
            else torch.tensor(to_float(value), dtype=like.dtype, device=like.device)
        ).requires_grad_(tape.inputs[name] in leaves)
        for name, value in point.items()
        if name in tape.inputs
    }


def constant(op: Literal | NamedConstant | ConstantTensor, like: torch.Tensor) -> torch.Tensor:
    """The tensor of an operation that depends on nothing: a number, a constant, a constant tensor."""
    if isinstance(op, ConstantTensor):
        return tensor_of(op.data, like)
    return torch.tensor(to_float(op.value), dtype=like.dtype, device=like.device)


def kernel(tape: Tape, op: Primitive | Custom) -> tuple[Callable[..., Any], tuple[int, ...]]:
    """What computes an operation, and from which ones: its arguments, but for a literal exponent."""
    if isinstance(op, Custom):
        function = custom_vjp(op.vjp, run)
        return lambda body, *rest: function.apply(body.detach(), *rest), op.args  # type: ignore[no-untyped-call]
    if isinstance(op, Derivative):
        return lambda value, by: differentiated(value, by, op.order), op.args
    exponent = tape.literal_exponent(op)
    if exponent is not None:
        power = scalar(exponent)
        return lambda base: torch.pow(base, power), op.args[:1]
    found = scaled if op.row is SCALE else implementation(op.row.name)
    if not op.statics:
        return found, op.args
    statics, row = op.statics, op.row

    def called(*args: torch.Tensor) -> torch.Tensor:
        try:
            return found(*args, *statics)
        except RuntimeError as error:
            if row.definition is None or not any(said in str(error) for said in WITHOUT_DERIVATIVE):
                raise
            return by_definition(row, statics, args)

    return called, op.args


def scaled(adjoint: torch.Tensor, local: torch.Tensor) -> torch.Tensor:
    """The product in the chain rule: 0 where the adjoint is, even if the local derivative is infinite, or none."""
    return adjoint * torch.where((adjoint == 0) & ~torch.isfinite(local), 0.0, local)


def by_definition(row: Row, statics: tuple[Any, ...], args: tuple[torch.Tensor, ...]) -> torch.Tensor:
    """A row by its definition, where torch has its value and no derivative by all that is asked for: by a weight."""
    names = row.tensors(statics)
    tape = written_row(row, tuple(tuple(arg.shape) for arg in args), statics)
    return run(tape, dict(zip(names, args)), args[0])


def tensor_of(array: Array, like: torch.Tensor) -> torch.Tensor:
    """A constant tensor, in the dtype and on the device of another one; where these are its own, it is not copied."""
    flat = torch.frombuffer(array.data, dtype=torch.float64) if array.data else torch.empty(0, dtype=torch.float64)
    return flat.to(like.device, like.dtype).reshape(array.shape)


def scalar(value: Fraction) -> int | float:
    """A literal exponent as a user of torch would write it: x**2 and not x**tensor(2.)."""
    return value.numerator if value.denominator == 1 else to_float(value)


def differentiated(value: torch.Tensor, by: torch.Tensor, order: int) -> torch.Tensor:
    """The derivative of a tensor by another one, as a further tensor."""
    for _ in range(order):
        if not value.requires_grad:
            return torch.zeros_like(by)
        (gradient,) = torch.autograd.grad(value, by, create_graph=True, allow_unused=True)
        if gradient is None:
            return torch.zeros_like(by)
        value = gradient
    return value


@cache
def implementation(name: str) -> Callable[..., Any]:
    """What runs a row: torch's own function, or an autograd Function made from the row."""
    row = table.BY_NAME[name]
    if row.torch is None:
        return row_function(name, run).apply
    if callable(row.torch):
        return row.torch
    found: Any = torch
    for part in row.torch.split("."):
        found = getattr(found, part)
    return found  # type: ignore[no-any-return]
