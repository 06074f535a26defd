"""Which operation loses the digits of a stretch, at its worst point: torch's steps beside exact ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from gradcli.audit.columns import Counted
from gradcli.audit.data import AUTOGRAD
from gradcli.audit.samples import AuditPoint
from gradcli.diff.diagnose.losses import losses
from gradcli.diff.diagnose.nan import Bad, nan_origins
from gradcli.diff.diagnose.words import where
from gradcli.errors import GradcliError
from gradcli.problem.job import Job
from gradcli.problem.report import Origin
from gradcli.runtime.deadlines import OutOfTime, WorkDeadline

SECONDS = 1.0  # of one stretch


class Blame(NamedTuple):
    """The operation, as it is written, and what happens there."""

    operation: str | None = None
    reason: str | None = None


def blame(column: Counted, names: Sequence[str], one: AuditPoint, computed: float) -> Blame:
    """What is to blame for a number."""
    job = at_point(column.job, names, one)
    positions = (names.index(column.wrt),) if column.source == AUTOGRAD and column.wrt else ()
    try:
        origins = _origins(job, Bad(positions, (), computed))
    except (GradcliError, OutOfTime, RuntimeError, ValueError, TypeError, ArithmeticError):
        return Blame()
    told = [one for one in origins if not one.harmless]
    if not told:
        return Blame()
    worst = max(told, key=lambda one: math.inf if one.lost is None else one.lost)
    return Blame(where(worst), f"{worst.headline}: {worst.reason}" if worst.reason else worst.headline or None)


def _origins(job: Job, bad: Bad) -> list[Origin]:
    if math.isfinite(bad.number):
        return losses(job, [bad], WorkDeadline(SECONDS))
    return WorkDeadline(SECONDS).run(lambda: nan_origins(job, [bad] if bad.positions else []))


def at_point(job: Job, names: Sequence[str], one: AuditPoint) -> Job:
    """The job at a point."""
    moved = {name: Fraction(x) for name, x in zip(names, one.at)}
    return replace(job, point={**(job.point or {}), **moved}, wrt=tuple(names), diagnose=True)
