"""The verdict: autograd's number held against the truth."""

from __future__ import annotations

import math
from decimal import Context, Decimal, localcontext
from typing import NamedTuple

from gradcli.engines.findings import Finding
from gradcli.language.numbers import Dtype
from gradcli.result import Verdict

ARITHMETIC = Context(prec=60, Emax=10**17, Emin=-(10**17))
NOTHING = Decimal("2.47e-324")  # half of the smallest double: for less, 0 is the nearest one
MODEST = 1e-300  # a ratio, or its inverse, that a double holds
TAKEN_DIGITS = 12  # to these, the chain rule with autograd's conventions is the truth


class Judgement(NamedTuple):
    """A verdict, and how many decimal digits of autograd's number are right (None where there is no truth)."""

    verdict: Verdict
    digits: float | None


def judge(number: float, finding: Finding, dtype: Dtype, least: float | None = None) -> Judgement:
    """What to believe of a number that autograd gave in a dtype; `least` digits make it right.

    Without `least`, half of the dtype's digits do.
    """
    if finding.exists is None:
        return Judgement(Verdict.UNDECIDED, None)
    if not finding.exists or finding.value is None:
        return Judgement(Verdict.UNDEFINED, None)
    with localcontext(ARITHMETIC):
        truth = Decimal(finding.value)
        size = abs(truth) if truth else Decimal(finding.size or "0")
        digits = _digits(number, truth, size, dtype.digits)
        enough = round(dtype.digits / 2, 2) if least is None else least
        if digits >= enough and math.isfinite(number):
            return Judgement(Verdict.AGREE, digits)
        taken = None if finding.taken is None else Decimal(finding.taken)
        if taken is None:
            convention = math.isfinite(number)
        else:
            convention = _digits_between(taken, truth, size) < TAKEN_DIGITS
        return Judgement(Verdict.DISAGREE if convention else Verdict.INACCURATE, digits)


def digits_of(number: float, truth: str, dtype: Dtype) -> float:
    """The correct decimal digits of a number whose true value is given in decimals."""
    with localcontext(ARITHMETIC):
        exact = Decimal(truth)
        return _digits(number, exact, abs(exact), dtype.digits)


def _digits(number: float, truth: Decimal, size: Decimal, most: float) -> float:
    """The correct decimal digits of a number, at most those that its dtype holds."""
    if not math.isfinite(number):
        return 0.0
    if not number and abs(truth) <= NOTHING:
        return round(most, 2)
    return round(max(0.0, min(most, _digits_between(Decimal(number), truth, size))), 2)


def _digits_between(number: Decimal, truth: Decimal, size: Decimal) -> float:
    error = abs(number - truth)
    if not error:
        return math.inf
    if not size:
        return 0.0
    ratio = error / size
    near = float(ratio)
    # The logarithm of a double is a hundred times faster, and digits are counted to two decimals.
    return -math.log10(near) if MODEST < near < 1 / MODEST else float(-ratio.log10())
