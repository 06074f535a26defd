"""Forward mode held against reverse mode, in double precision, at some points."""

from __future__ import annotations

import math
import random
import warnings
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import torch
from torch.autograd import forward_ad

from gradcli.backends.torch.device import reason_of
from gradcli.backends.torch.run import constant, inputs_of, run_all
from gradcli.check.data import Modes
from gradcli.check.written import Nested, written
from gradcli.functions.shapes import Shape
from gradcli.language.numbers import DTYPES, to_float
from gradcli.reference.digits import agreeing
from gradcli.reference.pieces import Point
from gradcli.tape.arrays import Array
from gradcli.tape.tape import ConstantNumber, ConstantTensor, Derivative, Input, Tape

POINTS = 8

MakeDual = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def compare(tape: Tape, shapes: Mapping[str, Shape], places: Sequence[Point], seed: int) -> Modes:
    """At how many points both modes have a derivative, and in how many digits they agree at the worst one.

    The derivative along a random direction by all variables: forward mode gives it at once, reverse mode as the
    product with the gradient of a random sum of the outputs.
    """
    chance = random.Random(seed)  # noqa: S311
    count, worst, where = 0, math.inf, None
    for place in places[:: max(1, len(places) // POINTS)][:POINTS]:
        point = written(place, shapes)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # torch's own, of what its forward mode is made with
                pair = _both(tape, _values(point, shapes), chance)
        except (RuntimeError, NotImplementedError, ValueError, TypeError) as error:
            return Modes(count, note=f"torch has no forward mode for this: {reason_of(error).rstrip('.')}")
        if pair is None:
            continue
        count += 1
        forward, reverse, size = pair
        digits = agreeing(abs(forward - reverse), size, DTYPES["float64"].digits)
        if digits < worst:
            worst, where = digits, point
    if not count:
        return Modes(0, note="no point at which both have a finite derivative")
    return Modes(count, round(worst, 2), where)


def _values(point: Mapping[str, Nested], shapes: Mapping[str, Shape]) -> dict[str, Fraction | Array]:
    return {name: _array(value, shapes[name]) if shapes.get(name) else Fraction(str(value))
            for name, value in point.items()}  # fmt: skip


def _array(value: Nested, shape: Shape) -> Array:
    from array import array

    flat: list[Any] = [value]
    for _ in shape:
        flat = [inner for one in flat for inner in one]
    return Array(shape, array("d", (to_float(Fraction(one)) for one in flat)))


def _both(
    tape: Tape, point: Mapping[str, Fraction | Array], chance: random.Random
) -> tuple[float, float, float] | None:
    """The derivative along a direction by forward and by reverse mode, and its size; None where one is not finite."""
    like = torch.empty((), dtype=torch.float64)
    names = list(tape.inputs)
    if not names or any(isinstance(op, Derivative) for op in tape.ops):
        return None
    inputs = inputs_of(tape, point, like, {tape.inputs[name] for name in names})
    moves = {name: _random(inputs[name], chance) for name in names}
    output = run_all(tape, inputs, like)[tape.output]
    if not output.requires_grad:
        return None
    weights = _random(output, chance)
    by = [inputs[name] for name in names]
    gradients = torch.autograd.grad(output, by, weights, allow_unused=True)
    terms = [(g * moves[name]).detach() for g, name in zip(gradients, names) if g is not None]
    reverse = float(sum(term.sum() for term in terms))
    size = float(sum(term.abs().sum() for term in terms))
    try:
        tangent = _tangent(tape, inputs, moves, like, _make_dual)
    except RuntimeError:  # in some versions of torch, a few operations have no tangent but among those compiled
        tangent = _tangent(tape, inputs, moves, like, forward_ad.make_dual)
    forward = 0.0 if tangent is None else float((tangent * weights).detach().sum())
    return (forward, reverse, size) if math.isfinite(forward) and math.isfinite(reverse) else None


def _make_dual(value: torch.Tensor, move: torch.Tensor) -> torch.Tensor:
    """A tensor with its tangent, where no level is open but one.

    `forward_ad.make_dual` compiles the tangents of a few operations first, most of a second for no other ones.
    """
    found: torch.Tensor = torch._VF._make_dual(value, move, level=0)
    return found


def _tangent(
    tape: Tape, inputs: Mapping[str, torch.Tensor], moves: Mapping[str, torch.Tensor], like: torch.Tensor,
    make: MakeDual,
) -> torch.Tensor | None:  # fmt: skip
    """The output's change along the moves of the inputs; None where there is none."""
    with forward_ad.dual_level():
        dual = {
            name: make(value.detach(), moves[name]) if name in moves else value.detach()
            for name, value in inputs.items()
        }
        dual, moved = _with_constants(tape, dual, like, make)
        output = run_all(moved, dual, like)[tape.output]
        tangent: torch.Tensor | None = forward_ad.unpack_dual(output).tangent  # type: ignore[no-untyped-call]
        return tangent


def _with_constants(
    tape: Tape, dual: Mapping[str, torch.Tensor], like: torch.Tensor, make: MakeDual
) -> tuple[dict[str, torch.Tensor], Tape]:
    """The same with all constants but exponents as inputs that do not move.

    Of a tensor without a tangent torch makes one of its own kind, for which it imports torch._dynamo: a second.
    """
    exponents = {op.args[1] for op in tape.ops if op.called == "**"}
    values, ops = dict(dual), list(tape.ops)
    for index, op in enumerate(ops):
        if isinstance(op, (ConstantNumber, ConstantTensor)) and index not in exponents:
            value = constant(op, like)
            name = f"constant {index}"
            values[name] = make(value, torch.zeros_like(value))
            ops[index] = Input(label=name, shape=op.shape)
    return values, Tape(ops, tape.inputs, tape.named, tape.output, tape.most)


def _random(like: torch.Tensor, chance: random.Random) -> torch.Tensor:
    """Numbers of size 1, in the shape of a tensor."""
    flat = [chance.choice((-1, 1)) * chance.uniform(0.5, 1.5) for _ in range(like.numel())]
    return torch.tensor(flat, dtype=like.dtype).reshape(like.shape)
