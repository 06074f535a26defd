"""Where too few digits are kept: runs of points of one variable, groups of points of several."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gradcli.audit.samples import AuditPoint, AuditPoints, digits_of
from gradcli.audit.scales import AuditScale

LUCKY = 4  # points side by side that keep their digits by chance
SMALL = 0.02  # of the range: a gap that is no longer parts no stretch
NEAR = 1.0  # digits more than an input's own rounding leaves
LOOKED = 5  # of the points of a stretch, when it is asked how sensitive the function is


@dataclass(frozen=True)
class LossRun:
    """The points of a stretch of one column, in order, and the worst of them."""

    column: int
    points: tuple[AuditPoint, ...]

    @property
    def worst(self) -> AuditPoint:
        """Where the fewest digits are kept; of several alike one in the middle."""
        least = min(self.digits(one) for one in self.points)
        alike = [one for one in self.points if self.digits(one) <= least]
        finite = [one for one in alike if math.isfinite(one.computed[self.column]) and one.computed[self.column]]
        chosen = finite or alike
        return chosen[len(chosen) // 2]

    def digits(self, one: AuditPoint) -> float:
        """What is kept at a point."""
        found = one.digits[self.column]
        return math.inf if found is None else found


def runs(points: Sequence[AuditPoint], column: int, scale: AuditScale, enough: float) -> list[LossRun]:
    """The stretches of one column along one variable."""
    digits = digits_of(points, column)
    bad = np.flatnonzero(digits < enough)
    if not bad.size:
        return []
    places = scale.place(np.array([one.at[0] for one in points]))
    found: list[list[int]] = [[int(bad[0])]]
    for before, index in pairwise(map(int, bad)):
        between = digits[before + 1 : index]
        good = int(np.sum(between >= enough))
        close = places[index] - places[before] <= SMALL and good <= 2 * LUCKY
        if (good <= LUCKY or close) and not _ends(points[before + 1 : index]):
            found[-1].append(index)
        else:
            found.append([index])
    longest = max(map(len, found))
    kept = [
        each for each in found if len(each) > 1 or longest <= 1 + LUCKY
    ]  # a single point beside a stretch is chance
    return [LossRun(column, tuple(points[i] for i in each)) for each in kept]


def _ends(between: Sequence[AuditPoint]) -> bool:
    """Whether there is a part without a value between two points."""
    return sum(one.truth[0] is None for one in between) > 1


def sensitive(run: LossRun, points: AuditPoints) -> bool:
    """Whether the inputs' own rounding costs as many digits as are lost, at all of some points of a stretch."""
    column = points.computation.columns[run.column]
    step = max(1, len(run.points) // LOOKED)
    for one in {id(one): one for one in (*run.points[::step], run.worst)}.values():
        condition = points.truth.sensitivity(one.at, one.truth)[column.truth]
        allowed = math.log10(condition) if condition > 1 else 0.0
        kept = run.digits(one)
        if points.counter.most - min(kept, points.counter.most) > allowed + NEAR:
            return False
    return True
