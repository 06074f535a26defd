"""The coefficients of a program in several directions, in balls and as rational numbers, and bounds on what is left."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from typing import Any, TypeVar

from gradcli.backends.arb.context import BALLS, precision
from gradcli.backends.arb.evaluate import is_ball
from gradcli.backends.arb.flint import arb
from gradcli.backends.arb.series import BallSeries
from gradcli.backends.closed_form import ClosedForm
from gradcli.backends.closed_series import ClosedSeries
from gradcli.backends.rational_series import RationalSeries
from gradcli.backends.series import SeriesEvaluator
from gradcli.backends.series_arithmetic import NoSeries
from gradcli.language.nodes import Node
from gradcli.language.printer import unparse
from gradcli.language.trees import number, product
from gradcli.reference.lines import Line, Powers, along_lines
from gradcli.reference.texts import has_digits, text
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.tape import Tape

BITS = (256, 1024, 4096)
BOUND_BITS = 128  # of remainders: their balls are wide
PIECES = 32  # of each half of a range, for its bound: each coefficient is enclosed on one piece at a time
MOST_PIECES = 64  # of a box of several variables, in all
SEGMENTS = 4  # of the lines from the point to one of them
FINER = 6  # times as many beside a hole, where quotients of small numbers are wide
CLOSED_ORDERS = (20, 6, 2)  # up to which coefficients are looked for in closed form, until they are short enough
DIGITS = 20  # of a coefficient
LONGEST = 40  # characters of an exact coefficient that is shown
MAX_DYADIC = 2**30  # of a denominator that is a power of two: beyond it is the double 0.1 that is written so

UNBOUNDED = "its derivative is not bounded over the range, as far as can be told"

C = TypeVar("C")


def _between(point: Fraction, ends: tuple[Fraction, Fraction], segment: int) -> tuple[Fraction, Fraction]:
    """Where the lines from a point to all between two ends are in one of their segments."""
    places = [point + (end - point) * (segment + k) / SEGMENTS for end in ends for k in (0, 1)]
    return min(places), max(places)


class Expansion:
    """The series of a tape around a point, in some of its variables."""

    def __init__(self, tape: Tape, point: Mapping[str, Fraction], wrt: Sequence[str], deadline: Deadline) -> None:
        self.tape, self.point, self.wrt, self.deadline = tape, point, wrt, deadline
        self.evaluator = BallSeries(tape, deadline)
        self.evaluator.closed = ClosedSeries(tape, deadline)
        self.has_hole = self.divides = False  # whether it has no value at the point; or a function that is filled there

    def decimals(self, order: int) -> dict[Powers, str]:
        """Each coefficient in decimals that are proven. Raises NoSeries."""
        return {powers: text(one, DIGITS) or "0" for powers, one in self.balls(order, DIGITS).items()}

    def balls(self, order: int, digits: int, degrees: Collection[int] | None = None) -> dict[Powers, Any]:
        """The coefficients of some degrees, all unless these are named, in balls with so many digits.

        Fewer digits, but those of a double, where that takes more bits than there may be. Raises NoSeries.
        """
        for bits in BITS:
            try:
                with precision(bits):
                    found = along_lines(self.wrt, order, lambda line: self._run(line, order), degrees)
                    told = all(text(one, digits) is not None for one in found.values())
                    if told and (bits == BITS[-1] or all(has_digits(one, digits) for one in found.values())):
                        return found
            except NoSeries as error:
                if error.undecided and bits < BITS[-1]:
                    continue
                raise
        raise NoSeries(f"a coefficient cancels to all {BITS[-1]:,} bits", undecided=True)

    def _run(self, line: Line, order: int) -> Sequence[Any]:
        values = {name: (BALLS.number(value), arb(line.get(name, 0))) for name, value in self.point.items()}
        if self.evaluator.closed is not None:
            self.evaluator.closed.at(
                {name: (ClosedForm.of(value), ClosedForm.of(line.get(name, 0))) for name, value in self.point.items()}
            )
        found = self.evaluator.run(values, order + 1)
        self.has_hole, self.divides = self.evaluator.has_hole, bool(self.evaluator.holes)
        if self.has_hole and len(self.wrt) > 1:
            raise NoSeries("a hole, whose limit may differ from one direction to another", undecided=True)
        if not all(is_ball(one) and one.is_finite() for one in found):
            raise NoSeries("a coefficient is not resolved", undecided=True)
        return found

    def exactly(self, order: int) -> dict[Powers, Node | None]:
        """The coefficients as rational numbers, or in closed form; none where they are no such.

        None for one that is too long. Each lies in the ball of its coefficient.
        """
        with precision(BITS[0]):
            try:
                rational = self._over(RationalSeries(self.tape, self.deadline), Fraction, order)
                found = {powers: (shown(one), BALLS.number(one)) for powers, one in rational.items()}
            except NoSeries:
                closed = self._closed(order)
                found = {powers: (shown_form(one), one.ball) for powers, one in closed.items()}
            try:
                balls = along_lines(self.wrt, order, lambda line: self._run(line, order))
            except NoSeries:  # they take more bits: nothing is said that was not held against them
                return {}
        if not all(balls[powers].overlaps(ball) for powers, (_, ball) in found.items()):
            return {}
        return {powers: tree for powers, (tree, _) in found.items()}

    def _closed(self, order: int) -> dict[Powers, ClosedForm]:
        """The coefficients in closed form, up to some order: those of a high one are too long to be read."""
        for most in CLOSED_ORDERS:
            with suppress(NoSeries):
                return self._over(ClosedSeries(self.tape, self.deadline), ClosedForm.of, min(order, most))
        return {}

    def _over(self, evaluator: SeriesEvaluator[C], exact: Callable[[Fraction], C], order: int) -> dict[Powers, C]:
        """The coefficients over numbers of a kind. Raises NoSeries."""

        def run(line: Line) -> Sequence[C]:
            values = {name: (exact(value), exact(Fraction(line.get(name, 0)))) for name, value in self.point.items()}
            return evaluator.run(values, order + 1)

        return along_lines(self.wrt, order, run)

    # What is left

    def remainder(self, order: int, over: Mapping[str, tuple[Fraction, Fraction]]) -> Any:
        """A bound on the distance from the polynomial over a box, by Lagrange's form. Raises NoSeries."""
        with precision(BOUND_BITS):
            if len(self.wrt) > 1:
                return self._of_box(order, over)
            (name,) = self.wrt
            ends = [self._half(name, order, end) for end in over[name] if end != self.point[name]]
            return max(ends, key=lambda one: one.abs_upper()) if ends else arb(0)

    def _half(self, name: str, order: int, end: Fraction) -> Any:
        """From the point to one end: the coefficient between the point and x is bounded, piece by piece outwards."""
        start = self.point[name]
        self.evaluator.holes = {}
        largest, bound = arb(0), arb(0)
        pieces = PIECES * FINER if self.divides else PIECES
        for i in range(pieces):
            a, b = (start + (end - start) * k / pieces for k in (i, i + 1))
            sizes = [self._over_box(name, order, a, b)]
            if self.divides:  # which is divided out of a box that contains it: that is closer near it
                self._run({name: 1}, order + 1)
                sizes.append(self._over_box(name, order, start, b))
                self.evaluator.holes = {}
            known = [size for size in sizes if size is not None]
            if not known:
                raise NoSeries(UNBOUNDED, undecided=True)
            largest = max(largest, min(known))
            bound = max(bound, (largest * BALLS.number(abs(b - start)) ** (order + 1)).abs_upper())
        return bound

    def _over_box(self, name: str, order: int, a: Fraction, b: Fraction) -> Any:
        """The size of the coefficient after the last one on a piece of a range; None where none is told."""
        try:
            box = self._box({name: (min(a, b), max(a, b))}, {name: 1})
            return self._size(self.evaluator.run(box, order + 2, wide=True)[order + 1])
        except NoSeries:
            if self.divides:
                return None
            raise

    def _of_box(self, order: int, over: Mapping[str, tuple[Fraction, Fraction]]) -> Any:
        """Of several variables: the integral form along the line to each point, for all points of a piece at once.

        On the way to a point x of the piece the coefficient c after the last one is that of p + t*(x - p), with t from
        0 to 1: its values lie between p and the piece, and its speeds are those from p to the piece. The remainder is
        the integral of (n + 1)*(1 - t)**n*c over t, of which each segment of the line has a bound of its own.
        """
        names = [name for name in self.wrt if name in over]
        count = max(1, int(MOST_PIECES ** (1 / len(names))))
        cuts = [
            [(low + (high - low) * k / count, low + (high - low) * (k + 1) / count) for k in range(count)]
            for low, high in (over[name] for name in names)
        ]
        largest = arb(0)
        for piece in itertools.product(*cuts):
            ends = dict(zip(names, piece))
            speeds = {
                name: BALLS.number(a - self.point[name]).union(BALLS.number(b - self.point[name]))
                for name, (a, b) in ends.items()
            }
            bound = arb(0)
            for k in range(SEGMENTS):
                box = {name: _between(self.point[name], one, k) for name, one in ends.items()}
                found = self.evaluator.run(self._box(box, speeds), order + 2, wide=True)[order + 1]
                left, right = (1 - Fraction(one, SEGMENTS) for one in (k, k + 1))
                bound += self._size(found) * BALLS.number(left ** (order + 1) - right ** (order + 1))
            largest = max(largest, bound.abs_upper())
        return largest

    def _box(self, box: Mapping[str, tuple[Fraction, Fraction]], line: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
        found = {}
        for name, value in self.point.items():
            low, high = (BALLS.number(end) for end in box.get(name, (value, value)))
            found[name] = (low.union(high), arb(line.get(name, 0)))
        return found

    @staticmethod
    def _size(value: Any) -> Any:
        if not is_ball(value) or not value.is_finite():
            raise NoSeries(UNBOUNDED, undecided=True)
        return abs(value).abs_upper()


def shown(value: Fraction) -> Node | None:
    """A rational number as it is written; None for one that is too long."""
    below = value.denominator
    if below > MAX_DYADIC and not below & (below - 1):
        return None
    return product([number(value.numerator)], [number(below)]) if len(str(value)) <= LONGEST else None


def shown_form(value: ClosedForm) -> Node | None:
    """A number in closed form as it is written; None for one that is too long, or takes long rational numbers."""
    if not all(map(shown, value.terms.values())):
        return None
    tree = value.tree()
    return tree if len(unparse(tree)) <= LONGEST else None
