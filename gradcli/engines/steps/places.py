"""Where lines are compared: points at which the program has a value, and the values of all its names there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from gradcli.engines.arithmetic import Arithmetic, GivenUp
from gradcli.engines.tape import Tape
from gradcli.functions import table
from gradcli.reference.candidates import near_and_far

BITS = (600, 600, 760, 1_000, 600)  # of the values, by how deeply derivatives stand within derivatives
STEP_BITS = (150, 200, 250)  # a step of a difference quotient is 2 to the minus one of these: deeper ones are shorter
MAX_NESTED = len(STEP_BITS)

Shift = tuple[str, int]  # a name, and the sign of its step; its place in a tuple of them is the depth


class Place:
    """One point: the values of the program's names there, and with some of them moved."""

    def __init__(self, tape: Tape, arithmetic: Arithmetic, inputs: Mapping[str, Fraction]) -> None:
        self.tape = tape
        self.arithmetic = arithmetic
        self.inputs = inputs
        self.places = {**tape.named, **tape.inputs}
        self._known: dict[tuple[tuple[Shift, ...], int], dict[str, Any]] = {}
        self.largest: Any = 0  # value of an operation of the program
        self._frozen: dict[int, Any] | None = None

    def step(self, depth: int) -> Any:
        """The step of a difference quotient within so many others."""
        return self.arithmetic.m.ldexp(1, -STEP_BITS[depth])

    def names(self, shifts: tuple[Shift, ...] = ()) -> dict[str, Any]:
        """The value of every name, some of them moved by a step.

        Raises GivenUp where a value is beyond computing.
        """
        key = shifts, self.arithmetic.bits
        if key not in self._known:
            values = self._values(shifts)
            self._known[key] = {name: values[index] for name, index in self.places.items()}
        return self._known[key]

    def _values(self, shifts: tuple[Shift, ...]) -> list[Any]:
        given = {name: self.arithmetic.number(value) for name, value in self.inputs.items()}
        if not shifts:
            values = self.arithmetic.run(self.tape, given)
            sizes = (abs(one) for one in values if one is not None and not isinstance(one, bool))
            self.largest = max(sizes, default=0)
            self._frozen = {
                i: values[i] for i, op in enumerate(self.tape.ops) if op.row is not None and op.row.name == "detach"
            }
            return values
        if self._frozen is None:
            self.names()
        moved: dict[int, Any] = {}
        for depth, (name, sign) in enumerate(shifts):
            index = self.places[name]
            moved[index] = moved.get(index, 0) + sign * self.step(depth)
        return self.arithmetic.run(self.tape, given, None, moved, self._frozen)


def exactly(tape: Tape) -> Tape:
    """A tape whose constants are not rounded to the dtype: lines are compared as mathematics."""
    ops = [
        replace(op, value=table.BY_CONSTANT[op.label].value) if op.label and op.value is not None else op
        for op in tape.ops
    ]
    return Tape(ops, tape.inputs, tape.named, tape.output, tape.most)


def places(
    tape: Tape, names: Sequence[str], at: Mapping[str, Fraction] | None, moving: Sequence[str]
) -> Iterator[Place]:
    """Points at which the program has a value, in an order that is always the same."""
    arithmetic = Arithmetic()
    arithmetic.bits = BITS[0]
    for inputs in near_and_far(names, at, moving):
        place = Place(tape, arithmetic, inputs)
        try:
            place.names()
        except GivenUp:
            continue
        yield place
