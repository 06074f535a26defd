"""Folding long lines where a reader would: after a space or an operator, never inside a number or a name."""

from __future__ import annotations

import re
import textwrap

_PIECES = re.compile(
    r"\s+|(?<![\w)\]])--\w[\w-]*"  # an option
    r"|(?:(?<![\w)\]])-)?(?:\d+(?:\.\d+)?[eE][+-]?\d+|\w+(?:\.\w+)?)"  # a number, a name
    r"|\*\*|\[[\w,]+\]|."
)
_CLOSING = frozenset("),*/]=.;:")
LEAST = 8  # columns of a line in any case
DEEP = 4  # columns, of what stands below its head


def fold(text: str, width: int, indent: int = 0) -> list[str]:
    """The text in lines of at most that width, the further ones indented; a single piece that is wider is cut."""
    if len(text) <= width:
        return [text]
    width = max(width, LEAST + indent)
    lines: list[str] = []
    line = ""
    for piece in _units(text, width - indent):
        if len(line) + len(piece.rstrip()) > width and line.strip():
            lines.append(line.rstrip())
            line = " " * indent + piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def clauses(text: str, width: int, indent: int = 0) -> list[str]:
    """The text in lines like those of `fold`, broken after semicolons where that is enough."""
    if len(text) <= width:
        return [text]
    first, *others = text.split("; ")
    if any(len(part) >= width - indent for part in (first, *others)):
        return fold(text, width, indent)
    lines = [first]
    for part in others:
        if len(lines[-1]) + len(part) + len("; ;") <= width:
            lines[-1] += f"; {part}"
        else:
            lines[-1] += ";"
            lines.append(" " * indent + part)
    return lines


def prose(text: str, width: int, indent: int = 0) -> list[str]:
    """Words in lines of at most that width, the further ones indented; broken between words alone."""
    return textwrap.wrap(text, max(width, LEAST + indent), subsequent_indent=" " * indent, break_on_hyphens=False)


def beside(head: str, text: str, width: int) -> list[str]:
    """A text folded on the right of its head; on lines below where the head is too long for that."""
    if len(head) > width // 2:
        return fold(head + text, width, DEEP)
    first, *rest = fold(text, width - len(head)) or [""]
    return [head + first, *(" " * len(head) + line for line in rest)]


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
