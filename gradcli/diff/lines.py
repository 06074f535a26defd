"""Output for programs: a line for each number, CSV, JSON; LaTeX has a room of its own."""

from __future__ import annotations

import csv
import functools
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from gradcli.diff.data import Entry, Partial, Result, Verdict
from gradcli.diff.latex import latex, latex_name
from gradcli.diff.names import PartialNames
from gradcli.diff.quotient_data import SIDES, paired
from gradcli.language.notation import Index
from gradcli.terminal.arrays import is_tensor, placed, summary
from gradcli.terminal.numbers import full

__all__ = ["CSV_FIELDS", "as_csv", "as_json", "latex", "latex_name", "plain"]

CSV_FIELDS = (
    "of", "wrt", "index", "autograd", "symbolic", "symbolic_here", "symbolic_value", "reference",
    "digits", "verdict", "kind", "left", "right", "limit", "note", "value_digits", "value_verdict", "symbolic_holds",
    "cause", "symbolic_expanded",
)  # fmt: skip
Name = Callable[[Index], str]
_summary = summary  # the views below have an option of this name


def plain(result: Result, summary: bool = False) -> Iterator[str]:
    """A line for each number: the names it is by, and autograd's number; the formula where there is no point.

    With sensitivities the elasticity stands behind it, and then the scaled derivative. A program without variables has
    its value. A summary has one line for each tensor.
    """
    names = PartialNames(result, unicode=False)
    if result.quotients:
        return _quotients_plain(result, names)
    if not result.partials and result.value is not None:
        lines = _numbers(result.value, result.shape, summary, names.output if result.shape else _nameless)
    elif result.at is None:
        formulas = (f"{names.plain(partial)} {partial.symbolic or ''}" for partial in result.partials)
        lines = itertools.chain(result.definitions, formulas)
    else:
        lines = itertools.chain.from_iterable(_lines(partial, result, names, summary) for partial in result.partials)
    return (f"{line.strip()}\n" for line in lines)


def _lines(partial: Partial, result: Result, names: PartialNames, summary: bool) -> Iterator[str]:
    name, beside = functools.partial(names.plain, partial), _beside(partial, result)
    return _numbers(_told(partial), partial.shape, summary, name, beside)


def _numbers(
    value: Any, shape: tuple[int, ...], summarized: bool, name: Name, beside: Sequence[Any] = ()
) -> Iterator[str]:
    """A line for each entry, with what stands beside it, or one for all."""
    if summarized and shape:
        yield f"{name(())} {_summary(value, shape)}"
        return
    for index, *entries in placed((value, *beside), shape):
        yield " ".join((name(index), *map(full, entries)))


def _beside(partial: Partial, result: Result) -> list[Any]:
    """The sensitivities that were asked for."""
    relative = [partial.elasticity] if _is_relative(partial) else []
    return relative + ([partial.scaled] if result.scale else [])


def _told(partial: Partial) -> Any:
    """Autograd's number; where it was left out, the one that is enclosed."""
    if partial.autograd is None and isinstance(partial.reference, str):
        return float(partial.reference)
    return partial.autograd


def _nameless(index: Index) -> str:
    return ""


def as_json(result: Result, summary: bool = False) -> Iterator[str]:
    """One line of strict JSON, some of it at a time; a summary leaves out the entries of tensors."""
    yield from result.json_pieces(summary)
    yield "\n"


def as_csv(result: Result, summary: bool = False) -> Iterator[str]:
    """A header, and a row for each number; in a summary for each partial, of a tensor without its entries.

    Whether the value itself is right is in every row. Where difference quotients were asked for, they are the rows.
    """
    if result.quotients:
        yield from _quotients_csv(result)
        return
    written: list[str] = []
    relative = ("elasticity", "condition") if any(map(_is_relative, result.partials)) else ()
    fields = (*CSV_FIELDS, *relative, *(("scaled",) if result.scale else ()))
    writer = csv.DictWriter(_Into(written.append), fields, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in _csv_rows(result, summary):
        writer.writerow(row)
        yield from written
        written.clear()
    yield from written


def _quotients_plain(result: Result, names: PartialNames) -> Iterator[str]:
    """A line for each step: the names, the step, and its quotients."""
    for table, partial in paired(result):
        for row in table.rows:
            yield " ".join([names.plain(partial), *(full(getattr(row, name)) for name in ("h", *SIDES))]) + "\n"


def _quotients_csv(result: Result) -> Iterator[str]:
    """A row for each step."""
    fields = [name for side in SIDES for name in (side, f"{side}_digits")]
    written: list[str] = []
    write = csv.writer(_Into(written.append), lineterminator="\n").writerow
    write(["of", "wrt", "h", *fields, "stuck", "derivative", "left", "right"])
    for table, _ in paired(result):
        for row in table.rows:
            numbers = [getattr(row, name) for name in fields]
            stuck = str(row.stuck).lower()
            write([_joined(table.of), table.wrt, row.h, *numbers, stuck, table.derivative, table.left, table.right])
    yield from written


def _is_relative(partial: Partial) -> bool:
    return partial.elasticity is not None or partial.no_elasticity is not None


class _Into(NamedTuple):
    """A file that hands on what is written to it."""

    write: Callable[[str], object]


def _csv_rows(result: Result, summary: bool) -> Iterator[dict[str, Any]]:
    for partial in result.partials:
        row: dict[str, Any] = {field: getattr(partial, field) for field in CSV_FIELDS if hasattr(partial, field)}
        row |= {"value_digits": result.value_digits, "value_verdict": _word(result.value_verdict)}
        row |= {"symbolic_holds": None if partial.symbolic_holds is None else str(partial.symbolic_holds).lower()}
        row |= {name: getattr(partial, name) for name in ("elasticity", "condition", "scaled")}
        row |= {"of": _joined(partial.of), "wrt": ",".join(partial.wrt), "verdict": _word(partial.verdict)}
        if not partial.is_tensor:
            yield row
        elif summary or not is_tensor(partial.autograd):
            yield row | dict.fromkeys(("autograd", "symbolic_value", "reference", "elasticity", "scaled"))
        else:
            yield from _rows(partial, row)


def _rows(partial: Partial, row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A row for each entry of a tensor; what is known of all of them at once is in the worst one's."""
    found = {entry.index: entry for entry in partial.entries}
    shape = partial.shape
    tensors = ("autograd", "symbolic_value", "reference", "elasticity", "scaled")
    columns = [getattr(partial, name) for name in tensors]
    whole = {name: row[name] for name in ("digits", "symbolic_holds", "cause")}
    row = row | dict.fromkeys((*whole, "kind", "left", "right", "limit"))
    for index, *entries in placed(columns, shape):
        one = {"index": _joined(index), **dict(zip(tensors, entries))}
        one["verdict"] = _word(partial.verdict_of(found.get(index), one["reference"] is not None))
        if index == partial.worst:
            one |= whole
        if index in found:
            one |= _found(found[index])
        yield row | one


def _found(entry: Entry) -> dict[str, Any]:
    fields = ("reference", "digits", "kind", "left", "right", "limit", "note")
    return {name: getattr(entry, name) for name in fields if getattr(entry, name) is not None}


def _word(verdict: Verdict | None) -> str | None:
    return verdict.value if verdict else None


def _joined(index: tuple[int, ...] | None) -> str | None:
    return None if index is None else ",".join(map(str, index))
