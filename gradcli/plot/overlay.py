"""What lies upon a picture: extreme points, and the way of a descent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gradcli.plot.curves import ExtremeMark
from gradcli.plot.data import Plot
from gradcli.terminal.arrays import count
from gradcli.terminal.numbers import figure

MARKERS = {"minimum": ("v", "#059669"), "maximum": ("^", "#dc2626"), "saddle": ("X", "#9333ea"),
           "inflection": ("d", "#6b7280")}  # fmt: skip
PATH = "#dc2626"


def draw_extremes(plot: Plot, ax: Any, place: Callable[[ExtremeMark], tuple[float, float]]) -> None:
    """A marker at each extreme point, and a name for each kind; those that are only likely are hollow."""
    for kind, (marker, color) in MARKERS.items():
        found = [one for one in plot.extrema or () if one.kind == kind]
        for number, one in enumerate(found):
            x, y = place(one)
            fill = color if one.proven else "white"
            ax.plot([x], [y], marker=marker, color=color, markerfacecolor=fill, markersize=9, markeredgewidth=1.4,
                    linestyle="none", zorder=7, clip_on=False,
                    label=None if number else kind)  # fmt: skip


def draw_descent(plot: Plot, ax: Any, way: Sequence[tuple[float, float]]) -> None:
    """The points of a descent, joined; the first one is open, the last a square."""
    found = plot.descent
    if found is None or not way:
        return
    xs, ys = [x for x, _ in way], [y for _, y in way]
    text = f"{found.method}, rate {figure(found.rate)}, {count(len(found.points) - 1, 'step')}"
    ax.plot(xs, ys, "-", color="white", linewidth=2.6, alpha=0.7, zorder=6.4)
    ax.plot(xs, ys, "-o", color=PATH, markersize=4, linewidth=1.3, markeredgecolor="white", markeredgewidth=0.5,
            zorder=6.5, label=text)  # fmt: skip
    ax.plot(xs[:1], ys[:1], "o", color=PATH, markerfacecolor="white", markersize=8, markeredgewidth=1.6, zorder=6.6)
    ax.plot(xs[-1:], ys[-1:], "s", color=PATH, markersize=7, zorder=6.6)
