"""What stands outside all brackets, of tokens and of characters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from gradcli.language.tokens import Token, TokenKind

OPENING, CLOSING = frozenset("([{"), frozenset(")]}")

Piece = TypeVar("Piece", Token, str)


def depths(pieces: Iterable[Token | str]) -> Iterator[int]:
    """How many brackets are open behind each piece; a bracket in a quoted text is none."""
    depth = 0
    for one in pieces:
        sign = one if isinstance(one, str) else one.text if one.kind is TokenKind.SIGN else ""
        depth += (sign in OPENING) - (sign in CLOSING)
        yield depth


def outside(pieces: Sequence[Piece]) -> Iterator[tuple[int, Piece]]:
    """The pieces behind which no bracket is open, each with its place."""
    return ((place, one) for place, (one, depth) in enumerate(zip(pieces, depths(pieces))) if depth == 0)


def holds_one(tokens: Sequence[Token], opening: int) -> bool:
    """Whether one thing stands in the bracket at a place: no comma, no keyword and no text outside of others in it."""
    end = closing(tokens, opening)
    inside = tokens[opening + 1 : len(tokens) if end is None else end]
    return not any(
        one.text in (",", "=") or one.kind is TokenKind.TEXT
        for one, depth in zip(inside, depths(inside))
        if depth == 0 and one.kind in (TokenKind.SIGN, TokenKind.TEXT)
    )


def closing(pieces: Sequence[Piece], opening: int) -> int | None:
    """The place of what closes the bracket at a place; None where nothing does."""
    return next((opening + place for place, depth in enumerate(depths(pieces[opening:])) if depth == 0), None)
