"""The operations of a tape as functions of the values before them: everything is looked up once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from gradcli.backends.arb.context import UNKNOWN, Enclosed, number_of
from gradcli.tape.interpret import no_rule
from gradcli.tape.tape import Custom, Input, Literal, NamedConstant, Op, Primitive, label_of

BallStep = Callable[[Sequence[Enclosed]], Enclosed]  # a value, from those of all operations before


def copy_of(index: int) -> BallStep:
    """The value that stands at a place."""
    return lambda values: values[index]


def step_of(args: tuple[int, ...], enclosed: Callable[[Sequence[Enclosed]], Enclosed]) -> BallStep:
    """What becomes of the values at these places: nothing where one of them has none, unknown where one is."""
    if len(args) == 1:
        (only,) = args

        def unary(values: Sequence[Enclosed]) -> Enclosed:
            x = values[only]
            return x if x is None or x is UNKNOWN else enclosed((x,))

        return unary
    if len(args) == 2:
        first, second = args

        def binary(values: Sequence[Enclosed]) -> Enclosed:
            x, y = values[first], values[second]
            if x is None or y is None:
                return None
            return UNKNOWN if x is UNKNOWN or y is UNKNOWN else enclosed((x, y))

        return binary

    def general(values: Sequence[Enclosed]) -> Enclosed:
        found = [values[arg] for arg in args]
        if any(one is None for one in found):
            return None
        return UNKNOWN if any(one is UNKNOWN for one in found) else enclosed(found)

    return general


def _not_known(op: Op, values: Sequence[Enclosed]) -> Enclosed:
    return no_rule(op)


class PreparedTape:
    """What is known of the operations of a tape before any value is.

    step   of each operation: how its value comes of those before; None of numbers and inputs
    each   the same, where no operation has the value of one that equals it
    steps  those that there are, with the operation
    """

    def __init__(self) -> None:
        self.same: list[int] = []
        self.step: list[BallStep | None] = []
        self.each: list[BallStep | None] = []
        self.steps: list[tuple[int, BallStep]] = []
        self.inputs: list[tuple[int, str]] = []
        self._literals: list[tuple[int, Literal | NamedConstant]] = []
        self._numbers: dict[int, list[Enclosed]] = {}  # by bits
        self._known: dict[Any, int] = {}

    def add(self, index: int, op: Op, key: Any, made: Callable[[Primitive, list[int]], BallStep]) -> None:
        """Prepare the next operation; those with the same key are the same. `made` gives the value of one of a row."""
        first = self._known.setdefault(key, index)
        self.same.append(first)
        own: BallStep | None = None
        if isinstance(op, Primitive):
            own = made(op, [self.same[arg] for arg in op.args])
        elif isinstance(op, (Literal, NamedConstant)):
            self._literals.append((index, op))
        elif isinstance(op, Input):
            self.inputs.append((index, op.label))
        elif isinstance(op, Custom):  # a function's value is its body's, whatever derivative it has
            own = copy_of(op.args[0])
        else:
            own = partial(_not_known, op)
        self.each.append(own)
        self.step.append(own if own is None or first == index else copy_of(first))
        if own is not None:
            self.steps.append((index, self.step[-1]))  # type: ignore[arg-type]

    def numbers(self, bits: int) -> list[Enclosed]:
        """By operation the value of each that is a number, at the working precision, which has so many bits."""
        found = self._numbers.get(bits)
        if found is None or len(found) < len(self.same):
            found = [None] * len(self.same)
            for index, op in self._literals:
                found[index] = number_of(op.value, label_of(op))
            self._numbers[bits] = found
        return found
