"""Names in LaTeX, and what may stand behind one: an index, arguments, a factor."""

from __future__ import annotations

from gradcli.functions import table
from gradcli.language import synonyms
from gradcli.language.latex import cursor, special
from gradcli.language.latex.cursor import Bracket
from gradcli.language.latex.names import WORDS, LatexName, base_name, function_of
from gradcli.language.latex.syntax import Item, Items
from gradcli.language.latex.writing import LatexWriter
from gradcli.language.latex_names import FUNCTION_LETTERS

_CASES = frozenset(("if", "when", "otherwise", "else"))
_PROSE = frozenset(("for", "where", "with", "and", "or", "not", "s.t.", "subject"))
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
    called = special.special(reader, items, index)
    if called is not None:
        return called
    _check_run(reader, items, index)
    _check_word(reader, items, index)
    name = reader.latex_name(items, index)
    _check_outside(reader, items, index, name)
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
    if (
        primes
        and name.text not in reader.functions
        and (meant := special.meant_by(item, "_" in reader.source.text[name.span.start : name.span.end]))
    ):
        _refuse_primes(reader, name, found, primes, meant)
    if primes or name.text in reader.functions or wrapped:  # f{\left(x\right)} is what SymPy prints of a function
        reader.sign("(", found.span)
        reader.arguments(pieces, found.span)
        reader.sign(")", found.span)
        return end
    _check_product(reader, name, found, item)
    return index


def _refuse_primes(reader: LatexWriter, name: LatexName, found: Bracket, primes: int, meant: str) -> None:
    """Refuse J_0'(x): the derivative of a function that the program does not define."""
    shown = reader.source.text[name.span.start : name.span.end]
    order = f"^{primes}" if primes > 1 else ""
    reader.fail(
        name.span.to(found.span), f"{shown} is not a function of the program",
        hint=rf"write \frac{{d{order}}}{{dx{order}}} {shown}(x) for the derivative of {meant}, or define {shown}(x)",
    )  # fmt: skip


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
    is_letter = name.text in FUNCTION_LETTERS or item.is_("command", "mathbb")  # an expectation, a probability
    if name.text in reader.known or not (atom or several or is_letter):
        return
    shown, argument = (reader.source.text[span.start : span.end] for span in (name.span, found.span))
    if item.is_("command", "mathbb"):
        reader.fail(
            name.span.to(found.span), f"{shown}{argument} is an expectation or a probability",
            hint=r"write the sum that it is, \sum_{i=1}^{n} p_i x_i, or give it a name without brackets",
        )  # fmt: skip
    below = shown.partition("_")[2].removeprefix("{").removesuffix("}")
    meant = (None if several else synonyms.ROWS.get(name.text)) or special.meant_by(item, bool(below))
    given = f"({below}, {reader.quoted(inside)})" if below and name.text not in synonyms.ROWS else argument
    called = rf"\operatorname{{{meant}}}{given} for the function {meant}" if meant in table.BY_NAME else None
    defined = f"{shown}(x) = ... in front for a function"
    reader.fail(
        name.span.to(found.span),
        f'"{shown}{argument}" can be read in two ways',
        hint=f"write {called or defined}, or {shown} \\cdot {argument} for a product",
    )


def _check_word(reader: LatexWriter, items: Items, index: int) -> None:
    """Refuse words that are no name: `x^2 \\text{ for } x > 0`, and `\\mathrm{erf} x`, which is a product to LaTeX."""
    item = items[index]
    if item.text not in WORDS:
        return
    shown = reader.quoted((item,))
    inner = shown.partition("{")[2].rpartition("}")[0]
    if inner.strip() in _CASES:
        shown = r"\begin{cases} x & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}"
        reader.fail(item.span, f'"{inner.strip()}" has no meaning here', hint=f"write cases: {shown}")
    if inner != inner.strip() or " " in inner or inner in _PROSE:
        reader.fail(item.span, f'"{inner.strip()}" is not a name', hint="leave it out, or write it as a comment: # ...")
    if inner == "d":
        reader.fail(
            item.span, "an upright d is the sign of a derivative",
            hint=r"write d for a variable; a derivative is \frac{d}{dx}, and nothing is integrated",
        )  # fmt: skip
    name, after = function_of(item), cursor.skip(items, index + 1)
    if name is None or inner in reader.known or after >= len(items):
        return
    follows = items[after]
    if follows.kind in ("letter", "number") or base_name(follows) is not None or function_of(follows) is not None:
        rest = reader.quoted((follows,))
        reader.fail(
            item.span.to(follows.span), f'"{shown} {rest}" can be read in two ways',
            hint=rf"write {shown}({rest}) for the function {name}, or {shown} \cdot {rest} for a product",
        )  # fmt: skip


def _check_outside(reader: LatexWriter, items: Items, index: int, name: LatexName) -> None:
    """Refuse y_i behind a sum over i that ends in front of it: \\sum_i x_i - y_i."""
    below = items[index + 2] if name.end > index + 2 else None
    letter = below.inside[0] if below is not None and below.kind == "group" and len(below.inside) == 1 else below
    if letter is None or letter.kind != "letter" or letter.text not in reader.closed or name.text in reader.known:
        return
    shown = reader.quoted(items[index : name.end])
    reader.fail(
        name.span, f"no sum runs over the {letter.text} of {shown} here",
        hint=f"put all that a sum over {letter.text} is of in brackets, or give {shown} another name",
    )  # fmt: skip


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
    plain = word in ("pi", "sqrt") or function_of(Item("command", word, items[index].span))
    command = rf"\{word}" if plain else rf"\operatorname{{{word}}}" if is_name else rf"\mathrm{{{word}}}"
    reader.fail(
        items[index].span.to(items[end - 1].span),
        f'"{word}" can be read in two ways',
        hint=f"write {command} for the word, or {' '.join(word)} for a product of letters",
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
