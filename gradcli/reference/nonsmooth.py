"""One-sided limits at a nonsmooth point: whether a derivative exists where no rule can tell, and what it is.

A derivative is the limit of quotients of the derivative below it; a first one of quotients of the function itself,
without any rule of differentiation. Values near the point come from the chain rule on the program as it is there
(`local`); every one of them is enclosed, and what the precision does not resolve is computed with more bits, or the
question stays undecided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, NamedTuple

import mpmath
from flint import arb

from gradcli.backends.arb.context import BALLS, precision
from gradcli.backends.arb.evaluate import UNKNOWN, Enclosed, is_ball
from gradcli.clock import Deadline
from gradcli.engines.chain import Chain, differentiated
from gradcli.engines.findings import Positions
from gradcli.engines.tape import Derived, Tape, depends
from gradcli.errors import Source
from gradcli.reference.classify import UNDECIDED, Infinite, Outcome, Side, compare
from gradcli.reference.limits import ENOUGH, Course, Trend, course, extrapolated, joined
from gradcli.reference.local import Local, Neighborhoods, interval, is_smooth, nonsmooth

# The steps are 2 to minus these times mantissas that are no round numbers in any base: what oscillates faster and
# faster has no zeros in step with them. Those of the second kind lie between those of the first. From one to the next the exponent doubles, so that a power of the step, its
# logarithm, and what settles faster than either are told apart.
EXPONENTS = (66, 133, 266, 531, 1063, 2126)
MANTISSAS = ((0xB504F333, 0xDB3A90A5, 0x9E3779B9, 0xC2B2AE35, 0x85EBCA6B, 0xA2F9836E),
             (0x6A09E667, 0x5A827999, 0x3C6EF372, 0x4D2C6DFC, 0x2B992DDF, 0x510E527F))  # fmt: skip
MANTISSA_BITS = 32
FIRST_LOOK = 4  # steps of each kind; more only while they do not tell
RESOLVED = 100  # bits of a quotient that are wanted
MAX_BITS = 40_000  # of any evaluation
AROUND = 250  # the neighborhood's radius is 2 to minus this, of the point's size; of a step's: NEARBY
NEARBY = 40
NEVILLE = 5  # points that an extrapolation goes through: its error is the product of their distances
DEEPEST = 2  # looks within looks
CLOSE = 1e-15  # a value by rule that is this close to the limit of the quotients is what they go to

Shifts = tuple[Any, ...]  # by target, exact


def key(positions: Positions) -> Positions:
    """Under what a derivative stands among the partials: the order in which it is taken does not count."""
    return tuple(sorted(positions))


class Sample(NamedTuple):
    """A value near the point; the form that the program has there."""

    step: Any
    value: Any  # an mpf, or None where there is none
    form: int
    error: Any


RULE = object()  # stands for a value that the rule gives


class Undecidable(Exception):
    """A value that the largest precision does not resolve; the message says what it is."""


@dataclass(frozen=True)
class _Looked:
    """The samples to both sides, by kind of steps, and the value at the point."""

    left: tuple[list[Sample], list[Sample]]
    right: tuple[list[Sample], list[Sample]]
    center: Any


class Sides:
    """Looks at a program from both sides of a point."""

    def __init__(
        self,
        chain: Chain,
        point: Mapping[str, Fraction],
        deadline: Deadline | None,
        outer: Mapping[int, Any] | None = None,
    ) -> None:
        self.chain = chain
        self.deadline = deadline
        self.outer = dict(outer or {})  # how far operations are moved beside the targets, by who asks
        self.point = point
        self.forms = Neighborhoods(chain, deadline)
        self.precise = False  # whether derivatives of the highest order, too, are what others are computed from
        self._held: dict[Any, dict[int, Enclosed]] = {}
        self._judged: dict[Any, Outcome] = {}
        self.nowhere: Shifts = tuple(arb(0) for _ in chain.targets)
        self.detached = [
            index
            for index, op in enumerate(chain.tape.ops[: chain.length])
            if op.row is not None and op.row.name == "detach"
        ]

    # Values at a point and around it

    def inputs(self) -> dict[str, Any]:
        """The point, at the working precision."""
        return {name: BALLS.number(value) for name, value in self.point.items()}

    def frozen(self) -> dict[int, Enclosed]:
        """The values that `detach` holds when the point moves."""
        if not self.detached:
            return {}
        values = self.forms.whole.run(self.inputs(), self.chain.length, self.outer)
        return {index: values[index] for index in self.detached}

    def shifted(self, at: Shifts) -> dict[int, Any]:
        """By operation, how far each target is moved; the ones that are not are left out."""
        moved = {target: shift for target, shift in zip(self.chain.targets, at) if not shift.is_zero()}
        for index, shift in self.outer.items():
            moved[index] = moved.get(index, arb(0)) + shift
        return moved

    def function(self, at: Shifts) -> Enclosed:
        """The program's value at a moved point."""
        return self.program(at)[self.chain.output]

    def program(self, at: Shifts) -> list[Enclosed]:
        """The values of all the program's operations at a moved point."""
        return self.everything(at, self.chain.length)

    def everything(self, at: Shifts, end: int | None = None) -> list[Enclosed]:
        """The values of all operations at a moved point, those of the derivatives among them."""
        return self.forms.whole.run(self.inputs(), end, self.shifted(at), self.held(at))

    def held(self, at: Shifts) -> dict[int, Enclosed]:
        """The values that are not the rule's at a moved point: of `detach`, and of a `diff` where no rule holds."""
        if not self.chain.tape.derived:
            return self.frozen()
        asked = (BALLS.bits, *(shift.mid()._mpf_ for shift in at))
        if asked not in self._held:
            held = self.frozen()
            for one in self.chain.tape.derived:
                value = self._derived(one, self.shifted(at))
                if value is not RULE:
                    held[one.place] = value
            self._held[asked] = held
        return self._held[asked]

    def _derived(self, one: Derived, moved: Mapping[int, Any]) -> Enclosed:
        """The value of a `diff` at a moved point: a derivative like any other; RULE where its rule gives it."""
        tape = Tape(self.chain.tape.ops[: one.value + 1], most=self.chain.tape.most)
        tape.inputs = {name: index for name, index in self.chain.tape.inputs.items() if index <= one.value}
        tape.output = one.value
        tape.derived = [other for other in self.chain.tape.derived if other.place <= one.value]
        by = (one.by,) if one.by <= one.value else ()
        if not by:
            return RULE
        chain = differentiated(tape, by, one.order, Source(""))
        outer = {index: shift for index, shift in moved.items() if index <= one.value}
        sides = Sides(chain, self.point, self.deadline, outer)
        sides.precise = True
        positions = (0,) * one.order
        scale = sides.scale(0, sides.nowhere)
        form, values, (certain, unknown) = sides.local(positions, sides.nowhere, sides.radius(scale))
        if not sides.moves(form, certain + unknown, positions) and is_ball(values[form.chain.partials[key(positions)]]):
            return RULE
        try:
            outcome = sides.derivative(positions, sides.nowhere, sides.radius(scale))
        except Undecidable:
            return UNKNOWN
        if not outcome.exists:
            return None if outcome.exists is False else UNKNOWN
        value = outcome.value if is_ball(outcome.value) else arb(outcome.value)
        return value + interval(arb(outcome.error).abs_upper()) if outcome.error else value

    def local(
        self, positions: Positions, at: Shifts, radius: Any, order: int | None = None
    ) -> tuple[Local, list[Enclosed], tuple[Any, Any]]:
        """The form of the program around a moved point, its values there, and its nonsmooth operations.

        Those that matter for a derivative of an order; of as many positions where none is said.
        """
        inputs, frozen = self.inputs(), self.held(at)
        around = dict(self.shifted(at))
        for position in set(positions):
            target = self.chain.targets[position]
            around[target] = around.get(target, arb(0)) + interval(radius)
        form, wide = self.forms.at(inputs, around, frozen)
        values = form.evaluator.run(inputs, None, self._moved(form, at), self._frozen(form, frozen))
        return form, values, nonsmooth(form, order or len(positions), values, wide)

    def _moved(self, form: Local, at: Shifts) -> dict[int, Any]:
        moved = {target: shift for target, shift in zip(form.chain.targets, at) if not shift.is_zero()}
        places = {index: place for place, index in form.origin.items()} if self.outer else {}
        for index, shift in self.outer.items():
            moved[places[index]] = moved.get(places[index], arb(0)) + shift
        return moved

    def _frozen(self, form: Local, frozen: Mapping[int, Enclosed]) -> dict[int, Enclosed]:
        return {place: frozen[index] for place, index in form.origin.items() if index in frozen}

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

    def is_special(self, form: Local, certain: list[int], positions: Positions, at: Shifts) -> bool:
        """Whether a partial has to be judged from its sides: of what is nonsmooth, or of a `diff` without a rule."""
        held = [one.value for one in self.chain.tape.derived if one.place in self.held(at)]
        if held:
            moving = depends(self.chain.tape, [self.chain.targets[position] for position in set(positions)])
            if any(moving[index] for index in held):
                return True
        return self.moves(form, certain, positions)

    def moves(self, form: Local, special: list[int], positions: Positions) -> bool:
        """Whether one of these operations depends on a target that is differentiated by."""
        if not special:
            return False
        moving = depends(form.chain.tape, [form.chain.targets[p] for p in set(positions)])
        return any(moving[index] for index in special)

    def why(self, form: Local, unknown: list[int]) -> str:
        op = form.chain.tape.ops[unknown[0]]
        name = op.row.name if op.row is not None else ""
        return f"whether {name} is exactly on a nonsmooth point is not known to {BALLS.bits:,} bits"

    # Limits

    def ordered(self, positions: Positions, at: Shifts) -> Positions:
        """The order in which a mixed derivative is taken: by what is smooth first, so that the rule does it."""
        if len(set(positions)) < 2:
            return positions
        special = {}
        with precision(self._bits(FIRST_LOOK - 1, positions)):
            for one in set(positions):
                radius = self.radius(self.scale(one, at))
                form, _, (certain, unknown) = self.local((one,), at, radius, len(positions))
                special[one] = bool(unknown) or self.is_special(form, certain, (one,), at)
        return tuple(sorted(positions, key=lambda one: (special[one], one)))

    def judge(self, positions: Positions, at: Shifts | None = None, depth: int = 0) -> Outcome:
        """Whether a partial exists at the moved point, from the partial one order below it."""
        at = self.nowhere if at is None else at
        positions = self.ordered(positions, at)
        outcome = UNDECIDED
        try:
            for count in range(FIRST_LOOK, len(EXPONENTS) + 1):
                looked = self._look(positions, at, count, depth)
                if isinstance(looked, Outcome):
                    return looked
                outcome = self._classified(looked, positions, at)
                if outcome.exists is not None and (outcome.is_finite or count == len(EXPONENTS)):
                    break
        except Undecidable as reason:
            return replace(UNDECIDED, note=str(reason))
        return self._refined(outcome, looked, positions, at) if isinstance(looked, _Looked) else outcome

    def _look(self, positions: Positions, at: Shifts, count: int, depth: int) -> Outcome | _Looked:
        below = positions[:-1]
        scale = self.scale(positions[-1], at)
        center: Any = None
        outcome: Outcome | None = None
        if below:
            with precision(self._bits(count - 1, positions)):
                outcome = self.derivative(below, at, self.radius(scale), depth)
            if outcome.exists is not True:
                return outcome
        sides = [
            tuple([self._sample(positions, at, sign, scale, kind, step, outcome, depth) for step in range(count)]
                  for kind in range(len(MANTISSAS)))
            for sign in (-1, 1)
        ]  # fmt: skip
        with precision(self._bits(count - 1, positions)):
            center = self._center(positions, at, outcome)
        kept = [tuple(self._one_piece(samples) for samples in side) for side in sides]
        return _Looked(kept[0], kept[1], None if center is None else _mpf(center))  # type: ignore[arg-type]

    def _bits(self, step: int, positions: Positions) -> int:
        return 2 * EXPONENTS[step] + 2 * RESOLVED

    def _center(self, positions: Positions, at: Shifts, outcome: Outcome | None) -> Any:
        """The value at the point itself, a ball; None where there is none. Raises Undecidable."""
        if outcome is not None:
            value = outcome.value if is_ball(outcome.value) else arb(outcome.value)
            return value + interval(arb(outcome.error).abs_upper()) if outcome.error else value
        value = self.function(at)
        if value is UNKNOWN:
            raise Undecidable("the value at the point itself is not resolved")
        return value

    def _sample(
        self, positions: Positions, at: Shifts, sign: int, scale: Any, kind: int, step: int,
        outcome: Outcome | None, depth: int,
    ) -> Sample:  # fmt: skip
        """A value near the point, with as many bits as its distance to the value at the point takes."""
        mantissa = arb(sign * MANTISSAS[kind][step]) * arb(2) ** -(EXPONENTS[step] + MANTISSA_BITS)
        bits = self._bits(step, positions)
        while bits <= MAX_BITS:
            with precision(bits):
                move = scale * mantissa
                moved = tuple(s + move if p == positions[-1] else s for p, s in enumerate(at))
                value, form = self._near(positions, moved, abs(move), depth)
                center = self._center(positions, at, outcome)
                if value is None:
                    return Sample(_mpf(move), None, form, 0)
                if value is not UNKNOWN:
                    gap = value if center is None else value - center
                    fixed = 0 if center is None else center.rad() / abs(move)
                    if _is_resolved(gap, abs(move), EXPONENTS[step], center is not None):
                        return Sample(_mpf(move), _mpf(value), form, _mpf(gap.rad()))
                    if outcome is not None and outcome.error and fixed > gap.rad() / abs(move) / 4:
                        return Sample(_mpf(move), UNKNOWN, form, 0)  # the value at the point is not known well enough
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
            form, _ = self.forms.at(self.inputs(), around, self.held(moved))
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
        value = outcome.value if is_ball(outcome.value) else arb(outcome.value)
        return value + interval(arb(outcome.error).abs_upper()) if outcome.error else value, id(form)

    def scale(self, position: int, at: Shifts) -> Any:
        """What steps are relative to: the power of two next to the target's value, or to how far the point is moved."""
        with precision(64):
            target = self.chain.targets[position]
            values = self.forms.whole.run(self.inputs(), target + 1, self.shifted(at), None)
            size = values[target] if is_ball(values[target]) and not values[target].contains(0) else arb(1)
            sizes = [abs(size), *(abs(shift) for shift in at if not shift.is_zero())]
            return arb(2) ** min(_exponent(one) for one in sizes)

    def radius(self, scale: Any) -> Any:
        return scale * arb(2) ** -(AROUND + EXPONENTS[-1])

    @staticmethod
    def _one_piece(samples: list[Sample]) -> list[Sample]:
        """The samples on the piece that touches the point: those whose form is that of the nearest one."""
        known = [sample for sample in samples if sample.value is not UNKNOWN]
        first = len(known)
        while first > 0 and known[first - 1].form == known[-1].form:
            first -= 1
        return known[first:]

    def _classified(self, looked: _Looked, positions: Positions, at: Shifts) -> Outcome:
        sides = [_BothKinds.of(pair) for pair in (looked.left, looked.right)]
        if min(len(samples) for pair in (looked.left, looked.right) for samples in pair) < ENOUGH:
            return UNDECIDED
        with _wide():
            return compare(looked.center, sides[0], sides[1], lambda side: self._slope_near(side, positions, at))

    def _slope_near(self, side: Side, positions: Positions, at: Shifts) -> Course:
        """Where the derivative goes as the point is approached from one side."""
        assert isinstance(side, _BothKinds)
        courses = []
        for samples in side.pair:
            slopes = [self._rule_near(positions, at, arb(sample.step), 2 * RESOLVED) for sample in samples[:FIRST_LOOK]]
            if None in slopes:
                return Course(Trend.UNCLEAR)
            courses.append(slopes)
        return _course(courses)

    # The same value to more digits

    def _refined(self, outcome: Outcome, looked: _Looked, positions: Positions, at: Shifts) -> Outcome:
        """One-sided values that the chain rule on the side's own form of the program gives, as that rule gives them."""
        if outcome.exists is None or outcome.kind not in (None, "corner", "edge"):
            return outcome
        left, right = (self._by_rule(pair, positions, at) for pair in (looked.left, looked.right))
        if outcome.exists:
            for side in (left, right):
                if side is not None and _near(side, outcome.value, outcome.error):
                    return replace(outcome, value=side, error=0)
            better = self._from_nearby(positions, at) if self.precise or len(positions) < self.chain.order else None
            value, error = better or _to_zero(looked, outcome)
            if abs(value - outcome.value) > max(2 * outcome.error, abs(outcome.value) * CLOSE):
                return outcome
            return replace(outcome, value=value, error=error)
        found: dict[str, Any] = {}
        for name, side in (("left", left), ("right", right)):
            known = getattr(outcome, name)
            if side is not None and known is not None and not isinstance(known, Infinite) and _near(side, known, 0):
                found[name] = _mpf(side)
        return replace(outcome, **found)

    def _from_nearby(self, positions: Positions, at: Shifts) -> tuple[Any, Any] | None:
        """The limit of the derivative by rule at points nearby, extrapolated to the point, and its error.

        Where a function is continuous and its derivative has a limit, that is its derivative (the mean value theorem).
        The quotients' own limit is not good enough for the quotients of the next order.
        """
        scale = self.scale(positions[-1], at)
        ends = []
        for sign in (-1, 1):
            steps, values = [], []
            for step in range(NEVILLE):
                mantissa = arb(sign * MANTISSAS[0][step]) * arb(2) ** -(EXPONENTS[step] + MANTISSA_BITS)
                value = self._rule_near(positions, at, scale * mantissa, EXPONENTS[NEVILLE - 1])
                if value is None:
                    return None
                steps.append(_mpf(scale * mantissa))
                values.append(value)
            with _wide():
                ends.append(extrapolated(steps, values))
        with _wide():
            (left, left_error), (right, right_error) = ends
            return (left + right) / 2, max(left_error, right_error, abs(left - right))

    def _rule_near(self, positions: Positions, at: Shifts, move: Any, wanted: int) -> Any:
        """The derivative by rule at a point nearby, to so many bits; None where there is none."""
        bits = 2 * wanted
        while bits <= MAX_BITS:
            with precision(bits):
                moved = tuple(s + move if p == positions[-1] else s for p, s in enumerate(at))
                form, values, (certain, unknown) = self.local(positions, moved, abs(move) * arb(2) ** -NEARBY)
                value = values[form.chain.partials[key(positions)]]
                if value is None or self.moves(form, certain, positions):
                    return None
                if is_ball(value) and not unknown and (
                    value.is_exact() or value.rad() < arb(2) ** -wanted * (1 + abs(value))
                ):  # fmt: skip
                    return _mpf(value)
            bits *= 2
        return None

    def from_both_sides(self, positions: Positions) -> tuple[tuple[Any, Chain], tuple[Any, Chain]] | None:
        """By the chain rule on the form that the program has on the left and on the right: the derivative, and the form."""
        found = []
        for sign in (-1, 1):
            move = sign * self.scale(positions[-1], self.nowhere) * arb(2) ** -EXPONENTS[FIRST_LOOK - 1]
            value = self._on_form(positions, self.nowhere, move)
            if value is None:
                return None
            found.append(value)
        return found[0], found[1]

    def _by_rule(self, pair: tuple[list[Sample], list[Sample]], positions: Positions, at: Shifts) -> Any:
        """The derivative at the point by the chain rule, of the form that the program has on one side of it."""
        if not pair[0] or pair[0][-1].value is None:
            return None
        found = self._on_form(positions, at, arb(pair[0][min(len(pair[0]), FIRST_LOOK) - 1].step))
        return None if found is None else found[0]

    def _on_form(self, positions: Positions, at: Shifts, move: Any) -> tuple[Any, Chain] | None:
        """The derivative at a point by the form that the program has where the last target is moved on."""
        with precision(self._bits(FIRST_LOOK - 1, positions)):
            moved = tuple(s + move if p == positions[-1] else s for p, s in enumerate(at))
            form, values, (certain, unknown) = self.local(positions, moved, abs(move) * arb(2) ** -NEARBY)
            if certain or unknown:
                return None
            held = {
                place: values[place]
                for place, op in enumerate(form.chain.tape.ops[: form.chain.length])
                if op.row is not None and op.row.name == "detach"
            }
            here = form.evaluator.run(self.inputs(), None, self._moved(form, at), held)
            value = here[form.chain.partials[key(positions)]]
            return (value, form.chain) if is_ball(value) and is_smooth(form, len(positions), here) else None


class _BothKinds(Side):
    """A side with steps of both kinds: its limits are those that both agree on."""

    pair: tuple[list[Sample], list[Sample]]

    @classmethod
    def of(cls, pair: tuple[list[Sample], list[Sample]]) -> _BothKinds:
        samples = [sample for two in zip(*pair) for sample in two]
        made = cls([s.step for s in samples], [s.value for s in samples], [s.error for s in samples])
        object.__setattr__(made, "pair", pair)
        return made

    def slopes(self, center: Any) -> Course:
        """Where the difference quotients go."""
        return _course([[gap / s.step for gap, s in zip(_gaps(one, center), one)] for one in self.pair])

    def gap(self, center: Any) -> Course:
        """Where the distance to the value at the point goes."""
        return _course([_gaps(one, center) for one in self.pair])

    def but_the_last(self) -> Side:
        """This side without its smallest steps: what the others tend to, where those gave the limit."""
        return _BothKinds.of((self.pair[0][:-1], self.pair[1][:-1]))


def _gaps(samples: list[Sample], center: Any) -> list[Any]:
    with _wide():
        gaps = [sample.value - center for sample in samples]
        return [gap if abs(gap) > sample.error else gap * 0 for gap, sample in zip(gaps, samples)]


def _course(kinds: list[list[Any]]) -> Course:
    with _wide():
        first, second = (course(values) for values in kinds)
        return joined(first, second, [value for two in zip(*kinds) for value in two])


def _to_zero(looked: _Looked, outcome: Outcome) -> tuple[Any, Any]:
    """The limit of the quotients at step 0 by extrapolation, where that settles better than the last of them."""
    with _wide():
        best = outcome.value, outcome.error
        ends = []
        for pair in (looked.left, looked.right):
            gaps = _gaps(pair[0], looked.center)
            ends.append(extrapolated([s.step for s in pair[0]], [g / s.step for g, s in zip(gaps, pair[0])]))
        (left, left_error), (right, right_error) = ends
        error = max(left_error, right_error, abs(left - right))
        if error < best[1] and outcome.value:
            return (left + right) / 2, error
        return best


def _is_resolved(gap: Any, distance: Any, exponent: int, is_gap: bool) -> bool:
    """Whether a difference is known to enough bits, or so small that the quotient goes to 0 as far as it is known."""
    if gap.is_exact() or gap.rel_accuracy_bits() >= RESOLVED:
        return True
    return is_gap and bool(gap.abs_upper() < distance * arb(2) ** -(exponent // 2 + RESOLVED))


def _near(side: Any, value: Any, error: Any) -> bool:
    with _wide():
        known = _mpf(value) if is_ball(value) else value
        by_rule = _mpf(side)
        return bool(abs(by_rule - known) <= max(2 * error, abs(known) * CLOSE))


_M = mpmath.MPContext()


def _mpf(ball: Any) -> Any:
    """The midpoint of a ball, exactly."""
    return _M.make_mpf(ball.mid()._mpf_) if is_ball(ball) else ball


def _wide() -> Any:
    """mpmath with as many bits as the samples have."""
    return _M.workprec(MAX_BITS)


def _exponent(ball: Any) -> int:
    _, _, exponent, bits = ball.mid()._mpf_
    return int(exponent + bits)
