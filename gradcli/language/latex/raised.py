"""What stands raised behind a factor in LaTeX: powers, transposes, primes, degrees."""

from __future__ import annotations

from gradcli.errors import Span
from gradcli.language.latex import cursor
from gradcli.language.latex.names import word_of
from gradcli.language.latex.syntax import Item, Items
from gradcli.language.latex.writing import LatexWriter
from gradcli.language.tokens import Token, TokenKind


def _is_transpose(item: Item) -> bool:
    return item.is_("letter", "T") or item.is_("command", "top", "intercal") or word_of(item) == "T"


def raised(reader: LatexWriter, items: Items, index: int, first: int, start: Span) -> int:
    """Write a power, a transpose or degrees, of the tokens since the first one; the item after it."""
    exponent, index = cursor.script(items, index, reader.source)
    exponent = tuple(item for item in exponent if not cursor.is_space(item))
    span = cursor.span_of(exponent, start)
    outer = start.to(span)
    if not exponent:
        reader.fail(outer, "there is nothing raised here")
    if exponent == (exponent[0],) and exponent[0].is_("letter", "T"):
        base = reader.source.text[start.start : start.end]
        reader.fail(
            outer, f'"{base}^T" can be read in two ways',
            hint=f"write {base}^\\top for the transpose; for a power, give the exponent another name",
        )  # fmt: skip
    if len(exponent) == 1 and _is_transpose(exponent[0]) and exponent[0].kind == "command":
        reader.sign(".", span)
        reader.name("T", span)
        return index
    if len(exponent) == 2 and exponent[0].is_("sign", "-") and _is_transpose(exponent[1]):
        base = reader.source.text[start.start : start.end]
        reader.fail(outer, "this raises to an inverse and a transpose at once", hint=f"write ({base}^{{-1}})^\\top")
    if exponent[0].is_("command", "prime"):
        for one in exponent:
            reader.sign("'", one.span)
        return index
    found = cursor.bracket(exponent, 0, reader.source)
    if found and found.end == len(exponent):
        inner = reader.quoted(found.inside)
        reader.fail(
            outer, "an exponent in brackets can be read in two ways",
            hint=f"write ^{{{inner}}} for a power; a derivative is f''(x), or \\frac{{d}}{{dx}}",
        )  # fmt: skip
    if exponent[0].is_("command", "circ") and len(exponent) == 1:
        reader.tokens[first:first] = [Token(TokenKind.NAME, "deg2rad", start), Token(TokenKind.SIGN, "(", start)]
        reader.sign(")", span)
        return index
    if exponent[0].is_("command", "circ"):
        exponent = exponent[1:]  # entry by entry, as ** is
    if (exponent[0].is_("sign", "*", "+") and len(exponent) == 1) or exponent[0].is_("command", "dagger", "ast"):
        reader.fail(outer, "this sign has no meaning raised", hint="write x^\\top for a transpose")
    reader.raise_to(first, start, exponent, span)
    return index
