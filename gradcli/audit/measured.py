"""Other programs for the same function, held against what is true of it at the points of the audit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gradcli.audit.samples import FINE, AuditPoint, DigitCounter
from gradcli.audit.truth import Truth
from gradcli.backends.arb.context import is_ball, precision
from gradcli.errors import GradcliError
from gradcli.plot.batch import Batch
from gradcli.problem.job import Job
from gradcli.problem.rewriting.verify import job_of
from gradcli.reference.digits import agreeing_all
from gradcli.runtime.deadlines import WorkDeadline

MOST_POINTS = 260  # at which programs are compared
SECONDS = 10.0  # of torch, for one program: a last resort
FREE = 1.0  # digits that rounding costs anyway
SLOPES = 0.5  # what the digits of all derivatives together count, beside those of the value
BITS = 256
RIGHT = 1.0  # digits of the value that a program keeps somewhere at least, to be the same function at all

Steps = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class MeasuredProgram:
    """A program that was measured.

    lost   digits that it lacks: a row for the value and each derivative, a column for each point; NaN: not counted
    cost   all in all
    steps  what was rewritten, and to what
    """

    text: str
    job: Job
    lost: Any
    cost: float
    steps: Steps = ()

    @property
    def by_point(self) -> Any:
        """The cost at each point."""
        return cost_of(self.lost)


def cost_of(lost: Any) -> Any:
    """What digits that are lacking cost, by point."""
    counted = np.nan_to_num(np.maximum(lost - FREE, 0.0))
    slopes = counted[1:].mean(axis=0) if len(counted) > 1 else 0.0
    return counted[0] + SLOPES * slopes


class ProgramMeter:
    """Measures programs at some of the points of an audit, and at holes by their limits."""

    def __init__(
        self, job: Job, names: Sequence[str], points: Sequence[AuditPoint], holes: Mapping[float, Truth]
    ) -> None:
        self.job, self.names = job, names
        self.counter = DigitCounter(job.dtype)
        chosen = _chosen([one for one in points if one.state == FINE and one.at[0] not in holes])
        self.points = [one.at for one in chosen] + [(x,) for x in holes]
        self.truths = [one.truth for one in chosen] + list(holes.values())
        self.at_holes = len(holes)
        self.array = np.array(self.points, dtype=float).reshape(len(self.points), len(names))
        self.wanted = [(name, 1) for name in names]
        self.tried: dict[str, MeasuredProgram | None] = {}

    def measured(self, text: str, steps: Steps = (), job: Job | None = None) -> MeasuredProgram | None:
        """A program, measured; None where it cannot be run, or is another question."""
        if text not in self.tried:
            self.tried[text] = self._measured(text, steps, job)
        return self.tried[text]

    def _measured(self, text: str, steps: Steps, job: Job | None) -> MeasuredProgram | None:
        other = job or job_of(self.job, text)
        if other is None or not self.points:
            return None
        try:
            batch = Batch(other, self.wanted, WorkDeadline(SECONDS))
            if not batch.at_once and job is None and self.job_at_once:
                return None
            rows = batch.at({name: self.array[:, i] for i, name in enumerate(self.names)})
        except (GradcliError, RuntimeError, ValueError, TypeError):
            return None
        lost = self.lost(rows)
        if job is None and np.nanmin(lost[0], initial=math.inf) > self.counter.most - RIGHT:
            return None
        return MeasuredProgram(text, other, lost, float(cost_of(lost).mean()), steps)

    @property
    def job_at_once(self) -> bool:
        """Whether the program itself runs over columns."""
        return not (self.job.has_tensors or self.job.has_custom_vjps)

    def lost(self, rows: Any) -> Any:
        """The digits that are lacking in rows for the value and each derivative."""
        near, rest, zero = (one[: len(rows)] for one in self._parts)
        with np.errstate(all="ignore"):
            errors = np.abs(rows - near - rest)
            errors = np.where(np.isfinite(errors), errors, math.inf)
            kept = agreeing_all(errors, np.abs(near), self.counter.most)
        good = np.abs(rows) < 2.0**-self.job.dtype.bits  # as good as 0
        kept = np.where(zero, np.where(good, self.counter.most, 0.0), kept)
        return np.where(np.isnan(near), math.nan, self.counter.most - kept)

    @cached_property
    def _parts(self) -> tuple[Any, Any, Any]:
        """What is true as the nearest double and what is left of it, NaN where nothing counts; and where it is 0."""
        count = max((len(truth) for truth in self.truths), default=0)
        near, rest = np.full((2, count, len(self.truths)), math.nan)
        with precision(BITS):
            for j, truth in enumerate(self.truths):
                for i, true in enumerate(truth):
                    if is_ball(true) and (
                        true.is_zero() or (self.counter.state(true) == FINE and not true.contains(0))
                    ):
                        near[i, j] = float(true.mid())
                        rest[i, j] = float((true - near[i, j]).mid())
        return near, rest, near == 0


def _chosen(points: Sequence[AuditPoint]) -> list[AuditPoint]:
    """At most so many points, from all over; half of the room is for those that lose most."""
    if len(points) <= MOST_POINTS:
        return list(points)
    worst = sorted(points, key=lambda one: min((d for d in one.digits if d is not None), default=99.0))
    step = len(worst) / MOST_POINTS
    kept = {id(worst[int(i * step)]) for i in range(MOST_POINTS)}
    return [one for one in points if id(one) in kept]
