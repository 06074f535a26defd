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

# Of formulas
_BRACKETS, _ENDS = frozenset("([{"), frozenset(")]}")
_WEIGHTS = (  # an operator, and how many brackets more a better one may stand in
    (" + ", 0), (" - ", 0), ("·", 1), ("*", 1), ("/", 2), (", ", 1),
)  # fmt: skip
FULL = 0.4  # of the width that a line has at least, where it can
BRACKET = 3  # what a bracket counts


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
            or (piece == "(" and units[-1][-1].isalnum())  # a call
        )
        if joins and len(units[-1] + piece) <= width:
            units[-1] += piece
        else:
            units.append(piece)
    return units


def fold_formula(text: str, width: int) -> list[str]:
    """A formula in lines of at most that width, broken before an operator that stands in few brackets."""
    lines: list[str] = []
    while len(text) > width:
        cut = _best_break(text, width)
        if cut is None:
            return [*lines, *fold(text, width)]
        lines.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*lines, text]


def _best_break(text: str, width: int) -> int | None:
    """Where to break: the last of the places that count least."""
    best: tuple[int, int] | None = None
    depth = 0
    for position, character in enumerate(text[: width + 1]):
        if position >= width * FULL:
            cost = _break_cost(text, position)
            if cost is not None and (best is None or depth * BRACKET + cost <= best[0]):
                best = depth * BRACKET + cost, position + (2 if text[position] == "," else 0)
        depth += (character in _BRACKETS) - (character in _ENDS)
    return None if best is None or best[1] > width else best[1]


def _break_cost(text: str, position: int) -> int | None:
    """How bad a break before this position is; None where none may be."""
    if text[position] == "*" and "*" in (text[position - 1], text[position + 1 : position + 2]):
        return None
    if text[position] == "/" and _is_sign_of_derivative(text, position):
        return None
    return next((cost for operator, cost in _WEIGHTS if text.startswith(operator, position)), None)


def _is_sign_of_derivative(text: str, position: int) -> bool:
    """Whether this is the stroke of d/dx or ∂y/∂x."""
    after = text[position + 1 : position + 2]
    start = position
    while start and (text[start - 1].isalnum() or text[start - 1] in "_∂"):
        start -= 1
    return after in ("d", "∂") and text[start : start + 1] == after
