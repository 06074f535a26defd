"""The curves of digits, as a reader sees them: of each column the fewest digits near each place of an axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gradcli.audit.data import AUTOGRAD, FUNCTION, Audit, AuditColumn
from gradcli.audit.scales import AuditScale
from gradcli.language.notation import derivative_sign, style_of

MOST_CURVES = 4  # f, and of each of up to three derivatives autograd


class DigitCurve(NamedTuple):
    """A column's strokes: places from 0 to 1, and digits."""

    column: int
    strokes: list[list[tuple[float, float]]]


def shown_columns(audit: Audit) -> list[int]:
    """The columns that are drawn: f, then the derivatives by autograd; of one variable its formula, too."""
    one = len(audit.axes) == 1
    columns = [i for i, column in enumerate(audit.columns) if one or column.source in (FUNCTION, AUTOGRAD)]
    return columns[:MOST_CURVES]


def column_name(audit: Audit, column: AuditColumn, unicode: bool = True) -> str:
    """What a column is called."""
    if column.wrt is None:
        return audit.name
    sign = derivative_sign(style_of(unicode), audit.name, [column.wrt])
    return f"{sign} by {'autograd' if column.source == AUTOGRAD else 'formula'}"


def digit_curves(audit: Audit, axis: int, bins: int) -> list[DigitCurve]:
    """The curves along one axis, with at most so many points."""
    scale = AuditScale(audit.axes[axis])
    places = scale.place(np.array([one.at[axis] for one in audit.samples])) if audit.samples else np.array([])
    slots = np.minimum((np.clip(places, 0, 1) * bins).astype(int), bins - 1)
    found = []
    for column in shown_columns(audit):
        least = [math.nan] * bins
        empty = [False] * bins
        for slot, one in zip(slots, audit.samples):
            digits = one.digits[column]
            if digits is None:
                empty[slot] = True
            elif not digits >= least[slot]:
                least[slot] = digits
        found.append(DigitCurve(column, _strokes(least, empty)))
    return found


def _strokes(least: Sequence[float], empty: Sequence[bool]) -> list[list[tuple[float, float]]]:
    """The lines through all slots that have a number; slots with nothing to count end them, mere gaps do not."""
    strokes: list[list[tuple[float, float]]] = [[]]
    for slot, (digits, nothing) in enumerate(zip(least, empty)):
        if not math.isnan(digits):
            strokes[-1].append(((slot + 0.5) / len(least), digits))
        elif nothing and strokes[-1]:
            strokes.append([])
    return [one for one in strokes if one]
