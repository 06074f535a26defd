"""Lines held against each other by numbers: at sample points, in balls, and without any rule.

A derivative that is still to be taken is a difference quotient of the expression itself, so that a rule that is
wrong cannot confirm itself.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

from gradcli.backends.arb.context import BALLS, precision
from gradcli.backends.arb.evaluate import UNKNOWN, BallEvaluator, Enclosed, is_ball
from gradcli.backends.mp.arithmetic import Arithmetic, GivenUp
from gradcli.errors import Source
from gradcli.language.nodes import Node, Output, Program
from gradcli.language.numbers import Dtype
from gradcli.reference.rounding import largest
from gradcli.reference.samples import MAX_FINER
from gradcli.steps.comparison import DIGITS, Comparison, compare, same_number
from gradcli.steps.places import BITS, LEVELS, MANTISSAS, MAX_NESTED, Look, SamplePoint, Shift
from gradcli.tape.dependence import reaches
from gradcli.tape.interpret import copied, interpret
from gradcli.tape.lower import lower
from gradcli.tape.tape import Derivative, Input, Literal, Tape

STAGE = "checking the steps"
POINTS = 5  # at which lines are compared
BITS_PER_DIGIT = 3.33
MODERATE_BITS = 2**22  # of the size of a derivative where lines are compared
FAR = 2**20  # steps
LARGEST_WHOLE = 10**15  # of the numbers that are what they say, whatever the dtype


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
        tape = lower(program, frozenset(names), None, custom_vjps=False)
        self.arithmetic = Arithmetic()
        self.largest: Any = BALLS.arb(0)  # number on the way to a value
        self.pending: dict[str, _Pending] = {}
        self.tape = self._without_pending(tape)
        self.nested = min(_nesting(tape), MAX_NESTED + 1)
        self.evaluators = {id(one): BallEvaluator(one) for one in (self.tape, *(p.body for p in self.pending.values()))}

    def _without_pending(self, tape: Tape) -> Tape:
        """The tape in which an input stands for each pending derivative."""
        result = Tape(list(tape.ops), dict(tape.inputs), {}, tape.output)
        for index, op in enumerate(tape.ops):
            if op.called != "diff":
                continue
            name = f"pending {len(self.pending)}"
            self.pending[name] = _Pending(name, tape.variable(op.args[1]), _part(result, op.args[0]))
            result.ops[index] = Input(label=name)
            result.inputs[name] = index
        return _part(result, result.output)

    def value(self, point: SamplePoint) -> Any:
        """The value at a place as an mpf, None where there is none.

        Raises GivenUp where one is beyond computing, or where its digits are not known.
        """
        for level in range(LEVELS):
            if (finer := self._finer(point)) == MAX_FINER:
                raise GivenUp
            with precision(self._bits(level, finer)):
                found = self._run(self.tape, point, (), Look(level, finer=finer))
            if found is None:
                return None
            if is_ball(found) and (self.pending or is_sharp(found)):
                break
        else:
            raise GivenUp
        return shown_number(found, self.arithmetic.m)

    def ball(self, point: SamplePoint, level: int = 0) -> Enclosed:
        """The value at a place, enclosed; quotients with two kinds of steps tell how far their limit may be."""
        self.largest = BALLS.arb(0)
        if (finer := self._finer(point)) == MAX_FINER:
            return UNKNOWN
        with precision(self._bits(level, finer)):
            found = [
                self._run(self.tape, point, (), Look(level, kind, finer))
                for kind in range(len(MANTISSAS) if self.pending else 1)
            ]
            if None in found or UNKNOWN in found:
                return None if None in found else UNKNOWN
            if len(found) == 1:
                return found[0]
            if self.pending:
                self.largest = self.largest.max(point.largest)
            return limit_of(*found)

    def rounded(self, point: SamplePoint, digits: int) -> Enclosed:
        """The value at a place, enclosed, where what decimals there are may be others after so many digits."""
        if self.pending:
            return UNKNOWN
        with precision(self._bits(0, 0)):
            unit = BALLS.arb(10) ** -digits
            moved = {
                index: BALLS.arb(0, abs(value) * unit) + value
                for index, op in enumerate(self.tape.ops)
                if isinstance(op, Literal) and (op.value.denominator != 1 or abs(op.value) > LARGEST_WHOLE)
                for value in (BALLS.arb(op.value.numerator) / op.value.denominator,)
            }
            evaluator = self.evaluators[id(self.tape)]
            return evaluator.run(point.names((), Look(0)), None, None, moved)[self.tape.output]

    def _finer(self, point: SamplePoint) -> int:
        """The bits by which steps have to be finer; 0 where none is made."""
        return point.finer() if self.pending else 0

    def _bits(self, level: int, finer: int) -> int:
        """The working precision: the value's, what finer steps cost in each quotient, and large numbers themselves."""
        return (BITS[self.nested] << level) + finer * (self.nested + 1)

    def _run(self, tape: Tape, point: SamplePoint, shifts: tuple[Shift, ...], look: Look) -> Enclosed:
        held = [i for i, op in enumerate(tape.ops) if op.called == "detach"] if shifts else []
        evaluator = self.evaluators[id(tape)]
        base = evaluator.run(self._inputs(tape, point, (), look)) if held else []
        values = evaluator.run(self._inputs(tape, point, shifts, look), None, None, {i: base[i] for i in held})
        self.largest = self.largest.max(largest(values))
        return values[tape.output]

    def _inputs(self, tape: Tape, point: SamplePoint, shifts: tuple[Shift, ...], look: Look) -> dict[str, Enclosed]:
        names = point.names(shifts, look)
        return {
            name: self._quotient(self.pending[name], point, shifts, look) if name in self.pending else names[name]
            for name in tape.inputs
        }

    def _quotient(self, pending: _Pending, point: SamplePoint, shifts: tuple[Shift, ...], look: Look) -> Enclosed:
        """The central difference quotient of what is differentiated; unknown where 0 is not far beside the step."""
        value, step = point.names((), look)[pending.by], look.step(len(shifts))
        if is_ball(value) and not value.is_zero() and not abs(value) > FAR * step:
            return UNKNOWN  # what changes at 0 would change within it
        after = self._run(pending.body, point, (*shifts, (pending.by, 1)), look)
        before = self._run(pending.body, point, (*shifts, (pending.by, -1)), look)
        if not is_ball(after) or not is_ball(before):
            return None if None in (after, before) else UNKNOWN
        return (after - before) / (2 * step)


def _part(tape: Tape, output: int) -> Tape:
    """What of a tape an output needs."""
    needed = reaches(tape, [output])
    part = Tape()
    rules = replace(copied(part), input=lambda op: part.input(op.label))
    part.output = interpret(tape, rules, end=output + 1, used=needed)[output]
    return part


def _nesting(tape: Tape) -> int:
    """How deeply derivatives stand within derivatives."""
    depths: list[int] = []
    for op in tape.ops:
        own = int(isinstance(op, Derivative))
        depths.append(own + max((depths[arg] for arg in op.args), default=0))
    return max(depths, default=0)


def limit_of(first: Any, second: Any) -> Any:
    """What two quotients, of two kinds of steps, go to: how far they are apart tells how far it may be."""
    hull = first.union(second)
    return hull + BALLS.arb(0, hull.rad())


def shown_number(value: Any, context: Any) -> Any:
    """A ball as a number of mpmath's: the double that it contains, if there is one, else its middle."""
    near = float(value.mid())
    exact = math.isfinite(near) and value.contains(BALLS.arb(near))
    return context.make_mpf((BALLS.arb(near) if exact else value.mid())._mpf_)


def is_moderate(value: Enclosed) -> bool:
    """Whether there is a value, and one of a size at which a difference quotient is good for many digits."""
    if not is_ball(value):
        return False
    _, significand, exponent, bits = value.mid()._mpf_
    return not significand or abs(exponent + bits) < MODERATE_BITS


def is_sharp(value: Any) -> bool:
    """Whether a ball has all the digits that are compared."""
    return bool(value.is_exact() or value.rel_accuracy_bits() >= DIGITS * BITS_PER_DIGIT)


def compare_trees(first: Probe, second: Probe, places: Collection[SamplePoint], digits: int = DIGITS) -> Comparison:
    """Hold two trees against each other at all places where both have a value."""
    if max(first.nested, second.nested) > MAX_NESTED:
        return Comparison(0)
    return compare(places, lambda point: agree(first, second, point, digits))


def may_agree(first: Probe, second: Probe, point: SamplePoint, dtype: Dtype) -> bool:
    """Whether two trees that differ at a place may do so for the rounding of their decimals alone.

    Nobody can tell where digits cancel: 1e20*(0.1*x - y) is another number where 0.1 is the next double.
    """
    a, b = (one.rounded(point, math.floor(dtype.digits)) for one in (first, second))
    return is_ball(a) and is_ball(b) and a.overlaps(b)


def agree(first: Probe, second: Probe, point: SamplePoint, digits: int = DIGITS) -> bool | None:
    """Whether two trees have one value at a place, to so many digits; None where that is not proven either way."""
    for level in range(LEVELS):
        a, b = first.ball(point, level), second.ball(point, level)
        if a is None or b is None:
            return None
        if UNKNOWN in (a, b):
            continue
        with precision(BITS[0] << level):
            found = same_number(a, b, digits, first.largest.max(second.largest), level == LEVELS - 1)
        if found is not None:
            return found
    return None
