"""A program rewritten so that it keeps its digits: by the rewritings that `--explain` verifies, each where it helps."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from gradcli.code.derivatives import derivatives
from gradcli.code.languages.registry import language
from gradcli.code.naming import NameGiver
from gradcli.code.straight import StraightWriter
from gradcli.code.truth import TIMES, Point, Truth, truth
from gradcli.code.verify import MOST, evaluator
from gradcli.errors import GradcliError
from gradcli.language.names import Names
from gradcli.problem.job import Job
from gradcli.problem.rewriting.candidates import rewritings
from gradcli.problem.rewriting.verify import equal, job_of
from gradcli.problem.values import Value
from gradcli.reference.digits import agreeing
from gradcli.runtime.deadlines import WorkDeadline
from gradcli.tape.arrays import Array

MOST_STEPS = 8  # rewritings one after the other
MOST_TRIES = 60
MOST_POINTS = 24
BETTER = 1.0  # digits, in all, that make a rewriting worth it
WORSE = 1.0  # digits that it may cost at a single point
SECONDS = 10.0  # of a comparison, counted as work

# Where digits get lost: numbers so small that 1 swallows them, and so large that exp overflows, or swallows them.
STRESS = tuple(map(Fraction, (1e-9, -1e-9, 1e-5, 30.0, -30.0, 1000.0, -1000.0, 1e8)))
ORDINARY = Fraction(1.25)


class Rewriting(NamedTuple):
    """A part of the program, and what stands there instead."""

    written: str
    better: str


class _Measured(NamedTuple):
    """The digits that the largest numbers lack, at each point."""

    lost: list[float]

    @property
    def total(self) -> float:
        return sum(self.lost)


def stabilized(job: Job) -> tuple[Job, list[Rewriting]]:
    """The program with rewritings that keep digits where it loses them, and what was rewritten.

    Each is the same function by high precision (`equal`), and loses fewer digits in doubles at points of all sizes.
    """
    judge = _Judge(job)
    best, done, tried = job, list[Rewriting](), {job.program.source.text}
    reached = judge.measured(job)
    for _ in range(MOST_STEPS):
        found = None
        for candidate in rewritings(best.program, best.wrt):
            if candidate.text in tried or len(tried) > MOST_TRIES:
                continue
            tried.add(candidate.text)
            other = job_of(best, candidate.text)
            measured = None if other is None else judge.measured(other)
            if other is None or measured is None or not _is_better(measured, reached):
                continue
            at = other if other.point is not None else replace(other, point=judge.ordinary)
            if equal(replace(job, point=at.point), at, WorkDeadline(SECONDS))[0]:
                found = replace(other, point=job.point), measured, Rewriting(candidate.replaced, candidate.by)
                break
        if found is None:
            break
        best, reached = found[0], found[1]
        done.append(found[2])
    names = Names(job.names.variables, best.names.intermediates)  # in the order that the user's program has
    return replace(best, names=names), done


def _is_better(one: _Measured | None, other: _Measured | None) -> bool:
    if one is None or other is None:
        return one is not None
    return one.total < other.total - BETTER and all(a <= b + WORSE for a, b in zip(one.lost, other.lost))


class _Judge:
    """Counts the digits that programs for one function lose."""

    def __init__(self, job: Job) -> None:
        output = job.typed.ops[job.typed.output]
        self.kinds = ["value"] if output.shape else ["value", "gradient"]
        self.is_list = output.called == "[]" and len(output.shape) == 1
        self.ordinary = _point(job, dict.fromkeys(job.names.variables, ORDINARY))
        self.points: list[Point] = []
        self.truths: list[Truth] = []
        deadline = WorkDeadline(TIMES * job.allowance)
        for point in _stress(job):
            if len(self.points) == MOST_POINTS or deadline.left < 0:
                break
            found = truth(job, point, self.kinds, self.is_list, deadline)
            if found.numbers and found.numbers[0] is not None:
                self.points.append(point)
                self.truths.append(found)

    def measured(self, job: Job) -> _Measured | None:
        """What a program loses; None where NumPy cannot run it."""
        target = language("numpy")
        try:
            found = derivatives(job, jacobian=False, value_only=self.kinds == ["value"])
            names = NameGiver(target, job.names.variables, job.names.intermediates)
            straight = StraightWriter(found, target, names, job.program.source).write("f", job.wrt, job.shapes)
            text = target.frame(straight, target.printer())
            evaluate, _ = evaluator(text, "numpy", [one.variable for one in straight.arguments])
        except GradcliError:
            return None
        return _Measured([_lost(evaluate(point), one) for point, one in zip(self.points, self.truths)])


def _lost(computed: Sequence[float], found: Truth) -> float:
    """The digits that all numbers together lack at a point."""
    total = 0.0
    for one, true in zip(computed, found.numbers):
        if true is None:
            continue
        total += MOST - (agreeing(abs(Decimal(one) - true), abs(true), MOST) if math.isfinite(one) else 0.0)
    return total


def _stress(job: Job) -> Iterator[Point]:
    """The given point; then all variables at an extreme, then one after the other."""
    if job.point is not None:
        yield job.point
    names = job.names.variables
    for value in STRESS:
        yield _point(job, dict.fromkeys(names, value))
    for name in names if len(names) > 1 else ():
        for value in STRESS:
            yield _point(job, {**dict.fromkeys(names, ORDINARY), name: value})


def _point(job: Job, values: dict[str, Fraction]) -> dict[str, Value]:
    """A point; the entries of an array differ a little."""
    found: dict[str, Value] = {}
    for name, value in values.items():
        shape = job.shapes.get(name, ())
        numbers = [float(value) * (1 + place / 64) for place in range(math.prod(shape))]
        found[name] = Array(shape, array("d", numbers)) if shape else Fraction(float(value))
    return found
