"""The formulas of the curves, for the legend: SymPy's, where they come in time, found beside the sampling."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.errors import LimitError
from gradcli.plot.curves import Curve
from gradcli.problem.forks import can_fork
from gradcli.problem.job import Job
from gradcli.runtime.deadlines import Deadline
from gradcli.runtime.worker import Parent, Worker, gather
from gradcli.tape.chain import chain

MAX_OPERATIONS = 60  # of a program whose formulas may be short enough for a legend


class LegendFormulas:
    """The formulas of the curves, from a worker where there may be one."""

    def __init__(self, job: Job, curves: Sequence[Curve]) -> None:
        self.job, self.curves = job, curves
        self.worker = Worker(self._tell, job.allowance) if can_fork(job) else None

    def __enter__(self) -> LegendFormulas:
        return self

    def __exit__(self, *error: object) -> None:
        if self.worker is not None:
            self.worker.end()

    def answer(self) -> list[str | None]:
        """A formula for each curve; None where there is none."""
        if self.worker is None:
            return self._found()
        (answers,) = gather([self.worker])
        found: list[str | None] = answers.get(0, [None] * len(self.curves))
        return found

    def _found(self) -> list[str | None]:
        return _formulas(self.job, self.curves)

    def _tell(self, parent: Parent) -> None:
        import gradcli.backends.symbolic.formulas  # noqa: F401

        parent.ready()
        parent.answer(self._found())


def _formulas(job: Job, curves: Sequence[Curve]) -> list[str | None]:
    """The formula of each curve; None where there is none, or none that is worth the time."""
    if job.has_tensors or len(job.exact.ops) > MAX_OPERATIONS:
        return [None] * len(curves)
    deadline = Deadline(job.patience)
    return [_formula(job, curve, deadline) for curve in curves]


def _formula(job: Job, curve: Curve, deadline: Deadline) -> str | None:
    from gradcli.backends.symbolic.formulas import FormulaWriter

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
