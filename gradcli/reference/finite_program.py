"""Points with values that are not finite: a program as it is there, in numbers, or why it has no meaning.

Each operation is replaced by what it tends to as its arguments go where they are infinite, by rules that are limits:
exp(-inf) is 0, x + inf is inf, min(x, inf) is x, and inf - inf is nothing. What is left is a program of the finite
variables alone, which is judged like any other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Union

from gradcli.backends.arb.context import UNKNOWN, is_ball, number_of, precision
from gradcli.backends.arb.evaluate import call
from gradcli.backends.arb.guards import guards, may_be_zero
from gradcli.functions import table
from gradcli.functions.row import Row
from gradcli.reference.point import START_BITS
from gradcli.tape.emit import SCALE
from gradcli.tape.interpret import Rules, interpret
from gradcli.tape.rules import definition, template_of
from gradcli.tape.tape import Custom, Input, Literal, NamedConstant, Primitive, Tape, label_of, moved

if TYPE_CHECKING:
    from fractions import Fraction

_NAN = math.nan
_ENDS = {"inf": math.inf, "-inf": -math.inf}
_COMPARED = {
    "<": lambda x, y: x < y, "<=": lambda x, y: x <= y, ">": lambda x, y: x > y, ">=": lambda x, y: x >= y,
    "==": lambda x, y: x == y, "!=": lambda x, y: x != y,
}  # fmt: skip


@dataclass(frozen=True)
class FiniteOp:
    """An operation on the program of finite numbers.

    value   there: a ball, a truth value, or UNKNOWN
    firm    of a truth value, whether it is the same around the point
    tends   whether it only tends to that value: a 0 of that kind wins over nothing
    """

    index: int
    value: Any
    firm: bool = False
    tends: bool = False


# On the program of finite numbers; or infinite, or nothing (nan); or known to be true or false.
ExtendedValue = Union[FiniteOp, float, bool]


@dataclass
class FiniteProgram:
    """A tape without what is not finite at a point, and what each operation of the original comes to on it."""

    original: Tape
    point: Mapping[str, Fraction | float]
    only_limits: bool = False  # inf == inf is true, but says nothing of what tends to both
    tape: Tape = field(default_factory=Tape)
    places: list[ExtendedValue] = field(default_factory=list)

    def build(self, end: int | None = None) -> FiniteProgram:
        """Replace all operations, up to `end`."""
        self.tape.most = self.original.most
        rules: Rules[ExtendedValue] = Rules(self._number, self._primitive, custom=_body, input=self._input)
        with precision(START_BITS):
            interpret(self.original, rules, end=end, values=self.places)
        for name, index in self.original.named.items():
            place = self.places[index] if index < len(self.places) else _NAN
            if isinstance(place, FiniteOp):
                self.tape.named[name] = place.index
        return self

    def _number(self, op: Literal | NamedConstant) -> ExtendedValue:
        return FiniteOp(self.tape.append(op), number_of(op.value, label_of(op)))

    def _input(self, op: Input) -> ExtendedValue:
        value = self.point[op.label]
        if isinstance(value, float):
            return value
        return FiniteOp(self.tape.input(op.label), number_of(value, None))

    def _primitive(self, op: Primitive, args: list[ExtendedValue]) -> ExtendedValue:
        return self._call(op.row, args, op)

    def _call(self, row: Row, args: Sequence[ExtendedValue], op: Primitive | None = None) -> ExtendedValue:
        if all(isinstance(arg, FiniteOp) for arg in args):
            return self._plain(row, [arg for arg in args if isinstance(arg, FiniteOp)], op)
        name = row.name
        if name in ("where", "and", "or", "not"):
            return self._logic(name, args)
        if any(isinstance(arg, float) and math.isnan(arg) for arg in args):
            return name == "!=" if name in _COMPARED else _NAN
        if name in _COMPARED:
            if self.only_limits and args[0] == args[1]:
                return _NAN
            return bool(_COMPARED[name](*map(_size, args)))
        if name in ("max", "min"):
            return self._extreme(name, args)
        if name in _ARITHMETIC:
            return _ARITHMETIC[name](self, *args)
        if row is SCALE:
            adjoint = args[0]
            is_zero = isinstance(adjoint, FiniteOp) and is_ball(adjoint.value) and adjoint.value.is_zero()
            is_zero = is_zero and not (isinstance(adjoint, FiniteOp) and adjoint.tends)
            return adjoint if is_zero else self.product(*args)
        if callable(row.ends):
            found: ExtendedValue = row.ends(self, *args)
            return found
        if len(args) == 1 and row.ends is not None and isinstance(args[0], float):
            return self.text(row.ends[args[0] > 0])
        template = definition(name)
        return _NAN if template is None else self._defined(template, row, args)

    def _plain(self, row: Row, args: Sequence[FiniteOp], op: Primitive | None) -> ExtendedValue:
        places = tuple(arg.index for arg in args)
        tends = any(arg.tends for arg in args)
        if tends and self.only_limits and any(map(may_be_zero, guards(row, [arg.value for arg in args]))):
            return _NAN  # what it does at a jump is not what it tends to
        value = call(row, [arg.value for arg in args], list(places))
        firm = all(arg.firm for arg in args)
        if row.name in _COMPARED:
            gap = call(table.BY_NAME["-"], [arg.value for arg in args], list(places))
            firm = is_ball(gap) and not gap.contains(0)
        return FiniteOp(
            self.tape.append(Primitive(row, places) if op is None else moved(op, places)), value, firm, tends
        )

    def _defined(self, template: Tape, row: Row, args: Sequence[ExtendedValue]) -> ExtendedValue:
        """A row by its definition."""
        inputs = {parameter.name: arg for parameter, arg in zip(row.parameters, args)}
        rules: Rules[ExtendedValue] = Rules(self._number, self._primitive)
        return interpret(template, rules, inputs)[template.output]

    def _logic(self, name: str, args: Sequence[ExtendedValue]) -> ExtendedValue:
        if name == "not":
            return not args[0]
        if name == "where":
            condition, a, b = args
            if isinstance(condition, FiniteOp):
                if not condition.firm or not isinstance(condition.value, bool):
                    return _NAN  # it is finite on one side of the point only
                condition = condition.value
            if not isinstance(condition, bool):
                return _NAN
            return self.passed(a if condition else b)
        x, y = args if isinstance(args[0], bool) else args[::-1]
        if not isinstance(x, bool):
            return _NAN
        return y if x is (name == "and") else x

    def passed(self, value: ExtendedValue) -> ExtendedValue:
        """One of the arguments, as an operation of its own."""
        return self._call(table.BY_NAME["pos"], [value]) if isinstance(value, FiniteOp) else value

    def _extreme(self, name: str, args: Sequence[ExtendedValue]) -> ExtendedValue:
        """The larger or the smaller one of two."""
        x, y = args
        chosen = x if _COMPARED[">" if name == "max" else "<"](_size(x), _size(y)) else y
        return self.passed(chosen)

    def call(self, name: str, *args: ExtendedValue) -> ExtendedValue:
        """A row by its name, applied."""
        return self._call(table.BY_NAME[name], args)

    def text(self, limit: str | None) -> ExtendedValue:
        """A limit that a row declares: an expression of constants, or infinite."""
        if limit is None:
            return _NAN
        if limit in _ENDS:
            return _ENDS[limit]
        template = template_of(limit, table.BY_NAME["pos"])
        rules: Rules[ExtendedValue] = Rules(self._number, self._primitive)
        found = interpret(template, rules)[template.output]
        return replace(found, tends=True) if isinstance(found, FiniteOp) else found

    def product(self, x: ExtendedValue, y: ExtendedValue) -> ExtendedValue:
        """A product with an infinite factor: infinite where the other one's sign is known, and it is not 0."""
        sign = _sign(x) * _sign(y)
        return sign * math.inf if sign else _NAN

    def quotient(self, x: ExtendedValue, y: ExtendedValue) -> ExtendedValue:
        """A quotient: 0 by what is infinite, and infinite by what is not and has a sign."""
        if isinstance(y, float):
            return _NAN if isinstance(x, float) else self.text("0")
        return self.product(x, y)

    def power(self, x: ExtendedValue, y: ExtendedValue) -> ExtendedValue:
        """A power of what is infinite by an exponent that stands there; or by an infinite one."""
        if isinstance(y, float):
            base = _size(x)
            if base == math.inf or (isinstance(x, FiniteOp) and is_ball(base) and base > 1):
                return math.inf if y > 0 else self.text("0")
            if isinstance(x, FiniteOp) and is_ball(base) and base > 0 and base < 1:
                return math.inf if y < 0 else self.text("0")
            return _NAN
        exponent = _sign(y)
        if not exponent:
            return _NAN
        if exponent < 0:
            return self.text("0")
        if x == math.inf:
            return math.inf
        whole = self.tape.literal(y.index) if isinstance(y, FiniteOp) else None
        if whole is None or whole.denominator != 1:
            return _NAN
        return math.inf if whole % 2 == 0 else -math.inf


def _sum(program: FiniteProgram, x: ExtendedValue, y: ExtendedValue) -> ExtendedValue:
    infinite = [one for one in (x, y) if isinstance(one, float)]
    return infinite[0] if len(set(infinite)) == 1 else _NAN


def _negated(value: ExtendedValue) -> ExtendedValue:
    return -value if isinstance(value, float) else value


_ARITHMETIC: Mapping[str, Callable[..., ExtendedValue]] = {
    "+": _sum,
    "-": lambda program, x, y: _sum(program, x, _negated(y)),
    "neg": lambda program, x: -x,
    "pos": lambda program, x: x,
    "*": FiniteProgram.product,
    "/": FiniteProgram.quotient,
    "**": FiniteProgram.power,
}


def _body(op: Custom, args: list[ExtendedValue]) -> ExtendedValue:
    return args[0]


def _size(value: ExtendedValue) -> Any:
    """What is compared: a ball, or an infinity; of two of which one is infinite that one decides."""
    return 0.0 if isinstance(value, FiniteOp) and not is_ball(value.value) else (
        value.value if isinstance(value, FiniteOp) else value
    )  # fmt: skip


def _sign(value: ExtendedValue) -> int:
    """1 or -1; 0 where it is 0, or not known."""
    if isinstance(value, FiniteOp):
        ball = value.value
        return 0 if ball is UNKNOWN or not is_ball(ball) else 1 if ball > 0 else -1 if ball < 0 else 0
    return 1 if value > 0 else -1
