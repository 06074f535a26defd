"""One-sided difference quotients: whether a derivative exists at a point where no rule can tell, and what it is.

A first derivative is judged by quotients of the function itself, without any rule of differentiation; a
higher one by quotients of the derivative below, which is judged the same way where it has a kink of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from gradcli.engines.arithmetic import Arithmetic, Value
from gradcli.engines.chain import Chain
from gradcli.engines.findings import Positions
from gradcli.engines.tape import depends, reaches
from gradcli.engines.trend import ENOUGH, Course, Trend, course

EXPONENTS = (20, 40, 80, 160, 320, 640, 1280, 2560)  # the steps are 10 to minus these, relative to the point
FIRST_LOOK = 5  # so many steps, and more only while they still cross a kink
EXTRA_DIGITS = 60  # of the working precision, on top of twice the smallest step's
NOISE_DIGITS = 40  # what is smaller than the largest value on the way by these and twice the step's is rounding
BITS_PER_DIGIT = 3.33

Shifts = tuple[Any, ...]


@dataclass(frozen=True)
class Outcome:
    """Whether a derivative exists, and what else is known of it.

    `value` is the derivative; `left` and `right` are one-sided ones, which may be +1 or -1 times `INFINITE`;
    `limit` is what the derivative tends to at a hole.
    """

    exists: bool | None  # None: cannot tell
    value: Any = None
    error: Any = 0
    kind: str | None = None
    left: Any = None
    right: Any = None
    limit: Any = None
    note: str | None = None


class Infinite:
    """A one-sided derivative without bound; `sign` says in which direction."""

    def __init__(self, sign: int) -> None:
        self.sign = sign


UNDECIDED = Outcome(None, note="its difference quotients do not settle")


class Sides:
    """Looks at a program from both sides of a point."""

    def __init__(self, chain: Chain, arithmetic: Arithmetic, point: dict[str, Fraction]) -> None:
        self.chain = chain
        self.arithmetic = arithmetic
        self.point = point
        self.used = reaches(chain.tape, [chain.output])
        self.detached = any(op.row is not None and op.row.name == "detach" for op in chain.tape.ops[: chain.length])

    def judge(self, positions: Positions, at: Shifts | None = None) -> Outcome:
        """Whether a partial exists at the point moved by `at`, from the partial one order below."""
        at = at or tuple(self.arithmetic.m.zero for _ in self.chain.targets)
        last = positions[-1]
        cone = self._cone(last)
        outcome = UNDECIDED
        for count in range(FIRST_LOOK, len(EXPONENTS) + 1):
            exponents = EXPONENTS[:count]
            self.arithmetic.bits = int((2 * exponents[-1] + EXTRA_DIGITS) * BITS_PER_DIGIT)
            middle, center = self._below(positions, at)
            if middle is not None and middle.exists is not True:
                return middle
            right = self._side(positions, at, last, exponents, 1, cone)
            left = self._side(positions, at, last, exponents, -1, cone)
            if min(len(right.values), len(left.values)) < ENOUGH:
                continue
            outcome = _compare(center, left, right, lambda side: self._slope_near(positions, at, last, side))
            if outcome.exists is not None:
                break
        return outcome

    def _below(self, positions: Positions, at: Shifts) -> tuple[Outcome | None, Value]:
        """The derivative one order below at the point itself; for the first order the function's value."""
        if len(positions) == 1:
            return None, self._value((), at)
        outcome = self.derive(positions[:-1], at)
        return outcome, outcome.value

    def derive(self, positions: Positions, at: Shifts) -> Outcome:
        """A derivative at a moved point: by the chain rule where that is sound, else from its sides."""
        values = self._values(at)
        touching = self.chain.touching(self.arithmetic, values)
        value = values[self.chain.partials[positions]]
        if value is not None and not touching.intersection(positions):
            return Outcome(True, value)
        if not positions:
            return Outcome(value is not None, value)
        bits = self.arithmetic.bits
        try:
            return self.judge(positions, at)
        finally:
            self.arithmetic.bits = bits

    def _values(self, at: Shifts, derivatives: bool = True) -> list[Value]:
        frozen = None
        if self.detached:
            frozen = self.chain.frozen(self.chain.values(self.arithmetic, self.point, derivatives=False))
        return self.chain.values(self.arithmetic, self.point, at, frozen, derivatives)

    def _value(self, positions: Positions, at: Shifts) -> Value:
        """The function, or a derivative of it, at a moved point; nothing where that does not exist."""
        if not positions:
            return self._values(at, derivatives=False)[self.chain.output]
        outcome = self.derive(positions, at)
        return outcome.value if outcome.exists else None

    def _cone(self, position: int) -> list[int]:
        """The program's operations that move with a target."""
        moving = depends(self.chain.tape, [self.chain.targets[position]], self.chain.length)
        return [index for index in range(self.chain.length) if moving[index] and self.used[index]]

    def _scale(self, position: int) -> Any:
        """The size of a target's value: steps are relative to it."""
        value = self._values(self._nowhere(), derivatives=False)[self.chain.targets[position]]
        return abs(value) if value else self.arithmetic.m.one

    def _nowhere(self) -> Shifts:
        return tuple(self.arithmetic.m.zero for _ in self.chain.targets)

    def _side(
        self, positions: Positions, at: Shifts, last: int, exponents: Sequence[int], sign: int, cone: list[int]
    ) -> Side:
        """The values at ever smaller steps to one side, as far as they lie on the piece that touches the point."""
        scale = self._scale(last)
        steps: list[Any] = []
        values: list[Value] = []
        noise: list[Any] = []
        labels: list[tuple[int, ...]] = []
        for exponent in exponents:
            step = sign * scale * self.arithmetic.m.mpf(10) ** -exponent
            moved = tuple(shift + step if i == last else shift for i, shift in enumerate(at))
            everything = self._values(moved, derivatives=False)
            labels.append(self.chain.labels(self.arithmetic, everything, cone))
            value = everything[self.chain.output] if len(positions) == 1 else self._value(positions[:-1], moved)
            on_the_way = [everything[index] for index in cone] if len(positions) == 1 else [value]
            largest = max((abs(v) for v in on_the_way if v is not None and not isinstance(v, bool)), default=0)
            values.append(value)
            noise.append(largest * self.arithmetic.m.mpf(10) ** -(2 * exponents[-1] + NOISE_DIGITS))
            steps.append(step)
        first = len(labels) - 1
        while first > 0 and labels[first - 1] == labels[-1]:
            first -= 1
        return Side(steps[first:], values[first:], noise[first:])

    def _slope_near(self, positions: Positions, at: Shifts, last: int, side: Side) -> Course:
        """Where the derivative goes as the point is approached from one side."""
        slopes = []
        for step in side.steps:
            moved = tuple(shift + step if i == last else shift for i, shift in enumerate(at))
            slopes.append(self._value(positions, moved))
        return course(slopes) if all(slope is not None for slope in slopes) else Course(Trend.UNCLEAR)


@dataclass(frozen=True)
class Side:
    """Steps to one side of a point, the values there, and how much of them may be rounding."""

    steps: list[Any]
    values: list[Value]
    noise: list[Any]

    @property
    def defined(self) -> bool | None:
        """Whether there are values on this side; None where there are some."""
        there = [value is not None for value in self.values]
        return None if any(there) and not all(there) else all(there)

    def slopes(self, center: Any) -> Course:
        """Where the difference quotients go."""
        return course([gap / step for gap, step in zip(self._gaps(center), self.steps)])

    def gap(self, center: Any) -> Course:
        """Where the distance to the value at the point goes."""
        return course(self._gaps(center))

    def _gaps(self, center: Any) -> list[Any]:
        gaps = [value - center for value in self.values]
        return [gap if abs(gap) > noise else gap * 0 for gap, noise in zip(gaps, self.noise)]


SlopeNear = Callable[[Side], Course]


def _compare(center: Value, left: Side, right: Side, slope_near: SlopeNear) -> Outcome:
    """What both sides and the value at the point say together."""
    if left.defined is None or right.defined is None:
        return UNDECIDED
    if center is None:
        return _no_value(left, right, slope_near)
    if not left.defined and not right.defined:
        return Outcome(False, kind="outside the domain", note="the function is defined at this point only")
    for side in (left, right):
        if side.defined and (broken := _discontinuity(side.gap(center))):
            return broken
    if not (left.defined and right.defined):
        return _edge(left, right, (right if right.defined else left).slopes(center))
    return _two_slopes(left.slopes(center), right.slopes(center))


def _discontinuity(gap: Course) -> Outcome | None:
    """The outcome where the function does not run up to its value at the point."""
    if gap.trend is Trend.LIMIT and gap.value:
        return Outcome(False, kind="jump")
    if gap.trend is Trend.INFINITE:
        return Outcome(False, kind="pole")
    if gap.trend is Trend.OSCILLATES:
        return Outcome(False, kind="oscillating")
    return None


def _two_slopes(left: Course, right: Course) -> Outcome:
    trends = {left.trend, right.trend}
    if Trend.OSCILLATES in trends:
        return Outcome(False, kind="oscillating")
    if Trend.UNCLEAR in trends:
        return UNDECIDED
    sides = {"left": _one_sided(left), "right": _one_sided(right)}
    if trends == {Trend.LIMIT}:
        error = max(left.error, right.error)
        if abs(left.value - right.value) <= 2 * error:
            return Outcome(True, (left.value + right.value) / 2, error)
        return Outcome(False, kind="corner", **sides)
    if trends == {Trend.INFINITE} and left.value == right.value:
        return Outcome(False, kind="vertical tangent", **sides)
    return Outcome(False, kind="corner", **sides)


def _one_sided(slope: Course) -> Any:
    if slope.trend is Trend.INFINITE:
        return Infinite(slope.value)
    return slope.value if slope.trend is Trend.LIMIT else None


def _edge(left: Side, right: Side, slope: Course) -> Outcome:
    if slope.trend is Trend.OSCILLATES:
        return Outcome(False, kind="oscillating")
    outcome = Outcome(False, kind="edge")
    return replace(outcome, **{"right" if right.defined else "left": _one_sided(slope)})


def _no_value(left: Side, right: Side, slope_near: SlopeNear) -> Outcome:
    """The kinds of points at which the function itself has no value."""
    if not left.defined and not right.defined:
        return Outcome(False, kind="outside the domain")
    zero = (left if left.defined else right).values[0] * 0
    ends = [side.gap(zero) for side in (left, right) if side.defined]
    trends = {end.trend for end in ends}
    if Trend.INFINITE in trends:
        return Outcome(False, kind="pole")
    if Trend.OSCILLATES in trends:
        return Outcome(False, kind="oscillating")
    if Trend.UNCLEAR in trends:
        return UNDECIDED
    if len(ends) == 1:
        side = left if left.defined else right
        return _edge(left, right, side.slopes(ends[0].value))
    if abs(ends[0].value - ends[1].value) > 2 * max(ends[0].error, ends[1].error):
        return Outcome(False, kind="jump")
    near = [slope_near(side) for side in (left, right)]
    limit = None
    if all(slope.trend is Trend.LIMIT for slope in near):
        if abs(near[0].value - near[1].value) <= 2 * max(near[0].error, near[1].error):
            limit = near[1].value
    return Outcome(False, kind="hole", limit=limit)
