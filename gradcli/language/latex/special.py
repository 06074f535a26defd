"""Special functions that a letter names in front of brackets: J_0(x), P_n(x), W(x), and what SymPy writes of others.

A letter with a sum behind it is a factor to many, P_0(1 + r)^n: it is no function unless set as SymPy sets one.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from gradcli.errors import Span
from gradcli.language.latex import cursor
from gradcli.language.latex.cursor import Bracket
from gradcli.language.latex.names import base_name, subscript
from gradcli.language.latex.syntax import Item, Items
from gradcli.language.latex.writing import LatexWriter

_INDEXED = {
    "J": "besselj", "Y": "bessely", "I": "besseli", "K": "besselk", "P": "legendre", "H": "hermite", "L": "laguerre",
    "T": "chebyshevt", "U": "chebyshevu", "W": "lambertw",
}  # fmt: skip
_ORDERS = frozenset(("nu", "mu", "alpha", "beta", "lambda", "ell", *"nmlkpqab"))  # t of I_t is a time
_ALONE = {"W": "lambertw"}
_RAISED = {("L", 1): "genlaguerre", ("C", 1): "gegenbauer", ("P", 1): "assoc_legendre", ("P", 2): "jacobi"}
_AIRY = {("Ai", 0): "airyai", ("Ai", 1): "airyaiprime", ("Bi", 0): "airybi", ("Bi", 1): "airybiprime"}

# What SymPy alone writes so, by the letter and the number of arguments.
_BY_SYMPY = {
    ("S", 1): "fresnels", ("C", 1): "fresnelc", ("E", 1): "ellipe", ("K", 1): "ellipk", ("gamma", 2): "lowergamma",
    ("theta", 1): "heaviside", ("eta", 1): "dirichlet_eta",
}  # fmt: skip
_ELLIPTIC = {("E", 2): "ellipeinc", ("F", 2): "ellipf", ("Pi", 2): "ellippi", ("Pi", 3): "ellippiinc"}
_LAYOUT = re.compile(r"\\?[A-Za-z]+(?:[_^]\{(?:[^{}]|\{[^{}]*\})*\})*\\left\(\S(?:.*\S)?\\right\)", re.DOTALL)
_TIGHT = re.compile(r"(?<=[^\s(])[+\-]|[+\-](?=[^\s(])")  # SymPy has spaces around the signs of a sum


class _Called(NamedTuple):
    """A letter with what stands below it and raised, and the brackets behind it; the item after these."""

    letter: str
    name: str  # what it is called where it is not a function
    below: Items | None
    power: Items | None
    found: Bracket
    end: int


def special(reader: LatexWriter, items: Items, index: int) -> int | None:
    """Write a call of a special function that begins at a letter; the item after it, None where it is none."""
    called = _called(reader, items, index)
    if called is None or called.name in reader.known or called.name in reader.functions:
        return None
    span = items[index].span.to(called.found.span)
    pieces = _pieces(called.found.inside)
    is_set = _is_as_sympy_sets(reader.source.text[span.start : span.end], called.found.inside)
    parameters, power = _parameters(reader, called)
    function = _function(called, len(pieces), len(parameters or ()), is_set)
    if function is None or not all(pieces):
        return None
    if power is not None and called.letter == "P":
        _two(reader, called, span, power)
    order = [called.below] if called.below is not None else []
    given = [*pieces, *order] if function == "lambertw" else [*order, *(parameters or ()), *pieces]
    first = len(reader.tokens)
    reader.call(function, span, *(lambda one=one: reader.sequence(one) for one in given))
    if power is not None:
        reader.raise_to(first, span, power, cursor.span_of(power, span))
    return called.end


def _called(reader: LatexWriter, items: Items, index: int) -> _Called | None:
    letter, place = base_name(items[index]), index + 1
    if letter in ("A", "B") and place < len(items) and items[place].is_("letter", "i"):
        letter, place = f"{letter}i", place + 1
    below: Items | None = None
    power: Items | None = None
    place = cursor.skip(items, place)
    while place < len(items) and items[place].is_("sign", "_", "^"):
        script, after = cursor.script(items, place, reader.source)
        script = tuple(one for one in script if not cursor.is_space(one))
        if not script or (below if items[place].text == "_" else power) is not None:
            return None
        below, power = (script, power) if items[place].text == "_" else (below, script)
        place = cursor.skip(items, after)
    found = cursor.bracket(items, place, reader.source)
    if letter is None or found is None or found.kind != "group" or items[place].is_("sign", "["):
        return None
    name = letter
    if below is not None and all(one.kind in ("letter", "number") or base_name(one) for one in below):
        name = subscript(letter, below, found.span, reader.source)
    return _Called(letter, name, below, power, found, found.end)


def _pieces(inside: Items) -> list[Items]:
    """The arguments: between commas, and of elliptic integrals behind a semicolon and a bar."""
    pieces: list[Items] = []
    for one in cursor.split(inside, ","):
        bar = next((place for place, item in enumerate(one) if item.is_("command", "middle")), None)
        if bar is None or not one[bar + 1 : bar + 2] or one[bar + 1].text != "|":
            pieces.append(one)
            continue
        pieces += [*cursor.split(one[:bar], ";"), one[bar + 2 :]]
    return [tuple(item for item in piece if not cursor.is_space(item)) for piece in pieces]


def _has_bar(inside: Items) -> bool:
    return any(item.is_("command", "middle") for item in inside)


def _parameters(reader: LatexWriter, called: _Called) -> tuple[list[Items] | None, Items | None]:
    """What is raised in brackets, L_n^{(a)}, which are parameters; and what is raised without, a power."""
    if called.power is None:
        return None, None
    if called.power[0].is_("command", "prime"):
        return None, None
    found = cursor.bracket(called.power, 0, reader.source)
    if found is None or found.end != len(called.power):
        return None, called.power
    return cursor.split(found.inside, ","), None


def _function(called: _Called, count: int, parameters: int, is_set: bool) -> str | None:
    letter, is_indexed = called.letter, called.below is not None
    primes = [item for item in called.power or () if item.is_("command", "prime")]
    if letter in ("Ai", "Bi"):
        return _AIRY[letter, len(primes)] if count == 1 and not is_indexed and len(primes) < 2 else None
    if primes:
        return None
    if parameters:
        return _RAISED.get((letter, parameters)) if is_indexed and count == 1 else None
    if _has_bar(called.found.inside):
        return _ELLIPTIC.get((letter, count)) if not is_indexed else None
    is_clear = is_set or not _is_sum(called.found.inside)
    if not is_indexed:
        by_sympy = _BY_SYMPY.get((letter, count)) if is_set else None
        return by_sympy or (_ALONE.get(letter) if is_clear and count == 1 else None)
    if count != 1 or not is_clear or not (is_set or _is_order(called.below or ())):
        return None
    return _INDEXED.get(letter)


def _is_sum(items: Items) -> bool:
    return cursor.term_end(items, 0) < len(items)


def _is_order(below: Items) -> bool:
    """Whether what stands below counts: a number, n, \\nu, n + 1; not the word or the time of a name."""
    names = [one for one in below if one.kind != "number" and cursor.operator(one) not in ("+", "-", "/")]
    return len(names) < 2 and all(base_name(one) in _ORDERS for one in names)


def _is_as_sympy_sets(text: str, inside: Items) -> bool:
    if not _LAYOUT.fullmatch(text):
        return False
    return not _is_sum(inside) or not _TIGHT.search(
        text.partition(r"\left(")[2].rpartition(r"\right)")[0].lstrip("-+ ")
    )


def _two(reader: LatexWriter, called: _Called, span: Span, power: Items) -> None:
    """Refuse P_n^m(x): the associated Legendre function to physicists, a power to SymPy."""
    order, raised = reader.quoted(called.below or ()), reader.quoted(power)
    shown = reader.source.text[span.start : span.end]
    inside = reader.quoted(called.found.inside)
    reader.fail(
        span, f'"{shown}" can be read in two ways',
        hint=rf"write \operatorname{{assoc\_legendre}}({order}, {raised}, {inside}) for the associated Legendre"
        rf" function, or (P_{{{order}}}({inside}))^{{{raised}}} for a power",
    )  # fmt: skip


def meant_by(item: Item, is_indexed: bool) -> str | None:
    """The special function that a letter may name."""
    letter = base_name(item) or ""
    found = _INDEXED.get(letter) if is_indexed else _ALONE.get(letter) or _BY_SYMPY.get((letter, 1))
    return found or ("sigmoid" if letter == "sigma" else None)
