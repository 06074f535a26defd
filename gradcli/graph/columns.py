"""Lines of cells under headers, in as much detail as the width has room for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rich.cells import cell_len
from rich.text import Text

from gradcli.graph.spelling import shortened
from gradcli.terminal.console import ENDLESS, Screen, printed
from gradcli.terminal.wrap import fold

GAP = 2
NARROWEST = 8  # columns of a cell that is cut
ROOMY = 18  # columns in which a number, or a call, need not be folded


class Detail(NamedTuple):
    """How much is shown: digits, columns of a label, a formula and a tensor.

    tall      whether matrices are shown entry by entry
    flags     whether is_leaf and requires_grad have columns
    stacked   whether an adjoint stands below its value
    """

    digits: int
    label: int
    formula: int
    tensor: int
    tall: bool
    flags: bool = False
    stacked: bool = False


# From all that there is to what is left on a narrow screen.
DETAILS = (
    Detail(6, 60, 40, 60, True, flags=True),
    Detail(6, 60, 40, 60, True),
    Detail(6, 40, 30, 40, True),
    Detail(6, 32, 20, 40, True),
    Detail(4, 32, 14, 40, True),
    Detail(4, 26, 12, 30, True),
    Detail(4, 20, 10, 30, True),
    Detail(4, 36, 20, 40, True, stacked=True),
    Detail(4, 26, 12, 40, True, stacked=True),
    Detail(4, 20, 10, 30, True, stacked=True),
    Detail(3, 20, 10, 26, True, stacked=True),
    Detail(3, 16, 9, 22, True, stacked=True),
    Detail(3, 16, 9, 20, False, stacked=True),
    Detail(3, 10, 9, 14, False, stacked=True),
)

LISTED = Detail(6, 60, 40, 24, True)  # of rows as lists, where no table fits


@dataclass(frozen=True)
class Cell:
    """A few lines of text in one style, or from a line on in another one.

    lead      what stands in front of the first line; `below` in front of the further ones
    instead   what is shown where the text has no room, the next column's included; the column is none the wider
    """

    lines: Sequence[str]
    style: str = ""
    below: str = ""
    lead: str = ""
    change: int | None = None
    other: str = ""
    instead: str | None = None

    @property
    def needed(self) -> int:
        """The columns that it would like to have."""
        if self.instead is not None:
            return cell_len(self.instead)
        return max((cell_len(self.lead) + cell_len(text) for text in self.lines), default=0)

    @property
    def least(self) -> int:
        """The columns that it cannot do without."""
        return cell_len(self.lead) + max(min(cell_len(text), NARROWEST) for text in self.lines)


@dataclass(frozen=True)
class TableRow:
    """The cells of one entry of the table; no cells at all: a blank line."""

    cells: Sequence[Cell] = field(default=())


Styled = list[tuple[str, str]]  # pieces of a line, each with its style


def fitted(
    make: Callable[[Detail], tuple[Sequence[str], Sequence[TableRow]]],
    screen: Screen,
    elastic: Sequence[int] = (0,),
) -> tuple[list[Styled], Detail]:
    """The table in the most detail that fits; at last its elastic columns are cut."""
    width, unicode = screen.width, screen.unicode
    for usual in DETAILS:
        detail = usual._replace(digits=screen.digits(usual.digits))
        headers, rows = make(detail)
        widths = _widths(headers, rows)
        if _total(widths) <= (width or ENDLESS):
            break
    for i in elastic:
        least = max((row.cells[i].least for row in rows if row.cells and i < len(widths)), default=0)
        over = _total(widths) - (width or ENDLESS)
        if over > 0 and i < len(widths):
            widths[i] -= max(min(over, widths[i] - least), 0)
    if width is not None and _total(widths) > width:
        detail = LISTED._replace(digits=screen.digits(LISTED.digits))
        headers, rows = make(detail)
        widths = _widths(headers, rows)
        return [line for row in rows for line in _as_list(headers, row, widths, width, unicode)], detail
    return _lines(headers, rows, widths, unicode), detail


def _total(widths: Sequence[int]) -> int:
    """The columns that a table takes; those that are empty take none."""
    there = [width for width in widths if width]
    return sum(there) + GAP * (len(there) - 1)


def _widths(headers: Sequence[str], rows: Sequence[TableRow]) -> list[int]:
    """The columns of each cell; 0 where nothing stands below a header."""
    widths = []
    for i, header in enumerate(headers):
        widest = max((row.cells[i].needed for row in rows if row.cells), default=0)
        widths.append(max(widest, cell_len(header)) if widest else 0)
    return widths


def _lines(headers: Sequence[str], rows: Sequence[TableRow], widths: Sequence[int], unicode: bool) -> list[Styled]:
    lines = [_joined([("", header, "dim", width) for header, width in zip(headers, widths)])] if any(headers) else []
    for row in rows:
        height = max((len(cell.lines) for cell in row.cells), default=1)
        lines += [_joined(_pieces(row, i, widths, unicode)) for i in range(height)]
    return lines


def _as_list(headers: Sequence[str], row: TableRow, widths: Sequence[int], width: int, unicode: bool) -> list[Styled]:
    """A row on lines of its own: what has a name, and below it the other cells with their headers."""
    if not row.cells:
        return [[]]
    at = next(i for i, header in enumerate(headers) if header)
    lead = "".join(f"{cell.lines[0]:{size}}{'':{GAP}}" for cell, size in zip(row.cells[:at], widths) if size)
    first, indent = row.cells[at], " " * len(lead)
    styled: list[Styled] = []
    for text in filter(None, first.lines):
        front = indent + first.below if styled else lead + first.lead
        cut = shortened(text, max(width - cell_len(front), NARROWEST), unicode)
        styled.append([(front, "dim"), (cut, first.style)])
    indent += f"{first.below}{'':{GAP}}"
    room = max(map(len, headers)) + GAP
    for header, cell in zip(headers[at + 1 :], row.cells[at + 1 :]):
        head, lines = f"{indent}{header.strip():{room}}", cell.lines if any(cell.lines) else []
        if max(map(cell_len, lines), default=0) > width - len(head) and (len(lines) > 1 or width - len(head) < ROOMY):
            styled.append([(head.rstrip(), "dim")])  # too little is left beside it
            head = f"{indent}{'':{GAP}}"
        lines = fold(lines[0], width - len(head)) if len(lines) == 1 else lines
        styled += [
            [(head if i == 0 else indent.ljust(len(head)), "dim"), (text, cell.style)] for i, text in enumerate(lines)
        ]
    return styled


def _pieces(row: TableRow, i: int, widths: Sequence[int], unicode: bool) -> list[tuple[str, str, str, int]]:
    """One line of a row: of each cell what stands in front, the text, its style and its columns."""
    pieces = []
    room = list(widths)
    for at, cell in enumerate(row.cells):
        lead = cell.lead if i == 0 else cell.below
        text = cell.lines[i] if i < len(cell.lines) else ""
        if cell.instead is not None and cell_len(text) > room[at]:
            both = room[at] + GAP + room[at + 1]
            text = text if cell_len(text) <= both else cell.instead
            if cell_len(text) > room[at]:
                room[at], room[at + 1] = both, 0
        if cell_len(lead) + cell_len(text) > room[at]:
            text = shortened(text, max(room[at] - cell_len(lead), 4), unicode)
        changed = cell.change is not None and i >= cell.change
        pieces.append((lead, text, cell.other if changed else cell.style, room[at]))
    return pieces


def _joined(pieces: Iterable[tuple[str, str, str, int]]) -> Styled:
    styled: Styled = []
    for lead, text, style, width in pieces:
        if width:
            padding = " " * max(width - cell_len(lead) - cell_len(text) + GAP, 0)
            styled += [(lead, "dim"), (text, style), (padding, "")]
    return styled


def painted(lines: Iterable[Styled], screen: Screen) -> str:
    """Lines as text, with colours where the screen has them; nothing is read as markup."""
    if not screen.color:
        return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in lines)
    texts = [Text.assemble(*line) for line in lines]
    for text in texts:
        text.rstrip()
    return printed(texts, screen)
