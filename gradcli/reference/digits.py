"""How many decimal digits of a number are right: the one count of them, for numbers of any kind and for arrays."""

from __future__ import annotations

import math
from typing import Any

from gradcli.language.numbers import Dtype

MODEST = 1e-300  # a ratio of less than this has more digits than anybody asks for, and a double may not hold it


def agreeing(error: Any, size: Any, most: float = math.inf) -> float:
    """The decimal digits to which two numbers agree that differ by `error`, at most so many.

    `size` is what the error is relative to. Both are real numbers of one kind, not negative: doubles, decimals,
    fractions, or mpmath's. An error in what has no size leaves no digit.
    """
    if not error:
        return most
    if not size:
        return 0.0
    ratio = error / size
    if ratio <= MODEST:
        return most
    return min(most, -math.log10(float(ratio))) if ratio < 1 else 0.0  # what is not a number is not less, either


def agreeing_all(errors: Any, sizes: Any, most: float) -> Any:
    """`agreeing` for arrays of doubles."""
    import numpy as np

    with np.errstate(all="ignore"):
        found = -np.log10(errors / sizes)
    found = np.where(errors == 0, most, np.where((sizes == 0) | np.isnan(found), 0.0, found))
    return np.clip(found, 0.0, most)


def is_same(one: Any, other: Any, digits: int) -> bool | None:
    """Whether two balls agree to so many digits of the larger one; None where they are too wide to tell."""
    gap, size = abs(one - other), abs(one).max(abs(other))
    allowed = type(one)(10) ** -digits
    if gap.abs_upper() <= (size.abs_lower() * allowed).abs_lower():
        return True
    return False if gap.abs_lower() > (size.abs_upper() * allowed).abs_upper() else None


def enough(dtype: Dtype, least: float | None = None) -> float:
    """How many digits make a number of a dtype right: half of those that it holds, where nobody says how many."""
    return round(dtype.digits / 2, 2) if least is None else least


def tolerance(digits: float) -> float:
    """The relative error that leaves so many digits."""
    return float(10.0**-digits)
