"""Sums, products and extremes over an index in LaTeX: Sum(body, i < n), the index from 0 on."""

from __future__ import annotations

from typing import NamedTuple

from gradcli.errors import Span
from gradcli.language.latex import cursor
from gradcli.language.latex.syntax import Item, Items
from gradcli.language.latex.writing import LatexWriter, Letter

HEADS = {"sum": "Sum", "prod": "Product", "max": "Max", "min": "Min"}


class _Range(NamedTuple):
    letters: list[Letter]
    lower: int | None
    upper: Items | None  # the last value
    size: Items | None  # how many values, where that is said
    other: Items | None  # the value that it does not take
    end: int


def begins(items: Items, index: int) -> bool:
    """Whether a command is a sum over an index: what stands below it says so."""
    if items[index].text in ("sum", "prod"):
        return True
    place = cursor.skip(items, index + 1)
    return place < len(items) and items[place].is_("sign", "_")


def over(reader: LatexWriter, items: Items, index: int) -> int:
    """Write a sum over an index, and all of the term behind it; the item after that."""
    head = items[index]
    found = _range(reader, items, index)
    body_end = cursor.term_end(items, found.end)
    if body_end <= found.end:
        reader.fail(head.span, f"there is nothing behind \\{head.text}")
    shadowed = dict(reader.letters)
    if found.other is not None and len(found.other) == 1 and found.other[0].text not in reader.letters:
        reader.closed.add(found.other[0].text)
    reader.letters = {**reader.letters, **{one.name: one for one in found.letters}}
    reader.name(HEADS[head.text], head.span)
    reader.sign("(", head.span)
    reader.sequence(items[found.end : body_end])
    reader.letters = shadowed
    reader.closed |= {one.name for one in found.letters}
    for letter in found.letters:
        reader.sign(",", head.span)
        reader.name(letter.name, head.span)
        _bound(reader, found, head)
    reader.sign(")", head.span)
    return body_end


def _bound(reader: LatexWriter, found: _Range, head: Item) -> None:
    if found.other is not None:
        reader.sign("!=", head.span)
        reader.sequence(found.other)
        return
    if found.size is not None:
        reader.sign("<", head.span)
        reader.sequence(found.size)
        return
    if found.upper is None or found.lower is None:
        return
    upper = tuple(item for item in found.upper if not cursor.is_space(item))
    reader.sign("<", head.span)
    span = cursor.span_of(upper, head.span)
    more = 1 - found.lower
    if len(upper) == 1 and upper[0].kind == "number" and upper[0].text.isdigit():
        reader.number(str(max(0, int(upper[0].text) + more)), span)
    elif len(upper) > 2 and upper[-2].is_("sign", "-") and upper[-1].is_("number", "1"):  # n - 1
        _size(reader, upper[:-2], more - 1, span)
    else:
        _size(reader, upper, more, span)


def _size(reader: LatexWriter, items: Items, more: int, span: Span) -> None:
    reader.sequence(items)
    if more:
        reader.sign("+" if more > 0 else "-", span)
        reader.number(str(abs(more)), span)


def _range(reader: LatexWriter, items: Items, index: int) -> _Range:
    """What stands below and above a sum."""
    head, place = items[index], cursor.skip(items, index + 1)
    below: Items | None = None
    above: Items | None = None
    while place < len(items) and items[place].is_("sign", "_", "^"):
        script, after = cursor.script(items, place, reader.source)
        script = tuple(item for item in script if not cursor.is_space(item))
        below, above = (script, above) if items[place].text == "_" else (below, script)
        place = cursor.skip(items, after)
    if below is None:
        reader.fail(head.span, f"over which index \\{head.text} runs is not said", rf"\{head.text}_{{i=1}}^{{n}}")
        raise AssertionError
    for sign in ("=", "<"):
        found = _from(reader, below, above, sign, place)
        if found:
            return found
    for text in ("neq", "ne"):
        left, *right = cursor.split(below, text)
        if right and len(left) == 1 and left[0].kind == "letter":
            return _Range([Letter(left[0].text)], None, None, None, right[0], place)
    names = [item for piece in cursor.split(below, ",") for item in piece]
    if above is None and names and all(item.kind == "letter" for item in names):
        return _Range([Letter(item.text) for item in names], None, None, None, None, place)
    reader.fail(
        cursor.span_of(below, head.span), "this says no index", rf"\{head.text}_{{i=1}}^{{n}}, or \{head.text}_i"
    )
    raise AssertionError


def _from(reader: LatexWriter, below: Items, above: Items | None, sign: str, place: int) -> _Range | None:
    """The range of i=1 with its end above, or of 0 \\le i < n."""
    left, *right = cursor.split(below, sign)
    if len(right) != 1:
        return None
    if sign == "<":
        middle = [item for item in left if cursor.operator(item) == "<="]
        letter = left[-1] if left else None
        if letter is None or letter.kind != "letter" or len(middle) != 1 or not left[0].is_("number", "0"):
            return None
        return _Range([Letter(letter.text)], 0, None, right[0], None, place)
    if len(left) != 1 or left[0].kind != "letter" or above is None:
        return None
    lower = "".join(item.text for item in right[0])
    if not lower.isdigit():
        reader.fail(cursor.span_of(right[0], left[0].span), "a sum begins at a whole number", r"\sum_{i=1}^{n}")
    first = int(lower)
    base = min(first, 1)
    return _Range([Letter(left[0].text, first, first - base, base)], first, above, None, None, place)
