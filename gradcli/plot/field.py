"""A function of two variables in the terminal: shades for its values, arrows for its gradient."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

from rich.text import Text

from gradcli.plot.canvas import CanvasFrame
from gradcli.plot.curves import PlotSample
from gradcli.plot.data import Plot
from gradcli.plot.page import below, page
from gradcli.plot.panels import heading, label
from gradcli.plot.terminal import descent_words
from gradcli.plot.ticks import ticks
from gradcli.terminal.console import DEFAULT_WIDTH, Screen
from gradcli.terminal.numbers import aligned, figure

MAX_WIDTH = 120
HEIGHT_BY_WIDTH = 0.32
LEAST_HEIGHT = 10
AROUND = 5  # lines of the map that are none of the picture: the axes with their names and numbers, and the program
TICK_ROWS, TICK_COLUMNS = 5, 14
ACROSS, UP = 6, 3  # an arrow for every so many characters
FLAT = 1e-6  # of the longest gradient: what is shorter has no arrow

SHADES = " ·░▒▓█"
ASCII_SHADES = " .:-=+*#"
ARROWS = "→↗↑↖←↙↓↘"
ASCII_ARROWS = ">^<v"
# From the smallest to the largest value: the colours of viridis.
COLORS = ("#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725")
MARKS = {
    "minimum": "▼", "maximum": "▲", "saddle": "╳", "step": "●", "way": "•", "start": "◉", "end": "■",
}  # fmt: skip
ASCII_MARKS = {
    "minimum": "v", "maximum": "A", "saddle": "X", "step": "o", "way": ".", "start": "S", "end": "E",
}  # fmt: skip
EXTREME = ("minimum", "maximum", "saddle")
BETWEEN = 40  # places that are marked between two points of a descent
PATH = "#dc2626"
QUIET, ARROW_ON_DARK, ARROW_ON_LIGHT = "#8b8b8b", "#ffffff", "#000000"
LIGHT_FROM = 6  # of the colours


def render(plot: Plot, screen: Screen) -> str:
    """The whole plot for a reader."""
    width = max(40, min(screen.width or DEFAULT_WIDTH, MAX_WIDTH))
    legend = [*_legend(plot, screen, width), Text()]
    most = None if screen.height is None else screen.height - len(legend) - AROUND - below(plot, screen, width)
    lines = [*legend, *_map(plot, screen, width, most)]
    for one in plot.also:  # with the same shades, so that both can be compared
        same = replace(one, windows=plot.windows[:1])
        lines += [Text(), *_legend(same, screen, width), Text(), *_map(same, screen, width, most)]
    return page(plot, screen, width, lines)


def _legend(plot: Plot, screen: Screen, width: int) -> list[Text]:
    """The names, the formulas, and what the shades mean."""
    title = heading(plot, width)
    lines = [Text(f"{title}\n", style="bold")] if title else []
    lines += [Text(label(plot, index, screen.unicode, width)) for index in range(len(plot.curves))]
    window = plot.windows[0]
    bar = Text(f"{figure(window.low)} ")
    shades = len(COLORS) if screen.color else len(_shades(screen))
    for shade in range(shades):
        bar.append("  ", style=f"on {COLORS[shade]}") if screen.color else bar.append(_shades(screen)[shade] * 2)
    bar.append(f" {figure(window.high)}")
    if len(plot.curves) > 1:
        bar.append("   arrows: the direction of the gradient")
    return [*lines, bar, *_legend_of_marks(plot, screen)]


def _legend_of_marks(plot: Plot, screen: Screen) -> list[Text]:
    """What the signs upon the map mean."""
    signs = MARKS if screen.unicode else ASCII_MARKS
    kinds = [kind for kind in EXTREME if any(one.kind == kind for one in plot.extrema or ())]
    lines = [Text("   ".join(f"{signs[kind]} {kind}" for kind in kinds))] if kinds else []
    if plot.descent is not None:
        way = f"{signs['step']} {descent_words(plot.descent)}, from {signs['start']} to {signs['end']}"
        lines.append(Text(way, style=PATH))
    return lines


def _marks(plot: Plot, frame: CanvasFrame, screen: Screen) -> dict[tuple[int, int], str]:
    """The signs upon the map, by row and column: the way of a descent, then extreme points."""
    signs = MARKS if screen.unicode else ASCII_MARKS
    found: dict[tuple[int, int], str] = {}

    def put(x: float, y: float, sign: str) -> None:
        if frame.left <= x <= frame.right and frame.has(y):
            found[frame.row(y), frame.column(x)] = sign

    way = [] if plot.descent is None else plot.descent.points
    for (x0, y0), (x1, y1) in pairwise(way):
        for i in range(1, BETWEEN):
            put(x0 + (x1 - x0) * i / BETWEEN, y0 + (y1 - y0) * i / BETWEEN, signs["way"])
    for x, y in way:
        put(x, y, signs["step"])
    for sign, (x, y) in zip((signs["end"], signs["start"]), (way[-1], way[0]) if way else ()):
        put(x, y, sign)
    for one in plot.extrema or ():
        if one.kind in EXTREME:
            put(one.at[0], one.at[1], signs[one.kind])
    return found


def _shades(screen: Screen) -> str:
    return SHADES if screen.unicode else ASCII_SHADES


def _map(plot: Plot, screen: Screen, width: int, most: int | None) -> list[Text]:
    """The map with its axes."""
    first, second = plot.axes
    height = max(LEAST_HEIGHT, min(int(width * HEIGHT_BY_WIDTH), most or MAX_WIDTH))
    up = ticks(second.start, second.stop, max(2, height // TICK_ROWS))
    texts = aligned(up)
    margin = max(map(len, [*texts, second.name]))
    frame = CanvasFrame(width - margin - 2, height, first.start, first.stop, second.start, second.stop)
    at_row = {frame.row(value): text for value, text in zip(up, texts)}
    signs = ("┤", "│", "└", "─", "┬") if screen.unicode else ("+", "|", "+", "-", "+")
    marked = _marks(plot, frame, screen)
    lines = [Text(f"{second.name:>{margin}}", style=QUIET)]
    for row in range(height):
        text = at_row.get(row)
        line = Text(f"{text or '':>{margin}} {signs[0] if text else signs[1]}", style=QUIET)
        for column in range(frame.width):
            sample = _sample(plot, row, column, frame)
            character, style = _character(plot, sample, row, column, screen)
            mark = marked.get((row, column))
            line.append(character if mark is None else mark, f"bold {style}" if mark and style else style)
        lines.append(line)
    values = ticks(first.start, first.stop, max(2, frame.width // TICK_COLUMNS))
    rule, below = [signs[3]] * frame.width, [" "] * width
    for value, text in zip(values, aligned(values)):
        column = frame.column(value)
        rule[column] = signs[4]
        start = min(max(0, margin + 2 + column - len(text) // 2), width - len(text))
        below[start : start + len(text)] = text
    return [
        *lines,
        Text(" " * (margin + 1) + signs[2] + "".join(rule), style=QUIET),
        Text("".join(below).rstrip(), style=QUIET),
        Text(f"{first.name:>{margin + 2 + frame.width // 2}}", style=QUIET),
    ]


def _sample(plot: Plot, row: int, column: int, frame: CanvasFrame) -> PlotSample:
    """The sample nearest to a character."""
    rows, columns = plot.shape
    i = round((frame.height - 1 - row) / (frame.height - 1) * (rows - 1))
    j = round(column / (frame.width - 1) * (columns - 1))
    return plot.samples[i * columns + j]


def _character(plot: Plot, sample: PlotSample, row: int, column: int, screen: Screen) -> tuple[str, str]:
    """What stands at a place: a shade, and an arrow here and there."""
    value, window = sample.values[0], plot.windows[0]
    if value is None:
        return " ", ""
    part = min(max((value - window.low) / (window.high - window.low), 0.0), 1.0)
    arrow = _arrow(plot, sample, screen) if (row % UP, column % ACROSS) == (UP // 2, ACROSS // 2) else ""
    if screen.color:
        shade = min(max(int(part * len(COLORS)), 0), len(COLORS) - 1)
        ink = ARROW_ON_LIGHT if shade >= LIGHT_FROM else ARROW_ON_DARK
        return arrow or " ", f"{ink} on {COLORS[shade]}"
    shades = _shades(screen)
    return arrow or shades[min(max(int(part * len(shades)), 0), len(shades) - 1)], ""


def _arrow(plot: Plot, sample: PlotSample, screen: Screen) -> str:
    """The direction of the gradient on the screen, where it has one."""
    if len(plot.curves) < 3:
        return ""
    along = [sample.values[index] for index in (1, 2)]
    if None in along:
        return ""
    longest = max(max(abs(window.low), abs(window.high)) for window in plot.windows[1:])
    x, y = (number or 0.0 for number in along)
    if math.hypot(x, y) <= FLAT * longest:
        return "·" if screen.unicode else "o"
    arrows = ARROWS if screen.unicode else ASCII_ARROWS
    return arrows[round(math.atan2(y, x) / (2 * math.pi) * len(arrows)) % len(arrows)]
