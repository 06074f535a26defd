"""Derivatives by the chain rule on the form that a program has beside a point, at the point and near it."""

from __future__ import annotations

from typing import Any

from gradcli.backends.arb.context import precision
from gradcli.backends.arb.evaluate import is_ball
from gradcli.backends.arb.flint import arb
from gradcli.reference.around import Shifts, Surroundings, key
from gradcli.reference.limits import extrapolated
from gradcli.reference.local import is_smooth
from gradcli.reference.samples import EXPONENTS, MAX_BITS, RESOLVED, move_to, mpf, narrow
from gradcli.tape.chain import Chain
from gradcli.tape.findings import Positions

FIRST_LOOK = 4  # steps of each kind; more only while they do not tell
NEARBY = 40
NEVILLE = 5  # points that an extrapolation goes through: its error is the product of their distances


class ByRule(Surroundings):
    """What the rules say of a program's derivatives beside a point."""

    def bits(self, step: int, positions: Positions) -> int:
        """Of working precision that a step's difference quotient begins with."""
        return 2 * EXPONENTS[step] + 2 * RESOLVED

    def from_nearby(self, positions: Positions, at: Shifts) -> tuple[Any, Any] | None:
        """The limit of the derivative by rule at points nearby, extrapolated to the point, and its error.

        Where a function is continuous and its derivative has a limit, that is its derivative (the mean value theorem).
        The quotients' own limit is not good enough for the quotients of the next order.
        """
        scale = self.scale(positions[-1], at)
        ends = []
        for sign in (-1, 1):
            steps, values = [], []
            for step in range(NEVILLE):
                move = move_to(scale, sign, 0, step)
                value = self.rule_near(positions, at, move, EXPONENTS[NEVILLE - 1])
                if value is None:
                    return None
                steps.append(mpf(move))
                values.append(value)
            with narrow():
                ends.append(extrapolated(steps, values))
        with narrow():
            (left, left_error), (right, right_error) = ends
            return (left + right) / 2, max(left_error, right_error, abs(left - right))

    def rule_near(self, positions: Positions, at: Shifts, move: Any, wanted: int) -> Any:
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
                    return mpf(value)
            bits *= 2
        return None

    def from_both_sides(self, positions: Positions) -> tuple[tuple[Any, Chain], tuple[Any, Chain]] | None:
        """The derivative by the form that the program has on the left, and on the right; and these forms."""
        found = []
        for sign in (-1, 1):
            move = sign * self.scale(positions[-1], self.nowhere) * arb(2) ** -EXPONENTS[FIRST_LOOK - 1]
            value = self.on_form(positions, self.nowhere, move)
            if value is None:
                return None
            found.append(value)
        return found[0], found[1]

    def on_form(self, positions: Positions, at: Shifts, move: Any) -> tuple[Any, Chain] | None:
        """The derivative at a point by the form that the program has where the last target is moved on."""
        with precision(self.bits(FIRST_LOOK - 1, positions)):
            moved = tuple(s + move if p == positions[-1] else s for p, s in enumerate(at))
            form, values, (certain, unknown) = self.local(positions, moved, abs(move) * arb(2) ** -NEARBY)
            if certain or unknown:
                return None
            stopped = {
                index: values[index]
                for index, op in enumerate(form.chain.tape.ops[: form.chain.length])
                if op.called == "detach"
            }
            here = form.evaluator.run(self.inputs(), None, self._moved(form, at), stopped)
            value = here[form.chain.partials[key(positions)]]
            return (value, form.chain) if is_ball(value) and is_smooth(form, len(positions), here) else None
