"""What a job shows of itself: its point as plain data, and the name of its output."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from gradcli.language.nodes import Assign, Call, Define, Program
from gradcli.language.numbers import to_float
from gradcli.problem.job import Job
from gradcli.problem.values import Value
from gradcli.tape.arrays import Array, listed
from gradcli.tape.strict import Entries


def at_of(job: Job) -> dict[str, Entries] | None:
    """The point as plain numbers and arrays."""
    if job.point is None:
        return None
    return {name: _shown(value) for name, value in job.point.items()}


def _shown(value: Value) -> Entries:
    if isinstance(value, Array):
        return value if value.shape else value[()]
    return to_float(value)


def listed_at(job: Job) -> dict[str, Any]:
    """The point as plain numbers and nested lists."""
    return {name: listed(value) for name, value in (at_of(job) or {}).items()}


def output_name(job: Job) -> str:
    """What to call the output; of a vjp the weighted sum."""
    name = name_of_output(job.program, job.names.known)
    return f"v@{name}" if job.direction is not None and not job.direction.is_jvp else name


def name_of_output(program: Program, known: Collection[str]) -> str:
    """The name that a program gives to its output, or one that nothing else in it has."""
    if isinstance(program.output, Assign):
        return program.output.name
    value = program.output.value
    if isinstance(value, Call) and value.user and value.span == value.head:  # the program ends with a function
        return value.function
    taken = {*known, *(one.name for one in program.statements if isinstance(one, Define))}
    return next((name for name in ("f", "g", "h") if name not in taken), "output")
