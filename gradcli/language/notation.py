"""Signs: superscripts, indices, and what a partial derivative is called: ∂f/∂x, ∂²f/∂x∂y, in LaTeX, df/dx in ASCII."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from itertools import groupby
from typing import Union

_DIGITS, _SUPERSCRIPTS = "0123456789-+", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺"
RAISED = str.maketrans(_DIGITS, _SUPERSCRIPTS)
LOWERED = str.maketrans(_SUPERSCRIPTS, _DIGITS)

Index = Sequence[Union[str, int]]  # letters in a formula, numbers at an entry


class Notation(Enum):
    """What a sign is written for: a screen with mathematical signs, one that has only ASCII, LaTeX."""

    SIGNS = "signs"
    ASCII = "ascii"
    LATEX = "latex"

    @property
    def d(self) -> str:
        """The sign in front of what is differentiated."""
        return {Notation.SIGNS: "∂", Notation.ASCII: "d", Notation.LATEX: r"\partial"}[self]

    def power(self, count: int) -> str:
        """An exponent; nothing for 1."""
        if count == 1:
            return ""
        return {
            Notation.SIGNS: str(count).translate(RAISED),
            Notation.ASCII: str(count),
            Notation.LATEX: f"^{{{count}}}",
        }[self]


def style_of(unicode: bool) -> Notation:
    """The style of a screen."""
    return Notation.SIGNS if unicode else Notation.ASCII


def derivative_sign(style: Notation, function: str, by: Sequence[str]) -> str:
    """The usual sign for the partial derivative of a function by these, one for each order, all spelled in that style.

    Equal neighbours are a power, but for those with an index in brackets. Without a function it is the operator: ∂/∂x.
    """
    gap = " " if style is Notation.LATEX else ""
    runs = [(name, len(list(run))) for name, run in groupby(by)]
    runs = [one for name, count in runs for one in ([(name, 1)] * count if "]" in name else [(name, count)])]
    above = f"{style.d}{style.power(len(by))}{gap}{function}".rstrip()
    below = gap.join(f"{style.d}{gap}{name}{style.power(count)}" for name, count in runs)
    return rf"\frac{{{above}}}{{{below}}}" if style is Notation.LATEX else f"{above}/{below}"


def within_text(sign: str) -> str:
    """A fraction of LaTeX, small enough for a line of text."""
    return sign.replace(r"\frac", r"\tfrac", 1)


def bracket(index: Index) -> str:
    """An index as it is typed; nothing where there is none."""
    return f"[{','.join(map(str, index))}]" if index else ""
