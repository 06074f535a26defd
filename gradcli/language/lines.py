"""Lines that can be read in two ways: one that begins with a sign, one with an arrow in it."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.language import products
from gradcli.language.nodes import Statement
from gradcli.language.stack import Stack
from gradcli.language.tokens import Token, is_sign


def check_continued(parser: Stack, separator: Token, statements: Sequence[Statement]) -> None:
    """Refuse a line that begins with a sign after a statement: it may go on with that one."""
    token = parser.token
    if not statements or ";" in separator.text or not (is_sign(token, "+") or is_sign(token, "-")):
        return
    before = products.shorten(parser.source.text[statements[-1].span.start : statements[-1].span.end])
    line = products.shorten(parser.source.text[token.span.start :].partition("\n")[0].partition(";")[0])
    parser.fail(
        f'a line that begins with "{token.text}" can be read in two ways',
        token.span,
        hint=f"write {before} {line} on one line, or {before}; {line} for two statements",
    )


def check_arrow(parser: Stack) -> None:
    """Refuse `y <- x`, which gives a value in R and compares with -x elsewhere."""
    if parser.sign("<", 1) and parser.sign("-", 2):
        first, second = parser.tokens[parser.index + 1], parser.tokens[parser.index + 2]
        if first.span.end == second.span.start:
            own = parser.token.text
            parser.fail(
                '"<-" can be read in two ways',
                first.span.to(second.span),
                hint=f"write {own} = ... for a value, {own} < -... for a comparison",
            )
