"""`a if c else b` as Python has it: where(c, a, b)."""

from __future__ import annotations

from gradcli.language.products import shorten
from gradcli.language.stack import Stack
from gradcli.language.tokens import TokenKind

# Frames that hold one value at a time; in others, such as |...|, brackets belong around it.
HOLDING = frozenset(("statement", "group", "call", "list"))


def reads(parser: Stack) -> bool:
    """Read `if` or `else` behind a value; whether one comes next where it has this meaning."""
    token, frame = parser.token, parser.frames[-1]
    if token.kind is not TokenKind.NAME or token.text not in ("if", "else") or frame.kind not in HOLDING:
        return False
    waiting = bool(frame.conditions) and frame.conditions[-1][1] is None
    if waiting != (token.text == "else"):
        return False
    parser.reduce(0)
    operand = frame.operands.pop()
    if waiting:
        value, _ = frame.conditions.pop()
        frame.conditions.append((value, operand))
    else:
        frame.conditions.append((operand, None))
        if not _has_else(parser):
            given = shorten(parser.source.text[operand.outer.start : operand.outer.end])
            parser.fail(
                '"if" has no "else"', token.span,
                hint=f"write where(condition, {given}, b)",
            )  # fmt: skip
    parser.advance()
    parser.deeper(token)
    parser.is_foreign = True
    return True


def _has_else(parser: Stack) -> bool:
    """Whether an else follows in the same statement."""
    for index in range(parser.index, len(parser.tokens)):
        token = parser.tokens[index]
        if token.kind in (TokenKind.SEPARATOR, TokenKind.END):
            return False
        if token.kind is TokenKind.NAME and token.text == "else":
            return True
    return False
