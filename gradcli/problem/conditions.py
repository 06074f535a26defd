"""What condition numbers need beside the first derivatives: the second ones, and the values of intermediates."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from gradcli.backends.arb.context import BALLS, precision
from gradcli.backends.arb.evaluate import BallEvaluator
from gradcli.errors import GradcliError
from gradcli.problem.job import Job, are_independent
from gradcli.reference.point import Reference
from gradcli.reference.texts import text
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.tape.chain import chain
from gradcli.tape.findings import Positions
from gradcli.tape.tape import Tape

MAX_SECOND = 300  # derivatives that are asked for
DIGITS = 17  # of them: a condition number is read by its size
BITS = 256  # for values that the program computes


def second_order(
    job: Job, tape: Tape, point: Mapping[str, Fraction], deadline: Deadline
) -> tuple[dict[Positions, str], dict[str, str]]:
    """The second derivatives of a tape of numbers, as far as there are some, and the values of its own names."""
    try:
        first = chain(tape, job.wrt, 1, job.program.source)
        with precision(BITS):
            inputs = {name: BALLS.number(value) for name, value in point.items()}
            values = BallEvaluator(first.tape, deadline).run(inputs, first.length)
        places = {
            name: found
            for name, target in zip(job.wrt, first.targets)
            if name not in point and (found := text(values[target], DIGITS)) is not None
        }
        if math.comb(len(job.wrt) + 1, 2) > MAX_SECOND or not are_independent(job):
            return {}, places
        second = chain(tape, job.wrt, 2, job.program.source)
    except OutOfTime:
        return {}, {}
    except GradcliError:  # a row has no second derivative
        return {}, places
    reference = Reference(second, second, point, DIGITS, deadline, from_sides=False, weighs=False)
    partials = reference.judge().partials
    return {positions: one.value for positions, one in partials.items() if one.value is not None}, places
