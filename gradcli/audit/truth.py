"""What is true of a program and its gradient at many points, in balls: as many bits as each takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from gradcli.backends.arb.context import BALLS, UNKNOWN, Enclosed, Uncertain, is_ball, precision
from gradcli.backends.arb.evaluate import BallEvaluator
from gradcli.backends.arb.flint import arb
from gradcli.backends.arb.program import BallProgram, Unenclosed
from gradcli.problem.job import Job
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.chain import Chain, chain

BITS = (160, 400, 1_000, 2_500, 6_000)
WANTED = 64  # bits of a value: more than a double has
NOTHING = -2_000  # what is surely smaller than 2 to this is 0 in every dtype
NEARBY = -70  # how sensitive a number is, is told from a move of an input by 2 to this, relative to it
Truth = tuple[Enclosed, ...]  # the value, and each derivative: a ball, None, or UNKNOWN


class RangeTruth:
    """A program and its derivatives by `names`, evaluated anywhere; `fixed` are the other variables."""

    def __init__(self, job: Job, names: Sequence[str], deadline: Deadline, wanted: int = WANTED) -> None:
        assert job.numbers is not None
        self.names, self.wanted = names, wanted
        self.chain: Chain = chain(job.exact, names, 1, job.program.source)
        self.outputs = [self.chain.output, *(self.chain.partials.get((i,), -1) for i in range(len(names)))]
        self.fixed = {name: BALLS.number(value) for name, value in job.numbers.items() if name not in names}
        self.evaluator = BallEvaluator(self.chain.tape, deadline)
        self.programs: dict[int, BallProgram | None] = {}  # its numbers are rounded to so many bits
        self.places: list[int] = []
        self.deadline = deadline

    def at(self, point: Sequence[float | Fraction], moved: Sequence[Any] | None = None) -> Truth:
        """What is true at a point."""
        self.deadline.check()
        found: list[Enclosed] = [UNKNOWN] * len(self.outputs)
        for bits in BITS:
            with precision(bits):
                inputs = {**self.fixed, **{name: _ball(x) for name, x in zip(self.names, point)}}
                for name, move in zip(self.names, moved or ()):
                    inputs[name] = inputs[name] * (1 + move)
                values = self._quick(inputs, bits)
                values = self._careful(inputs) if values is None else values
                found = [one if _is_resolved(one, self.wanted) else UNKNOWN for one in values]
            if UNKNOWN not in found:
                break
        return tuple(found)

    def _quick(self, inputs: Mapping[str, Any], bits: int) -> list[Enclosed] | None:
        """The values where nothing has to be decided; None elsewhere."""
        program = self._program(bits)
        if program is None:
            return None
        try:
            values = program.run({name: inputs[name] for name in program.inputs})
        except (Uncertain, ZeroDivisionError, ValueError, OverflowError, TypeError):
            return None
        found = [values[place] for place in self.places]
        return found if all(is_ball(one) and one.is_finite() for one in found) else None

    def _program(self, bits: int) -> BallProgram | None:
        if bits not in self.programs:
            self.programs[bits] = None
            try:
                program = BallProgram()
                wanted = [one for one in self.outputs if one >= 0]
                places = program.tape(self.chain.tape, None, wanted)
            except Unenclosed:
                return None
            self.places = [places[one] if one >= 0 else program.exact(0, 1) for one in self.outputs]
            self.programs[bits] = program
        return self.programs[bits]

    def _careful(self, inputs: Mapping[str, Any]) -> list[Enclosed]:
        known = {name: one for name, one in inputs.items() if name in self.chain.tape.inputs}
        values = self.evaluator.run(known)
        value = values[self.chain.output]
        return [
            arb(0) if one < 0 else value if value is None else UNKNOWN if values[one] is None and i else values[one]
            for i, one in enumerate(self.outputs)
        ]

    def sensitivity(self, point: Sequence[float], known: Truth) -> list[float]:
        """Of the value and each derivative: how often larger its relative change is than that of the inputs."""
        found = [0.0] * len(known)
        for index in range(len(self.names)):
            with precision(BITS[0]):
                move = arb(2) ** NEARBY
            there = self.at(point, [move if i == index else arb(0) for i in range(len(self.names))])
            with precision(BITS[1]):
                for i, (a, b) in enumerate(zip(known, there)):
                    if is_ball(a) and is_ball(b) and not a.contains(0):
                        found[i] += abs(float((b - a) / a / move))
        return found


def _ball(x: float | Fraction) -> Any:
    return arb(x) if isinstance(x, float) else BALLS.number(Fraction(x))


def _is_resolved(value: Enclosed, wanted: int) -> bool:
    if value is UNKNOWN:
        return False
    if not is_ball(value) or value.is_exact():
        return True
    return bool(value.rel_accuracy_bits() >= wanted or value.abs_upper() < arb(2) ** NOTHING)
