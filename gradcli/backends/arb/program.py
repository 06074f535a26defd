"""What is evaluated many times in balls: a list of steps without any look-up in it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache, partial
from typing import Any

from gradcli.backends.arb.context import BALLS, Uncertain, number_of
from gradcli.backends.arb.decisions import COMPARED
from gradcli.backends.arb.evaluate import enclosure, is_enclosed
from gradcli.functions import table
from gradcli.tape.dependence import reaches
from gradcli.tape.emit import SCALE
from gradcli.tape.interpret import NoRule, Rules, interpret, no_rule
from gradcli.tape.rules import definition
from gradcli.tape.tape import Literal, NamedConstant, Primitive, Tape


class Unenclosed(Exception):
    """There is an operation that has no enclosure."""


class BallProgram:
    """Steps over numbered places; the places of numbers and of variables are filled beforehand.

    A step is the place of its result, a function, and the places of one or two arguments (-1: there is none); of more
    arguments the places are bound to the function. Equal steps are one.
    """

    def __init__(self) -> None:
        self.numbers: list[Any] = []  # by place; None where a step or a variable fills it
        self.inputs: dict[str, int] = {}
        self.steps: list[tuple[int, Callable[..., Any], int, int]] = []
        self.value_steps = 0  # those that a tape's own value takes come first
        self._known: dict[Any, int] = {}

    def number(self, value: Any) -> int:
        """The place of a ball, or of a truth value."""
        self.numbers.append(value)
        return len(self.numbers) - 1

    def exact(self, numerator: int, denominator: int) -> int:
        """The place of an exact number."""
        key = numerator, denominator
        if key not in self._known:
            self._known[key] = self.number(BALLS.number(Fraction(numerator, denominator)))
        return self._known[key]

    def input(self, name: str) -> int:
        """The place of a variable."""
        if name not in self.inputs:
            self.inputs[name] = self.number(None)
        return self.inputs[name]

    def call(self, function: Callable[..., Any], args: Sequence[int]) -> int:
        """The place of a function's result."""
        key = (function, *args)
        if key not in self._known:
            place = self._known[key] = self.number(None)
            if len(args) > 2:
                self.steps.append((place, partial(_apply, function, args), -1, -1))
            else:
                self.steps.append((place, function, args[0], args[1] if len(args) > 1 else -1))
        return self._known[key]

    def row(self, name: str, args: Sequence[int]) -> int:
        """The place of a row's result.

        Raises Unenclosed where the row has no enclosure.
        """
        if name in DECIDED:
            return self.call(DECIDED[name], args)
        row = table.BY_NAME.get(name, SCALE)
        if name == "detach" or not is_enclosed(row) or row.statics or row.shape is not None:
            raise Unenclosed(name)
        template = definition(name) if row.arb is None and row is not SCALE else None
        if template is None:
            return self.call(
                _OPERATORS.get(name) or _finite(enclosure(row)), sorted(args) if name in ("+", "*") else args
            )
        names = [parameter.name for parameter in table.BY_NAME[name].parameters]
        return self.tape(template, dict(zip(names, args)), [template.output])[template.output]

    def tape(self, tape: Tape, inputs: Mapping[str, int] | None, outputs: Sequence[int]) -> dict[int, int]:
        """The places of a tape's operations, as far as its outputs use them; without `inputs` its own are variables.

        Raises Unenclosed where one of them has no enclosure.
        """
        own = inputs is None

        def counted(index: int, position: int) -> int:
            if own and index == tape.output:
                self.value_steps = len(self.steps)
            return position

        used = reaches(tape, outputs)
        rules = Rules(self._number, self._primitive, custom=no_rule, input=lambda op: self.input(op.label))
        try:
            places = interpret(tape, rules, inputs or {}, used=used, after=counted)
        except NoRule as reason:
            raise Unenclosed(str(reason)) from None
        return {index: place for index, place in enumerate(places) if used[index]}

    def _number(self, op: Literal | NamedConstant) -> int:
        if isinstance(op, NamedConstant):
            return self.number(number_of(op.value, op.label))
        return self.exact(op.value.numerator, op.value.denominator)

    def _primitive(self, op: Primitive, args: Sequence[int]) -> int:
        if op.is_tensor:
            raise Unenclosed(op.row.name)
        return self.row(op.row.name, args)

    def run(self, point: Mapping[str, Any], value_only: bool = False) -> list[Any]:
        """The balls at every place, or at those that the value takes.

        Raises Uncertain where a comparison is not decided.
        """
        values = self.numbers.copy()
        for name, place in self.inputs.items():
            values[place] = point[name]
        for place, function, first, second in self.steps[: self.value_steps] if value_only else self.steps:
            if second >= 0:
                values[place] = function(values[first], values[second])
            elif first >= 0:
                values[place] = function(values[first])
            else:
                values[place] = function(values)
        return values


def _apply(function: Callable[..., Any], args: Sequence[int], values: Sequence[Any]) -> Any:
    return function(*[values[arg] for arg in args])


def _decided(name: str) -> Callable[..., Any]:
    """A comparison that is made, or else ends the evaluation."""
    holds, fails = COMPARED[name]

    def compare(x: Any, y: Any) -> bool:
        if holds(x, y):
            return True
        if fails(x, y):
            return False
        raise Uncertain

    return compare


def _scaled(adjoint: Any, local: Any) -> Any:
    """An adjoint of 0 wins over a local derivative that does not exist."""
    return adjoint if adjoint.is_zero() else adjoint * local


@cache
def _finite(function: Callable[..., Any]) -> Callable[..., Any]:
    """An enclosure whose missing value ends the evaluation."""

    def call(*args: Any) -> Any:
        value = function(*args)
        if value is None:
            raise Uncertain
        return value

    return call


DECIDED: Mapping[str, Callable[..., Any]] = {
    **{name: _decided(name) for name in COMPARED},
    "and": lambda x, y: x and y,
    "or": lambda x, y: x or y,
    "not": operator.not_,
    "where": lambda condition, a, b: a if condition else b,
}
_OPERATORS: Mapping[str, Callable[..., Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "neg": operator.neg,
    "scale": _scaled,
}  # fmt: skip
