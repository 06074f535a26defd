"""A function of one variable: sampled by torch, its breaks located and judged, each point held against the truth."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from gradcli.errors import LimitError
from gradcli.language.numbers import to_float
from gradcli.plot.batch import Batch
from gradcli.plot.check import PlotChecker
from gradcli.plot.curves import Curve, PlotSample, Special, Window
from gradcli.plot.data import NothingToDraw
from gradcli.plot.sampling import FIRST, MAX_POINTS, refine, window
from gradcli.plot.specials import Specials
from gradcli.plot.truth import PlotTruth
from gradcli.problem.job import Job
from gradcli.problem.ranges import Range
from gradcli.reference.breakpoints import MAX_FOUND, Breakpoint, Breakpoints
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.findings import Positions

FOR_FIRST = 0.4  # of the time that is left, for what is true at the points,
FOR_PLACES = 0.4  # for looking for places where something breaks,
FOR_MORE = 0.6  # for what is true at further points,
FOR_SORTING = 0.5  # and for looking at one of them


class PlotLine:
    """The function and its derivatives over one variable; the function itself is the first curve."""

    def __init__(self, job: Job, over: Range, curves: Sequence[Curve]) -> None:
        self.job = job
        self.over = over
        self.curves = curves
        self.notes: list[str] = []
        self.specials: list[Special] = []
        self.places: Breakpoints | None = None
        self.incomplete = False
        self.windows: list[Window] = []
        wrt = list(dict.fromkeys((over.name, *(curve.wrt for curve in curves if curve.wrt))))
        self.wrt = wrt
        self.wanted: list[Positions] = [(wrt.index(c.wrt),) * c.order if c.wrt else () for c in curves]
        self.batch = Batch(job, [(c.wrt, c.order) for c in curves if c.wrt], Deadline(job.autograd_allowance))
        exact = over.points(over.number or FIRST)
        self.first = np.unique(self.batch.rounded([to_float(x) for x in exact]))
        self.rows = self._autograd(self.first)
        self.deadline = Deadline(job.allowance)  # now that torch has imported all that it wants
        self.truth = self._truth(max(1, *(curve.order for curve in curves)))
        self.checker = PlotChecker(self.truth, [over.name], self.wanted, job.dtype)

    def _truth(self, order: int) -> PlotTruth | None:
        try:
            return PlotTruth(self.job, [self.over.name], self.wrt, order)
        except LimitError as error:
            self.notes.append(f"not held against the reference, and kinks are not looked for: {error.message}")
            return None

    def sample(self) -> list[PlotSample]:
        """The samples, in order; specials, windows and notes are kept beside.

        Raises GradcliError where there is nothing to draw.
        """
        xs, rows = self.first, self.rows
        self._look(xs, FOR_FIRST)
        self._find(xs)
        self._set_windows(values := self.checker.values(_points(xs), rows), self.curves)
        if self.over.number is None:
            xs = self._refined(xs, values)
            rows = self._autograd(xs)
            if len(xs) >= MAX_POINTS:
                self.notes.append(f"{len(xs):,} points are the limit: finer detail may be missing")
        self._look(xs, 1.0)
        samples = self.checker.samples(_points(xs), rows)
        self._say_what_is_missing(samples)
        not_clipped = [curve for curve, one in zip(self.curves, self.windows) if not one.clipped]
        self._set_windows(self.checker.values(_points(xs), rows), not_clipped)
        return self._with_specials(samples)

    def _refined(self, xs: Any, values: Any) -> Any:
        """The points, with more of them where the true curves bend: not where torch's numbers are noise."""
        until = self.deadline.within(self.deadline.left * FOR_MORE)

        def evaluate(more: Any) -> Any:
            if until.left < 0:
                return None
            if self.truth is not None:
                self.truth.in_time(lambda: self.checker.see(_points(more)), until)
            return self.checker.values(_points(more), self._autograd(more))

        cuts = [special.x for special in self.specials]
        found = refine(xs, values, cuts, self.windows, self.batch.rounded, evaluate)
        if until.left < 0:
            self.notes.append("finer detail may be missing: the time was up (--patience)")
        return found

    def _set_windows(self, values: Any, curves: Sequence[Curve]) -> None:
        """What is worth showing of some curves; a clipped one's has to come from points that are evenly spaced."""
        found = {
            curve: window([*row, *self._limits(j)], self._has_pole(j))
            for j, (curve, row) in enumerate(zip(self.curves, values))
        }
        before = self.windows or [found[curve] for curve in self.curves]
        self.windows = [found[c] if c in curves else one for c, one in zip(self.curves, before)]

    def _with_specials(self, samples: Sequence[PlotSample]) -> list[PlotSample]:
        """The samples, and one for each special place, with what is true there."""
        places = {special.x for special in self.specials}
        found = [sample for sample in samples if sample.x not in places]
        nothing = (math.nan,) * len(self.curves)
        found += [PlotSample((s.x,), s.value, s.autograd or nothing, s.kind) for s in self.specials]
        return sorted(found, key=lambda sample: sample.x)

    def _autograd(self, xs: Any) -> Any:
        return self.batch.at({self.over.name: xs})

    def _look(self, xs: Any, part: float) -> None:
        self._in_time(lambda: self.checker.see(_points(xs)), part)

    def _in_time(self, work: Callable[[], None], part: float) -> bool:
        """Do what there is time for; whether all was done."""
        return self.truth is None or self.truth.in_time(work, self.deadline.within(self.deadline.left * part))

    def _say_what_is_missing(self, samples: Sequence[PlotSample]) -> None:
        """Say what could not be looked at, and refuse what shows nothing."""
        name = self.over.name
        if all(value is None for sample in samples for value in sample.values):
            start, stop = to_float(self.over.start), to_float(self.over.stop)
            raise NothingToDraw("sampling", f"the function has no value from {name} = {start!r} to {stop!r}",
                                hint="choose another range with --over")  # fmt: skip
        self.notes += self.checker.missing(samples)
        if self.incomplete:
            self.notes.append("not all kinks are looked for: the time was up (--patience)")
        if self.places is not None and not self.places.complete:
            many = len(self.places.found)
            more = f"there are more than {many:,} kinks" if many >= MAX_FOUND else "there may be more kinks"
            self.notes.append(f"{more}: not all of them are marked")

    # Special places

    def _find(self, xs: Any) -> None:
        """Find the places where something breaks, and look at each."""
        truth = self.truth
        if truth is None:
            return
        start, stop = to_float(self.over.start), to_float(self.over.stop)
        self.places = places = Breakpoints(truth.tape, self.over.name, truth.fixed)
        also = [Fraction(float(x)) for x in xs]
        if not self._in_time(lambda: places.search(self.over.start, self.over.stop, also), FOR_PLACES):
            self.incomplete = True
        looks = Specials(truth, self.over.name, self.wanted, start, stop)
        for place in sorted(places.found):
            if start <= place.x <= stop and not self._in_time(partial(self._sort, looks, place), FOR_SORTING):
                self.specials.append(looks.undecided(place))

    def _sort(self, looks: Specials, place: Breakpoint) -> None:
        """Keep a place if something breaks there."""
        assert self.places is not None
        x, autograd = float(place.x), None
        special = looks.at(place, self.places.found)
        if special is None:
            return
        if place.exact and self.batch.rounded([x])[0] == x:
            autograd = tuple(map(float, self._autograd(np.array([x]))[:, 0]))
        self.specials.append(replace(special, autograd=autograd))

    def _limits(self, curve: int) -> list[float]:
        """What a curve tends to at the places where something breaks."""
        return [
            end for special in self.specials for end in (special.left[curve], special.right[curve]) if end is not None
        ]

    def _has_pole(self, curve: int) -> bool:
        """Whether a curve grows without bound somewhere in the range."""
        return any(map(math.isinf, self._limits(curve)))


def _points(xs: Any) -> list[tuple[float, ...]]:
    return [(float(x),) for x in xs]
