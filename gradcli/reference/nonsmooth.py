"""One-sided limits at a nonsmooth point: whether a derivative exists where no rule can tell, and what it is.

A derivative is the limit of quotients of the derivative below it; a first one of quotients of the function itself,
without any rule of differentiation. Values near the point come from the chain rule on the program as it is there
(`local`); every one of them is enclosed, and what the precision does not resolve is computed with more bits, or the
question stays undecided.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

from gradcli.backends.arb.context import BALLS, precision
from gradcli.backends.arb.evaluate import UNKNOWN, Enclosed, is_ball
from gradcli.backends.arb.flint import arb
from gradcli.reference.around import Shifts, key
from gradcli.reference.by_rule import FIRST_LOOK, NEARBY, ByRule
from gradcli.reference.classify import UNDECIDED, Infinite, Outcome
from gradcli.reference.limits import Course, Trend
from gradcli.reference.local import interval
from gradcli.reference.samples import (
    EXPONENTS,
    MANTISSAS,
    MAX_BITS,
    MAX_FINER,
    RESOLVED,
    BothKinds,
    Looked,
    NearbySample,
    course_of,
    move_to,
    mpf,
    one_piece,
    sample_of,
    to_zero,
    wide,
)  # fmt: skip
from gradcli.tape.findings import Positions

TINY = 1e-290  # of the error of a derivative that others are computed from
DEEPEST = 2  # looks within looks
CLOSE = 1e-15  # a value by rule that is this close to the limit of the quotients is what they go to


class Undecidable(Exception):
    """A value that the largest precision does not resolve; the message says what it is."""


class Sides(ByRule):
    """Looks at a program from both sides of a point."""

    @cached_property
    def _judged(self) -> dict[Any, Outcome]:
        return {}

    def exact(self, positions: Positions) -> Enclosed:
        """A derivative at the point where no rule gives it; None where there is none, UNKNOWN where nobody knows."""
        try:
            outcome = self.derivative(positions, self.nowhere, self.radius(self.scale(positions[-1], self.nowhere)))
        except Undecidable:
            return UNKNOWN
        return _value(outcome) if outcome.exists else None if outcome.exists is False else UNKNOWN

    def derivative(self, positions: Positions, at: Shifts, radius: Any, depth: int = 0) -> Outcome:
        """A derivative at a moved point: by the chain rule where the program is smooth, else from its sides.

        At the working precision; the value is a ball. Raises Undecidable.
        """
        form, values, (certain, unknown) = self.local(positions, at, radius)
        value = values[form.chain.partials[key(positions)]]
        used = self.is_special(form, certain, positions, at), self.moves(form, unknown, positions)
        if used[1]:
            raise Undecidable(self.why(form, unknown))
        if not used[0] and is_ball(value):
            return Outcome(True, value)
        if value is UNKNOWN and not used[0]:
            raise Undecidable("a value on the way is not resolved")
        if depth > DEEPEST:
            return UNDECIDED
        asked = (positions, BALLS.bits, *(shift.mid()._mpf_ for shift in at))
        if asked not in self._judged:
            self._judged[asked] = self.judge(positions, at, depth)
        return self._judged[asked]

    def ordered(self, positions: Positions, at: Shifts) -> Positions:
        """The order in which a mixed derivative is taken: by what is smooth first, so that the rule does it."""
        if len(set(positions)) < 2:
            return positions
        special = {}
        with precision(self.bits(FIRST_LOOK - 1, positions)):
            for one in set(positions):
                radius = self.radius(self.scale(one, at))
                form, _, (certain, unknown) = self.local((one,), at, radius, len(positions))
                special[one] = bool(unknown) or self.is_special(form, certain, (one,), at)
        return tuple(sorted(positions, key=lambda one: (special[one], one)))

    def judge(self, positions: Positions, at: Shifts | None = None, depth: int = 0) -> Outcome:
        """Whether a partial exists at the moved point, from the partial one order below it."""
        at = self.nowhere if at is None else at
        positions = self.ordered(positions, at)
        if len(positions) > 1 and self.function(at) is None:
            return self.judge(positions[-1:], at, depth)  # what has no value has no derivative of any order
        outcome = UNDECIDED
        try:
            for count in range(FIRST_LOOK, len(EXPONENTS) + 1):
                looked = self._look(positions, at, count, depth)
                if isinstance(looked, Outcome):
                    return looked
                outcome = looked.judged(lambda side: self._slope_near(side, positions, at))
                if outcome.exists is not None and (outcome.is_finite or count == len(EXPONENTS)):
                    outcome = self._refined(outcome, looked, positions, at)
                    if count == len(EXPONENTS) or not self._is_rough(outcome, positions):
                        return outcome
        except Undecidable as reason:
            return replace(UNDECIDED, note=str(reason))
        return outcome

    def _is_rough(self, outcome: Outcome, positions: Positions) -> bool:
        """Whether others are computed from a derivative that is not known well enough for that."""
        is_used = self.precise or len(positions) < self.chain.order
        return bool(outcome.exists and is_used and outcome.error and outcome.error > TINY * max(1, abs(outcome.value)))

    def _look(self, positions: Positions, at: Shifts, count: int, depth: int) -> Outcome | Looked:
        below = positions[:-1]
        if self.finer == MAX_FINER:
            raise Undecidable("a number on the way is too large for steps beside the point")
        scale = self.scale(positions[-1], at)
        center: Any = None
        outcome: Outcome | None = None
        if below:
            with precision(self.bits(count - 1, positions)):
                outcome = self.derivative(below, at, self.radius(scale), depth)
            if outcome.exists is not True:
                return outcome
        sides = [
            tuple([self._sample(positions, at, sign, scale, kind, step, outcome, depth) for step in range(count)]
                  for kind in range(len(MANTISSAS)))
            for sign in (-1, 1)
        ]  # fmt: skip
        with precision(self.bits(count - 1, positions)):
            center = self._center(at, outcome)
        kept = [tuple(one_piece(_known(samples)) for samples in side) for side in sides]
        return Looked(kept[0], kept[1], None if center is None else mpf(center))  # type: ignore[arg-type]

    def _center(self, at: Shifts, outcome: Outcome | None) -> Any:
        """The value at the point itself, a ball; None where there is none. Raises Undecidable."""
        if outcome is not None:
            return _value(outcome)
        value = self.function(at)
        if value is UNKNOWN:
            raise Undecidable("the value at the point itself is not resolved")
        return value

    def _sample(
        self, positions: Positions, at: Shifts, sign: int, scale: Any, kind: int, step: int,
        outcome: Outcome | None, depth: int,
    ) -> NearbySample:  # fmt: skip
        """A value near the point, with as many bits as its distance to the value at the point takes."""
        bits = self.bits(step, positions)
        while bits <= MAX_BITS:
            with precision(bits):
                move = move_to(scale, sign, kind, step)
                moved = tuple(s + move if p == positions[-1] else s for p, s in enumerate(at))
                value, form = self._near(positions, moved, abs(move), depth)
                center = self._center(at, outcome)
                sample = sample_of(move, value, center, step, form)
                if sample is not None:
                    return sample
                if value is not UNKNOWN and outcome is not None and outcome.error:
                    if center.rad() > (value - center).rad() / 4:
                        return NearbySample(
                            mpf(move), UNKNOWN, form, 0
                        )  # the value at the point is not known well enough
            bits *= 2
        raise Undecidable("the values near the point are not resolved")

    def _near(self, positions: Positions, moved: Shifts, distance: Any, depth: int) -> tuple[Enclosed, int]:
        """The function or the derivative below at a point nearby, and the form of the program there."""
        radius = distance * arb(2) ** -NEARBY
        last = positions[-1:]
        if len(positions) == 1:
            around = dict(self.shifted(moved))
            target = self.chain.targets[last[0]]
            around[target] = around.get(target, arb(0)) + interval(radius)
            form, _ = self.forms.at(self.inputs(), around, self.stopped_at(moved))
            return self.function(moved), id(form)
        form, _, _ = self.local(positions, moved, radius)
        try:
            outcome = self.derivative(positions[:-1], moved, radius, depth + 1)
        except Undecidable:
            return UNKNOWN, id(form)
        if outcome.exists is None:
            return UNKNOWN, id(form)
        if not outcome.exists:
            return None, id(form)
        return _value(outcome), id(form)

    def _slope_near(self, side: BothKinds, positions: Positions, at: Shifts) -> Course:
        """Where the derivative goes as the point is approached from one side."""
        courses = []
        for samples in side.pair:
            slopes = [self.rule_near(positions, at, arb(sample.step), 2 * RESOLVED) for sample in samples[:FIRST_LOOK]]
            if None in slopes:
                return Course(Trend.UNCLEAR)
            courses.append(slopes)
        return course_of(courses)

    # The same value to more digits

    def _refined(self, outcome: Outcome, looked: Looked, positions: Positions, at: Shifts) -> Outcome:
        """One-sided values that the chain rule on the side's own form of the program gives, as that rule gives them."""
        if outcome.exists is None or outcome.kind not in (None, "corner", "edge"):
            return outcome
        left, right = (self._by_rule(pair, positions, at) for pair in (looked.left, looked.right))
        if outcome.exists and not outcome.value:
            return replace(outcome, error=0)  # it fades: the limit is 0
        if outcome.exists:
            for side in (left, right):
                if side is not None and _is_near(side, outcome.value, outcome.error):
                    return replace(outcome, value=side, error=0)
            better = self.from_nearby(positions, at) if self.precise or len(positions) < self.chain.order else None
            value, error = better or to_zero(looked, outcome)
            far = max(2 * outcome.error, abs(outcome.value) * CLOSE)
            if error >= outcome.error or abs(value - outcome.value) > far:
                return outcome
            return replace(outcome, value=value, error=error)
        found: dict[str, Any] = {}
        for name, side in (("left", left), ("right", right)):
            known = getattr(outcome, name)
            if side is not None and known is not None and not isinstance(known, Infinite) and _is_near(side, known, 0):
                found[name] = mpf(side)
        return replace(outcome, **found)

    def _by_rule(self, pair: tuple[list[NearbySample], list[NearbySample]], positions: Positions, at: Shifts) -> Any:
        """The derivative at the point by the chain rule, of the form that the program has on one side of it."""
        if not pair[0] or pair[0][-1].value is None:
            return None
        found = self.on_form(positions, at, arb(pair[0][min(len(pair[0]), FIRST_LOOK) - 1].step))
        return None if found is None else found[0]


def _known(samples: list[NearbySample]) -> list[NearbySample]:
    return [sample for sample in samples if sample.value is not UNKNOWN]


def _is_near(side: Any, value: Any, error: Any) -> bool:
    with wide():
        known = mpf(value) if is_ball(value) else value
        by_rule = mpf(side)
        return bool(abs(by_rule - known) <= max(2 * error, abs(known) * CLOSE))


def _value(outcome: Outcome) -> Any:
    """The value of a derivative that exists, as a ball."""
    value = outcome.value if is_ball(outcome.value) else arb(outcome.value)
    return value + interval(arb(outcome.error).abs_upper()) if outcome.error else value
