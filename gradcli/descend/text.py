"""The answer for a reader: the table of steps, why it ended, and the last gradient as `diff` shows it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from gradcli.descend.data import NOT_FINITE, RISING, Descent, DescentStep
from gradcli.diff.data import Entries
from gradcli.diff.text import render as render_diff
from gradcli.safe import Target, safe
from gradcli.terminal.arrays import count, flat, indices, shape_of
from gradcli.terminal.console import Screen
from gradcli.terminal.numbers import SIGNIFICANT, figure
from gradcli.terminal.numbers import brief as brief_to
from gradcli.terminal.tables import table, width
from gradcli.terminal.wrap import prose

ROWS = 21  # of a table of which no --every was said
MOST_COLUMNS = 6  # numbers of the variables that have one each
GRADIENT = "|gradient|"


def render(found: Descent, screen: Screen, quiet: bool = False, thin: bool = True) -> str:
    """The whole answer; `thin` leaves steps out of a long table."""
    blocks = [f"{heading(found)}\n"] if not quiet else []
    path = thinned(found.path) if thin else found.path
    shown = replace(found, path=tuple(path))
    headers, cells = columns_of(shown, screen)
    headers = ["step", found.name, *headers]
    rows = [[str(one.step), brief_to(one.loss, screen.digits(SIGNIFICANT)), *more] for one, more in zip(path, cells)]
    styles = {(len(rows) - 1, 1): "red"} if found.stopped in (RISING, NOT_FINITE) else {}
    blocks.append(table(headers, rows, screen, styles))
    if not quiet:
        blocks.append("".join(f"{line}\n" for one in found.said for line in prose(f"{one}.", screen.columns, 2)))
    if found.last is not None:
        at = f"the gradient at step {found.path[-1].step}:\n" if not quiet else ""
        blocks.append(f"{at}{render_diff(found.last, screen, quiet)}")
    return "\n".join(block for block in blocks if block)


def heading(found: Descent) -> str:
    """What descends, and how."""
    how = found.method + (f" {figure(found.momentum)}" if found.momentum is not None else "")
    said = f"{found.name} by {', '.join(found.wrt)}: {how}, rate {figure(found.rate)}"
    if found.accumulate:
        said += ", without zero_grad"
    if found.data is not None:
        source = "standard input" if found.data == "-" else safe(found.data, Target.LINE)
        said += f", {', '.join(found.columns)} from {source} ({count(found.rows, 'row')})"
    if found.batch_size is not None:
        said += f", batches of {found.batch_size:,} rows, seed {found.seed}"
    return said


def thinned(path: Sequence[DescentStep]) -> list[DescentStep]:
    """The first steps of a round number each, and the last."""
    if len(path) <= ROWS:
        return list(path)
    every = next(k * 10**e for e in range(8) for k in (1, 2, 5) if len(path) / (k * 10**e) <= ROWS - 1)
    return [*(one for index, one in enumerate(path[:-1]) if index % every == 0), path[-1]]


def columns_of(found: Descent, screen: Screen) -> tuple[list[str], list[list[str]]]:
    """The columns beside the loss, heads and rows: each number of the variables where they are few, else lengths."""
    first, room = found.path[0], screen.columns

    def brief(number: float | None) -> str:
        return brief_to(number, screen.digits(SIGNIFICANT))

    norms = ([] if first.batch_loss is None else ["of the batch"]) + [GRADIENT]
    norms += [] if first.accumulated_norm is None else ["|.grad|"]
    before = [
        [brief(x) for x in (one.batch_loss, one.gradient_norm, one.accumulated_norm) if x is not None]
        for one in found.path
    ]
    names = [name + index_text(i) for name, value in first.variables.items() for i in indices(shape_of(value))]
    if len(names) <= MOST_COLUMNS:
        rows = [[*cells, *map(brief, numbers(one))] for cells, one in zip(before, found.path)]
        if width(["step", found.name, *norms, *names], [["000", "0.0000000", *row] for row in rows]) <= room:
            return [*norms, *names], rows
    rows = [[*cells, *(brief(_length(value)) for value in one.variables.values())]
            for cells, one in zip(before, found.path)]  # fmt: skip
    return [*norms, *(f"|{name}|" if shape_of(value) else name for name, value in first.variables.items())], rows


def numbers(one: DescentStep) -> list[float]:
    """All numbers of the variables, in order."""
    return [x for value in one.variables.values() for x in flat(value, shape_of(value))]


def index_text(index: Sequence[int]) -> str:
    """An index behind a name; nothing for a number's."""
    return f"[{','.join(map(str, index))}]" if index else ""


def _length(value: Entries) -> float:
    return math.hypot(*flat(value, shape_of(value))) if shape_of(value) else float(flat(value, ())[0])
