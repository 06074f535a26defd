"""Sample points for the derivatives of a program over tensors: small tensors, out of ranges of all sizes and signs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy

from gradcli.backends.mp.arithmetic import GivenUp
from gradcli.backends.symbolic.indexed.axes import Axes
from gradcli.errors import GradcliError, LimitError
from gradcli.functions.shapes import Shape
from gradcli.problem.job import Job
from gradcli.reference.samples import MAX_FINER, ORDINARY
from gradcli.runtime.deadlines import Deadline
from gradcli.steps.places import exactly
from gradcli.steps.tensors.sample import SampleTensors, TooLarge
from gradcli.tape.arrays import Array, ExactArray, every
from gradcli.tape.candidates import in_ranges
from gradcli.tape.scalarize import unrolled_size
from gradcli.tape.tape import Tape

POINTS = 3
SMALLEST = (2, 3, 4)  # sizes, the first that the program can have; others are one or two larger
MAX_UNROLLED = 6_000  # operations on numbers of one world
CANDIDATES = 20  # for them
# Bits of the sample numbers behind the point: balls hold them, and products of some, exactly, so that comparisons are
# decided. A number below 2 to the first times one of them is not whole, where much has its kinks; the second are for
# programs of larger numbers. Round ones are the last resort: more of their products are exact.
GRIDS = (64, 1_200, 12)


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
