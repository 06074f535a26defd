"""Round numbers along an axis."""

from __future__ import annotations

import math

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
SLACK = 1e-9  # of a step: ends that are round are ticks


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most so many round numbers between two ends."""
    step = _step(low, high, max(most, 2))
    first, last = math.ceil(low / step - SLACK), math.floor(high / step + SLACK)
    return [index * step for index in range(first, last + 1)]


def _step(low: float, high: float, most: int) -> float:
    """The smallest round step that makes no more ticks than that."""
    width = high - low
    power = 10.0 ** math.floor(math.log10(width / most))
    for scale in (power, power * 10):
        for factor in STEPS:
            step = factor * scale
            if math.floor(high / step + SLACK) - math.ceil(low / step - SLACK) + 1 <= most:
                return step
    return width
