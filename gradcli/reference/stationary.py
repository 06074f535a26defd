"""Where a derivative by one variable is 0 on a segment: all such points, each proven, or said to be likely.

The segment is halved until the derivative's enclosure excludes 0 on a part, or the next derivative's does: then signs
at the ends tell whether there is one root or none. What is left, narrower than two doubles, is a root of a higher order
where the derivatives at a double say so, and else could not be told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import Any, NamedTuple

from gradcli.backends.arb.context import BALLS, precision
from gradcli.backends.arb.evaluate import BallEvaluator, Enclosed, is_ball
from gradcli.errors import Source
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.chain import chain
from gradcli.tape.tape import Tape

BITS = 128  # of an enclosure on a part: its width is most of the radius
FINE = 400  # of a value at a point
MAX_PARTS = 1_500  # that are looked at
MAX_ROOTS = 60  # that are looked for
MAX_OPEN = 20  # stretches that are left open; of more the whole is told
NARROW = Fraction(1, 2**44)  # of the segment: parts are halved no further
MAX_HIGHER = 6  # order of a derivative that tells a multiple root
FINEST = Fraction(1, 2**20)  # of the parts that a search begins with, which are small beside a nonsmooth point
ASIDE = Fraction(1, 2**100)  # of the segment
HALVINGS = 380  # of a part with one root


class Segment(NamedTuple):
    """From one number to another."""

    low: Fraction
    high: Fraction

    @property
    def width(self) -> Fraction:
        """How wide it is."""
        return self.high - self.low


class Stationary(NamedTuple):
    """A root: it lies in the segment, which is a point where it is known exactly; whether it is proven to be one."""

    place: Segment
    proven: bool = True

    @property
    def middle(self) -> Fraction:
        """The middle of where it lies."""
        return (self.place.low + self.place.high) / 2

    @property
    def is_exact(self) -> bool:
        """Whether it is known exactly."""
        return self.place.low == self.place.high


class LineFunction:
    """A program as a function of one variable, with its derivatives, in balls."""

    def __init__(
        self, tape: Tape, name: str, fixed: Mapping[str, Fraction], source: Source, order: int,
        deadline: Deadline | None = None,
    ) -> None:  # fmt: skip
        self.tape, self.name, self.fixed, self.source, self.deadline = tape, name, fixed, source, deadline
        self.chain = chain(tape, [name], order, source)
        self.evaluator = BallEvaluator(self.chain.tape, deadline)
        self.higher: LineFunction | None = None

    def at(self, x: Any, order: int) -> list[Enclosed]:
        """The value and the derivatives up to an order where the variable is in a ball."""
        if order > self.chain.order:
            if self.higher is None:
                self.higher = LineFunction(self.tape, self.name, self.fixed, self.source, MAX_HIGHER, self.deadline)
            return self.higher.at(x, order)
        places = [self.chain.partials[(0,) * k] for k in range(order + 1)]
        inputs = {name: BALLS.number(value) for name, value in self.fixed.items() if name in self.chain.tape.inputs}
        values = self.evaluator.run({**inputs, self.name: x}, max(places) + 1)
        return [values[place] for place in places]

    def on(self, part: Segment, order: int) -> list[Enclosed]:
        """The same on a segment."""
        return self.at(hull(part), order)

    def sign(self, x: Fraction, order: int) -> int | None:
        """The sign of a derivative at a number; None where it is not told, or there is none."""
        with precision(FINE):
            return sign_of_ball(self.at(BALLS.number(x), order)[order])


def hull(part: Segment) -> Any:
    """A ball around a segment."""
    low = BALLS.number(part.low)
    return low if part.low == part.high else low.union(BALLS.number(part.high))


def sign_of_ball(value: Enclosed) -> int | None:
    """The sign that all numbers of a ball have; None where they have not one."""
    if not is_ball(value) or not value.is_finite():
        return None
    if value.is_zero():
        return 0
    return None if value.contains(0) else 1 if value > 0 else -1


class StationarySearch:
    """Searches a segment for the roots of the derivative of an order; nothing on it may be a nonsmooth point.

    cuts     the nonsmooth points beside its ends: parts get smaller towards them
    roots    in order
    flat     parts on which the derivative is 0 throughout
    open     parts on which it could not be told
    outside  parts on which the function certainly has no value
    """

    def __init__(
        self, function: LineFunction, order: int, whole: Segment, cuts: tuple[Fraction | None, ...] = (None, None)
    ) -> None:
        self.function, self.order, self.whole = function, order, whole
        self.roots: list[Stationary] = []
        self.flat: list[Segment] = []
        self.open: list[Segment] = []
        self.outside: list[Segment] = []
        self.parts = 0
        left: list[Segment] = []
        with precision(BITS):
            waiting = [(-one.width, one, one.width * FINEST) for one in parted(whole, cuts)]
            heapify(waiting)  # the widest first: where the parts are too many, little is left of the segment
            while waiting:
                _, part, finest = heappop(waiting)
                self.parts += 1
                if self._is_decided(part):
                    continue
                if (
                    self.parts > MAX_PARTS
                    or len(self.roots) > MAX_ROOTS
                    or part.width <= min(whole.width * NARROW, finest)
                ):
                    left.append(part)
                    continue
                middle = (part.low + part.high) / 2
                for half in (Segment(part.low, middle), Segment(middle, part.high)):
                    heappush(waiting, (-half.width, half, finest))
        for one in joined(left):
            self._at_rest(one)
        self.open = self.open if len(self.open) <= MAX_OPEN else [Segment(self.open[0].low, self.open[-1].high)]
        self.roots = list(_distinct(sorted(self.roots, key=lambda root: root.place)))
        self.flat, self.outside = joined(self.flat), joined(self.outside)

    def _is_decided(self, part: Segment) -> bool:
        """Whether it is known what roots a part has; those are kept."""
        values = self.function.on(part, self.order + 1)
        slope, bend = values[self.order], values[self.order + 1]
        if values[0] is None or slope is None:
            self.outside.append(part)
            return True
        sign = sign_of_ball(slope)
        if sign == 0:
            self.flat.append(part)
            return True
        if sign is not None:
            return True
        if not is_ball(bend) or not bend.is_finite():
            return False
        middle = (part.low + part.high) / 2
        center = self.function.at(BALLS.number(middle), self.order)[self.order]
        if is_ball(center) and sign_of_ball(center + bend * (hull(part) - BALLS.number(middle))) not in (None, 0):
            return True
        if bend.contains(0):
            return False
        ends = [self.function.sign(x, self.order) for x in part]
        if None in ends:  # the root may be an end, where no number of bits tells its sign
            off = self.whole.width * ASIDE
            part = Segment(part.low - off, part.high + off)
            ends = [self.function.sign(x, self.order) for x in part]
            if None in ends or sign_of_ball(self.function.on(part, self.order + 1)[self.order + 1]) is None:
                return False
        if 0 in ends:
            x = part[ends.index(0)]
            self.roots.append(Stationary(Segment(x, x)))
        elif ends[0] != ends[1]:
            self.roots.append(self._narrowed(part, ends[0] or 0))
        return True

    def _narrowed(self, part: Segment, left: int) -> Stationary:
        """The one root of a part on which the derivative is monotonic, by its signs."""
        low, high = part
        for step in range(HALVINGS):
            if step == 60:
                for near in (roundest(Segment(low, high)), Fraction(float((low + high) / 2))):
                    if low <= near <= high and self.function.sign(near, self.order) == 0:
                        return Stationary(Segment(near, near))
            middle = (low + high) / 2
            sign = self.function.sign(middle, self.order)
            if sign == 0:
                return Stationary(Segment(middle, middle))
            if sign is None:
                break
            low, high = (middle, high) if sign == left else (low, middle)
            if step > 130:
                break
        return Stationary(Segment(low, high))

    def _at_rest(self, part: Segment) -> None:
        """What halving does not part: a root of a higher order, or what could not be told."""
        if part.width > self.whole.width * NARROW * 4096:
            self.open.append(part)
            return
        near = [Fraction(float((part.low + part.high) / 2)), roundest(part)]
        for x in near:
            if part.low <= x <= part.high and (multiple := self._multiple(x, part)) is not None:
                self.roots.append(Stationary(Segment(x, x), multiple))
                return
        ends = [self.function.sign(x, self.order) for x in part]
        if None not in ends and 0 not in ends and ends[0] != ends[1]:
            self.roots.append(Stationary(part, False))
        else:
            self.open.append(part)

    def _multiple(self, x: Fraction, part: Segment) -> bool | None:
        """Whether a number is proven to be the only root in a part; None where it is none."""
        with precision(FINE):
            if self.function.sign(x, self.order) != 0:
                return None
            for order in range(self.order + 1, MAX_HIGHER + 1):
                sign = sign_of_ball(self.function.at(BALLS.number(x), order)[order])
                if sign != 0:
                    return sign is not None and sign_of_ball(self.function.on(part, order)[order]) is not None
        return False


def parted(whole: Segment, cuts: tuple[Fraction | None, ...]) -> list[Segment]:
    """A segment in parts, each no wider than it is far from a nonsmooth point beside the ends."""
    places = {whole.low, whole.high}
    for cut in cuts:
        if cut is None:
            continue
        step, way = (whole.low - cut, 1) if cut <= whole.low else (cut - whole.high, -1)
        while step and whole.low < cut + way * step * 2 < whole.high:
            step *= 2
            places.add(cut + way * step)
    found = sorted(places)
    return [Segment(low, high) for low, high in pairwise(found)]


def roundest(part: Segment) -> Fraction:
    """The number with the shortest binary fraction in a segment."""
    if part.low <= 0 <= part.high:
        return Fraction(0)
    unit = Fraction(1)
    while -(-part.low // unit) * unit > part.high:
        unit /= 2
    return -(-part.low // unit) * unit


def joined(parts: Sequence[Segment]) -> list[Segment]:
    """Segments, those that touch as one."""
    found: list[Segment] = []
    for part in sorted(parts):
        if found and part.low <= found[-1].high:
            found[-1] = Segment(found[-1].low, max(found[-1].high, part.high))
        else:
            found.append(part)
    return found


def _distinct(roots: Sequence[Stationary]) -> Iterator[Stationary]:
    last: Stationary | None = None
    for root in roots:
        if last is None or root.place.low > last.place.high or (root.is_exact and root.place != last.place):
            yield root
            last = root
