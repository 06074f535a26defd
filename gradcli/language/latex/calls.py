"""Functions and names in LaTeX: their arguments, with and without brackets, and what may stand behind a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.errors import Span
from gradcli.functions import table
from gradcli.language import synonyms
from gradcli.language.latex import cursor
from gradcli.language.latex.cursor import Bracket
from gradcli.language.latex.names import LatexName, base_name, function_of
from gradcli.language.latex.syntax import Item, Items
from gradcli.language.latex_names import FUNCTION_LETTERS

if TYPE_CHECKING:
    from gradcli.language.latex.reader import Reader

_NORMS = {"1": "1", "infty": "inf"}  # what stands below a norm; 2 and F are the norm that has no number
_BY_ORDER = {"E": "expint", "Li": "polylog"}  # functions whose first argument stands below their name
_LETTERS = {
    "J": "besselj", "Y": "bessely", "I": "besseli", "K": "besselk", "W": "lambertw", "S": "fresnels", "C": "fresnelc",
    "E": "ellipe", "P": "legendre", "H": "hermite", "L": "laguerre", "T": "chebyshevt", "U": "chebyshevu",
}  # fmt: skip
LONGEST_RUN = 3  # letters side by side that are a product: more of them are a word
_PLAIN_NORMS = ("2", "F")


def function(reader: Reader, items: Items, index: int, name: str, span: Span) -> int:
    """Write a call of a function, its name already read; the item behind its arguments."""
    power: Items | None = None
    below: Items | None = None
    index = cursor.skip(items, index)
    while index < len(items) and items[index].is_("sign", "^", "_"):
        script, after = cursor.script(items, index, reader.source)
        if items[index].text == "^":
            power = script
        else:
            below = script
        index = cursor.skip(items, after)
    if power is not None:
        _check_power(reader, name, power, span)
    pieces, end = _arguments(reader, items, index, name, span)
    outer = span.to(items[end - 1].span) if end > index else span
    if power is not None:
        reader.sign("(", Span(outer.start, outer.start + 1))
    _written(reader, name, pieces, below, span)
    if power is not None:
        exponent = power
        reader.sign("**", cursor.span_of(power, span))
        reader.group(lambda: reader.sequence(exponent), cursor.span_of(power, span))
        reader.sign(")", Span(outer.end - 1, outer.end))
    return end


def _check_power(reader: Reader, name: str, power: Items, span: Span) -> None:
    text = "".join(item.text for item in power)
    if text.startswith("-"):
        inverse = f"a{name}" if f"a{name}" in table.BY_NAME else None
        hint = rf"write \operatorname{{{inverse}}}(x) for the inverse function, or " if inverse else "write "
        reader.fail(span, f"{name}^{{{text}}} can be read in two ways", hint=hint + rf"\frac{{1}}{{\{name}(x)}}")


def _arguments(reader: Reader, items: Items, index: int, name: str, span: Span) -> tuple[list[Items], int]:
    """The arguments of a function, and the item behind them."""
    if index >= len(items):
        reader.fail(span, f"{name} has no argument")
    item = items[index]
    if item.is_("group", "{"):
        found = cursor.bracket(item.inside, cursor.skip(item.inside, 0), reader.source)
        if found and cursor.skip(item.inside, found.end) == len(item.inside):
            return cursor.split(found.inside, ","), index + 1
        return [item.inside], index + 1
    found = cursor.bracket(items, index, reader.source)
    if found and found.kind in ("group", "square"):
        return cursor.split(found.inside, ","), found.end
    end = _bare(reader, items, index, name, span)
    return [items[index:end]], end


def _bare(reader: Reader, items: Items, index: int, name: str, span: Span) -> int:
    """Where the argument of a function without brackets ends: factors next to each other, up to a sign."""
    shown = reader.quoted((items[index],))
    if cursor.operator(items[index]) is not None:
        reader.fail(span.to(items[index].span), f"{name} has no argument", hint=f"write \\{name}({shown}...)")
    place = index
    while place < len(items):
        item = items[place]
        if cursor.is_space(item) or item.is_("sign", "!", "'"):
            place += 1
            continue
        if item.is_("sign", "^", "_"):
            place = cursor.script(items, place, reader.source)[1]
            continue
        sign = cursor.operator(item)
        opening = cursor.bracket(items, place, reader.source) or cursor.bars(items, place, reader.source)
        if sign is not None or (place > index and (function_of(item) is not None or item.text in ("sum", "prod"))):
            if sign == "/":
                _two(reader, items, index, place, name, span)
            break
        if opening is not None:
            if place > index:
                _two(reader, items, index, place, name, span)
            place = opening.end
            continue
        if function_of(item) is not None:  # \sin \cos x
            return _end_of_call(reader, items, place)
        if item.kind == "number" and place > index:
            _two(reader, items, index, place, name, span)
        place += 1
    return place


def _end_of_call(reader: Reader, items: Items, place: int) -> int:
    """Where a call ends that is itself an argument without brackets."""
    inner = function_of(items[place]) or ""
    after = cursor.skip(items, place + 1)
    while after < len(items) and items[after].is_("sign", "^", "_"):
        after = cursor.skip(items, cursor.script(items, after, reader.source)[1])
    return _arguments(reader, items, after, inner, items[place].span)[1]


def _two(reader: Reader, items: Items, index: int, place: int, name: str, span: Span) -> None:
    """Refuse an argument without brackets that may go on."""
    argument = reader.quoted(items[index:place]).strip()
    after = reader.quoted(items[place : cursor.term_end(items, place)]).strip()
    command = reader.source.text[span.start : span.end]
    reader.fail(
        span.to(items[place].span),
        f"how far the argument of {name} reaches is not clear",
        hint=f"write {command}({argument} {after}) or {command}({argument}) {after}",
    )


def _written(reader: Reader, name: str, pieces: list[Items], below: Items | None, span: Span) -> None:
    """Write a call; what stands below its name is a base, or an option."""
    if below is not None and any(item.is_("sign", "=") for item in below):
        option, value = cursor.split(below, "=")[:2]
        word = "".join(base_name(item) or item.text for item in option)
        reader.name(name, span)
        reader.sign("(", span)
        reader.arguments(pieces, span)
        reader.sign(",", span)
        reader.name(word, cursor.span_of(option, span))
        reader.sign("=", span)
        reader.sequence(value)
        reader.sign(")", span)
        return
    arguments = [lambda piece=piece: _argument(reader, piece) for piece in pieces]
    if below is None:
        reader.call(name, span, *arguments)
        return
    base = below
    text = "".join(item.text for item in base)
    joined = next((one for one in (name + text, f"{name}_{text}") if one in table.BY_NAME), None)
    if joined is not None and table.is_function_name(joined):  # SymPy splits names: atan_{2}, clamp_{min}
        reader.call(joined, span, *arguments)
        return
    if name in _BY_ORDER:
        reader.call(_BY_ORDER[name], span, lambda: reader.sequence(base), *arguments)
        return
    if name != "log":
        reader.fail(
            span.to(cursor.span_of(base, span)), f"what stands below {name} has no meaning here",
            hint=f"write it as an argument: \\operatorname{{{name}}}(...)",
        )  # fmt: skip
    if text in ("2", "10", "e"):
        reader.call({"2": "log2", "10": "log10", "e": "log"}[text], span, *arguments)
    else:
        reader.call("log_base", span, *arguments, lambda: reader.sequence(base))


def _argument(reader: Reader, piece: Items) -> None:
    """Write an argument; `dim=0` is one by name."""
    sides = cursor.split(piece, "=")
    word = "".join(base_name(item) or item.text for item in sides[0])
    if len(sides) == 2 and len(word) > 1 and word.isidentifier():
        reader.name(word, sides[0][0].span)
        reader.sign("=", piece[len(sides[0])].span)
        piece = sides[1]
    if not piece:
        return
    reader.sequence(piece)


# Names


def named(reader: Reader, items: Items, index: int) -> int:
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


def _behind(reader: Reader, items: Items, index: int, name: LatexName, item: Item) -> int:
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


def _is_prime(items: Items, place: int, reader: Reader) -> bool:
    if not items[place].is_("sign", "^"):
        return False
    script, _ = cursor.script(items, place, reader.source)
    return bool(script) and all(one.is_("command", "prime") for one in script)


def is_entry(reader: Reader, found: Bracket) -> bool:
    """Whether what stands in square brackets is an index, as in programs."""
    return found.kind == "square" and all(_is_index(reader, piece) for piece in cursor.split(found.inside, ","))


def _is_index(reader: Reader, piece: Items) -> bool:
    return bool(piece) and all(
        (one.kind == "number" and one.text.isdigit())
        or one.is_("letter", *reader.letters)
        or one.is_("sign", "+", "-", ":")
        for one in piece
    )


def _check_product(reader: Reader, name: LatexName, found: Bracket, item: Item) -> None:
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


def _check_run(reader: Reader, items: Items, index: int) -> None:
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


def definition(reader: Reader, left: Items) -> tuple[LatexName, list[LatexName]] | None:
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


def norm(reader: Reader, items: Items, found: Bracket) -> int:
    """Write a norm, with the number below it; the item after it."""
    end = cursor.skip(items, found.end)
    if end >= len(items) or not items[end].is_("sign", "_"):
        reader.call("norm", found.span, lambda: reader.sequence(found.inside))
        return found.end
    below, after = cursor.script(items, end, reader.source)
    text = "".join(item.text for item in below)
    if text in _PLAIN_NORMS:
        reader.call("norm", found.span, lambda: reader.sequence(found.inside))
        return after
    value = _NORMS.get(text, text)
    write = (lambda: reader.name("inf", found.span)) if value == "inf" else (lambda: reader.sequence(below))
    reader.call("norm", found.span, lambda: reader.sequence(found.inside), write)
    return after
