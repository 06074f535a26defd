"""What is marked on the curves: ends, corners, poles."""

from __future__ import annotations

import math
from typing import NamedTuple

from gradcli.plot.curves import Special
from gradcli.plot.data import Plot


class CurveMark(NamedTuple):
    """A place on a curve: "open" where it ends without the value, "full" where the value is, or a "corner"."""

    x: float
    y: float
    kind: str


def marks(plot: Plot, curve: int) -> list[CurveMark]:
    """The marks on one curve."""
    found: list[CurveMark] = []
    for special in plot.specials:
        found += _at(special, curve, plot.curves[curve].order)
    return found


def _at(special: Special, curve: int, order: int) -> list[CurveMark]:
    value = special.value[curve]
    ends = [end for end in (special.left[curve], special.right[curve]) if end is not None and math.isfinite(end)]
    if value is not None and all(end == value for end in ends):
        breaks_next = special.order == order + 1 or special.kind == "edge"
        return [CurveMark(special.x, value, "full" if special.kind == "edge" else "corner")] if breaks_next else []
    found = [CurveMark(special.x, end, "open") for end in dict.fromkeys(ends) if end != value]
    return [*found, CurveMark(special.x, value, "full")] if value is not None else found


def poles(plot: Plot, curves: tuple[int, ...]) -> list[float]:
    """Where one of some curves grows without bound."""
    return [
        special.x
        for special in plot.specials
        if any(end is not None and math.isinf(end) for j in curves for end in (special.left[j], special.right[j]))
    ]
