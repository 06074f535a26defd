"""A function of two variables as a picture: its levels, and arrows along its gradient."""

from __future__ import annotations

import math
from typing import Any

from gradcli.plot.data import Plot
from gradcli.plot.overlay import draw_descent, draw_extremes
from gradcli.plot.panels import label

LEVELS = 14
# Of the lines of further functions, which nothing else in the picture has: white are the own ones, black the arrows.
OTHERS = [("#dc2626", "dashed"), ("#f9a8d4", "dashdot"), ("#fb923c", "dotted")]
ARROWS = 17  # along the longer side, about
MOST_UNEVEN = 2.5  # numbers of arrows along both sides
FLAT = 1e-6  # of the longest gradient: what is shorter has no arrow
MOST_LABEL = 90
BESIDE, ABOVE = 1.7, 1.1  # inches for the bar and the labels, and for the names
LOWEST, HIGHEST = 2.4, 6.3  # of the map


def height_of_surface(plot: Plot, width: float) -> float:
    """The height with which both variables are drawn to one scale, as far as that is sensible."""
    return min(max((width - BESIDE) / _aspect(plot), LOWEST), HIGHEST) + ABOVE


def _aspect(plot: Plot) -> float:
    first, second = plot.axes
    return (first.stop - first.start) / (second.stop - second.start)


def draw_surface(plot: Plot, figure: Any) -> None:
    """Levels with a bar, and arrows of one length along the gradient."""
    import numpy as np
    from matplotlib.ticker import MaxNLocator

    ax = figure.subplots()
    first, second = plot.axes
    x, y, z = (_grid(plot, np, pick) for pick in (lambda s: s.at[0], lambda s: s.at[1], lambda s: s.values[0]))
    window = plot.windows[0]
    levels = MaxNLocator(LEVELS).tick_values(window.low, window.high)
    values = np.ma.masked_invalid(z)
    filled = ax.contourf(x, y, values, levels=levels, cmap="viridis", extend="both" if window.clipped else "neither")
    ax.contour(x, y, values, levels=levels, colors="white", linewidths=0.5, alpha=0.6)
    figure.colorbar(filled, ax=ax, pad=0.02)
    if len(plot.curves) == 3:
        _arrows(plot, ax, x, y, np)
    for one, (color, style) in zip(plot.also, OTHERS * len(plot.also)):
        _lines_of(one, ax, levels, {"linestyle": style, "color": color, "linewidth": 1.5}, np)
    draw_extremes(plot, ax, lambda one: (one.at[0], one.at[1]))
    if plot.descent is not None:
        draw_descent(plot, ax, [(at[0], at[1]) for at in plot.descent.points])
    ax.set_xlim(first.start, first.stop)
    ax.set_ylim(second.start, second.stop)
    ax.grid(False)
    ax.set_xlabel(first.name)
    ax.set_ylabel(second.name, rotation=0)
    if ax.get_legend_handles_labels()[0]:
        ax.legend(loc="best", fontsize=8, frameon=True, framealpha=0.85)
    ax.set_title("\n".join(label(plot, i, width=MOST_LABEL) for i in range(len(plot.curves))), loc="left", fontsize=10)


def _lines_of(plot: Plot, ax: Any, levels: Any, look: dict[str, Any], np: Any) -> None:
    """The lines of another function at the same levels: where they lie upon each other, both agree."""
    x, y, z = (_grid(plot, np, pick) for pick in (lambda s: s.at[0], lambda s: s.at[1], lambda s: s.values[0]))
    if np.isfinite(z).any() and np.nanmin(z) <= levels[-1] and np.nanmax(z) >= levels[0]:
        plural = {f"{name}s": value for name, value in look.items()}  # as contour calls them
        ax.contour(x, y, np.ma.masked_invalid(z), levels=levels, **plural)
    ax.plot([], [], **look, label=label(plot, 0, width=MOST_LABEL))


def _grid(plot: Plot, np: Any, pick: Any) -> Any:
    """One number of each sample, as a matrix."""
    numbers = [math.nan if (value := pick(sample)) is None else value for sample in plot.samples]
    return np.array(numbers).reshape(plot.shape)


def _arrows(plot: Plot, ax: Any, x: Any, y: Any, np: Any) -> None:
    rows, columns = plot.shape
    aspect = min(max(_aspect(plot), 1 / MOST_UNEVEN), MOST_UNEVEN)
    down = max(1, round(rows / ARROWS * max(1.0, aspect)))
    across = max(1, round(columns / ARROWS * max(1.0, 1 / aspect)))
    part = (slice(down // 2, None, down), slice(across // 2, None, across))
    u, v = (_grid(plot, np, lambda s, j=j: s.values[j])[part] for j in (1, 2))
    lengths = np.hypot(u, v)
    if not np.isfinite(lengths).any():
        return
    kept = lengths > FLAT * np.nanmax(lengths)
    ax.quiver(
        x[part][kept], y[part][kept], u[kept] / lengths[kept], v[kept] / lengths[kept], color="black", angles="xy",
        pivot="mid", scale=ARROWS * 1.5, width=0.003, alpha=0.8,
    )  # fmt: skip
