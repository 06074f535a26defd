"""Computed tensors of many entries in `--at`: each rounded once, from its exact value, without rational arithmetic."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from gradcli.language.numbers import to_float
from gradcli.tape.tape import ConstantNumber, ConstantTensor, Primitive, Tape

MOST_WORK = 10_000_000  # operations on numbers in balls: as many as the largest tensor has entries
CHUNK = 100_000  # entries
BITS = 256  # of them: enough for one rounding to a double
SMALLEST_NORMAL = 2.0**-1022  # what is smaller is rounded in another way

_ROUNDED_ONCE: Mapping[str, Callable[..., Any]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "neg": np.negative, "pos": np.positive,
}  # fmt: skip


def by_doubles(tape: Tape, numbers: Sequence[Fraction | None]) -> array[float] | None:
    """The values where doubles round just once: one operation of numbers that are doubles, as in `randn(1000)/30`.

    `numbers` are the exact values of what is no tensor. None where there is more to it.
    """
    values: list[tuple[Any, bool]] = []  # with whether they are exact
    for op, number in zip(tape.ops, numbers):
        if isinstance(op, ConstantTensor):
            values.append((np.frombuffer(op.data.data).reshape(op.shape), True))
        elif number is not None and not op.shape:
            near = to_float(number)
            values.append((np.float64(near), math.isfinite(near) and Fraction(near) == number))
        elif not isinstance(op, Primitive) or op.row.name not in _ROUNDED_ONCE:
            return None
        else:
            args = [values[arg] for arg in op.args]
            if not all(is_exact for _, is_exact in args):
                return None
            with np.errstate(all="ignore"):
                found = _ROUNDED_ONCE[op.row.name](*(value for value, _ in args))
            if op.row.name == "*" and np.any((found == 0) & (args[0][0] != 0) & (args[1][0] != 0)):
                return None
            if op.row.name == "/" and np.any((found == 0) & (args[0][0] != 0)):
                return None
            values.append((found, op.row.name in ("neg", "pos")))
    return _plain(values[tape.output][0], tape)


def by_balls(tape: Tape) -> array[float] | None:
    """The values where a ball around each leaves no doubt about the double next to it; None where one does."""
    from gradcli.backends.arb.context import precision
    from gradcli.backends.arb.flint import WORK
    from gradcli.backends.arb.tensors.enclosures import NotEnclosed
    from gradcli.backends.arb.tensors.forward import TensorEvaluation

    if sum(math.prod(op.shape) for op in tape.ops if not isinstance(op, ConstantTensor)) > MOST_WORK * WORK:
        return None
    with precision(BITS):
        try:
            if all(not isinstance(op, Primitive) or op.row.shape is None for op in tape.ops):
                found = _entrywise(tape)
            else:
                found = _rounded(TensorEvaluation(tape, {}, [1] * len(tape.ops)).values[tape.output])
        except NotEnclosed:
            return None
    return None if found is None else _plain(found, tape)


def _rounded(balls: Any) -> Any:
    """The doubles next to balls; None where one is not certain."""
    from gradcli.backends.arb.tensors.arrays import nearest

    low, high = (
        nearest(np.frompyfunc(lambda ball, end=end: getattr(ball, end)(), 1, 1)(balls)) for end in ("lower", "upper")
    )
    return low if np.all(low == high) else None


def _entrywise(tape: Tape) -> Any:
    """The entries of a tape of elementwise operations, some at a time: balls take a hundred bytes each."""
    from gradcli.backends.arb.tensors.arrays import from_doubles, from_number
    from gradcli.backends.arb.tensors.enclosures import apply

    shape = tape.ops[tape.output].shape
    count = math.prod(shape)
    data = {
        index: np.broadcast_to(np.frombuffer(op.data.data).reshape(op.shape), shape).reshape(-1)
        for index, op in enumerate(tape.ops)
        if isinstance(op, ConstantTensor)
    }
    pieces = []
    for start in range(0, count, CHUNK):
        values: list[Any] = []
        for index, op in enumerate(tape.ops):
            if index in data:
                values.append(from_doubles(data[index][start : start + CHUNK]))
            elif isinstance(op, ConstantNumber):
                values.append(from_number(op.value))
            else:
                assert isinstance(op, Primitive)
                values.append(apply(op.row, [values[arg] for arg in op.args]))
        piece = _rounded(values[tape.output])
        if piece is None:
            return None
        pieces.append(np.broadcast_to(piece, (min(CHUNK, count - start),)))
    return np.concatenate(pieces).reshape(shape)


def _plain(found: Any, tape: Tape) -> array[float] | None:
    """The entries, where all are 0 or of an ordinary size."""
    size = np.abs(found)
    if not np.all(np.isfinite(found) & ((size >= SMALLEST_NORMAL) | (size == 0))):
        return None
    whole = np.ascontiguousarray(np.broadcast_to(found, tape.ops[tape.output].shape))
    return array("d", whole.tobytes())
