"""The digits along each axis in the terminal: one panel an axis, plotille's dots as in `plot`."""

from __future__ import annotations

import math

from rich.text import Text

from gradcli.audit.curves import column_name, digit_curves, shown_columns
from gradcli.audit.data import Audit
from gradcli.audit.scales import AuditScale
from gradcli.language.numbers import DTYPES
from gradcli.plot.canvas import BLANK, DASHES, DOTS, CanvasFrame, dots
from gradcli.plot.ticks import ticks
from gradcli.terminal.console import DEFAULT_WIDTH, Screen, printed
from gradcli.terminal.numbers import aligned

MAX_WIDTH, LEAST_WIDTH = 120, 30
HEIGHT, HEIGHT_OF_SEVERAL = 10, 6  # rows of a panel
MARGIN = 3  # columns of the numbers at the left
TICK_COLUMNS = 10  # a tick for every so many
QUIET = "#8b8b8b"
COLORS = ("#3b82f6", "#f59e0b", "#10b981", "#d946ef")
CHARACTERS = "*+x#"  # of the curves, in ASCII
SAMPLES = ("━━━", "╌╌╌", "┈┈┈", "━╌━")


def drawing(audit: Audit, screen: Screen) -> str:
    """All panels, with a legend above."""
    width = max(LEAST_WIDTH, min(screen.width or DEFAULT_WIDTH, MAX_WIDTH))
    return printed([*_legend(audit, screen, width), *_panels(audit, screen, width)], screen)


def _legend(audit: Audit, screen: Screen, width: int) -> list[Text]:
    line = Text("digits kept: ")
    lines = [line]
    for number, column in enumerate(shown_columns(audit)):
        sample = SAMPLES[0 if screen.color else number] if screen.unicode else CHARACTERS[number] * 3
        name = f" {column_name(audit, audit.columns[column], screen.unicode)}  "
        if len(line) + len(sample) + len(name) > width:
            line = Text("  ")
            lines.append(line)
        line.append(sample, style=COLORS[number]).append(name)
    return lines


def _panels(audit: Audit, screen: Screen, width: int) -> list[Text]:
    height = HEIGHT if len(audit.axes) == 1 else HEIGHT_OF_SEVERAL
    most = math.ceil(DTYPES[audit.dtype].digits)
    lines: list[Text] = []
    for axis in range(len(audit.axes)):
        frame = CanvasFrame(width - MARGIN - 2, height, 0.0, 1.0, 0.0, float(most))
        lines += [*_rows(audit, axis, frame, screen), *_below(audit, axis, frame, screen)]
    return lines


def _rows(audit: Audit, axis: int, frame: CanvasFrame, screen: Screen) -> list[Text]:
    curves = digit_curves(audit, axis, frame.width * DOTS[0])
    layers = [
        (dots(frame, one.strokes, DASHES[0 if screen.color or not screen.unicode else number]), number)
        for number, one in enumerate(curves)
    ]
    at_row = {frame.row(value): f"{value:.0f}" for value in ticks(0, frame.high, 4)}
    enough = frame.row(audit.min_digits)
    tick, bar = ("┤", "│") if screen.unicode else ("+", "|")
    dash = "┈" if screen.unicode else "-"
    lines = []
    for row in range(frame.height):
        text = at_row.get(row)
        line = Text(f"{text or '':>{MARGIN}} {tick if text else bar}", style=QUIET)
        for column in range(frame.width):
            bits, first = 0, None
            for layer, number in layers:
                if layer[row][column]:
                    bits |= layer[row][column]
                    first = number if first is None else first
            if first is not None:
                line.append(chr(BLANK + bits) if screen.unicode else CHARACTERS[first], style=COLORS[first])
            else:
                line.append(dash if row == enough and column % 2 == 0 else " ", style=QUIET)
        lines.append(line)
    return lines


def _below(audit: Audit, axis: int, frame: CanvasFrame, screen: Screen) -> list[Text]:
    """The horizontal axis with its ticks."""
    scale = AuditScale(audit.axes[axis])
    found = scale.decades
    if not found:
        values = ticks(scale.start, scale.stop, max(2, frame.width // TICK_COLUMNS))
        found = [(float(scale.place(value)), text) for value, text in zip(values, aligned(values))]
    rule = list(("─" if screen.unicode else "-") * frame.width)
    row = [" "] * (frame.width + MARGIN + 2)
    name = audit.axes[axis].name
    free = len(row) - len(name) - 1
    row[free + 1 :] = name
    step = max(1, math.ceil(len(found) * TICK_COLUMNS / frame.width))
    chosen = [one for i, one in enumerate(found) if i % step == 0 or one[1] == "0"]
    for place, text in sorted(chosen, key=lambda one: one[1] != "0"):
        column = frame.column(place)
        start = min(max(0, MARGIN + 2 + column - len(text) // 2), free - len(text))
        if all(character == " " for character in row[max(0, start - 1) : start + len(text) + 1]):
            row[start : start + len(text)] = text
            rule[column] = "┬" if screen.unicode else "+"
    corner = "└" if screen.unicode else "+"
    return [Text(" " * (MARGIN + 1) + corner + "".join(rule), style=QUIET), Text("".join(row).rstrip(), style=QUIET)]
