"""What is special along one variable: kinks, poles, holes, edges; and where values leave the numbers of the dtype."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from gradcli.audit.data import OVERFLOW, UNDERFLOW, AuditPlace
from gradcli.audit.samples import BEYOND, FINE, TINY, AuditPoint, AuditPoints
from gradcli.audit.scales import AuditScale
from gradcli.backends.arb.context import is_ball, precision
from gradcli.backends.arb.flint import arb
from gradcli.language.numbers import to_float
from gradcli.plot.curves import Special
from gradcli.plot.specials import Specials
from gradcli.plot.truth import PlotTruth
from gradcli.problem.job import Job
from gradcli.reference.breakpoints import Breakpoint, Breakpoints
from gradcli.reference.limits import Trend
from gradcli.reference.samples import RESOLVED, approached, course_of_side, steps_beside
from gradcli.reference.texts import text
from gradcli.runtime.deadlines import Deadline

DIGITS = 17  # of a limit
FOR_SEARCH, FOR_KINDS = 1.0, 1.5  # seconds
MOST_SORTED = 24  # places that are looked at from both sides
HALVINGS = 80  # to the first number that overflows
BITS = 400
WHAT = {BEYOND: OVERFLOW, TINY: UNDERFLOW}


class AuditPlaces:
    """Finds and sorts the special places of one variable."""

    def __init__(self, job: Job, scale: AuditScale, name: str, deadline: Deadline) -> None:
        self.job, self.scale, self.name, self.deadline = job, scale, name, deadline
        self.variable = scale.axis.name
        self.truth = PlotTruth(job, [self.variable], [self.variable], 1)
        self.found: list[Breakpoint] = []
        self.places: list[AuditPlace] = []
        self.holes: list[tuple[Fraction, Special]] = []
        self.complete = True

    def search(self) -> list[Fraction]:
        """The nonsmooth points."""
        start, stop = Fraction(self.scale.start), Fraction(self.scale.stop)
        search = Breakpoints(self.truth.tape, self.variable, self.truth.fixed)
        self.complete = self.truth.in_time(lambda: search.search(start, stop), self.deadline.within(FOR_SEARCH))
        self.complete &= search.complete
        self.found = sorted(one for one in search.found if start <= one.x <= stop)
        return [one.x for one in self.found]

    def sort(self) -> list[AuditPlace]:
        """What is at each."""
        looks = Specials(self.truth, self.variable, [(), (0,)], self.scale.start, self.scale.stop)
        until = self.deadline.within(FOR_KINDS)
        for place in self.found[:MOST_SORTED]:
            special: list[Special | None] = []
            if not self.truth.in_time(lambda: special.append(looks.at(place, self.found)), until):  # noqa: B023
                special = [looks.undecided(place)]
            if special and special[0] is not None:
                self._keep(place, special[0])
        self.complete &= len(self.found) <= MOST_SORTED
        return self.places

    def _keep(self, place: Breakpoint, special: Special) -> None:
        what = self.name if special.order == 0 else "the derivative"
        value = slope = None
        if special.kind == "hole":
            value, slope = self._limit(place, ()), self._limit(place, (0,))
            self.holes.append((place.x, special))
        self.places.append(AuditPlace(to_float(place.x), special.kind, what, None, value, slope))

    def _limit(self, place: Breakpoint, wanted: tuple[int, ...]) -> str | None:
        """The limit of the value, or of the derivative, from both sides, where these are one."""
        ends: list[Any] = []
        scale = max(abs(place.x), Fraction(self.scale.stop - self.scale.start)) if not place.x else abs(place.x)
        for sign in (-1, 1):
            if (place.x <= self.scale.start and sign < 0) or (place.x >= self.scale.stop and sign > 0):
                continue
            moves = steps_beside(scale, sign)
            rows = [self.truth.look({self.variable: place.x + move}, [wanted], bits, RESOLVED, abs(move))
                    for move, bits in moves]  # fmt: skip
            course = course_of_side(approached([move for move, _ in moves], [row.values[0] for row in rows]))
            if course is None or course.trend is not Trend.LIMIT:
                return None
            ends.append(course.value)
        if not ends or float(ends[0]) != float(ends[-1]):
            return None
        with precision(BITS):
            return text(arb(ends[0]), DIGITS) or repr(float(ends[0]))

    # Beyond the dtype

    def thresholds(self, points: AuditPoints, samples: Sequence[AuditPoint]) -> list[AuditPlace]:
        """Where the value, and where the derivative, overflows or underflows."""
        found = []
        for which, what in ((0, self.name), (1, "the derivative")):
            for a, b in pairwise(samples):
                states = [points.counter.state(one.truth[which]) for one in (a, b)]
                for state, inner, outer, side in ((states[1], a, b, "right"), (states[0], b, a, "left")):
                    other = states[0] if side == "right" else states[1]
                    if state in WHAT and other == FINE:
                        x = self._edge(points, inner.at[0], outer.at[0], which, state)
                        if x is not None:
                            found.append(AuditPlace(x, WHAT[state], what, side))
        return _first_of_each(found)

    def _edge(self, points: AuditPoints, inner: float, outer: float, which: int, state: str) -> float | None:
        """The first number from inside that is beyond; None where a zero lies between, and no threshold."""
        for _ in range(HALVINGS):
            middle = self.scale.between(min(inner, outer), max(inner, outer))
            if math.isnan(middle):
                break
            true = points.truth.at((middle,))[which]
            if points.counter.state(true) == state:
                outer = middle
            else:
                inner = middle
        true = points.truth.at((inner,))[which]
        return outer if is_ball(true) else None


def _first_of_each(found: Sequence[AuditPlace]) -> list[AuditPlace]:
    """Of the value and the derivative at one place, the value."""
    kept: list[AuditPlace] = []
    for one in found:
        if not any(one.kind == other.kind and one.side == other.side and _close(one.x, other.x) for other in kept):
            kept.append(one)
    return kept


def _close(a: float, b: float) -> bool:
    return abs(a - b) <= 0.05 * max(abs(a), abs(b))
