"""The reference at one point: the value of a program and every partial, enclosed, or why that cannot be.

Where the program is smooth the chain rule is done in balls, with as many bits as the wanted digits take, and
difference quotients of the function have to bear it out. Where an operation sits on a kink, a jump, a pole or an
edge, each partial that it touches is judged from its two sides (`nonsmooth`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import mpmath
from flint import arb

from gradcli.backends.arb.context import precision
from gradcli.backends.arb.evaluate import UNKNOWN, Enclosed, guards, is_ball, is_enclosed
from gradcli.clock import Deadline, OutOfTime
from gradcli.engines.chain import Chain
from gradcli.engines.findings import TIME_UP, Finding, Findings, Positions
from gradcli.engines.tape import depends, reaches
from gradcli.reference.classify import Infinite, Outcome
from gradcli.reference.nonsmooth import AROUND, EXPONENTS, Sides, Undecidable
from gradcli.reference.quotients import confirmed

START_BITS = 192
MAX_BITS = 1 << 14  # of the chain rule: what cancels by more than 4,900 digits stays undecided
MAX_WORK = 40_000_000  # bits times operations of one evaluation
BITS_PER_DIGIT = 3.33
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
        from_sides: bool = True,
    ) -> None:
        self.true = true
        self.taken = taken
        self.point = {name: value for name, value in point.items() if name in true.tape.inputs}
        self.digits = digits
        self.deadline = deadline
        self.from_sides = from_sides
        self.special: list[Positions] = []  # partials that have to be judged from their sides
        self.findings = Findings()
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
        self.findings.value = self._text(values[self.true.output], bits)
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
            found = self._finding(value, taken[positions]) if positions in borne_out else UNCONFIRMED
            self.findings.partials[positions] = found
        if not self.from_sides:
            return
        for positions in self.special:
            outcome = self.sides.judge(positions)
            self.findings.partials[positions] = self._by_sides(outcome, taken[positions])

    # The chain rule

    def _values(self) -> tuple[list[Enclosed], int]:
        """All values, with enough bits that the value and the wanted partials have their digits."""
        bits = max(START_BITS, int((self.digits + 10) * BITS_PER_DIGIT))
        outputs = [self.true.output, *(self.true.partials[positions] for positions in self.wanted)]
        while True:
            with precision(bits):
                values = self.sides.forms.whole.run(self.sides.inputs())
                if all(self._has_digits(values[index]) for index in outputs) and not self._is_close(values):
                    return values, bits
            if 2 * bits > MAX_BITS or 2 * bits * len(values) > MAX_WORK:
                return values, bits
            bits *= 2

    def _has_digits(self, value: Enclosed) -> bool:
        """Whether a value has the wanted digits, or surely none."""
        if value is UNKNOWN:
            return False
        if not is_ball(value) or value.is_exact():
            return True
        return bool(value.rel_accuracy_bits() >= (self.digits + 2) * BITS_PER_DIGIT)

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

    @property
    def _guarded(self) -> list[int]:
        if not hasattr(self, "_kept_guarded"):
            used = reaches(self.true.tape, [self.true.output])
            moving = depends(self.true.tape, self.true.targets, self.true.length)
            self._kept_guarded = [
                index
                for index, op in enumerate(self.true.tape.ops[: self.true.length])
                if used[index] and moving[index] and op.row is not None and op.row.breaks is not None
            ]
        return self._kept_guarded

    def _smooth(self, values: Sequence[Enclosed], bits: int) -> set[Positions] | None:
        """The partials that no operation on a nonsmooth point touches; None where the value does not exist."""
        if not is_ball(values[self.true.output]):
            return None
        with precision(bits):
            touching = [
                index
                for index in self._guarded
                if any(guard is UNKNOWN or (is_ball(guard) and guard.contains(0)) for guard in self._guards(index, values))
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
                if self.sides.moves(form, certain, positions):
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
                        found[positions] = self._text(part, bits)
                    return found
            bits *= 2

    # Findings

    def _finding(self, value: Any, taken: str | None) -> Finding:
        text = self._text(value, 0)
        if text is None:
            return Finding(None, note="it cancels to all the digits that were computed")
        return Finding(True, text, taken, proof=self._proof)

    @property
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

    def _side(self, value: Any) -> str | None:
        if isinstance(value, Infinite):
            return "inf" if value.sign > 0 else "-inf"
        return self._text(value, 0) if is_ball(value) or value is None else decimals(value, self.digits)

    def _text(self, value: Enclosed, bits: int) -> str | None:
        """A ball in decimals, with the digits that are wanted; None where it has no digits at all."""
        if not is_ball(value):
            return None
        if value.is_zero() or _is_nothing(value):
            return "0"
        if value.contains(0):
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
