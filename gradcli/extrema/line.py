"""The extreme points over an interval: stationary ones between the nonsmooth points, these, and the ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from gradcli.backends.arb.context import precision
from gradcli.extrema.beside import LinePoints
from gradcli.extrema.data import (
    INFLECTION,
    MAXIMUM,
    MINIMUM,
    NEITHER,
    STATIONARY,
    ExtremePoint,
)
from gradcli.extrema.kinds import kind_of_sides
from gradcli.extrema.told import DIGITS
from gradcli.problem.job import Job
from gradcli.reference.breakpoints import Breakpoint, Breakpoints
from gradcli.reference.one_sided import OneSidedSlopes
from gradcli.reference.sides import SidesOfPoints
from gradcli.reference.stationary import (
    FINE,
    LineFunction,
    Segment,
    Stationary,
    StationarySearch,
    joined,
    sign_of_ball,
)
from gradcli.reference.texts import text
from gradcli.runtime.deadlines import Deadline

if TYPE_CHECKING:
    from gradcli.extrema.multiple import SlopeFactors

STEP = Fraction(1, 2**30)  # of the segment, to both sides of a multiple root, whose signs tell its kind
SMALL = Fraction(1, 2**20)  # of the segment: a part that may be one root


Cuts = tuple[Fraction | None, Fraction | None]


class LineExtrema(LinePoints):
    """Finds the extreme points of a program over a range of one variable, the others being fixed."""

    def __init__(
        self, job: Job, name: str, whole: Segment, fixed: Mapping[str, Fraction], inflections: bool, deadline: Deadline
    ) -> None:
        self.job, self.name, self.whole, self.fixed = job, name, whole, fixed
        self.function = LineFunction(job.exact, name, fixed, job.program.source, 3 if inflections else 2, deadline)
        self._factors: SlopeFactors | None = None
        self.points, self.candidates, self.open = [], [], []
        self.flat = []
        self.outside: list[Segment] = []
        breaks = Breakpoints(job.exact, name, fixed, deadline)
        breaks.search(*whole)
        self.breaks = {one.x for one in breaks.found}
        inner = [one for one in sorted(breaks.found) if whole.low < one.x < whole.high]
        if not breaks.complete:
            self.open.append(whole)
        self.sides = OneSidedSlopes(job.exact, name, fixed, job.program.source, deadline)
        self.searched = set()
        self.told, self.reach = {}, {}
        self.germs = SidesOfPoints(job.exact, name, fixed, job.program.source, deadline)
        self._tell(breaks.found)
        for part, sides in self._between(inner):
            self._search(part, sides, inflections)
        for one in inner:
            with precision(FINE):
                self._at_break(one)
        for x in whole:
            with precision(FINE):
                self._at_end(x)
        self.flat, self.outside = self._closed(self.flat), self._closed(self.outside)
        self.points.sort(key=lambda point: Fraction(point.at[name]))

    def _between(self, inner: list[Breakpoint]) -> Iterator[tuple[Segment, Cuts]]:
        """The parts without nonsmooth points, and which of these are beside them."""
        cuts = [self.whole.low, *(one.x for one in inner), self.whole.high]
        for low, high in pairwise(cuts):
            after = self._beside(low, 1) if low in self.breaks else Fraction(0)
            before = self._beside(high, -1) if high in self.breaks else Fraction(0)
            if low + after < high - before:
                yield Segment(low + after, high - before), (low if after else None, high if before else None)

    def _closed(self, parts: list[Segment]) -> list[Segment]:
        """Parts that reach the nonsmooth points beside them, as one where they touch between these."""
        whole = [Segment(self._snapped(one.low), self._snapped(one.high)) for one in parts]
        cuts = sorted({*self.whole, *self.breaks})
        between = ([one for one in whole if low <= one.low and one.high <= high] for low, high in pairwise(cuts))
        return [one for own in between for one in joined(own)]

    def _snapped(self, x: Fraction) -> Fraction:
        near = [one for one in (*self.whole, *self.breaks) if abs(x - one) <= 2 * self._beside(one)]
        return near[0] if near else x

    # Stationary points

    def _search(self, part: Segment, sides: Cuts, inflections: bool) -> None:
        found = StationarySearch(self.function, 1, part, sides)
        self.flat += found.flat
        self.outside += found.outside
        doubtful = [*found.open, *(root.place for root in found.roots if not root.proven)]
        told = self._multiple(doubtful) if doubtful else {}
        self.open += [one for one in found.open if one not in told]
        roots = [told.get(root.place, root) for root in found.roots]
        for root in [*roots, *(told[one] for one in found.open if one in told)]:
            if self._is_end(root):
                continue
            with precision(FINE):
                self._at_root(root)
        if inflections:
            bends = StationarySearch(self.function, 2, part, sides)
            self.open += [one for one in bends.open if one not in self.open]
            for root in bends.roots:
                if not self._is_end(root) and self._sides(root, 2) in ((-1, 1), (1, -1)):
                    self._inflection(root)

    def _multiple(self, parts: list[Segment]) -> dict[Segment, Stationary]:
        """The parts in which the derivative's formula has one root of several times."""
        from gradcli.extrema.multiple import SlopeFactors

        if self._factors is None:
            one = self.function.chain
            self._factors = SlopeFactors(one, self.name, self.fixed, self.job.patience)
        found = {}
        for part in parts:
            if part.width <= self.whole.width * SMALL:
                root = self._factors.root_in(part, self.whole.width * STEP)
                if root is not None:
                    found[part] = root[0]
        return found

    def _is_end(self, root: Stationary) -> bool:
        return root.place.low <= self.whole.low or root.place.high >= self.whole.high

    def _sides(self, root: Stationary, order: int) -> tuple[int | None, int | None]:
        """The signs of a derivative on both sides of a root of it."""
        step = max(self.whole.width * STEP, root.place.width)
        return self.function.sign(root.place.low - step, order), self.function.sign(root.place.high + step, order)

    def _at_root(self, root: Stationary) -> None:
        values = self.function.on(root.place, 2)
        bend = sign_of_ball(values[2])
        sides = self._sides(root, 1)
        kind = kind_of_sides(sides) if bend in (None, 0) else MINIMUM if bend == 1 else MAXIMUM
        at = self._named(root.middle, root.is_exact)
        self.points.append(
            ExtremePoint(at, text(values[0], DIGITS), kind, STATIONARY, root.proven, None, text(values[2], DIGITS))
        )
        self._propose(values[0], at)

    def _inflection(self, root: Stationary) -> None:
        with precision(FINE):
            values = self.function.on(root.place, 2)
        at = self._named(root.middle, root.is_exact)
        for index, point in enumerate(self.points):
            if point.at == at:  # stationary, too
                if point.kind == NEITHER:
                    self.points[index] = ExtremePoint(at, point.value, INFLECTION, STATIONARY, point.proven, None, "0")
                return
        self.points.append(ExtremePoint(at, text(values[0], DIGITS), INFLECTION, STATIONARY, root.proven, None, "0"))

    def skipped(self) -> list[Segment]:
        """What is not searched: beside each nonsmooth point."""
        low, high = self.whole
        away = [(x, self._beside(x)) for x in sorted(self.breaks) if low <= x <= high and x not in self.searched]
        return [Segment(max(low, x - off), min(high, x + off)) for x, off in away]
