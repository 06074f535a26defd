"""One-sided difference quotients: whether a derivative exists at a point where no rule can tell, and what it is.

A first derivative is judged by quotients of the function itself, without any rule of differentiation; a
higher one by quotients of the derivative below, which is judged the same way where it has a kink of its own.
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

from gradcli.engines.arithmetic import Arithmetic, Value, size_of
from gradcli.engines.chain import Chain
from gradcli.engines.findings import Positions
from gradcli.reference.classify import UNDECIDED, Outcome, Side, compare
from gradcli.engines.tape import depends, reaches
from gradcli.reference.limits import ENOUGH, Course, Trend, course

EXPONENTS = (20, 40, 80, 160, 320, 640, 1280, 2560)  # the steps are 10 to minus these, relative to the point
FIRST_LOOK = 5  # so many steps, and more only while they still cross a kink
SURE_LOOK = 6  # before anything is called infinite, broken or oscillating: 10**-640 is beyond the ratio of two doubles
EXTRA_DIGITS = 60  # of the working precision, on top of twice the smallest step's
NOISE_MARGIN = 20  # what is smaller than the largest value on the way by all digits but these is rounding
PRECISIONS = 4  # times that the working precision is doubled
CHECK = 1.25  # a value is precise enough if, with so many times the digits,
SAME = 1e-12  # it changes by less
BITS_PER_DIGIT = 3.33
MOST_KEPT = 200_000  # values

Shifts = tuple[Any, ...]


class Sides:
    """Looks at a program from both sides of a point."""

    def __init__(self, chain: Chain, arithmetic: Arithmetic, point: dict[str, Fraction]) -> None:
        self.chain = chain
        self.arithmetic = arithmetic
        self.point = point
        self.kept: dict[tuple[int, Shifts], list[Value]] = {}
        self.used = reaches(chain.tape, [chain.output])
        self.detached = any(op.row is not None and op.row.name == "detach" for op in chain.tape.ops[: chain.length])

    def judge(self, positions: Positions, at: Shifts | None = None) -> Outcome:
        """Whether a partial exists at the point moved by `at`, from the partial one order below."""
        at = at or tuple(self.arithmetic.m.zero for _ in self.chain.targets)
        outcome = UNDECIDED
        for count in range(FIRST_LOOK, len(EXPONENTS) + 1):
            looked = self._look(_Question(positions, at, EXPONENTS[:count]))
            if isinstance(looked, Outcome):
                return looked
            center, left, right, question = looked
            if min(len(right.values), len(left.values)) < ENOUGH:
                continue
            outcome = compare(center, left, right, partial(self._slope_near, question))
            if outcome.exists is not None and (outcome.is_finite or count >= SURE_LOOK):
                break
        return outcome

    def _look(self, question: _Question) -> Outcome | tuple[Value, Side, Side, _Question]:
        """The value at the point and on both sides, with enough digits for their differences."""
        cone = self._cone(question.last)
        digits = question.digits()
        for _ in range(PRECISIONS):
            self.arithmetic.bits = int(digits * BITS_PER_DIGIT)
            below, center, error = self._center(question)
            if below is not None:
                return below
            sides = [self._side(question, sign, cone, digits, error) for sign in (-1, 1)]
            if all(self._is_precise(question, side, center, digits) for side in sides):
                break
            digits *= 2
        self.arithmetic.bits = int(digits * BITS_PER_DIGIT)
        return center, sides[0], sides[1], question

    def _center(self, question: _Question) -> tuple[Outcome | None, Value, Any]:
        """The value at the point itself and its error; an outcome where the derivative below does not exist there."""
        if len(question.positions) == 1:
            return None, self._value((), question.at), 0
        outcome = self.derive(question.positions[:-1], question.at)
        if outcome.exists is not True:
            return outcome, None, 0
        by_rule = self._values(question.at, derivatives=True)[self.chain.partials[question.positions[:-1]]]
        if by_rule is not None and abs(by_rule - outcome.value) <= outcome.error:
            return None, by_rule, 0
        return None, outcome.value, outcome.error

    def _is_precise(self, question: _Question, side: Side, center: Value, digits: int) -> bool:
        """Whether the value at the smallest step stays the same with more digits."""
        value, step, noise = side.values[-1], side.steps[-1], side.noise[-1]
        if value is None:
            return True
        self.arithmetic.bits = int(CHECK * digits * BITS_PER_DIGIT)
        _, again_center, _ = self._center(question)
        again = self._value(question.positions[:-1], question.moved(step))
        if again is None or (center is None) != (again_center is None):
            return False
        gap = value if center is None else value - center
        better = again if again_center is None else again - again_center
        return bool(abs(gap - better) <= max(SAME * abs(better), noise))

    def derive(self, positions: Positions, at: Shifts) -> Outcome:
        """A derivative at a moved point: by the chain rule where that is sound, else from its sides."""
        values = self._values(at, derivatives=True)
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

    def _values(self, at: Shifts, derivatives: bool) -> list[Value]:
        """All values at a moved point; the last ones are kept, since the same points are asked for again."""
        key = (self.arithmetic.bits, at)
        kept = self.kept.get(key)
        if kept is not None and (not derivatives or len(kept) > self.chain.length):
            return kept
        frozen = None
        if self.detached:
            frozen = self.chain.frozen(self.chain.values(self.arithmetic, self.point, derivatives=False))
        values = self.chain.values(self.arithmetic, self.point, at, frozen, derivatives)
        if len(self.kept) * len(values) > MOST_KEPT:
            self.kept.clear()
        self.kept[key] = values
        return values

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

    def _scale(self, question: _Question) -> Any:
        """What steps are relative to: the target's value, or how far the point is moved, if that is less."""
        nowhere = tuple(self.arithmetic.m.zero for _ in self.chain.targets)
        value = self._values(nowhere, derivatives=False)[self.chain.targets[question.last]]
        return min([abs(value) if value else self.arithmetic.m.one, *question.offsets])

    def _side(self, question: _Question, sign: int, cone: list[int], digits: int, error: Any) -> Side:
        """The values at ever smaller steps to one side, as far as they lie on the piece that touches the point."""
        m = self.arithmetic.m
        scale = self._scale(question)
        side, labels = Side([], [], []), []
        for exponent in question.exponents:
            step = sign * scale * m.mpf(10) ** -exponent
            enough = digits * question.digits(exponent) // question.digits()
            self.arithmetic.bits = int(enough * BITS_PER_DIGIT)
            everything = self._values(question.moved(step), derivatives=len(question.positions) > 1)
            labels.append(self.chain.labels(self.arithmetic, everything, cone))
            value, on_the_way = everything[self.chain.output], [everything[index] for index in cone]
            if len(question.positions) > 1:
                value = self._value(question.positions[:-1], question.moved(step))
                on_the_way = [value]
            largest = max((abs(v) for v in on_the_way if v is not None and not isinstance(v, bool)), default=0)
            side.steps.append(step)
            side.values.append(value)
            side.noise.append(largest * m.mpf(10) ** (NOISE_MARGIN - enough) + error)
        self.arithmetic.bits = int(digits * BITS_PER_DIGIT)
        first = len(labels) - 1
        while first > 0 and labels[first - 1] == labels[-1]:
            first -= 1
        return Side(side.steps[first:], side.values[first:], side.noise[first:])

    def _slope_near(self, question: _Question, side: Side) -> Course:
        """Where the derivative goes as the point is approached from one side.

        Not by the smallest steps: a derivative loses more digits on the way there than the function does.
        """
        steps = side.steps[:-2] if len(side.steps) > ENOUGH + 1 else side.steps
        slopes = [self._value(question.positions, question.moved(step)) for step in steps]
        return course(slopes) if all(slope is not None for slope in slopes) else Course(Trend.UNCLEAR)


class _Question(NamedTuple):
    """Which partial is asked for, at which moved point, and with which steps."""

    positions: Positions
    at: Shifts
    exponents: tuple[int, ...]

    @property
    def last(self) -> int:
        """The target that moves, by position."""
        return self.positions[-1]

    @property
    def offsets(self) -> list[Any]:
        """How far the point is moved."""
        return [abs(shift) for shift in self.at if shift]

    def digits(self, exponent: int | None = None) -> int:
        """The working digits that a step needs; the smallest one if none is named."""
        depth = max((-(size_of(offset) // 3) for offset in self.offsets), default=0)
        return 2 * ((exponent or self.exponents[-1]) + max(depth, 0)) + EXTRA_DIGITS

    def moved(self, step: Any) -> Shifts:
        """The point with the last target moved on by a step."""
        return tuple(shift + step if i == self.last else shift for i, shift in enumerate(self.at))
