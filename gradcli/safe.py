"""Texts that anybody may have written, made safe for where they go: a terminal, a page, a picture, data.

A control character, a bidirectional one, half of a surrogate pair or an unassigned code point can redraw a terminal,
hide or reorder what a reader sees, or make a document malformed. No such character leaves gradcli as itself: JSON has
escapes for it, everywhere else a sign stands in its place. What a target reads as its own is escaped, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum, auto

HIDDEN = "�"


class Target(Enum):
    """Where a text goes."""

    TERMINAL = auto()  # lines of text
    LINE = auto()  # one line of text: a message, a field
    JSON = auto()  # a whole document of JSON: such characters stand in strings alone
    XML = auto()  # HTML, SVG, MathML
    MARKDOWN = auto()
    CODE = auto()  # Markdown's code in a line, with its backticks
    LATEX = auto()
    DOT = auto()  # with its quotes
    MERMAID = auto()


def safe(text: str, target: Target) -> str:
    """The text as it can stand there; of the same length on terminals, so that what was aligned stays so."""
    return _MAKERS[target](text)


def visible(text: str) -> str:
    """The text with a sign for whatever is not printed: one character for one, and a space for a blank."""
    return text if text.isprintable() else "\n".join(map(_line, text.split("\n")))


def painted(text: str) -> str:
    """The same for a terminal that has colours: escape sequences that say a colour stay, and no other ones."""
    pieces = _COLOR.split(text)
    return "".join(piece if index % 2 else visible(piece) for index, piece in enumerate(pieces))


_COLOR = re.compile("(\x1b\\[[0-9;]*m)")


def _line(text: str) -> str:
    if text.isprintable():  # nearly always
        return text
    return "".join(one if one.isprintable() else " " if one.isspace() else HIDDEN for one in text)


def _json(text: str) -> str:
    return text if text.isprintable() else "".join(one if one.isprintable() else _escape(one) for one in text)


def _escape(character: str) -> str:
    """JSON's escape of a character; two of them beyond the first plane."""
    data = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{data[i : i + 2].hex()}" for i in range(0, len(data), 2))


def _xml(text: str) -> str:
    from html import escape

    return escape(visible(text), quote=True)


_MARKDOWN = frozenset("\\`*_{}[]<>()#+!|~$&")
_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "_": r"\_", "^": r"\^{}", "#": r"\#", "$": r"\$", "%": r"\%",
    "&": r"\&", "~": r"\~{}", "≈": r"$\approx$", "∂": r"$\partial$", "√": r"$\surd$", "π": r"$\pi$", "≤": r"$\le$",
    "≥": r"$\ge$", "≠": r"$\ne$", "·": r"$\cdot$", "Σ": r"$\sum$", "δ": r"$\delta$", "⁻": "$^{-}$",
}  # fmt: skip
_MERMAID = frozenset(" .,=+-*/:_[](){}")  # beside letters and digits


def _markdown(text: str) -> str:
    return "".join(f"\\{one}" if one in _MARKDOWN else one for one in _line(text))


def _code(text: str) -> str:
    line, fence = _line(text), "`"
    while fence in line:
        fence += "`"
    return f"{fence}{line}{fence}" if len(fence) == 1 else f"{fence} {line} {fence}"


def _latex(text: str) -> str:
    return "".join(_LATEX.get(one, one) for one in _line(text))


def _dot(text: str) -> str:
    return '"' + visible(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _mermaid(text: str) -> str:
    """Whatever Mermaid, Markdown or HTML could read as their own is a character code."""
    return "".join(
        one if (one.isalnum() and one.isascii()) or one in _MERMAID else f"#{ord(one)};" for one in _line(text)
    )


_MAKERS: Mapping[Target, Callable[[str], str]] = {
    Target.TERMINAL: visible, Target.LINE: _line, Target.JSON: _json, Target.XML: _xml, Target.MARKDOWN: _markdown,
    Target.CODE: _code, Target.LATEX: _latex, Target.DOT: _dot, Target.MERMAID: _mermaid,
}  # fmt: skip
