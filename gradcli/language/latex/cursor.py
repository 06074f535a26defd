"""Walking over items of LaTeX: scripts, brackets, and where a term ends."""

from __future__ import annotations

from typing import NamedTuple

from gradcli.errors import Source, Span
from gradcli.language.latex.names import SPACES
from gradcli.language.latex.syntax import Item, Items, fail

OPERATORS = {
    "cdot": "*", "times": "*", "ast": "*", "odot": "*", "div": "/", "oslash": "/",
    "le": "<=", "leq": "<=", "leqslant": "<=", "ge": ">=", "geq": ">=", "geqslant": ">=", "ne": "!=", "neq": "!=",
    "lt": "<", "gt": ">", "wedge": "and", "land": "and", "vee": "or", "lor": "or", "bmod": "%", "mod": "%",
}  # fmt: skip
SIGNS = {
    "+": "+", "-": "-", "−": "-", "@": "@", "*": "*", "/": "/", "<": "<", ">": ">", "=": "=", ",": ",", ":": ":",
    "·": "*", "×": "*", "≤": "<=", "≥": ">=", "≠": "!=",
}  # fmt: skip
PREFIXES = {"neg": "not", "lnot": "not"}
LOOSE = frozenset(("+", "-", "=", "<", ">", "<=", ">=", "!=", "and", "or", ",", "&"))  # what ends a term

# Delimiters: what they open, and what closes them where they stand without \left.
_KINDS = {
    "(": "group", "[": "square", "{": "group", "lbrace": "group", "lbrack": "square", "|": "abs", "vert": "abs",
    "lvert": "abs", "||": "norm", "Vert": "norm", "lVert": "norm", "lfloor": "floor", "lceil": "ceil", ".": "group",
}  # fmt: skip
_CLOSING = {"(": ")", "[": "]", "{": "}", "lbrace": "rbrace", "lbrack": "rbrack", "lvert": "rvert", "lVert": "rVert",
            "lfloor": "rfloor", "lceil": "rceil"}  # fmt: skip


class Bracket(NamedTuple):
    """What stands between two delimiters, what these mean, and the item behind them."""

    kind: str  # group, square, abs, norm, floor, ceil
    inside: Items
    end: int
    span: Span


def operator(item: Item) -> str | None:
    """The sign of a program that an item is, between operands."""
    if item.kind == "sign":
        return SIGNS.get(item.text)
    return OPERATORS.get(item.text) if item.kind == "command" else None


def is_space(item: Item) -> bool:
    """Whether an item means nothing."""
    return item.kind == "command" and item.text in SPACES


def skip(items: Items, index: int) -> int:
    """The next item that means something."""
    while index < len(items) and is_space(items[index]):
        index += 1
    return index


def span_of(items: Items, default: Span) -> Span:
    """Where items stand."""
    return items[0].span.to(items[-1].span) if items else default


def script(items: Items, index: int, source: Source) -> tuple[Items, int]:
    """What stands behind a ^ or a _, and the item after it."""
    sign = items[index]
    index += 1
    if index >= len(items):
        fail(source, sign.span, f'there is nothing behind "{sign.text}"', hint=f"write x{sign.text}{{...}}")
    one = items[index]
    if one.is_("group", "{"):
        return one.inside, index + 1
    if one.kind == "number" and len(one.text) > 1:
        first, rest = one.text[0], one.text[1:]
        fail(
            source, sign.span.to(one.span), f'"{sign.text}{one.text}" can be read in two ways',
            hint=f"write {sign.text}{{{one.text}}}, or {sign.text}{first} {rest} as LaTeX sets it",
        )  # fmt: skip
    if one.is_("sign", "-", "+", "(", "["):
        fail(
            source, sign.span.to(one.span), f'LaTeX takes only "{one.text}" here',
            hint=f"write {sign.text}{{...}} with braces",
        )  # fmt: skip
    return (one,), index + 1


def bracket(items: Items, index: int, source: Source) -> Bracket | None:
    """What stands in brackets from an item on; None where no bracket opens there. Bars are read by `bars`."""
    if index >= len(items):
        return None
    item = items[index]
    if item.is_("command", "left"):
        return _left(items, index, source)
    name = _delimiter(item)
    if name not in _CLOSING:
        return None
    depth = 0
    for place in range(index, len(items)):
        one = _delimiter(items[place])
        depth += (one == name) - (one == _CLOSING[name])
        if depth == 0:
            return Bracket(_KINDS[name], items[index + 1 : place], place + 1, item.span.to(items[place].span))
    fail(source, item.span, f'this "{item.text}" is never closed')


def _delimiter(item: Item) -> str:
    if item.kind == "sign":
        return item.text if item.text in "()[]|" else ""
    if item.kind == "command":
        return "||" if item.text == "|" else item.text
    return ""


def _left(items: Items, index: int, source: Source) -> Bracket:
    opening = index + 1
    if opening >= len(items):
        fail(source, items[index].span, r"there is no bracket behind \left")
    kind = _KINDS.get(_delimiter(items[opening]) or items[opening].text)
    if kind is None:
        fail(source, items[opening].span, r"this is no bracket", r"a bracket behind \left")
    depth = 0
    for place in range(index, len(items)):
        depth += items[place].is_("command", "left") - items[place].is_("command", "right")
        if depth == 0:
            if place + 1 >= len(items):
                fail(source, items[place].span, r"there is no bracket behind \right")
            inside = items[opening + 1 : place]
            return Bracket(kind, inside, place + 2, items[index].span.to(items[place + 1].span))
    fail(source, items[index].span, r"this \left has no \right")


def bars(items: Items, index: int, source: Source) -> Bracket | None:
    """What stands between bars, |x| or ‖x‖; None where there is no bar."""
    if index >= len(items):
        return None
    name = _delimiter(items[index])
    if name in ("‖", "Vert"):
        name = "||"
    if name not in ("|", "vert", "||"):
        return None
    place, is_operand = index + 1, False
    if name == "|" and place < len(items) and items[place].is_("sign", "|"):
        fail(
            source, items[index].span.to(items[place].span), '"||" can be read in two ways',
            hint=r"write \|x\| for the length of a vector, \left|\left|x\right|\right| for bars in bars",
        )  # fmt: skip
    while place < len(items):
        one = items[place]
        if _delimiter(one) == _delimiter(items[index]):
            if is_operand:
                return Bracket(_KINDS[name], items[index + 1 : place], place + 1, items[index].span.to(one.span))
            inner = bars(items, place, source)
            assert inner
            place, is_operand = inner.end, True
            continue
        inner = bracket(items, place, source)
        if inner:
            place, is_operand = inner.end, True
            continue
        if not is_space(one):
            is_operand = operator(one) is None and one.text not in ("^", "_") and one.text not in PREFIXES
        place += 1
    fail(source, items[index].span, "this bar is never closed")


def split(items: Items, sign: str) -> list[Items]:
    """The pieces between signs outside brackets."""
    pieces: list[Items] = []
    start = depth = 0
    for place, item in enumerate(items):
        name = _delimiter(item)
        depth += (name in ("(", "[")) - (name in (")", "]"))
        if depth == 0 and item.text == sign and item.kind in ("sign", "command") and not is_space(item):
            pieces.append(items[start:place])
            start = place + 1
    return [*pieces, items[start:]]


def term_end(items: Items, index: int) -> int:
    """Where the product that begins at an item ends: at a sum, a comparison or a comma outside brackets."""
    depth = 0
    for place in range(index, len(items)):
        item = items[place]
        name = _delimiter(item)
        if item.is_("command", "left", "right"):
            depth += 1 if item.text == "left" else -1
            continue
        if place and items[place - 1].is_("command", "left", "right"):
            continue
        depth += (name in _CLOSING) - (name in _CLOSING.values())
        if depth == 0 and place > index and (operator(item) in LOOSE or item.is_("sign", "&")):
            return place
    return len(items)
