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


class Style(Enum):
    """What a sign is written for: a screen with mathematical signs, one that has only ASCII, LaTeX."""

    SIGNS = "signs"
    ASCII = "ascii"
    LATEX = "latex"

    @property
    def d(self) -> str:
        """The sign in front of what is differentiated."""
        return {Style.SIGNS: "∂", Style.ASCII: "d", Style.LATEX: r"\partial"}[self]

    def power(self, count: int) -> str:
        """An exponent; nothing for 1."""
        if count == 1:
            return ""
        return {Style.SIGNS: str(count).translate(RAISED), Style.ASCII: str(count), Style.LATEX: f"^{{{count}}}"}[self]


def style_of(unicode: bool) -> Style:
    """The style of a screen."""
    return Style.SIGNS if unicode else Style.ASCII


def derivative_sign(style: Style, function: str, by: Sequence[str]) -> str:
    """The usual sign for the partial derivative of a function by these, one for each order, all spelled in that style.

    Equal neighbours are a power, but for those with an index in brackets. Without a function it is the operator: ∂/∂x.
    """
    gap = " " if style is Style.LATEX else ""
    runs = [(name, len(list(run))) for name, run in groupby(by)]
    runs = [one for name, count in runs for one in ([(name, 1)] * count if "]" in name else [(name, count)])]
    above = f"{style.d}{style.power(len(by))}{gap}{function}".rstrip()
    below = gap.join(f"{style.d}{gap}{name}{style.power(count)}" for name, count in runs)
    return rf"\frac{{{above}}}{{{below}}}" if style is Style.LATEX else f"{above}/{below}"


def within_text(sign: str) -> str:
    """A fraction of LaTeX, small enough for a line of text."""
    return sign.replace(r"\frac", r"\tfrac", 1)


def bracket(index: Index) -> str:
    """An index as it is typed; nothing where there is none."""
    return f"[{','.join(map(str, index))}]" if index else ""
