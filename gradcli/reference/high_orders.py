"""The reference for derivatives of a high order: coefficients of Taylor series in balls, times factorials.

A tape with its derivatives appended grows with every order; a series does not. Difference quotients of the function
have to bear the derivatives out, as they do those of the chain rule. Where an operation changes its formula at the
point there is no series: then the lower orders are judged from both sides, and one that does not exist has none above.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any

from gradcli.backends.arb.context import precision
from gradcli.backends.arb.evaluate import proof_of
from gradcli.backends.arb.flint import arb
from gradcli.backends.series_arithmetic import NoSeries
from gradcli.errors import LimitError, Source
from gradcli.reference.expansion import BITS, Expansion
from gradcli.reference.lines import Powers
from gradcli.reference.local import guarded
from gradcli.reference.nonsmooth import Sides
from gradcli.reference.point import MAX_BITS, UNCONFIRMED, Reference
from gradcli.reference.quotients import confirmed
from gradcli.reference.texts import text, upper
from gradcli.reference.weights import Weights
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.tape.chain import chain
from gradcli.tape.dependence import reaches
from gradcli.tape.findings import TIME_UP, Finding, Findings, Positions
from gradcli.tape.tape import Primitive, Tape

NOT_BORNE_OUT = "difference quotients were not taken: {}"


def by_order(
    tape: Tape, wrt: Sequence[str], most: int, point: Mapping[str, Fraction], digits: int, deadline: Deadline,
    unit: int, source: Source,
) -> Iterator[tuple[int, Findings]]:  # fmt: skip
    """What the reference says of the derivatives of each order from 1 up, by the chain rule and from both sides."""
    for order in range(1, most + 1):
        one = chain(tape, wrt, order, source)
        yield order, Reference(one, one, point, digits, deadline, unit).judge()


class HighOrders:
    """Judges the partials of one order of a program at a point, by series.

    `judged` says what the reference finds of the lower orders that are judged from both sides.
    """

    def __init__(
        self, tape: Tape, wrt: Sequence[str], order: int, point: Mapping[str, Fraction], digits: int,
        deadline: Deadline, unit: int, source: Source,
    ) -> None:  # fmt: skip
        self.tape, self.wrt, self.order, self.digits, self.deadline = tape, tuple(wrt), order, digits, deadline
        self.point = {name: value for name, value in point.items() if name in tape.inputs}
        self.unit, self.source = unit, source
        self.expansion = Expansion(tape, self.point, self.wrt, deadline)
        self.wanted = list(combinations_with_replacement(range(len(self.wrt)), order))
        self.findings = Findings()

    def judge(self, lower: int) -> Findings:
        """All findings; orders up to `lower` are judged from both sides where there is no series."""
        try:
            self.deadline.run(lambda: self._judge(lower))
        except OutOfTime:
            self._leave(TIME_UP)
        return self.findings

    def _leave(self, note: str) -> None:
        for positions in self.wanted:
            self.findings.partials.setdefault(positions, Finding(None, note=note))

    def _judge(self, lower: int) -> None:
        try:
            found = self.expansion.balls(self.order, self.digits, (0, self.order))
        except NoSeries as error:
            self._by_lower_orders(lower, error)
            return
        proof = self._proof
        with precision(BITS[-1]):
            values = {positions: self._times_factorials(found, positions) for positions in self.wanted}
        self.findings.partials = {
            positions: Finding(True, said, said, proof=proof)
            for positions, one in values.items()
            if (said := text(one, self.digits)) is not None
        }
        if self.expansion.has_hole:
            self.findings.partials = {
                positions: Finding(False, kind="hole", limit=one.value, proof=proof)
                for positions, one in self.findings.partials.items()
            }
            return
        self.findings.value = text(found[(0,) * len(self.wrt)], self.digits)
        self._bear_out(values)
        self._weigh()

    def _times_factorials(self, found: Mapping[Powers, Any], positions: Positions) -> Any:
        powers = tuple(positions.count(i) for i in range(len(self.wrt)))
        return found[powers] * arb(math.prod(map(math.factorial, powers)))

    @property
    def _proof(self) -> str:
        used = reaches(self.tape, [self.tape.output])
        return proof_of({op.row for op, one in zip(self.tape.ops, used) if one and isinstance(op, Primitive)})

    def _bear_out(self, values: Mapping[Positions, Any]) -> None:
        """Hold the derivatives against difference quotients of the function; and see what is near."""
        itself = chain(self.tape, self.wrt, 0, self.source)
        sides = Sides(itself, self.point, self.deadline)
        weights = Weights(sides, arb(2) ** -self.unit, guarded(itself, 1))
        known = self.findings.partials
        try:
            right = confirmed(sides, values, self.order)
        except OutOfTime:
            note = NOT_BORNE_OUT.format("the time was up")
            self.findings.partials = {positions: replace(one, note=note) for positions, one in known.items()}
            return
        self.findings.partials = {
            positions: replace(one, near=weights.near) if positions in right else UNCONFIRMED
            for positions, one in known.items()
        }
        with precision(MAX_BITS // BITS[0]):
            self.findings.value_rounding = weights.of_value(sides.program(sides.nowhere))

    def _weigh(self) -> None:
        """What the rounding of the variables' values changes: from the derivatives of the next order."""
        try:
            above = self.expansion.balls(self.order + 1, self.digits, (self.order + 1,))
        except (NoSeries, LimitError, OutOfTime):
            return
        with precision(BITS[-1]):
            for positions, one in self.findings.partials.items():
                if not one.exists:
                    continue
                terms = {
                    name: abs(self._times_factorials(above, tuple(sorted((*positions, i))))) * abs(self._size(name))
                    for i, name in enumerate(self.wrt)
                }
                named = [name for name, term in terms.items() if not term.is_zero()]
                size = upper(sum(terms.values(), arb(0)))
                self.findings.partials[positions] = replace(one, rounding=size, rounded=tuple(named))

    def _size(self, name: str) -> Any:
        value = self.point.get(name, Fraction(0))
        return arb(value.numerator) / value.denominator

    def _by_lower_orders(self, lower: int, error: NoSeries) -> None:
        """Where an operation changes its formula: without a lower derivative there is none of this order."""
        why = error.reason + (f" (in {error.operation})" if error.operation else "")
        if len(self.wrt) == 1 and not error.undecided:
            asked = self.tape, self.wrt, lower, self.point, self.digits, self.deadline, self.unit, self.source
            for order, found in by_order(*asked):
                self.findings.value = found.value
                finding = found.partials[(0,) * order]
                if finding.exists is False:
                    note = f"the derivative of order {order} does not exist here"
                    self.findings.partials = {
                        positions: Finding(False, kind=finding.kind, note=note, proof=finding.proof)
                        for positions in self.wanted
                    }
                    return
                if finding.exists is None:
                    break
        self._leave(f"there is no Taylor series here: {why}")
