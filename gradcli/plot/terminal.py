"""A plot of one variable in the terminal: panels below each other, a legend above, sentences below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from gradcli.plot.canvas import BLANK, DASHES, CanvasFrame, dots
from gradcli.plot.curves import DescentTrace
from gradcli.plot.data import Plot
from gradcli.plot.marks import extremes, lines_beside, marks, poles, trace
from gradcli.plot.page import below, page
from gradcli.plot.panels import Panel, heading, label, panels
from gradcli.plot.ticks import ticks
from gradcli.terminal.arrays import count
from gradcli.terminal.console import DEFAULT_WIDTH, Screen
from gradcli.terminal.numbers import aligned, figure
from gradcli.terminal.readable import readable

MAX_WIDTH = 120
LEAST_WIDTH = 30
HEIGHT_BY_WIDTH = 0.25  # of a single panel
SEVERAL = 0.6  # of that height, where there are several
LEAST_HEIGHT, MOST_HEIGHT = 8, 30
AROUND = 3  # lines of a panel that are none of the picture: the axis with its numbers, and one between two
TICK_ROWS, TICK_COLUMNS = 4, 12  # a tick for every so many

COLORS = ("#3b82f6", "#f59e0b", "#10b981", "#d946ef")
WRONG_COLOR, TANGENT_COLOR, QUIET = "#ef4444", "#8b8b8b", "#8b8b8b"
CHARACTERS = "*+x#"  # of the curves, in ASCII
MARKS = {
    "open": "○", "full": "●", "corner": "◆", "pole": "┊", "wrong": "×", "zero": "┈", "minimum": "▼", "maximum": "▲",
    "inflection": "◇", "step": "•", "start": "◉", "end": "■",
}  # fmt: skip
ASCII_MARKS = {
    "open": "o", "full": "@", "corner": "^", "pole": ":", "wrong": "!", "zero": "-", "minimum": "v", "maximum": "A",
    "inflection": "~", "step": "o", "start": "S", "end": "E",
}  # fmt: skip
EXTREME = ("minimum", "maximum", "inflection")
SAMPLES = ("━━━", "╌╌╌", "┈┈┈", "━╌━")
MAX_WRONG_MARKS = 12
TAKING_TURNS = 3  # characters of one curve, then of the other one, where they coincide

Cells = list[list["tuple[str, str]"]]  # a character and its style


def render(plot: Plot, screen: Screen) -> str:
    """The whole plot for a reader."""
    width = max(LEAST_WIDTH, min(screen.width or DEFAULT_WIDTH, MAX_WIDTH))
    return page(plot, screen, width, _lines(plot, screen, width))


def _lines(plot: Plot, screen: Screen, width: int) -> Iterator[Text]:
    title = heading(plot, width)
    if title:
        yield Text(f"{title}\n", style="bold")
    shown = panels(plot)
    legends = [_legend(plot, panel, screen, width) for panel in shown]
    most = MOST_HEIGHT
    if screen.height is not None:  # all of it is seen at once, where that is not too little
        others = sum(len(legend) + AROUND for legend in legends) + 2 * bool(title) + below(plot, screen, width)
        most = max((screen.height - others) // len(shown), LEAST_HEIGHT)
    for number, (panel, legend) in enumerate(zip(shown, legends)):
        if number:
            yield Text()
        yield from legend
        yield from _panel(plot, panel, screen, width, len(shown), most)


def style_of(index: int) -> str:
    """The colour of a curve."""
    return COLORS[index % len(COLORS)]


def _legend(plot: Plot, panel: Panel, screen: Screen, width: int) -> list[Text]:
    """A line for each curve: how it is drawn, its name and its formula."""
    lines = []
    for index in panel.curves:
        sample = _sample(index, screen)
        line = Text(sample, style=style_of(index))
        line.append(" " + label(plot, index, screen.unicode, width - len(sample) - 1), style="default")
        lines.append(line)
    if any(panel.low <= s.autograd[index] <= panel.high for index in panel.curves for s in plot.wrong(index)):
        sign = (MARKS if screen.unicode else ASCII_MARKS)["wrong"]
        lines.append(
            Text(f" {sign} ", style=WRONG_COLOR).append(" what torch says, where it is wrong", style="default")
        )
    for tangent in plot.tangents if _has_function(plot, panel) else ():
        side = f" from the {tangent.side}" if tangent.side else ""
        sample = "···" if screen.unicode else "..."
        line = Text(sample, style=TANGENT_COLOR)
        text = f" tangent{side} at {plot.axes[0].name} = {readable(tangent.x)}: slope {readable(tangent.slope)}"
        line.append(text, style="default")
        lines.append(line)
    signs = MARKS if screen.unicode else ASCII_MARKS
    for beside in lines_beside(plot, width - len(SAMPLES[0]) - 1) if 0 in panel.curves else ():
        sample = _sample(beside.color, screen)
        lines.append(Text(sample, style=style_of(beside.color)).append(f" {beside.text}", style="default"))
    if _has_function(plot, panel):
        there = [kind for kind in EXTREME if extremes(plot, kind)]
        if there:
            lines.append(Text("  ".join(f" {signs[kind]} {kind}" for kind in there)))
        if plot.descent is not None:
            way = f" {signs['step']} {descent_words(plot.descent)}, from {signs['start']} to {signs['end']}"
            lines.append(Text(way, style=WRONG_COLOR))
    return [*lines, Text()]


def descent_words(found: DescentTrace) -> str:
    """What a descent is called."""
    return f"{found.method}, rate {figure(found.rate)}, {count(len(found.points) - 1, 'step')}"


def _has_function(plot: Plot, panel: Panel) -> bool:
    return 0 in panel.curves and plot.has_function


def _sample(index: int, screen: Screen) -> str:
    if not screen.unicode:
        return CHARACTERS[index % len(CHARACTERS)] * 3
    return SAMPLES[0 if screen.color else index % len(SAMPLES)]


def _panel(plot: Plot, panel: Panel, screen: Screen, width: int, count: int, most: int) -> list[Text]:
    """One panel with its axes."""
    axis = plot.axes[0]
    height = int(width * HEIGHT_BY_WIDTH * (SEVERAL if count > 1 else 1))
    height = min(max(height, LEAST_HEIGHT), MOST_HEIGHT, most)
    up = ticks(panel.low, panel.high, max(2, height // TICK_ROWS))
    texts = aligned(up)
    margin = max(map(len, texts), default=0)
    frame = CanvasFrame(width - margin - 2, height, axis.start, axis.stop, panel.low, panel.high)
    cells = _cells(plot, panel, frame, screen)
    at_row = {frame.row(value): text for value, text in zip(up, texts)}
    corner = ("┤", "│", "└") if screen.unicode else ("+", "|", "+")
    lines = []
    for number, row in enumerate(cells):
        text = at_row.get(number)
        line = Text(f"{text or '':>{margin}} {corner[0] if text else corner[1]}", style=QUIET)
        for character, style in row:
            line.append(character, style=style or None)
        lines.append(line)
    return [*lines, *_below(frame, margin, screen, axis.name)]


def _below(frame: CanvasFrame, margin: int, screen: Screen, name: str) -> list[Text]:
    """The horizontal axis with its ticks."""
    values = ticks(frame.left, frame.right, max(2, frame.width // TICK_COLUMNS))
    rule = list(("─" if screen.unicode else "-") * frame.width)
    row = [" "] * (frame.width + margin + 2)
    for value, text in zip(values, aligned(values)):
        column = frame.column(value)
        rule[column] = "┬" if screen.unicode else "+"
        start = min(max(0, margin + 2 + column - len(text) // 2), len(row) - len(text))
        if all(character == " " for character in row[max(0, start - 1) : start + len(text) + 1]):
            row[start : start + len(text)] = text
    columns = [margin + 2 + frame.column(value) for value in values[-2:]]
    middle = sum(columns) // 2 - len(name) // 2
    if len(columns) > 1 and not "".join(row[middle - 1 : middle + len(name) + 1]).strip():
        row[middle : middle + len(name)] = name
    corner = "└" if screen.unicode else "+"
    return [
        Text(" " * (margin + 1) + corner + "".join(rule), style=QUIET),
        Text("".join(row).rstrip(), style=QUIET),
    ]


def _cells(plot: Plot, panel: Panel, frame: CanvasFrame, screen: Screen) -> Cells:
    """The characters of a panel: the zero line, asymptotes, tangents, curves, marks; what comes later lies on top."""
    signs = MARKS if screen.unicode else ASCII_MARKS
    cells: Cells = [[(" ", "")] * frame.width for _ in range(frame.height)]
    if frame.has(0.0) and frame.low < 0 < frame.high:
        row = cells[frame.row(0.0)]
        row[:] = [(signs["zero"] if screen.unicode or i % 2 else " ", QUIET) for i in range(frame.width)]
    beside = lines_beside(plot, MAX_WIDTH) if 0 in panel.curves else []
    for x in [*poles(plot, panel.curves), *(x for one in beside for x in one.poles)]:
        for row in cells:
            row[frame.column(x)] = (signs["pole"], QUIET)
    layers: list[tuple[list[list[int]], str, str]] = []
    if _has_function(plot, panel):
        axis = plot.axes[0]
        lines = [
            [(x, t.y + t.slope * (x - t.x)) for x in _reach(t.side, t.x, axis.start, axis.stop)] for t in plot.tangents
        ]
        layers.append((dots(frame, lines, DASHES[2]), TANGENT_COLOR, "."))
    for one in reversed(beside):
        dash = DASHES[0 if screen.color or not screen.unicode else one.color % len(DASHES)]
        layers.append((dots(frame, one.strokes, dash), style_of(one.color), CHARACTERS[one.color % len(CHARACTERS)]))
    for index in reversed(panel.curves):
        dash = DASHES[0 if screen.color or not screen.unicode else index % len(DASHES)]
        drawn = dots(frame, plot.strokes(index), dash)
        layers.append((drawn, style_of(index), CHARACTERS[index % len(CHARACTERS)]))
    for row_number in range(frame.height):
        for column in range(frame.width):
            _merge(cells, layers, row_number, column, screen)
    for one in reversed(beside):
        _put(frame, cells, [(mark.x, mark.y, signs[mark.kind]) for mark in one.marks], f"bold {style_of(one.color)}")
    _put_marks(plot, panel, frame, cells, signs)
    if _has_function(plot, panel):
        for kind in EXTREME:
            _put(frame, cells, [(one.at[0], one.value, signs[kind]) for one in extremes(plot, kind)], "bold")
        way = trace(plot)
        _put(frame, cells, [(x, y, signs["step"]) for x, y in way], WRONG_COLOR)
        _put(frame, cells, [(*way[i], signs[name]) for i, name in ((-1, "end"), (0, "start")) if way],
             f"bold {WRONG_COLOR}")  # fmt: skip
    return cells


def _put(frame: CanvasFrame, cells: Cells, marked: Sequence[tuple[float, float, str]], style: str) -> None:
    """Signs at places, those that are shown."""
    for x, y, sign in marked:
        if frame.has(y) and frame.left <= x <= frame.right:
            cells[frame.row(y)][frame.column(x)] = (sign, style)


def _reach(side: str | None, x: float, start: float, stop: float) -> tuple[float, float]:
    """From where to where a tangent is drawn."""
    return (start if side != "right" else x, stop if side != "left" else x)


def _merge(
    cells: Cells, layers: Sequence[tuple[list[list[int]], str, str]], row: int, column: int, screen: Screen
) -> None:
    """Lay the curves upon each other in one character."""
    here = [(layer[row][column], color, sign) for layer, color, sign in layers if layer[row][column]]
    if here:
        bits = 0
        for one, _, _ in here:
            bits |= one
        _, style, sign = here[-1 - column // TAKING_TURNS % len(here)]
        cells[row][column] = (chr(BLANK + bits) if screen.unicode else sign, style)


def _put_marks(plot: Plot, panel: Panel, frame: CanvasFrame, cells: Cells, signs: dict[str, str]) -> None:
    """The marks on the curves, the first curve's last."""
    for index in reversed(panel.curves):
        wrong = [(s.x, s.autograd[index]) for s in plot.wrong(index)]
        for x, y in wrong[:: max(1, -(-len(wrong) // MAX_WRONG_MARKS))]:
            if frame.has(y):
                cells[frame.row(y)][frame.column(x)] = (signs["wrong"], WRONG_COLOR)
        for mark in marks(plot, index):
            if frame.has(mark.y):
                cells[frame.row(mark.y)][frame.column(mark.x)] = (signs[mark.kind], f"bold {style_of(index)}")
