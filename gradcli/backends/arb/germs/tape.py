"""A tape evaluated in germs: every operation on an open stretch beside a point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradcli.backends.arb.evaluate import BallEvaluator
from gradcli.backends.arb.germs.arithmetic import Germs
from gradcli.backends.arb.germs.rows import Beside, GermRows
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.interpret import Rules, interpret
from gradcli.tape.tape import Primitive, Tape


class GermTape:
    """The operations of a tape beside a point.

    germs  the arithmetic of the last run
    """

    def __init__(self, tape: Tape, deadline: Deadline | None = None) -> None:
        self.tape, self.deadline = tape, deadline
        self.germs: Germs | None = None
        self.evaluator = BallEvaluator(tape, deadline)

    def run(self, reach: Any, order: int, lines: Mapping[str, tuple[Any, Any]]) -> list[Beside]:
        """Each operation where the variables go from a number at a speed, as far as `reach`**`order`.

        Raises Outside where the output has no value there, NeedsRoot.
        """
        germs = Germs(reach, order)
        far = reach**order
        here = self.evaluator.run({name: start for name, (start, _) in lines.items()})
        there = self.evaluator.run({name: start + speed * far for name, (start, speed) in lines.items()})
        self.germs = germs
        walk = GermRows(germs)
        inputs = {name: germs.line(*one) for name, one in lines.items()}
        found: list[Beside] = []

        def primitive(op: Primitive, args: list[Beside]) -> Beside:
            index = len(found)
            return walk.called(op.row, args, (here[index], there[index]))

        rules = Rules(walk.number, primitive)
        return interpret(self.tape, rules, inputs, values=found, same=self.evaluator.same, deadline=self.deadline)
