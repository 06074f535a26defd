"""The nonsmooth points of a program on a segment of one variable.

The guards of its operations are evaluated in balls on ever smaller cells. A cell on which each of them excludes 0, or
is 0 throughout, has no nonsmooth point; the others are halved, down to the distance of two doubles. What is left
there is a double at which a guard is exactly 0, or a root that is narrowed further by signs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from gradcli.backends.arb.context import BALLS, precision
from gradcli.language.numbers import fraction_of
from gradcli.reference.guards import NUMBERS, GuardKey, GuardsOfLine, sign_of
from gradcli.reference.roots import lowest, narrowed
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.tape import Tape

MAX_FOUND = 200
MAX_OPEN = 1_024  # cells of one size that may hold some
MAX_EVALUATIONS = 60_000
BITS = 192
COARSE = 10  # halvings of the whole segment before each part of it is looked at by itself
CELL = Fraction(1, 2**60)  # the width of the last cells, relative to where they are: not two doubles are in one,
FINEST = Fraction(1, 2**80)  # or to the width of the segment, near 0
FLAT = 8  # cells side by side that halving does not part,
FLAT_CELL = Fraction(1, 2 ** (COARSE + 2))  # each no wider than this part of the segment
ROOT = 1_000  # a root is known to 2 to minus this, relative to the width of the segment
KNOWN = 8  # bits of that which a search may be off by
ROOT_BITS = 1_500  # of the numbers that tell its signs
ROUGH = 300  # likewise, of a first look at a lowest point; and how close to 0 it has to come there, by its neighbours
VANISHING = 120


class Breakpoint(NamedTuple):
    """A nonsmooth point: exactly, or to 2**-ROOT of the segment; `hole` are operations that have no value there."""

    x: Fraction
    exact: bool
    holes: frozenset[int] = frozenset()


class _Cell(NamedTuple):
    low: Fraction
    high: Fraction


class Breakpoints:
    """Searches a segment; `found` grows from left to right, and is `complete` where nothing was left out."""

    def __init__(self, tape: Tape, name: str, fixed: Mapping[str, Fraction], deadline: Deadline | None = None) -> None:
        self.guards = GuardsOfLine(tape, name, fixed, deadline)
        self.found: list[Breakpoint] = []
        self.complete = True
        self.width = Fraction(1)

    def search(self, start: Fraction, stop: Fraction, also: Collection[Fraction] = ()) -> None:
        """Find the nonsmooth points from start to stop, and exact ones among some more candidates first."""
        if not self.guards.guarded:
            return
        self.width = stop - start
        with precision(BITS):
            for x in (start, stop, *([Fraction(0)] if start < 0 < stop else []), *also):
                if self._is_on(x):
                    self._keep(Breakpoint(x, True))
            cells = [_Cell(start, stop)]
            for _ in range(COARSE):
                cells = self._halved(cells)
            for run in self._runs(cells):
                self._in_run(run)
        self.found.sort(key=lambda one: one.x)

    # Cells

    def _halved(self, cells: list[_Cell]) -> list[_Cell]:
        """The halves of some cells that may hold a nonsmooth point."""
        halves = [half for low, high in cells for half in _halves(low, high) if self.guards.unclear(_hull(*half))]
        if len(halves) > MAX_OPEN:
            self.complete = False
        return halves[:MAX_OPEN]

    def _in_run(self, cells: list[_Cell]) -> None:
        """Halve neighbouring cells until each holds one point."""
        while cells and len(self.found) < MAX_FOUND:
            kept: list[_Cell] = []
            for run in self._runs(cells):
                low, high = run[0].low, run[-1].high
                is_small = high - low <= max(max(abs(low), abs(high)) * CELL, self.width * FINEST) * 2
                if is_small or self._is_flat(run):
                    self._at_root(low, high)
                else:
                    kept += run
            if self.guards.count > MAX_EVALUATIONS:
                self.complete = False
                for low, high in kept:
                    self._at_root(low, high)
                return
            cells = self._halved(kept)
        if cells:
            self.complete = False

    @staticmethod
    def _runs(cells: Sequence[_Cell]) -> list[list[_Cell]]:
        """Cells that lie side by side, together."""
        runs: list[list[_Cell]] = [[cell] for cell in cells[:1]]
        for before, cell in pairwise(cells):
            if before.high == cell.low:
                runs[-1].append(cell)
            else:
                runs.append([cell])
        return runs

    def _is_flat(self, run: Sequence[_Cell]) -> bool:
        """Whether halving does not part some cells, and no guard that is unclear on them changes its sign twice.

        A guard that touches 0, or crosses it with no slope, leaves ever more cells around that one point.
        """
        if len(run) < FLAT or run[0].high - run[0].low > self.width * FLAT_CELL:
            return False
        ends = [self.guards.at(BALLS.number(x)) for x in (*(cell.low for cell in run), run[-1].high)]
        for key in self.guards.unclear(_hull(run[0].low, run[-1].high)):
            signs = [sign_of(end.get(key)) for end in ends]
            if sum(a != b for a, b in pairwise([one for one in signs if one])) > 1 or not any(signs):
                return False
        return True

    # Points

    def _at_root(self, low: Fraction, high: Fraction) -> None:
        """Keep what is between two points that no double separates."""
        for x in _doubles(low, high):
            if self._is_on(x):
                self._keep(Breakpoint(x, True))
                return
        left, right = self.guards.at(BALLS.number(low)), self.guards.at(BALLS.number(high))
        for key, guard in left.items():
            signs = sign_of(guard), sign_of(right.get(key))
            if 0 not in signs and signs[0] != signs[1]:
                root = self._root(key, low, high)
                if root is not None:
                    self._keep(self._snapped(root, low, high))
                    return
        self._at_lowest(low, high)

    def _root(self, key: GuardKey, low: Fraction, high: Fraction) -> Fraction | None:
        """The place where a guard changes its sign."""
        with precision(ROOT_BITS), NUMBERS.workprec(ROOT_BITS):
            a, b = _mpf(low), _mpf(high)
            at_a, at_b = self.guards.height(key, a), self.guards.height(key, b)
            if at_a is None or at_b is None or (at_a > 0) == (at_b > 0):
                return None
            place = narrowed(
                lambda x: self.guards.height(key, x), a, b, at_a, at_b, _mpf(self.width) * NUMBERS.mpf(2) ** -ROOT
            )
            return None if place is None else fraction_of(place)

    def _snapped(self, x: Fraction, low: Fraction, high: Fraction) -> Breakpoint:
        """A root; where it is no farther from a double than it is known, that double: `0**0` has no guard."""
        for exact in _doubles(low, high):
            if abs(exact - x) <= self.width * Fraction(1, 2 ** (ROOT - KNOWN)):
                return Breakpoint(exact, True)
        with precision(ROOT_BITS):
            holes = self.guards.holes(x, BALLS.arb(2) ** -(ROOT - 2 * VANISHING))
        return Breakpoint(x, False, frozenset(holes))

    def _at_lowest(self, low: Fraction, high: Fraction) -> None:
        """Keep a place where a guard comes down to 0 and goes back."""
        for key in self.guards.unclear(_hull(low, high)):
            with precision(ROOT_BITS), NUMBERS.workprec(ROOT_BITS):
                wide = max(high - low, self.width * CELL)
                a, b = _mpf(low - wide), _mpf(high + wide)
                size = max(self.guards.size(key, a) or 0, self.guards.size(key, b) or 0)
                x = self._lowest(key, a, b, ROUGH)
                if x is None or not size or self.guards.size(key, x) > size * NUMBERS.mpf(2) ** -VANISHING:
                    continue
                for exact in (Fraction(float(x)), *_doubles(low, high)):
                    if low <= exact <= high and self._is_on(exact):
                        self._keep(Breakpoint(exact, True))
                        return
                x = self._lowest(key, a, b, ROOT)
                if x is not None and self.guards.size(key, x) <= size * NUMBERS.mpf(2) ** -(2 * VANISHING):
                    self._keep(self._snapped(fraction_of(x), low, high))
                    return

    def _lowest(self, key: GuardKey, a: Any, b: Any, digits: int) -> Any:
        x = lowest(lambda one: self.guards.size(key, one), a, b, _mpf(self.width) * NUMBERS.mpf(2) ** -digits)
        return None if self.guards.size(key, x) is None else x

    def _is_on(self, x: Fraction) -> bool:
        return self.guards.is_on(x, max(abs(x) * CELL, self.width * FINEST))

    def _keep(self, one: Breakpoint) -> None:
        """Remember a point, none twice."""
        close = max(abs(one.x) * CELL, self.width * FINEST) * 4
        if len(self.found) >= MAX_FOUND:
            self.complete = False
        elif all(abs(one.x - other.x) > close for other in self.found):
            self.found.append(one)


def _halves(low: Fraction, high: Fraction) -> tuple[_Cell, _Cell]:
    middle = (low + high) / 2
    return _Cell(low, middle), _Cell(middle, high)


def _doubles(low: Fraction, high: Fraction) -> list[Fraction]:
    """The doubles between two points that are close together, the one with the fewest digits first."""
    near = {Fraction(float(x)) for x in (low, (low + high) / 2, high)}
    return [_roundest(low, high), *sorted(x for x in near if low <= x <= high)]


def _roundest(low: Fraction, high: Fraction) -> Fraction:
    """The number with the shortest binary fraction from low to high."""
    unit = Fraction(1)
    while -(-low // unit) * unit > high:
        unit /= 2
    return -(-low // unit) * unit


def _hull(low: Fraction, high: Fraction) -> Any:
    return BALLS.number(low).union(BALLS.number(high))


def _mpf(x: Fraction) -> Any:
    return NUMBERS.mpf(x.numerator) / x.denominator
