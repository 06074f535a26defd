"""The true value of one operation on the numbers that torch had."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gradcli.functions.row import Row
from gradcli.runtime.deadlines import Deadline, OutOfTime

BITS = 200
DIGITS = 6
SECONDS = 0.3
UNKNOWN = "unknown"


def true_value(row: Row, values: Sequence[float | bool], digits: int = DIGITS) -> str | None:
    """A row's value in decimals; None where it has none, "unknown" where that cannot be told."""
    from gradcli.backends.mp.arithmetic import Arithmetic, GivenUp, decimals

    if row.shape is not None or not all(math.isfinite(value) for value in values):
        return UNKNOWN
    arithmetic = Arithmetic(Deadline(SECONDS))
    arithmetic.bits = BITS
    exact = [value if isinstance(value, bool) else arithmetic.m.mpf(value) for value in values]
    try:
        found = Deadline(SECONDS).run(lambda: arithmetic.call(row, exact))
    except (GivenUp, OutOfTime):
        return UNKNOWN
    if found is None:
        return None
    return decimals(found, digits).replace("e+", "e").replace(".0e", "e").removesuffix(".0")
