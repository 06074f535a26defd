"""What is marked on the curves: ends, corners, poles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from gradcli.plot.beside import strokes_of
from gradcli.plot.curves import ExtremeMark, Special
from gradcli.plot.data import Plot
from gradcli.plot.panels import label
from gradcli.terminal.numbers import figure

POINTS = 401  # of a polynomial's line
Stroke = Sequence[tuple[float, float]]


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


class BesideLine(NamedTuple):
    """A line beside the curves: its place among the colours, its name, where it runs, its marks and its poles."""

    color: int
    text: str
    strokes: Sequence[Stroke]
    marks: Sequence[CurveMark] = ()
    poles: Sequence[float] = ()


def lines_beside(plot: Plot, width: int) -> list[BesideLine]:
    """The further functions, and the polynomials, of the first panel; names of no more than so many characters."""
    found, index = [], len(plot.curves)
    for one in plot.also:
        text = label(one, 0, width=width)
        found.append(BesideLine(index, text, one.strokes(0), marks(one, 0), poles(one, (0,))))
        index += 1
    axis = plot.axes[0]
    for curve in plot.taylor if plot.has_function else ():
        name = f"order {curve.order} at {axis.name} = {figure(curve.x)}"
        text = f"Taylor, {name}: {curve.text}"
        found.append(BesideLine(index, text if len(text) <= width else f"Taylor polynomial of {name}",
                                strokes_of(curve, axis.start, axis.stop, POINTS)))  # fmt: skip
        index += 1
    return found


def extremes(plot: Plot, kind: str) -> list[ExtremeMark]:
    """The extreme points of a kind."""
    return [one for one in plot.extrema or () if one.kind == kind]


def trace(plot: Plot) -> list[tuple[float, float]]:
    """The way of a descent over one variable: where it was, and the function's value."""
    found = plot.descent
    return [] if found is None else [(at[0], y) for at, y in zip(found.points, found.values) if y is not None]
