"""The order of the Taylor remainder with a claimed derivative: what tells a right gradient without any tolerance.

For a right gradient f(p + t*d) - f(p) - t*(gradient . d) shrinks like t**2, for a wrong one like t; with the second
term, for a right Hessian like t**3, for a wrong one like t**2.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

from gradcli.engines.arithmetic import GivenUp
from gradcli.engines.check.data import Rate
from gradcli.engines.check.evaluate import Evaluator
from gradcli.engines.check.problem import Claim, Problem

BITS = 1_000  # of the working precision
STEPS = (20, 24)  # the remainder is measured with steps of 10 to minus these, relative to the point
PLACES = 3
DIRECTIONS = 3  # at each of them
ZERO = 10  # a remainder that is smaller than the last working digits by so many is 0
ROUNDED = 2  # decimals

Place = Mapping[str, Fraction]


def rate(problem: Problem, claim: Claim, places: Sequence[Place], evaluator: Evaluator, seed: int) -> Rate | None:
    """The order of the remainder with a claim, along random directions at some points; None where there are none.

    The middle one of all measured orders: a point may be special along one direction.
    """
    chance = random.Random(seed)  # noqa: S311
    found: list[float | None] = []
    for place in _spread_out(places):
        output = chance.randrange(len(problem.chains))
        try:
            measure = _Measure(problem, claim, output, place, evaluator)
        except GivenUp:
            continue
        if measure.is_complete:
            found += [measure.order(chance) for _ in range(DIRECTIONS)]
    if not found:
        return None
    measured = sorted(math.inf if one is None else one for one in found)[len(found) // 2]
    expected = problem.order + 1
    return Rate(expected, None if math.isinf(measured) else round(measured, ROUNDED), len(found))


def _spread_out(places: Sequence[Place]) -> list[Place]:
    """Some of the points, from the first to the last."""
    count = min(PLACES, len(places))
    return [places[i * (len(places) - 1) // max(1, count - 1)] for i in range(count)]


class _Measure:
    """The remainder of one output at one point."""

    def __init__(self, problem: Problem, claim: Claim, output: int, place: Place, evaluator: Evaluator) -> None:
        self.order_of_claim = problem.order
        self.chain = problem.chains[output]
        self.place = {name: place[name] for name in self.chain.tape.inputs}
        self.arithmetic = evaluator.arithmetic
        self.arithmetic.bits = BITS
        self.values = self.chain.values(self.arithmetic, self.place)
        self.partials = {positions: self.values[index] for positions, index in self.chain.partials.items()}
        entries = [entry for entry in claim.entries if entry.output == output]
        self.moving = sorted({position for entry in entries for position in entry.positions})
        if claim.tape is None:
            other = problem.taken[output]
            taken = other.values(self.arithmetic, {name: place[name] for name in other.tape.inputs})
            claimed: Mapping[Any, Any] = {entry.positions: taken[other.partials[entry.positions]] for entry in entries}
        else:
            said = evaluator.run(claim.tape, place)
            claimed = {entry.positions: said[entry.place] for entry in entries if entry.place is not None}
        self.partials |= claimed

    @property
    def is_complete(self) -> bool:
        """Whether everything that the remainder needs has a value, and the point is an ordinary one."""
        needed = [self.partials[positions] for positions in self._terms()]
        touching = self.chain.touching(self.arithmetic, self.values)
        return bool(self.moving) and not touching and all(one is not None for one in needed)

    def _terms(self) -> list[tuple[int, ...]]:
        """The derivatives of all orders by what moves."""
        orders = range(self.order_of_claim + 1)
        return [key for order in orders for key in product(self.moving, repeat=order) if key == tuple(sorted(key))]

    def order(self, chance: random.Random) -> float | None:
        """The order along a random direction; None where there is no remainder."""
        direction = [self.arithmetic.m.zero] * len(self.chain.targets)
        for position in self.moving:
            size = abs(self.values[self.chain.targets[position]] or self.arithmetic.m.one)
            direction[position] = chance.choice((-1, 1)) * chance.uniform(0.5, 1.5) * size
        remainders = [self._remainder(direction, self.arithmetic.m.mpf(10) ** -step) for step in STEPS]
        if None in remainders or not all(remainders):
            return None
        ratio = self.arithmetic.m.log10(remainders[0] / remainders[1])
        return float(ratio) / (STEPS[1] - STEPS[0])

    def _remainder(self, direction: Sequence[Any], step: Any) -> Any:
        """What is left of the function beyond its Taylor polynomial; None outside the domain, 0 where nothing is."""
        shifts = [step * part for part in direction]
        frozen = self.chain.frozen(self.values)
        moved = self.chain.values(self.arithmetic, self.place, shifts, frozen, derivatives=False)[self.chain.output]
        if moved is None:
            return None
        rest, largest = moved, abs(moved)
        for order in range(self.order_of_claim + 1):
            term = self.arithmetic.m.zero
            for key in product(self.moving, repeat=order):
                part = self.partials[tuple(sorted(key))]
                for position in key:
                    part = part * shifts[position]
                term += part
            term /= math.factorial(order)
            rest -= term
            largest = max(largest, abs(term))
        noise = self.arithmetic.m.ldexp(largest, ZERO - BITS)
        return abs(rest) if abs(rest) > noise else self.arithmetic.m.zero
