"""Sample points: small tensors, and the values of everything with a name there and a tiny step to either side.

No rule of differentiation is used: a program over tensors is written out into one over numbers, and run in balls of
some hundred digits.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import mpmath
import sympy

from gradcli.backends.arb.context import BALLS, precision
from gradcli.backends.arb.evaluate import UNKNOWN, BallEvaluator, Enclosed, is_ball
from gradcli.backends.arb.tensors.arrays import array_of
from gradcli.backends.arb.tensors.enclosures import NotEnclosed
from gradcli.backends.arb.tensors.forward import TensorEvaluation
from gradcli.backends.mp.arithmetic import GivenUp
from gradcli.backends.symbolic.indexed.axes import Axes
from gradcli.errors import GradcliError, LimitError
from gradcli.functions.shapes import Shape
from gradcli.problem.job import Job
from gradcli.runtime.deadlines import Deadline
from gradcli.steps.places import MANTISSA_BITS, MANTISSAS, exactly
from gradcli.tape.arrays import Array, every
from gradcli.tape.candidates import in_ranges
from gradcli.tape.dependence import is_by_numbers
from gradcli.tape.entry_rules import Entries
from gradcli.tape.scalarize import entry_name, unrolled_size
from gradcli.tape.tape import Input, Tape

BITS = 420  # of the working precision
STEP_BITS = 140  # of the step: a difference quotient is right to about 280 bits
POINTS = 3
SMALLEST = (2, 3, 4)  # sizes, the first that the program can have; others are one or two larger
MAX_UNROLLED = 6_000  # operations on numbers of one world
CANDIDATES = 20  # for them
GRID = 4096  # by which numbers are divided: doubles hold them exactly

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

    def __init__(self, tape: Tape, point: Mapping[str, Fraction | Array], target: str, job: Job) -> None:
        self.tape = tape
        self.target = target
        self.point = point
        self.size = unrolled_size(tape)
        self.entries = Entries(tape, point, [target], job.program.source)
        self.evaluator = BallEvaluator(self.entries.numbers)
        self.runs: dict[Mode, list[Enclosed]] = {}
        self.is_whole = any(not is_by_numbers(tape, op) for op in tape.ops)
        self.wholes: dict[Mode, TensorEvaluation] = {}

    @staticmethod
    def step(kind: int) -> Any:
        """How far an entry is moved: a power of two, or by the other kind no round number in any base."""
        return BALLS.arb(MANTISSAS[kind - 1]) * BALLS.arb(2) ** -(STEP_BITS + MANTISSA_BITS)

    def number(self, place: int, at: Index) -> Any:
        """An entry of an operation, to be shown."""
        return shown_number(self.value(place, at))

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
        if mode not in self.wholes:
            with precision(BITS):
                point = {name: self._whole_input(name, mode) for name in self.tape.inputs}
                held = self._held() if mode[1] else None
                try:
                    self.wholes[mode] = TensorEvaluation(self.tape, point, [1] * len(self.tape.ops), held)
                except NotEnclosed as reason:
                    raise GivenUp from reason
        found = self.wholes[mode].values[place][at]
        return found if not is_ball(found) or found.is_finite() else None

    def _held(self) -> TensorEvaluation:
        self._of_whole(self.tape.output, (0,) * len(self.tape.ops[self.tape.output].shape), HERE)
        return self.wholes[HERE]

    def _whole_input(self, name: str, mode: Mode) -> Any:
        shape = self.tape.ops[self.tape.inputs[name]].shape
        return array_of([self._input(name, at, mode) for at in every(shape)], shape)

    def _run(self, mode: Mode) -> list[Enclosed]:
        if mode in self.runs:
            return self.runs[mode]
        with precision(BITS):
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
            self.runs[mode] = found = self.evaluator.run(inputs, None, shifts, frozen)
        return found

    def _moved(self, sign: int) -> Any:
        return self.step(abs(sign)) * (1 if sign > 0 else -1)

    def _input(self, name: str, at: Index, mode: Mode) -> Any:
        value = self.point[name]
        here = BALLS.number(Fraction(value[at]) if isinstance(value, Array) else value)
        moved, sign = mode
        if not (sign and name == self.target and at == moved):
            return here
        with precision(BITS):
            return here + self._moved(sign)


def shown_number(value: Enclosed) -> Any:
    """A ball as an mpf: the double that it contains, if there is one, else its middle; None and truth values stay."""
    if not is_ball(value):
        return value
    near = float(value.mid())
    exact = math.isfinite(near) and value.contains(BALLS.arb(near))
    return NUMBERS.make_mpf((BALLS.arb(near) if exact else value.mid())._mpf_)


class Worlds:
    """The sample points of one program for derivatives by one target."""

    def __init__(self, job: Job, axes: Axes, target: str, output: int, deadline: Deadline, real: bool = False) -> None:
        self.job = job
        self.target = target
        tape, self.sizes = (job.written, axes.values) if real else _small(job, axes)
        self.tape = exactly(tape)
        if unrolled_size(self.tape) > MAX_UNROLLED and not real:
            raise TooLarge
        self.list: list[SampleTensors] = []
        self.candidates = 0
        for point in _points(self.tape, job):
            deadline.check()
            self.candidates += 1
            world = SampleTensors(self.tape, point, target, job)
            if self._fits(world, output):
                self.list.append(world)
            if len(self.list) >= POINTS:
                break

    def _fits(self, world: SampleTensors, output: int) -> bool:
        """Whether the program has a value there."""
        shape = self.tape.ops[output].shape
        try:
            return all(world.value(output, at) is not None for at in itertools.islice(every(shape), 16))
        except (GivenUp, LimitError):
            return False


def _small(job: Job, axes: Axes) -> tuple[Tape, dict[Any, int]]:
    """The program with small sizes in place of the real ones where they may be any, and what the letters are then.

    A larger size stays the larger one, and equal ones stay equal: a formula may be that of a tall matrix, or of a
    square one that has an inverse.
    """
    real = job.written
    distinct = sorted(set(axes.values.values()))
    for least in SMALLEST:
        sizes = {letter: least + min(distinct.index(size), 2) for letter, size in axes.values.items()}
        shapes: dict[str, Shape] = {}
        for name, place in real.inputs.items():
            if real.ops[place].shape:
                shapes[name] = tuple(_substituted(size, sizes) for size in axes.sizes[place])
        try:
            tape = replace(job, shapes=shapes).written
        except GradcliError:
            continue
        if _same(real, tape, axes, sizes):
            return tape, sizes
    return real, dict(axes.values)


def _substituted(size: Any, sizes: Mapping[Any, int]) -> int:
    return int(size.xreplace({letter: sympy.Integer(value) for letter, value in sizes.items()}))


def _same(real: Tape, small: Tape, axes: Axes, sizes: Mapping[Any, int]) -> bool:
    """Whether two tapes are one program for two sizes, as its letters say."""
    if len(real.ops) != len(small.ops):
        return False
    return all(
        a.called == b.called and a.args == b.args and b.shape == tuple(_substituted(size, sizes) for size in own)
        for a, b, own in zip(real.ops, small.ops, axes.sizes)
    )


def _points(tape: Tape, job: Job) -> Iterator[Mapping[str, Fraction | Array]]:
    """Values for all variables: of both signs, positive, small and large ones in turn; then near the job's own."""
    shapes = {name: tape.ops[place].shape for name, place in tape.inputs.items()}
    counts = {name: math.prod(shape) for name, shape in shapes.items()}
    for numbers in itertools.islice(in_ranges(counts), CANDIDATES):
        yield {name: _sample(shapes[name], values) for name, values in numbers.items()}
    if job.point is not None and all(job.shapes.get(name, ()) == shape for name, shape in shapes.items()):
        yield job.point


def _sample(shape: Shape, numbers: Sequence[Fraction]) -> Fraction | Array:
    """A value of a shape, of numbers that a double holds."""
    from array import array

    values = [Fraction(round(number * GRID), GRID) for number in numbers]
    return Array(shape, array("d", map(float, values))) if shape else values[0]
