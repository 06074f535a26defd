"""What is true at a point: values at high precision, and which piece of its formula each operation is on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from gradcli.clock import Deadline, OutOfTime
from gradcli.engines.arithmetic import Arithmetic, GivenUp
from gradcli.engines.arrays import Array
from gradcli.engines.chain import chain
from gradcli.engines.findings import Positions
from gradcli.engines.job import Job
from gradcli.engines.tape import Tape, depends, reaches
from gradcli.errors import LimitError

BITS = 200  # for the curves: 60 digits
GRACE = 0.5  # seconds for an operation that does not look at the clock
MAX_WORK = 4_000_000  # operations at high precision, of all points together

Breaks = tuple[tuple[Any, ...], ...]  # for each operation that may break, the numbers that are 0 where it does

BITS_PER_DIGIT = 3.33


@dataclass(frozen=True)
class Seen:
    """What is at a point: the value and the derivatives that are wanted, and the breaks, operation by operation.

    Unlike a value that does not exist (None), all is `unknown` where it could not be computed.
    """

    values: tuple[Any, ...]
    breaks: Breaks = ()
    unknown: bool = False

    @property
    def exists(self) -> bool:
        """Whether the function has a value."""
        return self.values[0] is not None


class Truth:
    """A program and its derivatives by `wrt`, up to an order, with arithmetic of any precision."""

    def __init__(self, job: Job, free: Sequence[str], wrt: Sequence[str], order: int, deadline: Deadline) -> None:
        assert job.point is not None
        self.arithmetic = Arithmetic(deadline)
        self.arithmetic.bits = BITS
        tape = unrolled(job, {*free, *wrt}) if job.has_tensors else job.true
        for name in (*free, *wrt):
            if tape.find(name) is None:
                tape.input(name)
        self.tape = tape
        self.wrt = wrt
        self.chain = chain(tape, wrt, order, job.program.source)
        tape = self.chain.tape
        self.fixed = {name: value for name, value in job.point.items() if isinstance(value, Fraction)}
        used = reaches(tape, [self.chain.output])
        moving = depends(tape, [place for name in free if (place := tape.find(name)) is not None], self.chain.length)
        self.cone = [
            index
            for index in range(self.chain.length)
            if used[index] and moving[index] and (row := tape.ops[index].row) is not None and row.breaks is not None
        ]
        self.until = 1 + max((arg for index in self.cone for arg in tape.ops[index].args), default=-1)

    def bits_near(self, exponent: int) -> int:
        """The precision for what is 10 to minus this beside a place: derivatives lose a multiple of those digits."""
        return int(BITS + BITS_PER_DIGIT * 2 * exponent * (1 + self.chain.order))

    def in_time(self, work: Callable[[], None], deadline: Deadline) -> bool:
        """Do what there is time for; whether all was done.

        The arithmetic looks at the clock itself, between two operations; one that takes long is stopped from outside.
        """
        before = self.arithmetic.deadline
        self.arithmetic.deadline = deadline
        try:
            Deadline(deadline.left + GRACE).run(work)
        except OutOfTime:
            return False
        finally:
            self.arithmetic.deadline = before
            self.arithmetic.bits = BITS
        return True

    @property
    def cost(self) -> int:
        """The number of operations at one point."""
        return len(self.chain.tape.ops)

    def look(
        self, at: Mapping[str, Any], wanted: Sequence[Positions] = ((),), frozen: Mapping[int, Any] | None = None
    ) -> Seen:
        """What is at a point; the derivatives that are wanted only, and the value first."""
        try:
            values = self._run(at, any(wanted), frozen)
        except GivenUp:
            return Seen((None,) * len(wanted), unknown=True)
        found = tuple(values[self.chain.partials[positions]] for positions in wanted)
        return Seen(found if found[0] is not None else (None,) * len(wanted), self._breaks(values))

    def breaks(self, at: Mapping[str, Any]) -> Breaks:
        """What the operations break at; nothing else is computed, and there is nothing where that is too large."""
        try:
            return self._breaks(self.arithmetic.run(self.chain.tape, self.inputs(at), self.until))
        except GivenUp:
            return ()

    def _breaks(self, values: Sequence[Any]) -> Breaks:
        ops = self.chain.tape.ops
        found = []
        for index in self.cone:
            row = ops[index].row
            assert row is not None
            found.append(self.arithmetic.breaks(row, [values[arg] for arg in ops[index].args]))
        return tuple(found)

    def snapped(self, at: Mapping[str, Any], tiny: Any) -> dict[int, Any]:
        """The operations that have no value once arguments that are nothing but rounding are exactly 0.

        At an irrational place, no argument is ever exactly what it should be.
        """
        values = self._run(at, False, None)
        ops = self.chain.tape.ops
        found: dict[int, Any] = {}
        for index in self.cone:
            args = [values[arg] for arg in ops[index].args]
            exact = [arg * 0 if is_number(arg) and abs(arg) <= tiny else arg for arg in args]
            if any(a is not b for a, b in zip(args, exact)):
                row = ops[index].row
                assert row is not None
                if self.arithmetic.call(row, exact) is None:
                    found[index] = None
        return found

    def _run(self, at: Mapping[str, Any], derivatives: bool, frozen: Mapping[int, Any] | None) -> list[Any]:
        end = None if derivatives else self.chain.length
        return self.arithmetic.run(self.chain.tape, self.inputs(at), end, frozen=frozen)

    def inputs(self, at: Mapping[str, Any]) -> dict[str, Any]:
        """The value of every variable, where some vary."""
        number = self.arithmetic.number
        return {name: number(value) for name, value in self.fixed.items()} | dict(at)


def is_number(value: Any) -> bool:
    """Whether there is a value, and it is a number."""
    return value is not None and not isinstance(value, bool)


def unrolled(job: Job, free: set[str]) -> Tape:
    """A program over tensors, written out into numbers.

    Raises LimitError where those are too many.
    """
    from gradcli.engines.tensors.entries import Entries
    from gradcli.engines.tensors.unroll import MAX_UNROLLED, unrolled_size

    tape = job.written
    assert job.point is not None
    if unrolled_size(tape) > MAX_UNROLLED:
        raise LimitError("writing the program out", f"it comes to more than {MAX_UNROLLED:,} operations on numbers")
    names = {name for name in free if not isinstance(job.point.get(name), Array)}
    unroller = Entries(tape, job.point, names, job.program.source)
    numbers = unroller.numbers
    numbers.output = unroller.entry(tape.output, ())
    return numbers
