"""The signs of derivatives as tokens: d²y/dx², ∂f/∂x[i], d/dx, ∂²/∂x∂y."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from gradcli.language.tokens import Token, TokenKind, is_sign


class Head(NamedTuple):
    """A sign such as d²y/dx²: of what, by which names in turn, each with the index behind it, and the token after."""

    of: tuple[str, tuple[Token, ...]] | None
    by: tuple[tuple[str, tuple[Token, ...]], ...]
    end: int
    is_plain: bool  # whether it is written with the letter d


def head(tokens: Sequence[Token], index: int, known: Collection[str] = ()) -> Head | None:
    """The sign of a derivative that begins at a token; None where there is none. `known` are names of the program."""
    first = tokens[index]
    is_plain = first.kind is TokenKind.NAME
    if not (is_sign(first, "∂") or (is_plain and first.text.startswith("d"))):
        return None
    index += 1
    digits = first.text[1:] if is_plain else ""
    order = 0
    of: tuple[str, tuple[Token, ...]] | None = None
    if digits:
        letters = digits.lstrip("0123456789")
        order = int(digits[: len(digits) - len(letters)][:3] or 0)
        of = (letters, ()) if letters else None
    if not order and of is None:
        order, index = _power(tokens, index)
    if of is None and tokens[index].kind is TokenKind.NAME and not is_sign(tokens[index + 1], "("):
        of, index = (tokens[index].text, ()), index + 1
    if of is not None:
        indices, index = index_of(tokens, index)
        of = (of[0], indices)
    if not is_sign(tokens[index], "/"):
        return None
    by, index = _below(tokens, index + 1, order or 1, known)
    if not by or len(by) != (order or 1):
        return None
    return Head(of, tuple(by), index, is_plain)


def _below(
    tokens: Sequence[Token], index: int, order: int, known: Collection[str]
) -> tuple[list[tuple[str, tuple[Token, ...]]], int]:
    """What stands below the line: dx, dx², dx dy, ∂x∂y, ∂x[i]; and the token after."""
    closing = is_sign(tokens[index], "(")  # d/(dx dy)
    index += closing
    by: list[tuple[str, tuple[Token, ...]]] = []
    while len(by) < order:
        token = tokens[index]
        if token.kind is TokenKind.NAME and token.text.startswith("d") and len(token.text) > 1:
            names, index = _split(token.text[1:], order - len(by), known), index + 1
        elif (is_sign(token, "∂") or token.text == "d") and tokens[index + 1].kind is TokenKind.NAME:
            names, index = [tokens[index + 1].text], index + 2
        else:
            break
        indices, index = index_of(tokens, index)
        times, after = _power(tokens, index) if len(names) == 1 else (0, index)
        index = after if times else index
        by += [(name, indices) for name in names] * (times or 1)
        index += is_sign(tokens[index], "*") and tokens[index].span.start == tokens[index].span.end
    if closing:
        if not is_sign(tokens[index], ")"):
            return [], index
        index += 1
    return by, index


def _split(text: str, order: int, known: Collection[str]) -> list[str]:
    """The names in what stands behind a d: x; of dxdy x and y; of dx2 x twice."""
    if text in known or order == 1:
        return [text]
    if text.endswith(str(order)) and (not known or text.removesuffix(str(order)) in known):
        return [text.removesuffix(str(order))] * order
    pieces = text.split("d")
    return pieces if 1 < len(pieces) <= order and all(pieces) else [text]


def _power(tokens: Sequence[Token], index: int) -> tuple[int, int]:
    """The whole number that something is raised to, and the token after; 0 where it is not."""
    token = tokens[index]
    if token.kind is TokenKind.SUPERSCRIPT and token.text.isdigit():
        return int(token.text[:3]), index + 1
    if token.text == "**" and tokens[index + 1].text.isdigit():
        return int(tokens[index + 1].text[:3]), index + 2
    return 0, index


def index_of(tokens: Sequence[Token], index: int) -> tuple[tuple[Token, ...], int]:
    """The tokens of an index in square brackets, where they are names, numbers and commas; and the token after."""
    if not is_sign(tokens[index], "["):
        return (), index
    end = index + 1
    while tokens[end].kind in (TokenKind.NAME, TokenKind.NUMBER) or is_sign(tokens[end], ","):
        end += 1
    return (tuple(tokens[index + 1 : end]), end + 1) if is_sign(tokens[end], "]") and end > index + 1 else ((), index)
