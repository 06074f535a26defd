"""Functions and names in LaTeX: their arguments, with and without brackets, and what may stand behind a name."""

from __future__ import annotations

from gradcli.errors import Span
from gradcli.functions import table
from gradcli.language.latex import cursor
from gradcli.language.latex.cursor import Bracket
from gradcli.language.latex.names import base_name, function_of, quoted_word
from gradcli.language.latex.syntax import Item, Items
from gradcli.language.latex.writing import LatexWriter
from gradcli.language.tokens import Token, TokenKind

_NORMS = {"1": "1", "infty": "inf"}  # what stands below a norm; 2 and F are the norm that has no number
_BY_ORDER = {"E": "expint", "Li": "polylog"}  # functions whose first argument stands below their name
_PLAIN_NORMS = ("2", "F")
_BUILT = ("frac", "dfrac", "tfrac", "cfrac", "sqrt", "binom", "dbinom", "tbinom")  # what ends where its braces do


def function(reader: LatexWriter, items: Items, index: int, name: str, span: Span) -> int:
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
    first = len(reader.tokens)
    _written(reader, name, pieces, below, span)
    if power is not None:
        outer = span.to(items[end - 1].span) if end > index else span
        reader.raise_to(first, outer, power, cursor.span_of(power, outer))
    return end


def _check_power(reader: LatexWriter, name: str, power: Items, span: Span) -> None:
    text = "".join(item.text for item in power)
    if text.startswith("-"):
        inverse = f"a{name}" if f"a{name}" in table.BY_NAME else None
        hint = rf"write \operatorname{{{inverse}}}(x) for the inverse function, or " if inverse else "write "
        reader.fail(span, f"{name}^{{{text}}} can be read in two ways", hint=hint + rf"\frac{{1}}{{\{name}(x)}}")


def _arguments(reader: LatexWriter, items: Items, index: int, name: str, span: Span) -> tuple[list[Items], int]:
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


def _bare(reader: LatexWriter, items: Items, index: int, name: str, span: Span) -> int:
    """Where the argument of a function without brackets ends: factors next to each other, up to a sign."""
    shown = reader.quoted((items[index],))
    if cursor.operator(items[index]) is not None:
        reader.fail(span.to(items[index].span), f"{name} has no argument", hint=f"write \\{name}({shown}...)")
    place, is_built = index, False
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
        if is_built or (item.is_("command", *_BUILT) and not all(map(_is_number, items[index:place]))):
            _two(reader, items, index, place, name, span)
        is_built = item.is_("command", *_BUILT)
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


def _is_number(item: Item) -> bool:
    return item.kind == "number" or item.is_("command", "pi")


def _end_of_call(reader: LatexWriter, items: Items, place: int) -> int:
    """Where a call ends that is itself an argument without brackets."""
    inner = function_of(items[place]) or ""
    after = cursor.skip(items, place + 1)
    while after < len(items) and items[after].is_("sign", "^", "_"):
        after = cursor.skip(items, cursor.script(items, after, reader.source)[1])
    return _arguments(reader, items, after, inner, items[place].span)[1]


def _two(reader: LatexWriter, items: Items, index: int, place: int, name: str, span: Span) -> None:
    """Refuse an argument without brackets that may go on."""
    argument = reader.quoted(items[index:place]).strip()
    after = reader.quoted(items[place : cursor.term_end(items, place)]).strip()
    command = reader.source.text[span.start : span.end]
    reader.fail(
        span.to(items[place].span),
        f"how far the argument of {name} reaches is not clear",
        hint=f"write {command}({argument} {after}) or {command}({argument}) {after}",
    )


def _written(reader: LatexWriter, name: str, pieces: list[Items], below: Items | None, span: Span) -> None:
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
        reader.call("uppergamma" if name == "gamma" and len(pieces) == 2 else name, span, *arguments)
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


def _argument(reader: LatexWriter, piece: Items) -> None:
    """Write an argument; `dim=0` is one by name."""
    sides = cursor.split(piece, "=")
    word = "".join(base_name(item) or item.text for item in sides[0])
    if len(sides) == 2 and len(word) > 1 and word.isidentifier():
        reader.name(word, sides[0][0].span)
        reader.sign("=", piece[len(sides[0])].span)
        piece = sides[1]
    option = quoted_word(piece)
    if option is not None:
        reader.tokens.append(Token(TokenKind.TEXT, option, piece[0].span))
    elif piece:
        reader.sequence(piece)


def norm(reader: LatexWriter, items: Items, found: Bracket) -> int:
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
