"""The table: per partial what autograd says, the formula beside it, its value, the digits and the verdict."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from gradcli.diff import grids, quotient_text
from gradcli.diff import sensitivity_text as sensitive
from gradcli.diff import tensor_text as tensors
from gradcli.diff.data import Partial, Result
from gradcli.diff.definitions import definitions
from gradcli.diff.diagnose import text as diagnosis
from gradcli.diff.names import PartialNames
from gradcli.diff.sentences import sentences
from gradcli.diff.verdicts import STYLES, Line, label
from gradcli.terminal.console import Screen, printed
from gradcli.terminal.numbers import with_digits
from gradcli.terminal.readable import both
from gradcli.terminal.tables import PADDING, empty, lists
from gradcli.terminal.wrap import beside, fold


def render(result: Result, screen: Screen, quiet: bool = False) -> str:
    """The whole answer for a reader; with `quiet` without the sentences below."""
    names = PartialNames(result, screen.unicode)
    blocks = [_value(result, screen), *_numbers(result, names, screen)]
    blocks += [tensors.block(one, result, names, screen, quiet) for one in result.partials if one.is_tensor]
    if not quiet:
        blocks += [_layout(result, names, screen), _sentences(result, screen), diagnosis.block(result, screen)]
    shown: list[Table | Text] = []
    for block in blocks:
        if not block:
            continue
        shown += [Text()] if shown else []
        shown += [block] if isinstance(block, Table) else [Text(line, style) for line, style in block]
    text = printed(shown, screen)
    return text + "\n" + quotient_text.block(result, screen, quiet) if result.quotients else text


def _value(result: Result, screen: Screen) -> list[Line]:
    """The value, and where it was taken."""
    if result.value is None:
        return []
    return [(line, "bold") for line in tensors.value(result, screen)]


def _numbers(result: Result, names: PartialNames, screen: Screen) -> list[Table | list[Line]]:
    """The partials that are numbers: a row for each, or one matrix of them."""
    partials = [partial for partial in result.partials if not partial.is_tensor]
    if not partials:
        return []
    matrix = None if result.scale else grids.hessian(result, names, screen)
    if matrix is not None:
        return [matrix]
    jacobian: list[Line] = [(line, "") for line in grids.jacobian(result, names, screen)]
    return [_table(partials, result, names, screen), jacobian]


def _layout(result: Result, names: PartialNames, screen: Screen) -> list[Line]:
    """How the numbers above are to be read."""
    text = tensors.layout(result, names, bool(grids.jacobian(result, names, screen)))
    return [(line, "dim") for line in fold(text, screen.columns)] if text else []


def _table(partials: Sequence[Partial], result: Result, names: PartialNames, screen: Screen) -> Table | list[Line]:
    rows = [_cells(partial, result, names, screen.precision) for partial in partials]
    headers = _headers(result)
    if _needed(headers, rows, screen) > screen.columns or result.definitions:
        return _tall(partials, rows, headers, definitions(result, screen.columns), screen)
    return _plain_table(partials, rows, headers, screen)


def _needed(headers: Sequence[str], rows: Sequence[Sequence[str]], screen: Screen) -> int:
    """The columns that a table takes."""
    gap = PADDING + screen.is_terminal  # the box takes one more
    return sum(max(len(header), *(len(row[i]) for row in rows)) + gap for i, header in enumerate(headers))


def _plain_table(
    partials: Sequence[Partial], rows: Sequence[Sequence[str]], headers: Sequence[str], screen: Screen
) -> Table:
    table = empty(screen)
    for header in headers:
        table.add_column(header, no_wrap=True)
    for partial, row in zip(partials, rows):
        table.add_row(*_styled([Text(cell) for cell in row], partial))
    return table


def _fitting(
    partials: Sequence[Partial], rows: Sequence[Sequence[str]], headers: Sequence[str], screen: Screen
) -> Table | list[Line]:
    """A table, or its rows as lists where that is too wide: no number is folded."""
    if _needed(headers, rows, screen) - screen.is_terminal <= screen.columns:
        return _plain_table(partials, rows, headers, screen)
    last = len(headers) - 1
    styles = {(i, last): STYLES[one.verdict] for i, one in enumerate(partials) if one.verdict}
    return lists(headers, rows, screen.columns, styles)


def _headers(result: Result) -> list[str]:
    if result.value is None:
        return ["", "derivative"]
    judged = any(partial.verdict for partial in result.partials)
    own = sensitive.headers(result)
    if result.without_formulas:
        return ["", "autograd", *(["true value"] if judged else []), *own, *(["digits", "verdict"] if judged else [])]
    return ["", "autograd", "derivative", "its value", *own, *(["digits", "verdict"] if judged else [])]


def _cells(partial: Partial, result: Result, names: PartialNames, precision: int | None) -> list[str]:
    name = names.of(partial)
    formula = partial.symbolic or "(no formula)"
    if result.value is None:
        return [name, formula]
    number, value = both(partial, precision)
    cells = [name, "" if partial.autograd is None else number, formula, value]
    if result.without_formulas:
        told = with_digits(partial.reference, precision) if partial.reference else ""
        cells[2:] = [told] if partial.verdict else []
    cells += sensitive.cells(partial, result, precision)
    if partial.verdict:
        cells += ["" if partial.digits is None else f"{partial.digits:.1f}", label(partial)]
    return cells


def _styled(cells: list[Text], partial: Partial) -> list[Text]:
    if partial.verdict:
        cells[-1].stylize(STYLES[partial.verdict])
    return cells


def _tall(
    partials: Sequence[Partial],
    rows: Sequence[Sequence[str]],
    headers: Sequence[str],
    defined: Sequence[str],
    screen: Screen,
) -> Table | list[Line]:
    """Each formula on lines of its own, below the numbers and the definitions."""
    if "derivative" not in headers:
        return _fitting(partials, rows, headers, screen)
    position = headers.index("derivative")
    kept = ["by formula" if header == "its value" else header for header in headers if header != "derivative"]
    formulas: list[Line] = [(line, "") for line in defined]
    for row in rows:
        formulas += [(line, "") for line in beside(f"{row[0]} = ", row[position], screen.columns)]
    if len(kept) == 1:  # there are no numbers
        return formulas
    numbers = _fitting(partials, [[*row[:position], *row[position + 1 :]] for row in rows], kept, screen)
    if isinstance(numbers, list):
        return [*numbers, ("", ""), *formulas]
    outer = Table.grid(padding=0)
    outer.add_column(overflow="fold")
    outer.add_row(numbers)
    for line, _ in [("", ""), *formulas]:
        outer.add_row(Text(line))
    return outer


def _sentences(result: Result, screen: Screen) -> list[Line]:
    said = sentences(result, screen.unicode, tensors=False, precision=screen.precision)
    said += sensitive.sentences(result, PartialNames(result, screen.unicode))
    return [(line, "") for sentence in said for line in fold(sentence, screen.columns, PADDING)]
