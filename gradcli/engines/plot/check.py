"""Each point of a plot held against the truth, as far as there is time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from gradcli.clock import OutOfTime
from gradcli.engines.arithmetic import GivenUp
from gradcli.engines.chain import chain
from gradcli.engines.findings import Positions
from gradcli.engines.plot.data import KINK, OK, OUTSIDE, UNCHECKED, WRONG, Sample
from gradcli.engines.plot.truth import MAX_WORK, Seen, Truth, is_number
from gradcli.errors import Source
from gradcli.language.numbers import Dtype

Point = tuple[float, ...]

ASIDE = 1e-30  # how far from a break its two sides are looked at
ALIKE = 1e-20  # how close what is found there comes, where nothing breaks


class Checker:
    """What is true at the points of a plot, and whether torch says it too.

    `names` are the variables that vary, `wanted` the value and the derivatives.
    """

    def __init__(
        self, truth: Truth | None, names: Sequence[str], wanted: Sequence[Positions], dtype: Dtype, source: Source
    ) -> None:
        self.truth = truth
        self.names = names
        self.wanted = wanted
        self.bound = 10 ** (-dtype.digits / 2)
        self.largest = math.ldexp(1.0, min(dtype.largest, 1023))
        self.source = source
        self.seen: dict[Point, Seen] = {}
        self.wrong: dict[Point, tuple[int, ...]] = {}
        self._chains: dict[int, Any] = {}

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
        """What is at a point; where an operation is on a break, what the points around it say, or nothing."""
        assert self.truth is not None
        at = self.at(point)
        here = self.truth.look(at, self.wanted)
        if here.unknown or here.values[0] is None or not any(0 in row for row in here.breaks):
            return here
        beside = []
        for name in self.names:
            step = (abs(at[name]) or 1) * self.truth.arithmetic.m.mpf(ASIDE)
            beside += [self.truth.look({**at, name: at[name] + sign * step}, self.wanted) for sign in (-1, 1)]
        values = []
        for j, own in enumerate(here.values):
            sides = [one.values[j] for one in beside]
            smooth = _alike(sides) and (j > 0 or _alike([own, *sides]))
            values.append(None if not smooth else own if _alike([own, *sides]) else sides[0])
        if values[0] is None or None in values:
            values = [here.values[0], *[None] * (len(values) - 1)]
        return Seen(tuple(values), here.breaks)

    def at(self, point: Point) -> Mapping[str, Any]:
        """The point for high precision."""
        assert self.truth is not None
        return dict(zip(self.names, map(self.truth.arithmetic.m.mpf, point)))

    def samples(self, points: Sequence[Point], rows: Any) -> list[Sample]:
        """The points, with a row of what torch says for each curve."""
        return [self._sample(point, tuple(map(float, column))) for point, column in zip(points, rows.T)]

    def values(self, points: Sequence[Point], rows: Any) -> Any:
        """A row for each curve, of what is true as far as that is known, else of what torch says; NaN for nothing."""
        columns = []
        for point, said in zip(points, rows.T):
            seen = self.seen.get(point)
            known = seen is not None and not seen.unknown
            values = seen.values if seen is not None and known else said
            columns.append([math.nan if value is None else float(value) for value in values])
        return np.array(columns, dtype=float).T

    def _sample(self, point: Point, autograd: tuple[float, ...]) -> Sample:
        seen = self.seen.get(point)
        if seen is None or seen.unknown:
            values = tuple(number if math.isfinite(number) else None for number in autograd)
            return Sample(point, values, autograd, UNCHECKED)
        if seen.values[0] is None:
            return Sample(point, (None,) * len(autograd), autograd, OUTSIDE)
        values = tuple(self._double(value) for value in seen.values)
        if point not in self.wrong:
            try:
                self.wrong[point] = self._wrong(point, autograd, values)
            except OutOfTime:
                return Sample(point, values, autograd, UNCHECKED)
        wrong = self.wrong[point]
        status = WRONG if wrong else KINK if None in seen.values else OK
        return Sample(point, values, autograd, status, wrong)

    def _wrong(self, point: Point, autograd: Sequence[float], values: Sequence[float | None]) -> tuple[int, ...]:
        """The curves that torch is wrong about."""
        pairs = enumerate(zip(autograd, values))
        return tuple(j for j, (said, true) in pairs if true is not None and not self._is_right(said, true, j, point))

    def _double(self, value: Any) -> float | None:
        if value is None:
            return None
        number = float(value)
        return number if math.isfinite(number) else None

    def _is_right(self, said: float, true: float, curve: int, point: Point) -> bool:
        """Whether torch has half of its digits, as the verdict `agree` of a single point wants them."""
        if said == true:
            return True
        if not math.isfinite(said):
            return abs(true) > self.largest
        error = abs(said - true)
        if error <= self.bound * abs(true):
            return True
        return error <= self.bound * self._size(curve, point)

    def _size(self, curve: int, point: Point) -> float:
        """The sum of the absolute contributions to a derivative: what its digits are counted by where it is near 0."""
        positions = self.wanted[curve]
        assert self.truth is not None
        order = len(positions)
        if not order:
            return self._largest(point)
        if order not in self._chains:
            self._chains[order] = chain(self.truth.tape, self.truth.wrt, order, self.source)
        found = self._chains[order]
        inputs = self.truth.inputs(self.at(point))
        try:
            values = self.truth.arithmetic.run(found.tape, inputs)
            return float(found.contributions(values, positions[:-1])[positions[-1]])
        except (GivenUp, OverflowError):
            return 0.0

    def _largest(self, point: Point) -> float:
        """The largest number that the value is made from."""
        assert self.truth is not None
        values = self.truth.arithmetic.run(
            self.truth.chain.tape, self.truth.inputs(self.at(point)), self.truth.chain.length
        )
        numbers = [abs(value) for value in values if value is not None and not isinstance(value, bool)]
        return float(max(numbers, default=0))


def _alike(values: Sequence[Any]) -> bool:
    """Whether numbers are the same but for the small steps between their places."""
    if not all(map(is_number, values)):
        return False
    return bool(max(values) - min(values) <= ALIKE * max(1, *map(abs, values)))


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
