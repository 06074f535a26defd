"""Rows evaluated in balls, by their enclosures and definitions, and in mpmath."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flint import arb, fmpz

from tests.doors import (
    BALLS,
    Arithmetic,
    GivenUp,
    Input,
    Literal,
    NamedConstant,
    Primitive,
    Row,
    Uncertain,
    definition,
    precision,
    table,
)

CONSTANTS = {"pi": lambda: arb.pi(), "tau": lambda: 2 * arb.pi(), "e": lambda: arb.const_e()}
COMPARISONS = {
    "<": lambda x, y: BALLS.less(x, y),
    ">": lambda x, y: BALLS.less(y, x),
    "<=": lambda x, y: not BALLS.less(y, x),
    ">=": lambda x, y: not BALLS.less(x, y),
    "==": lambda x, y: BALLS.equal(x, y),
    "!=": lambda x, y: not BALLS.equal(x, y),
    "and": lambda x, y: x and y,
    "or": lambda x, y: x or y,
    "not": lambda x: not x,
    "where": lambda condition, x, y: x if condition else y,
}


def is_enclosed(row: Row) -> bool:
    """Whether a row has an enclosure, or a definition by rows that have one."""
    if row.shape is not None:
        return False
    if row.arb is not None or row.name in COMPARISONS:
        return True
    tape = definition(row.name)
    return tape is not None and all(not isinstance(op, Primitive) or is_enclosed(op.row) for op in tape.ops)


def enclose(row: Row, args: Sequence[Any]) -> Any:
    """The ball of a row's value; None where it certainly has none. Raises Uncertain."""
    if row.name in COMPARISONS:
        return COMPARISONS[row.name](*args)
    if any(arg is None for arg in args):
        return None
    if row.arb is None:
        ball = _defined(row, args)
    elif isinstance(row.arb, str):
        ball = getattr(args[0], row.arb)(*args[1:])
    else:
        ball = row.arb(BALLS, *args)
    if ball is not None and not ball.is_finite():
        raise Uncertain
    return ball


def _defined(row: Row, args: Sequence[Any]) -> Any:
    tape = definition(row.name)
    assert tape is not None
    given = dict(zip([parameter.name for parameter in row.parameters], args))
    values: list[Any] = []
    for op in tape.ops:
        if isinstance(op, Primitive):
            values.append(enclose(op.row, [values[arg] for arg in op.args]))
        elif isinstance(op, NamedConstant):
            values.append(CONSTANTS[op.label]())
        elif isinstance(op, Literal):
            values.append(BALLS.number(op.value))
        else:
            assert isinstance(op, Input)
            values.append(given[op.label])
    return values[tape.output]


def by_name(name: str, *args: float | Any) -> Any:
    """The ball of a row's value at numbers, which are taken as they are."""
    return enclose(table.BY_NAME[name], [arg if isinstance(arg, arb) else arb(arg) for arg in args])


def interval(low: float, high: float) -> Any:
    """A ball from one number to another; never below 0 where it starts there."""
    if low == 0:
        return arb(0).union(arb(high)).nonnegative_part()
    return arb((low + high) / 2, (high - low) / 2)


def truth(row: Row, args: Sequence[Any], bits: int) -> Any:
    """What mpmath gives at exact arguments, as a ball of its error; None where there is no value. Raises GivenUp."""
    arithmetic = Arithmetic()
    before, arithmetic.bits = arithmetic.bits, 2 * bits + 64
    try:
        value = arithmetic.call(row, [arithmetic.m.mpf(arg) for arg in args])
        if value is None:
            return None
        sign, significand, exponent, length = value._mpf_
    finally:
        arithmetic.bits = before
    with precision(max(length, 64)):
        exact = arb(fmpz(-int(significand) if sign else int(significand))) * arb(2) ** exponent
    with precision(2 * bits + 64):
        return exact + arb(0, 1) * exact * arb(2) ** (-bits - 40)


__all__ = ["BALLS", "GivenUp", "Uncertain", "by_name", "enclose", "interval", "is_enclosed", "precision", "truth"]
