"""Spellings that are read by setting brackets into the tokens: ln|x| is ln(|x|), d(f)/dx is d/dx (f)."""

from __future__ import annotations

from gradcli.errors import LimitError, Span
from gradcli.language.brackets import closing, depths
from gradcli.language.callees import STAGE
from gradcli.language.products import shorten
from gradcli.language.stack import Stack
from gradcli.language.tokens import Token, TokenKind, is_sign

MAX_MOVED = 1_000  # of them in a program: each one moves all of the tokens behind it

FENCES = ("|", "‖")
SIGNS = ("d", "∂")


def brackets_fence(parser: Stack) -> bool:
    """Set brackets around the bars behind the name of a function that was just read; whether there are any."""
    opening = parser.token
    if opening.text not in FENCES or opening.kind is not TokenKind.SIGN:
        return False
    start = parser.index + 1
    for index, depth in enumerate(depths(parser.tokens[start:]), start):
        token = parser.tokens[index]
        if depth < 0 or token.kind in (TokenKind.SEPARATOR, TokenKind.END):
            return False
        if depth == 0 and is_sign(token, opening.text):
            if index == parser.index + 1:
                return False
            _check_power(parser, index)
            start, end = opening.span.start, token.span.end
            _count(parser)
            parser.tokens.insert(index + 1, Token(TokenKind.SIGN, ")", Span(end, end)))
            parser.tokens.insert(parser.index, Token(TokenKind.SIGN, "(", Span(start, start)))
            parser.is_foreign = True
            return True
    return False


def moves_quotient(parser: Stack) -> None:
    """Let `d(f)/dx` stand in the tokens as `d/dx (f)`, where that is what comes next."""
    if parser.token.text not in SIGNS or not parser.sign("(", 1) or parser.token.text in parser.defined:
        return
    index = closing(parser.tokens, parser.index + 1)
    if index is None:
        return
    below = index + 2
    if below >= len(parser.tokens) or not is_sign(parser.tokens[index + 1], "/"):
        return
    count = 1 if parser.tokens[below].text.startswith("d") and len(parser.tokens[below].text) > 1 else 2
    if count == 2 and not is_sign(parser.tokens[below], "∂"):
        return
    if parser.tokens[below].text[:1] != parser.token.text:
        return
    _count(parser)
    under = parser.tokens[index + 1 : below + count]
    del parser.tokens[index + 1 : below + count]
    parser.tokens[parser.index + 1 : parser.index + 1] = under


def _check_power(parser: Stack, closing: int) -> None:
    """Refuse `ln|x|^2`: the power may belong to |x| or to ln."""
    after, name = parser.tokens[closing + 1], parser.tokens[parser.index - 1]
    if after.kind is not TokenKind.SUPERSCRIPT and not is_sign(after, "**"):
        return
    text = parser.source.text
    inner = shorten(text[parser.token.span.start : parser.tokens[closing].span.end])
    power = f"^{parser.tokens[closing + 2].text if after.text == '**' else after.text}"
    parser.fail(
        f'"{name.text}{inner}{power}" can be read in two ways',
        name.span.to(after.span),
        hint=f"write {name.text}({inner}{power}) or ({name.text}({inner})){power}",
    )


def _count(parser: Stack) -> None:
    parser.moved += 1
    if parser.moved > MAX_MOVED:
        raise LimitError(
            STAGE, f"more than {MAX_MOVED:,} functions of |...| and derivatives d(...)/dx are in the program"
        )
