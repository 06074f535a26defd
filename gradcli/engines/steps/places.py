"""Where lines are compared: points at which the program has a value, and the values of all its names there."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

from gradcli.backends.arb.context import BALLS
from gradcli.backends.arb.evaluate import Enclosed, Evaluator
from gradcli.engines.tape import Tape
from gradcli.functions import table
from gradcli.reference.rounding import largest

BITS = (600, 600, 760, 1_000, 600)  # of the values, by how deeply derivatives stand within derivatives
STEP_BITS = (150, 200, 250)  # a step of a difference quotient is 2 to the minus one of these: deeper ones are shorter
MAX_NESTED = len(STEP_BITS)
LEVELS = 2  # of precision: bits and steps, and twice as many of both
MANTISSAS = (0x80000000, 0x6A09E667)  # of the steps, by 2**31: a power of two, and no round number in any base
MANTISSA_BITS = 31

Shift = tuple[str, int]  # a name, and the sign of its step; its place in a tuple of them is the depth


class Look(NamedTuple):
    """How closely to look: the level of precision, and which of the two kinds of steps."""

    level: int = 0
    kind: int = 0

    def step(self, depth: int) -> Any:
        """The step of a difference quotient within so many others, exact."""
        exponent = (STEP_BITS[depth] << self.level) + MANTISSA_BITS
        return BALLS.arb(MANTISSAS[self.kind]) * BALLS.arb(2) ** -exponent


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
    """One point: the values of the program's names there, enclosed, and with some of them moved."""

    def __init__(self, evaluator: Evaluator, inputs: Mapping[str, Fraction]) -> None:
        self.evaluator = evaluator
        self.inputs = inputs
        self.places = places_of(evaluator.tape)
        self.largest: Any = BALLS.arb(0)  # bound of the operations of the program
        self._known: dict[tuple[tuple[Shift, ...], Look, int], dict[str, Enclosed]] = {}

    def names(self, shifts: tuple[Shift, ...] = (), look: Look = Look()) -> dict[str, Enclosed]:  # noqa: B008
        """The value of every name at the working precision, some of them moved by a step."""
        key = shifts, look if shifts else Look(), BALLS.bits
        if key not in self._known:
            values = self._values(shifts, look)
            self._known[key] = {name: values[index] for name, index in self.places.items()}
        return self._known[key]

    def _values(self, shifts: tuple[Shift, ...], look: Look) -> list[Enclosed]:
        given = {name: BALLS.number(value) for name, value in self.inputs.items()}
        if not shifts:
            values = self.evaluator.run(given)
            self.largest = largest(values)
            return values
        held = [i for i, op in enumerate(self.evaluator.tape.ops) if op.row is not None and op.row.name == "detach"]
        base = self.evaluator.run(given) if held else []
        moved: dict[int, Any] = {}
        for depth, (name, sign) in enumerate(shifts):
            index = self.places[name]
            moved[index] = moved.get(index, BALLS.arb(0)) + sign * look.step(depth)
        return self.evaluator.run(given, None, moved, {i: base[i] for i in held})


def places_of(tape: Tape) -> dict[str, int]:
    """Where the names of a program are on its tape."""
    return {**tape.named, **tape.inputs}


def evaluator_of(tape: Tape) -> Evaluator:
    """What evaluates a program whose names are moved, each by itself."""
    return Evaluator(tape, None, places_of(tape).values())


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
    """Points at which the program may have a value, in an order that is always the same."""
    evaluator = evaluator_of(tape)
    for inputs in _candidates(names, at, moving):
        yield Place(evaluator, inputs)


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
