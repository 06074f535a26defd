"""Round numbers along an axis."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

from gradcli.language.numbers import scientific
from gradcli.terminal.numbers import figure

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
LARGE, SMALL = 1e6, 1e-3  # numbers beyond these are written with an exponent
MOST_DECIMALS = 16
DIGITS = 5  # of a number with an exponent
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


def labels(values: list[float]) -> list[str]:
    """The ticks as texts with the same number of decimals."""
    largest = max((abs(value) for value in values), default=0.0)
    step = min((abs(b - a) for a, b in pairwise(values)), default=largest)
    if largest >= LARGE or 0 < largest < SMALL:
        return [scientific(Fraction(value), DIGITS) for value in values]
    for decimals in range(MOST_DECIMALS):
        texts = [f"{value:.{decimals}f}" for value in values]
        if all(math.isclose(float(text), value, abs_tol=step * 1e-3, rel_tol=0) for text, value in zip(texts, values)):
            return [text.removeprefix("-") if float(text) == 0 else text for text in texts]
    return [figure(value) for value in values]
