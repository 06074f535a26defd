"""A small table for a terminal: columns, with a style for single cells; rows as lists where it is too narrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gradcli.terminal.console import Screen, printed
from gradcli.terminal.wrap import beside

if TYPE_CHECKING:
    from rich.table import Table

PADDING = 2
Cell = tuple[int, int]


def table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], screen: Screen, styles: Mapping[Cell, str] | None = None
) -> str:
    """The lines of a table, in colours where the screen has them; `styles` are those of cells, by row and column.

    Where the screen is too narrow, each row is a list: no cell is cut.
    """
    from rich.text import Text

    if width(headers, rows) - PADDING - 1 > screen.columns:
        return listed(headers, rows, screen, styles)
    made = empty(screen)
    for header in headers:
        made.add_column(header, no_wrap=True)
    for i, row in enumerate(rows):
        made.add_row(*(Text(cell, style=(styles or {}).get((i, j), "")) for j, cell in enumerate(row)))
    return printed([made], replace(screen, width=None))


def listed(
    headers: Sequence[str], rows: Sequence[Sequence[str]], screen: Screen, styles: Mapping[Cell, str] | None = None
) -> str:
    """Each row of a table as a list, as text."""
    from rich.text import Text

    return printed((Text(line, style) for line, style in lists(headers, rows, screen.columns, styles)), screen)


def lists(
    headers: Sequence[str], rows: Sequence[Sequence[str]], columns: int, styles: Mapping[Cell, str] | None = None
) -> list[tuple[str, str]]:
    """Each row of a table as a list: its first cell, and below it the others with their headers; lines and styles."""
    room = max(map(len, headers[1:]), default=0) + PADDING
    lines = []
    for i, row in enumerate(rows):
        for j, (header, cell) in enumerate(zip(headers, row)):
            head = (f"{header} " if header else "") if j == 0 else f"{'':{PADDING}}{header:{room}}"
            folded = beside(head, cell, columns) if cell else []
            lines += [(line.rstrip(), (styles or {}).get((i, j), "")) for line in folded]
    return lines


def empty(screen: Screen) -> Table:
    """Rich's table without columns, in the style of all of ours."""
    from rich import box
    from rich.table import Table

    shape = box.SIMPLE_HEAD if screen.is_terminal and screen.unicode else None
    return Table(box=shape, show_edge=False, pad_edge=False, padding=(0, PADDING, 0, 0), header_style="dim")


def width(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """How many columns a table takes."""
    return sum(max(map(len, column)) + PADDING + 1 for column in zip(headers, *rows))
