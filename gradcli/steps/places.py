"""Where lines are compared: points at which the program has a value, and the values of all its names there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, NamedTuple

from gradcli.backends.arb.context import BALLS, precision
from gradcli.backends.arb.evaluate import BallEvaluator, Enclosed
from gradcli.functions import table
from gradcli.reference.rounding import largest
from gradcli.reference.samples import finer, most_pieces
from gradcli.tape.candidates import near_and_far
from gradcli.tape.tape import NamedConstant, Tape

BITS = (600, 600, 760, 1_000, 600)  # of the values, by how deeply derivatives stand within derivatives
STEP_BITS = (150, 200, 250)  # a step of a difference quotient is 2 to the minus one of these: deeper ones are shorter
MAX_NESTED = len(STEP_BITS)
LEVELS = 2  # of precision: bits and steps, and twice as many of both
MANTISSAS = (0x80000000, 0x6A09E667)  # of the steps, by 2**31: a power of two, and no round number in any base
MANTISSA_BITS = 31

Shift = tuple[str, int]  # a name, and the sign of its step; its place in a tuple of them is the depth


class Look(NamedTuple):
    """How closely to look: the level of precision, which of the two kinds of steps, and by how many bits finer."""

    level: int = 0
    kind: int = 0
    finer: int = 0

    def step(self, depth: int) -> Any:
        """The step of a difference quotient within so many others, exact."""
        exponent = (STEP_BITS[depth] << self.level) + self.finer + MANTISSA_BITS
        return BALLS.arb(MANTISSAS[self.kind]) * BALLS.arb(2) ** -exponent


class SamplePoint:
    """One point: the values of the program's names there, enclosed, and with some of them moved."""

    def __init__(self, evaluator: BallEvaluator, inputs: Mapping[str, Fraction]) -> None:
        self.evaluator = evaluator
        self.inputs = inputs
        self.places = places_of(evaluator.tape)
        self.largest: Any = BALLS.arb(0)  # bound of the operations of the program
        self.pieces: Any = BALLS.arb(0)
        self._known: dict[tuple[tuple[Shift, ...], Look, int], dict[str, Enclosed]] = {}
        self._finer: int | None = None

    def finer(self) -> int:
        """The bits by which steps have to be finer here than ordinary ones."""
        if self._finer is None:
            with precision(BITS[0]):
                self.names()
                self._finer = finer(self.largest.max(self.pieces))
        return self._finer

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
            self.pieces = most_pieces(self.evaluator.tape, values)
            return values
        held = [i for i, op in enumerate(self.evaluator.tape.ops) if op.called == "detach"]
        base = self.evaluator.run(given) if held else []
        moved: dict[int, Any] = {}
        for depth, (name, sign) in enumerate(shifts):
            index = self.places[name]
            moved[index] = moved.get(index, BALLS.arb(0)) + sign * look.step(depth)
        return self.evaluator.run(given, None, moved, {i: base[i] for i in held})


def places_of(tape: Tape) -> dict[str, int]:
    """Where the names of a program are on its tape."""
    return {**tape.named, **tape.inputs}


def evaluator_of(tape: Tape) -> BallEvaluator:
    """What evaluates a program whose names are moved, each by itself."""
    return BallEvaluator(tape, None, places_of(tape).values())


def exactly(tape: Tape) -> Tape:
    """A tape whose constants are not rounded to the dtype: lines are compared as mathematics."""
    ops = [
        replace(op, value=table.BY_CONSTANT[op.label].value) if isinstance(op, NamedConstant) else op for op in tape.ops
    ]
    return Tape(ops, tape.inputs, tape.named, tape.output, tape.most)


def places(
    tape: Tape, names: Sequence[str], at: Mapping[str, Fraction] | None, moving: Sequence[str]
) -> Iterator[SamplePoint]:
    """Points at which the program may have a value, in an order that is always the same."""
    evaluator = evaluator_of(tape)
    for inputs in near_and_far(names, at, moving):
        yield SamplePoint(evaluator, inputs)
