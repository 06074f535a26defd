"""The reference at one point: the value of a program and every partial, enclosed, or why that cannot be.

Where the program is smooth the chain rule is done in balls, with as many bits as the wanted digits take, and
difference quotients of the function have to bear it out. Where an operation sits on a kink, a jump, a pole or an
edge, each partial that it touches is judged from its two sides (`nonsmooth`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import mpmath
from flint import arb

from gradcli.backends.arb.context import precision
from gradcli.backends.arb.evaluate import UNKNOWN, Enclosed, guards, is_ball, is_enclosed
from gradcli.clock import Deadline, OutOfTime
from gradcli.engines.chain import Chain
from gradcli.engines.findings import TIME_UP, Finding, Findings, Near, Positions
from gradcli.engines.tape import reaches
from gradcli.reference.classify import Infinite, Outcome
from gradcli.reference.local import guarded
from gradcli.reference.nonsmooth import AROUND, EXPONENTS, Sides, Undecidable
from gradcli.reference.quotients import confirmed
from gradcli.reference.rounding import (
    BITS,
    CLOSE_TO,
    TypedNumbers,
    max_of,
    named,
    contribution,
    is_close,
    largest,
    nearby,
)

START_BITS = 192
MAX_BITS = 1 << 14  # of the chain rule: what cancels by more than 4,900 digits stays undecided
MAX_WORK = 40_000_000  # bits times operations of one evaluation
BITS_PER_DIGIT = 3.33
DOUBLE = 53  # bits of a double's significand
ROUGH = 6  # digits of a bound
LEAST = 17  # digits of a value that is told: as many as a double has
ROUNDINGS = 2  # units of rounding that the typed numbers may be off by, as in the verdict
NOTHING = -1_200  # bits: what is surely smaller than 2 to this is 0 in every dtype, the smallest double being 2**-1074

UNCONFIRMED = Finding(None, note="its difference quotients do not bear out the chain rule")


class Reference:
    """Judges the partials of a program at a point.

    `true` is the program with its exact derivatives, `taken` with the ones that autograd's conventions give.
    """

    def __init__(
        self,
        true: Chain,
        taken: Chain,
        point: Mapping[str, Fraction],
        digits: int,
        deadline: Deadline,
        unit: int = DOUBLE,
        from_sides: bool = True,
    ) -> None:
        self.true = true
        self.taken = taken
        self.point = {name: value for name, value in point.items() if name in true.tape.inputs}
        self.digits = digits
        self.deadline = deadline
        self.unit = arb(2) ** -unit
        self.from_sides = from_sides
        self.special: list[Positions] = []  # partials that have to be judged from their sides
        self.findings = Findings()
        self._is_close_somewhere: bool | None = None
        self.wanted = [positions for positions in true.partials if len(positions) == true.order]
        self.sides = Sides(true, self.point, deadline)

    def judge(self) -> Findings:
        """All findings; what cannot be decided in time, or within the bounds, is left undecided."""
        try:
            self.deadline.run(self._judge)
        except OutOfTime:
            self._leave(TIME_UP)
        return self.findings

    def _leave(self, note: str) -> None:
        for positions in self.wanted:
            self.findings.partials.setdefault(positions, Finding(None, note=note))

    def _judge(self) -> None:
        taken = self._convention()
        values, bits = self._values()
        self.findings.value = self._text(values[self.true.output])
        self._weigh_value(values)
        smooth: dict[Positions, Any] = {}
        kept = self._smooth(values, bits)
        for positions in self.wanted:
            value = values[self.true.partials[positions]]
            if kept is not None and positions in kept and is_ball(value):
                smooth[positions] = value
                continue
            found = self._locally(positions, bits)
            if found is None:
                self.special.append(positions)
            elif isinstance(found, Finding):
                self.findings.partials[positions] = found
            else:
                smooth[positions] = found
        borne_out = confirmed(self.sides, smooth, self.true.order) if smooth else set()
        for positions, value in smooth.items():
            found = self._finding(positions, value, values, taken[positions])
            self.findings.partials[positions] = found if positions in borne_out else UNCONFIRMED
        if not self.from_sides:
            return
        for positions in self.special:
            outcome = self.sides.judge(positions)
            closed = self._closed(outcome, positions, taken[positions])
            self.findings.partials[positions] = closed or self._by_sides(outcome, taken[positions])

    # The chain rule

    def _values(self) -> tuple[list[Enclosed], int]:
        """All values, with enough bits that the value and the wanted partials have their digits."""
        bits = max(START_BITS, int((self.digits + 10) * BITS_PER_DIGIT))
        outputs = [self.true.output, *(self.true.partials[positions] for positions in self.wanted)]
        while True:
            with precision(bits):
                values = self.sides.everything(self.sides.nowhere)
                if all(self._has_digits(values[index]) for index in outputs) and not self._is_close(values):
                    return values, bits
            if 2 * bits > MAX_BITS or 2 * bits * len(values) > MAX_WORK:
                return values, bits
            bits *= 2

    def _has_digits(self, value: Enclosed, digits: int | None = None) -> bool:
        """Whether a value has the wanted digits, or surely none."""
        if value is UNKNOWN:
            return False
        if not is_ball(value) or value.is_exact():
            return True
        return bool(value.rel_accuracy_bits() >= ((digits or self.digits) + 2) * BITS_PER_DIGIT)

    def _is_close(self, values: Sequence[Enclosed]) -> bool:
        """Whether a guard is not told from 0."""
        return any(
            guard is UNKNOWN or (is_ball(guard) and guard.contains(0) and not guard.is_zero())
            for index in self._guarded
            for guard in self._guards(index, values)
        )

    def _guards(self, index: int, values: Sequence[Enclosed]) -> tuple[Enclosed, ...]:
        op = self.true.tape.ops[index]
        assert op.row is not None
        same = self.sides.forms.whole.same
        return guards(op.row, [values[arg] for arg in op.args], [same[arg] for arg in op.args])

    @cached_property
    def _guarded(self) -> list[int]:
        """The operations that change their formula somewhere, that are used, and that move."""
        return guarded(self.true, self.true.order)

    def _smooth(self, values: Sequence[Enclosed], bits: int) -> set[Positions] | None:
        """The partials that no operation on a nonsmooth point touches; None where the value does not exist."""
        if not is_ball(values[self.true.output]):
            return None
        with precision(bits):
            touching = [one.value for one in self.true.tape.derived if one.place in self.sides.held(self.sides.nowhere)]
            touching += [
                index
                for index in self._guarded
                if any(
                    guard is UNKNOWN or (is_ball(guard) and guard.contains(0)) for guard in self._guards(index, values)
                )
            ]
        if not touching:
            return set(self.wanted)
        behind = reaches(self.true.tape, touching)
        off = {position for position, target in enumerate(self.true.targets) if behind[target]}
        return {positions for positions in self.wanted if not off & set(positions)}

    def _locally(self, positions: Positions, bits: int) -> Any:
        """A partial by the chain rule on the program as it is around the point: a ball.

        None where it has to be judged from its sides; a finding where it stays undecided.
        """
        size = 2 * AROUND + EXPONENTS[-1]
        while True:
            with precision(bits):
                radius = self.sides.scale(positions[-1], self.sides.nowhere) * arb(2) ** -size
                form, values, (certain, unknown) = self.sides.local(positions, self.sides.nowhere, radius)
                value = values[form.chain.partials[positions]]
                if values[form.chain.output] is None:
                    return None
                if self.sides.is_special(form, certain, positions, self.sides.nowhere):
                    return None
                if not self.sides.moves(form, unknown, positions) and value is not UNKNOWN:
                    if value is None:
                        return None
                    if self._has_digits(value) or 2 * bits > MAX_BITS:
                        return value
                elif 2 * bits > MAX_BITS or 2 * bits * len(values) > MAX_WORK:
                    reason = self.sides.why(form, unknown) if unknown else "a value on the way is not resolved"
                    return Finding(None, note=reason)
            bits *= 2

    def _convention(self) -> dict[Positions, str | None]:
        """The chain rule with autograd's conventions, by partial."""
        if not self.wanted:
            return {}
        bits = max(START_BITS, int((self.digits + 10) * BITS_PER_DIGIT))
        sides = self.sides if self.taken is self.true else Sides(self.taken, self.point, self.deadline)
        found: dict[Positions, str | None] = {}
        while True:
            with precision(bits):
                values = sides.forms.whole.run(sides.inputs())
                parts = {positions: values[self.taken.partials[positions]] for positions in self.wanted}
                if all(self._has_digits(part) for part in parts.values()) or 2 * bits > MAX_BITS or (
                    2 * bits * len(values) > MAX_WORK
                ):  # fmt: skip
                    for positions, part in parts.items():
                        found[positions] = self._text(part)
                    return found
            bits *= 2

    # Findings

    def _finding(self, positions: Positions, value: Any, values: Sequence[Enclosed], taken: str | None) -> Finding:
        text = self._text(value)
        if text is None:
            return Finding(None, note="it cancels to all the digits that were computed")
        finding = Finding(True, text, taken, proof=self._proof, near=self._near)
        return self._weighed(finding, positions, value, values)

    # What the rounding of the typed numbers moves

    def _weighed(self, finding: Finding, positions: Positions, value: Any, values: Sequence[Enclosed]) -> Finding:
        """A finding with what its value is known to by the typed numbers, where that value is small beside its terms."""
        with precision(BITS):
            size = contribution(self.true, values, positions)
            if not is_ball(size) or size.is_zero():
                return finding
            if finding.value == "0":
                output, target = values[self.true.output], values[self.true.targets[positions[-1]]]
                if is_ball(output) and is_ball(target):
                    slope = output / target if not target.contains(0) else output
                    finding = replace(finding, flat=self._upper(abs(slope)), size=self._upper(size))
            if value.abs_upper() > size.abs_upper() * self.unit * CLOSE_TO and not self._cancels(values):
                return finding
        typed = self._typed.size(positions)
        return finding if typed is None else replace(finding, rounding=self._upper(typed.size), rounded=typed.names)

    def _cancels(self, values: Sequence[Enclosed]) -> bool:
        if self._is_close_somewhere is None:
            self._is_close_somewhere = is_close(self.true.tape, values, self.unit)
        return self._is_close_somewhere

    def _weigh_value(self, values: Sequence[Enclosed]) -> None:
        output = values[self.true.output]
        if not is_ball(output) or self.findings.value is None:
            return
        with precision(BITS):
            if output.abs_upper() > largest(values[: self.true.length]) * self.unit * CLOSE_TO:
                return
        typed = self._typed.size(())
        self.findings.value_rounding = None if typed is None else self._upper(typed.size)

    def _upper(self, size: Any) -> str:
        return decimals(_M.make_mpf(size.abs_upper()._mpf_), ROUGH) or "inf"

    @cached_property
    def _typed(self) -> TypedNumbers:
        return TypedNumbers(self.true, self.point, self.unit, self.deadline)

    @cached_property
    def _near(self) -> tuple[Near, ...]:
        guarded = self._guarded
        if not guarded:
            return ()
        with precision(BITS):
            whole, inputs = self.sides.forms.whole, self.sides.inputs()
            here = whole.run(inputs, self.true.length)
            guarded = [index for index in guarded if index < self.true.length]
            return tuple(dict.fromkeys(nearby(self.true, whole, inputs, self.unit, guarded, here)))

    @cached_property
    def _proof(self) -> str:
        used = reaches(self.true.tape, [self.true.output, *(self.true.partials[p] for p in self.wanted)])
        rows = {op.row for index, op in enumerate(self.true.tape.ops) if used[index] and op.row is not None}
        return "enclosed" if all(is_enclosed(row) for row in rows) else "estimated"

    def _by_sides(self, outcome: Outcome, taken: str | None) -> Finding:
        value = outcome.value
        proof = None
        if outcome.exists:
            proof = self._proof if is_ball(value) and not outcome.error else "estimated"
        return Finding(
            outcome.exists,
            self._side(value) if outcome.exists else None,
            taken,
            None,
            outcome.kind,
            self._side(outcome.left),
            self._side(outcome.right),
            self._side(outcome.limit),
            outcome.note,
            proof,
        )

    def _closed(self, outcome: Outcome, positions: Positions, taken: str | None) -> Finding | None:
        """The finding at a jump or a corner that a change of the typed numbers within their rounding closes."""
        if outcome.kind not in ("jump", "corner"):
            return None
        if outcome.kind == "corner" and not outcome.is_finite:
            return None
        found = self.sides.from_both_sides(positions)
        if found is None:
            return None
        (left, left_form), (right, right_form) = found
        typed = [TypedNumbers(form, self.point, self.unit, self.deadline) for form in (left_form, right_form)]
        below = [one.size(positions[:-1]) for one in typed]
        here = [one.size(positions) for one in typed]
        if None in below or None in here:
            return None
        with precision(BITS):
            reach = ROUNDINGS * self.unit
            note = None
            if outcome.kind == "jump":
                jump = arb(outcome.gap)
                if abs(jump) > reach * max_of(one.size for one in below if one):
                    return None
                note = f"a jump of {self._upper(abs(jump))} here is the rounding of {named(below)}"
            if outcome.kind == "corner":
                left, right = arb(outcome.left), arb(outcome.right)
            apart = abs(left - right)
            if apart > reach * max_of(one.size for one in here if one):
                if outcome.kind == "corner":
                    return None
                sides = {"left": self._side(left), "right": self._side(right)}
                return Finding(False, None, taken, kind="corner", note=note, proof="estimated", **sides)
            note = note or f"a corner here, of {self._upper(apart)}, is the rounding of {named(here)}"
            value = next((one for one in (left, right) if self._text(one) == taken), left)
            size = self._upper(max_of(one.size for one in here if one))
            return Finding(
                True, self._text(value), taken, note=note, proof="estimated", rounding=size,
                rounded=tuple(name for one in here if one for name in one.names),
            )  # fmt: skip

    def _side(self, value: Any) -> str | None:
        if isinstance(value, Infinite):
            return "inf" if value.sign > 0 else "-inf"
        return self._text(value) if is_ball(value) or value is None else decimals(value, self.digits)

    def _text(self, value: Enclosed) -> str | None:
        """A ball in decimals, with the digits that are wanted; None where it has no digits at all."""
        if not is_ball(value):
            return None
        if value.is_zero() or _is_nothing(value):
            return "0"
        if value.contains(0) or not self._has_digits(value, LEAST):
            return None
        return decimals(_M.make_mpf(value.mid()._mpf_), self.digits)


def _is_nothing(value: Any) -> bool:
    """Whether a ball around 0 is so narrow that no dtype has a number in it but 0."""
    return bool(value.contains(0)) and bool(value.abs_upper() < arb(2) ** NOTHING)


LARGEST_EXPONENT = 10**17  # bits: beyond, the exponent of a number alone would be a long number

_M = mpmath.MPContext()


def decimals(value: Any, digits: int) -> str | None:
    """An mpf in decimals, with so many digits; None where its exponent alone has too many."""
    if not value:
        return "0"
    _, _, exponent, bits = value._mpf_
    if abs(exponent + bits) > LARGEST_EXPONENT:
        return None
    with _M.workprec(int(digits * BITS_PER_DIGIT) + 40):
        return str(_M.nstr(value, digits, strip_zeros=False))


__all__ = ["Reference", "Undecidable", "decimals"]
