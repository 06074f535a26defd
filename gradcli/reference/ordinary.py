"""The reference at ordinary points of one program, in thousands: the same judgement in a fraction of the time.

The chain rule is evaluated in balls without a look at anything special, and difference quotients of the function to
both sides have to bear it out. Where a ball leaves anything open (a nonsmooth point nearby, digits that are not
certain, a quotient that does not settle), there is no answer here, and `Reference` is asked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from operator import mul
from typing import Any, NamedTuple

from gradcli.backends.arb.context import Uncertain, precision
from gradcli.backends.arb.decimals import decimal, double
from gradcli.backends.arb.guards import BALL_GUARDS
from gradcli.backends.arb.program import BallProgram, Unenclosed
from gradcli.functions.guards import GuardFunction
from gradcli.reference.local import guarded
from gradcli.reference.quotients import CONFIRMED, MANTISSA, MAX_SPREAD, terms_along, weight
from gradcli.tape.chain import Chain
from gradcli.tape.findings import Positions
from gradcli.tape.tape import Primitive

SPREAD = 1e4 / MAX_SPREAD  # of the smallest to the largest change in one direction: well within the other's bound
MOST_STEPS = 5_000  # of a plan: longer programs are none that come in thousands

STEP = 133  # the quotients' step is 2 to minus this, relative to the point
GUARD = 2  # further steps of working precision: the quotient loses one, and must have one left
BITS_PER_DIGIT = 3.33
FORMULA_DIGITS = 25  # of a formula's value, before it is rounded to a double
REACH = 2.0**-40  # of its arguments: a guard that is smaller is looked at more closely elsewhere


class OrdinaryTruth(NamedTuple):
    """The true value of a program and of its partials, rounded to the digits that were asked for.

    `balls` are the partials themselves, and `formulas` the doubles that the formulas come to.
    """

    value: Decimal
    value_ball: Any
    partials: dict[Positions, Decimal]
    balls: Mapping[Positions, Any]
    formulas: dict[Positions, float | None]


class OrdinaryPoints:
    """Judges the partials of one program at many points.

    Raises Unenclosed where an operation has no enclosure.
    """

    def __init__(self, chain: Chain, digits: int) -> None:
        self.chain = chain
        self.digits = digits
        self.bits = int(max(2 * digits * BITS_PER_DIGIT, STEP * (chain.order + GUARD)))
        self.wanted = [positions for positions in chain.partials if len(positions) == chain.order]
        self.names = [chain.tape.variable(target) for target in chain.targets]
        if not self.wanted or not all(self.names):
            raise Unenclosed("a name that is not a variable")
        self.ball = _balls()
        with precision(self.bits):
            self.plan = BallProgram()
            outputs = [chain.output, *(chain.partials[positions] for positions in self.wanted)]
            self.places = self.plan.tape(chain.tape, None, outputs)
            self.value_place = self.places[chain.output]
            self.steps = [sign * self.ball(MANTISSA) * self.ball(2) ** -(STEP + 32) for sign in (1, -1)]
        if len(self.plan.steps) > MOST_STEPS:
            raise Unenclosed("too long")
        self.guards = self._guards()
        self.is_gradient = self.wanted == [(position,) for position in range(len(self.names))]
        self.weights = [weight(position) for position in range(len(self.names))]
        self.formulas: dict[Positions, int] = {}

    def _guards(self) -> list[tuple[tuple[GuardFunction, ...], tuple[int, ...]]]:
        """The operations that might sit on a kink, a jump, a pole or an edge."""
        found = []
        for index in guarded(self.chain, self.chain.order):
            op = self.chain.tape.ops[index]
            if index in self.places and isinstance(op, Primitive):
                exponent = self.chain.tape.constant(op.args[-1])
                if op.row.name == "**" and exponent is not None and exponent.denominator == 1 and exponent >= 0:
                    continue
                found.append((BALL_GUARDS.functions(op.row), tuple(self.places[arg] for arg in op.args)))
        return found

    def judge(self, point: Mapping[str, float]) -> OrdinaryTruth | None:
        """The truth at a point; None where it takes the other reference."""
        with precision(self.bits):
            balls = {name: self.ball(value) for name, value in point.items()}
            try:
                values = self.plan.run(balls)
                if not self._is_ordinary(values):
                    return None
                parts = {positions: values[self.places[self.chain.partials[positions]]] for positions in self.wanted}
                if not self._is_confirmed(balls, values[self.places[self.chain.output]], parts):
                    return None
            except (Uncertain, ZeroDivisionError, ValueError, OverflowError):
                return None
            return self._truth(values, parts)

    def _is_ordinary(self, values: Sequence[Any]) -> bool:
        """Whether no operation sits, or might sit, on a point where its row changes its formula."""
        for functions, places in self.guards:
            args = [values[place] for place in places]
            near = max(abs(float(arg)) for arg in args) * REACH
            for function in functions:
                guard = function(*args)
                if guard is not None and (guard.contains(0) or abs(float(guard)) <= near):
                    return False
        return True

    def _is_confirmed(self, point: Mapping[str, Any], value: Any, parts: Mapping[Positions, Any]) -> bool:
        """Whether quotients to both sides of one direction through all variables bear out the chain rule."""
        if not value.is_finite() or any(not part.is_finite() or part.contains(0) for part in parts.values()):
            return False
        scales = [abs(point[name]) if point[name] else self.ball(1) for name in self.names]
        direction = [weight * scale for weight, scale in zip(self.weights, scales)]
        terms = list(map(mul, direction, parts.values())) if self.is_gradient else terms_along(direction, parts)
        if len(scales) > 1:
            sizes = [abs(float(term)) for term in terms]
            if not 0 < max(sizes) * SPREAD < min(sizes) < math.inf:
                return False
        expected = sum(terms[1:], terms[0])
        allowed = abs(expected) * CONFIRMED
        return all(abs(self._quotient(point, direction, value, step) - expected) < allowed for step in self.steps)

    def _quotient(self, point: Mapping[str, Any], direction: Sequence[Any], value: Any, step: Any) -> Any:
        """The one-sided difference quotient of the chain's order."""
        order = self.chain.order
        total = value * (-1) ** order
        for count in range(1, order + 1):
            moved = dict(point)
            for name, part in zip(self.names, direction):
                moved[name] = moved[name] + part * step * count
            found = self.plan.run(moved, value_only=True)[self.value_place]
            total += found * ((-1) ** (order - count) * math.comb(order, count))
        return total / step**order

    def _truth(self, values: Sequence[Any], parts: Mapping[Positions, Any]) -> OrdinaryTruth | None:
        value = decimal(values[self.places[self.chain.output]], self.digits)
        partials = {positions: decimal(part, self.digits) for positions, part in parts.items()}
        if value is None or None in partials.values():
            return None
        formulas = {
            positions: double(values[place], FORMULA_DIGITS) if values[place].is_finite() else None
            for positions, place in self.formulas.items()
        }
        return OrdinaryTruth(value, values[self.places[self.chain.output]], partials, parts, formulas)  # type: ignore[arg-type]


def _balls() -> Any:
    from gradcli.backends.arb.flint import arb

    return arb
