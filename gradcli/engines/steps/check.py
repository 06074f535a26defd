"""Lines held against each other by numbers: at sample points, in high precision, and without any rule.

A derivative that is still to be taken is a difference quotient of the expression itself, so that a rule that is
wrong cannot confirm itself.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from gradcli.engines.arithmetic import Arithmetic, GivenUp, size_of
from gradcli.engines.lower import lower
from gradcli.engines.steps.places import BITS, MAX_NESTED, Place, Shift
from gradcli.engines.tape import Op, Tape, reaches
from gradcli.errors import Source
from gradcli.language.nodes import Node, Output, Program
from gradcli.language.numbers import Dtype

POINTS = 5  # at which lines are compared
DIGITS = 30  # to which they have to agree
ROUNDED_DIGITS = 3  # of a dtype's digits that decimals in a formula may lack
MODERATE_BITS = 2**22  # of the size of a derivative where lines are compared
FLOOR_DIGITS = 55  # what is smaller than the largest number on the way by so many may be rounding


@contextmanager
def high_precision() -> Iterator[None]:
    """Compute with many digits; afterwards this thread has the precision that it had."""
    arithmetic = Arithmetic()
    bits, arithmetic.bits = arithmetic.bits, BITS[0]
    try:
        yield
    finally:
        arithmetic.bits = bits


class _Pending(NamedTuple):
    """A derivative that is still to be taken: of an operation, by a name, and what to run for the one."""

    name: str  # of the input that stands for it
    by: str
    body: Tape


class Probe:
    """A tree that can be evaluated at places, its pending derivatives as difference quotients."""

    def __init__(self, tree: Node, names: Collection[str]) -> None:
        program = Program((Output(tree, tree.span),), Source("", "a step"))
        tape = lower(program, frozenset(names), None, hand_written=False)
        self.arithmetic = Arithmetic()
        self.largest: Any = 0  # number on the way to a value
        self.pending: dict[str, _Pending] = {}
        self.tape = self._without_pending(tape)
        self.nested = min(_nesting(tape), MAX_NESTED + 1)

    def _without_pending(self, tape: Tape) -> Tape:
        """The tape in which an input stands for each pending derivative."""
        result = Tape(list(tape.ops), dict(tape.inputs), {}, tape.output)
        for index, op in enumerate(tape.ops):
            if op.row is None or op.row.name != "diff":
                continue
            name = f"pending {len(self.pending)}"
            by = tape.ops[op.args[1]].label
            self.pending[name] = _Pending(name, by or "", _part(result, op.args[0]))
            result.ops[index] = Op(label=name)
            result.inputs[name] = index
        return _part(result, result.output)

    def value(self, place: Place, shifts: tuple[Shift, ...] = ()) -> Any:
        """The value at a place, None where there is none.

        Raises GivenUp where one is beyond computing.
        """
        self.arithmetic.bits = BITS[self.nested]
        return self._run(self.tape, place, shifts)

    def with_noise(self, place: Place) -> tuple[Any, Any]:
        """The value at a place, and how much of it may be rounding: a trifle of the largest number on the way."""
        self.largest = place.largest if self.pending else 0
        value = self.value(place)
        return value, self.largest * self.arithmetic.m.mpf(10) ** -FLOOR_DIGITS

    def _run(self, tape: Tape, place: Place, shifts: tuple[Shift, ...]) -> Any:
        inputs, held = self._inputs(tape, place, shifts), self._frozen(tape, place, shifts)
        values = self.arithmetic.run(tape, inputs, None, None, held)
        for one in values:
            if one is not None and not isinstance(one, bool) and abs(one) > self.largest:
                self.largest = abs(one)
        return values[tape.output]

    def _inputs(self, tape: Tape, place: Place, shifts: tuple[Shift, ...]) -> dict[str, Any]:
        names = place.names(shifts)
        return {
            name: self._quotient(self.pending[name], place, shifts) if name in self.pending else names[name]
            for name in tape.inputs
        }

    def _frozen(self, tape: Tape, place: Place, shifts: tuple[Shift, ...]) -> dict[int, Any] | None:
        """What `detach` holds: the values before anything moved."""
        held = [i for i, op in enumerate(tape.ops) if op.row is not None and op.row.name == "detach"]
        if not held or not shifts:
            return None
        before = self.arithmetic.run(tape, self._inputs(tape, place, ()))
        return {index: before[index] for index in held}

    def _quotient(self, pending: _Pending, place: Place, shifts: tuple[Shift, ...]) -> Any:
        """The central difference quotient of what is differentiated."""
        after = self._run(pending.body, place, (*shifts, (pending.by, 1)))
        before = self._run(pending.body, place, (*shifts, (pending.by, -1)))
        if after is None or before is None:
            return None
        return (after - before) / (2 * place.step(len(shifts)))


def _part(tape: Tape, output: int) -> Tape:
    """What of a tape an output needs."""
    needed = reaches(tape, [output])
    places: dict[int, int] = {}
    part = Tape()
    for index in range(output + 1):
        if needed[index]:
            op = tape.ops[index]
            if op.is_input:
                places[index] = part.input(op.label or "")
            else:
                args = tuple(places[arg] for arg in op.args)
                places[index] = part.append(Op(op.row, args, op.value, op.label, op.span))
    part.output = places[output]
    return part


def _nesting(tape: Tape) -> int:
    """How deeply derivatives stand within derivatives."""
    depths: list[int] = []
    for op in tape.ops:
        own = int(op.row is not None and op.row.name == "diff")
        depths.append(own + max((depths[arg] for arg in op.args), default=0))
    return max(depths, default=0)


def is_moderate(value: Any) -> bool:
    """Whether there is a value, and one of a size at which a difference quotient is good for many digits."""
    return value is not None and (not value or abs(size_of(value)) < MODERATE_BITS)


def is_sharp(arithmetic: Arithmetic, value: Any, noise: Any) -> bool:
    """Whether a value stands out of the rounding with all the digits that are compared, or is 0."""
    return bool(abs(value) <= noise or abs(value) > noise * arithmetic.m.mpf(10) ** DIGITS)


def rounded_digits(dtype: Dtype) -> int:
    """To how many digits lines agree where decimals in one of them are rounded."""
    return max(1, math.floor(dtype.digits) - ROUNDED_DIGITS)


class Comparison(NamedTuple):
    """At how many places two trees have the same value, and the first one where they differ."""

    points: int
    differs: Place | None = None


def compare(first: Probe, second: Probe, places: Collection[Place], digits: int = DIGITS) -> Comparison:
    """Hold two trees against each other at all places where both have a value."""
    points = 0
    if max(first.nested, second.nested) > MAX_NESTED:
        return Comparison(0)
    for place in places:
        try:
            (a, noise_a), (b, noise_b) = first.with_noise(place), second.with_noise(place)
        except GivenUp:
            continue
        if a is None or b is None:
            continue
        if not close(place.arithmetic, a, b, max(noise_a, noise_b), digits):
            return Comparison(points, place)
        points += 1
    return Comparison(points)


def close(arithmetic: Arithmetic, a: Any, b: Any, noise: Any, digits: int) -> bool:
    """Whether two values agree to so many digits, or to what may be rounding."""
    return bool(abs(a - b) <= max(max(abs(a), abs(b)) * arithmetic.m.mpf(10) ** -digits, noise))
