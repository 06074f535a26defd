"""The third witness: the derivative's true value, to as many digits as are asked for.

Where the function is smooth, the chain rule is done at high precision and confirmed by difference quotients
of the function along one direction through all variables at once. Where an operation sits on a kink, a
jump, a pole or an edge, each partial that it touches is judged from its two sides (`sides`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from gradcli.clock import Deadline, OutOfTime
from gradcli.engines.along import terms_along
from gradcli.engines.arithmetic import NOISE_DIGITS, Arithmetic, GivenUp, Value
from gradcli.engines.chain import Chain
from gradcli.engines.depth import deep_enough
from gradcli.engines.findings import TIME_UP, Finding, Findings, Positions
from gradcli.reference.classify import Infinite, Outcome
from gradcli.engines.sides import BITS_PER_DIGIT, Sides

STEP = 40  # the quotient's step is 10**-STEP, relative to the point
STEPS = (STEP, 2 * STEP, 4 * STEP, 8 * STEP, 16 * STEP)  # smaller ones for what varies faster than that
GUARD = 2  # working digits beyond the ones that the quotient loses, in steps: rounding shrinks with the step, too
ROUNDS = 5  # evaluations with twice the digits of the one before, until the wanted ones stand
CONFIRMED = 1e-15  # how close a quotient has to come to the chain rule, by the sum of the contributions
CONVERGING = 1e-10  # else, how much closer with a step that is smaller by 10**-STEP
MAX_SPREAD = 1e40  # between the largest and the smallest contribution of one direction
SPREAD_BITS = 32  # of the weights that make the direction a generic one

UNCONFIRMED = Finding(None, note="its difference quotients do not bear out the chain rule")


class Referee:
    """Judges the partials of a program at a point."""

    def __init__(
        self,
        true: Chain,
        taken: Chain,
        point: Mapping[str, Fraction],
        digits: int,
        deadline: Deadline,
        from_sides: bool = True,
    ) -> None:
        self.true = true
        self.taken = taken
        self.point = {name: value for name, value in point.items() if name in true.tape.inputs}
        self.digits = digits
        self.deadline = deadline
        self.from_sides = from_sides
        self.special: list[Positions] = []  # partials that have to be judged from their sides
        self.arithmetic = Arithmetic(deadline)
        self.findings = Findings()
        self._is_certain = False
        self._unsettled: set[Positions] = set()
        self._sizes: dict[tuple[int, Positions], dict[int, Any]] = {}
        self.wanted = [positions for positions in true.partials if len(positions) == true.order]

    def judge(self) -> Findings:
        """All findings; what cannot be decided in time is left undecided."""
        try:
            self.deadline.run(self._judge)
        except OutOfTime:
            self._leave(TIME_UP)
        except GivenUp:
            self._leave("a value on the way is too large, or its series does not converge")
        return self.findings

    def _leave(self, note: str) -> None:
        for positions in self.wanted:
            self.findings.partials.setdefault(positions, Finding(None, note=note))

    def _judge(self) -> None:
        digits = max(2 * self.digits, STEP * (self.true.order + GUARD))
        values, digits = deep_enough(self.true, self.arithmetic, self._values, self.deadline, digits)
        touching = self.true.touching(self.arithmetic, values)
        smooth = self._smooth(values, touching) if values[self.true.output] is not None else []
        confirmed = self._confirmed(smooth, values, digits)
        if not self._is_certain:
            values, digits = self._settled(values, digits)
        taken = values
        if self.taken is not self.true:
            taken = self.taken.values(self.arithmetic, self.point)
        self.findings.value = self._text(self._value(values, digits))
        for positions in self._over(smooth):
            found = self._by_chain(positions, values, taken) if positions in confirmed else UNCONFIRMED
            self.findings.partials[positions] = found
        self.special = [positions for positions in self.wanted if positions not in self.findings.partials]
        if not self.from_sides:
            return
        sides = Sides(self.true, self.arithmetic, self.point)
        for positions in self.special:
            outcome = sides.judge(positions)
            self.findings.partials[positions] = self._by_sides(outcome, positions, values, taken)

    def _value(self, values: Sequence[Value], digits: int) -> Value:
        """The program's value; 0 where it is nothing but rounding, which more digits tell."""
        value, bits = values[self.true.output], self.arithmetic.bits
        if self.arithmetic.may_be_noise(value, values, digits):
            again = self._values(2 * digits)[self.true.output]
            self.arithmetic.bits = bits
            return value * 0 if again is not None and abs(again) <= abs(value) * CONVERGING else value
        return value

    def _values(self, digits: int) -> list[Value]:
        """All values, with so many working digits."""
        self.arithmetic.bits = int(digits * BITS_PER_DIGIT)
        return self.true.values(self.arithmetic, self.point)

    def _settled(self, values: list[Value], digits: int) -> tuple[list[Value], int]:
        """All values, with enough working digits that the wanted ones no longer change."""
        before = self._values(digits // 2)
        for _ in range(ROUNDS):
            self._unsettled = self._changed(before, values, digits)
            if not self._unsettled:
                break
            before, digits = values, 2 * digits
            values = self._values(digits)
        self.arithmetic.bits = int(digits * BITS_PER_DIGIT)
        return values, digits

    def _changed(self, before: list[Value], values: list[Value], digits: int) -> set[Positions]:
        """The derivatives that have not settled between two precisions, and are more than rounding."""
        found = set()
        for positions in self.wanted:
            first, second = (level[self.true.partials[positions]] for level in (before, values))
            if first is None or second is None:
                same = first is second
            else:
                same = abs(first - second) <= abs(second) * self.arithmetic.m.mpf(10) ** -(self.digits + 2)
            if not same and (second is None or not self._is_noise(second, positions, values, digits)):
                found.add(positions)
        return found

    def _is_noise(self, value: Any, positions: Positions, values: Sequence[Value], digits: int) -> bool:
        """Whether a derivative is 0 as far as the working precision goes."""
        size = self._size(positions, values)
        return bool(abs(value) <= size * self.arithmetic.m.mpf(10) ** (NOISE_DIGITS - digits))

    def _size(self, positions: Positions, values: Sequence[Value]) -> Any:
        """The sum of the absolute contributions to a partial; computed once for all partials of one sweep."""
        key = (id(values), positions[:-1])
        if key not in self._sizes:
            self._sizes = {key: self.true.contributions(values, positions[:-1])}
        return self._sizes[key][positions[-1]]

    # Smooth points

    def _smooth(self, values: Sequence[Value], touching: set[int]) -> list[int]:
        """The targets that no special point touches, and whose derivatives all exist by the chain rule."""
        smooth = [position for position in range(len(self.true.targets)) if position not in touching]
        bad = {positions for positions in self.wanted if values[self.true.partials[positions]] is None}
        while found := next((p for p in bad if set(p) <= set(smooth)), None):
            smooth = [position for position in smooth if position not in found]
        return smooth

    def _over(self, positions: Sequence[int]) -> list[Positions]:
        """The wanted partials by these targets alone."""
        return [wanted for wanted in self.wanted if set(wanted) <= set(positions)]

    def _confirmed(self, smooth: list[int], values: Sequence[Value], digits: int) -> set[Positions]:
        """The partials for which difference quotients of the function bear out the chain rule.

        All together along one direction, unless their sizes are too far apart for one to show beside another.
        """
        over = self._over(smooth)
        sizes = [
            abs(value) * self._scale(positions, values)
            for positions in over
            if (value := values[self.true.partials[positions]]) and not self._is_noise(value, positions, values, digits)
        ]
        together = bool(smooth) and (len(smooth) == 1 or not sizes or max(sizes) <= MAX_SPREAD * min(sizes))
        if together and self._along(smooth, values):
            return set(over)
        self._is_certain = False
        confirmed: set[Positions] = set()
        for group in sorted({tuple(sorted(set(positions))) for positions in over}):
            if not (together and len(group) == len(smooth)) and self._along(list(group), self._values(digits)):
                confirmed |= {positions for positions in over if set(positions) == set(group)}
        self._is_certain = False
        return confirmed

    def _scale(self, positions: Positions, values: Sequence[Value]) -> Any:
        """The product of the sizes of a partial's variables: what a relative step moves them by."""
        scale = self.arithmetic.m.one
        for position in positions:
            scale *= abs(values[self.true.targets[position]] or scale / scale)
        return scale

    def _along(self, smooth: list[int], values: Sequence[Value]) -> bool:
        """Compare the derivative along one direction with quotients to both sides."""
        errors: list[Any] = []
        for step in STEPS:
            if step > STEP:
                values = self._values(step * (self.true.order + GUARD))
            direction = self._direction(smooth, values)
            expected = self._expected(smooth, direction, values)
            found = [self._quotient(direction, values, sign * self.arithmetic.m.mpf(10) ** -step) for sign in (1, -1)]
            if None in found:
                continue
            error = max(abs(quotient - expected) for quotient in found)
            if errors and error <= CONVERGING * errors[-1]:
                return True
            if error <= CONFIRMED * abs(expected) or error <= CONFIRMED * self._total_size(smooth, direction, values):
                self._note_certainty(abs(sum(found) / 2 - expected), smooth, direction, values)
                return True
            errors.append(error)
        return False

    def _note_certainty(self, error: Any, smooth: list[int], direction: Sequence[Any], values: Sequence[Value]) -> None:
        """The middle of both quotients has an error of the second order: it may certify every wanted digit."""
        parts = {positions: values[self.true.partials[positions]] for positions in self.wanted}
        if len(self._over(smooth)) == len(self.wanted):
            terms = [abs(term) for term in terms_along(direction, parts)]
            bound = error * self.arithmetic.m.mpf(10) ** (self.digits + 2)
            step = self.arithmetic.m.mpf(10) ** -(STEP * self.true.order)
            self._is_certain = all(term > bound for term in [*terms, abs(values[self.true.output]) / step])

    def _direction(self, smooth: list[int], values: Sequence[Value]) -> list[Any]:
        """A generic direction: each target moves by its own size times a weight of its own."""
        m = self.arithmetic.m
        direction = [m.zero] * len(self.true.targets)
        for position in smooth:
            weight = 1 + m.mpf(((position + 1) * 2654435761) % 2**SPREAD_BITS) / 2**SPREAD_BITS
            direction[position] = weight * abs(values[self.true.targets[position]] or m.one)
        return direction

    def _expected(self, smooth: list[int], direction: Sequence[Any], values: Sequence[Value]) -> Any:
        """The derivative along the direction by the chain rule."""
        parts = {positions: values[self.true.partials[positions]] for positions in self._over(smooth)}
        return sum(terms_along(direction, parts), self.arithmetic.m.zero)

    def _total_size(self, smooth: list[int], direction: Sequence[Any], values: Sequence[Value]) -> Any:
        """The sum of the absolute contributions to the derivative along the direction."""
        parts = {positions: self._size(positions, values) for positions in self._over(smooth)}
        return sum(map(abs, terms_along(direction, parts)), self.arithmetic.m.zero)

    def _quotient(self, direction: Sequence[Any], values: Sequence[Value], step: Any) -> Any:
        """The one-sided difference quotient of the chain's order; None where the function has no value."""
        order = self.true.order
        frozen = self.true.frozen(values)
        total = self.arithmetic.m.zero
        for count in range(order + 1):
            value = values[self.true.output]
            if count:
                shifts = [count * step * part for part in direction]
                value = self.true.values(self.arithmetic, self.point, shifts, frozen, derivatives=False)[
                    self.true.output
                ]
            if value is None:
                return None
            total += (-1) ** (order - count) * math.comb(order, count) * value
        return total / step**order

    # Findings

    def _by_chain(self, positions: Positions, values: Sequence[Value], taken: Sequence[Value]) -> Finding:
        value = values[self.true.partials[positions]]
        digits = int(self.arithmetic.bits / BITS_PER_DIGIT)
        size = None
        same = self.taken is self.true
        fades = positions in self._unsettled and self.arithmetic.may_be_noise(value, values, digits)
        if not value or fades or self._is_noise(value, positions, values, digits):
            size, value = self._text(self._size(positions, values)), value * 0
        return Finding(True, self._text(value), "0" if same and fades else self._taken(positions, taken), size)

    def _by_sides(
        self, outcome: Outcome, positions: Positions, values: Sequence[Value], taken: Sequence[Value]
    ) -> Finding:
        value, size = outcome.value, None
        if outcome.exists:
            by_rule = values[self.true.partials[positions]]
            if by_rule is not None and abs(by_rule - value) <= max(outcome.error, abs(value) * CONVERGING):
                value = by_rule
            if not value:
                size = self._text(self._size(positions, values))
        return Finding(
            outcome.exists,
            self._text(value) if outcome.exists else None,
            self._taken(positions, taken),
            size,
            outcome.kind,
            self._text(outcome.left),
            self._text(outcome.right),
            self._text(outcome.limit),
            outcome.note,
        )

    def _taken(self, positions: Positions, taken: Sequence[Value]) -> str | None:
        return self._text(taken[self.taken.partials[positions]])

    def _text(self, value: Any) -> str | None:
        """A number in decimals, with the digits that are wanted."""
        if isinstance(value, Infinite):
            return "inf" if value.sign > 0 else "-inf"
        return None if value is None else self.arithmetic.decimals(value, self.digits)
