"""A notebook's derivatives for a reader: each as `gradcli diff` shows it, beside what was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from gradcli.diff.text import render as table
from gradcli.errors import one_line
from gradcli.notebook.data import Notebook, NotebookDerivative, RecordedShow
from gradcli.safe import Target, safe
from gradcli.terminal.arrays import count
from gradcli.terminal.console import Screen
from gradcli.terminal.wrap import fold

INDENT = 2
LONGEST = 70  # characters of a line of the notebook
MOST_LINES = 3  # that are left out for one reason, and shown


def render(notebook: Notebook, screen: Screen) -> str:
    """The whole answer."""
    lines = [_head(notebook), ""]
    for one in notebook.derivatives:
        lines += _derivative(one, screen)
        lines.append("")
    lines += _left_out(notebook, screen.columns)
    return "\n".join(lines).rstrip() + "\n"


def _head(notebook: Notebook) -> str:
    found = count(len(notebook.derivatives), "derivative") if notebook.derivatives else "nothing is differentiated"
    return f"{safe(notebook.name, Target.LINE)}: {count(notebook.cells, 'cell')} with code, {found}"


def _derivative(one: NotebookDerivative, screen: Screen) -> Iterator[str]:
    yield f"cell {one.cell}   {_short(one.line)}"
    inner = replace(screen, width=max(screen.columns - INDENT, 20))
    said = [f"({one.aside})"] if one.aside else []
    if one.times > 1:
        said.append(f"this line differentiates {one.times} times: the first and the last are shown")
    said.append(f"read as {one.read}")
    said += [f"note: {note}" for note in one.result.notes]
    for sentence in said:
        yield from (" " * INDENT + line for line in fold(safe(sentence, Target.LINE), inner.columns))
    yield ""
    yield from ((" " * INDENT + line).rstrip() for line in table(one.result, inner).splitlines())
    for show in one.recorded:
        yield " " * INDENT + _recorded(show)


def _recorded(show: RecordedShow) -> str:
    if show.text is None:
        return f"shown in cell {show.cell}, which recorded nothing"
    words = {True: "the same", False: "NOT the same", None: "not compared"}
    return f"recorded in cell {show.cell}: {_short(show.text)}   {words[show.holds]}"


def _left_out(notebook: Notebook, columns: int) -> Iterator[str]:
    if not notebook.omitted:
        return
    yield "left out:"
    for (cell, reason), group in groupby(notebook.omitted, lambda one: (one.cell, one.reason)):
        lines = [_short(one.line) for one in group]
        more = f" and {len(lines) - MOST_LINES} more" if len(lines) > MOST_LINES else ""
        first, *rest = fold(
            f"cell {cell}   {', '.join(lines[:MOST_LINES])}{more}: {safe(reason, Target.LINE)}", columns - INDENT
        )
        yield " " * INDENT + first
        yield from (" " * (2 * INDENT) + line for line in rest)


def _short(text: str) -> str:
    """A line of the notebook: colours in it are not ours."""
    return safe(one_line(text, LONGEST), Target.LINE)
