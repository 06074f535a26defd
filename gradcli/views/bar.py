"""A bar on standard error, while something long runs in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bar(total: int | None) -> Iterator[tuple[Callable[[int], None], Callable[[str], None]]]:
    """What is told of rows that are done, and what is told a sentence; the bar goes away at the end."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.completed:,.0f} rows"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total)
        say = progress.console.print
        yield lambda rows: progress.advance(task, rows), lambda text: say(text, markup=False, highlight=False)
