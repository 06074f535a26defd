"""The guards of a program's operations where one variable is in a ball."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import mpmath

from gradcli.backends.arb.context import BALLS
from gradcli.backends.arb.evaluate import UNKNOWN, BallEvaluator, Enclosed, call, is_ball
from gradcli.backends.arb.guards import may_be_zero
from gradcli.functions.guards import sign
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.dependence import depends, guarded_among, reaches
from gradcli.tape.tape import Primitive, Tape

GuardKey = tuple[int, int]  # the operation, and which of its guards

NUMBERS = mpmath.MPContext()  # of heights; who searches sets its precision


class GuardsOfLine:
    """Evaluates the guards of the operations that move with one variable; the others stand still."""

    def __init__(self, tape: Tape, name: str, fixed: Mapping[str, Fraction], deadline: Deadline | None) -> None:
        self.tape = tape
        self.name = name
        self.fixed = fixed
        self.count = 0  # evaluations
        self._evaluator = BallEvaluator(tape, deadline)
        position = tape.find(name)
        active = depends(tape, [] if position is None else [position])
        self.guarded = guarded_among(tape, reaches(tape, [tape.output]), active)
        self._end = 1 + max((arg for index in self.guarded for arg in tape.ops[index].args), default=-1)

    def at(self, x: Any) -> dict[GuardKey, Enclosed]:
        """The guards where the variable is in a ball."""
        values = self._values(x)
        return {
            (index, which): guard
            for index in self.guarded
            for which, guard in enumerate(self._evaluator.guards(index, values))
        }

    def unclear(self, x: Any) -> list[GuardKey]:
        """The guards that may be 0 somewhere in a ball, and are not 0 all over it."""
        found = self.at(x)
        return [key for key, one in found.items() if may_be_zero(one) and (one is UNKNOWN or not one.is_zero())]

    def is_on(self, x: Fraction, close: Fraction) -> bool:
        """Whether a guard is exactly 0 at a point, and not all over what is so close to it."""
        here = {key for key, guard in self.at(BALLS.number(x)).items() if is_ball(guard) and guard.is_zero()}
        if not here:
            return False
        near = self.at(BALLS.number(x) + BALLS.arb(0, BALLS.number(close).abs_upper()))
        return any(not is_ball(near.get(key)) or not near[key].is_zero() for key in here)

    def height(self, key: GuardKey, x: Any) -> Any:
        """One guard at a number, roughly; None where it has no value."""
        guard: Any = self.at(BALLS.arb(x)).get(key)
        return NUMBERS.make_mpf(guard.mid()._mpf_) if is_ball(guard) else None

    def size(self, key: GuardKey, x: Any) -> Any:
        """The absolute value of that."""
        height = self.height(key, x)
        return None if height is None else abs(height)

    def holes(self, x: Fraction, tiny: Any) -> list[int]:
        """The operations that have no value with arguments that are exactly 0 where they are smaller than `tiny`.

        At a root that is not a number of finite length, no argument is exactly what it should be.
        """
        values = self._values(BALLS.number(x))
        found = []
        for index in self.guarded:
            op = self.tape.ops[index]
            assert isinstance(op, Primitive)
            args = [values[arg] for arg in op.args]
            exact = [BALLS.arb(0) if is_ball(arg) and arg.abs_upper() < tiny else arg for arg in args]
            if any(a is not b for a, b in zip(args, exact)) and call(op.row, exact) is None:
                found.append(index)
        return found

    def _values(self, x: Any) -> list[Enclosed]:
        self.count += 1
        inputs = {name: BALLS.number(value) for name, value in self.fixed.items()}
        return self._evaluator.run({**inputs, self.name: x}, self._end)


def sign_of(guard: Enclosed | None) -> int:
    """The sign of a guard; 0 where it is not known."""
    return 0 if guard is None or guard is UNKNOWN else sign(guard)
