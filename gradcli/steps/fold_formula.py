"""Folding a formula where a reader would: before an operator that stands in few brackets."""

from __future__ import annotations

from gradcli.terminal.wrap import fold

_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_WEIGHTS = (  # an operator, and how many brackets more a better one may stand in
    (" + ", 0), (" - ", 0), ("·", 1), ("*", 1), ("/", 2), (", ", 1),
)  # fmt: skip
FULL = 0.4  # of the width that a line has at least, where it can
BRACKET = 3  # what a bracket counts


def fold_formula(text: str, width: int) -> list[str]:
    """The formula in lines of at most that width."""
    lines: list[str] = []
    while len(text) > width:
        cut = _best(text, width)
        if cut is None:
            return [*lines, *fold(text, width)]
        lines.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*lines, text]


def _best(text: str, width: int) -> int | None:
    """Where to break: the last of the places that count least."""
    best: tuple[int, int] | None = None
    depth = 0
    for position, character in enumerate(text[: width + 1]):
        if position >= width * FULL:
            cost = _cost(text, position)
            if cost is not None and (best is None or depth * BRACKET + cost <= best[0]):
                best = depth * BRACKET + cost, position + (2 if text[position] == "," else 0)
        depth += (character in _OPENING) - (character in _CLOSING)
    return None if best is None or best[1] > width else best[1]


def _cost(text: str, position: int) -> int | None:
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
