"""Names in LaTeX, and what may stand behind one: an index, arguments, a factor."""

from __future__ import annotations

from gradcli.functions import table
from gradcli.language import synonyms
from gradcli.language.latex import cursor
from gradcli.language.latex.cursor import Bracket
from gradcli.language.latex.names import LatexName, base_name, function_of
from gradcli.language.latex.syntax import Item, Items
from gradcli.language.latex.writing import LatexWriter
from gradcli.language.latex_names import FUNCTION_LETTERS

_LETTERS = {
    "J": "besselj", "Y": "bessely", "I": "besseli", "K": "besselk", "W": "lambertw", "S": "fresnels", "C": "fresnelc",
    "E": "ellipe", "P": "legendre", "H": "hermite", "L": "laguerre", "T": "chebyshevt", "U": "chebyshevu",
}  # fmt: skip
LONGEST_RUN = 3  # letters side by side that are a product: more of them are a word


def named(reader: LatexWriter, items: Items, index: int) -> int:
    """Write a name, an entry of it, or a call of a function of the program; the item after it."""
    item = items[index]
    base = base_name(item)
    following = items[index + 1] if index + 1 < len(items) else None
    if base == "e" and following is not None and following.is_("sign", "^"):
        exponent, end = cursor.script(items, index + 1, reader.source)
        reader.call("exp", item.span, lambda: reader.sequence(exponent))
        return end
    if base in reader.letters and not (following is not None and following.is_("sign", "_")):
        reader.letters[base].write(reader, item.span)
        return index + 1
    _check_run(reader, items, index)
    name = reader.latex_name(items, index)
    index = name.end
    if index < len(items) and items[index].is_("sign", "_"):
        below, end = cursor.script(items, index, reader.source)
        pieces = reader.indices(below)
        if name.text == "delta" and len(pieces) == 2:
            reader.call("delta", name.span, *(lambda one=one: reader.sequence(one) for one in pieces))
            return end
        reader.name(name.text, name.span)
        reader.entry(pieces, cursor.span_of(below, name.span))
        return end
    reader.name(name.text, name.span)
    return _behind(reader, items, index, name, item)


def _behind(reader: LatexWriter, items: Items, index: int, name: LatexName, item: Item) -> int:
    """Write what stands in brackets behind a name where that is an index or arguments; the item after it."""
    place = cursor.skip(items, index)
    primes = 0
    while place < len(items) and (items[place].is_("sign", "'", "’") or _is_prime(items, place, reader)):
        if items[place].is_("sign", "^"):
            script, after = cursor.script(items, place, reader.source)
            primes, place = primes + len(script), after
        else:
            primes, place = primes + 1, place + 1
        place = cursor.skip(items, place)
    for _ in range(primes):
        reader.sign("'", name.span)
    inner = items[place] if place < len(items) else None
    wrapped = inner is not None and inner.is_("group", "{")
    found = cursor.bracket(inner.inside, 0, reader.source) if inner is not None and wrapped else None
    if found is None or inner is None or cursor.skip(inner.inside, found.end) != len(inner.inside):
        wrapped, found = False, cursor.bracket(items, place, reader.source)
    if found is None or found.kind not in ("group", "square"):
        return place if primes else index
    pieces = cursor.split(found.inside, ",")
    end = place + 1 if wrapped else found.end
    if is_entry(reader, found) and not primes:
        reader.entry(pieces, found.span)
        return end
    if primes or name.text in reader.functions or wrapped:  # f{\left(x\right)} is what SymPy prints of a function
        reader.sign("(", found.span)
        reader.arguments(pieces, found.span)
        reader.sign(")", found.span)
        return end
    if found.kind == "group":
        _check_product(reader, name, found, item)
    return index


def _is_prime(items: Items, place: int, reader: LatexWriter) -> bool:
    if not items[place].is_("sign", "^"):
        return False
    script, _ = cursor.script(items, place, reader.source)
    return bool(script) and all(one.is_("command", "prime") for one in script)


def is_entry(reader: LatexWriter, found: Bracket) -> bool:
    """Whether what stands in square brackets is an index, as in programs."""
    return found.kind == "square" and all(_is_index(reader, piece) for piece in cursor.split(found.inside, ","))


def _is_index(reader: LatexWriter, piece: Items) -> bool:
    return bool(piece) and all(
        (one.kind == "number" and one.text.isdigit())
        or one.is_("letter", *reader.letters)
        or one.is_("sign", "+", "-", ":")
        for one in piece
    )


def _check_product(reader: LatexWriter, name: LatexName, found: Bracket, item: Item) -> None:
    """Refuse x(t), which may be a function or a product; x(t + 1) is one but for the usual letters of functions."""
    inside = tuple(one for one in found.inside if not cursor.is_space(one))
    alone = bool(inside) and (inside[0].kind == "number" or base_name(inside[0]) is not None)
    atom = alone and (len(inside) == 1 or (len(inside) == 3 and inside[1].is_("sign", "_")))
    several = len(cursor.split(found.inside, ",")) > 1
    if name.text in reader.known or not (atom or several or name.text in FUNCTION_LETTERS):
        return
    shown, argument = (reader.source.text[span.start : span.end] for span in (name.span, found.span))
    letter = base_name(item) or ""
    meant = synonyms.ROWS.get(name.text) or _LETTERS.get(letter)
    given = argument if name.text == letter or meant not in _LETTERS.values() else "(..., x)"
    called = rf"\operatorname{{{meant}}}{given} for the function {meant}" if meant in table.BY_NAME else None
    defined = f"{shown}(x) = ... in front for a function"
    reader.fail(
        name.span.to(found.span),
        f'"{shown}{argument}" can be read in two ways',
        hint=f"write {called or defined}, or {shown} \\cdot {argument} for a product",
    )


def _check_run(reader: LatexWriter, items: Items, index: int) -> None:
    """Refuse letters side by side that spell a function: sin x is s i n x to LaTeX."""
    if index and items[index - 1].kind == "letter" and items[index - 1].span.end == items[index].span.start:
        return
    end = index
    while (
        end < len(items)
        and items[end].kind == "letter"
        and (end == index or items[end - 1].span.end == items[end].span.start)
    ):
        end += 1
    word = "".join(one.text for one in items[index:end])
    is_name = word == "pi" or (word in table.BY_NAME and table.is_function_name(word))
    if len(word) < 2 or (len(word) <= LONGEST_RUN and not is_name):
        return
    plain = word == "pi" or function_of(Item("command", word, items[index].span))
    command = rf"\{word}" if plain else rf"\operatorname{{{word}}}" if is_name else rf"\mathrm{{{word}}}"
    reader.fail(
        items[index].span.to(items[end - 1].span),
        f'"{word}" can be read in two ways',
        hint=f"write {command} for what it says, or {' '.join(word)} for a product",
    )


def definition(reader: LatexWriter, left: Items) -> tuple[LatexName, list[LatexName]] | None:
    """The name and the parameters where what stands in front of an = is f(x, y); None for anything else."""
    if not left or base_name(left[0]) is None:
        return None
    name = reader.latex_name(left, 0)
    items = tuple(item for item in left[name.end :] if not cursor.is_space(item))
    if len(items) == 1 and items[0].is_("group", "{"):
        items = items[0].inside
    found = cursor.bracket(items, 0, reader.source)
    if found is None or found.kind != "group" or found.end != len(items):
        return None
    params: list[LatexName] = []
    for one in cursor.split(found.inside, ","):
        piece = tuple(item for item in one if not cursor.is_space(item))
        if not piece or base_name(piece[0]) is None:
            return None
        param = reader.latex_name(piece, 0)
        if param.end != len(piece):
            return None
        params.append(param)
    return name, params
