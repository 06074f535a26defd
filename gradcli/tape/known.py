"""What is known of a program before anything runs: numbers and lists of numbers, wherever their names stand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from gradcli.errors import GradcliError, Source, Span
from gradcli.tape.arrays import nested
from gradcli.tape.tape import ConstantNumber, ConstantTensor, Input, Tape


class KnownBefore(GradcliError):
    """A variable stands where something has to be known before anything runs: its value goes into the program.

    `variable` is its name.
    """

    variable: str = ""


def known_before(what: str, variable: str, source: Source, span: Span | None) -> KnownBefore:
    """The error, which is one for the user where the variable has no value."""
    error = KnownBefore(
        "checking the program", f"{what} has to be known before anything runs", source=source, span=span,
        expected="a whole number, or a list of them", hint=f"give it a value: --at {variable}=...",
    )  # fmt: skip
    error.variable = variable
    return error


def value_at(tape: Tape, index: int) -> Any:
    """The number at an operation, or the nested tuples of numbers; None where it is computed.

    A variable is given as its operation.
    """
    op = tape.ops[index]
    if isinstance(op, Input):
        return op
    if isinstance(op, ConstantNumber):
        return op.value
    if isinstance(op, ConstantTensor):
        return _numbers(nested(op.shape, op.data.data))
    if op.called in ("neg", "pos"):
        inner = value_at(tape, op.args[0])
        return (-inner if op.called == "neg" else inner) if isinstance(inner, Fraction) else None
    if op.called == "[]":
        entries = tuple(value_at(tape, arg) for arg in op.args)
        return next((one for one in entries if one is None or isinstance(one, Input)), entries)
    return None


def whole(value: Any) -> Any:
    """Nested tuples of whole numbers; None where one is none."""
    if isinstance(value, tuple):
        inner = tuple(whole(one) for one in value)
        return None if None in inner else inner
    return int(value) if isinstance(value, Fraction) and value.denominator == 1 else None


def _numbers(value: Any) -> Any:
    return tuple(map(_numbers, value)) if isinstance(value, (list, tuple)) else Fraction(value)
