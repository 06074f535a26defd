"""What to write instead: rewritings by the tables and by SymPy, a series near a hole, branches; over a whole range."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from gradcli.audit.columns import Computation
from gradcli.audit.data import AUTOGRAD, FUNCTION, BetterColumn, BetterProgram
from gradcli.audit.forms import sympy_forms
from gradcli.audit.measured import MeasuredProgram, ProgramMeter
from gradcli.audit.regimes import Regimes
from gradcli.audit.samples import AuditPoint
from gradcli.audit.scales import AuditScale
from gradcli.audit.series import LETTER, TERM, SeriesGuard
from gradcli.audit.stretches import NEAR
from gradcli.audit.truth import RangeTruth, Truth
from gradcli.audit.verified import limits_kept, verified
from gradcli.backends.arb.context import is_ball
from gradcli.problem.job import Job
from gradcli.problem.rewriting.candidates import rewritings
from gradcli.problem.rewriting.further import FURTHER
from gradcli.problem.rewriting.patterns import PATTERNS
from gradcli.runtime.deadlines import Deadline

MOST_STEPS = 6  # rewritings one after the other
BEAM = 4  # programs that are gone on from
MOST_TRIED = 220  # programs that are measured
WITHOUT = 2  # steps in a row that lead to nothing better
GOOD = 0.02  # what a program costs at the most that leaves nothing to look for
WORTH = 0.2  # less of the cost that make another program worth telling
HARMED, HARMED_SLOPES = 0.01, 0.03  # of the points: so many may lose what they had: of f, of a derivative
LACKING = 2.0  # digits, from which on it is asked whether the inputs' rounding explains them
POOL = 14  # programs that branches are made of
BRANCH = 0.03  # what a branch costs beside digits
TABLES = (*PATTERNS, *FURTHER)


class BetterSearch:
    """One search; `holes` are places of one variable at which f has only limits, with these."""

    def __init__(
        self, computation: Computation, scales: Sequence[AuditScale], samples: Sequence[AuditPoint],
        truth: RangeTruth, holes: Mapping[float, Truth], centers: Sequence[float], deadline: Deadline,
    ) -> None:  # fmt: skip
        self.job: Job = computation.job
        self.computation, self.scales, self.centers = computation, scales, centers
        self.names = computation.names
        self.truth, self.deadline = truth, deadline
        self.meter = ProgramMeter(self.job, self.names, samples, holes)
        self.pool: list[MeasuredProgram] = []

    def run(self) -> BetterProgram | None:
        """The best program that is verified; None where none is worth it."""
        text = self.job.program.source.text.strip()
        first = self.meter.measured(text, job=self.job)
        if first is None:
            return None
        self.first = first
        self.pool = [first]
        self._rewrite([first, *self._by_sympy(first)])
        if self._best.cost > GOOD and len(self.names) == 1:
            self._series()
        if self._best.cost > GOOD:
            self._branches()
        for one in sorted(self.pool, key=_rank):
            if one is first or one.cost > first.cost - WORTH:
                return None
            if self._harms(first, one):
                continue
            said = verified(self.job, one.job, self.names, self.meter, self.deadline)
            if said is not None:
                pair = limits_kept(self.job, one.job, self.names, self.meter, self.deadline)
                said += f"; where {pair} it has the limit" if pair else ""
                extends = self._extends(one) or pair is not None
                return BetterProgram(one.text, one.steps, self._columns(first, one), said, extends)
        return None

    @property
    def _best(self) -> MeasuredProgram:
        return min(self.pool, key=_rank)

    # Rewritings

    def _by_sympy(self, first: MeasuredProgram) -> list[MeasuredProgram]:
        found = []
        for text in sympy_forms(self.job):
            one = self.meter.measured(text, ((first.text, text),))
            if one is not None:
                found.append(one)
                self.pool.append(one)
        return found

    def _rewrite(self, start: Sequence[MeasuredProgram]) -> None:
        beam = sorted(start, key=_rank)[:BEAM]
        without, reached = 0, self._best.cost
        seen = {one.text for one in start}
        for _ in range(MOST_STEPS):
            fresh: list[MeasuredProgram] = []
            for one in beam:
                for other in self._rewritten(one, seen):
                    fresh.append(other)
            if not fresh:
                break
            self.pool += fresh
            beam = _different(fresh)[:BEAM]
            without = 0 if self._best.cost < reached - TERM else without + 1
            reached = self._best.cost
            if reached <= GOOD or without == WITHOUT:
                break
        self.pool = sorted({one.text: one for one in self.pool}.values(), key=_rank)

    def _rewritten(self, one: MeasuredProgram, seen: set[str]) -> Iterator[MeasuredProgram]:
        for candidate in rewritings(one.job.program, (), patterns=TABLES):
            if candidate.text in seen or len(self.meter.tried) > MOST_TRIED:
                continue
            seen.add(candidate.text)
            self.deadline.check()
            other = self.meter.measured(candidate.text, (*one.steps, (candidate.replaced, candidate.by)))
            if other is not None:
                yield other

    # Series and branches

    def _some(self) -> list[MeasuredProgram]:
        """Programs that may make a branch: the best ones, and for each point the one that is best there."""
        programs = sorted(self.pool, key=_rank)
        kept = programs[: POOL // 2]
        costs = np.stack([one.by_point for one in programs])
        for place in np.argsort(-costs.min(axis=0))[:: max(1, costs.shape[1] // POOL)]:
            kept.append(programs[int(np.argmin(costs[:, place]))])
        return list({one.text: one for one in kept}.values())[:POOL]

    def _series(self) -> None:
        guard = SeriesGuard(self.job, self.names[0], self.meter, self.deadline)
        for center in self.centers:
            for one in guard.programs(center, self._some(), self.first):
                self.pool.append(one)

    def _branches(self) -> None:
        regimes = Regimes(self.job, self.names, self.meter)
        for _ in range(2):
            found = list(itertools.islice(regimes.programs(self._some(), self._best.cost), 3))
            self.pool += found
            if not found:
                break

    # What is told

    def _columns(self, first: MeasuredProgram, other: MeasuredProgram) -> tuple[BetterColumn, ...]:
        found = []
        for column in self.computation.columns:
            if column.source not in (FUNCTION, AUTOGRAD):
                continue
            digits = [self.meter.counter.most - one.lost[column.truth] for one in (first, other)]
            told = np.isfinite(digits[1]) & ~self._sensitive(other, column.truth)
            if told.any():
                worst, mean = ([round(float(f(one[told])), 1) for one in digits] for f in (np.nanmin, np.nanmean))
                found.append(BetterColumn(column.name, worst[0], worst[1], mean[0], mean[1]))
        return tuple(found)

    def _sensitive(self, one: MeasuredProgram, which: int) -> Any:
        """The points at which the inputs' own rounding costs as many digits as are lacking."""
        found = np.zeros(len(self.meter.points), dtype=bool)
        for i in np.flatnonzero(np.nan_to_num(one.lost[which]) > LACKING):
            truth = self.meter.truths[i]
            if i < len(found) - self.meter.at_holes and is_ball(truth[which]):
                condition = self.truth.sensitivity(self.meter.points[i], truth)[which]
                found[i] = one.lost[which][i] <= math.log10(max(condition, 1.0)) + NEAR
        return found

    def _harms(self, first: MeasuredProgram, other: MeasuredProgram) -> bool:
        """Whether a number that was right is no longer, at more than a few points."""
        most = self.meter.counter.most
        with np.errstate(invalid="ignore"):
            worse = (first.lost < most / 4) & (other.lost > most / 2)
        return bool(worse[0].mean() > HARMED or worse[1:].mean(axis=1).max(initial=0.0) > HARMED_SLOPES)

    def _extends(self, one: MeasuredProgram) -> bool:
        """Whether it has the limit at a hole."""
        count = self.meter.at_holes
        return bool(count) and bool(np.all(one.lost[0][-count:] < self.meter.counter.most / 2))


def _different(programs: Sequence[MeasuredProgram]) -> list[MeasuredProgram]:
    """Programs by what they cost; of those that lose the same the shortest alone."""
    kept: dict[float, MeasuredProgram] = {}
    for one in sorted(programs, key=lambda one: len(one.text)):
        kept.setdefault(round(one.cost, 3), one)
    return sorted(kept.values(), key=_rank)


def _rank(one: MeasuredProgram) -> tuple[float, int]:
    return one.cost + BRANCH * one.text.count("where(") + LETTER * len(one.text), len(one.text)
