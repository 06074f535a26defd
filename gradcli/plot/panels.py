"""Which curves share a panel, and what a curve is called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gradcli.errors import one_line as in_one_line
from gradcli.language.notation import derivative_sign, style_of
from gradcli.plot.curves import Curve
from gradcli.plot.data import Plot
from gradcli.safe import Target, safe

ALIKE = 4.0  # times the height of the flattest curve: what is higher gets a panel of its own
PAD = 0.04  # of the height, above and below
CUT = "..."
MAX_LABEL = 60  # of a formula beside a name


class Panel(NamedTuple):
    """Curves with one vertical axis, from `low` to `high`; `clipped` are those that run beyond it."""

    curves: tuple[int, ...]
    low: float
    high: float
    clipped: tuple[int, ...]


def panels(plot: Plot) -> list[Panel]:
    """The curves in panels: together where they are of the same height, and by no more than one variable."""
    by_variable = len({curve.wrt for curve in plot.curves if curve.wrt}) > 1
    groups: list[list[int]] = []
    for index in range(len(plot.curves)):
        for group in groups:
            if _go_together(plot, [*group, index], by_variable):
                group.append(index)
                break
        else:
            groups.append([index])
    return [_panel(plot, group) for group in groups]


def _go_together(plot: Plot, group: Sequence[int], by_variable: bool) -> bool:
    windows = [plot.windows[index] for index in group]
    heights = [window.high - window.low for window in windows]
    whole = max(window.high for window in windows) - min(window.low for window in windows)
    apart = by_variable and len({plot.curves[index].wrt for index in group}) > 1
    return whole <= ALIKE * min(heights) and not apart


def _panel(plot: Plot, group: Sequence[int]) -> Panel:
    windows = [plot.windows[index] for index in group]
    if 0 in group:  # what is drawn beside has the axes of the first curve
        windows += [one.windows[0] for one in plot.also]
    low, high = min(window.low for window in windows), max(window.high for window in windows)
    pad = PAD * (high - low)
    clipped = tuple(index for index in group if plot.windows[index].clipped)
    return Panel(tuple(group), low - pad, high + pad, clipped)


def curve_name(plot: Plot, curve: Curve, unicode: bool = True) -> str:
    """The usual sign: f, ∂f/∂x, ∂²f/∂x²; df/dx where there is only ASCII."""
    if curve.wrt is None or not curve.order:
        return plot.name
    return derivative_sign(style_of(unicode), plot.name, [curve.wrt] * curve.order)


def label(plot: Plot, index: int, unicode: bool = True, width: int = MAX_LABEL) -> str:
    """A curve's name, with its formula where that is short."""
    curve = plot.curves[index]
    name = curve_name(plot, curve, unicode)
    formula = curve.formula if curve.order else one_line(plot)
    if formula is None or len(formula) + len(name) + 3 > width:
        return name
    return f"{name} = {formula}"


def heading(plot: Plot, width: int) -> str | None:
    """The program, where it has several statements, as far as there is room; None where the curves' names say it."""
    if one_line(plot) is not None:
        return None
    text = in_one_line(plot.program)
    return text if len(text) <= width else text[: width - len(CUT)] + CUT


def one_line(plot: Plot) -> str | None:
    """The program as what its output is; None where it has several statements."""
    if ";" in plot.program or "\n" in plot.program or "#" in plot.program:
        return None
    text = safe(plot.program, Target.LINE)
    return text.partition("=")[2].strip() if text.startswith(plot.name) and _assigns(text, plot.name) else text


def _assigns(text: str, name: str) -> bool:
    rest = text[len(name) :].lstrip()
    return rest.startswith("=") and not rest.startswith("==")
