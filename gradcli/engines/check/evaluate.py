"""The values of programs and of claims at a point, to as many digits as it takes for them to be certain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from gradcli.clock import Deadline
from gradcli.engines.arithmetic import Arithmetic, GivenUp, Value
from gradcli.engines.chain import vanished
from gradcli.engines.check.doubt import shaken
from gradcli.engines.check.problem import Problem
from gradcli.engines.tape import Tape

ROUGH_BITS = 120
BITS = (300, 500, 1_000, 3_000)  # of the values of claims; more where two of these do not agree
SETTLED = 1e-40  # relative; so close they have to be
NOISE_BITS = 64  # what is smaller than the largest number on the way by all bits but these may be rounding

Place = Mapping[str, Fraction]
Signs = tuple[int, ...]  # which piece of its formula each operation is on; empty where there is no value


class Claimed(NamedTuple):
    """A claimed number, None where there is none; and how far off it may be, None where no precision settles it."""

    value: Any
    slack: Any = 0


class Evaluator:
    """Runs the tapes of a problem."""

    def __init__(self, problem: Problem, deadline: Deadline) -> None:
        self.problem = problem
        self.arithmetic = Arithmetic(deadline)
        self.tapes = [claim.tape for claim in problem.claims if claim.tape is not None]
        self.programs = [(one.tape, one.length, one.output) for one in problem.chains]

    def has_value(self, place: Place, alone: bool = False) -> bool:
        """Whether all outputs of the program have a value at a point, and, unless it is `alone`, one of the claims."""
        self.arithmetic.bits = ROUGH_BITS
        try:
            for tape, length, output in self.programs:
                if self.run(tape, place, length)[output] is None:
                    return False
            return alone or self._has_claim(place)
        except GivenUp:
            return False

    def _has_claim(self, place: Place) -> bool:
        for claim in self.problem.claims:
            if claim.tape is None:
                return True
            values = self.run(claim.tape, place)
            if any(entry.place is not None and values[entry.place] is not None for entry in claim.entries):
                return True
        return not self.problem.claims

    def signs(self, place: Place) -> Signs:
        """Which pieces of their formulas the program and the claims are on."""
        self.arithmetic.bits = ROUGH_BITS
        found: list[int] = []
        try:
            for tape, length, output in self.programs:
                values = self.run(tape, place, length)
                if values[output] is None:
                    return ()
                found += self._labels(tape, values)
            for tape in self.tapes:
                found += self._labels(tape, self.run(tape, place))
        except GivenUp:
            return ()
        return (0, *found)

    def _labels(self, tape: Tape, values: Sequence[Value]) -> Iterable[int]:
        for op, value in zip(tape.ops, values):
            if op.row is not None and op.row.breaks is not None:
                for one in self.arithmetic.breaks(op.row, [values[arg] for arg in op.args]):
                    yield 2 if one is None else int(one > 0) - int(one < 0)
                yield 3 if value is None else 0

    def claimed(self, tape: Tape, place: Place, wanted: Sequence[int]) -> dict[int, Claimed]:
        """Values of a claim at a point.

        Raises GivenUp where one is beyond computing.
        """
        before: list[Value] = []
        values: list[Value] = []
        for bits in BITS:
            self.arithmetic.bits = bits
            before, values = values, self.run(tape, place)
            if before and all(_is_settled(before[index], values[index]) for index in wanted):
                if not vanished(tape, values, bits):
                    break
        inputs = {name: self.arithmetic.number(place[name]) for name in tape.inputs}
        moves = shaken(tape, inputs, values, self.arithmetic, wanted)
        return {index: self._known(before[index], values, index, moves[index]) for index in wanted}

    def _known(self, before: Value, values: Sequence[Value], index: int, move: Any) -> Claimed:
        """A value with what it may be off by: 0, as far as the precision goes, where it is but rounding."""
        value, m = values[index], self.arithmetic.m
        if value is None or move is None or _is_settled(before, value):
            return Claimed(value, move)
        largest = max(abs(one) for one in values if one is not None and not isinstance(one, bool))
        noise = m.ldexp(largest, NOISE_BITS - self.arithmetic.bits)
        return Claimed(value, None) if abs(value) > noise else Claimed(m.zero, max(noise, move))

    def run(self, tape: Tape, place: Place, end: int | None = None) -> list[Value]:
        """All values of a tape at a point, to the working precision."""
        inputs = {name: self.arithmetic.number(place[name]) for name in tape.inputs}
        return self.arithmetic.run(tape, inputs, end)


def _is_settled(before: Value, after: Value) -> bool:
    if before is None or after is None:
        return before is None and after is None
    return bool(abs(before - after) <= abs(after) * SETTLED)
