"""A point of two variables at which the gradient does not exist, or is 0 with a Hessian that tells nothing.

The plane around it is parted into sectors: one variable goes away from the point, the other one at some share of that
speed. Along each, the function and its gradient are a power of the distance times a series, whose coefficients are
balls over a range of shares: where the gradient's is not 0 in any sector, there is no other point around, and the signs
of what the function gains tell the kind of this one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from gradcli.backends.arb.context import BALLS
from gradcli.backends.arb.evaluate import is_ball
from gradcli.backends.arb.flint import IS_FLINT, arb
from gradcli.backends.arb.germs.germ import Germ, NeedsRoot
from gradcli.backends.arb.germs.tape import GermTape
from gradcli.extrema.data import MAXIMUM, MINIMUM, NEITHER, SADDLE
from gradcli.problem.job import Job
from gradcli.reference.stationary import Segment, hull, roundest
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.chain import chain

MAX_SECTORS = 160  # that are looked at
SHARES = (Fraction(0), Fraction(1), Fraction(-1), Fraction(1, 2), Fraction(-1, 2))  # of directions that are tried
MOST_DECIMALS = 8  # of a number that is tried
MAX_ORDER = 12  # of a root of the distance


class SectorSigns(NamedTuple):
    """Of a sector: the signs of what the function gains, and whether the gradient is proven not to be 0."""

    gain: int | None
    moves: bool


class BlowUp:
    """Tells what is around points of a program of two variables."""

    def __init__(self, job: Job, names: Sequence[str], fixed: Mapping[str, Fraction], deadline: Deadline) -> None:
        self.names = names
        self.chain = chain(job.exact, names, 1, job.program.source)
        self.fixed = {name: value for name, value in fixed.items() if name in self.chain.tape.inputs}
        self.tape = GermTape(self.chain.tape, deadline)
        self.order = 1

    def kind(self, point: tuple[Fraction, Fraction], off: tuple[Fraction, Fraction]) -> str | None:
        """The kind of a point, proven, and that no other one is as far as so much from it; None where that is not."""
        if not IS_FLINT:
            return None
        gains: set[int] = set()
        for main, way in _SIDES:
            gains |= {gain for share in SHARES if (gain := self._in(point, off, main, way, BALLS.number(share)).gain)}
        mixed = len(gains) > 1
        waiting = [(main, way, Segment(Fraction(-1), Fraction(1))) for main, way in _SIDES]
        looked = 0
        while waiting:
            main, way, shares = waiting.pop()
            looked += 1
            found = self._in(point, off, main, way, hull(shares))
            if found.moves and (mixed or found.gain):
                gains.add(found.gain or 0)
                continue
            if looked + len(waiting) > MAX_SECTORS:
                return None
            middle = (shares.low + shares.high) / 2
            waiting += [(main, way, Segment(shares.low, middle)), (main, way, Segment(middle, shares.high))]
        if {1, -1} <= gains:
            return SADDLE
        return MINIMUM if gains == {1} else MAXIMUM if gains == {-1} else NEITHER

    def _in(self, point: Sequence[Fraction], off: Sequence[Fraction], main: int, way: int, share: Any) -> SectorSigns:
        """What a sector of these shares has."""
        speeds = [BALLS.number(one) for one in off]
        speeds[main] *= way
        speeds[1 - main] *= share
        lines = {name: (BALLS.number(value), arb(0)) for name, value in self.fixed.items()}
        lines |= {name: (BALLS.number(x), speed) for name, x, speed in zip(self.names, point, speeds)}
        found = self._run(lines)
        if found is None:
            return SectorSigns(None, False)
        value, partials = found[self.chain.output], [found[self.chain.partials[(k,)]] for k in (0, 1)]
        germs = self.tape.germs
        if not isinstance(value, Germ) or not value.joins or germs is None:
            return SectorSigns(None, False)
        known = [one for one in partials if isinstance(one, Germ)]
        rise = germs.rise(value) or None
        moves = rise is not None or any(one.sign in (-1, 1) for one in known)
        here = self.tape.evaluator.run({name: start for name, (start, _) in lines.items()})[self.chain.output]
        gain = germs.sum(value, germs.constant(-here)).sign if is_ball(here) else None
        if not gain and len(known) == 2:
            parts = [germs.product(one, germs.constant(speed)) for one, speed in zip(known, speeds)]
            gain = germs.sum(*parts).sign
        return SectorSigns(gain or rise, moves)

    def _run(self, lines: Mapping[str, tuple[Any, Any]]) -> list[Any] | None:
        for _ in _SIDES:
            try:
                return self.tape.run(arb(1), self.order, lines)
            except NeedsRoot as more:
                if self.order * more.order > MAX_ORDER:
                    return None
                self.order *= more.order
        return None


_SIDES = [(main, way) for main in (0, 1) for way in (-1, 1)]


def numbers_in(part: Segment) -> list[Fraction]:
    """Numbers of a short segment that may be meant: the shortest as a binary fraction, and in decimals."""
    middle = float((part.low + part.high) / 2)
    decimals = (Fraction(round(middle, digits)) for digits in range(MOST_DECIMALS))
    short = next((one for one in decimals if part.low <= one <= part.high), None)
    return [roundest(part)] + ([] if short is None or short == roundest(part) else [short])
