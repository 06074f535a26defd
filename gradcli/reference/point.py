"""The reference at one point: the value of a program and every partial, enclosed, or why that cannot be.

Where the program is smooth the chain rule is done in balls, with as many bits as the wanted digits take, and
difference quotients of the function have to bear it out. Where an operation sits on a kink, a jump, a pole or an
edge, each partial that it touches is judged from its two sides (`nonsmooth`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from gradcli.backends.arb.context import precision
from gradcli.backends.arb.evaluate import UNKNOWN, Enclosed, is_ball, proof_of
from gradcli.backends.arb.flint import arb
from gradcli.backends.arb.guards import may_be_zero
from gradcli.reference.classify import Outcome
from gradcli.reference.local import Neighborhoods
from gradcli.reference.nonsmooth import Sides
from gradcli.reference.quotients import confirmed
from gradcli.reference.texts import BITS_PER_DIGIT, has_digits, side, text
from gradcli.reference.weights import Weights
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.tape.chain import Chain
from gradcli.tape.dependence import reaches
from gradcli.tape.findings import TIME_UP, Finding, Findings, Positions
from gradcli.tape.tape import Primitive

START_BITS = 192
MAX_BITS = 1 << 14  # of the chain rule: what cancels by more than 4,900 digits stays undecided
MAX_WORK = 40_000_000  # bits times operations of one evaluation
DOUBLE = 53  # bits of a double's significand

UNCONFIRMED = Finding(None, note="its difference quotients do not bear out the chain rule")


class Reference:
    """Judges the partials of a program at a point.

    `true` is the program with its exact derivatives, `taken` with the ones that autograd's conventions give. Unless it
    `weighs`, what the rounding of the typed numbers does to smooth derivatives is not said. `like` are the forms of the
    same program around another point.
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
        weighs: bool = True,
        like: Neighborhoods | None = None,
    ) -> None:
        self.true = true
        self.taken = taken
        self.point = {name: value for name, value in point.items() if name in true.tape.inputs}
        self.digits = digits
        self.deadline = deadline
        self.from_sides = from_sides
        self.weighs = weighs
        self.special: list[Positions] = []  # partials that have to be judged from their sides
        self.findings = Findings()
        self.wanted = [positions for positions in true.partials if len(positions) == true.order]
        self.sides = Sides(true, self.point, deadline, like=like)
        self.guarded = self.sides.forms.guarded(true.order)
        self.weights = Weights(self.sides, arb(2) ** -unit, self.guarded)

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
        values, bits = self._values()
        taken = self._convention(values, bits)
        self.findings.value = text(values[self.true.output], self.digits)
        if self.findings.value is not None and self.weighs:
            self.findings.value_rounding = self.weights.of_value(values)
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
            closed = self.weights.closed(outcome, positions, taken[positions], self.digits)
            found = closed or self._by_sides(outcome, taken[positions])
            if found.kind == "outside the domain" and self.weights.has_value_nearby():
                found = replace(found, kind="edge", note="the point is outside by no more than its rounding")
            self.findings.partials[positions] = found

    # The chain rule

    def _values(self) -> tuple[list[Enclosed], int]:
        """All values, with enough bits that the value and the wanted partials have their digits."""
        outputs = [self.true.output, *(self.true.partials[positions] for positions in self.wanted)]
        return self._resolved(
            lambda: self.sides.everything(self.sides.nowhere), outputs, lambda values: not self._is_close(values)
        )

    def _is_close(self, values: Sequence[Enclosed]) -> bool:
        """Whether a guard is not told from 0."""
        return any(
            may_be_zero(guard) and (guard is UNKNOWN or not guard.is_zero())
            for index in self.guarded
            for guard in self.sides.forms.whole.guards(index, values)
        )

    def _smooth(self, values: Sequence[Enclosed], bits: int) -> set[Positions] | None:
        """The partials that no operation on a nonsmooth point touches; None where the value does not exist."""
        if not is_ball(values[self.true.output]):
            return None
        with precision(bits):
            nonsmooth = [
                one.value for one in self.true.tape.derived if one.result in self.sides.stopped_at(self.sides.nowhere)
            ]
            whole = self.sides.forms.whole
            nonsmooth += [index for index in self.guarded if any(map(may_be_zero, whole.guards(index, values)))]
        if not nonsmooth:
            return set(self.wanted)
        behind = reaches(self.true.tape, nonsmooth)
        off = {position for position, target in enumerate(self.true.targets) if behind[target]}
        return {positions for positions in self.wanted if not off & set(positions)}

    def _locally(self, positions: Positions, bits: int) -> Any:
        """A partial by the chain rule on the program as it is around the point: a ball.

        None where it has to be judged from its sides; a finding where it stays undecided.
        """
        while True:
            with precision(bits):
                radius = self.sides.radius(self.sides.scale(positions[-1], self.sides.nowhere))
                form, values, (certain, unknown) = self.sides.local(positions, self.sides.nowhere, radius)
                value = values[form.chain.partials[positions]]
                if values[form.chain.output] is None:
                    return None
                if self.sides.is_special(form, certain, positions, self.sides.nowhere):
                    return None
                if not self.sides.moves(form, unknown, positions) and value is not UNKNOWN:
                    if value is None:
                        return None
                    if has_digits(value, self.digits) or 2 * bits > MAX_BITS:
                        return value
                elif 2 * bits > MAX_BITS or 2 * bits * len(values) > MAX_WORK:
                    reason = self.sides.why(form, unknown) if unknown else "a value on the way is not resolved"
                    return Finding(None, note=reason)
            bits *= 2

    def _convention(self, values: list[Enclosed], bits: int) -> dict[Positions, str | None]:
        """The chain rule with autograd's conventions, by partial: the exact one's values, where both chains are one."""
        if not self.wanted:
            return {}
        if self.taken is not self.true or self.true.tape.derived:
            sides = self.sides if self.taken is self.true else Sides(self.taken, self.point, self.deadline)
            outputs = [self.taken.partials[positions] for positions in self.wanted]
            values, bits = self._resolved(lambda: sides.forms.whole.run(sides.inputs()), outputs)
        with precision(bits):
            return {positions: text(values[self.taken.partials[positions]], self.digits) for positions in self.wanted}

    def _resolved(
        self,
        run: Callable[[], list[Enclosed]],
        outputs: Sequence[int],
        is_enough: Callable[[list[Enclosed]], bool] = lambda values: True,
    ) -> tuple[list[Enclosed], int]:
        """All values, with enough bits that these outputs have their digits."""
        bits = max(START_BITS, int((self.digits + 10) * BITS_PER_DIGIT))
        while True:
            with precision(bits):
                values = run()
                if all(has_digits(values[index], self.digits) for index in outputs) and is_enough(values):
                    return values, bits
            if 2 * bits > MAX_BITS or 2 * bits * len(values) > MAX_WORK:
                return values, bits
            bits *= 2

    # Findings

    def _finding(self, positions: Positions, value: Any, values: Sequence[Enclosed], taken: str | None) -> Finding:
        said = text(value, self.digits)
        if said is None:
            return Finding(None, note="it cancels to all the digits that were computed")
        if not self.weighs:
            return Finding(True, said, taken, proof=self._proof)
        finding = Finding(True, said, taken, proof=self._proof, near=self.weights.near)
        return self.weights.weighed(finding, positions, value, values)

    @cached_property
    def _proof(self) -> str:
        used = reaches(self.true.tape, [self.true.output, *(self.true.partials[p] for p in self.wanted)])
        rows = {op.row for index, op in enumerate(self.true.tape.ops) if used[index] and isinstance(op, Primitive)}
        return proof_of(rows)

    def _by_sides(self, outcome: Outcome, taken: str | None) -> Finding:
        value = outcome.value
        proof = None
        if outcome.exists:
            proof = self._proof if is_ball(value) and not outcome.error else "estimated"
        return Finding(
            outcome.exists,
            side(value, self.digits) if outcome.exists else None,
            taken,
            None,
            outcome.kind,
            side(outcome.left, self.digits),
            side(outcome.right, self.digits),
            side(outcome.limit, self.digits),
            outcome.note,
            proof,
        )
