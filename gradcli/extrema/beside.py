"""What a function of one variable does at its nonsmooth points, and at the ends of a range."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from gradcli.backends.arb.context import BALLS
from gradcli.backends.arb.evaluate import Enclosed, is_ball
from gradcli.backends.arb.flint import PROOF
from gradcli.extrema.data import (
    END,
    MAXIMUM,
    MINIMUM,
    NEITHER,
    NONSMOOTH,
    STATIONARY,
    UNDECIDED,
    ExtremePoint,
)
from gradcli.extrema.kinds import compared, kind_of_signs, kind_of_slopes, short
from gradcli.extrema.told import DIGITS, ToldPoints
from gradcli.problem.job import Job
from gradcli.reference.breakpoints import Breakpoint
from gradcli.reference.one_sided import OneSidedSlopes
from gradcli.reference.point import Reference
from gradcli.reference.stationary import (
    Segment,
)
from gradcli.reference.texts import text
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.chain import chain
from gradcli.tape.findings import Finding

EXACT_TO = Fraction(1, 2**900)  # of the segment: as far as a nonsmooth point is known
CLOSER = (Fraction(1, 2**40), Fraction(1, 2**80))  # of a step: where a function without a bound is larger
GROWS = 1.1
JUMPS = 0.9  # of what a value differs by from those beside it, where it differs as much from nearer ones
NEAREST = Fraction(1, 2**200)  # of a step


class LinePoints(ToldPoints):
    """Tells the kinds of nonsmooth points and ends; who searches what is between them fills the rest.

    open      parts that could not be told
    """

    job: Job
    fixed: Mapping[str, Fraction]
    sides: OneSidedSlopes
    open: list[Segment]

    # Nonsmooth points, and ends

    def _at_break(self, one: Breakpoint) -> None:
        place = Segment(one.x, one.x) if one.exact else self._around(one.x)
        value = self.function.on(place, 0)[0]
        away = self._beside(one.x)
        sides = [self.function.at(BALLS.number(x), 1) for x in (place.low - away, place.high + away)]
        at = self._named(one.x, one.exact)
        told = self.told.get(one.x)
        if not is_ball(value) or not value.is_finite():
            if told is None or not self._told_without_value(told, at):
                self._without_value(place, sides, at)
            return
        finding = self._finding(one.x) if one.exact else Finding(False, kind="corner")
        slopes = self._slopes(finding, sides)
        if told is not None and all(side.gain is not None for side in told):
            self._told_point(told, value, finding, slopes, at)
            return
        signs = [compared(side[0], value) for side in sides]
        for way, side in zip((-1, 1), sides):
            if self._jumps(place, way, side[0], value):
                self._propose(side[0], at, taken=False)
                slopes = "jump"
        self._propose(value, at)
        if finding.exists and slopes != "jump":
            if finding.value is not None and Fraction(finding.value) == 0:
                kind = kind_of_signs(signs)
                signed = self._one_sided(place, away, finding, False)
                if signed is not None:
                    kind = kind_of_slopes(signed)
                if any(signs) or None in signs:
                    self.points.append(ExtremePoint(at, text(value, DIGITS), kind, STATIONARY, signed is not None))
            else:
                self._one_sided(place, away, finding, False)
            return
        kind, proven = kind_of_signs(signs), False
        if (signed := self._one_sided(place, away, finding, slopes == "jump")) is not None:
            kind, proven = kind_of_slopes(signed), True
        self.points.append(ExtremePoint(at, text(value, DIGITS), kind, NONSMOOTH, proven, slopes))

    def _one_sided(self, place: Segment, away: Fraction, finding: Finding, jumps: bool) -> tuple[int, int] | None:
        """The proven signs of the slopes on both sides of a nonsmooth point at which the function is continuous."""
        if jumps:
            return None
        found = self.sides.sides(place, away)
        if found is not None:
            self.searched.add((place.low + place.high) / 2)
            return found
        if finding.kind == "corner" and finding.proof == PROOF and finding.left and finding.right:
            signs = [_sign(one) for one in (finding.left, finding.right)]
            return (signs[0], signs[1]) if 0 not in signs else None
        return None

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
        told = self.told.get(x)
        if not is_ball(value) or not value.is_finite():
            if told is not None and self._told_without_value(told, at, self._goes_on(x, told)):
                return
            if is_ball(near) and near.is_finite():
                grown = self._growth(Segment(x, x), 1 if inwards > 0 else -1, near)
                self._propose(near, at, taken=False, unbounded=grown)
            return
        side = None if told is None else told[1 if inwards > 0 else 0]
        if side is not None and side.gain is not None:
            self._propose(value, at)
            if not side.joins:
                self._tend(side.limit, at)
            if side.gain:
                kind = MINIMUM if side.gain > 0 else MAXIMUM
                self.points.append(ExtremePoint(at, text(value, DIGITS), kind, END))
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


def _sign(decimals: str) -> int:
    """The sign of a slope, perhaps infinite."""
    return 1 if float(decimals) > 0 else -1 if float(decimals) < 0 else 0
