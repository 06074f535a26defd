"""A sample point of a program over tensors: the values of everything with a name there, and a tiny step to either side.

No rule of differentiation is used: a program over tensors is written out into one over numbers, and run in balls of
some hundred digits.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np

from gradcli.backends.arb.context import BALLS, precision
from gradcli.backends.arb.evaluate import UNKNOWN, BallEvaluator, Enclosed, is_ball
from gradcli.backends.arb.tensors.arrays import array_of
from gradcli.backends.arb.tensors.enclosures import NotEnclosed
from gradcli.backends.arb.tensors.forward import TensorEvaluation
from gradcli.backends.mp.arithmetic import GivenUp
from gradcli.problem.job import Job
from gradcli.reference.rounding import largest
from gradcli.reference.samples import MAX_FINER, finer, most_pieces
from gradcli.steps.check import is_sharp, shown_number
from gradcli.steps.places import MANTISSA_BITS, MANTISSAS
from gradcli.tape.arrays import Array, every
from gradcli.tape.dependence import is_by_numbers
from gradcli.tape.entry_rules import Entries
from gradcli.tape.scalarize import entry_name, unrolled_size
from gradcli.tape.tape import Input, Tape

BITS = 420  # of the working precision where the program's numbers are ordinary
STEP_BITS = 140  # of the step: a difference quotient is right to about 280 bits
MAX_REAL = 20_000  # operations on numbers of the program with its own sizes
UNSHARP = 2.0**-100  # how far from what is shown a number without all its digits may be: one that is nearly 0

Index = tuple[int, ...]
Mode = tuple[Index, int]  # the entry that is moved, and to which side; twice as far: by the other kind of step
HERE: Mode = ((), 0)
KINDS = (1, 2)  # of steps

NUMBERS = mpmath.MPContext()  # of values that are shown
NUMBERS.prec = BITS


class TooLarge(Exception):
    """Evaluating would take too long."""


class SampleTensors:
    """The values of a tape of tensors at one point, and with one entry of a target moved.

    Raises GivenUp where a value cannot be computed.
    """

    def __init__(self, tape: Tape, point: Mapping[str, Fraction | Array], target: str, output: int, job: Job) -> None:
        self.tape = tape
        self.target = target
        self.output = output
        self.point = point
        self.size = unrolled_size(tape)
        self.entries = Entries(tape, point, [target], job.program.source)
        self.evaluator = BallEvaluator(self.entries.numbers)
        self.runs: dict[Mode, list[Enclosed]] = {}
        self.is_whole = any(not is_by_numbers(tape, op) for op in tape.ops)
        self.wholes: dict[Mode, TensorEvaluation] = {}

    @functools.cached_property
    def finer(self) -> int:
        """The bits by which steps have to be finer here than ordinary ones; 0 of what is too large to be looked at."""
        if self.size > MAX_REAL:
            return 0
        if self.is_whole:
            return finer(largest([one for values in self._whole(HERE, BITS).values for one in np.asarray(values).flat]))
        for at in every(self.tape.ops[self.output].shape):
            self.entries.entry(self.output, at)
        found = self._evaluated(HERE, BITS)
        with precision(BITS):
            return finer(largest(found).max(most_pieces(self.entries.numbers, found)))

    @property
    def bits(self) -> int:
        """The working precision: large numbers take more themselves, and as many again in a quotient."""
        return BITS + 2 * (self.finer if self.finer < MAX_FINER else 0)

    def step(self, kind: int) -> Any:
        """How far an entry is moved: a power of two, or by the other kind no round number in any base.

        Raises GivenUp where the program's numbers are so large that no step is small.
        """
        if self.finer == MAX_FINER:
            raise GivenUp
        return BALLS.arb(MANTISSAS[kind - 1]) * BALLS.arb(2) ** -(STEP_BITS + self.finer + MANTISSA_BITS)

    def number(self, place: int, at: Index) -> Any:
        """An entry of an operation, to be shown.

        Raises GivenUp where its digits are not known.
        """
        return known_number(self.value(place, at))

    def value(self, place: int, at: Index, mode: Mode = HERE) -> Any:
        """An entry of an operation, a ball; None where it has no value, or there is no such entry.

        Raises GivenUp where it cannot be told.
        """
        shape = self.tape.ops[place].shape
        if len(at) != len(shape) or not all(0 <= i < size for i, size in zip(at, shape)):
            return None
        op = self.tape.ops[place]
        if isinstance(op, Input):
            return self._input(op.label or "", at, mode)
        if self.is_whole:
            return self._of_whole(place, at, mode)
        key = (place, at)
        known = self.entries.known.get(key)
        if known is None:
            known = self.entries.entry(place, at)
        values = self._run(mode)
        if known >= len(values):
            self.runs.clear()
            values = self._run(mode)
        if values[known] is UNKNOWN:
            raise GivenUp
        return values[known]

    def _of_whole(self, place: int, at: Index, mode: Mode) -> Any:
        """An entry of an operation, of a program that is not one of numbers."""
        found = self._whole_run(mode).values[place][at]
        return found if not is_ball(found) or found.is_finite() else None

    def _whole_run(self, mode: Mode) -> TensorEvaluation:
        if mode not in self.wholes:
            self.wholes[mode] = self._whole(mode, self.bits)
        return self.wholes[mode]

    def _whole(self, mode: Mode, bits: int) -> TensorEvaluation:
        with precision(bits):
            point = {name: self._whole_input(name, mode) for name in self.tape.inputs}
            held = self._whole_run(HERE) if mode[1] else None
            try:
                return TensorEvaluation(self.tape, point, [1] * len(self.tape.ops), held)
            except NotEnclosed as reason:
                raise GivenUp from reason

    def _whole_input(self, name: str, mode: Mode) -> Any:
        shape = self.tape.ops[self.tape.inputs[name]].shape
        return array_of([self._input(name, at, mode) for at in every(shape)], shape)

    def _run(self, mode: Mode) -> list[Enclosed]:
        if mode not in self.runs:
            self.runs[mode] = self._evaluated(mode, self.bits)
        return self.runs[mode]

    def _evaluated(self, mode: Mode, bits: int) -> list[Enclosed]:
        """All operations on numbers that were written out so far."""
        with precision(bits):
            numbers = self.entries.numbers
            inputs = {entry: self._input(name, at, HERE) for entry, (name, at) in self.entries.variables.items()}
            shifts, frozen = None, None
            at, sign = mode
            if sign:
                held = [i for i, op in enumerate(numbers.ops) if op.called == "detach"]
                base = self._run(HERE) if held else []
                frozen = {i: base[i] for i in held}
                moved = numbers.find(entry_name(self.target, at))
                shifts = {} if moved is None else {moved: self._moved(sign)}
            return self.evaluator.run(inputs, None, shifts, frozen)

    def _moved(self, sign: int) -> Any:
        return self.step(abs(sign)) * (1 if sign > 0 else -1)

    def _input(self, name: str, at: Index, mode: Mode) -> Any:
        value = self.point[name]
        here = BALLS.number(Fraction(value[at]) if isinstance(value, Array) else value)
        moved, sign = mode
        if not (sign and name == self.target and at == moved):
            return here
        with precision(self.bits):
            return here + self._moved(sign)


def known_number(value: Enclosed) -> Any:
    """A ball all of whose digits are known, or that is 0 as far as they are, as an mpf; None and truth values stay.

    Raises GivenUp.
    """
    if not is_ball(value):
        return value
    if not is_sharp(value) and not value.rad() < UNSHARP:
        raise GivenUp
    return shown_number(value, NUMBERS)
