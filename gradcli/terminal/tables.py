"""A small table for a terminal: columns, with a style for single cells; what is too wide stands below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gradcli.terminal.console import Screen, printed

if TYPE_CHECKING:
    from rich.table import Table

PADDING = 2
Cell = tuple[int, int]


def table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], screen: Screen, styles: Mapping[Cell, str] | None = None
) -> str:
    """The lines of a table, in colours where the screen has them; `styles` are those of cells, by row and column."""
    from rich.text import Text

    made = empty(screen)
    for header in headers:
        made.add_column(header, no_wrap=True)
    for i, row in enumerate(rows):
        made.add_row(*(Text(cell, style=(styles or {}).get((i, j), "")) for j, cell in enumerate(row)))
    return printed([made], screen)


def empty(screen: Screen) -> Table:
    """Rich's table without columns, in the style of all of ours."""
    from rich import box
    from rich.table import Table

    shape = box.SIMPLE_HEAD if screen.is_terminal and screen.unicode else None
    return Table(box=shape, show_edge=False, pad_edge=False, padding=(0, PADDING, 0, 0), header_style="dim")


def width(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """How many columns a table takes."""
    return sum(max(map(len, column)) + PADDING + 1 for column in zip(headers, *rows))
