"""The answer as a piece of a page: the value, a table of the numbers, the tensors, and what there is to say."""

from __future__ import annotations

from collections.abc import Iterator

from gradcli.diff import tensor_text
from gradcli.diff.data import Partial, Result
from gradcli.diff.names import PartialNames
from gradcli.diff.sentences import sentences
from gradcli.diff.verdicts import STYLES, label
from gradcli.terminal.console import PAGE, Screen
from gradcli.terminal.page import color, mathematics, preformatted, text
from gradcli.terminal.readable import both

CELL = 'style="text-align: left; padding: 0.2em 0.9em 0.2em 0; white-space: nowrap"'  # no number is folded


def html(result: Result, screen: Screen = PAGE) -> str:
    """One element that stands anywhere on a page, with nothing from elsewhere."""
    return f'<div class="gradcli">{"".join(_pieces(result, screen))}</div>'


def _pieces(result: Result, screen: Screen) -> Iterator[str]:
    names = PartialNames(result)
    if result.value is not None:
        yield preformatted(tensor_text.value(result, screen))
    numbers = [one for one in result.partials if not one.is_tensor]
    if result.definitions:
        yield preformatted(result.definitions)
    if numbers:
        yield _table(numbers, result, names, screen)
    for one in result.partials:
        if one.is_tensor:
            yield preformatted(line for line, _ in tensor_text.block(one, result, names, screen))
    for sentence in [*sentences(result, tensors=False, precision=screen.precision), *result.notes]:
        yield f"<p>{text(sentence)}</p>"


def _table(partials: list[Partial], result: Result, names: PartialNames, screen: Screen) -> str:
    is_judged = any(one.verdict for one in partials)
    headers = ["", "derivative"]
    if result.value is not None:
        headers = ["", "autograd", "derivative", "its value", *(["digits", "verdict"] if is_judged else [])]
    rows = ["".join(f"<th {CELL}>{header}</th>" for header in headers)]
    for one in partials:
        cells = [text(names.of(one)), _formula(one)]
        if result.value is not None:
            number, value = both(one, screen.precision)
            digits = "" if one.digits is None else f"{one.digits:.1f}"
            cells = [cells[0], text(number), cells[1], text(value), *([digits, _verdict(one)] if is_judged else [])]
        rows.append("".join(f"<td {CELL}>{cell}</td>" for cell in cells))
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _formula(partial: Partial) -> str:
    found = mathematics(partial.latex) if partial.latex else None
    return found or f"<code>{text(partial.symbolic or '(no formula)')}</code>"


def _verdict(partial: Partial) -> str:
    if partial.verdict is None:
        return ""
    return f'<strong style="{color(STYLES[partial.verdict])}">{text(label(partial))}</strong>'
