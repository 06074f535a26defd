"""What condition numbers and difference quotients need beside the first derivatives: those of higher orders."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

import sympy

from gradcli.backends.arb.context import BALLS, precision
from gradcli.backends.arb.evaluate import BallEvaluator
from gradcli.errors import GradcliError
from gradcli.problem.job import Job
from gradcli.problem.study import Index
from gradcli.problem.targets import are_independent
from gradcli.reference.point import Reference
from gradcli.reference.texts import text
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.tape.chain import chain
from gradcli.tape.entry_rules import NotByNumbers
from gradcli.tape.findings import Evidence, Positions
from gradcli.tape.tape import Tape

MAX_SECOND = 300  # derivatives that are asked for
DIGITS = 17  # of them: a condition number is read by its size
BITS = 256  # for values that the program computes
OF_QUOTIENTS = (2, 3)  # orders of the terms that difference quotients leave out

Higher = dict[Positions, str]


def higher_orders(
    job: Job, tape: Tape, point: Mapping[str, Fraction], deadline: Deadline
) -> tuple[Higher, dict[str, str]]:
    """The derivatives of higher orders that a job asks for, as far as they exist, and the values of its own names."""
    if not (job.conditions or job.quotients):
        return {}, {}
    found: Higher = {}
    places: dict[str, str] = {}
    try:
        if job.conditions:
            places = _places(job, tape, point, deadline)
            if math.comb(len(job.wrt) + 1, 2) <= MAX_SECOND and are_independent(job):
                found |= _of_order(job, tape, job.wrt, 2, point, deadline)
        for position, name in enumerate(job.wrt if job.quotients else ()):
            for order in OF_QUOTIENTS:
                alone = _of_order(job, tape, (name,), order, point, deadline)
                found |= {(position,) * len(positions): text for positions, text in alone.items()}
    except (OutOfTime, GradcliError):  # a row may have no second derivative
        pass
    return found, places


def of_higher_orders(job: Job, deadline: Deadline) -> dict[Index, Evidence]:
    """The derivatives of higher orders of each output, by numbers, where these are wanted."""
    point = job.point or {}
    numbers = {name: value for name, value in point.items() if isinstance(value, Fraction)}
    others = {name: value for name, value in point.items() if name not in numbers}
    if not (job.conditions or job.quotients) or any(name not in numbers for name in job.wrt) or job.not_finite:
        return {}
    from gradcli.problem.compiled import as_numbers

    found: dict[Index, Evidence] = {}
    try:
        whole, values, entries = as_numbers(job, others)
        for value, entry in zip(values, entries):
            tape = whole.copy()
            tape.output = value
            higher, _ = higher_orders(job, tape, numbers, deadline)
            found[entry] = Evidence(sympy.__version__, higher=higher)
    except (GradcliError, NotByNumbers):
        return found
    return found


def _places(job: Job, tape: Tape, point: Mapping[str, Fraction], deadline: Deadline) -> dict[str, str]:
    """The values of what the program computes of the names that are differentiated by."""
    first = chain(tape, job.wrt, 1, job.program.source)
    with precision(BITS):
        inputs = {name: BALLS.number(value) for name, value in point.items()}
        values = BallEvaluator(first.tape, deadline).run(inputs, first.length)
    own = ((name, target) for name, target in zip(job.wrt, first.targets) if name not in point)
    return {name: found for name, target in own if (found := text(values[target], DIGITS)) is not None}


def _of_order(
    job: Job, tape: Tape, names: Sequence[str], order: int, point: Mapping[str, Fraction], deadline: Deadline
) -> Higher:
    grown = chain(tape, names, order, job.program.source)
    reference = Reference(grown, grown, point, DIGITS, deadline, from_sides=False, weighs=False)
    partials = reference.judge().partials
    return {positions: one.value for positions, one in partials.items() if one.value is not None}
