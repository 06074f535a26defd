"""What is said where a value is missing, or stands in a place of its own."""

from __future__ import annotations

from typing import NoReturn

from gradcli.errors import Source
from gradcli.language import derivatives, ends, indexing
from gradcli.language.nodes import Assign, Name, Output, Statement, walk
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
            parser.fail(f'{what} after "{before.text}"', before.span, expected)
        if frame.opening:
            parser.fail(f'{what} after "{frame.opening.text}"', frame.opening.span, expected)
        parser.fail(f"{what} where a value should stand", token.span, expected)
    hint = None
    if token.text == "∂":
        hint = derivatives.alone(parser)
    elif token.text == "@" and parser.index == 0:
        hint = "a program is read from a file by --file NAME, a value by --at x=@NAME"
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


def option(source: Source, unused: Output, last: Statement) -> str | None:
    """What to do with `x**2; x = 3`, where a value stands behind the program."""
    if not isinstance(last, Assign) or any(isinstance(node, Name) for node in walk(last.value)):
        return None
    if not any(isinstance(node, Name) and node.name == last.name for node in walk(unused.value)):
        return None
    value = source.text[last.span.start : last.span.end].partition("=")[2].strip()
    return f"the point is an option: --at {last.name}={value}"
