"""The slope on one side of a nonsmooth point, in one ball for all of a stretch that ends there.

On the side, each operation that is constant piece by piece (a sign, a comparison, a floor) has the value that it has
beside the point: that holds as far as no guard of it is 0 again, which is proven by the slope of the guard. With these
values held, the derivative's ball over the stretch, its end included, contains every slope on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from gradcli.backends.arb.context import BALLS
from gradcli.backends.arb.evaluate import BallEvaluator, Enclosed, is_ball
from gradcli.backends.arb.guards import may_be_zero
from gradcli.errors import Source
from gradcli.reference.stationary import Segment, hull, sign_of_ball
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.chain import Chain, chain
from gradcli.tape.dependence import depends, guarded_among, reaches
from gradcli.tape.tape import Primitive, Tape

SMOOTH = 2.0**-100  # radius of a value on the place itself that does not jump there
TRIED = (0.3125, 1.71875, 0.84375, 2.28125)  # numbers that tell whether a guard is a sum of multiples of arguments


class OneSidedSlopes:
    """The slopes of a program of one variable beside its nonsmooth points."""

    def __init__(
        self, tape: Tape, name: str, fixed: Mapping[str, Fraction], source: Source, deadline: Deadline | None
    ) -> None:
        self.name, self.fixed, self.source, self.deadline = name, fixed, source, deadline
        self.chain = chain(tape, [name], 2, source)
        self.evaluator = BallEvaluator(self.chain.tape, deadline)
        self.slope, self.bend = self.chain.partials[(0,)], self.chain.partials[(0, 0)]
        active = depends(self.chain.tape, self.chain.targets)
        self.guarded = guarded_among(
            self.chain.tape, reaches(self.chain.tape, [self.bend, self.slope, self.chain.output]), active
        )
        self.guards = GuardSlopes(self.evaluator, name, source, deadline)

    def sides(self, place: Segment, away: Fraction) -> tuple[int, int] | None:
        """The signs of the slope all the way from so far on the left to a place, and on to the right of it.

        0 where the function is constant there; None where one is not proven, or the value may jump.
        """
        whole = hull(Segment(place.low - away, place.high + away))
        values = self._run(whole)
        special = [index for index in self.guarded if self._is_unclear(index, values)]
        inputs = self._inputs(whole)
        if not all(self.guards.are_crossed_once(index, values, inputs) for index in special):
            return None
        smooth = is_continuous(self.chain, special, self._run(hull(place)))
        found = []
        for way, end, stretch in (
            (-1, place.low - away, Segment(place.low - away, place.high)),
            (1, place.high + away, Segment(place.low, place.high + away)),
        ):
            beside = self._run(BALLS.number(end))
            stopped = {index: beside[index] for index in constant_between(self.chain.tape, special)}
            if not all(value is True or value is False or is_ball(value) for value in stopped.values()):
                return None
            sign = self._sign(hull(stretch), hull(place), stopped, way)
            if sign is None or not (smooth or self._meets(hull(place), stopped)):
                return None
            found.append(sign)
        return found[0], found[1]

    def _sign(self, stretch: Any, place: Any, stopped: Mapping[int, Enclosed], way: int) -> int | None:
        """The sign of the slope on a stretch, whose end it may be 0 at."""
        values = self._run(stretch, stopped)
        sign = sign_of_ball(values[self.slope])
        if sign is not None:
            return sign
        bend = sign_of_ball(values[self.bend])
        return way * bend if bend and sign_of_ball(self._run(place, stopped)[self.slope]) == 0 else None

    def _meets(self, place: Any, stopped: Mapping[int, Enclosed]) -> bool:
        """Whether the formula of one side has the program's own value at the place, exactly."""
        own, other = (self._run(place, stopped)[self.chain.output] for stopped in (None, stopped))
        return is_ball(own) and is_ball(other) and own.is_exact() and other.is_exact() and bool(own == other)

    def _run(self, x: Any, stopped: Mapping[int, Enclosed] | None = None) -> list[Enclosed]:
        return self.evaluator.run(self._inputs(x), stopped=stopped)

    def _inputs(self, x: Any) -> dict[str, Any]:
        fixed = {name: BALLS.number(value) for name, value in self.fixed.items() if name in self.chain.tape.inputs}
        return {**fixed, self.name: x}

    def _is_unclear(self, index: int, values: Sequence[Enclosed]) -> bool:
        return any(map(may_be_zero, self.evaluator.guards(index, values)))


class GuardSlopes:
    """How the guards of a tape's operations move with one variable."""

    def __init__(self, evaluator: BallEvaluator, name: str, source: Source, deadline: Deadline | None) -> None:
        self.evaluator, self.name, self.source, self.deadline = evaluator, name, source, deadline
        self._slopes: dict[int, tuple[Chain, BallEvaluator]] = {}

    def are_crossed_once(self, index: int, values: Sequence[Enclosed], inputs: Mapping[str, Any]) -> bool:
        """Whether each guard of an operation that may be 0 is 0 once at the most: it rises, or falls, everywhere."""
        op = self.evaluator.tape.ops[index]
        assert isinstance(op, Primitive)
        for which, guard in enumerate(self.evaluator.guards(index, values)):
            if not may_be_zero(guard):
                continue
            factors = _factors(op, which)
            if factors is None:
                return False
            total: Any = BALLS.arb(0)
            for factor, arg in zip(factors, op.args):
                if factor:
                    slope = self._slope_of(arg, inputs)
                    if not is_ball(slope):
                        return False
                    total += factor * slope
            if sign_of_ball(total) not in (-1, 1):
                return False
        return True

    def _slope_of(self, index: int, inputs: Mapping[str, Any]) -> Enclosed:
        """The derivative of an operation by the variable, in a ball."""
        whole = self.evaluator.tape
        if whole.inputs.get(self.name, index + 1) > index:
            return BALLS.arb(0)
        if index not in self._slopes:
            tape = Tape(whole.ops[: index + 1], most=whole.most)
            tape.inputs = {name: place for name, place in whole.inputs.items() if place <= index}
            tape.output = index
            one = chain(tape, [self.name], 1, self.source)
            self._slopes[index] = one, BallEvaluator(one.tape, self.deadline)
        one, evaluator = self._slopes[index]
        given = {name: value for name, value in inputs.items() if name in one.tape.inputs}
        return evaluator.run(given)[one.partials[(0,)]]


def constant_between(tape: Tape, special: Sequence[int]) -> list[int]:
    """Those operations whose value is constant where no guard is 0: truth values, signs, floors."""
    ops = {index: tape.ops[index] for index in special}
    return [index for index, op in ops.items() if isinstance(op, Primitive) and (op.row.gives_truth or _is_flat(op))]


def is_continuous(one: Chain, special: Sequence[int], here: Sequence[Enclosed], width: float = SMOOTH) -> bool:
    """Whether the program's own operations do not jump at a place; `here` are the values on it."""
    constant = set(constant_between(one.tape, special))
    used = reaches(one.tape, [one.output])
    own = [index for index in special if index < one.length and used[index]]
    return not constant & set(own) and all(is_ball(here[i]) and here[i].rad() <= width for i in own)


def _is_flat(op: Primitive) -> bool:
    """Whether a row is constant between its guards: its derivative by each argument is 0."""
    from gradcli.tape.rules import rule

    rules = [rule(op.row.name, i) for i in range(len(op.args))]
    return bool(op.args) and all(one is not None and _is_zero(one) for one in rules)


def _is_zero(tape: Tape) -> bool:
    return getattr(tape.ops[tape.output], "value", None) == 0


def _factors(op: Primitive, which: int) -> list[int] | None:
    """A guard as a sum of multiples of its arguments, and a constant; None where it is none, or of another kind."""
    from gradcli.functions.guards import GuardKind

    guard = op.row.guards[which]
    if guard.kind is not GuardKind.ZERO:
        return None
    count = len(op.args)
    try:
        zero = Fraction(guard.of(*[Fraction(0)] * count))
        units = [[Fraction(int(i == k)) for i in range(count)] for k in range(count)]
        factors = [Fraction(guard.of(*unit)) - zero for unit in units]
        tried = [Fraction(x) for x in TRIED[:count]]
        whole = Fraction(guard.of(*tried))
    except (TypeError, ValueError, ZeroDivisionError, AttributeError):
        return None
    is_linear = len(tried) == count and whole == zero + sum(a * b for a, b in zip(factors, tried))
    return [int(one) for one in factors] if is_linear and all(one.denominator == 1 for one in factors) else None
