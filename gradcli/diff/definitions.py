"""The definitions that formulas use, above them: a program that can be typed in after the one that was asked about."""

from __future__ import annotations

from gradcli.diff.data import Result
from gradcli.terminal.console import ENDLESS
from gradcli.terminal.wrap import beside

MOST = 40  # that are shown on a terminal


def definitions(result: Result, width: int) -> list[str]:
    """A line for each, or a few where it is long; on a terminal, many of them are folded to a count."""
    shown = list(result.definitions)
    more = len(shown) - MOST if width < ENDLESS else 0
    if more > 1:
        shown[MOST // 2 : -MOST // 2] = [f"(and {more:,} more lines, which --json has)"]
    lines = []
    for one in shown:
        name, sign, formula = one.partition(" = ")
        lines += beside(name + sign, formula, width) if sign else [one]
    return lines
