"""What is proven of both sides of a nonsmooth point of one variable, or of an end, by germs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from gradcli.backends.arb.context import BALLS, precision
from gradcli.backends.arb.evaluate import is_ball
from gradcli.extrema.data import NEITHER, NONSMOOTH, STATIONARY, ExtremePoint
from gradcli.extrema.greatest import ExtremeCandidate, decimal_text
from gradcli.extrema.kinds import kind_of_signs, short
from gradcli.reference.breakpoints import Breakpoint
from gradcli.reference.sides import NOTHING, BothSides, SideOfPoint, SidesOfPoints
from gradcli.reference.stationary import FINE, LineFunction, Segment
from gradcli.reference.texts import text
from gradcli.tape.findings import Finding

DIGITS = 20
BESIDE = Fraction(1, 2**50)  # of a nonsmooth point, or
BESIDE_OF_ALL = Fraction(1, 2**60)  # of the segment: how far from it the search for stationary points begins
NEARLY = Fraction(15, 16)  # of the way from a hole to the next nonsmooth point
CLOSER_TO_HOLE = 4  # times: the next stretch beside it that is tried
HOLE_TRIES = 24


class ToldPoints:
    """Tells what is beside the nonsmooth points that are known exactly.

    points, candidates  what is found: points, and values that may be the least or the greatest
    breaks    where the nonsmooth points are
    told      what is proven of both sides of those that are known exactly
    reach     how far from them, to the left (-1) or to the right
    flat      parts on which the function is constant
    searched  those that are proven to have no other point beside them
    """

    name: str
    whole: Segment
    function: LineFunction
    germs: SidesOfPoints
    points: list[ExtremePoint]
    candidates: list[ExtremeCandidate]
    breaks: set[Fraction]
    told: dict[Fraction, BothSides]
    reach: dict[tuple[Fraction, int], Fraction]
    flat: list[Segment]
    searched: set[Fraction]

    def _tell(self, found: list[Breakpoint]) -> None:
        """What is proven beside nonsmooth points that are known exactly, and at ends.

        Beside a hole the search does not get far: there it is as much of the way to the next one as can be told.
        """
        for x in {one.x for one in found if one.exact}:
            with precision(FINE):
                (value,) = self.function.at(BALLS.number(x), 0)
                left, right = (self._side(x, way, self._widths(x, way, value is None)) for way in (-1, 1))
            if left is not None and right is not None:
                self.told[x] = left, right
            else:
                self.reach = {place: reach for place, reach in self.reach.items() if place[0] != x}
        self.searched |= set(self.told)

    def _widths(self, x: Fraction, way: int, is_hole: bool) -> Iterator[Fraction]:
        """How far a side is looked at, the widest stretch first."""
        if is_hole:
            places = [one for one in (*self.whole, *self.breaks) if (one - x) * way > 0]
            if places:
                nearest = min(places, key=lambda one: abs(one - x))
                widest = abs(nearest - x) * (NEARLY if nearest in self.breaks else 1)
                for k in range(HOLE_TRIES):
                    yield widest / CLOSER_TO_HOLE**k
        yield self._beside(x)

    def _side(self, x: Fraction, way: int, widths: Iterator[Fraction]) -> SideOfPoint | None:
        """What is on one side of a number; nothing beyond an end of the range."""
        if x == (self.whole.low if way < 0 else self.whole.high):
            return NOTHING
        for reach in widths:
            found = self.germs.at(x, way, reach)
            if found is not None:
                if not found.exists:
                    return found
                self.reach[x, way] = max(reach, self._beside(x))
                if not found.slope and reach > self._beside(x):
                    self.flat.append(Segment(*sorted((x, x + way * reach))))
                return found
        return None

    def _beside(self, x: Fraction, way: int = 0) -> Fraction:
        """How far from a nonsmooth point the search begins, on one side or on each."""
        return self.reach.get((x, way)) or max(abs(x) * BESIDE, self.whole.width * BESIDE_OF_ALL)

    def _told_point(
        self,
        told: BothSides,
        value: Any,
        finding: Finding,
        slopes: str | None,
        at: Mapping[str, str],
    ) -> None:
        """A nonsmooth point whose sides are proven."""
        self._propose(value, at)
        apart = [side for side in told if side.exists and not side.joins]
        for side in apart:
            self._tend(side.limit, at)
        kind = kind_of_signs([side.gain for side in told])
        if finding.exists and not apart:
            is_flat = not any(side.slope for side in told)
            if finding.value is not None and Fraction(finding.value) == 0 and not is_flat:
                self.points.append(ExtremePoint(at, text(value, DIGITS), kind, STATIONARY))
            return
        said = "jump" if apart and all(side.exists for side in told) else slopes
        self.points.append(ExtremePoint(at, text(value, DIGITS), kind, NONSMOOTH, True, said))

    def _goes_on(self, x: Fraction, told: BothSides) -> bool:
        """Whether the function has values beyond an end of the range: it is a hole there, and not an edge."""
        with precision(FINE):
            beyond = self.germs.at(x, 1 if told[0].exists else -1, self._beside(x))
        return beyond is not None and beyond.exists

    def _told_without_value(self, told: BothSides, at: Mapping[str, str], goes_on: bool | None = None) -> bool:
        """The same where the function has no value: a pole, a hole, or an end that does not belong to it."""
        limits = [side.limit for side in told if side.exists]
        if None in limits:
            return False
        for limit in limits:
            self._tend(limit, at)
        if not limits or goes_on is False:
            return True
        said = [short(str(one) if isinstance(one, float) else text(one, DIGITS)) for one in limits]
        kind = (
            "pole"
            if any(isinstance(one, float) for one in limits)
            else "hole"
            if len(limits) > 1 or goes_on
            else "edge"
        )
        if len(limits) == 1:
            known = f"{kind}: {said[0]} from the {'left' if told[0].exists else 'right'}"
        else:
            known = f"{kind}: {said[0]} from both sides" if said[0] == said[1] else (
                f"{kind}: {said[0]} from the left, {said[1]} from the right")  # fmt: skip
        self.points.append(ExtremePoint(at, None, NEITHER, NONSMOOTH, True, known))
        return True

    def _tend(self, limit: Any, at: Mapping[str, str]) -> None:
        """What is proven to be tended to, and not taken there."""
        if isinstance(limit, float):
            self.candidates.append(ExtremeCandidate(BALLS.arb(0), at, False, 1 if limit > 0 else -1, True))
        elif limit is not None:
            self.candidates.append(ExtremeCandidate(limit, at, taken=False, certain=True))

    def _propose(self, value: Any, at: Mapping[str, str], taken: bool = True, unbounded: int = 0) -> None:
        if is_ball(value) and value.is_finite():
            self.candidates.append(ExtremeCandidate(value, at, taken, unbounded))

    def _named(self, x: Fraction, exact: bool) -> dict[str, str]:
        return {self.name: decimal_text(x, None if exact else DIGITS)}
