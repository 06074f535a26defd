"""What is true at a point of a plot: the function's value and its derivatives, enclosed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from gradcli.backends.arb.context import precision
from gradcli.backends.arb.evaluate import UNKNOWN, Enclosed, is_ball
from gradcli.backends.arb.flint import arb
from gradcli.backends.arb.guards import may_be_zero
from gradcli.errors import LimitError
from gradcli.problem.job import Job
from gradcli.reference.by_rule import NEARBY
from gradcli.reference.local import Neighborhoods, guarded
from gradcli.reference.nonsmooth import Sides, Undecidable
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.tape.arrays import Array
from gradcli.tape.chain import chain
from gradcli.tape.findings import Positions
from gradcli.tape.tape import Tape

BITS = 192  # to begin with,
MAX_BITS = 1 << 14  # and at most
MAX_WORK_BITS = 40_000_000  # bits times operations of one evaluation
WANTED = 64  # bits of a value: more than a double has
NOTHING = -1_200  # what is surely smaller than 2 to this is 0 in every dtype
GRACE = 0.5  # seconds for an operation that does not look at the clock
MAX_WORK = 4_000_000  # operations in balls, of all points together


@dataclass(frozen=True)
class Seen:
    """What is at a point: the value and the derivatives that are wanted: balls, None, or UNKNOWN.

    smooth   whether no operation sits on a nonsmooth point
    """

    values: tuple[Enclosed, ...]
    smooth: bool = True

    @property
    def unknown(self) -> bool:
        """Whether something of it could not be told."""
        return UNKNOWN in self.values

    def doubles(self) -> tuple[float | None, ...]:
        """The nearest doubles; None for what is not there, or not known."""
        return tuple(float(value.mid()) if is_ball(value) else None for value in self.values)


class PlotTruth:
    """A program and its derivatives by `wrt`, up to an order."""

    def __init__(self, job: Job, free: Sequence[str], wrt: Sequence[str], order: int) -> None:
        assert job.point is not None
        tape = unrolled(job, {*free, *wrt}) if job.has_tensors else job.exact
        for name in (*free, *wrt):
            if tape.find(name) is None:
                tape.input(name)
        self.tape = tape
        self.wrt = wrt
        self.source = job.program.source
        self.chain = chain(tape, wrt, order, self.source)
        self.fixed = {name: value for name, value in job.point.items() if isinstance(value, Fraction)}
        self.forms = Neighborhoods(self.chain, None)  # the clock is kept from outside, by `in_time`
        self.guarded = guarded(self.chain, max(order, 1))

    def in_time(self, work: Callable[[], None], deadline: Deadline) -> bool:
        """Do what there is time for; whether all was done."""
        try:
            Deadline(deadline.left + GRACE).run(work)
        except OutOfTime:
            return False
        return True

    @property
    def cost(self) -> int:
        """The number of operations at one point."""
        return len(self.chain.tape.ops)

    def has_value(self, at: Mapping[str, Fraction], holes: Collection[int]) -> bool:
        """Whether the function has a value where some operations have none."""
        values = self.forms.whole.run(self.sides(at).inputs(), self.chain.length, None, dict.fromkeys(holes))
        return values[self.chain.output] is not None

    def sides(self, at: Mapping[str, Fraction]) -> Sides:
        """The program at a point."""
        inputs = self.chain.tape.inputs
        point = {name: value for name, value in (self.fixed | dict(at)).items() if name in inputs}
        sides = Sides(self.chain, point, None)
        sides.forms = self.forms  # the forms that it has around other points are its forms here, too
        return sides

    def look(
        self,
        at: Mapping[str, Fraction],
        wanted: Sequence[Positions] = ((),),
        bits: int = BITS,
        good: int = WANTED,
        around: Fraction | None = None,
    ) -> Seen:
        """What is at a point, to `good` bits; `around` it nothing else is special, where that is known."""
        sides = self.sides(at)
        while True:
            with precision(bits):
                seen = self._look(sides, wanted, around)
                values = tuple(value if _is_resolved(value, good) else UNKNOWN for value in seen.values)
            if UNKNOWN not in values or 2 * bits > MAX_BITS or 2 * bits * self.cost > MAX_WORK_BITS:
                return Seen(values, seen.smooth)
            bits *= 2

    def _look(self, sides: Sides, wanted: Sequence[Positions], around: Fraction | None) -> Seen:
        order = max(map(len, wanted))
        values = sides.everything(sides.nowhere, None if order else self.chain.length)
        value = values[self.chain.output]
        if not is_ball(value):
            return Seen((value,) * len(wanted), False)
        if not order or not self._is_close(values):
            return Seen(tuple(values[self.chain.partials[positions]] for positions in wanted))
        found = [self._derivative(sides, positions, around) if positions else value for positions in wanted]
        return Seen(tuple(found), False)

    def _is_close(self, values: Sequence[Enclosed]) -> bool:
        """Whether a guard is 0, or not told from it."""
        return any(any(map(may_be_zero, self.forms.whole.guards(index, values))) for index in self.guarded)

    def _derivative(self, sides: Sides, positions: Positions, around: Fraction | None) -> Enclosed:
        """A derivative, from both sides where no rule tells it."""
        scale = sides.scale(positions[-1], sides.nowhere)
        radius = sides.radius(scale) if around is None else _ball(around) * arb(2) ** -NEARBY
        try:
            outcome = sides.derivative(positions, sides.nowhere, radius)
        except Undecidable:
            return UNKNOWN
        if not outcome.exists:
            return None if outcome.exists is False else UNKNOWN
        return outcome.value if is_ball(outcome.value) else arb(outcome.value)


def _is_resolved(value: Enclosed, good: int) -> bool:
    """Whether a value has enough digits, or is as good as 0, or surely none."""
    if value is UNKNOWN:
        return False
    if not is_ball(value) or value.is_exact():
        return True
    return bool(value.rel_accuracy_bits() >= good or value.abs_upper() < arb(2) ** NOTHING)


def _ball(value: Fraction) -> Any:
    return arb(value.numerator) / value.denominator


def unrolled(job: Job, free: set[str]) -> Tape:
    """A program over tensors, written out into numbers.

    Raises LimitError where those are too many.
    """
    from gradcli.tape.entry_rules import Entries
    from gradcli.tape.scalarize import MAX_UNROLLED, unrolled_size

    tape = job.written
    assert job.point is not None
    if unrolled_size(tape) > MAX_UNROLLED:
        raise LimitError("writing the program out", f"it comes to more than {MAX_UNROLLED:,} operations on numbers")
    names = {name for name in free if not isinstance(job.point.get(name), Array)}
    unroller = Entries(tape, job.point, names, job.program.source)
    numbers = unroller.numbers
    numbers.output = unroller.entry(tape.output, ())
    return numbers
