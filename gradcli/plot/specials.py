"""What is special at a place of a plot: its kind, and what every curve tends to there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from gradcli.plot.curves import Numbers, Special
from gradcli.plot.truth import PlotTruth, Seen
from gradcli.reference.breakpoints import Breakpoint
from gradcli.reference.limits import Course, Trend
from gradcli.reference.samples import RESOLVED, BothKinds, approached, course_of_side, judged_by_sides, steps_beside
from gradcli.tape.findings import Positions

UNDECIDED = "undecided"
OF_THE_VALUE = ("pole", "jump", "hole", "edge", "outside the domain")  # kinds that say that f itself breaks
NEAREST = Fraction(1, 2**200)  # of the range: closer to a place than this nothing else is left out of account


@dataclass(frozen=True)
class Sort:
    """The kind of a place, and the first derivative that does not exist there (0: the function itself breaks)."""

    kind: str | None  # None: nothing is special here
    order: int = 0


class Specials:
    """Looks at places from both sides; `wanted` are the curves."""

    def __init__(self, truth: PlotTruth, name: str, wanted: Sequence[Positions], start: float, stop: float) -> None:
        self.truth = truth
        self.name = name
        self.wanted = wanted
        self.start, self.stop = start, stop
        self.highest = max((len(p) for p in wanted if p and set(p) == {0}), default=1)
        own = [(), *((0,) * order for order in range(1, self.highest + 1))]
        self.every = [*wanted, *(positions for positions in own if positions not in wanted)]
        self.own = [self.every.index(positions) for positions in own]

    def at(self, place: Breakpoint, others: Sequence[Breakpoint]) -> Special | None:
        """What is special at a place; None where nothing is."""
        scale = self._scale(place.x, others)
        left, right = (self._side(place.x, scale, sign) for sign in (-1, 1))
        sort = self._at_double(place.x, left, right) if place.exact else self._at_root(place, left, right)
        if sort.kind is None or sort.kind == "outside the domain":
            return None
        here = self.truth.look({self.name: place.x}, self.wanted) if place.exact else None
        return self._special(float(place.x), sort, left, right, here)

    def undecided(self, place: Breakpoint) -> Special:
        """A place that there was no time to look at."""
        nothing: Numbers = (None,) * len(self.wanted)
        return Special(float(place.x), UNDECIDED, 0, nothing, nothing, nothing)

    def _scale(self, x: Fraction, others: Sequence[Breakpoint]) -> Fraction:
        """What steps are relative to: how far it is to 0, to the other places, or how wide the range is."""
        width = Fraction(self.stop) - Fraction(self.start)
        away = [abs(x), *(abs(other.x - x) for other in others)]
        return max(min([width, *(one for one in away if one)]), width * NEAREST)

    def _side(self, x: Fraction, scale: Fraction, sign: int) -> list[BothKinds]:
        """Each curve as the place is approached from one side."""
        moves = steps_beside(scale, sign)
        rows = [self.truth.look({self.name: x + move}, self.every, bits, RESOLVED, abs(move)) for move, bits in moves]
        return [
            approached([move for move, _ in moves], [row.values[j] for row in rows]) for j in range(len(self.every))
        ]

    # Kinds

    def _at_double(self, x: Fraction, left: Sequence[BothKinds], right: Sequence[BothKinds]) -> Sort:
        """The sort as the reference judges a point."""
        sides = self.truth.sides({self.name: x})
        values = [course_of_side(side[self.own[0]]) for side in (left, right)]
        for order in range(1, self.highest + 1):
            if order > 1:
                known = self._by_limits(left[self.own[order]], right[self.own[order]])
                if known is None:
                    continue
                if known != UNDECIDED:
                    return Sort(known, order)
            outcome = sides.judge((0,) * order)
            if outcome.exists is None:
                return Sort(UNDECIDED, 1)
            if outcome.exists and order == 1 and sides.detached and not _is_one(values):
                return Sort("jump")  # the curve's; the derivative holds what is detached
            if outcome.exists:
                continue
            kind = outcome.kind or UNDECIDED
            oscillates = any(one is not None and one.trend is Trend.OSCILLATES for one in values)
            if oscillates or (order == 1 and kind in OF_THE_VALUE):
                return Sort(kind)
            return Sort(kind, order)
        return Sort(None)

    def _at_root(self, place: Breakpoint, left: Sequence[BothKinds], right: Sequence[BothKinds]) -> Sort:
        """The sort of a place that is no double: what both sides tell, and which operations have no value at it."""
        is_hole = bool(place.holes) and not self.truth.has_value({self.name: place.x}, place.holes)
        of_value = self.own[0]
        outcome = judged_by_sides(left[of_value], right[of_value])
        if outcome.exists is None:
            return Sort(UNDECIDED, 1)
        if outcome.kind != "hole" or is_hole:
            return Sort(outcome.kind)
        for order, index in enumerate(self.own[1:], 1):
            kind = self._by_limits(left[index], right[index])
            if kind is not None:
                return Sort(kind, 1 if kind == UNDECIDED else order)
        return Sort(None)

    @staticmethod
    def _by_limits(left: BothKinds, right: BothKinds) -> str | None:
        """The kind that the limits of a derivative tell, where what is differentiated is continuous.

        Where they are one, that is the derivative at the place, too (the mean value theorem).
        """
        outcome = judged_by_sides(left, right)
        if outcome.kind == "hole":
            return None
        courses = course_of_side(left), course_of_side(right)
        if courses[0] is None or courses[1] is None:
            return UNDECIDED
        trends = {courses[0].trend, courses[1].trend}
        if trends == {Trend.INFINITE} and courses[0].value == courses[1].value:
            return "vertical tangent"
        return "corner" if trends <= {Trend.INFINITE, Trend.LIMIT} else UNDECIDED

    # What is shown

    def _special(
        self,
        x: float,
        sort: Sort,
        left_sides: Sequence[BothKinds],
        right_sides: Sequence[BothKinds],
        here: Seen | None,
    ) -> Special:
        count = len(self.wanted)
        left, right = (_ends(sides[:count]) for sides in (left_sides, right_sides))
        value: list[float | None] = [None] * count if here is None else list(here.doubles())
        if here is None:  # the value at such a place is known by its limits only
            value[0] = left[0] if left[0] == right[0] and sort.order else None
        if x <= self.start:
            left = (None,) * count
        if x >= self.stop:
            right = (None,) * count
        for j, positions in enumerate(self.wanted):
            if sort.order == 0 and value[0] is None:
                value[j] = None
            elif positions:
                same = left[j] is not None and left[j] == right[j] and math.isfinite(left[j] or 0.0)
                gone = set(positions) == {0} and len(positions) >= max(sort.order, 1)
                value[j] = left[j] if same and not gone else None
        return Special(x, sort.kind or "", sort.order, tuple(value), left, right)


def _is_one(values: Sequence[Course | None]) -> bool:
    """Whether the limits of the values from both sides are one."""
    left, right = (one.value if one is not None and one.trend is Trend.LIMIT else None for one in values)
    return left is not None and right is not None and float(left) == float(right)


def _ends(sides: Sequence[BothKinds]) -> Numbers:
    """Limits as doubles, perhaps infinite; None where there is none."""
    return tuple(map(_end, map(course_of_side, sides)))


def _end(course: Course | None) -> float | None:
    if course is None or course.trend not in (Trend.INFINITE, Trend.LIMIT):
        return None
    value: Any = course.value
    return math.copysign(math.inf, value) if course.trend is Trend.INFINITE else float(value)
