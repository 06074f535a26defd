"""Computed tensors of many entries in `--at`: each rounded once, from its exact value, without rational arithmetic."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from gradcli.language.numbers import to_float
from gradcli.tape.interpret import NoRule, Rules, interpret, no_rule
from gradcli.tape.tape import ConstantTensor, Primitive, Tape

MOST_WORK = 10_000_000  # operations on numbers in balls: as many as the largest tensor has entries
CHUNK = 100_000  # entries
BITS = 256  # of them: enough for one rounding to a double
SMALLEST_NORMAL = 2.0**-1022  # what is smaller is rounded in another way

_ROUNDED_ONCE: Mapping[str, Callable[..., Any]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "neg": np.negative, "pos": np.positive,
}  # fmt: skip


def by_doubles(tape: Tape, numbers: Sequence[Fraction | float | None]) -> array[float] | None:
    """The values where doubles round just once: one operation of numbers that are doubles, as in `randn(1000)/30`.

    `numbers` are the exact values of what is not a tensor. None where there is more to it.
    """
    known = {
        i: _near(value) for i, value in enumerate(numbers) if isinstance(value, Fraction) and not tape.ops[i].shape
    }
    rules: Rules[_Double] = Rules(lambda op: _near(op.value), _rounded_once, _doubles, no_rule)
    try:
        values = interpret(tape, rules, stopped=known)
    except NoRule:
        return None
    return _plain(values[tape.output][0], tape)


_Double = tuple[Any, bool]  # numbers, and whether they are exact


def _near(number: Fraction) -> _Double:
    near = to_float(number)
    return np.float64(near), math.isfinite(near) and Fraction(near) == number


def _doubles(op: ConstantTensor) -> _Double:
    return np.frombuffer(op.data.data).reshape(op.shape), True


def _rounded_once(op: Primitive, args: Sequence[_Double]) -> _Double:
    """A row of exact doubles: raises NoRule where the result may be rounded more than once."""
    name = op.row.name
    if name not in _ROUNDED_ONCE or not all(is_exact for _, is_exact in args):
        raise NoRule(name)
    with np.errstate(all="ignore"):
        found = _ROUNDED_ONCE[name](*(value for value, _ in args))
    numerator = args[0][0] != 0
    if name in ("*", "/") and np.any((found == 0) & numerator & (name == "/" or args[-1][0] != 0)):
        raise NoRule(name)  # it underflows
    return found, name in ("neg", "pos")


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
    pieces = []
    for start in range(0, count, CHUNK):

        def piece_of(op: ConstantTensor, start: int = start) -> Any:
            whole = np.broadcast_to(np.frombuffer(op.data.data).reshape(op.shape), shape).reshape(-1)
            return from_doubles(whole[start : start + CHUNK])

        rules = Rules(lambda op: from_number(op.value), lambda op, args: apply(op.row, args), piece_of)
        values = interpret(tape, rules)
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
