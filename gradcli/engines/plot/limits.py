"""What the curves tend to at a place, and what sort of place it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from gradcli.clock import Deadline
from gradcli.engines.arithmetic import GivenUp
from gradcli.engines.findings import Positions
from gradcli.engines.plot.truth import Truth, is_number
from gradcli.reference.point import Reference
from gradcli.reference.limits import Course, Trend, course

CHECK = 1.25  # times the precision, for a second look
# The steps are 10 to minus these, relative to the place; the later ones where the first do not tell.
STEPS = ((5, 10, 20, 40), (10, 20, 40, 80), (20, 40, 80, 160))
AGAIN = 1e-12  # how much a value at the smallest step may change with the precision
TINY = 180  # an argument below 10 to minus this is nothing but rounding
SAME = 1e-10  # two limits that differ by less, by their size, are one
REFEREE_DIGITS = 20


@dataclass(frozen=True)
class Place:
    """A place with the value of each curve, and what each tends to from the left and from the right."""

    x: Any
    values: list[Any]
    left: list[Course]
    right: list[Course]
    is_double: bool


class Limits:
    """Looks at the neighbourhood of places."""

    def __init__(self, truth: Truth, name: str, wanted: Sequence[Positions], width: Fraction) -> None:
        self.truth = truth
        self.name = name
        self.wanted = wanted
        self.m = truth.arithmetic.m
        self.width = width

    def at(self, x: Any, exponents: Sequence[int] = STEPS[0]) -> Place:
        """What is at a place and around it."""
        arithmetic = self.truth.arithmetic
        bits = arithmetic.bits
        arithmetic.bits = self.truth.bits_near(max(exponents))
        try:
            exact = self.m.mpf(float(x))
            frozen = None if exact == x else self._snapped(x)
            values = list(self.truth.look({self.name: x}, self.wanted, frozen).values)
            left, right = (self._side(x, sign, exponents) for sign in (-1, 1))
        finally:
            arithmetic.bits = bits
        return Place(x, values, left, right, bool(exact == x))

    def _snapped(self, x: Any) -> dict[int, Any]:
        try:
            return self.truth.snapped({self.name: x}, self._scale(x) * self.m.mpf(10) ** -TINY)
        except GivenUp:
            return {}

    def _scale(self, x: Any) -> Any:
        width = self.truth.arithmetic.number(self.width)
        return min(abs(x), width) if x else width

    def _side(self, x: Any, sign: int, exponents: Sequence[int]) -> list[Course]:
        """Where each curve goes from one side."""
        steps = [sign * self._scale(x) * self.m.mpf(10) ** -exponent for exponent in exponents]
        rows = [self.truth.look({self.name: x + step}, self.wanted) for step in steps]
        arithmetic = self.truth.arithmetic
        bits = arithmetic.bits
        arithmetic.bits = int(CHECK * bits)
        again = self.truth.look({self.name: x + steps[-1]}, self.wanted)
        arithmetic.bits = bits
        if again.unknown or any(row.unknown for row in rows):
            return [Course(Trend.UNCLEAR)] * len(self.wanted)
        return [self._course([row.values[j] for row in rows], again.values[j]) for j in range(len(self.wanted))]

    def _course(self, values: list[Any], again: Any) -> Course:
        if any(not is_number(value) for value in (*values, again)):
            return Course(Trend.UNCLEAR, None if is_number(values[-1]) else Trend)  # no value on this side
        if abs(values[-1] - again) > AGAIN * abs(again) and abs(values[-1]) > self.m.mpf(10) ** -TINY:
            return Course(Trend.UNCLEAR)
        return course(values)


def is_outside(side: Course) -> bool:
    """Whether there are no values on this side."""
    return side.trend is Trend.UNCLEAR and side.value is Trend


def same(left: Course, right: Course) -> bool:
    """Whether two limits are one."""
    if left.trend is not Trend.LIMIT or right.trend is not Trend.LIMIT:
        return False
    return bool(abs(left.value - right.value) <= max(left.error + right.error, SAME * abs(left.value)))


@dataclass(frozen=True)
class Sort:
    """What sort of place it is: up to which order derivatives exist, and the kind of the first one that does not."""

    kind: str | None  # None: nothing is special here
    order: int


def sort_of(place: Place, orders: Sequence[int]) -> Sort | None:
    """The sort of a place; None where nobody can tell.

    `orders` are the positions of the function and of its derivatives by the variable, from the first one on.
    """
    left, right, value = place.left[orders[0]], place.right[orders[0]], place.values[orders[0]]
    kind = _kind_of_value(left, right, value)
    if kind:
        return Sort(kind, 0) if kind != "unclear" else None
    for order, index in enumerate(orders[1:], 1):
        kind = _kind_of_slope(place.left[index], place.right[index])
        if kind:
            return Sort(kind, order) if kind != "unclear" else None
    return Sort(None, 0)


def _kind_of_value(left: Course, right: Course, value: Any) -> str | None:
    """What is wrong with the function itself; "unclear" where that cannot be told."""
    outside = [is_outside(side) for side in (left, right)]
    there = [side for side, out in zip((left, right), outside) if not out]
    trends = {side.trend for side in there}
    if not there:
        return "outside the domain"
    if Trend.INFINITE in trends:
        return "pole"
    if Trend.OSCILLATES in trends:
        return "oscillating"
    if Trend.UNCLEAR in trends:
        return "unclear"
    if any(outside):
        return "edge"
    if not same(left, right):
        return "jump"
    if not is_number(value):
        return "hole"
    return None if same(left, Course(Trend.LIMIT, value, 0)) else "jump"


def _kind_of_slope(left: Course, right: Course) -> str | None:
    """What is wrong with a derivative of a function that is continuous; "unclear" where that cannot be told."""
    trends = {left.trend, right.trend}
    if Trend.OSCILLATES in trends or Trend.UNCLEAR in trends:
        return "unclear"
    if trends == {Trend.LIMIT}:
        return None if same(left, right) else "corner"
    if trends == {Trend.INFINITE} and left.value == right.value:
        return "vertical tangent"
    return "corner"


def by_referee(truth: Truth, name: str, x: Fraction, deadline: Deadline) -> Sort | None:
    """The sort of a place where limits of the derivative do not tell: quotients of the function may."""
    if truth.chain.order != 1:
        return None
    point = {**truth.fixed, name: x}
    bits = truth.arithmetic.bits
    findings = Reference(truth.chain, truth.chain, point, REFEREE_DIGITS, deadline).judge()
    truth.arithmetic.bits = bits
    finding = findings.partials.get((0,))
    if finding is None or finding.exists is None:
        return None
    if finding.exists:
        return Sort(None, 0)
    kind = finding.kind or "oscillating"
    return Sort(kind, 0 if kind in ("pole", "jump", "hole", "outside the domain") else 1)
