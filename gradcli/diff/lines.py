"""Output for programs: a line for each number, CSV, JSON; LaTeX has a room of its own."""

from __future__ import annotations

import csv
import functools
import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from gradcli.diff.data import Entry, Partial, Result, Verdict
from gradcli.diff.latex import latex, latex_name
from gradcli.diff.names import PartialNames
from gradcli.language.notation import Index
from gradcli.terminal.arrays import flat, indices, is_tensor, summary
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

    A program without variables has its value. A summary has one line for each tensor.
    """
    names = PartialNames(result, unicode=False)
    if not result.partials and result.value is not None:
        lines = _numbers(result.value, result.shape, summary, names.output if result.shape else _nameless)
    elif result.at is None:
        formulas = (f"{names.plain(partial)} {partial.symbolic or ''}" for partial in result.partials)
        lines = itertools.chain(result.definitions, formulas)
    else:
        lines = (
            line
            for partial in result.partials
            for line in _numbers(_told(partial), partial.shape, summary, functools.partial(names.plain, partial))
        )
    return (f"{line.strip()}\n" for line in lines)


def _numbers(value: Any, shape: tuple[int, ...], summarized: bool, name: Name) -> Iterator[str]:
    """A line for each entry, or one for all."""
    if summarized and shape:
        yield f"{name(())} {_summary(value, shape)}"
        return
    for index, entry in zip(indices(shape), flat(value, shape) if shape else [value]):
        yield f"{name(index)} {full(entry)}"


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

    Whether the value itself is right is in every row.
    """
    written: list[str] = []
    writer = csv.DictWriter(_Into(written.append), CSV_FIELDS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in _csv_rows(result, summary):
        writer.writerow(row)
        yield from written
        written.clear()
    yield from written


class _Into(NamedTuple):
    """A file that hands on what is written to it."""

    write: Callable[[str], object]


def _csv_rows(result: Result, summary: bool) -> Iterator[dict[str, Any]]:
    for partial in result.partials:
        row: dict[str, Any] = {field: getattr(partial, field) for field in CSV_FIELDS if hasattr(partial, field)}
        row |= {"value_digits": result.value_digits, "value_verdict": _word(result.value_verdict)}
        row |= {"symbolic_holds": None if partial.symbolic_holds is None else str(partial.symbolic_holds).lower()}
        row |= {"of": _joined(partial.of), "wrt": ",".join(partial.wrt), "verdict": _word(partial.verdict)}
        if not partial.is_tensor:
            yield row
        elif summary or not is_tensor(partial.autograd):
            yield row | {"autograd": None, "symbolic_value": None, "reference": None}
        else:
            yield from _rows(partial, row)


def _rows(partial: Partial, row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A row for each entry of a tensor; what is known of all of them at once is in the worst one's."""
    found = {entry.index: entry for entry in partial.entries}
    shape = partial.shape
    columns = (flat(values, shape) for values in (partial.autograd, partial.symbolic_value, partial.reference))
    whole = {name: row[name] for name in ("digits", "symbolic_holds", "cause")}
    row = row | dict.fromkeys((*whole, "kind", "left", "right", "limit"))
    for index, autograd, symbolic, reference in zip(indices(shape), *columns):
        one = {"index": _joined(index), "autograd": autograd, "symbolic_value": symbolic, "reference": reference}
        one["verdict"] = _word(partial.verdict_of(found.get(index), reference is not None))
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
