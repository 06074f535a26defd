"""What is said where a value is missing."""

from __future__ import annotations

from typing import NoReturn

from gradcli.language import derivatives, ends, indexing
from gradcli.language.stack import ROOTS, Stack
from gradcli.language.tokens import TokenKind


def operand(parser: Stack) -> NoReturn:
    """Refuse a token that stands where a value should stand."""
    token, frame = parser.token, parser.frames[-1]
    expected = ends.VALUE if frame.kind != "index" else indexing.EXPECTED
    if ends.is_end(token):
        what = ends.told(token)
        if frame.operators:
            before = frame.operators[-1].token
            written = parser.source.text[before.span.start : before.span.end]  # ^ is ** to the parser
            parser.fail(f'{what} after "{written}"', before.span, expected)
        if frame.opening:
            parser.fail(f'{what} after "{frame.opening.text}"', frame.opening.span, expected)
        parser.fail(f"{what} where a value should stand", token.span, expected)
    hint = None
    if token.text == "∂":
        hint = derivatives.alone(parser)
    elif token.text == "*" and parser.tokens[parser.index - 1].text == "*":
        hint = "a power is written ** or ^, without a space"
    elif token.text == ")" and frame.kind == "group" and not frame.operators:
        hint = "there is nothing between the brackets"
    elif token.kind is TokenKind.SUPERSCRIPT and parser.tokens[parser.index + 1].text in ROOTS.values():
        hint = f"write root(x, {token.text}) for the root of that index"
    parser.fail(
        f'"{parser.source.text[token.span.start : token.span.end]}" stands where a value should stand',
        token.span,
        expected,
        hint,
    )
