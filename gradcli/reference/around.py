"""A program at points and around them: its values, its derivatives by rule, and where it is nonsmooth."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any

from gradcli.backends.arb.context import BALLS, precision
from gradcli.backends.arb.evaluate import Enclosed, is_ball
from gradcli.backends.arb.flint import arb
from gradcli.errors import Source
from gradcli.reference.local import LocalForm, Neighborhoods, interval, nonsmooth
from gradcli.reference.rounding import largest
from gradcli.reference.samples import exponent, finer
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.chain import Chain, differentiated
from gradcli.tape.dependence import depends
from gradcli.tape.findings import Positions
from gradcli.tape.tape import Derived, Tape

AROUND = 2_376  # the neighborhood's radius is 2 to minus this, of the point's size: less than any step to its sides

Shifts = tuple[Any, ...]  # by target, exact


def key(positions: Positions) -> Positions:
    """Under what a derivative stands among the partials: the order in which it is taken does not count."""
    return tuple(sorted(positions))


RULE = object()  # stands for a value that the rule gives


class Surroundings:
    """The values of a program and of its derivatives at points, and the form that it has around them."""

    def __init__(
        self,
        chain: Chain,
        point: Mapping[str, Fraction],
        deadline: Deadline | None,
        outer: Mapping[int, Any] | None = None,
        like: Neighborhoods | None = None,
    ) -> None:
        self.chain = chain
        self.deadline = deadline
        self.outer = dict(outer or {})  # how far operations are moved beside the targets, by who asks
        self.precise = outer is not None  # whether its derivatives are what others are computed from, all of them
        self.point = point
        self.forms = Neighborhoods(chain, deadline, like)
        self._stopped_at: dict[Any, dict[int, Enclosed]] = {}
        # Of a `diff` by its place, at the point and where it is moved; those inside it ask for the same ones again.
        self._within: dict[Any, Enclosed] = {}
        self._inputs: dict[int, dict[str, Any]] = {}
        self.nowhere: Shifts = tuple(arb(0) for _ in chain.targets)
        self.detached = [index for index, op in enumerate(chain.tape.ops[: chain.length]) if op.called == "detach"]

    # Values at a point and around it

    def inputs(self) -> dict[str, Any]:
        """The point, at the working precision."""
        bits = BALLS.bits
        if bits not in self._inputs:
            self._inputs[bits] = {name: BALLS.number(value) for name, value in self.point.items()}
        return self._inputs[bits]

    def stopped(self) -> dict[int, Enclosed]:
        """The values that `detach` holds when the point moves."""
        if not self.detached:
            return {}
        values = self.forms.whole.run(self.inputs(), self.chain.length, self.outer)
        return {index: values[index] for index in self.detached}

    def shifted(self, at: Shifts) -> dict[int, Any]:
        """By operation, how far each target is moved; the ones that are not are left out."""
        moved: dict[int, Any] = {}
        for target, shift in zip(self.chain.targets, at):  # two names may stand for one operation
            if not shift.is_zero():
                moved[target] = moved.get(target, arb(0)) + shift
        for index, shift in self.outer.items():
            moved[index] = moved.get(index, arb(0)) + shift
        return moved

    def function(self, at: Shifts) -> Enclosed:
        """The program's value at a moved point."""
        return self.program(at)[self.chain.output]

    def program(self, at: Shifts) -> list[Enclosed]:
        """The values of all the program's operations at a moved point."""
        return self.everything(at, self.chain.length)

    def everything(self, at: Shifts, end: int | None = None) -> list[Enclosed]:
        """The values of all operations at a moved point, those of the derivatives among them."""
        return self.forms.whole.run(self.inputs(), end, self.shifted(at), self.stopped_at(at))

    def stopped_at(self, at: Shifts) -> dict[int, Enclosed]:
        """The values that are not the rule's at a moved point: of `detach`, and of a `diff` where no rule holds."""
        if not self.chain.tape.derived:
            return self.stopped()
        asked = (BALLS.bits, *(shift.mid()._mpf_ for shift in at))
        if asked not in self._stopped_at:
            values = self.stopped()
            shifted = self.shifted(at)
            for one in self.chain.tape.derived:
                moved = {index: shift for index, shift in shifted.items() if index <= one.value}
                within = (BALLS.bits, one.result, *((index, moved[index].mid()._mpf_) for index in sorted(moved)))
                if within not in self._within:
                    self._within[within] = self._derived(one, moved)
                value = self._within[within]
                if value is not RULE:
                    values[one.result] = value
            self._stopped_at[asked] = values
        return self._stopped_at[asked]

    def _derived(self, one: Derived, moved: Mapping[int, Any]) -> Enclosed:
        """The value of a `diff` at a moved point: a derivative like any other; RULE where its rule gives it."""
        tape = Tape(self.chain.tape.ops[: one.value + 1], most=self.chain.tape.most)
        tape.inputs = {name: index for name, index in self.chain.tape.inputs.items() if index <= one.value}
        tape.output = one.value
        tape.derived = [other for other in self.chain.tape.derived if other.result <= one.value]
        by = (one.by,) if one.by <= one.value else ()
        if not by:
            return RULE
        chain = differentiated(tape, by, one.order, Source(""))
        sides = type(self)(chain, self.point, self.deadline, moved)
        sides._within = self._within
        positions = (0,) * one.order
        scale = sides.scale(0, sides.nowhere)
        form, values, (certain, unknown) = sides.local(positions, sides.nowhere, sides.radius(scale))
        if not sides.moves(form, certain + unknown, positions) and is_ball(values[form.chain.partials[key(positions)]]):
            return RULE
        return sides.exact(positions)

    def exact(self, positions: Positions) -> Enclosed:
        """A derivative at the point where no rule gives it; None where there is none, UNKNOWN where nobody knows."""
        raise NotImplementedError

    def local(
        self, positions: Positions, at: Shifts, radius: Any, order: int | None = None
    ) -> tuple[LocalForm, list[Enclosed], tuple[Any, Any]]:
        """The form of the program around a moved point, its values there, and its nonsmooth operations.

        Those that matter for a derivative of an order; of as many positions where none is said.
        """
        inputs, stopped = self.inputs(), self.stopped_at(at)
        around = dict(self.shifted(at))
        for position in set(positions):
            target = self.chain.targets[position]
            around[target] = around.get(target, arb(0)) + interval(radius)
        form, wide = self.forms.at(inputs, around, stopped)
        values = form.evaluator.run(inputs, None, self._moved(form, at), self._stopped(form, stopped))
        return form, values, nonsmooth(form, order or len(positions), values, wide)

    def _moved(self, form: LocalForm, at: Shifts) -> dict[int, Any]:
        moved: dict[int, Any] = {}
        for target, shift in zip(form.chain.targets, at):
            if not shift.is_zero():
                moved[target] = moved.get(target, arb(0)) + shift
        places = {index: place for place, index in form.origin.items()} if self.outer else {}
        for index, shift in self.outer.items():
            moved[places[index]] = moved.get(places[index], arb(0)) + shift
        return moved

    def _stopped(self, form: LocalForm, stopped: Mapping[int, Enclosed]) -> dict[int, Enclosed]:
        return {place: stopped[index] for place, index in form.origin.items() if index in stopped}

    def is_special(self, form: LocalForm, certain: list[int], positions: Positions, at: Shifts) -> bool:
        """Whether a partial has to be judged from its sides: of what is nonsmooth, or of a `diff` without a rule."""
        values = [one.value for one in self.chain.tape.derived if one.result in self.stopped_at(at)]
        if values:
            active = depends(self.chain.tape, [self.chain.targets[position] for position in set(positions)])
            if any(active[index] for index in values):
                return True
        return self.moves(form, certain, positions)

    def moves(self, form: LocalForm, special: list[int], positions: Positions) -> bool:
        """Whether one of these operations depends on a target that is differentiated by."""
        if not special:
            return False
        active = depends(form.chain.tape, [form.chain.targets[p] for p in set(positions)])
        return any(active[index] for index in special)

    def why(self, form: LocalForm, unknown: list[int]) -> str:
        """What to say where it is not known whether an operation is on a nonsmooth point."""
        op = form.chain.tape.ops[unknown[0]]
        name = op.called
        return f"whether {name} is exactly on a nonsmooth point is not known to {BALLS.bits:,} bits"

    def scale(self, position: int, at: Shifts) -> Any:
        """What steps are relative to: the power of two next to the target's value, or to how far the point is moved.

        Less where large numbers are on the way: floor(1e300*x) jumps at every 1e-300.
        """
        with precision(64):
            size = self._size(position, at)
            sizes = [abs(size), *(abs(shift) for shift in at if not shift.is_zero())]
            return arb(2) ** (min(exponent(one) for one in sizes) - self.finer)

    @cached_property
    def finer(self) -> int:
        """The bits by which steps have to be finer than ordinary ones."""
        with precision(64):
            return finer(largest(self._rough))

    @cached_property
    def _rough(self) -> list[Enclosed]:
        """Roughly, the program's values at the point."""
        return self.forms.whole.run(self.inputs(), self.chain.length)

    def _size(self, position: int, at: Shifts) -> Any:
        """The value of a target, or 1 where it is 0 or not known."""
        shifted = self.shifted(at)
        if shifted:
            value = self.forms.whole.run(self.inputs(), self.chain.targets[position] + 1, shifted, None)[-1]
        else:
            value = self._rough[self.chain.targets[position]]
        return value if is_ball(value) and not value.contains(0) else arb(1)

    def radius(self, scale: Any) -> Any:
        """Of the neighborhood of a point in which its form is looked for."""
        return scale * arb(2) ** -AROUND
