"""Numbers as texts: with all their digits, with a few, as one says them, and decimals cut to what is worth reading."""

from __future__ import annotations

import math
from decimal import Context, Decimal

from gradcli.language.numbers import plain_exponent

SIGNIFICANT = 6  # digits of a number in a summary, and where there is no room for all
DOUBLE = 17  # digits that tell every double from its neighbours
UNKNOWN = "unknown"


def full(value: object) -> str:
    """A double with all its digits."""
    return repr(float(value)) if isinstance(value, (int, float)) else "none"


def brief(value: float | None, digits: int = SIGNIFICANT) -> str:
    """A double with a few digits; one that has no more keeps its own spelling."""
    if isinstance(value, bool):
        return "true" if value else "false"
    whole = full(value)
    if value is None or not math.isfinite(value) or len(whole.lstrip("-")) <= digits + 1:
        return whole
    mantissa, e, exponent = f"{value:.{digits}g}".partition("e")
    return f"{mantissa}e{int(exponent):+03d}" if e else mantissa


def figure(value: float | None, digits: int = SIGNIFICANT) -> str:
    """A double as one says it, 3 and 1e-5: all its digits where they are few."""
    if value is None:
        return UNKNOWN
    whole = repr(value + 0.0).removesuffix(".0")
    is_short = len(whole.lstrip("-")) <= digits + 2 or digits >= DOUBLE or not math.isfinite(value)
    return plain_exponent(whole if is_short else f"{value:.{digits}g}")


def short(decimals: object) -> str:
    """A decimal number without the zeros at its end."""
    if not isinstance(decimals, str):
        return UNKNOWN
    mantissa, e, exponent = decimals.partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return mantissa + e + exponent


def to_digits(decimals: str, digits: int = DOUBLE) -> str:
    """A decimal number of any size rounded to so many digits, without the zeros at its end."""
    if decimals in ("inf", "-inf"):
        return decimals
    context = Context(prec=digits, Emax=10**17, Emin=-(10**17))
    return short(str(context.create_decimal(Decimal(decimals))).lower().replace("e+", "e"))
