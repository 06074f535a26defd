"""The values of programs and of claims at a point, to as many digits as it takes for them to be certain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from gradcli.clock import Deadline
from gradcli.engines.arithmetic import Arithmetic, GivenUp, Value
from gradcli.engines.check.problem import Problem
from gradcli.engines.tape import Tape

ROUGH_BITS = 120
BITS = (400, 800, 1_600, 3_200)  # of the values of claims; more where two of these do not agree
SETTLED = 40  # digits in which they have to
NOISE_BITS = 64  # what is smaller than the largest number on the way by all bits but these may be rounding
UNSETTLED = object()

Place = Mapping[str, Fraction]
Signs = tuple[int, ...]  # which piece of its formula each operation is on; empty where there is no value


class Evaluator:
    """Runs the tapes of a problem."""

    def __init__(self, problem: Problem, deadline: Deadline) -> None:
        self.problem = problem
        self.arithmetic = Arithmetic(deadline)
        self.tapes = [claim.tape for claim in problem.claims if claim.tape is not None]
        self.programs = [(one.tape, one.length, one.output) for one in problem.chains]

    def has_value(self, place: Place) -> bool:
        """Whether all outputs of the program have a value at a point, and one of the claims has."""
        self.arithmetic.bits = ROUGH_BITS
        try:
            for tape, length, output in self.programs:
                if self.run(tape, place, length)[output] is None:
                    return False
            return self._has_claim(place)
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

    def claimed(self, tape: Tape, place: Place, wanted: Sequence[int]) -> dict[int, Any]:
        """Values of a claim: numbers, None where there is none, UNSETTLED where no precision is enough.

        Raises GivenUp where one is beyond computing.
        """
        before: dict[int, Any] = {}
        found: dict[int, Any] = {}
        for bits in BITS:
            self.arithmetic.bits = bits
            values = self.run(tape, place)
            largest = max((abs(one) for one in values if one is not None and not isinstance(one, bool)), default=0)
            noise = self.arithmetic.m.ldexp(largest, NOISE_BITS - bits)
            now = {index: values[index] for index in wanted}
            for index, value in now.items():
                if index not in found and index in before and self._is_settled(before[index], value, noise):
                    found[index] = value * 0 if value is not None and abs(value) <= noise else value
            if len(found) == len(now):
                return found
            before = now
        return {index: found.get(index, UNSETTLED) for index in wanted}

    def _is_settled(self, before: Value, after: Value, noise: Any) -> bool:
        if before is None or after is None:
            return before is None and after is None
        gap = abs(before - after)
        return bool(gap <= abs(after) * self.arithmetic.m.mpf(10) ** -SETTLED or abs(after) <= noise)

    def run(self, tape: Tape, place: Place, end: int | None = None) -> list[Value]:
        """All values of a tape at a point, to the working precision."""
        inputs = {name: self.arithmetic.number(place[name]) for name in tape.inputs}
        return self.arithmetic.run(tape, inputs, end)
