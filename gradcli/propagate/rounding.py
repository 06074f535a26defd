"""Numbers as the GUM writes results (7.2.6): two significant digits of the uncertainty, the value to the same place."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext

DIGITS = 2  # of an uncertainty
WIDE = 6  # zeros before or after a number from which on it has an exponent


def last_place(u: float) -> int:
    """The power of ten of the second significant digit of an uncertainty, rounded."""
    return int(Context(prec=DIGITS).create_decimal(u).adjusted()) - (DIGITS - 1)


def figures(value: float, u: float | None) -> tuple[str, str]:
    """A value and its uncertainty as texts, to the same place."""
    if u is None or not (math.isfinite(u) and math.isfinite(value)):
        return f"{value:.6g}", "?"
    if u == 0:
        return repr(value), "0"
    place = Decimal(1).scaleb(last_place(u))
    with localcontext() as context:
        context.prec = 700
        shown, size = (Decimal(one).quantize(place, ROUND_HALF_EVEN) for one in (value, u))
    return f"{shown:f}", f"{size:f}"


def rounded(value: float, u: float | None) -> str:
    """`9.860 ± 0.014`, with one exponent for both where there are many zeros."""
    if u is None or not (math.isfinite(u) and math.isfinite(value)) or u == 0:
        return " ± ".join(figures(value, u))
    largest = Decimal(max(abs(value), u)).adjusted()
    if largest < WIDE and last_place(u) <= 0 and largest > -WIDE + 1:
        return " ± ".join(figures(value, u))
    if last_place(u) <= 0 and 0 <= largest < 2 * WIDE:
        return " ± ".join(figures(value, u))
    scale = Decimal(1).scaleb(-largest)
    place = Decimal(1).scaleb(last_place(u) - largest)
    with localcontext() as context:
        context.prec = 700
        shown, size = ((Decimal(one) * scale).quantize(place, ROUND_HALF_EVEN) for one in (value, u))
    return f"({shown:f} ± {size:f})e{largest}"
