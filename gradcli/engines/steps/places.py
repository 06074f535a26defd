"""Where lines are compared: points at which the program has a value, and the values of all its names there."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

from gradcli.engines.arithmetic import Arithmetic, GivenUp
from gradcli.engines.tape import Tape
from gradcli.functions import table

BITS = (600, 600, 760, 1_000, 600)  # of the values, by how deeply derivatives stand within derivatives
STEP_BITS = (150, 200, 250)  # a step of a difference quotient is 2 to the minus one of these: deeper ones are shorter
MAX_NESTED = len(STEP_BITS)

Shift = tuple[str, int]  # a name, and the sign of its step; its place in a tuple of them is the depth

# Ranges from which the sample points are taken in turn.
RANGES = tuple(
    (Fraction(low), Fraction(high))
    for low, high in (
        ("1/5", "9/5"), ("-2", "2"), ("1/20", "19/20"), ("1", "4"), ("-1", "1"), ("-3", "-1/5"), ("2", "9"),
        ("-1/10", "1/10"), ("-9", "9"), ("6", "60"),
    )
)  # fmt: skip
CANDIDATES = 60
NEAR = 16  # of them are near the point of --at, if there is one
SPREAD = Fraction(1, 16)  # how far, relative to the value


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
    for inputs in _candidates(names, at, moving):
        place = Place(tape, arithmetic, inputs)
        try:
            place.names()
        except GivenUp:
            continue
        yield place


def _candidates(
    names: Sequence[str], at: Mapping[str, Fraction] | None, moving: Sequence[str]
) -> Iterator[dict[str, Fraction]]:
    """Points near the one of --at, then anywhere; each variable goes its own way."""
    near = {} if at is None else at
    for count in range(NEAR if near else 0):
        chosen = moving if count % 2 else names  # a parameter may have to be a whole number
        scale = SPREAD / 4 ** (count // 4)
        yield {
            name: value + ((_part(count, i) - Fraction(1, 2)) * (abs(value) or 1) * scale if name in chosen else 0)
            for i, (name, value) in enumerate(near.items())
        }
    for position in range(len(names)):
        _prime(position)  # each from the one before it
    for count in range(CANDIDATES):
        low, high = RANGES[count % len(RANGES)]
        yield {name: low + (high - low) * _part(count, i) for i, name in enumerate(names)}


def _part(count: int, position: int) -> Fraction:
    """A number between 0 and 1 that looks random: steps of the square roots of primes, cut to thousandths."""
    return Fraction(int(1009 * ((count + 1) * math.sqrt(_prime(position)) % 1)), 1009) + Fraction(1, 3011)


@cache
def _prime(position: int) -> int:
    candidate = 2 if position == 0 else _prime(position - 1) + 1
    while any(candidate % divisor == 0 for divisor in range(2, math.isqrt(candidate) + 1)):
        candidate += 1
    return candidate
