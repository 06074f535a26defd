"""Whether two programs are the same function: compared at high precision, at the point and around it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from gradcli.backends.mp.arithmetic import Arithmetic, GivenUp
from gradcli.errors import GradcliError
from gradcli.language.names import names_of
from gradcli.language.parser import parse
from gradcli.problem.job import Job
from gradcli.problem.values import Value
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.tape.arrays import Array, every
from gradcli.tape.candidates import CLOSE_MOVES, moves
from gradcli.tape.findings import Evidence
from gradcli.tape.tape import Primitive, Tape

BITS = 2_400  # so many that 1 - tanh(800) is not 0
SAME = 1e-30  # relative; the rest of the digits is for what cancels on the way
MOST_OUTPUTS = 4  # entries of the value that are compared
LEAST = 3  # points at which both have a value


def job_of(job: Job, text: str) -> Job | None:
    """The same question about another program; None where it has other variables, or is refused."""
    try:
        program = parse(text)
        names = names_of(program, {*job.names.variables})
        if set(names.variables) != set(job.names.variables) or not set(job.wrt) <= names.known:
            return None
        other = replace(
            job, program=program, names=names, latex=False, diagnose=False, explain=False, formulas=False
        )  # fmt: skip
        if other.typed.ops[other.typed.output].shape != job.typed.ops[job.typed.output].shape:
            return None
    except GradcliError:
        return None
    return other


def warm_up(job: Job) -> None:
    """Import what the program's rows need, which takes long the first time."""
    from gradcli.backends.torch.functions import scipy_special

    if any(isinstance(op, Primitive) and op.row.torch is None and op.row.scipy is not None for op in job.typed.ops):
        scipy_special()


def equal(job: Job, other: Job, deadline: Deadline) -> tuple[bool, bool]:
    """Whether another program is the same function wherever this one has a value; and whether it has one here too.

    The second is True where this one has none at the point, and the other one has.
    """
    near = both = 0
    extends = False
    try:
        for number, place in enumerate(_places(job)):
            first, second = _values(job, place, deadline), _values(other, place, deadline)
            if first is None or second is None:
                continue
            for a, b in zip(first, second):
                if a is None:
                    extends |= number == 0 and b is not None
                elif b is None or not _close(a, b):
                    return False, False
                else:
                    both += 1
                    near += number <= CLOSE_MOVES
    except (OutOfTime, GradcliError):
        return False, False
    return near >= 1 and both >= LEAST, extends


def _close(a: Any, b: Any) -> bool:
    return bool(abs(a - b) <= SAME * max(abs(a), abs(b)))


def _places(job: Job) -> Iterator[Mapping[str, Value]]:
    """The point, then the others."""
    yield job.full_point
    for move, weights in moves():
        yield {name: _moved(value, move, weights) for name, value in job.full_point.items()}


def _moved(value: Value, move: Callable[[float, float], float], weights: Iterator[float]) -> Value:
    """A value somewhere else, each entry of it with a weight of its own."""
    if isinstance(value, Array):
        return Array(value.shape, array("d", (move(one, next(weights)) for one in value.data)))
    return Fraction(move(float(value), next(weights)))


def _values(job: Job, point: Mapping[str, Value], deadline: Deadline) -> list[Any] | None:
    """Some entries of a program's value; None where that is beyond computing."""
    arithmetic = Arithmetic(deadline)
    arithmetic.bits = BITS
    tape, outputs = _numbers(job, point)
    inputs = {name: arithmetic.number(value) for name, value in point.items() if isinstance(value, Fraction)}
    try:
        values = arithmetic.run(tape, inputs)
    except GivenUp:
        return None
    return [values[output] for output in outputs]


def _numbers(job: Job, point: Mapping[str, Value]) -> tuple[Tape, list[int]]:
    """The program as a tape of numbers, and some entries of its value."""
    if not job.has_tensors:
        return job.exact, [job.exact.output]
    from gradcli.tape.entry_rules import Entries

    tape = job.written
    entries = list(every(tape.ops[tape.output].shape))
    unroller = Entries(tape, point, (), job.program.source)
    chosen = entries[:: max(1, len(entries) // MOST_OUTPUTS)][:MOST_OUTPUTS]
    return unroller.numbers, [unroller.entry(tape.output, entry) for entry in chosen]


def judged(job: Job, deadline: Deadline) -> Evidence:
    """The reference's evidence alone, on a program of numbers."""
    from gradcli.reference.point import Reference
    from gradcli.tape.chain import chain

    source = job.program.source
    true = chain(job.exact, job.wrt, job.order, source)
    taken = chain(job.convention, job.wrt, job.order, source) if job.has_custom_vjps else true
    findings = Reference(true, taken, job.numbers or {}, max(job.digits, 25), deadline, job.dtype.bits).judge()
    return Evidence("", findings.value, findings.partials)
