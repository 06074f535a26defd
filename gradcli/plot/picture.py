"""A plot as a picture, by matplotlib: the same bytes for the same plot."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gradcli.plot.data import Plot
from gradcli.plot.marks import CurveMark, lines_beside, marks, poles, trace
from gradcli.plot.overlay import draw_descent, draw_extremes
from gradcli.plot.panels import Panel, heading, label, panels
from gradcli.plot.sentences import sentences
from gradcli.plot.surface import draw_surface, height_of_surface
from gradcli.plot.ticks import ticks
from gradcli.terminal import numbers
from gradcli.terminal.numbers import aligned
from gradcli.terminal.wrap import fold

WIDTH = 8.0  # inches
HEIGHT, HEIGHT_OF_SEVERAL = 4.4, 2.7  # of a panel
HEIGHT_OF_LINE = 0.17  # of text
COLUMNS = 125  # of the text below

COLORS = ("#2563eb", "#ea580c", "#059669", "#9333ea")
WRONG, QUIET, GRID, TANGENT = "#dc2626", "#6b7280", "#e5e7eb", "#111827"
WIDE, NARROW = 2.6, 1.6  # of the function, and of what may lie upon it
MOST_LABEL, MOST_TITLE = 90, 110
MOST_WRONG = 60  # marks
FAR = 1e4  # heights beyond the frame: what is farther is drawn there
WRONG_LABEL = "what torch says, where it is wrong"
TICKS_ACROSS, TICKS_UP = 10, 7

SETTINGS = {
    "svg.hashsalt": "gradcli", "svg.fonttype": "path", "font.family": ["DejaVu Sans"], "font.size": 10.0,
    "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": QUIET, "axes.grid": True,
    "grid.color": GRID, "grid.linewidth": 0.8, "axes.axisbelow": True, "xtick.color": QUIET, "ytick.color": QUIET,
    "axes.labelcolor": QUIET, "legend.frameon": False, "text.parse_math": False, "path.simplify": False,
    "figure.dpi": 100.0, "savefig.dpi": 150.0, "axes.unicode_minus": False,
}  # fmt: skip

# No date and no version: what a file says must depend on the plot alone.
METADATA: dict[str, dict[str, str | None]] = {
    "svg": {"Date": None, "Creator": "gradcli"},
    "pdf": {"CreationDate": None, "Producer": None, "Creator": "gradcli"},
    "png": {"Software": "gradcli"},
}


def picture(plot: Plot, kind: str) -> bytes:
    """The plot as a file: "png", "svg" or "pdf"."""
    with settings(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph ")  # it has a box for what its font lacks
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(layout="constrained", facecolor="white")
        FigureCanvasAgg(figure)
        _draw(plot, figure)
        out = io.BytesIO()
        figure.savefig(out, format=kind, metadata=METADATA[kind])
    return out.getvalue()


@contextmanager
def settings() -> Iterator[None]:
    """matplotlib's own settings with ours, whatever the user's file says; and the user's again afterwards."""
    logger = logging.getLogger("matplotlib")
    level = logger.level
    logger.setLevel(logging.ERROR)  # it tells about its font cache
    import matplotlib

    try:
        with matplotlib.rc_context():
            matplotlib.rcdefaults()
            matplotlib.rcParams.update(SETTINGS)
            yield
    finally:
        logger.setLevel(level)


def _draw(plot: Plot, figure: Any) -> None:
    """All panels, and the sentences below."""
    lines = [line for sentence in sentences(plot) for line in fold(sentence, COLUMNS)]
    below = HEIGHT_OF_LINE * (len(lines) + 1)
    if plot.shape:
        figure.set_size_inches(WIDTH, height_of_surface(plot, WIDTH) + below)
        draw_surface(plot, figure)
    else:
        shown = panels(plot)
        figure.set_size_inches(WIDTH, (HEIGHT if len(shown) == 1 else HEIGHT_OF_SEVERAL * len(shown)) + below)
        axes = figure.subplots(len(shown), 1, sharex=True, squeeze=False)[:, 0]
        for panel, ax in zip(shown, axes):
            _panel(plot, panel, ax)
        axes[-1].set_xlabel(plot.axes[0].name)
    title = heading(plot, MOST_TITLE)
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=10)
    figure.supxlabel("\n".join(lines), x=0.01, ha="left", fontsize=8, color=QUIET)


def _panel(plot: Plot, panel: Panel, ax: Any) -> None:
    """Curves, tangents, asymptotes and marks."""
    axis = plot.axes[0]
    ax.set_xlim(axis.start, axis.stop)
    ax.set_ylim(panel.low, panel.high)
    ax.set_autoscale_on(False)
    if panel.low < 0 < panel.high:
        ax.axhline(0, color=QUIET, linewidth=0.8, zorder=1.5)
    for x in poles(plot, panel.curves):
        ax.axvline(x, color=QUIET, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1.6)
    for index in panel.curves:
        _curve(plot, index, panel, ax)
    if 0 in panel.curves:
        _beside(plot, panel, ax)
    if 0 in panel.curves and plot.has_function:
        _tangents(plot, ax)
        draw_extremes(plot, ax, lambda one: (one.at[0], one.value))
        draw_descent(plot, ax, trace(plot))
    _ticks(ax.xaxis, axis.start, axis.stop, TICKS_ACROSS)
    _ticks(ax.yaxis, panel.low, panel.high, TICKS_UP)
    ax.set_xlim(axis.start, axis.stop)
    ax.set_ylim(panel.low, panel.high)
    handles, names = ax.get_legend_handles_labels()
    order = sorted(range(len(names)), key=lambda i: _place(names[i], plot, panel))
    ax.legend(
        [handles[i] for i in order], [names[i] for i in order], loc="lower left", bbox_to_anchor=(0, 1.0),
        borderaxespad=0.2, ncols=1, handlelength=2.2, labelspacing=0.3,
    )  # fmt: skip


def _ticks(axis: Any, low: float, high: float, most: int) -> None:
    """The same ticks as in the terminal."""
    values = ticks(low, high, most)
    axis.set_ticks(values, labels=aligned(values))


def _tangents(plot: Plot, ax: Any) -> None:
    axis = plot.axes[0]
    for tangent in plot.tangents:
        start = tangent.x if tangent.side == "right" else axis.start
        stop = tangent.x if tangent.side == "left" else axis.stop
        heights = [tangent.y + tangent.slope * (x - tangent.x) for x in (start, stop)]
        side = f" from the {tangent.side}" if tangent.side else ""
        text = f"tangent{side} at {axis.name} = {numbers.figure(tangent.x)}: slope {numbers.figure(tangent.slope)}"
        ax.plot(
            (start, stop), heights, color=TANGENT, linewidth=1.1, linestyle=(0, (6, 2, 1, 2)), label=text, zorder=3.5
        )
        ax.plot([tangent.x], [tangent.y], "o", color=TANGENT, markersize=5, zorder=5)


def _beside(plot: Plot, panel: Panel, ax: Any) -> None:
    """The further functions and the polynomials."""
    far = FAR * (panel.high - panel.low)
    for one in lines_beside(plot, MOST_LABEL):
        line = {"color": COLORS[one.color % len(COLORS)], "linewidth": NARROW, "zorder": 2.9}
        ax.plot([], [], label=one.text, **line)
        for x in one.poles:
            ax.axvline(x, color=QUIET, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1.6)
        for stroke in one.strokes:
            heights = [min(max(y, panel.low - far), panel.high + far) for _, y in stroke]
            ax.plot([x for x, _ in stroke], heights, solid_capstyle="butt", **line)
        _marks(one.marks, panel, ax, line["color"])


def _place(name: str, plot: Plot, panel: Panel) -> int:
    """Where a line stands in the legend: curves in their order, what is wrong and tangents after them."""
    names = [label(plot, index, width=MOST_LABEL) for index in panel.curves]
    return names.index(name) if name in names else len(names) + (name != WRONG_LABEL)


def _curve(plot: Plot, index: int, panel: Panel, ax: Any) -> None:
    """A curve in its strokes, with its marks, and what torch says where that is wrong."""
    line = {"color": COLORS[index % len(COLORS)], "linewidth": WIDE if index == 0 else NARROW, "zorder": 3}
    ax.plot([], [], label=label(plot, index, width=MOST_LABEL), **line)
    for stroke in plot.strokes(index):
        far = FAR * (panel.high - panel.low)
        heights = [min(max(y, panel.low - far), panel.high + far) for _, y in stroke]
        alone = {"marker": "o", "markersize": 2.5} if len(stroke) == 1 else {}
        ax.plot([x for x, _ in stroke], heights, solid_capstyle="butt", **line, **alone)
    wrong = [(s.x, s.autograd[index]) for s in plot.wrong(index) if panel.low <= s.autograd[index] <= panel.high]
    if wrong:
        ax.plot(
            [x for x, _ in wrong], [y for _, y in wrong], linestyle="none", marker="x", markersize=4.5, color=WRONG,
            markeredgewidth=1.1, markevery=max(1, len(wrong) // MOST_WRONG), zorder=4, label=WRONG_LABEL,
        )  # fmt: skip
    _marks(marks(plot, index), panel, ax, line["color"])


STYLES: dict[str, dict[str, Any]] = {
    "open": {"marker": "o", "markerfacecolor": "white", "markersize": 6},
    "full": {"marker": "o", "markersize": 6},
    "corner": {"marker": "D", "markersize": 5.5},
}


def _marks(found: Sequence[CurveMark], panel: Panel, ax: Any, color: Any) -> None:
    for mark in found:
        if panel.low <= mark.y <= panel.high:
            ax.plot([mark.x], [mark.y], color=color, linestyle="none", zorder=6, markeredgewidth=1.5,
                    clip_on=False, **STYLES[mark.kind])  # fmt: skip
