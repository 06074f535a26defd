"""The formulas for the legend, found beside the sampling."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.plot.curves import Curve
from gradcli.problem.forks import can_fork
from gradcli.problem.job import Job
from gradcli.runtime.worker import Parent, Worker, gather


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
        from gradcli.plot.legends import formulas

        return formulas(self.job, self.curves)

    def _tell(self, parent: Parent) -> None:
        import gradcli.plot.legends  # noqa: F401

        parent.ready()
        parent.answer(self._found())
