"""The extreme points over an interval: stationary ones between the nonsmooth points, these, and the ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any

from gradcli.backends.arb.context import BALLS, precision
from gradcli.backends.arb.evaluate import Enclosed, is_ball
from gradcli.extrema.data import (
    END,
    INFLECTION,
    MAXIMUM,
    MINIMUM,
    NEITHER,
    NONSMOOTH,
    STATIONARY,
    UNDECIDED,
    ExtremePoint,
)
from gradcli.extrema.greatest import ExtremeCandidate, decimal_text
from gradcli.extrema.kinds import compared, kind_of_sides, kind_of_signs, short
from gradcli.problem.job import Job
from gradcli.reference.breakpoints import Breakpoint, Breakpoints
from gradcli.reference.point import Reference
from gradcli.reference.stationary import (
    FINE,
    LineFunction,
    Segment,
    Stationary,
    StationarySearch,
    sign_of_ball,
)
from gradcli.reference.texts import text
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.chain import chain
from gradcli.tape.findings import Finding

DIGITS = 20
BESIDE = Fraction(1, 2**50)  # of a nonsmooth point, or
BESIDE_OF_ALL = Fraction(1, 2**60)  # of the segment: how far from it the search for stationary points begins
EXACT_TO = Fraction(1, 2**900)  # of the segment: as far as a nonsmooth point is known
STEP = Fraction(1, 2**30)  # of the segment, to both sides of a multiple root, whose signs tell its kind
CLOSER = (Fraction(1, 2**40), Fraction(1, 2**80))  # of a step: where a function without a bound is larger
GROWS = 1.1
JUMPS = 0.9  # of what a value differs by from those beside it, where it differs as much from nearer ones
NEAREST = Fraction(1, 2**200)  # of a step


Cuts = tuple[Fraction | None, Fraction | None]


class LineExtrema:
    """Finds the extreme points of a program over a range of one variable, the others being fixed."""

    def __init__(
        self, job: Job, name: str, whole: Segment, fixed: Mapping[str, Fraction], inflections: bool, deadline: Deadline
    ) -> None:
        self.job, self.name, self.whole, self.fixed = job, name, whole, fixed
        self.function = LineFunction(job.exact, name, fixed, job.program.source, 3 if inflections else 2, deadline)
        self.points: list[ExtremePoint] = []
        self.candidates: list[ExtremeCandidate] = []
        self.flat: list[Segment] = []
        self.outside: list[Segment] = []
        self.open: list[Segment] = []
        breaks = Breakpoints(job.exact, name, fixed, deadline)
        breaks.search(*whole)
        self.breaks = {one.x for one in breaks.found}
        inner = [one for one in sorted(breaks.found) if whole.low < one.x < whole.high]
        if not breaks.complete:
            self.open.append(whole)
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

    def _beside(self, x: Fraction) -> Fraction:
        return max(abs(x) * BESIDE, self.whole.width * BESIDE_OF_ALL)

    def _between(self, inner: list[Breakpoint]) -> Iterator[tuple[Segment, Cuts]]:
        """The parts without nonsmooth points, and which of these are beside them."""
        cuts = [(x, self._beside(x) if x in self.breaks else Fraction(0)) for x in self.whole]
        cuts[1:1] = [(one.x, self._beside(one.x)) for one in inner]
        for (low, after), (high, before) in pairwise(cuts):
            if low + after < high - before:
                yield Segment(low + after, high - before), (low if after else None, high if before else None)

    def _closed(self, parts: list[Segment]) -> list[Segment]:
        """Parts that reach the nonsmooth points beside them, as one where they touch."""
        return [Segment(self._snapped(one.low), self._snapped(one.high)) for one in parts]

    def _snapped(self, x: Fraction) -> Fraction:
        near = [one for one in (*self.whole, *self.breaks) if abs(x - one) <= 2 * self._beside(one)]
        return near[0] if near else x

    # Stationary points

    def _search(self, part: Segment, sides: Cuts, inflections: bool) -> None:
        found = StationarySearch(self.function, 1, part, sides)
        self.flat += found.flat
        self.outside += found.outside
        self.open += found.open
        for root in found.roots:
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
        for place, point in enumerate(self.points):
            if point.at == at:  # stationary, too
                if point.kind == NEITHER:
                    self.points[place] = ExtremePoint(at, point.value, INFLECTION, STATIONARY, point.proven, None, "0")
                return
        self.points.append(ExtremePoint(at, text(values[0], DIGITS), INFLECTION, STATIONARY, root.proven, None, "0"))

    # Nonsmooth points, and ends

    def _at_break(self, one: Breakpoint) -> None:
        place = Segment(one.x, one.x) if one.exact else self._around(one.x)
        value = self.function.on(place, 0)[0]
        away = self._beside(one.x)
        sides = [self.function.at(BALLS.number(x), 1) for x in (place.low - away, place.high + away)]
        at = self._named(one.x, one.exact)
        if not is_ball(value) or not value.is_finite():
            self._without_value(place, sides, at)
            return
        signs = [compared(side[0], value) for side in sides]
        finding = self._finding(one.x) if one.exact else Finding(False, kind="corner")
        slopes = self._slopes(finding, sides)
        for way, side in zip((-1, 1), sides):
            if self._jumps(place, way, side[0], value):
                self._propose(side[0], at, taken=False)
                slopes = "jump"
        self._propose(value, at)
        if finding.exists and slopes != "jump":
            if finding.value is not None and Fraction(finding.value) == 0:
                kind = kind_of_signs(signs)
                if any(signs) or None in signs:
                    self.points.append(ExtremePoint(at, text(value, DIGITS), kind, STATIONARY, False))
            return
        kind = kind_of_signs(signs)
        self.points.append(ExtremePoint(at, text(value, DIGITS), kind, NONSMOOTH, False, slopes))

    def _without_value(self, place: Segment, sides: list[list[Enclosed]], at: Mapping[str, str]) -> None:
        """A pole, a hole, or an end of the domain that does not belong to it."""
        kind = None
        for way, side in zip((-1, 1), sides):
            if not is_ball(side[0]) or not side[0].is_finite():
                continue
            grown = self._growth(place, way, side[0])
            kind = "pole" if grown else kind or "hole"
            self._propose(side[0], at, taken=False, unbounded=grown)
        if kind is not None:
            self.points.append(ExtremePoint(at, None, NEITHER, NONSMOOTH, False, kind))

    def _growth(self, place: Segment, way: int, value: Any) -> int:
        """The sign of a function that has no bound on one side of a place; 0 where it has one."""
        edge = place.high if way > 0 else place.low
        for closer in CLOSER:
            (nearer,) = self.function.at(BALLS.number(edge + way * self._beside(edge) * closer), 0)
            if not is_ball(nearer) or not nearer.is_finite() or not abs(nearer) > GROWS * abs(value):
                return 0
            value = nearer
        return 1 if value > 0 else -1

    def _jumps(self, place: Segment, way: int, side: Enclosed, value: Any) -> bool:
        """Whether values on one side of a place do not tend to the value there."""
        if not is_ball(side) or not side.is_finite() or (side - value).contains(0):
            return False
        edge = place.high if way > 0 else place.low
        (nearer,) = self.function.at(BALLS.number(edge + way * self._beside(edge) * NEAREST), 0)
        return bool(is_ball(nearer) and nearer.is_finite() and abs(nearer - value) > JUMPS * abs(side - value))

    def _around(self, x: Fraction) -> Segment:
        off = self.whole.width * EXACT_TO
        return Segment(x - off, x + off)

    def _finding(self, x: Fraction) -> Finding:
        """What the reference knows of the slope at a number."""
        names = self.function.chain.tape.inputs
        point = {name: one for name, one in {**self.fixed, self.name: x}.items() if name in names}
        one = chain(self.job.exact, [self.name], 1, self.job.program.source)
        judged = Reference(one, one, point, DIGITS, Deadline(self.job.allowance), self.job.dtype.bits).judge()
        return judged.partials.get((0,), Finding(None))

    @staticmethod
    def _slopes(finding: Finding, sides: list[list[Enclosed]]) -> str | None:
        """The kind of a nonsmooth point, and its slopes."""
        if finding.exists:
            return None
        ends = [finding.left, finding.right]
        if finding.kind == "corner" and None in ends:
            ends = [text(side[1], DIGITS) if is_ball(side[1]) else None for side in sides]
        said = [short(one) for one in ends]
        known = f": {said[0]} from the left, {said[1]} from the right" if "unknown" not in said else ""
        is_cusp = finding.kind == "corner" and set(said) == {"inf", "-inf"}
        return f"{'cusp' if is_cusp else finding.kind or UNDECIDED}{known}"

    def _at_end(self, x: Fraction) -> None:
        (value,) = self.function.at(BALLS.number(x), 0)
        inwards = self._beside(x) * (1 if x == self.whole.low else -1)
        (near,) = self.function.at(BALLS.number(x + inwards), 0)
        at = self._named(x, True)
        if not is_ball(value) or not value.is_finite():
            if is_ball(near) and near.is_finite():
                grown = self._growth(Segment(x, x), 1 if inwards > 0 else -1, near)
                self._propose(near, at, taken=False, unbounded=grown)
            return
        sign = compared(near, value)
        if self._jumps(Segment(x, x), 1 if inwards > 0 else -1, near, value):
            self._propose(near, at, taken=False)
        self._propose(value, at)
        if sign != 0:
            kind = UNDECIDED if sign is None else MINIMUM if sign > 0 else MAXIMUM
            proven = kind != UNDECIDED and self._is_monotonic(x, x + inwards)
            self.points.append(ExtremePoint(at, text(value, DIGITS), kind, END, proven))

    def _is_monotonic(self, end: Fraction, inner: Fraction) -> bool:
        """Whether the search found nothing from an end to a number, both included but the end."""
        low, high = sorted((end, inner))
        inside = [Fraction(one.at[self.name]) for one in self.points if one.place != END]
        return (
            end not in self.breaks
            and not any(one.low <= high and low <= one.high for one in self.open)
            and not any(low <= x <= high for x in inside)
        )

    def skipped(self) -> list[Segment]:
        """What is not searched: beside each nonsmooth point."""
        low, high = self.whole
        away = [(x, self._beside(x)) for x in sorted(self.breaks) if low <= x <= high]
        return [Segment(max(low, x - off), min(high, x + off)) for x, off in away]

    def _propose(self, value: Any, at: Mapping[str, str], taken: bool = True, unbounded: int = 0) -> None:
        if is_ball(value) and value.is_finite():
            self.candidates.append(ExtremeCandidate(value, at, taken, unbounded))

    def _named(self, x: Fraction, exact: bool) -> dict[str, str]:
        return {self.name: decimal_text(x, None if exact else DIGITS)}
