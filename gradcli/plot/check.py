"""Each point of a plot held against the truth, as far as there is time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from gradcli.language.numbers import Dtype
from gradcli.plot.curves import KINK, OK, OUTSIDE, UNCHECKED, WRONG, PlotSample
from gradcli.plot.truth import MAX_WORK, PlotTruth, Seen
from gradcli.reference.digits import enough, tolerance
from gradcli.reference.point import Reference
from gradcli.reference.verdict import Verdict, judge, judge_value
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.chain import Chain, chain
from gradcli.tape.findings import Finding, Findings, Positions

Point = tuple[float, ...]

DIGITS = 20  # of the truth
SECONDS = 1.0  # for one point that torch may be wrong at


class _Undecided(Exception):
    """The reference cannot tell whether a number is right."""


class PlotChecker:
    """What is true at the points of a plot, and whether torch says it too.

    `names` are the variables that vary, `wanted` the value and the derivatives.
    """

    def __init__(
        self, truth: PlotTruth | None, names: Sequence[str], wanted: Sequence[Positions], dtype: Dtype
    ) -> None:
        self.truth = truth
        self.names = names
        self.wanted = wanted
        self.bound = tolerance(enough(dtype))
        self.largest = math.ldexp(1.0, min(dtype.largest, 1023))
        self.dtype = dtype
        self.seen: dict[Point, Seen] = {}
        self.undecided: set[Point] = set()
        self.wrong: dict[Point, tuple[int, ...]] = {}
        self._chains: dict[int, Chain] = {}
        self._judged: dict[tuple[Point, int], Findings] = {}

    def see(self, points: Sequence[Point]) -> None:
        """Look at points that have not been looked at; in an order that leaves no large gap when the time is up."""
        if self.truth is None:
            return
        new = [point for point in points if point not in self.seen]
        for index in _spread(len(new)):
            if len(self.seen) * self.truth.cost > MAX_WORK:
                return
            self.seen[new[index]] = self._look(new[index])

    def _look(self, point: Point) -> Seen:
        """What is at a point; where one derivative does not exist, no other one is shown."""
        assert self.truth is not None
        seen = self.truth.look(self.at(point), self.wanted)
        if seen.smooth or seen.unknown or None not in seen.values:
            return seen
        return Seen((seen.values[0], *[None] * (len(seen.values) - 1)), False)

    def at(self, point: Point) -> Mapping[str, Fraction]:
        """The point, exactly."""
        return dict(zip(self.names, map(Fraction, point)))

    def samples(self, points: Sequence[Point], rows: Any) -> list[PlotSample]:
        """The points, with a row of what torch says for each curve."""
        return [self._sample(point, tuple(map(float, column))) for point, column in zip(points, rows.T)]

    def values(self, points: Sequence[Point], rows: Any) -> Any:
        """A row for each curve, of what is true as far as that is known, else of what torch says; NaN for nothing."""
        columns = []
        for point, said in zip(points, rows.T):
            seen = self.seen.get(point)
            known = seen is not None and not seen.unknown
            values = seen.doubles() if seen is not None and known else said
            columns.append([math.nan if value is None else float(value) for value in values])
        return np.array(columns, dtype=float).T

    def missing(self, samples: Sequence[PlotSample]) -> list[str]:
        """Why some points are not held against the truth."""
        points = [sample.at for sample in samples if sample.status == UNCHECKED]
        if self.truth is None or not points:
            return []
        known = sum(point in self.undecided or (point in self.seen and self.seen[point].unknown) for point in points)
        reasons = {"the reference cannot tell": known, "the time was up (--patience)": len(points) - known}
        return [
            f"{count:,} of {len(samples):,} points are not held against the reference: {reason}"
            for reason, count in reasons.items()
            if count
        ]

    def _sample(self, point: Point, autograd: tuple[float, ...]) -> PlotSample:
        seen = self.seen.get(point)
        if seen is None or seen.unknown:
            values = tuple(number if math.isfinite(number) else None for number in autograd)
            return PlotSample(point, values, autograd, UNCHECKED)
        if seen.values[0] is None:
            return PlotSample(point, (None,) * len(autograd), autograd, OUTSIDE)
        values = tuple(number if number is None or math.isfinite(number) else None for number in seen.doubles())
        if point not in self.wrong:
            try:
                self.wrong[point] = self._wrong(point, autograd, values)
            except _Undecided:
                self.undecided.add(point)
                return PlotSample(point, values, autograd, UNCHECKED)
        wrong = self.wrong[point]
        status = WRONG if wrong else KINK if None in seen.values else OK
        return PlotSample(point, values, autograd, status, wrong)

    def _wrong(self, point: Point, autograd: Sequence[float], values: Sequence[float | None]) -> tuple[int, ...]:
        """The curves that torch is wrong about."""
        pairs = enumerate(zip(autograd, values))
        return tuple(j for j, (said, true) in pairs if true is not None and not self._is_right(said, true, j, point))

    def _is_right(self, said: float, true: float, curve: int, point: Point) -> bool:
        """Whether torch has half of its digits, as the verdict `agree` of a single point wants them.

        What has not may be zero up to the rounding of what was typed; that takes the reference. Raises _Undecided.
        """
        if said == true:
            return True
        if not math.isfinite(said):
            return abs(true) > self.largest
        if abs(said - true) <= self.bound * abs(true):
            return True
        positions = self.wanted[curve]
        findings = self._findings(len(positions), point)
        if not positions:
            found = judge_value(said, findings.value, findings.value_rounding, self.dtype)
        else:
            found = judge(said, findings.partials.get(positions, Finding(None)), self.dtype)
        if found.verdict is Verdict.UNDECIDED:
            raise _Undecided
        return found.verdict is Verdict.AGREE

    def _findings(self, order: int, point: Point) -> Findings:
        """What the reference knows of the value, and of the derivatives of an order, at a point."""
        assert self.truth is not None
        order = max(order, 1)
        if (point, order) not in self._judged:
            if order not in self._chains:
                self._chains[order] = chain(self.truth.tape, self.truth.wrt, order, self.truth.source)
            found = self._chains[order]
            inputs = self.truth.fixed | dict(self.at(point))
            reference = Reference(found, found, inputs, DIGITS, Deadline(SECONDS), self.dtype.bits)
            self._judged[point, order] = reference.judge()
        return self._judged[point, order]


def _spread(count: int) -> Iterator[int]:
    """All positions: first few that are far apart, then ever more between them."""
    done: set[int] = set()
    step = 1
    while step < count:
        step *= 2
    while step >= 1:
        for index in range(0, count, step):
            if index not in done:
                done.add(index)
                yield index
        step //= 2
