"""What questions about functions of numbers have in common: what they refuse, each said once, and their time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from gradcli.errors import OPTIONS, GradcliError, LimitError, did_you_mean
from gradcli.problem.job import Job
from gradcli.problem.prepare import prepare
from gradcli.problem.ranges import OPTION, Range
from gradcli.runtime.deadlines import Deadline, OutOfTime

T = TypeVar("T")


def refuse_tensors(job: Job, what: str) -> None:
    """Refuse a program with tensors; `what` says what is of programs of numbers."""
    tape = job.typed
    if job.has_tensors or tape.ops[tape.output].shape:
        raise GradcliError(
            OPTIONS, f"{what} of numbers, and this one has tensors",
            source=job.program.source, span=job.program.output.value.span,
            hint="a variable that is a vector may be written as several numbers",
        )  # fmt: skip


def refuse_computed(job: Job, ranges: Sequence[Range] = ()) -> None:
    """Refuse to go by a name that the program computes; where a range says it, there is a caret."""
    names = job.names.variables
    said = {one.name: one for one in ranges}
    for name in job.wrt:
        if name not in names:
            one = said.get(name)
            raise GradcliError(OPTIONS, f'"{name}" is not a variable: the program computes it',
                               source=one and one.source, span=one and one.name_span,
                               expected=f"one of {', '.join(names)}", hint=did_you_mean(name, names))  # fmt: skip


def refuse_infinite(job: Job) -> None:
    """Refuse a point with a value that is not finite."""
    if job.not_finite:
        raise GradcliError(OPTIONS, f'"{job.not_finite[0]}" is not finite', expected="a number")


def refuse_counts(ranges: Sequence[Range]) -> None:
    """Refuse ranges with a number of points, where points are not asked for."""
    for one in ranges:
        if one.number is not None:
            raise GradcliError(OPTIONS, f'"{one.name}" is given a number of points',
                               hint=f"{OPTION} {one.name}=FROM:TO", source=one.source, span=one.name_span)  # fmt: skip


def refuse_values_of(ranges: Sequence[Range], said: Collection[str]) -> None:
    """Refuse a variable that has a range and a value."""
    for one in ranges:
        if one.name in said:
            raise GradcliError(OPTIONS, f'"{one.name}" has a range, and a value too', hint="leave out one of them")


def refuse_no_range(program: str, ranges: Sequence[Range], which: str, ends: str, patience: float) -> None:
    """Refuse to go on without a range: `which` ones are meant, and `ends` of one, such as "-10:10"."""
    if ranges:
        return
    names = prepare(program, None, patience=patience, most=1).names.variables
    raise GradcliError(
        OPTIONS, "there is no range", expected=f"{OPTION} NAME=FROM:TO, {which}",
        hint=f"{OPTION} {names[0]}={ends}" if names else "the program has no variables",
    )  # fmt: skip


def in_time(deadline: Deadline, work: Callable[[], T], stage: str, hint: str) -> T:
    """What the work comes to; LimitError where the deadline passes, with what to do about it."""
    try:
        return deadline.run(work)
    except OutOfTime:
        raise LimitError(stage, "the time was up", hint=hint) from None
