"""Where a function of one variable breaks: found between points by the signs of what its operations break at."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from gradcli.engines.plot.roots import lowest, narrowed
from gradcli.engines.plot.truth import BITS, Breaks, Seen, Truth

MAX_PLACES = 200
MAX_DIPS = 400  # lowest points that are looked at
CLOSE = 220  # a place is known to 10 to minus this, relative to the range
LESS_CLOSE = 40  # likewise, where nothing but the end of the domain tells it
NEXT = 30  # how far beside a place its neighbourhood is looked at, likewise
ROUGH_CLOSE, ROUGH_BITS = 15, 200  # of a first look at a lowest point,
ROUGH = 1e-12  # and how close to 0 it has to come there, by its neighbours


class Point(NamedTuple):
    """A place, what operations break at there, and whether the function has a value, where that is known."""

    x: Any
    breaks: Breaks
    exists: bool | None = None


class Places:
    """Searches a range of one variable."""

    def __init__(self, truth: Truth, name: str, width: Fraction) -> None:
        self.truth = truth
        self.name = name
        self.m = truth.arithmetic.m
        self.scale = truth.arithmetic.number(width)
        self.found: list[Any] = []
        self.complete = True

    def search(self, xs: Sequence[Any], seen: Sequence[Seen]) -> None:
        """Find the places between and at these points, the easy ones first; more than before if asked again."""
        bits = self.truth.arithmetic.bits
        self.truth.arithmetic.bits = self.truth.bits_near(CLOSE)
        known = list(self.found)
        try:
            points = [Point(x, one.breaks, one.exists) for x, one in zip(xs, seen) if not one.unknown]
            self._at_points(points)
            for left, right in pairwise(points):
                if not any(left.x <= place <= right.x for place in known):
                    self._between(left, right)
            self._dips(points)
            for left, right in pairwise(points):
                self._at_ends_of_the_domain(left, right)
        finally:
            self.truth.arithmetic.bits = bits

    def _at_points(self, points: Sequence[Point]) -> None:
        """The points themselves at which an operation breaks, unless it does so all along."""
        for index, here in enumerate(points):
            beside = [points[i] for i in (index - 1, index + 1) if 0 <= i < len(points)]
            if any(_only_here(here.breaks, other.breaks) for other in beside):
                self._keep(here.x)

    def _between(self, left: Point, right: Point) -> None:
        """The places between two points at which a sign changes."""
        waiting = [(left, right)]
        while waiting:
            a, b = waiting.pop()
            crossing = _crossing(a.breaks, b.breaks)
            if crossing is None:
                continue
            if len(self.found) >= MAX_PLACES:
                self.complete = False
                return
            place = self._narrow(a, b, *crossing)
            if place is None:
                continue
            self._keep(place)
            step = self.scale * self.m.mpf(10) ** -NEXT
            if a.x < place - step:
                waiting.append((a, self._look(place - step)))
            if place + step < b.x:
                waiting.append((self._look(place + step), b))

    def _narrow(self, a: Point, b: Point, op: int, which: int) -> Any:
        """The place between two points at which one break changes its sign."""

        def value(x: Any) -> Any:
            return _entry(self._breaks(x), op, which)

        tiny = self.scale * self.m.mpf(10) ** -CLOSE
        return narrowed(value, a.x, b.x, a.breaks[op][which], b.breaks[op][which], tiny)

    def _dips(self, points: Sequence[Point]) -> None:
        """The places where a break comes down to 0 and goes back."""
        count = 0
        for before, here, after in zip(points, points[1:], points[2:]):
            for op, row in enumerate(here.breaks):
                for which, q in enumerate(row):
                    p, r = _entry(before.breaks, op, which), _entry(after.breaks, op, which)
                    if p and q and r and (p > 0) == (q > 0) == (r > 0) and abs(q) <= abs(p) and abs(q) < abs(r):
                        count += 1
                        if count > MAX_DIPS:
                            self.complete = False
                            return
                        self._bottom(before.x, after.x, op, which, max(abs(p), abs(r)))

    def _bottom(self, a: Any, b: Any, op: int, which: int, size: Any) -> None:
        """The lowest point of a break between two points, if it is 0 there."""

        def height(x: Any) -> Any:
            value = _entry(self._breaks(x), op, which)
            return None if value is None else abs(value)

        bits = self.truth.arithmetic.bits
        self.truth.arithmetic.bits = ROUGH_BITS
        place = lowest(height, a, b, self.scale * self.m.mpf(10) ** -ROUGH_CLOSE)
        low = height(place)
        self.truth.arithmetic.bits = bits
        if low is None or low > size * ROUGH:
            return
        exact = self.m.mpf(float(place))
        if height(exact) != 0:
            exact = lowest(height, a, b, self.scale * self.m.mpf(10) ** -CLOSE)
            low = height(exact)
            if low is None or low > size * self.m.mpf(10) ** -CLOSE:
                return
        self._keep(exact)

    def _at_ends_of_the_domain(self, a: Point, b: Point) -> None:
        """The place where the function begins or ends to have a value, if no sign tells it."""
        if a.exists == b.exists or any(a.x <= place <= b.x for place in self.found):
            return
        bits = self.truth.arithmetic.bits
        self.truth.arithmetic.bits = BITS

        def value(x: Any) -> Any:
            seen = self.truth.look({self.name: x})
            return None if seen.unknown else 1 if seen.exists == b.exists else -1

        place = narrowed(value, a.x, b.x, -1, 1, self.scale * self.m.mpf(10) ** -LESS_CLOSE)
        self.truth.arithmetic.bits = bits
        if place is not None:
            close = self.scale * self.m.mpf(10) ** (10 - LESS_CLOSE)
            near = self.m.mpf(float(place)) if abs(place) > close else self.m.zero
            self._keep(near if abs(near - place) <= close else place)

    def _breaks(self, x: Any) -> Breaks:
        return self.truth.breaks({self.name: x})

    def _look(self, x: Any) -> Point:
        return Point(x, self._breaks(x))

    def _keep(self, place: Any) -> None:
        """Remember a place, as the double that it is if it is one; none twice."""
        close = self.scale * self.m.mpf(10) ** (10 - CLOSE)
        near = self.m.mpf(float(place)) if abs(place) > close else self.m.zero
        if abs(near - place) <= close:
            place = near
        apart = self.scale * self.m.mpf(10) ** (2 - NEXT)
        if all(abs(place - other) > apart for other in self.found):
            self.found.append(place)


def _only_here(here: Breaks, other: Breaks) -> bool:
    """Whether some break is 0 here and not at another point."""
    return any(a == 0 and b != 0 for mine, theirs in zip(here, other) for a, b in zip(mine, theirs))


def _entry(breaks: Breaks, op: int, which: int) -> Any:
    """One break; None where it is not there."""
    return breaks[op][which] if op < len(breaks) and which < len(breaks[op]) else None


def _crossing(left: Breaks, right: Breaks) -> tuple[int, int] | None:
    """The first break that has different signs at two points: of which operation, and which of its breaks."""
    for op, (mine, theirs) in enumerate(zip(left, right)):
        for which, (a, b) in enumerate(zip(mine, theirs)):
            if a and b and (a > 0) != (b > 0):
                return op, which
    return None
