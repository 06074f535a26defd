"""An audit, put together: points, stretches, places, what to blame, and what to write instead."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import torch

from gradcli.audit.blame import blame
from gradcli.audit.columns import Computation
from gradcli.audit.data import (
    FORMULA,
    LOSES,
    NO_VALUE,
    SENSITIVE,
    TRUSTED,
    UNDECIDED,
    Audit,
    AuditColumn,
    AuditPlace,
    AuditSample,
    BetterProgram,
    LossStretch,
)
from gradcli.audit.line import AuditLine
from gradcli.audit.places import AuditPlaces
from gradcli.audit.samples import NONE, OPEN, AuditPoint, AuditPoints, digits_of
from gradcli.audit.scales import AuditScale, axis_of
from gradcli.audit.stretches import LossRun, runs, sensitive
from gradcli.audit.truth import RangeTruth, Truth
from gradcli.backends.arb.context import UNKNOWN, is_ball, precision
from gradcli.backends.arb.flint import arb
from gradcli.problem.job import Job
from gradcli.problem.ranges import Range
from gradcli.problem.shown import listed_at, output_name
from gradcli.reference.digits import enough
from gradcli.reference.texts import text
from gradcli.runtime.deadlines import Deadline
from gradcli.version import __version__

FEW = 2  # points: a value at so few alone, as sqrt(x)*sqrt(-x) has, is none
MOST_STRETCHES = 12
MOST_BLAMED = 8
TRUE_DIGITS = 17
BITS = 256
NARROW = 0.1  # of its place: how wide a stretch around a point is
SMALL = 0.1  # a range that comes as close to 0 may have a series there
MOST_CENTERS = 4  # places of which a series is tried
OPEN_SHARE = 0.1  # of the points: more that the reference cannot tell leave the audit undecided


class Auditor:
    """One audit."""

    def __init__(
        self, job: Job, ranges: Sequence[Range], linear: bool, least: float | None, formulas: bool, deadline: Deadline
    ) -> None:
        self.job, self.deadline = job, deadline
        self.name = output_name(job)
        self.names = [one.name for one in ranges]
        self.scales = [AuditScale(axis_of(one, linear)) for one in ranges]
        self.enough = enough(job.dtype, least)
        self.computation = Computation(job, self.names, self.name, formulas)
        self.truth = RangeTruth(job, self.names, deadline)
        self.points = AuditPoints(self.computation, self.truth, job.dtype)
        self.notes: list[str] = []

    def audit(self, rewrite: bool) -> Audit:
        """The whole of it."""
        if len(self.names) == 1:
            samples, places, found = self._along()
        else:
            samples, places, found = self._box()
        stretches = self._told(found, len(samples))
        better = self._better(samples, stretches, places) if rewrite else None
        return Audit(
            self.job.program.source.text.strip(), self.name, tuple(one.axis for one in self.scales),
            {name: value for name, value in listed_at(self.job).items() if name not in self.names},
            self.job.dtype.name, self.enough, self._columns(samples), tuple(stretches), tuple(places), better,
            tuple(AuditSample(one.at, one.value(), one.digits) for one in samples),
            sum(one.state == OPEN for one in samples), self._verdict(samples, stretches, better),
            (*self.job.notes, *self.notes), {"gradcli": __version__, "torch": torch.__version__},
        )  # fmt: skip

    # Points

    def _along(self) -> tuple[list[AuditPoint], list[AuditPlace], list[LossRun]]:
        scale = self.scales[0]
        places = AuditPlaces(self.job, scale, self.name, self.deadline)
        special = places.search()
        self.points.kinks = {float(x) for x in special}
        zero = [Fraction(0)] if scale.start < 0 < scale.stop and scale.kind == "symlog" else []
        samples = AuditLine(self.job, self.points, scale, self.enough).sample([*special, *zero])
        listed = sorted((*places.sort(), *places.thresholds(self.points, samples)), key=lambda one: one.x)
        if not places.complete:
            self.notes.append("not all kinks, poles and holes are looked for: there are too many, or the time was up")
        found = [
            run for column in range(len(self.computation.columns)) for run in runs(samples, column, scale, self.enough)
        ]
        return samples, listed, found

    def _box(self) -> tuple[list[AuditPoint], list[AuditPlace], list[LossRun]]:
        from gradcli.audit.box import AuditBox

        box = AuditBox(self.points, self.scales, self.enough)
        samples = box.sample()
        return samples, self._crossed(), box.groups(samples)

    def _crossed(self) -> list[AuditPlace]:
        """What is special along each variable of a box, the others somewhere in their ranges."""
        middles = {one.axis.name: _off_middle(one, number) for number, one in enumerate(self.scales)}
        found: list[AuditPlace] = []
        for scale in self.scales:
            own = scale.axis.name
            others = {name: value for name, value in middles.items() if name != own}
            point = {**(self.job.point or {}), **{name: Fraction(value) for name, value in others.items()}}
            places = AuditPlaces(replace(self.job, point=point, wrt=(own,)), scale, self.name, self.deadline)
            places.search()
            found += [replace(one, along=own, at=others) for one in places.sort()]
        return found

    # What is said

    def _told(self, found: Sequence[LossRun], count: int) -> list[LossStretch]:
        """The stretches, each with what is to blame."""
        told = []
        order = sorted(found, key=lambda run: (run.column, run.digits(run.worst), -len(run.points)))
        for number, run in enumerate(order[:MOST_STRETCHES]):
            worst, column = run.worst, self.computation.columns[run.column]
            said = worst.computed[run.column]
            fault = blame(column, self.names, worst, said) if number < MOST_BLAMED else None
            ends = [[min(one.at[i] for one in run.points), max(one.at[i] for one in run.points)]
                    for i in range(len(self.names))]  # fmt: skip
            with precision(BITS):
                true = text(worst.truth[column.truth], TRUE_DIGITS)
            told.append(LossStretch(
                column.name, {name: low for name, (low, _) in zip(self.names, ends)},
                {name: high for name, (_, high) in zip(self.names, ends)}, round(run.digits(worst), 1),
                dict(zip(self.names, worst.at)), said if math.isfinite(said) else None, true,
                fault.operation if fault else None, fault.reason if fault else None, sensitive(run, self.points),
                round(len(run.points) / count, 3) if len(self.names) > 1 else None,
            ))  # fmt: skip
        if len(order) > MOST_STRETCHES:
            self.notes.append(f"{len(order) - MOST_STRETCHES} more stretches lose digits, and are not listed")
        return told

    def _columns(self, samples: Sequence[AuditPoint]) -> tuple[AuditColumn, ...]:
        found = []
        for index, column in enumerate(self.computation.columns):
            digits = digits_of(samples, index)
            known = digits[~np.isnan(digits)]
            worst, mean = (round(float(known.min()), 1), round(float(known.mean()), 1)) if known.size else (None, None)
            found.append(AuditColumn(column.name, column.source, column.wrt, column.text, worst, mean, int(known.size)))
        return tuple(found)

    def _better(
        self, samples: Sequence[AuditPoint], stretches: Sequence[LossStretch], places: Sequence[AuditPlace]
    ) -> BetterProgram | None:
        """What to write instead, where digits are lost, or there is a hole."""
        holes = self._holes(places)
        if not holes and not any(one.column in self._own for one in stretches):
            return None
        from gradcli.audit.search import BetterSearch

        found = BetterSearch(
            self.computation, self.scales, samples, self.truth, holes, self._centers(holes, stretches), self.deadline
        ).run()
        if found is None and any(one.column in self._own and not one.sensitive for one in stretches):
            self.notes.append("no program that was tried keeps more digits")
        return found

    @property
    def _own(self) -> set[str]:
        """The columns that another program may better: f itself, and autograd."""
        return {column.name for column in self.computation.columns if column.source != FORMULA}

    def _holes(self, places: Sequence[AuditPlace]) -> dict[float, Truth]:
        """The limits at holes, as what is true there."""
        found = {}
        with precision(BITS):
            for one in places:
                if (
                    one.along is None
                    and one.kind == "hole"
                    and one.value is not None
                    and self.job.dtype.name == "float64"
                ):
                    slope = UNKNOWN if one.slope is None else arb(one.slope)
                    found[one.x] = (arb(one.value), slope)
        return found

    def _centers(self, holes: Mapping[float, Truth], stretches: Sequence[LossStretch]) -> list[float]:
        """Where a series may help: holes, what narrow stretches lie around, and 0."""
        if len(self.names) > 1:
            return []
        (scale,) = self.scales
        found = [*holes]
        for one in stretches:
            low, high = one.start[scale.axis.name], one.stop[scale.axis.name]
            if 0 < high - low < NARROW * max(abs(low), abs(high)) and not one.sensitive and low * high > 0:
                root = self._root_of_slope(low, high)
                found += [] if root is None else [root]
        if scale.start <= SMALL and scale.stop >= -SMALL:
            found.append(0.0)
        return list(dict.fromkeys(found))[:MOST_CENTERS]

    def _root_of_slope(self, low: float, high: float) -> float | None:
        """Where the derivative changes its sign: a root of even order of what is lost there; None where it does not."""

        def sign(x: float) -> int:
            slope = self.truth.at((x,))[1]
            return 0 if not is_ball(slope) else (slope > 0) - (slope < 0)

        a, b, first = low, high, sign(low)
        if not first or sign(high) != -first:
            return None
        while a < (middle := (a + b) / 2) < b:
            here = sign(middle)
            if not here:
                return middle
            a, b = (middle, b) if here == first else (a, middle)
        return b

    def _verdict(
        self, samples: Sequence[AuditPoint], stretches: Sequence[LossStretch], better: BetterProgram | None
    ) -> str:
        own = [one for one in stretches if one.column in self._own]
        if any(not one.sensitive for one in own) or (own and better is not None):
            return LOSES
        if sum(one.state != NONE for one in samples) <= FEW and not any(one.digits[0] is not None for one in samples):
            return NO_VALUE
        if sum(one.state == OPEN for one in samples) > OPEN_SHARE * len(samples):
            return UNDECIDED
        return SENSITIVE if own else TRUSTED


def _off_middle(scale: AuditScale, number: int) -> float:
    """A round number a quarter from one of the ends: not that of another variable, where the program may be special."""
    middle = scale.between(scale.start, scale.stop)
    ends = (scale.start, middle) if number % 2 else (middle, scale.stop)
    found = float(f"{scale.between(*ends):.2g}")
    return found if scale.start <= found <= scale.stop else middle
