"""Whether a claimed number is the derivative: right, wrong, or too close to call."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import Any

import mpmath

from gradcli.language.numbers import DTYPES
from gradcli.reference.classify import UNDECIDED, Outcome
from gradcli.reference.digits import agreeing

# How far off a right number may be, and a wrong one is at least, relative to what it was summed from. Constants in a
# backward are rounded to doubles, so a right one may differ from the truth in the last digits of a double.
BOUNDS = {"float64": (1e-12, 1e-9), "float32": (1e-5, 1e-3), "bfloat16": (0.05, 0.5), "float16": (1e-2, 0.2)}
IN_DOUBLE = (1e-8, 1e-5)  # where torch's own number is all that there is
SURE = 100  # times the estimated error of the truth: then a difference from it is one
MOST_DIGITS = DTYPES["float64"].digits
NEAR = 10  # times the estimated error: so far off a right number may be
ROUNDING = 1e-15  # of the size of numbers around: what doubles lose in any sum of them
NOTHING = 1e-12  # of the largest number of a gradient: a sum that is 0, but for its rounding
NO_DOUBLE = mpmath.ldexp(1, -1075)  # of less than this 0 is the nearest double


class WeighedJudgement(Enum):
    """What a number is."""

    RIGHT = "right"
    WRONG = "wrong"
    UNCLEAR = "unclear"
    EXCEPTIONAL = "exceptional"  # there is no derivative


@dataclass(frozen=True)
class WeighedEntry:
    """One number of a gradient, beside the truth.

    position  of the entry of the point; output: which number that came out, None for a weighted sum of them
    claimed   what the backward gives, None where that has no value; size: what it was summed from
    torch     autograd's number in float64
    exact     whether `claimed` is known at high precision, and not torch's number
    """

    position: int
    output: int | None
    claimed: Any
    size: Any
    torch: float
    outcome: Outcome
    judgement: WeighedJudgement
    exact: bool = True

    @property
    def digits(self) -> float | None:
        """How many decimal digits of torch's number are right; where the truth is 0, of what it was summed from.

        None where there is no derivative, no number, or a truth that is not told from 0.
        """
        if not self.outcome.exists or not math.isfinite(self.torch):
            return None
        true = self.outcome.value
        if not self.exact and abs(true) <= SURE * self.outcome.error:
            return None
        if not self.torch and abs(true) < NO_DOUBLE:
            return MOST_DIGITS
        size = abs(true) or self.size
        return agreeing(abs(true - self.torch), size, MOST_DIGITS) if size else MOST_DIGITS


def weighed(claimed: Any, size: Any, torch: float, outcome: Outcome, narrow: Collection[str]) -> WeighedJudgement:
    """What a claimed number at high precision is."""
    if outcome.exists is None:
        return WeighedJudgement.UNCLEAR
    if not outcome.exists:
        return WeighedJudgement.EXCEPTIONAL
    if claimed is None and not math.isfinite(torch):
        return WeighedJudgement.WRONG
    if claimed is None:  # 0 times what has no value, where torch does not multiply at all
        return weighed_in_double(torch, outcome, abs(torch), narrow)
    right, wrong = bounds(narrow)
    true, scale = outcome.value, max(abs(outcome.value), size or 0)
    gap = abs(claimed - true)
    if gap <= right * scale + outcome.error:
        return WeighedJudgement.RIGHT
    if gap <= wrong * scale + SURE * outcome.error:
        return WeighedJudgement.UNCLEAR
    seen = abs(torch - true) if math.isfinite(torch) else gap
    return WeighedJudgement.WRONG if seen >= gap / 2 else WeighedJudgement.UNCLEAR  # torch has to show it too


def weighed_in_double(torch: float, outcome: Outcome, scale: float, narrow: Collection[str]) -> WeighedJudgement:
    """What torch's number is, where the backward cannot be followed; `scale` is the size of numbers around here."""
    if outcome.exists is None:
        return WeighedJudgement.UNCLEAR
    if not outcome.exists:
        return WeighedJudgement.EXCEPTIONAL
    right, wrong = (max(pair) for pair in zip(IN_DOUBLE, bounds(narrow)))
    true, error = float(outcome.value), float(outcome.error)
    # A large constant makes the error large, and the scale: what is no zero is held against itself alone.
    is_known = error <= wrong * abs(true) or (not torch and error <= 1e-3 * wrong * scale)
    if not math.isfinite(torch):
        is_known = error <= wrong * max(abs(true), 1e-3 * scale)
        return WeighedJudgement.WRONG if is_known else WeighedJudgement.UNCLEAR
    gap, rounding = abs(torch - true), ROUNDING * scale
    most = wrong * abs(true) if torch else error
    if is_known and gap <= right * abs(true) + max(rounding, min(NEAR * error, most)):
        return WeighedJudgement.RIGHT
    if gap > wrong * abs(true) + SURE * error + right * scale:
        return WeighedJudgement.WRONG
    return WeighedJudgement.UNCLEAR


def as_it_says(torch: float, outcome: Outcome, judgement: WeighedJudgement) -> Outcome:
    """An outcome; undecided where its error is all that there is between it and a number, which proves nothing."""
    is_hidden = judgement is WeighedJudgement.UNCLEAR and outcome.exists and math.isfinite(torch)
    return UNDECIDED if is_hidden and abs(torch - outcome.value) <= NEAR * outcome.error else outcome


def without_rounding(number: float, largest: float) -> float:
    """A number of a gradient, 0 where it is the rounding of others, of which `largest` is the largest one."""
    return 0.0 if abs(number) <= NOTHING * largest else number


def bounds(narrow: Collection[str]) -> tuple[float, float]:
    """How far off right and wrong numbers are, in the narrowest dtype that was computed in."""
    pairs = [BOUNDS[name] for name in ("float64", *narrow)]
    return max(pair[0] for pair in pairs), max(pair[1] for pair in pairs)
