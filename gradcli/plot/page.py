"""A plot in the terminal as one text: its lines, and its sentences below them."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

from gradcli.plot.data import Plot
from gradcli.plot.sentences import sentences
from gradcli.terminal.console import Screen, printed
from gradcli.terminal.wrap import fold

INDENT = 2


def page(plot: Plot, screen: Screen, width: int, lines: Iterable[Text]) -> str:
    """The text for a reader whose screen is so wide."""
    return printed([*lines, *map(Text, _said(plot, screen, width))], screen)


def below(plot: Plot, screen: Screen, width: int) -> int:
    """The lines that a terminal needs below the picture, with the one that is typed into next."""
    return len(_said(plot, screen, width)) + 1


def _said(plot: Plot, screen: Screen, width: int) -> list[str]:
    lines = [folded for one in sentences(plot, screen.unicode) for folded in fold(one, width, INDENT)]
    return ["", *lines] if lines else []
