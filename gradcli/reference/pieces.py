"""Whether programs have values at a point, and which pieces of their formulas they are on there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from gradcli.backends.arb.context import BALLS, precision
from gradcli.backends.arb.evaluate import UNKNOWN, BallEvaluator, Enclosed, is_ball
from gradcli.reference.guards import sign_of
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.dependence import guarded_among, reaches
from gradcli.tape.tape import Literal, Tape

ROUGH_BITS = (128, 1_024)  # of values of which only their being there, and signs, are asked

Point = Mapping[str, Fraction]
Labels = tuple[int, ...]  # which piece of its formula each operation is on; empty where there is no value


class Sampled(NamedTuple):
    """A tape whose values are asked for: the operations that are its outputs, and how many operations they take."""

    tape: Tape
    outputs: Sequence[int]
    length: int | None = None


class Pieces:
    """Whether programs have values at a point, and which pieces of their formulas they are on there.

    The point counts where all of the programs have a value, and one of the claims, if there are any, and all that is
    assumed is 1.
    """

    def __init__(
        self,
        programs: Sequence[Sampled],
        claims: Sequence[Sampled],
        deadline: Deadline,
        assumed: Sequence[Sampled] = (),
    ) -> None:
        self.programs = programs
        self.claims = claims
        self.assumed = assumed
        self._evaluators = {id(one.tape): BallEvaluator(one.tape, deadline) for one in (*programs, *claims, *assumed)}
        self._asked = [(one, self._evaluators[id(one.tape)]) for one in (*programs, *claims)]
        self._guarded = [
            guarded_among(one.tape, reaches(one.tape, one.outputs)[: one.length]) for one in (*programs, *claims)
        ]

    def has_value(self, point: Point, alone: bool = False) -> bool:
        """Whether there are values at a point; `alone`: whatever the claims come to."""
        if not self.is_assumed(point):
            return False
        if not all(is_ball(value) for one in self.programs for value in self._outputs(one, point)):
            return False
        return alone or not self.claims or any(
            is_ball(value) for one in self.claims for value in self._outputs(one, point)
        )  # fmt: skip

    def is_assumed(self, point: Point) -> bool:
        """Whether a point is certainly as it is assumed to be."""
        return all(is_ball(value) and value == 1 for one in self.assumed for value in self._outputs(one, point))

    def labels(self, point: Point) -> Labels:
        """Which pieces of their formulas the programs and the claims are on."""
        found: list[int] = [0]
        count = len(self.programs)
        with precision(ROUGH_BITS[0]):
            inputs = _numbers(point)
            for number, (one, evaluator) in enumerate(self._asked):
                values = evaluator.run(inputs, one.length)
                if number < count and not all(is_ball(values[index]) for index in one.outputs):
                    return ()
                for index in self._guarded[number]:
                    found += map(sign_of, evaluator.guards(index, values))
                    found.append(3 if values[index] is None else 0)
        return tuple(found)

    def thresholds(self) -> list[Fraction]:
        """The numbers that the programs' and the claims' pieces depend on, as they were typed, without their signs."""
        found: dict[Fraction, None] = {}
        for (one, _), guarded in zip(self._asked, self._guarded):
            used = reaches(one.tape, [arg for index in guarded for arg in one.tape.ops[index].args])
            found |= {abs(op.value): None for op, is_used in zip(one.tape.ops, used) if is_used and type(op) is Literal}
        return [one for one in found if one]

    @property
    def has_pieces(self) -> bool:
        """Whether a formula changes anywhere."""
        return any(self._guarded)

    def _outputs(self, one: Sampled, point: Point) -> list[Enclosed]:
        values: list[Enclosed] = []
        for bits in ROUGH_BITS:
            with precision(bits):
                run = self._evaluators[id(one.tape)].run(_numbers(point), one.length)
            values = [run[index] for index in one.outputs]
            if UNKNOWN not in values:
                break
        return values


def _numbers(point: Point) -> dict[str, Enclosed]:
    """A point, at the working precision."""
    return {name: BALLS.number(value) for name, value in point.items()}
