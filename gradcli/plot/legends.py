"""The formulas of the curves, for the legend: SymPy's, where they come in time."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.backends.symbolic.formulas import FormulaWriter
from gradcli.errors import LimitError
from gradcli.plot.curves import Curve
from gradcli.problem.job import Job
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.chain import chain

MAX_OPERATIONS = 60  # of a program whose formulas may be short enough for a legend


def formulas(job: Job, curves: Sequence[Curve]) -> list[str | None]:
    """The formula of each curve; None where there is none, or none that is worth the time."""
    if job.has_tensors or len(job.exact.ops) > MAX_OPERATIONS:
        return [None] * len(curves)
    deadline = Deadline(job.patience)
    return [_formula(job, curve, deadline) for curve in curves]


def _formula(job: Job, curve: Curve, deadline: Deadline) -> str | None:
    if curve.wrt is None:
        return None
    try:
        derived = chain(job.exact, [curve.wrt], curve.order, job.program.source)
    except LimitError:
        return None
    if deadline.left <= 0:
        return None
    writer = FormulaWriter(derived, [curve.wrt], None, job.dtype, False, job.own_names)
    formula = writer.write({}, deadline)[(0,) * curve.order]
    return None if writer.definitions else formula.text
