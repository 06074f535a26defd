"""Where programs are compared: points inside their domains, in all sorts of places, the same ones for the same seed."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from gradcli.language.assumptions import Bounds
from gradcli.reference.pieces import Labels, Pieces, Point
from gradcli.reference.roots import change
from gradcli.reference.simple_numbers import short, simple_fraction, simplest_between
from gradcli.reference.unseen import unseen
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.tape.candidates import RANGES, SIMPLE

MOST = 64  # points
LEAST = 6  # of programs that are large
WORK = 80_000  # operations times points
ATTEMPTS = 12  # candidates for each point of a kind, before there is thought to be none

MANY_SIMPLE = 16
STRIDES = (1, 2, 3)  # from one simple number to the next, by variable: so few show no two the same way for long
LARGE = (2, 7)  # decimal exponents
TINY = (-9, -2)
A_FEW = 6  # points of large and of tiny size each
NEAR = 12  # points next to an edge or a kink
ON = 4  # points on a kink
DISTANCES = (Fraction(1, 50), Fraction(1, 10**5))  # from it, relative to its size
FROM_BOUNDS = (Fraction(1, 10**6), Fraction(1, 10**3), Fraction(1, 10**9))  # relative to the end's size
STEPS = (0.1, 0.35, 1.0, 2.5, 6.0, 15.0)  # along an axis, in search of an edge or a kink
HALVINGS = 40
FEW_HALVINGS = (6, 8)  # before the simplest fraction between the two is tried: most formulas change on one
MORE_HALVINGS = 80  # where that is not a simple fraction: two kinks may be 1e-20 apart
MOST_CROSSINGS = 8  # between two steps along an axis
BESIDE = Fraction(1, 2**100)  # of a simple fraction: the formula changes between there and there, if it does so on it
SEARCHED = 6  # axes
LOOKS = 20  # at so many points for each that is sampled,
MOST_UNSEEN = 8  # of which so many are kept: those that are on pieces on which no other point is
POSITIVE = 2  # every so many points in ranges all variables are positive: formulas are often meant for such
FIGURES = 4  # significant figures of a random number


class Crossing(NamedTuple):
    """A point where the formula changes, or the domain ends, on an axis; `inside` is a side that has a value.

    exact   whether it is the very point, and not one next to it
    """

    name: str
    base: Point
    at: Fraction
    inside: int  # the sign of the direction in which there is a value; 0 on both sides
    exact: bool


class Sampler:
    """Points at which the programs, and at least one claim, have a value.

    Those that are `given` come first, what they do not say in simple numbers; what is `fixed` is the same everywhere. A
    variable with `bounds` is between them. Simple points come next, then
    points on kinks and next to kinks and edges, then large, tiny and moderate ones. With the time it ends, too.
    """

    def __init__(
        self,
        pieces: Pieces,
        names: Sequence[str],
        size: int,
        seed: int,
        fixed: Point,
        bounds: Mapping[str, Bounds] | None = None,
    ) -> None:
        self.pieces = pieces
        self.bounds = bounds or {}
        self.chance = random.Random(seed)  # noqa: S311
        self.fixed = fixed
        self.moving = [name for name in names if name not in fixed]
        self.found: dict[tuple[Fraction, ...], Point] = {}
        self.alone = False
        self.most = max(LEAST, min(MOST, WORK // max(1, size)))

    def points(self, given: Sequence[Point], deadline: Deadline) -> list[Point]:
        """All points, in order."""
        with suppress(OutOfTime):
            deadline.run(lambda: self._sample(given))
        return list(self.found.values())

    def _sample(self, given: Sequence[Point]) -> None:
        for point in given:
            rest = [{}] if all(name in point for name in self.moving) else self._simple()
            self._take(({**self._inside(one), **point} for one in rest), 1, as_said=True)
        if not self.moving:
            self._keep(self.fixed)
            return
        self._take(self._simple(), min(MANY_SIMPLE, max(3, self.most // 3)))
        share = self.most / MOST
        crossings = list(self._crossings())
        self._take(self._on(crossings), math.ceil(ON * share))
        self._take(self._near(crossings), math.ceil(NEAR * share))
        self._take(self._at_bounds(crossings), math.ceil(NEAR * share))
        self._take(self._random(lambda: self._magnitude(*LARGE)), math.ceil(A_FEW * share))
        self._take(self._random(lambda: self._magnitude(*TINY)), math.ceil(A_FEW * share))
        self._take(self._ranges(), self.most - len(self.found))
        self._add_unseen()
        if not self.found:  # the claim has a value nowhere: where the program has one, that can be said
            self.alone = True
            self._take(self._simple(), A_FEW)

    def _take(self, candidates: Iterator[Point], count: int, as_said: bool = False) -> None:
        """Keep as many candidates as are wanted, of those that have values; between the bounds, or as they are said."""
        for _ in range(ATTEMPTS * max(0, count)):
            if count <= 0 or len(self.found) >= self.most:
                return
            point = next(candidates, None)
            if point is None:
                return
            count -= self._keep(point if as_said else self._inside(point))

    def _add_unseen(self) -> None:
        """Keep some points, beyond all others, on pieces of formulas on which none of the others is."""
        if not self.found or not self.pieces.has_pieces:
            return
        looks = LOOKS * self.most
        self.most += MOST_UNSEEN
        others = unseen(self.pieces, list(self.found.values()), self.moving, self._inside, self._keep, looks)
        self._take(iter(others), MOST_UNSEEN)

    def _inside(self, point: Point) -> Point:
        """A point between the bounds."""
        return {name: self.bounds[name].within(one) if name in self.bounds else one for name, one in point.items()}

    def _keep(self, point: Point) -> bool:
        whole = {**point, **self.fixed}
        key = tuple(whole[name] for name in self.moving)
        if key in self.found or not self.pieces.has_value(whole, self.alone):
            return False
        self.found[key] = whole
        return True

    # Where to look

    def _simple(self) -> Iterator[Point]:
        """Small numbers: each variable goes through them with a stride of its own (Korobov's lattice)."""
        for count in range(4 * len(SIMPLE)):
            lap = count // len(SIMPLE)
            yield {
                name: SIMPLE[(count * STRIDES[position % len(STRIDES)] + position + lap) % len(SIMPLE)]
                for position, name in enumerate(self.moving)
            }

    def _ranges(self) -> Iterator[Point]:
        count = 0
        while True:
            low, high = RANGES[count % len(RANGES)]
            count += 1
            found = {name: self._figures(self.chance.uniform(float(low), float(high))) for name in self.moving}
            yield found if count % POSITIVE else {name: abs(one) for name, one in found.items()}

    def _random(self, draw) -> Iterator[Point]:  # type: ignore[no-untyped-def]
        while True:
            yield {name: draw() for name in self.moving}

    def _magnitude(self, low: int, high: int) -> Fraction:
        sign = -1 if self.chance.random() < 0.5 else 1
        return self._figures(sign * 10 ** self.chance.uniform(low, high))

    def _figures(self, number: float) -> Fraction:
        return Fraction(f"{number:.{FIGURES}g}")

    # Edges and kinks

    def _crossings(self) -> Iterator[Crossing]:
        """Where along an axis, from simple points, the domain ends or a formula changes."""
        bases = list(self.found.values())[:3]
        for base in bases:
            for name in self.moving[:SEARCHED]:
                for sign in (1, -1):
                    yield from self._along(base, name, sign)

    def _along(self, base: Point, name: str, sign: int) -> Iterator[Crossing]:
        before, signs = base[name], self.pieces.labels(base)
        for step in STEPS:
            after = base[name] + sign * Fraction(step)
            there = self._labels(base, name, after)
            for _ in range(MOST_CROSSINGS):
                if there == signs:
                    break
                found, (before, signs) = self._halved(base, name, (before, signs), (after, there))
                yield found
            before, signs = after, there

    def _labels(self, base: Point, name: str, value: Fraction) -> Labels:
        return self.pieces.labels({**base, name: value})

    def _halved(
        self, base: Point, name: str, first: tuple[Fraction, Labels], last: tuple[Fraction, Labels]
    ) -> tuple[Crossing, tuple[Fraction, Labels]]:
        """The first change between two values, found by halving, and where the search goes on behind it."""

        def label(x: Fraction) -> Labels:
            return self._labels(base, name, x)

        exact = self._at_an_end(base, name, first, last)
        for halvings in FEW_HALVINGS if exact is None else ():
            first, last = change(label, first, last, halvings)
            exact = self._between_them(base, name, first, last)
            if exact is not None:
                break
        if exact is None:
            first, last = change(label, first, last, HALVINGS - sum(FEW_HALVINGS))
            exact = self._fraction(base, name, first, last)
        if exact is None:
            first, last = change(label, first, last, MORE_HALVINGS)
        (low, signs), (high, others) = first, last
        inside = 0 if others and signs else int(math.copysign(1, low - high)) * (1 if signs else -1)
        return Crossing(name, base, high if exact is None else exact, inside, exact is not None), last

    def _fraction(
        self, base: Point, name: str, first: tuple[Fraction, Labels], last: tuple[Fraction, Labels]
    ) -> Fraction | None:
        """The simple fraction on which the formula changes, where that is between these or next to them."""
        near = simple_fraction(last[0])
        return near if near is not None and self._changes_on(base, name, near, first, last) else None

    def _between_them(
        self, base: Point, name: str, first: tuple[Fraction, Labels], last: tuple[Fraction, Labels]
    ) -> Fraction | None:
        """The simplest fraction between these, where the formula changes on it."""
        near = simplest_between(*sorted((first[0], last[0])))
        return near if self._changes_on(base, name, near, first, last) else None

    def _at_an_end(
        self, base: Point, name: str, first: tuple[Fraction, Labels], last: tuple[Fraction, Labels]
    ) -> Fraction | None:
        """The one of these two on which the formula changes."""
        step = BESIDE * (1 if last[0] > first[0] else -1)
        if self._labels(base, name, first[0] + (abs(first[0]) or 1) * step) == last[1]:
            return first[0]
        return last[0] if self._labels(base, name, last[0] - (abs(last[0]) or 1) * step) == first[1] else None

    def _changes_on(
        self, base: Point, name: str, near: Fraction, first: tuple[Fraction, Labels], last: tuple[Fraction, Labels]
    ) -> bool:
        beside = (abs(near) or 1) * BESIDE * (1 if last[0] > first[0] else -1)
        if near != first[0] and self._labels(base, name, near - beside) != first[1]:
            return False
        return self._labels(base, name, near + beside) == last[1]

    def _on(self, crossings: Sequence[Crossing]) -> Iterator[Point]:
        for one in crossings:
            if one.exact:
                yield {**one.base, one.name: one.at}

    def _near(self, crossings: Sequence[Crossing]) -> Iterator[Point]:
        yield from self._between(crossings)
        for distance in DISTANCES:
            for one in crossings:
                size = abs(one.at) or Fraction(1)
                for sign in (1, -1) if not one.inside else (one.inside,):
                    yield {**one.base, one.name: short(one.at, one.at + 2 * sign * size * distance)}

    def _at_bounds(self, crossings: Sequence[Crossing]) -> Iterator[Point]:
        """Points between an end of a variable's bounds and the crossing next to it, and next to the ends."""
        ends = [
            (name, end, sign)
            for name in self.moving[:SEARCHED]
            for end, sign in zip(self.bounds.get(name, Bounds())[:2], (1, -1)) if end is not None
        ]  # fmt: skip
        for name, end, sign in ends:
            inside = [one for one in crossings if one.name == name and sign * (one.at - end) > 0]
            for nearest in sorted(inside, key=lambda one: abs(one.at - end))[:1]:
                yield {**nearest.base, name: short(end, nearest.at)}
        for distance in FROM_BOUNDS if self.found else ():
            for name, end, sign in ends:
                yield {**next(iter(self.found.values())), name: end + sign * distance * (abs(end) or 1)}

    def _between(self, crossings: Sequence[Crossing]) -> Iterator[Point]:
        """Points between two that are next to each other on an axis: they may be closer than anything else is."""
        for one, other in pairwise(crossings):
            if one.name == other.name and one.base == other.base and one.at != other.at:
                yield {**one.base, one.name: short(one.at, other.at)}
