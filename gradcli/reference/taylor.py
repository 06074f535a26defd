"""The Taylor test: the order at which what is left of a function beyond its Taylor polynomial shrinks with the step.

With a right gradient f(p + t*d) - f(p) - t*(gradient . d) shrinks like t**2, with a wrong one like t; with the second
term, with a right Hessian like t**3, with a wrong one like t**2. No tolerance is in it: what is left is a ball.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from gradcli.backends.arb.context import BALLS, precision
from gradcli.backends.arb.evaluate import UNKNOWN, Enclosed, is_ball
from gradcli.backends.arb.flint import arb
from gradcli.reference.nonsmooth import Sides
from gradcli.reference.samples import MANTISSA_BITS, MANTISSAS
from gradcli.reference.texts import NOTHING
from gradcli.tape.findings import Positions

# The steps are 2 to minus these, times mantissas: smaller than the 25 digits to which claims are held; and larger than
# what the constants of a backward in float64 are rounded to.
EXPONENTS = (100, 117, 133)
LARGE_EXPONENTS = (17, 20, 24)

RESOLVED = 16  # bits of what is left: more than an order is told to
GUARD_BITS = 64  # of the first try, beside what the step to its power takes
MAX_BITS = 1 << 14
MAX_WORK = 40_000_000  # bits times operations of one evaluation


class Left(NamedTuple):
    """What is left at one step: a ball, exactly 0 where it is proven to be nothing."""

    step: Any
    rest: Any


def steps(exponents: Sequence[int] = EXPONENTS) -> list[Any]:
    """The steps, exact, relative to the size of the direction."""
    return [arb(m) * arb(2) ** -(e + MANTISSA_BITS) for m, e in zip(MANTISSAS[0], exponents)]


def order_of(left: Iterable[Left | None]) -> float | None:
    """The slope of what is left by the step, on logarithmic scales; infinity where nothing is left.

    None where there is no value at one of the steps, or too little is known of it.
    """
    found = list(left)
    if None in found:
        return None
    known = [one for one in found if one is not None and is_resolved(one.rest)]
    if len(known) < 2:
        return math.inf if any(one is not None and one.rest.is_zero() for one in found) else None
    first, last = known[0], known[-1]
    return float((abs(first.rest) / abs(last.rest)).log() / (abs(first.step) / abs(last.step)).log())


def is_resolved(rest: Any) -> bool:
    """Whether a ball is known well enough for a slope."""
    return bool(not rest.contains(0) and rest.rel_accuracy_bits() >= RESOLVED)


class TaylorTest:
    """The test for a program at a point; some of the derivatives are those that somebody claims.

    claimed   these derivatives, at the working precision
    moving    the positions of the targets that are moved
    """

    def __init__(
        self, sides: Sides, order: int, moving: Sequence[int], claimed: Callable[[], Mapping[Positions, Enclosed]]
    ) -> None:
        self.sides = sides
        self.order = order
        self.moving = moving
        self.claimed = claimed
        self._known: dict[int, tuple[Any, list[tuple[Positions, Any]]] | None] = {}

    def along(self, weights: Sequence[float]) -> float | None:
        """The order along the direction that moves each target by so many times its own size."""
        with precision(GUARD_BITS):
            scales = [arb(w) * self.sides.scale(p, self.sides.nowhere) for p, w in zip(self.moving, weights)]
        return order_of(self._left(scales, step) for step in steps())

    def _left(self, scales: Sequence[Any], step: Any) -> Left | None:
        bits = (self.order + 1) * EXPONENTS[-1] + GUARD_BITS
        while bits <= MAX_BITS and bits * len(self.sides.chain.tape.ops) <= MAX_WORK:
            with precision(bits):
                found = self._remainder([step * scale for scale in scales])
                if found is None:
                    return None
                rest, largest = found
                if is_ball(rest):
                    if is_resolved(rest):
                        return Left(step, rest)
                    if rest.abs_upper() <= largest.abs_upper() * arb(2) ** NOTHING:
                        return Left(step, arb(0))
            bits *= 2
        return None

    def _remainder(self, moves: Sequence[Any]) -> tuple[Enclosed, Any] | None:
        """What is left, and the largest term that it is left of; None where there is no value."""
        here = self._here()
        if here is None:
            return None
        shifts = list(self.sides.nowhere)
        for position, move in zip(self.moving, moves):
            shifts[position] = move
        moved = self.sides.function(tuple(shifts))
        if moved is None:
            return None
        center, terms = here
        if not is_ball(moved) or not is_ball(center):
            return UNKNOWN, arb(0)
        rest, largest = moved - center, max(abs(moved), abs(center), key=lambda one: one.abs_upper())
        for key, part in terms:
            if not is_ball(part):
                return UNKNOWN, arb(0)
            term = part / math.factorial(len(key))
            for position in key:
                term = term * shifts[position]
            term = term * _orders(key)
            rest -= term
            if abs(term).abs_upper() > largest.abs_upper():
                largest = abs(term)
        return rest, largest

    def _here(self) -> tuple[Any, list[tuple[Positions, Any]]] | None:
        """The value and the derivatives at the point; None where one does not exist."""
        bits = BALLS.bits
        if bits not in self._known:
            values = self.sides.everything(self.sides.nowhere)
            partials = {key: values[index] for key, index in self.sides.chain.partials.items()}
            partials.update(self.claimed())
            keys = [
                key
                for order in range(1, self.order + 1)
                for key in product(self.moving, repeat=order)
                if key == tuple(sorted(key))
            ]
            center = values[self.sides.chain.output]
            is_whole = center is not None and all(partials[key] is not None for key in keys)
            self._known[bits] = (center, [(key, partials[key]) for key in keys]) if is_whole else None
        return self._known[bits]


def _orders(key: Positions) -> int:
    """In how many orders the targets of a derivative can be written."""
    return math.factorial(len(key)) // math.prod(math.factorial(key.count(one)) for one in set(key))


__all__ = ["EXPONENTS", "LARGE_EXPONENTS", "Left", "TaylorTest", "order_of", "steps"]
