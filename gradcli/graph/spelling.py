"""Numbers and small tensors as cells of a table: a few digits, and no more than a few lines."""

from __future__ import annotations

from typing import Any

from rich.cells import cell_len

from gradcli.graph.data import Tensor
from gradcli.terminal.matrix import bracketed_texts
from gradcli.terminal.numbers import brief

MOST_ROWS = 4  # of a matrix that is shown entry by entry
MOST_COLUMNS = 6
FEW = 4  # digits, with which entries stand closer together
LONGEST = 60  # columns of a cell
MISSING = ""


def cell(tensor: Tensor | None, digits: int, unicode: bool, tall: bool = True, width: int = LONGEST) -> list[str]:
    """A tensor in a few lines of that many columns at the most; in one line where it may not be `tall`."""
    if tensor is None:
        return [MISSING]
    if not tensor.shape:
        return [brief(tensor.entries, digits)]
    if tensor.least is not None and tensor.least == tensor.greatest and not tensor.unusual:
        return [f"all {brief(_like(tensor.entries, tensor.least), digits)}"]
    rows = _rows(tensor)
    if rows is not None and (tall or len(rows) == 1):
        lines = bracketed_texts(
            [[brief(entry, digits) for entry in row] for row in rows], " " * (1 + (digits > FEW)), unicode
        )
        if len(lines[0]) <= width:
            return lines
    return [summary(tensor, digits)]


def line(tensor: Tensor | None, digits: int) -> str:
    """A tensor in one line, wherever it stands."""
    return cell(tensor, digits, unicode=False, tall=False)[0]


def flat(tensor: Tensor, digits: int, width: int) -> str:
    """A tensor in one line of so many columns: its entries, or its bounds where they have no room."""
    rows = _rows(tensor)
    if rows is None or len(tensor.shape) < 2 or tensor.least == tensor.greatest:
        return cell(tensor, digits, unicode=False, tall=False, width=width)[0]
    text = " ".join("[" + " ".join(brief(entry, digits) for entry in row) + "]" for row in rows)
    return f"[{text}]" if len(text) + 2 <= width else summary(tensor, digits)


def summary(tensor: Tensor, digits: int) -> str:
    """The bounds of a tensor that is not shown entry by entry."""
    if tensor.least is None or tensor.greatest is None:
        return "not finite"
    least, greatest = (brief(_like(tensor.entries, bound), digits) for bound in (tensor.least, tensor.greatest))
    text = f"{least} to {greatest}" if digits >= FEW else f"{least}..{greatest}"
    return f"{text}, {tensor.unusual} not finite" if tensor.unusual else text


def _like(entries: Any, bound: float) -> Any:
    """A bound as a truth value, where the entries are."""
    while isinstance(entries, list):
        entries = entries[0] if entries else None
    return bool(bound) if isinstance(entries, bool) else bound


def _rows(tensor: Tensor) -> list[list[Any]] | None:
    """The rows of a small vector or matrix."""
    if tensor.entries is None or not 1 <= len(tensor.shape) <= 2:
        return None
    rows = tensor.entries if len(tensor.shape) == 2 else [tensor.entries]
    return rows if len(rows) <= MOST_ROWS and len(rows[0]) <= MOST_COLUMNS else None


def shortened(text: str, width: int, unicode: bool) -> str:
    """A text of at most that many columns, its middle left out."""
    if cell_len(text) <= width:
        return text
    dots = "…" if unicode else "..."
    room = max(width - len(dots), 2)
    head = (room + 1) // 2
    return text[:head].rstrip() + dots + text[len(text) - (room - head) :].lstrip()
