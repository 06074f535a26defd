"""The referee at ordinary points, in balls: the same judgement as the other one's, in a fraction of its time.

The chain rule is evaluated with error bounds, and difference quotients of the function to both sides have to bear it
out, as they have to for the other one. Where a bound leaves anything open (a kink nearby, digits that are not certain,
a quotient that does not settle), there is no answer here, and the other referee is asked.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from operator import mul
from typing import Any, NamedTuple

from gradcli.engines.along import terms_along
from gradcli.engines.balls.decimals import decimal, double
from gradcli.engines.balls.plan import Plan, Unenclosed
from gradcli.engines.balls.rows import Breaks, Uncertain
from gradcli.engines.chain import Chain
from gradcli.engines.findings import Positions
from gradcli.engines.formula_value import DIGITS
from gradcli.engines.referee import CONFIRMED, GUARD, MAX_SPREAD, STEP
from gradcli.engines.sides import BITS_PER_DIGIT
from gradcli.engines.tape import depends

SPREAD = 1e4 / MAX_SPREAD  # of the smallest to the largest change in one direction: well within the other's bound
MOST_STEPS = 5_000  # of a plan: longer programs are none that come in thousands

_BREAKS = Breaks()


class Truth(NamedTuple):
    """The true value of a program and of its partials, rounded to the digits that were asked for.

    `balls` are the partials themselves, and `formulas` the doubles that the formulas come to.
    """

    value: Decimal
    partials: dict[Positions, Decimal]
    balls: Mapping[Positions, Any]
    formulas: dict[Positions, float | None]


class BallReferee:
    """Judges the partials of one program at many points.

    Raises Unenclosed where an operation has no enclosure.
    """

    def __init__(self, chain: Chain, digits: int) -> None:
        self.chain = chain
        self.digits = digits
        self.bits = int(max(2 * digits, STEP * (chain.order + GUARD)) * BITS_PER_DIGIT)
        self.wanted = [positions for positions in chain.partials if len(positions) == chain.order]
        self.names = [chain.tape.ops[target].label or "" for target in chain.targets]
        if not self.wanted or not all(chain.tape.ops[target].is_input for target in chain.targets):
            raise Unenclosed("a name that is no variable")
        self.ball = _balls()
        with precision(self.bits):
            self.plan = Plan()
            outputs = [chain.output, *(chain.partials[positions] for positions in self.wanted)]
            self.places = self.plan.tape(chain.tape, None, outputs)
            self.value_place = self.places[chain.output]
            self.steps = [sign * self.ball(10) ** -STEP for sign in (1, -1)]
        if len(self.plan.steps) > MOST_STEPS:
            raise Unenclosed("too long")
        self.breaks = self._breaks()
        self.is_gradient = self.wanted == [(position,) for position in range(len(self.names))]
        self.weights = [_weight(position) for position in range(len(self.names))]
        self.formulas: dict[Positions, int] = {}

    def _breaks(self) -> list[tuple[Any, tuple[int, ...]]]:
        """The operations that might sit on a kink, a jump, a pole or an edge."""
        moving = depends(self.chain.tape, self.chain.targets, self.chain.length)
        found = []
        for index, op in enumerate(self.chain.tape.ops[: self.chain.length]):
            if index in self.places and moving[index] and op.row is not None and op.row.breaks is not None:
                exponent = self.chain.tape.ops[op.args[-1]].value
                if op.row.name == "**" and exponent is not None and exponent.denominator == 1 and exponent >= 0:
                    continue
                found.append((op.row.breaks, tuple(self.places[arg] for arg in op.args)))
        return found

    def judge(self, point: Mapping[str, float]) -> Truth | None:
        """The truth at a point; None where it takes the other referee."""
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
        return not any(
            ball.contains(0) for breaks, args in self.breaks for ball in breaks(_BREAKS, *[values[arg] for arg in args])
        )

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

    def _truth(self, values: Sequence[Any], parts: Mapping[Positions, Any]) -> Truth | None:
        value = decimal(values[self.places[self.chain.output]], self.digits)
        partials = {positions: decimal(part, self.digits) for positions, part in parts.items()}
        if value is None or None in partials.values():
            return None
        formulas = {
            positions: double(values[place], DIGITS) if values[place].is_finite() else None
            for positions, place in self.formulas.items()
        }
        return Truth(value, partials, parts, formulas)  # type: ignore[arg-type]


def _balls() -> Any:
    from flint import arb

    return arb


def _weight(position: int) -> float:
    """How far a variable moves, relative to its size: the other referee's weights."""
    return 1 + ((position + 1) * 2654435761 % 2**32) / 2**32


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Balls of so many bits."""
    from flint import ctx

    before = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = before
