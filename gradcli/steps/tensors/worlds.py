"""Sample points: small tensors, and the values of everything with a name there and a tiny step to either side.

No rule of differentiation is used: a program over tensors is written out into one over numbers, and run in balls of
some hundred digits.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
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
from gradcli.reference.rounding import largest
from gradcli.reference.samples import MAX_FINER, ORDINARY, finer
from gradcli.runtime.deadlines import Deadline
from gradcli.steps.check import is_sharp
from gradcli.steps.places import MANTISSA_BITS, MANTISSAS, exactly
from gradcli.tape.arrays import Array, ExactArray, every
from gradcli.tape.candidates import in_ranges
from gradcli.tape.dependence import is_by_numbers
from gradcli.tape.entry_rules import Entries
from gradcli.tape.scalarize import entry_name, unrolled_size
from gradcli.tape.tape import Input, Tape

BITS = 420  # of the working precision where the program's numbers are ordinary
STEP_BITS = 140  # of the step: a difference quotient is right to about 280 bits
POINTS = 3
SMALLEST = (2, 3, 4)  # sizes, the first that the program can have; others are one or two larger
MAX_UNROLLED = 6_000  # operations on numbers of one world
MAX_REAL = 20_000  # of the program with its own sizes
UNSHARP = 2.0**-100  # how far from what is shown a number without all its digits may be: one that is nearly 0
CANDIDATES = 20  # for them
# Bits of the sample numbers behind the point: balls hold them, and products of some, exactly, so that comparisons are
# decided. A number below 2 to the first times one of them is not whole, where much has its kinks; the second are for
# programs of larger numbers. Round ones are the last resort: more of their products are exact.
GRIDS = (64, 1_200, 12)

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
            found = [one for values in self._whole(HERE, BITS).values for one in np.asarray(values).flat]
        else:
            for at in every(self.tape.ops[self.output].shape):
                self.entries.entry(self.output, at)
            found = self._evaluated(HERE, BITS)
        return finer(largest(found))

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


def shown_number(value: Enclosed) -> Any:
    """A ball as an mpf: the double that it contains, if there is one, else its middle; None and truth values stay."""
    if not is_ball(value):
        return value
    near = float(value.mid())
    exact = math.isfinite(near) and value.contains(BALLS.arb(near))
    return NUMBERS.make_mpf((BALLS.arb(near) if exact else value.mid())._mpf_)


def known_number(value: Enclosed) -> Any:
    """The same of a ball all of whose digits are known, or that is 0 as far as they are.

    Raises GivenUp.
    """
    if is_ball(value) and not is_sharp(value) and not value.rad() < UNSHARP:
        raise GivenUp
    return shown_number(value)


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
        for point, most in _points(self.tape, job):
            deadline.check()
            self.candidates += 1
            world = SampleTensors(self.tape, point, target, output, job)
            if self._fits(world, output) and world.finer <= most:
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


def _points(tape: Tape, job: Job) -> Iterator[tuple[Mapping[str, Fraction | Array], int]]:
    """Values for all variables: of both signs, positive, small and large ones in turn; then near the job's own.

    Each with the bits by which steps may be finer there: of larger numbers, multiples of the point may be whole.
    """
    shapes = {name: tape.ops[place].shape for name, place in tape.inputs.items()}
    counts = {name: math.prod(shape) for name, shape in shapes.items()}
    for bits in GRIDS:
        most = bits - ORDINARY if bits > ORDINARY else MAX_FINER
        for numbers in itertools.islice(in_ranges(counts), CANDIDATES):
            yield {name: _sample(shapes[name], values, 2**bits) for name, values in numbers.items()}, most
    if job.point is not None and all(job.shapes.get(name, ()) == shape for name, shape in shapes.items()):
        yield job.point, MAX_FINER


def _sample(shape: Shape, numbers: Sequence[Fraction], grid: int) -> Fraction | Array:
    """A value of a shape, of exact numbers."""
    values = [Fraction(round(number * grid), grid) for number in numbers]
    return ExactArray(shape, values) if shape else values[0]
