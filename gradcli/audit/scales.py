"""How a range is laid out along a line from 0 to 1: by its logarithm, by that to both sides of 0, or evenly."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradcli.audit.data import AuditAxis
from gradcli.language.numbers import to_float
from gradcli.problem.ranges import Range

DECADES = 16  # to both sides of 0, below 1 or the larger end: beyond them a number is as good as 0
DIGITS = 10  # of a number that is looked at
LEVEL = 1.0  # decades that the numbers between the smallest of both signs take


def axis_of(over: Range, linear: bool) -> AuditAxis:
    """The axis of a range: logarithmic unless it is to be `linear`, to both sides of 0 where it spans that."""
    start, stop = to_float(over.start), to_float(over.stop)
    return AuditAxis(over.name, start, stop, "linear" if linear else "log" if start > 0 or stop < 0 else "symlog")


def rounded(numbers: Any, digits: int = DIGITS) -> Any:
    """Numbers with so many decimal digits."""
    return np.array([float(f"{x:.{digits}g}") for x in np.ravel(numbers)]).reshape(np.shape(numbers))


class AuditScale:
    """One axis: numbers to places from 0 to 1, and back."""

    def __init__(self, axis: AuditAxis) -> None:
        self.axis, self.kind = axis, axis.scale
        self.start, self.stop = axis.start, axis.stop
        self.least = min(max(-self.start, self.stop), 1.0) * 10.0**-DECADES
        self.low, self.high = self._measure(self.start), self._measure(self.stop)

    def _measure(self, x: Any) -> Any:
        """How far along a number is, in decades or in itself."""
        x = np.asarray(x, dtype=float)
        if self.kind == "linear":
            return x
        size = np.abs(x)
        with np.errstate(divide="ignore"):
            if self.kind == "log":
                return np.sign(x) * np.log10(size) if self.start > 0 else -np.log10(size)
            decades = np.log10(np.maximum(size, self.least)) - math.log10(self.least) + LEVEL
        return np.sign(x) * np.where(size > self.least, decades, LEVEL * np.minimum(size, self.least) / self.least)

    def place(self, x: Any) -> Any:
        """The places of numbers, from 0 to 1."""
        return (self._measure(x) - self.low) / (self.high - self.low)

    def number(self, place: Any) -> Any:
        """The numbers at places, with so many digits that any processor gives the same; the ends exactly."""
        found = rounded(self._exactly(place))
        return np.clip(found, self.start, self.stop)

    def _exactly(self, place: Any) -> Any:
        place = np.asarray(place, dtype=float)
        measure = self.low + place * (self.high - self.low)
        if self.kind == "linear":
            found = measure
        elif self.kind == "log":
            found = 10.0**measure if self.start > 0 else -(10.0**-measure)
        else:
            size = np.abs(measure)
            above = 10.0 ** (np.maximum(size, LEVEL) - LEVEL + math.log10(self.least))
            found = np.sign(measure) * np.where(size > LEVEL, above, self.least * size / LEVEL)
        found = np.where(place <= 0, self.start, np.where(place >= 1, self.stop, found))
        return np.clip(found, self.start, self.stop)

    def between(self, a: float, b: float) -> float:
        """A number half-way between two, along the axis."""
        found = float(self._exactly((float(self.place(a)) + float(self.place(b))) / 2))
        return found if a < found < b else math.nan

    @property
    def decades(self) -> list[tuple[float, str]]:
        """Places of powers of ten for the ticks of an axis, and their texts; none of a linear one."""
        if self.kind == "linear":
            return []
        sizes = [x for x in (self.start, self.stop) if x]
        top = math.floor(math.log10(max(map(abs, sizes))) + 1e-9)
        bottom = math.ceil(math.log10(self.least if self.kind == "symlog" else min(map(abs, sizes))) - 1e-9)
        signs = [-1] * (self.start < 0) + [1] * (self.stop > 0)
        found = [(sign * 10.0**k, f"{'-' * (sign < 0)}1e{k}") for sign in signs for k in range(bottom, top + 1)]
        found += [(0.0, "0")] if self.start <= 0 <= self.stop else []
        return [(float(self.place(x)), text) for x, text in sorted(found) if self.start <= x <= self.stop]
