"""The digits along each axis as a picture, by matplotlib as in `plot`: the same bytes for the same audit."""

from __future__ import annotations

import io
from typing import Any

from gradcli.audit.curves import column_name, digit_curves
from gradcli.audit.data import Audit
from gradcli.audit.scales import AuditScale
from gradcli.errors import one_line
from gradcli.language.numbers import DTYPES
from gradcli.plot.picture import COLORS, METADATA, QUIET, WRONG, settings
from gradcli.plot.ticks import ticks
from gradcli.safe import Target, safe
from gradcli.terminal.numbers import aligned

WIDTH, HEIGHT, HEIGHT_OF_SEVERAL = 8.0, 4.0, 2.4  # inches
BINS = 400
MOST_TICKS = 10
MOST_TITLE = 110


def picture(audit: Audit, kind: str) -> bytes:
    """The audit as a file: "png", "svg" or "pdf"."""
    with settings():
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(layout="constrained", facecolor="white")
        FigureCanvasAgg(figure)
        count = len(audit.axes)
        figure.set_size_inches(WIDTH, HEIGHT if count == 1 else HEIGHT_OF_SEVERAL * count)
        for axis, ax in enumerate(figure.subplots(count, 1, squeeze=False)[:, 0]):
            _panel(audit, axis, ax)
        title = safe(one_line(audit.program), Target.LINE)
        figure.suptitle(
            title if len(title) <= MOST_TITLE else title[:MOST_TITLE] + "...", x=0.01, ha="left", fontsize=10
        )
        out = io.BytesIO()
        figure.savefig(out, format=kind, metadata=METADATA[kind])
    return out.getvalue()


def _panel(audit: Audit, axis: int, ax: Any) -> None:
    scale = AuditScale(audit.axes[axis])
    for number, one in enumerate(digit_curves(audit, axis, BINS)):
        color = COLORS[number % len(COLORS)]
        ax.plot([], [], color=color, label=column_name(audit, audit.columns[one.column]))
        for stroke in one.strokes:
            alone = {"marker": "o", "markersize": 2.5} if len(stroke) == 1 else {}
            ax.plot(*zip(*stroke), color=color, linewidth=2.2 - 0.5 * number, **alone)
    ax.axhline(audit.min_digits, color=QUIET, linewidth=0.9, linestyle=(0, (4, 3)))
    for place in audit.places if len(audit.axes) == 1 else ():
        ax.axvline(float(scale.place(place.x)), color=WRONG, linewidth=0.8, linestyle=(0, (2, 3)))
    found = scale.decades
    if not found:
        values = ticks(scale.start, scale.stop, MOST_TICKS)
        found = [(float(scale.place(value)), text) for value, text in zip(values, aligned(values))]
    step = max(1, -(-len(found) // MOST_TICKS))
    chosen = found[::step]
    ax.set_xticks([place for place, _ in chosen], [text for _, text in chosen])
    ax.set_xlim(0, 1)
    ax.set_ylim(0, DTYPES[audit.dtype].digits + 0.5)
    ax.set_xlabel(scale.axis.name)
    if axis == 0:
        ax.set_ylabel("digits kept")
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), borderaxespad=0.2, ncols=3, handlelength=2.2)
