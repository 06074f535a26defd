"""Output for programs: JSON, a line of JSON for each step, CSV, and plain lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from gradcli.descend.data import Descent
from gradcli.descend.text import index_text, numbers
from gradcli.terminal.arrays import indices, shape_of
from gradcli.terminal.numbers import full


def as_json(found: Descent) -> Iterator[str]:
    """The whole answer in one line."""
    yield from found.json_pieces()
    yield "\n"


def as_jsonl(found: Descent) -> Iterator[str]:
    """A line for each step, and at the end one for the answer, without the steps."""
    for one in found.path:
        yield from one.json_pieces()
        yield "\n"
    yield from found.json_pieces(with_path=False)
    yield "\n"


def as_csv(found: Descent) -> str:
    """A row for each step, a column for each number."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    write(heads(found))
    for row in rows(found):
        write(row)
    return out.getvalue()


def plain(found: Descent) -> str:
    """The numbers alone, a line for each step."""
    return "".join(f"{' '.join(row)}\n" for row in rows(found))


def heads(found: Descent) -> list[str]:
    """What each number of a row is."""
    first = found.path[0]
    beside = ([] if first.batch_loss is None else ["batch_loss"]) + ["gradient_norm"]
    beside += [] if first.accumulated_norm is None else ["accumulated_norm"]
    names = [name + index_text(i) for name, value in first.variables.items() for i in indices(shape_of(value))]
    return ["step", "loss", *beside, *names]


def rows(found: Descent) -> Iterator[list[str]]:
    """All numbers of each step."""
    for one in found.path:
        beside = [x for x in (one.batch_loss, one.gradient_norm, one.accumulated_norm) if x is not None]
        yield [str(one.step), *map(full, [one.loss, *beside, *numbers(one)])]
