"""Rows of the table on whole arrays of balls, entry by entry: their enclosures, and their derivative rules."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any, Optional

import numpy as np

from gradcli.backends.arb.context import Uncertain
from gradcli.backends.arb.evaluate import COMPARED
from gradcli.backends.arb.evaluate import enclosure as of_numbers
from gradcli.backends.arb.flint import arb
from gradcli.backends.arb.guards import BALL_GUARDS
from gradcli.backends.arb.tensors.arrays import as_array, from_number, scaled
from gradcli.backends.arb.tensors.leaf import BallArray
from gradcli.functions import table
from gradcli.functions.row import Row
from gradcli.tape.interpret import NoRule, Rules, V
from gradcli.tape.rules import applied, definition, rule
from gradcli.tape.tape import Primitive, Tape

FAILS = (Uncertain, ZeroDivisionError, ValueError, OverflowError)


class NotEnclosed(Exception):
    """There is an operation that has no enclosure, or none on whole tensors."""


def enclosure(row: Row) -> Callable[..., Any] | None:
    """What encloses one entry of a row, a callable of balls; None where the row is its definition, or has none."""
    if row.name in COMPARED:
        return _compared(row.name)
    return None if row.arb is None else of_numbers(row)


def _compared(name: str) -> Callable[..., bool | None]:
    holds, fails = COMPARED[name]
    return lambda x, y: True if holds(x, y) else False if fails(x, y) else None


# Truth values are True, False or None: not decided by the balls.


def _and(x: Any, y: Any) -> bool | None:
    return False if x is False or y is False else None if x is None or y is None else True


def _or(x: Any, y: Any) -> bool | None:
    return True if x is True or y is True else None if x is None or y is None else False


def _not(x: Any) -> bool | None:
    return None if x is None else not x


def _where(condition: Any, a: Any, b: Any) -> Any:
    return arb.nan() if condition is None else a if condition else b


_DIRECT: Mapping[str, Callable[..., Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "neg": operator.neg,
    "pos": lambda x: x,
}  # fmt: skip
_LOGIC: Mapping[str, Callable[..., Any]] = {"and": _and, "or": _or, "not": _not, "where": _where}


@cache
def _entrywise(name: str, count: int) -> Callable[..., Any] | None:
    """A row as a function of so many arrays."""
    row = table.BY_NAME[name]
    if name in _DIRECT:
        return _DIRECT[name]
    if name in _LOGIC:
        return _on_arrays(_LOGIC[name], count)
    found = enclosure(row)
    if found is None:
        return None
    nothing = None if row.gives_truth else arb.nan()

    def guarded(*balls: Any) -> Any:
        try:
            value = found(*balls)
        except FAILS:
            return nothing
        return nothing if value is None else value

    return _on_arrays(guarded, count)


def _on_arrays(function: Callable[..., Any], count: int) -> Callable[..., Any]:
    """A function of so many objects, entry by entry.

    NumPy looks at the processor's flags afterwards, and would warn of what a library's own doubles did inside.
    """
    each: Callable[..., Any] = np.frompyfunc(function, count, 1)

    def found(*arrays: Any) -> Any:
        with np.errstate(all="ignore"):
            return each(*arrays)

    return found


def apply(row: Row, args: Sequence[BallArray]) -> BallArray:
    """A row on arrays, with broadcasting; what has no value is a ball that is not finite.

    Raises NotEnclosed where the row has no enclosure.
    """
    function = _entrywise(row.name, len(args))
    if function is not None:
        return as_array(function(*args))
    template = definition(row.name)
    if template is None:
        raise NotEnclosed(row.name)
    return _applied(template, row, RULES, args)


def local_derivative(row: Row, position: int, args: Sequence[BallArray]) -> BallArray:
    """The derivative of a row by one of its arguments, at all entries.

    Raises NotEnclosed where there is no rule, or a part of it has no enclosure.
    """
    return _applied(_rule(row, position), row, RULES, args)


def second_derivative(row: Row, position: int, by: int, args: Sequence[BallArray]) -> BallArray | None:
    """The derivative of a derivative rule by one of the row's arguments; None where it is 0 everywhere.

    Raises NotEnclosed where a part of the rule has no rule or no enclosure.
    """
    one = from_number(Fraction(1))
    moving: list[_Dual] = [(arg, one if index == by else None) for index, arg in enumerate(args)]
    return _applied(_rule(row, position), row, _DUALS, moving)[1]


def _rule(row: Row, position: int) -> Tape:
    template = rule(row.name, position)
    if template is None:
        raise NotEnclosed(row.name)
    return template


def _applied(template: Tape, row: Row, rules: Rules[V], args: Sequence[V]) -> V:
    """A rule or a definition of the table; raises NotEnclosed where it has more than rows and numbers."""
    try:
        return applied(template, row, rules, args)
    except NoRule:
        raise NotEnclosed(row.name) from None


def _primitive(op: Primitive, args: Sequence[BallArray]) -> BallArray:
    if op.is_tensor:
        raise NotEnclosed(op.row.name)
    return apply(op.row, args)


RULES: Rules[BallArray] = Rules(lambda op: from_number(op.value), _primitive)

# A value, and its derivative by something; None where that is 0 everywhere.
_Dual = tuple[BallArray, Optional[BallArray]]


def _change(op: Primitive, args: Sequence[_Dual]) -> _Dual:
    values, changes = [value for value, _ in args], [change for _, change in args]
    value = apply(op.row, values)
    if op.row.gives_truth:
        return value, None
    if op.row.name == "where":  # what is not taken may not even exist
        if changes[1] is None and changes[2] is None:
            return value, None
        a, b = (from_number(Fraction(0)) if change is None else change for change in changes[1:])
        return value, apply(op.row, [values[0], a, b])
    total: Any = None
    for position, change in enumerate(changes):
        if change is not None:
            part = scaled(change, local_derivative(op.row, position, values))
            total = part if total is None else total + part
    return value, None if total is None else as_array(total)


_DUALS: Rules[_Dual] = Rules(lambda op: (from_number(op.value), None), _change)


def guards_of(row: Row, args: Sequence[BallArray]) -> tuple[Any, Any] | None:
    """Which entries of a row sit on a point where it changes its formula, and which might, of all entries.

    None where the row has no such points.
    """
    if not row.guards:
        return None
    functions = BALL_GUARDS.functions(row)
    if row.name == "/":  # the pole is the denominator's alone, however it is broadcast
        args = args[1:]

    def look(*balls: Any) -> int:
        try:
            found = [guard for function in functions if (guard := function(*balls)) is not None]
        except (*FAILS, TypeError, AttributeError):
            return 2
        worst = 0
        for ball in found:
            if ball.is_zero():
                return 1
            if not ball.is_finite() or ball.contains(0):
                worst = 2
        return worst

    codes = np.asarray(np.frompyfunc(look, len(args), 1)(*args), dtype=np.int8)
    return codes == 1, codes == 2
