"""What autograd, the formula and the reference say of the slopes at stationary points: at the doubles next to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from gradcli.errors import GradcliError
from gradcli.extrema.data import INFLECTION, STATIONARY, ExtremePoint, SlopeHere
from gradcli.problem.ask import gather
from gradcli.problem.job import Job
from gradcli.reference.verdict import judge
from gradcli.runtime.deadlines import Deadline, OutOfTime

if TYPE_CHECKING:
    from gradcli.problem.sources import Kept

MOST = 12  # points that are asked about
SECONDS = 20.0  # a last resort


def with_slopes(job: Job, names: Sequence[str], points: Sequence[ExtremePoint]) -> tuple[ExtremePoint, ...]:
    """The points, the stationary ones with what the sources say there."""
    import gradcli.backends.torch.autograd  # noqa: F401 - it takes as long as it takes, before any time counts
    from gradcli.problem.sources import Kept

    kept, found, asked = Kept(), list(points), 0
    deadline = Deadline(SECONDS + job.patience)
    for index, one in enumerate(points):
        if one.place != STATIONARY or one.kind == INFLECTION or asked == MOST:
            continue
        asked += 1
        try:
            deadline.check()
            slopes = _at(job, names, one, kept)
        except (GradcliError, OutOfTime):
            break
        found[index] = replace(one, sources=slopes)
    return tuple(found)


def _at(job: Job, names: Sequence[str], one: ExtremePoint, kept: Kept) -> tuple[SlopeHere, ...]:
    place = {name: float(one.at[name]) for name in names}
    point = {**(job.point or {}), **{name: Fraction(x) for name, x in place.items()}}
    there = replace(job, point=point, wrt=tuple(names))
    found = []
    for name, part in zip(names, gather(there, kept).parts):
        number, finding, formula = part.number(()), part.findings[()], part.formula
        assert number is not None
        judged = judge(number, finding, there.dtype)
        value = None if formula.value is None else float(formula.value)
        found.append(
            SlopeHere(
                name, place, number, formula.text, value, finding.value, judged.digits, judged.verdict, judged.note
            )
        )
    return tuple(found)
