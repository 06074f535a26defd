"""Names in LaTeX: letters, Greek letters, words set upright, accents; and which commands are functions."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from gradcli.errors import Source, Span
from gradcli.functions import table
from gradcli.language import synonyms
from gradcli.language.latex.syntax import ARGUMENTS, Item, Items, fail
from gradcli.language.latex_names import is_greek

WORDS = frozenset(("mathrm", "mathit", "mathsf", "mathtt", "text", "textrm", "textit", "mbox", "operatorname"))
PLAIN = frozenset(("mathbf", "boldsymbol", "bm", "vec", "mathcal", "mathbb", "textbf", "mathop"))  # what they hold
ACCENTS = {
    "hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar", "tilde": "tilde", "dot": "dot",
    "ddot": "ddot",
}  # fmt: skip
_SIZES = tuple(size + side for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m"))
SPACES = frozenset((
    ",", ";", ":", "!", " ", "quad", "qquad", "displaystyle", "textstyle", "limits", "nolimits", "relax", *_SIZES,
))  # fmt: skip

# What SymPy and textbooks call functions of the table.
_OTHER = {"B": "beta", "arccot": "acot", "arcsec": "asec", "arccsc": "acsc", "arsinh": "asinh", "arcosh": "acosh",
          "artanh": "atanh", "Max": "max", "Min": "min", "tr": "trace", "Tr": "trace", "sgn": "sign",
          "ReLU": "relu"}  # fmt: skip
_LETTERS = frozenset(("pi", "ell", "hbar"))  # besides the Greek ones
_ONLY_CALLED = frozenset(("Gamma", "zeta"))  # letters, too


class LatexName(NamedTuple):
    """A name, the item behind it, and where it stands."""

    text: str
    end: int
    span: Span


@cache
def _by_command() -> dict[str, str]:
    commands = [(row.latex[1:], row.name) for row in table.ROWS if row.latex[:1] == "\\" and row.latex[1:].isalpha()]
    return dict(reversed(commands))  # the first row of those that share a command: \\max is max, and fmax is written so


def function_of(item: Item) -> str | None:
    """The function that a command or an upright word names, as programs call it; None where it names none."""
    if item.kind != "command":
        return None
    if item.text in WORDS:
        word = word_of(item)
        if word is None or (len(word) == 1 and word not in _OTHER and item.text != "operatorname"):
            return None
        known = table.is_function_name(word) if word in table.BY_NAME else False
        return word if known or (item.text == "operatorname" and word not in _OTHER) else _OTHER.get(word)
    if item.text in _ONLY_CALLED or item.text in ARGUMENTS:  # \\frac and \\dot are no functions, whatever the table has
        return None
    return _by_command().get(item.text) or _named(item.text)


def called_letter(item: Item) -> str | None:
    """The function that a letter names where it stands in front of a bracket: Γ(x)."""
    return _by_command().get(item.text) if item.kind == "command" and item.text in _ONLY_CALLED else None


def _named(name: str) -> str | None:
    if is_greek(name):
        return None
    if name in table.BY_NAME and table.is_function_name(name):
        return name
    meant = _OTHER.get(name) or synonyms.ROWS.get(name)
    return meant if meant in table.BY_NAME and table.is_function_name(meant) else None


def word_of(item: Item) -> str | None:
    """The word that a command holds, \\mathrm{loss}; None where it is none."""
    pieces: list[str] = []
    for one in item.args[-1] or () if item.args else ():
        if one.kind in ("letter", "number"):
            pieces.append(one.text)
        elif one.is_("command", "_") or one.is_("sign", "_"):
            pieces.append("_")
        else:
            return None
    word = "".join(pieces)
    return word if word.isidentifier() else None


def quoted_word(items: Items) -> str | None:
    """The word in quotes that a \\text holds, which is an option; None for anything else."""
    if len(items) != 1 or items[0].kind != "command" or items[0].text not in WORDS or not items[0].args:
        return None
    word = "".join("_" if one.text == "_" else one.text for one in items[0].args[-1] or ())
    return word if len(word) > 2 and word[0] == word[-1] == "'" and "'" not in word[1:-1] else None


def base_name(item: Item) -> str | None:
    """The name that one item is: a letter, a Greek letter, a word, one of these with an accent."""
    if item.kind == "letter":
        return item.text
    if item.kind != "command":
        return None
    if is_greek(item.text) or item.text in _LETTERS:
        return item.text
    if item.text in WORDS and item.text != "operatorname":
        return word_of(item)
    if item.text in PLAIN or item.text in ACCENTS:
        inner = item.args[-1] if item.args else None
        name = base_name(inner[0]) if inner and len(inner) == 1 else word_of(item)
        return f"{name}_{ACCENTS[item.text]}" if name and item.text in ACCENTS else name
    return None


def subscript(base: str, script: Items, span: Span, source: Source) -> str:
    """A name with what stands below it: x_1 is x1, x_max is x_max."""
    pieces: list[str] = []
    for item in script:
        if item.is_("command", *SPACES):
            continue
        piece = item.text if item.kind in ("letter", "number") else base_name(item)
        if piece is None or "." in piece:
            fail(
                source,
                item.span,
                "this stands below a name, and is neither a word nor a number",
                hint="for an entry of a tensor write x[0], or sum over its index",
            )
        pieces.append(piece)
    text = "".join(pieces)
    if not text:
        fail(source, span, "there is nothing below this name")
    return base + text if text.isdigit() else f"{base}_{text}"
