"""A function of two variables on a grid, with its gradient: torch's numbers, held against the truth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradcli.errors import LimitError
from gradcli.language.numbers import to_float
from gradcli.plot.batch import Batch
from gradcli.plot.check import PlotChecker
from gradcli.plot.curves import Curve, PlotSample, Window
from gradcli.plot.data import NothingToDraw
from gradcli.plot.sampling import window
from gradcli.plot.truth import PlotTruth
from gradcli.problem.job import Job
from gradcli.problem.ranges import Range
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.findings import Positions

FIRST = 37  # points along each variable
MAX_POINTS = 40_000  # of a grid


class PlotGrid:
    """The function and its gradient over two variables; the function itself is the first curve."""

    def __init__(self, job: Job, over: Sequence[Range], curves: Sequence[Curve]) -> None:
        self.over = over
        self.counts = [one.number or FIRST for one in over]
        if self.counts[0] * self.counts[1] > MAX_POINTS:
            raise LimitError(
                "reading the range", f"a grid of {self.counts[0]:,} by {self.counts[1]:,} points",
                expected=f"{MAX_POINTS:,} in all at the most",
            )  # fmt: skip
        self.notes: list[str] = []
        self.windows: list[Window] = []
        names = [one.name for one in over]
        self.batch = Batch(job, [(c.wrt, c.order) for c in curves if c.wrt], Deadline(job.autograd_allowance))
        first, second = (
            self.batch.rounded([to_float(x) for x in one.points(count)]) for one, count in zip(over, self.counts)
        )
        x, y = (grid.ravel() for grid in np.meshgrid(first, second))
        self.rows = self.batch.at({names[0]: x, names[1]: y})
        self.points = [(float(a), float(b)) for a, b in zip(x, y)]
        self.deadline = Deadline(job.allowance)  # now that torch has imported all that it wants
        self.truth: PlotTruth | None = None
        try:
            self.truth = PlotTruth(job, names, names, 1)
        except LimitError as error:
            self.notes.append(f"not held against the reference: {error.message}")
        wanted: list[Positions] = [(names.index(curve.wrt),) if curve.wrt else () for curve in curves]
        self.checker = PlotChecker(self.truth, names, wanted, job.dtype)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows (the second variable), columns (the first)."""
        return self.counts[1], self.counts[0]

    def sample(self) -> list[PlotSample]:
        """The samples, row by row from the smallest value of the second variable.

        Raises GradcliError where there is nothing to draw.
        """
        if self.truth is not None:
            self.truth.in_time(lambda: self.checker.see(self.points), self.deadline)
        samples = self.checker.samples(self.points, self.rows)
        values = self.checker.values(self.points, self.rows)
        if not np.isfinite(values[0]).any():
            raise NothingToDraw("sampling", "the function has no value in this range", hint="choose another one")
        self.windows = [window(row, False) for row in values]
        self.notes += self.checker.missing(samples)
        return samples
