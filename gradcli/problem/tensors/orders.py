"""Derivatives of higher orders of a program over tensors, by numbers: what condition numbers and quotients ask for."""

from __future__ import annotations

from fractions import Fraction

import sympy

from gradcli.errors import GradcliError
from gradcli.problem.higher import higher_orders
from gradcli.problem.job import Job
from gradcli.problem.study import Index
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.entry_rules import NotByNumbers
from gradcli.tape.findings import Evidence


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
