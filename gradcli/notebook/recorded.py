"""What a notebook recorded, held against the derivatives that it shows."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

_GRAD_FN = re.compile(r"grad_fn=<[^>]*>|dtype=[\w.]+|device='[^']*'|requires_grad=\w+|shape=\([^)]*\)")
_NUMBER = re.compile(
    r"(?<![\w.])[-+]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?|nan|inf)(?![\w.])|(?<![\w.])[-+]?\d+\.(?!\w)"
)
_ELIDED = re.compile(r"\.\.\.|…")
FEW = 3  # numbers at the beginning that are held against an output that leaves out others


class RecordedOutput:
    """The numbers that a cell printed, gone through once, in the order in which its gradients are shown."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.elided = _ELIDED.search(text) is not None
        self.words = [match.group() for match in _NUMBER.finditer(_GRAD_FN.sub(" ", text))]
        self.place = 0

    def holds(self, values: Sequence[float]) -> bool | None:
        """Whether these numbers stand there, to the digits that are printed; None where there are none at all."""
        if not self.words or not values:
            return None
        wanted = list(values[:FEW]) if self.elided and len(values) > len(self.words) else list(values)
        for start in range(self.place, len(self.words) - len(wanted) + 1):
            if all(is_printed(value, word) for value, word in zip(wanted, self.words[start:])):
                self.place = start + len(wanted)
                return True
        return False


def is_printed(value: float, word: str) -> bool:
    """Whether a number is printed so: within a unit of the last digit that is there."""
    printed = float(word)
    if math.isnan(value) or math.isnan(printed):
        return math.isnan(value) and math.isnan(printed)
    if math.isinf(printed) or math.isinf(value):
        return value == printed
    digits, _, exponent = word.lower().partition("e")
    decimals = len(digits.partition(".")[2])
    unit = 10.0 ** (int(exponent or 0) - decimals)
    return abs(value - printed) <= max(unit if decimals or exponent else 0.0, 2e-6 * abs(printed))
