"""Folding long lines where a reader would: after a space or an operator, never inside a number or a name."""

from __future__ import annotations

import re

_PIECES = re.compile(
    r"\s+|(?<![\w)\]])--\w[\w-]*"  # an option
    r"|(?:(?<![\w)\]])-)?(?:\d+(?:\.\d+)?[eE][+-]?\d+|\w+(?:\.\w+)?)"  # a number, a name
    r"|\*\*|\[[\w,]+\]|."
)
_CLOSING = frozenset("),*/]=")


def fold(text: str, width: int) -> list[str]:
    """The text in lines of at most that width; a single piece that is wider is cut."""
    if len(text) <= width:
        return [text]
    width = max(width, 8)
    lines: list[str] = []
    line = ""
    for piece in _units(text, width):
        if len(line) + len(piece.rstrip()) > width and line:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def clauses(text: str, width: int) -> list[str]:
    """The text in lines of at most that width, broken after semicolons where that is enough."""
    parts = text.split("; ")
    if any(len(part) >= width for part in parts):
        return fold(text, width)
    lines = parts[:1]
    for part in parts[1:]:
        if len(lines[-1]) + len(part) + len("; ;") <= width:
            lines[-1] += f"; {part}"
        else:
            lines[-1] += ";"
            lines.append(part)
    return lines


def _units(text: str, width: int) -> list[str]:
    """Pieces that stay together: what follows may begin a new line."""
    units: list[str] = []
    for match in _PIECES.finditer(text):
        piece = match.group()
        while len(piece) > width:
            units.append(piece[:width])
            piece = piece[width:]
        joins = units and (
            piece in _CLOSING
            or piece == "**"
            or piece.isspace()
            or units[-1].endswith(("(", "[", "**", "= "))
            or (piece[0] == "[" and not units[-1][-1].isspace())  # an index
        )
        if joins and len(units[-1] + piece) <= width:
            units[-1] += piece
        else:
            units.append(piece)
    return units
