"""What both sides of a point and its own value say together: the kinds of points without a derivative."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from gradcli.reference.limits import Course, Trend, course


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
    gap: Any = None  # of a jump: how far the value at the point is from the larger of its distances to the sides
    note: str | None = None

    @property
    def is_finite(self) -> bool:
        """Whether nothing but finite slopes is claimed."""
        sides = (self.left, self.right)
        return bool(self.exists) or (
            self.kind in ("corner", "edge") and not any(isinstance(s, Infinite) for s in sides)
        )


class Infinite:
    """A one-sided derivative without bound; `sign` says in which direction."""

    def __init__(self, sign: int) -> None:
        self.sign = sign


UNDECIDED = Outcome(None, note="its difference quotients do not settle")


@dataclass(frozen=True)
class Side:
    """Steps to one side of a point, the values there, and how far these may be from the true ones."""

    steps: list[Any]
    values: list[Any]
    errors: list[Any]

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

    def but_the_last(self) -> Side:
        """This side without its smallest step: what the others tend to, where that step gave the limit."""
        return Side(self.steps[:-1], self.values[:-1], self.errors[:-1])

    def _gaps(self, center: Any) -> list[Any]:
        gaps = [value - center for value in self.values]
        return [gap if abs(gap) > error else gap * 0 for gap, error in zip(gaps, self.errors)]


ROUNDED = 1e-300  # of a limit: what is lost where it is rounded

SlopeNear = Callable[[Any], Course]


def compare(center: Any, left: Side, right: Side, slope_near: SlopeNear) -> Outcome:
    """What both sides and the value at the point say together."""
    if left.defined is None or right.defined is None:
        return UNDECIDED
    if center is None:
        return _no_value(left, right, slope_near)
    if not left.defined and not right.defined:
        return Outcome(False, kind="outside the domain", note="the function is defined at this point only")
    broken = [found for side in (left, right) if side.defined and (found := _discontinuity(side.gap(center)))]
    if broken:
        if all(one.kind == "jump" for one in broken):
            return max(broken, key=lambda one: abs(one.gap))
        return next(one for one in broken if one.kind != "jump")
    if not (left.defined and right.defined):
        return _edge(right, (right if right.defined else left).slopes(center))
    return two_slopes(left.slopes(center), right.slopes(center))


def _discontinuity(gap: Course) -> Outcome | None:
    """The outcome where the function does not run up to its value at the point."""
    if gap.trend is Trend.LIMIT and gap.value:
        return Outcome(False, kind="jump", gap=gap.value)
    if gap.trend is Trend.INFINITE:
        return Outcome(False, kind="pole")
    if gap.trend is Trend.OSCILLATES:
        return Outcome(False, kind="oscillating")
    return None


def two_slopes(left: Course, right: Course) -> Outcome:
    """What the slopes to both sides of a point say, where the function runs up to its value there."""
    trends = {left.trend, right.trend}
    if Trend.OSCILLATES in trends:
        return Outcome(False, kind="oscillating")
    if Trend.UNCLEAR in trends:
        return UNDECIDED
    sides = {"left": _one_sided(left), "right": _one_sided(right)}
    if trends == {Trend.LIMIT}:
        error = max(left.error, right.error, ROUNDED * abs(left.value))
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


def _edge(right: Side, slope: Course) -> Outcome:
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
        return _edge(right, side.but_the_last().slopes(ends[0].value))
    if abs(ends[0].value - ends[1].value) > 2 * max(ends[0].error, ends[1].error):
        return Outcome(False, kind="jump")
    near = [slope_near(side) for side in (left, right)]
    limit = None
    if all(slope.trend is Trend.LIMIT for slope in near):
        if abs(near[0].value - near[1].value) <= 2 * max(near[0].error, near[1].error):
            limit = near[1].value
    return Outcome(False, kind="hole", limit=limit)
