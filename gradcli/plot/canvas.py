"""Curves as characters: plotille draws the dots, one canvas for each curve, and here they are laid upon each other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

DOTS = (2, 4)  # of a character of braille, across and up
BLANK = 0x2800
MAX_DASHES = 20_000  # dots of one stroke

# Dots drawn and dots left out, where curves are not told apart by colours.
DASHES = ((1, 0), (4, 3), (1, 2), (7, 2))


class CanvasFrame(NamedTuple):
    """What a canvas shows: so many characters, for these values."""

    width: int
    height: int
    left: float
    right: float
    low: float
    high: float

    def column(self, x: float) -> int:
        """The column of a value."""
        return min(max(int(self._across(x)) // DOTS[0], 0), self.width - 1)

    def row(self, y: float) -> int:
        """The row of a value, from the top."""
        return self.height - 1 - min(max(int(self._up(y)) // DOTS[1], 0), self.height - 1)

    def has(self, y: float) -> bool:
        """Whether a value is shown."""
        return self.low <= y <= self.high

    def dot(self, x: float, y: float) -> tuple[float, float]:
        """The place of a point, in dots from the lower left corner."""
        return self._across(x), self._up(y)

    def _across(self, x: float) -> float:
        return (x - self.left) / (self.right - self.left) * (self.width * DOTS[0] - 1) + 0.5

    def _up(self, y: float) -> float:
        return (y - self.low) / (self.high - self.low) * (self.height * DOTS[1] - 1) + 0.5


Stroke = Sequence["tuple[float, float]"]


def dots(frame: CanvasFrame, strokes: Sequence[Stroke], dash: tuple[int, int]) -> list[list[int]]:
    """The dots of one curve: for each character, as the eight bits of braille."""
    canvas = _canvas(frame)
    for stroke in strokes:
        places = [frame.dot(x, y) for x, y in stroke]
        if len(places) == 1:
            canvas.point(*places[0])
        phase = 0.0
        for start, end in pairwise(places):
            phase = _segment(canvas, frame, start, end, dash, phase)
    return [[ord(character) - BLANK for character in line] for line in canvas.plot(linesep="\n").split("\n")]


def _segment(
    canvas: Any,
    frame: CanvasFrame,
    start: tuple[float, float],
    end: tuple[float, float],
    dash: tuple[int, int],
    phase: float,
) -> float:
    """Draw a straight piece, as far as it is shown; where the dashes go on."""
    visible = _clip(start, end, frame.width * DOTS[0], frame.height * DOTS[1])
    if visible is None:
        return phase
    (x0, y0), (x1, y1) = visible
    on, off = dash
    if not off:
        canvas.line(int(x0), int(y0), int(x1), int(y1))
        return phase
    count = max(1, min(MAX_DASHES, round(2 * max(abs(x1 - x0), abs(y1 - y0)))))
    length = max(abs(x1 - x0), abs(y1 - y0)) / count
    for step in range(count):
        if (phase + step * length) % (on + off) < on:
            part = step / count
            canvas.point(int(x0 + part * (x1 - x0)), int(y0 + part * (y1 - y0)))
    return phase + count * length


def _clip(
    start: tuple[float, float], end: tuple[float, float], width: float, height: float
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """The piece of a straight line inside the canvas (Liang and Barsky)."""
    low, high = 0.0, 1.0
    (x0, y0), (x1, y1) = start, end
    for origin, change, most in ((x0, x1 - x0, width), (y0, y1 - y0, height)):
        edge = most - 1e-6
        if change == 0:
            if not 0 <= origin <= edge:
                return None
            continue
        first, last = sorted(((0 - origin) / change, (edge - origin) / change))
        low, high = max(low, first), min(high, last)
    if low > high:
        return None
    return (x0 + low * (x1 - x0), y0 + low * (y1 - y0)), (x0 + high * (x1 - x0), y0 + high * (y1 - y0))


def _canvas(frame: CanvasFrame) -> Any:
    """A canvas whose coordinates are dots."""
    from plotille import Canvas

    across, up = frame.width * DOTS[0], frame.height * DOTS[1]
    return Canvas(frame.width, frame.height, xmin=0, ymin=0, xmax=across, ymax=up)
