"""Fractions in LaTeX, those that are signs of derivatives among them: d/dx, ∂²f/∂x∂y."""

from __future__ import annotations

from typing import NamedTuple

from gradcli.errors import Span
from gradcli.language.latex import cursor
from gradcli.language.latex.names import LatexName, base_name
from gradcli.language.latex.syntax import Item, Items
from gradcli.language.latex.writing import LatexWriter, Letter

_INDEX_LETTERS = frozenset("ijklmnpqrs")  # below the name of a tensor in the sign of a derivative


class _Piece(NamedTuple):
    """A name below the line, how often, and the letters of its entry."""

    name: LatexName
    times: int
    letters: tuple[Item, ...]


def fraction(reader: LatexWriter, items: Items, index: int, minus: Item | None = None) -> int:
    """Write a fraction; where it is d/dx, what it is applied to as well; the item after it.

    A minus in front of it stands on its numerator, as -x/2 has it in programs.
    """
    item = items[index]
    above, below = (tuple(one for one in arg or () if not cursor.is_space(one)) for arg in item.args[:2])
    if not above or not below:
        reader.fail(item.span, "something is missing in this fraction")
    pieces = _below(reader, below)
    if pieces and above and _is_d(above[0]):
        order, start = _order(reader, above)
        if order == sum(piece.times for piece in pieces):
            if minus is not None:
                reader.sign("-", minus.span)
            return _derivative(reader, items, index, above[start:], pieces)
    span = item.span
    reader.sign("(", Span(span.start, span.start + 1))
    if minus is None:
        reader.group(lambda: reader.sequence(above), cursor.span_of(above, span))
    elif cursor.term_end(above, 0) == len(above):
        reader.group(lambda: reader.sequence((minus, *above)), minus.span.to(span))
    else:
        reader.sign("-", minus.span)
        reader.group(lambda: reader.sequence(above), cursor.span_of(above, span))
    reader.sign("/", span)
    reader.group(lambda: reader.sequence(below), cursor.span_of(below, span))
    reader.sign(")", Span(span.end - 1, span.end))
    return index + 1


def _is_d(item: Item) -> bool:
    if item.is_("letter", "d") or item.is_("command", "partial"):
        return True
    inner = item.args[-1] if item.is_("command", "mathrm", "text", "operatorname") and item.args else None
    return bool(inner) and len(inner or ()) == 1 and (inner or ())[0].is_("letter", "d")


def _order(reader: LatexWriter, above: Items) -> tuple[int, int]:
    """The order that stands behind the d above the line, and the item after it."""
    if len(above) > 1 and above[1].is_("sign", "^"):
        power, end = cursor.script(above, 1, reader.source)
        text = "".join(one.text for one in power)
        return (int(text) if text.isdigit() and len(text) < 4 else 0), end
    return 1, 1


def _below(reader: LatexWriter, items: Items) -> list[_Piece]:
    """The names below the line; none where it is no derivative."""
    pieces: list[_Piece] = []
    index = 0
    while index < len(items):
        if not _is_d(items[index]) or index + 1 >= len(items) or base_name(items[index + 1]) is None:
            return []
        name, letters, index = _named(reader, items, index + 1)
        times = 1
        if index < len(items) and items[index].is_("sign", "^"):
            power, index = cursor.script(items, index, reader.source)
            text = "".join(one.text for one in power)
            if not text.isdigit() or len(text) > 3:
                return []
            times = int(text)
        pieces.append(_Piece(name, times, letters))
    return pieces


def _named(reader: LatexWriter, items: Items, index: int) -> tuple[LatexName, tuple[Item, ...], int]:
    """A name with the letters of its entry: x_i, A_{jk}."""
    name = reader.latex_name(items, index)
    end = index + 1
    if name.text in reader.known or end >= len(items) or not items[end].is_("sign", "_"):
        return name, (), name.end
    below, after = cursor.script(items, end, reader.source)
    letters = tuple(one for one in below if one.text not in (",",) and not cursor.is_space(one))
    if letters and all(one.is_("letter", *_INDEX_LETTERS) for one in letters):
        base = base_name(items[index]) or ""
        return LatexName(base, end, items[index].span), letters, after
    return name, (), name.end


def _derivative(reader: LatexWriter, items: Items, index: int, of: Items, pieces: list[_Piece]) -> int:
    item = items[index]
    order = sum(piece.times for piece in pieces)
    reader.sign("∂", item.span)
    if order > 1:
        reader.sign("**", item.span)
        reader.number(str(order), item.span)
    is_name = False
    if of and base_name(of[0]) is not None:
        name, letters, end = _named(reader, of, 0)
        is_name = end == len(of)
        if is_name:
            reader.name(name.text, name.span)
            _letters(reader, letters, name.span)
    reader.sign("/", item.span)
    for piece in pieces:
        reader.sign("∂", piece.name.span)
        reader.name(piece.name.text, piece.name.span)
        _letters(reader, piece.letters, piece.name.span)
        if piece.times > 1:
            reader.sign("**", piece.name.span)
            reader.number(str(piece.times), piece.name.span)
    if is_name:
        return index + 1
    if of:  # d(x^2)/dx
        reader.group(lambda: reader.sequence(of), cursor.span_of(of, item.span))
        return index + 1
    return _operand(reader, items, index)


def _letters(reader: LatexWriter, letters: tuple[Item, ...], span: Span) -> None:
    if not letters:
        return
    reader.sign("[", span)
    for place, one in enumerate(letters):
        if place:
            reader.sign(",", span)
        reader.name(one.text, one.span)
        reader.letters.setdefault(one.text, Letter(one.text))  # a claim's formula is about the same entry
    reader.sign("]", span)


def _operand(reader: LatexWriter, items: Items, index: int) -> int:
    """Write what d/dx is applied to: what stands in square brackets, or the product behind it."""
    item = items[index]
    start = cursor.skip(items, index + 1)
    if start >= len(items):
        reader.fail(item.span, "there is nothing behind this derivative", hint="write \\frac{d}{dx} \\left(...\\right)")
    found = cursor.bracket(items, start, reader.source)
    end = cursor.term_end(items, start)
    if found and found.kind == "square":
        reader.group(lambda: reader.sequence(found.inside), found.span)
        return found.end
    closed = found is not None and cursor.skip(items, found.end) >= end
    if not closed:
        sign = cursor.operator(items[end]) if end < len(items) else None
        if sign in ("+", "-") or (found is not None and not items[cursor.skip(items, found.end)].is_("sign", "^")):
            whole, first = items[start:], items[start : found.end if found else end]
            operator = reader.source.text[item.span.start : item.span.end]
            rest, part, whole_part = (reader.quoted(one).strip() for one in (items[start + len(first) :], first, whole))
            reader.fail(
                item.span, "how far the derivative reaches is not clear",
                hint=f"write {operator} ({whole_part}) or ({operator} {part}) {rest}",
            )  # fmt: skip
    inside = found.inside if found is not None and closed else items[start:end]
    reader.group(lambda: reader.sequence(inside), cursor.span_of(items[start:end], item.span))
    return end
