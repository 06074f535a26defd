"""The points of one variable: along the whole range, around what is special, and ever more where digits change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from gradcli.audit.samples import AuditPoint, AuditPoints
from gradcli.audit.scales import AuditScale, rounded
from gradcli.backends.torch.run import run_all
from gradcli.errors import GradcliError
from gradcli.language.numbers import to_float
from gradcli.problem.job import Job
from gradcli.tape.tape import Primitive

FIRST = 161  # points along the whole range
ROUNDS = 6  # of halving what lies between points whose digits differ
MOST = 1_200  # points
CHANGE = 2.0  # digits from one point to the next that are looked into
RUNG_DIGITS = 6  # of their distances
RUNGS = 40  # points to each side of a special place, ever closer
CLOSEST = 16.5  # decades from it, relative to it
MOST_PLACES = 12  # special places, and roots of sums, that are climbed down to
ROOT_STEPS = 60  # of halving to a root of a sum
CLOSE = 0.1  # of its terms: a sum that comes no closer to 0 keeps its digits
NARROWED, NARROWINGS = 33, 9  # points between two neighbours, again and again, in search of the closest
GOLDEN = 0.6180339887498949


class AuditLine:
    """Samples one variable."""

    def __init__(self, job: Job, points: AuditPoints, scale: AuditScale, enough: float) -> None:
        self.job, self.points, self.scale, self.enough = job, points, scale, enough
        self.name = scale.axis.name

    def sample(self, places: Sequence[Fraction]) -> list[AuditPoint]:
        """All points, in order; around these places they lie close."""
        first = self._inside(self.scale.number(np.linspace(0, 1, FIRST)))
        self._add(first)
        roots = self._roots_of_sums(np.array(sorted(one[0] for one in self.points.found)))
        ladders = [to_float(one) for one in _spread(places, MOST_PLACES)] + _spread(roots, MOST_PLACES)
        ends = sorted({*ladders, self.scale.start, self.scale.stop})
        for x in ladders:
            self._add(self._ladder(x, ends))
        for number in range(ROUNDS):
            more = self._between(number)
            if not more or len(self.points.found) >= MOST:
                break
            self._add(more)
        return self.points.in_order

    def _add(self, xs: Sequence[float]) -> None:
        self.points.add([(float(x),) for x in self._inside(xs)])

    def _inside(self, xs: Any) -> Any:
        found = self.points.computation.rounded(xs)
        return [float(x) for x in np.unique(found) if self.scale.start <= x <= self.scale.stop]

    def _ladder(self, x: float, ends: Sequence[float]) -> list[float]:
        """Points ever closer to a place, from both sides."""
        found = [x]
        for sign in (-1, 1):
            away = [abs(end - x) for end in ends if (end - x) * sign > 0]
            if not away:
                continue
            far = min(away)
            near = max(abs(x), far if x == 0 else 0.0) * 10.0**-CLOSEST
            if near < far:
                found += [x + sign * d for d in rounded(np.geomspace(far, near, RUNGS + 2)[1:], RUNG_DIGITS)]
        return found

    def _between(self, number: int) -> list[float]:
        """Points where the digits of two neighbours differ."""
        found = []
        for i, (a, b) in enumerate(pairwise(self.points.in_order)):
            if _differ(a, b, self.enough):
                part = 0.35 + 0.3 * ((i + number) * GOLDEN % 1)
                place = self.scale.place(a.at[0]) * (1 - part) + self.scale.place(b.at[0]) * part
                x = float(self.scale.number(place))
                if not a.at[0] < x < b.at[0]:
                    x = a.at[0] + (b.at[0] - a.at[0]) * part
                found.append(x)
        return found[: MOST - len(self.points.found)]

    def _roots_of_sums(self, xs: Any) -> list[float]:
        """Where a sum or a difference in the program goes through 0, as torch computes it."""
        tape = self.job.typed
        sums = [i for i, op in enumerate(tape.ops) if isinstance(op, Primitive) and op.row.name in ("+", "-")]
        if not sums or not self.points.computation.batch.at_once:
            return []
        values = self._values(xs)
        found: list[float] = []
        for index in sums if values is not None else ():
            assert values is not None
            signs = np.sign(np.nan_to_num(values[index].expand(len(xs)).numpy()))
            for i in np.flatnonzero(signs[:-1] * signs[1:] < 0):
                found.append(self._root(index, float(xs[i]), float(xs[i + 1]), float(signs[i])))
            found += self._closest(tape.ops[index].args, index, xs, values)
        return list(dict.fromkeys(found))

    def _closest(self, args: Sequence[int], index: int, xs: Any, values: Sequence[Any]) -> list[float]:
        """Where a sum comes close to 0, beside its terms, and goes back: a root of even order."""

        def share(known: Sequence[Any], count: int) -> Any:
            result, *terms = (np.abs(known[i].expand(count).numpy()) for i in (index, *args))
            with np.errstate(all="ignore"):
                return np.nan_to_num(result / np.maximum(*terms), nan=1.0, posinf=1.0)

        shares = share(values, len(xs))
        inner = (shares[1:-1] < CLOSE) & (shares[1:-1] <= shares[:-2]) & (shares[1:-1] < shares[2:])
        found = []
        for i in np.flatnonzero(inner)[:MOST_PLACES] + 1:
            low, high = float(xs[i - 1]), float(xs[i + 1])
            for _ in range(NARROWINGS):
                between = np.linspace(low, high, NARROWED)
                known = self._values(between)
                if known is None:
                    break
                least = int(np.argmin(share(known, NARROWED)))
                low, high = float(between[max(least - 1, 0)]), float(between[min(least + 1, NARROWED - 1)])
            found.append((low + high) / 2)
        return found

    def _root(self, index: int, a: float, b: float, sign: float) -> float:
        for _ in range(ROOT_STEPS):
            middle = self.scale.between(a, b)
            middle = middle if a < middle < b else (a + b) / 2
            if not a < middle < b:
                break
            values = self._values(np.array([middle]))
            here = float(np.sign(float(values[index].reshape(-1)[0]))) if values is not None else 0.0
            if here == sign:
                a = middle
            else:
                b = middle
        return b

    def _values(self, xs: Any) -> list[Any] | None:
        tape, like = self.job.typed, self.points.computation.batch.like
        fixed = (self.job.numbers or {}).items()
        inputs = {name: torch.tensor(to_float(one), dtype=like.dtype) for name, one in fixed if name in tape.inputs}
        if self.name in tape.inputs:
            inputs[self.name] = torch.tensor(xs, dtype=torch.float64).to(like)
        try:
            with torch.no_grad():
                return [one.double() if one.is_floating_point() else one for one in run_all(tape, inputs, like)]
        except (RuntimeError, ValueError, GradcliError):
            return None


def _differ(a: AuditPoint, b: AuditPoint, enough: float) -> bool:
    if a.state != b.state:
        return True
    for one, other in zip(a.digits, b.digits):
        if (one is None) != (other is None):
            return True
        if one is not None and other is not None:
            low, high = sorted((one, other))
            if high - low > CHANGE and (low < enough or high - low > 2 * CHANGE):
                return True
    return False


def _spread(values: Sequence[Any], most: int) -> list[Any]:
    """At most so many of some values, from all over."""
    if len(values) <= most:
        return list(values)
    step = (len(values) - 1) / (most - 1)
    return [values[math.floor(i * step)] for i in range(most)]
