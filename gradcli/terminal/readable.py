"""Numbers of an answer as a reader wants them: with few digits, and none that is not believed."""

from __future__ import annotations

import math
from typing import Any, Protocol

from gradcli.reference.verdict import Verdict
from gradcli.terminal.numbers import DOUBLE, full, short

PRECISION = 10  # digits where nobody asks for others: as many as are compared at a glance, more than data have
WRONG = 2  # digits after those that are right of a wrong number: enough to see that it is wrong
FEWEST = 3  # digits of a number of which none is right: its size
EXACT = 2**53  # whole numbers below it are all doubles


class JudgedPartial(Protocol):
    """A partial derivative that is a number: autograd's, the formula's, and what is believed of them."""

    @property
    def autograd(self) -> Any:
        """Autograd's number."""

    @property
    def symbolic_value(self) -> Any:
        """The formula's value."""

    @property
    def symbolic_holds(self) -> bool | None:
        """Whether that is the derivative."""

    @property
    def digits(self) -> float | None:
        """How many digits of autograd's number are right."""

    @property
    def verdict(self) -> Verdict | None:
        """What to believe of it."""


def readable(value: Any, precision: int | None = None, right: float | None = None) -> str:
    """A double with so many significant digits; where nobody says how many, with no more than are right.

    One that is all said in these keeps its own spelling, and so does a whole number that is right to the last digit.
    """
    whole = full(value)
    digits = precision or (PRECISION if right is None else min(PRECISION, max(int(right), 1)))
    if not isinstance(value, (int, float)) or not math.isfinite(value) or digits >= DOUBLE:
        return whole
    number = float(f"{value:.{digits}g}")
    if number == value:
        return whole
    if precision is None and float(value).is_integer() and abs(value) < (EXACT if right is None else 10**right):
        return whole
    if abs(number) < 10**digits:
        return repr(number)
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    return f"{short(mantissa)}e{exponent}"


def judged(value: Any, verdict: Verdict | None, digits: float | None, precision: int | None = None) -> str:
    """A number with the digits that are right; of one that is wrong, some more, to be told from the truth."""
    if verdict is Verdict.AGREE and digits is not None:
        return readable(value, precision, digits)
    text = readable(value, precision)
    is_wrong = verdict is Verdict.INACCURATE or (verdict is Verdict.AGREE and value)  # which is zero up to rounding
    if is_wrong and text != full(value):
        return readable(value, precision, max(int(digits or 0) + WRONG, FEWEST))
    return text


def both(partial: JudgedPartial, precision: int | None = None) -> tuple[str, str]:
    """Autograd's number and the formula's value; where one is wrong, two that differ are not told as the same."""
    number, value, digits = partial.autograd, partial.symbolic_value, int(partial.digits or 0)
    wrong = partial.verdict in (Verdict.INACCURATE, Verdict.DISAGREE) or partial.symbolic_holds is False
    first = judged(number, partial.verdict, partial.digits, precision)
    if value is None:
        return first, ""
    second = readable(value, precision or (max(PRECISION, digits + WRONG) if wrong else None))
    return (full(number), full(value)) if first == second and wrong and number != value else (first, second)
