"""A tape evaluated in the complex plane, in complex balls (acb): what passes through it, and whether a cut is met.

Rows take the principal branch; those that have none in the plane take numbers whose imaginary part is exactly 0. A
value is a complex ball, a truth value, None where there is none, or UNKNOWN.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from gradcli.backends.arb.context import UNKNOWN, is_ball, number_of
from gradcli.backends.arb.decisions import LOGIC
from gradcli.backends.arb.evaluate import call as call_on_reals
from gradcli.backends.arb.flint import acb
from gradcli.backends.arb.guards import guards, may_be_zero
from gradcli.functions.plane import BranchCut
from gradcli.functions.row import Row
from gradcli.tape.emit import SCALE
from gradcli.tape.interpret import Rules, interpret
from gradcli.tape.rules import definition, template_of
from gradcli.tape.tape import Literal, NamedConstant, Tape, label_of

InPlane = Any  # a complex ball, a truth value, None, or UNKNOWN


class PlaneEvaluator:
    """A tape, evaluated at points and on intervals of real inputs.

    `crossed` are the rows that met a cut, a branch point or a nonsmooth point when it was evaluated last.
    """

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.crossed: list[Row] = []

    def run(self, inputs: Mapping[str, Any], end: int | None = None) -> list[InPlane]:
        """The value of every operation (up to `end`) where the inputs are these real balls."""
        self.crossed = []
        return interpret(self.tape, self._rules, {name: acb(value) for name, value in inputs.items()}, end)

    @property
    def _rules(self) -> Rules[InPlane]:
        return Rules(_number, lambda op, args: self.call(op.row, args, list(op.args)))

    def call(self, row: Row, args: Sequence[InPlane], same: Sequence[int] = ()) -> InPlane:
        """A row applied to values; `same` tells which of them are the same operation."""
        name = row.name
        if name == "where":
            return args[1] if args[0] is True else args[2] if args[0] is False else args[0]
        if name in LOGIC:
            return LOGIC[name](*args)
        if row is SCALE:
            return args[0] if _is_zero(args[0]) else _finite(operator.mul, args)
        if any(arg is None for arg in args):
            return None
        if any(arg is UNKNOWN for arg in args):
            return UNKNOWN
        if name == "detach":
            return args[0]
        if row.plane is not None:
            return self._in_plane(row, args)
        real = [arg.real for arg in args]
        if all(arg.imag.is_zero() for arg in args):
            return self._on_reals(row, real, same)
        template = definition(name)
        if template is not None:
            return self._defined(template, row, args)
        return None if any(not arg.imag.contains(0) for arg in args) else UNKNOWN

    def _in_plane(self, row: Row, args: Sequence[Any]) -> InPlane:
        plane = row.plane
        assert plane is not None
        if plane.definition is not None:
            return self._defined(_template(plane.definition, row), row, args)
        if row.name == "**" and (whole := _whole(args[1])) is not None:
            if whole < 0 and args[0].contains(0):
                self.crossed.append(row)
            return _finite(lambda x, _: x**whole, args)
        if plane.cut is not None and meets(plane.cut, args[0]):
            self.crossed.append(row)
        value = _finite(_enclosure(row), args)
        if value is UNKNOWN and plane.cut is not None and _is_end(plane.cut, args[0]):
            return None
        return value

    def _on_reals(self, row: Row, args: Sequence[Any], same: Sequence[int]) -> InPlane:
        if any(map(may_be_zero, guards(row, args, same))):
            self.crossed.append(row)
        value = call_on_reals(row, args, same)
        return acb(value) if is_ball(value) else value

    def _defined(self, template: Tape, row: Row, args: Sequence[Any]) -> InPlane:
        inputs = {parameter.name: arg for parameter, arg in zip(row.parameters, args)}
        return interpret(template, self._rules, inputs)[template.output]


def _number(op: Literal | NamedConstant) -> Any:
    return acb(number_of(op.value, label_of(op)))


def _finite(function: Callable[..., Any], args: Sequence[InPlane]) -> InPlane:
    """What a function makes of complex balls, as far as it is finite."""
    if any(arg is None or arg is UNKNOWN for arg in args):
        return None if any(arg is None for arg in args) else UNKNOWN
    try:
        value = function(*args)
    except ZeroDivisionError:
        return None
    except (ValueError, OverflowError, TypeError):
        return UNKNOWN
    if value.is_finite():
        return value
    return None if function is operator.truediv and _is_zero(args[1]) else UNKNOWN


def _is_end(cut: BranchCut, z: Any) -> bool:
    """Whether a number is exactly one of the branch points."""
    return any(z == (acb(0, end) if cut.imaginary else acb(end)) for end in cut.ends)


def _is_zero(value: InPlane) -> bool:
    return isinstance(value, acb) and value.is_zero()


def _whole(exponent: Any) -> int | None:
    """The whole number that an exponent exactly is."""
    if not exponent.imag.is_zero() or not exponent.real.is_integer():
        return None
    return int(exponent.real.unique_fmpz())


def meets(cut: BranchCut, z: Any) -> bool:
    """Whether a ball may lie on both sides of a cut, or has a branch point; on the axis itself it may move along it."""
    along, across = (z.imag, z.real) if cut.imaginary else (z.real, z.imag)
    if not across.contains(0):
        return False
    if any(along.contains(end) for end in cut.ends):
        return True
    if across.is_zero():
        return False
    off = abs(along) < 1 if cut.outside else along > cut.below
    return not off


@cache
def _enclosure(row: Row) -> Callable[..., Any]:
    assert row.plane is not None
    own = row.plane.acb
    name = row.name if own == "=" else own
    return operator.methodcaller(name) if isinstance(name, str) and len(row.parameters) == 1 else (
        (lambda x, *args: getattr(x, name)(*args)) if isinstance(name, str) else name
    )  # fmt: skip


@cache
def _template(text: str, row: Row) -> Tape:
    return template_of(text, row)
