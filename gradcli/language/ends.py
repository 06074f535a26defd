"""What is said where a program or a statement ends too early."""

from __future__ import annotations

from gradcli.language.stack import Stack
from gradcli.language.tokens import Token, TokenKind

VALUE = 'a number, a name, a function or "("'
ROOTS = ("√", "∛")


def is_end(token: Token) -> bool:
    """Whether nothing more of a statement can come."""
    return token.kind in (TokenKind.SEPARATOR, TokenKind.END)


def told(token: Token) -> str:
    """What ends there, in words."""
    return "the program ends" if token.kind is TokenKind.END else "the statement ends"


def refuse_root(parser: Stack) -> None:
    """Refuse roots at an end, with nothing under them: what stands in front of them has no part in it."""
    index = parser.index
    while parser.tokens[index].text in ROOTS:
        index += 1
    if index > parser.index and is_end(parser.tokens[index]):
        last = parser.tokens[index - 1]
        parser.fail(f'{told(parser.tokens[index])} after "{last.text}"', last.span, VALUE)
