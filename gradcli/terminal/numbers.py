"""Numbers as texts: with all their digits, with a few, as one says them, and decimals cut to what is worth reading."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Context
from fractions import Fraction
from functools import cache
from itertools import pairwise

from gradcli.language.numbers import Dtype, plain_exponent, rounded, scientific, to_float
from gradcli.language.numbers import short as shortest

SIGNIFICANT = 6  # digits of a number in a summary, and where there is no room for all
MOST_TOLD = 40  # digits
DOUBLE = 17  # digits that tell every double from its neighbours
UNKNOWN = "unknown"
SAME = Fraction(1, 2**300)  # what a number at high precision may lack of a fraction that it is meant to be

# On an axis
LARGE, SMALL = 1e6, 1e-3  # numbers beyond these are written with an exponent
MOST_DECIMALS = 16
DIGITS = 5  # of a number with an exponent


def full(value: object) -> str:
    """A double with all its digits."""
    return repr(float(value)) if isinstance(value, (int, float)) else "none"


def with_digits(text: object, precision: int | None) -> str:
    """A decimal number cut to so many digits, where somebody asks for that."""
    return to_digits(text, precision) if precision and isinstance(text, str) else short(text)


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
    return short(str(cut(decimals, digits)).replace("e+", "e"))


def told_apart(one: str, other: str | None, fewest: int = DOUBLE) -> tuple[str, str | None]:
    """Two decimal numbers with no more digits than tell them apart; what is not a number stays as it is."""
    is_number = one[:1] in "-0123456789" and one not in ("-inf", "-")
    if other is None or not is_number:
        return (to_digits(one, fewest) if is_number else one), other and to_digits(other, MOST_TOLD)
    differing = (n for n in range(fewest, MOST_TOLD) if to_digits(one, n) != to_digits(other, n))
    digits = next(differing, MOST_TOLD)
    return to_digits(one, digits), to_digits(other, digits)


def cut(decimals: str | None, digits: int) -> str | None:
    """A decimal number rounded to so many significant digits; as it is where it is infinite, 0 or unknown."""
    if decimals is None or decimals in ("inf", "-inf", "0"):
        return decimals
    return str(context_of(digits).create_decimal(decimals)).lower()


@cache
def context_of(digits: int) -> Context:
    """What rounds decimals to so many digits."""
    return Context(prec=digits, Emax=10**17, Emin=-(10**17))


def few(exact: Fraction, dtype: Dtype, digits: int = SIGNIFICANT) -> tuple[str, bool]:
    """A number with a few digits, and whether these are all of it, or of the double that stands for it.

    A double of few digits keeps its own, as short as the dtype allows.
    """
    number = to_float(exact)
    if not math.isfinite(number):
        return scientific(exact, digits), False
    text = shortest(Fraction(number), dtype) if _is_same(Fraction(number), exact) else repr(number)
    if len(text.lstrip("-")) > digits + 3:
        fewer = f"{number:.{digits}g}"
        text = fewer if "e" in text or len(fewer) < len(text) else text
    return text, stands_for(text, exact, dtype)


def stands_for(text: str, exact: Fraction, dtype: Dtype) -> bool:
    """Whether a text is a number, but for what no reader could tell, or is read as it in the dtype."""
    return _is_same(Fraction(text), exact) or rounded(Fraction(text), dtype) == exact


def _is_same(first: Fraction, second: Fraction) -> bool:
    return abs(first - second) <= abs(second) * SAME


def aligned(values: Sequence[float]) -> list[str]:
    """Doubles with as many decimals as each other, or all with an exponent: those of an axis."""
    largest = max((abs(value) for value in values), default=0.0)
    step = min((abs(b - a) for a, b in pairwise(values)), default=largest)
    if largest >= LARGE or 0 < largest < SMALL:
        return [scientific(Fraction(value), DIGITS) for value in values]
    for decimals in range(MOST_DECIMALS):
        texts = [f"{value:.{decimals}f}" for value in values]
        if all(math.isclose(float(text), value, abs_tol=step * 1e-3, rel_tol=0) for text, value in zip(texts, values)):
            return [text.removeprefix("-") if float(text) == 0 else text for text in texts]
    return [figure(value) for value in values]
