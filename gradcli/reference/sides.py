"""What a program of one variable does on one side of a number, all the way to it, proven by germs."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from gradcli.backends.arb.context import BALLS
from gradcli.backends.arb.evaluate import is_ball
from gradcli.backends.arb.flint import IS_FLINT, arb
from gradcli.backends.arb.germs.germ import Germ, NeedsRoot
from gradcli.backends.arb.germs.tape import GermTape
from gradcli.errors import Source
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.chain import chain
from gradcli.tape.tape import Tape

TRIES = 3  # orders of roots
MAX_ORDER = 12


class SideOfPoint(NamedTuple):
    """One side of a number.

    slope   the sign of the slope on it; 0 where the function is constant
    gain    the sign of what the function gains over its value at the number; None where that is not told
    limit   what it tends to: a ball, an infinite float, or None where that is not told
    joins   whether that is its value there
    exists  whether it has values
    """

    slope: int
    gain: int | None
    limit: Any
    joins: bool
    exists: bool = True


BothSides = tuple[SideOfPoint, SideOfPoint]  # the left one, and the right one
NOTHING = SideOfPoint(0, 2, None, False, False)


class SidesOfPoints:
    """The sides of numbers, of a program of one variable."""

    def __init__(
        self, tape: Tape, name: str, fixed: Mapping[str, Fraction], source: Source, deadline: Deadline | None
    ) -> None:
        self.name = name
        self.chain = chain(tape, [name], 1, source)
        self.fixed = {one: value for one, value in fixed.items() if one in self.chain.tape.inputs}
        self.tape = GermTape(self.chain.tape, deadline)
        self.order = 1

    def at(self, x: Fraction, way: int, away: Fraction) -> SideOfPoint | None:
        """What is on the side of a number, as far as so much; None where that is not told."""
        if not IS_FLINT:
            return None
        lines = {one: (BALLS.number(value), arb(0)) for one, value in self.fixed.items()}
        lines[self.name] = (BALLS.number(x), arb(way))
        found = self._run(lines, away)
        if found is None:
            return None
        value, slope = found[self.chain.output], found[self.chain.partials[(0,)]]
        if value is None:
            return NOTHING
        if not isinstance(value, Germ):
            return None
        sign = slope.sign if isinstance(slope, Germ) else None
        if sign is None and self.tape.germs is not None and (rise := self.tape.germs.rise(value)) is not None:
            sign = way * rise
        if sign is None:
            return None
        here = self.tape.evaluator.run({one: start for one, (start, _) in lines.items()})[self.chain.output]
        joins, limit, gain = value.joins, value.limit, None
        if joins:
            gain = way * sign
        elif not is_ball(here) or not here.is_finite():
            pass
        elif isinstance(limit, float):
            gain = 1 if limit > 0 else -1
        elif limit is not None and not (limit - here).contains(0):
            gain = 1 if limit > here else -1
        elif limit is not None and limit.is_exact() and here.is_exact() and limit == here:
            joins, gain = True, way * sign
        return SideOfPoint(sign, gain, here if joins else limit, joins)

    def _run(self, lines: Mapping[str, tuple[Any, Any]], away: Fraction) -> list[Any] | None:
        """The germs, in the root of the distance that they need."""
        for _ in range(TRIES):
            reach = BALLS.number(away)
            if self.order > 1:
                reach = BALLS.number(Fraction(float(away) ** (1 / self.order)))
            try:
                return self.tape.run(reach, self.order, lines)
            except NeedsRoot as more:
                self.order *= more.order
                if self.order > MAX_ORDER:
                    self.order = 1
                    return None
        return None
