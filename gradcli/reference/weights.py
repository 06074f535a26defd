"""What the rounding of the typed numbers says of a finding: zeros up to it, and breaks that it closes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from gradcli.backends.arb.context import precision
from gradcli.backends.arb.evaluate import Enclosed, is_ball
from gradcli.backends.arb.flint import arb
from gradcli.reference.classify import Outcome
from gradcli.reference.nearby import nearby
from gradcli.reference.nonsmooth import Sides
from gradcli.reference.rounding import (
    BITS,
    CLOSE_TO,
    TypedNumbers,
    apart,
    contributions,
    is_close,
    largest,
    max_of,
    named,
)  # fmt: skip
from gradcli.reference.texts import side, text, upper
from gradcli.reference.verdict import ROUNDINGS
from gradcli.tape.findings import Finding, Near, Positions


class Weights:
    """Weighs the findings of a program at a point by the rounding of what was typed."""

    def __init__(self, sides: Sides, unit: Any, guarded: Sequence[int]) -> None:
        self.sides = sides
        self.chain = sides.chain
        self.unit = unit  # the dtype's unit roundoff
        self.guarded = guarded
        self._is_close_somewhere: bool | None = None
        self._contributions: tuple[tuple[int, Positions], dict[int, Any]] | None = None

    def weighed(self, finding: Finding, positions: Positions, value: Any, values: Sequence[Enclosed]) -> Finding:
        """A finding with what the typed numbers let its value be known to, where it is small beside its terms."""
        with precision(BITS):
            size = self._contribution(values, positions)
            if not is_ball(size) or size.is_zero():
                return finding
            if finding.value == "0":
                output, target = values[self.chain.output], values[self.chain.targets[positions[-1]]]
                if is_ball(output) and is_ball(target):
                    slope = output / target if not target.contains(0) else output
                    finding = replace(finding, flat=upper(abs(slope)), size=upper(size))
            if value.abs_upper() > size.abs_upper() * self.unit * CLOSE_TO and not self._cancels(values):
                return finding
        typed = self._typed.size(positions)
        return finding if typed is None else replace(finding, rounding=upper(typed.size), rounded=typed.names)

    def _contribution(self, values: Sequence[Enclosed], positions: Positions) -> Any:
        """The sum of the absolute terms of the chain rule for a partial; of all partials of one sweep at once."""
        key = id(values), positions[:-1]
        if self._contributions is None or self._contributions[0] != key:
            self._contributions = key, contributions(self.chain, values, positions[:-1])
        return self._contributions[1][positions[-1]]

    def _cancels(self, values: Sequence[Enclosed]) -> bool:
        if self._is_close_somewhere is None:
            self._is_close_somewhere = is_close(self.chain.tape, values, self.unit)
        return self._is_close_somewhere

    def of_value(self, values: Sequence[Enclosed]) -> str | None:
        """The sum for the value, where that is small beside what it is computed from."""
        output = values[self.chain.output]
        if not is_ball(output):
            return None
        with precision(BITS):
            if output.abs_upper() > largest(values[: self.chain.length]) * self.unit * CLOSE_TO:
                return None
        typed = self._typed.size(())
        return None if typed is None else upper(typed.size)

    @cached_property
    def _typed(self) -> TypedNumbers:
        return TypedNumbers(self.chain, self.sides.point, self.unit, self.sides.deadline)

    @cached_property
    def near(self) -> tuple[Near, ...]:
        """The nonsmooth points within the rounding of the point."""
        guarded = [index for index in self.guarded if index < self.chain.length]
        if not guarded:
            return ()
        with precision(BITS):
            whole, inputs = self.sides.forms.whole, self.sides.inputs()
            here = whole.run(inputs, self.chain.length)
            return tuple(dict.fromkeys(nearby(self.chain, whole, inputs, self.unit, guarded, here)))

    def has_value_nearby(self) -> bool:
        """Whether the program, which has no value here, has one where all numbers are moved by their rounding."""
        with precision(BITS):
            whole, inputs = self.sides.forms.whole, self.sides.inputs()
            here, *moved = (
                is_ball(
                    whole.run({n: v * (1 + sign * self.unit) for n, v in inputs.items()}, self.chain.length)[
                        self.chain.output
                    ]
                )
                for sign in (0, -1, 1)
            )
            return not here and any(moved)  # a `diff(...)` without a value here has one for the plain evaluation

    def closed(self, outcome: Outcome, positions: Positions, taken: str | None, digits: int) -> Finding | None:
        """The finding at a jump or a corner that a change of the typed numbers within their rounding closes."""
        if outcome.kind not in ("jump", "corner") or (outcome.kind == "jump" and outcome.gap is None):
            return None  # of a hole, there is no value to close
        if outcome.kind == "corner" and not outcome.is_finite:
            return None
        found = self.sides.from_both_sides(positions)
        if found is None:
            return None
        (left, left_form), (right, right_form) = found
        given, deadline = self.sides.point, self.sides.deadline
        typed = [TypedNumbers(form, given, self.unit, deadline) for form in (left_form, right_form)]
        below = [one.size(positions[:-1]) for one in typed]
        here = [one.size(positions) for one in typed]
        if None in below or None in here:
            return None
        with precision(BITS):
            reach = ROUNDINGS * self.unit
            jump, step = apart(*below), apart(*here)  # type: ignore[arg-type]
            note = None
            if outcome.kind == "jump":
                if abs(arb(outcome.gap)) > reach * jump.size:
                    return None
                note = f"a jump of {upper(arb(outcome.gap))} here is the rounding of {named([jump])}"
            else:
                left, right = arb(outcome.left), arb(outcome.right)
            if abs(left - right) > reach * step.size:
                if outcome.kind == "corner":
                    return None
                ends = side(left, digits), side(right, digits)
                return Finding(False, None, taken, None, "corner", *ends, None, note, "estimated")
            note = note or f"a corner here, of {upper(left - right)}, is the rounding of {named([step])}"
            value = next((one for one in (left, right) if text(one, digits) == taken), left)
            largest_one = max_of(one.size for one in here if one)
            return Finding(
                True, text(value, digits), taken, note=note, proof="estimated", rounding=upper(largest_one),
                rounded=tuple(name for one in here if one for name in one.names),
            )  # fmt: skip
