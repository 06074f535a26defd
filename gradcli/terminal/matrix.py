"""Matrices as lines of text: in brackets, or with names on rows and columns; the decimal points stand in line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gradcli.terminal.arrays import flat, shape_of
from gradcli.terminal.numbers import SIGNIFICANT, brief

MOST_COLUMNS = 12
MOST_ROWS = 20
GAP = "  "
FEWER = (SIGNIFICANT, 4, 3)  # digits where there is no room for all

Numbers = Sequence[Sequence[Any]]
Texts = Sequence[Sequence[str]]
Spelling = Callable[[Any], str]


def small(shape: Sequence[int]) -> bool:
    """Whether a tensor may be shown entry by entry, if there is room."""
    if len(shape) == 1:
        return 0 < shape[0] <= MOST_COLUMNS
    return len(shape) == 2 and 0 < shape[0] <= MOST_ROWS and 0 < shape[1] <= MOST_COLUMNS


def tensor(value: Any, width: int, unicode: bool, spell: Spelling, column: bool = False) -> list[str] | None:
    """A vector as a row (or a column), a matrix as one; None where it is too large."""
    shape = shape_of(value)
    if column and len(shape) == 1:
        value, shape = [[entry] for entry in flat(value, shape)], (*shape, 1)
    if not small(shape):
        return None
    return bracketed(value if len(shape) == 2 else [value], width, unicode, spell)


def bracketed(rows: Numbers, width: int, unicode: bool, spell: Spelling) -> list[str] | None:
    """Numbers between brackets: spelled, with fewer digits, or None where they do not fit."""
    for spelling in (spell, *map(_brief, FEWER)):
        lines = bracketed_texts([list(map(spelling, row)) for row in rows], GAP, unicode)
        if max(map(len, lines)) <= width:
            return lines
    return None


def bracketed_texts(rows: Texts, gap: str, unicode: bool) -> list[str]:
    """Texts of numbers between brackets, the decimal points of a column below each other."""
    lines = [gap.join(row) for row in _aligned(rows)]
    if len(lines) == 1 or not unicode:
        return [f"[{line}]" for line in lines]
    middle = len(lines) - 2
    return [
        f"{left}{line}{right}" for left, line, right in zip("⎡" + "⎢" * middle + "⎣", lines, "⎤" + "⎥" * middle + "⎦")
    ]


def named(numbers: Numbers, texts: Texts, sides: Sequence[str], tops: Sequence[str], width: int) -> list[str] | None:
    """Numbers as their texts, or with fewer digits, with names to their left and above; None where they do not fit."""
    for spelling in (None, *map(_brief, FEWER)):
        rows = [list(map(spelling, row)) for row in numbers] if spelling else texts
        lines = named_texts(_aligned(rows), sides, tops, width)
        if lines:
            return lines
    return None


def named_texts(rows: Texts, sides: Sequence[str], tops: Sequence[str], width: int) -> list[str] | None:
    """Texts with names to their left and above; None where they do not fit."""
    if len(tops) > MOST_COLUMNS or len(sides) > MOST_ROWS:
        return None
    cells = [["", *tops], *([side, *row] for side, row in zip(sides, rows))]
    lines = [GAP.join(row).rstrip() for row in _even(cells)]
    return lines if max(map(len, lines)) <= width else None


def _brief(digits: int) -> Spelling:
    return lambda value: brief(value, digits)


def _aligned(rows: Texts) -> list[list[str]]:
    """Cells of one width a column, the points below each other."""
    pieces = [[text.partition(".") for text in row] for row in rows]
    columns = list(zip(*pieces))
    before = [max(len(whole) for whole, _, _ in column) for column in columns]
    cells = [[f"{whole:>{before[i]}}{point}{rest}" for i, (whole, point, rest) in enumerate(row)] for row in pieces]
    return _even(cells)


def _even(cells: Texts) -> list[list[str]]:
    widths = [max(map(len, column)) for column in zip(*cells)]
    return [[f"{cell:<{widths[i]}}" for i, cell in enumerate(row)] for row in cells]
