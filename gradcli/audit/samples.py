"""The points of an audit: what was computed at each, what is true, and how many digits of it are right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcli.audit.columns import Computation
from gradcli.audit.truth import RangeTruth, Truth
from gradcli.backends.arb.context import UNKNOWN, Enclosed, is_ball, precision
from gradcli.backends.arb.flint import arb
from gradcli.language.numbers import Dtype
from gradcli.reference.digits import agreeing

Point = tuple[float, ...]
BITS = 256
MARGIN = 16.0  # times the slope that the rounding of f hides
FINE, BEYOND, TINY, NONE, OPEN = "fine", "beyond", "tiny", "none", "open"  # what a true number is to the dtype


@dataclass(slots=True)
class AuditPoint:
    """One point.

    computed  by column
    digits    by column; None where there is nothing to count
    truth     of the value and each derivative
    state     of the true value: fine, beyond the dtype, below its normal numbers, none, or open
    """

    at: Point
    truth: Truth
    computed: tuple[float, ...]
    digits: tuple[float | None, ...]
    state: str

    def value(self) -> float | None:
        """The true value as a double."""
        return float(self.truth[0].mid()) if is_ball(self.truth[0]) and self.state in (FINE, TINY) else None


class AuditPoints:
    """Points that were looked at, by their coordinates."""

    def __init__(self, computation: Computation, truth: RangeTruth, dtype: Dtype) -> None:
        self.computation, self.truth, self.dtype = computation, truth, dtype
        self.counter = DigitCounter(dtype)
        self.found: dict[Point, AuditPoint] = {}
        self.kinks: set[float] = set()  # of one variable: where no derivative is claimed

    def add(self, points: Sequence[Point]) -> list[AuditPoint]:
        """Look at points that have not been looked at; all of them, as they are then."""
        new = [one for one in dict.fromkeys(points) if one not in self.found]
        if new:
            rows = self.computation.at(np.array(new, dtype=float))
            for at, column in zip(new, rows.T):
                truth = self.truth.at(at)
                if at[0] in self.kinks:
                    truth = (truth[0], *[UNKNOWN] * (len(truth) - 1))
                self.found[at] = self.judged(at, truth, tuple(map(float, column)))
        return [self.found[one] for one in points]

    def judged(self, at: Point, truth: Truth, computed: tuple[float, ...]) -> AuditPoint:
        """A point with its digits counted."""
        with precision(BITS):
            flat = self.counter.flat(at, truth[0])
            digits = [
                self.counter.digits(said, truth[column.truth], flat if column.truth else math.inf)
                for said, column in zip(computed, self.computation.columns)
            ]
            return AuditPoint(at, truth, computed, tuple(digits), self.counter.state(truth[0]))

    @property
    def in_order(self) -> list[AuditPoint]:
        """All of them, by their coordinates."""
        return [self.found[at] for at in sorted(self.found)]


class DigitCounter:
    """Counts the right digits of numbers of a dtype."""

    def __init__(self, dtype: Dtype) -> None:
        self.most, self.bits = dtype.digits, dtype.bits
        self.largest = arb(2) ** dtype.largest
        self.least = arb(2) ** (dtype.smallest + dtype.bits - 1)  # what is smaller has fewer digits anyway

    def state(self, true: Enclosed) -> str:
        """What a true number is to the dtype."""
        if true is None:
            return NONE
        if not is_ball(true):
            return OPEN
        size = abs(true)
        return BEYOND if size > self.largest else TINY if size < self.least and not true.contains(0) else FINE

    def flat(self, at: Point, value: Enclosed) -> float:
        """How large a slope may come out that is 0: what f itself cannot show, and a margin."""
        if not is_ball(value) or not all(at):
            return math.inf
        return MARGIN * 2.0 ** (1 - self.bits) * abs(float(value)) / min(map(abs, at))

    def digits(self, said: float, true: Enclosed, flat: float = math.inf) -> float | None:
        """The right digits; None where there is nothing to count. A slope that is 0 has none where it is not `flat`."""
        if self.state(true) != FINE:
            return None
        if true.contains(0):
            return 0.0 if true.is_zero() and abs(said) > flat else None
        if not math.isfinite(said):
            return 0.0
        return agreeing(abs(float((arb(said) - true) / true)), 1.0, self.most)


def digits_of(points: Sequence[AuditPoint], column: int) -> Any:
    """The digits of one column, as an array; NaN where there is nothing to count."""
    return np.array([math.nan if one.digits[column] is None else one.digits[column] for one in points], dtype=float)
