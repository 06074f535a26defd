"""The table: per partial what autograd says, the formula beside it, its value, the digits and the verdict."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gradcli.result import Partial, Result, Verdict
from gradcli.views.fold import fold
from gradcli.views.names import partial_name
from gradcli.views.screen import Screen
from gradcli.views.sentences import number, sentences

ENDLESS = 1_000_000  # columns, where nothing has to be folded
PADDING = 2

# These are told apart on a dark and on a light background.
STYLES = {
    Verdict.AGREE: "green",
    Verdict.UNDEFINED: "dark_orange",
    Verdict.UNDECIDED: "dark_orange",
    Verdict.INACCURATE: "red",
    Verdict.DISAGREE: "bold red",
}


def render(result: Result, screen: Screen, quiet: bool = False) -> str:
    """The whole answer for a reader; with `quiet` without the sentences below."""
    out = io.StringIO()
    console = Console(
        file=out,
        width=screen.width or ENDLESS,
        force_terminal=screen.color,
        color_system="256" if screen.color else None,
        no_color=not screen.color,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )
    _print_value(console, result, screen)
    if result.partials:
        console.print(_table(result, screen))
    if not quiet:
        _print_sentences(console, result, screen)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _print_value(console: Console, result: Result, screen: Screen) -> None:
    """The value, and where it was taken."""
    if result.value is None:
        return
    point = ", ".join(f"{name} = {number(value)}" for name, value in (result.at or {}).items())
    text = f"{result.name} = {number(result.value)}" + (f"   at {point}" if point else "")
    if result.dtype != "float64":
        text += f"   in {result.dtype}"
    for line in fold(text, screen.width or ENDLESS):
        console.print(Text(line, style="bold"), soft_wrap=True)
    if result.partials:
        console.print()


def _table(result: Result, screen: Screen) -> Table:
    rows = [_cells(partial, result, screen) for partial in result.partials]
    headers = _headers(result)
    width = screen.width or ENDLESS
    gap = PADDING + screen.is_terminal  # the box takes one more
    needed = sum(max(len(header), *(len(row[i]) for row in rows)) + gap for i, header in enumerate(headers))
    if needed > width:
        return _tall(result, rows, headers, screen)
    table = _empty(screen)
    for header in headers:
        table.add_column(header, no_wrap=True)
    for partial, row in zip(result.partials, rows):
        table.add_row(*_styled([Text(cell) for cell in row], partial))
    return table


def _empty(screen: Screen) -> Table:
    shape = box.SIMPLE_HEAD if screen.is_terminal and screen.unicode else None
    return Table(box=shape, show_edge=False, pad_edge=False, padding=(0, PADDING, 0, 0), header_style="dim")


def _headers(result: Result) -> list[str]:
    if result.value is None:
        return ["", "derivative"]
    judged = any(partial.verdict for partial in result.partials)
    return ["", "autograd", "derivative", "its value", *(["digits", "verdict"] if judged else [])]


def _cells(partial: Partial, result: Result, screen: Screen) -> list[str]:
    name = partial_name(partial, result.name, screen.unicode)
    formula = partial.symbolic or "(no formula)"
    if result.value is None:
        return [name, formula]
    value = "" if partial.symbolic_value is None else number(partial.symbolic_value)
    cells = [name, number(partial.autograd), formula, value]
    if partial.verdict:
        cells += ["" if partial.digits is None else f"{partial.digits:.1f}", _verdict(partial)]
    return cells


def _verdict(partial: Partial) -> str:
    assert partial.verdict
    return f"{partial.verdict.value}: {partial.kind}" if partial.kind else partial.verdict.value


def _styled(cells: list[Text], partial: Partial) -> list[Text]:
    if partial.verdict:
        cells[-1].stylize(STYLES[partial.verdict])
    return cells


def _tall(result: Result, rows: Sequence[Sequence[str]], headers: Sequence[str], screen: Screen) -> Table:
    """Each formula on lines of its own, below the numbers."""
    position = headers.index("derivative")
    kept = ["by formula" if header == "its value" else header for header in headers if header != "derivative"]
    table = _empty(screen)
    for header in kept:
        table.add_column(header, overflow="fold")
    outer = Table.grid(padding=0)
    outer.add_column(overflow="fold")
    for partial, row in zip(result.partials, rows):
        cells = [Text(cell) for i, cell in enumerate(row) if i != position]
        table.add_row(*_styled(cells, partial))
    outer.add_row(table)
    outer.add_row("")
    for row in rows:
        head = f"{row[0]} = "
        lines = fold(row[position], (screen.width or ENDLESS) - len(head))
        outer.add_row(Text("\n".join([head + lines[0], *(" " * len(head) + line for line in lines[1:])])))
    return outer


def _print_sentences(console: Console, result: Result, screen: Screen) -> None:
    said = sentences(result, screen.unicode)
    if said:
        console.print()
    for sentence in said:
        for i, line in enumerate(fold(sentence, (screen.width or ENDLESS) - PADDING)):
            console.print(Text(" " * PADDING * (i > 0) + line), soft_wrap=True)
