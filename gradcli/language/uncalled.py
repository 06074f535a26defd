"""A function without brackets, sin x: refused, with what could be meant, so that the hint keeps the mathematics."""

from __future__ import annotations

from gradcli.language import readings
from gradcli.language.brackets import closing
from gradcli.language.stack import Stack
from gradcli.language.tokens import TokenKind

# What ends a product that could be the argument.
ENDS = frozenset(("+", "-", ",", ")", "]", "|", "‖", "=", "==", "!=", "<", "<=", ">", ">=", ":"))
CLOSING = (")", "]", "|", "‖")
WORDS = frozenset(("and", "or", "not", "if", "else", "for", "in", "is", "at", "where", "when", "with", "wrt", "mod"))


def check(parser: Stack) -> None:
    """Refuse `x sin x` and `e^x sin x`, where a function's name comes next and no bracket behind it."""
    token, after = parser.token, parser.tokens[min(parser.index + 1, len(parser.tokens) - 1)]
    if token.kind is not TokenKind.NAME or token.text in WORDS or not readings.is_called(parser, token.text):
        return
    if readings.calls_function(parser):
        return
    if after.kind not in (TokenKind.NAME, TokenKind.NUMBER) or after.text in WORDS:
        return
    parser.fail(
        f'"{token.text} {after.text}" is not a call',
        token.span.to(after.span),
        hint=hint(parser, token.text, parser.index + 1),
    )


def hint(parser: Stack, name: str, place: int) -> str:
    """What to write for a function whose argument begins at a place: both readings where there are two."""
    tokens, text = parser.tokens, parser.source.text
    first = last = _behind(parser, place)
    while not _ends(parser, last):
        last = _behind(parser, last)
    while last > first and tokens[last - 1].kind is TokenKind.SIGN and tokens[last - 1].text not in CLOSING:
        last -= 1  # an operator in front of what ends the argument: ln x / ln 2
    start, middle, end = tokens[place].span.start, tokens[first - 1].span.end, tokens[last - 1].span.end
    if last == first:
        return f"write {name}({text[start:end]})"
    is_joined = tokens[first].kind in (TokenKind.NAME, TokenKind.NUMBER) or tokens[first].text in ("(", "√", "∛")
    rest = f"*{text[middle:end].strip()}" if is_joined else text[middle:end]
    return f"write {name}({text[start:end]}) or {name}({text[start:middle]}){rest}"


def _behind(parser: Stack, place: int) -> int:
    """The place behind a token and what a root is of, behind a name and its brackets, or behind what is in brackets."""
    tokens = parser.tokens
    while tokens[place].text in ("√", "∛"):
        place += 1
    opens = place + (tokens[place].kind is TokenKind.NAME)
    if opens < len(tokens) and tokens[opens].kind is TokenKind.SIGN and tokens[opens].text in ("(", "["):
        end = closing(tokens, opens)
        return len(tokens) - 1 if end is None else end + 1
    return place + 1


def _ends(parser: Stack, place: int) -> bool:
    token = parser.tokens[place]
    if token.kind is TokenKind.NAME:
        return token.text in WORDS or readings.is_called(parser, token.text)
    return token.kind in (TokenKind.SEPARATOR, TokenKind.END) or (token.kind is TokenKind.SIGN and token.text in ENDS)
