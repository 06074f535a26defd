"""A bar for what takes long: on a terminal's standard error, or in the cell of a notebook."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Sized
from types import TracebackType
from typing import Any

from gradcli.safe import visible

EVERY = 0.1  # seconds between two looks


class Bar:
    """How far something has come; it draws only when it is told something, from no thread of its own."""

    def __init__(self, total: float | None, unit: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        columns: list[Any] = [SpinnerColumn(), TextColumn("{task.fields[count]:,} " + unit), BarColumn()]
        columns += [TextColumn("{task.fields[rate]}"), TimeElapsedColumn(), TimeRemainingColumn()]
        console = Console(stderr=True)
        self.progress = Progress(*columns, console=console, auto_refresh=False, transient=True)
        self.task = self.progress.add_task("", total=total, count=0, rate="")
        self.start: float | None = None
        self.shown = 0.0

    def __enter__(self) -> Bar:
        self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.progress.stop()

    def say(self, text: str) -> None:
        """A sentence above the bar."""
        self.progress.console.print(visible(text), markup=False, highlight=False, soft_wrap=True)

    def tell(self, count: int, here: int, position: float) -> None:
        """So many are done, so many of them here and now, and it is so far from 0 to the total."""
        now = time.monotonic()
        self.start = self.start or now
        if now - self.shown < EVERY:
            return
        self.shown = now
        rate = f"{here / max(now - self.start, EVERY):,.0f}/s"
        self.progress.update(self.task, completed=position, count=count, rate=rate)
        self.progress.refresh()


class CellBar:
    """The same in a cell of a notebook: a piece of the page that is drawn again, and stays with the last count."""

    def __init__(self, total: int | None, unit: str) -> None:
        from IPython.display import display

        self.total, self.unit = total, unit
        self.start, self.shown = time.monotonic(), 0.0
        self.handle = display(self._drawn(0), raw=True, display_id=True)

    def tell(self, count: int, is_all: bool = False) -> None:
        """So many are done."""
        if is_all or time.monotonic() - self.shown > EVERY:
            self.shown = time.monotonic()
            self.handle.update(self._drawn(count, is_all), raw=True)

    def _drawn(self, count: int, is_all: bool = False) -> dict[str, str]:
        seconds = time.monotonic() - self.start
        most = count if is_all else self.total
        of = "" if most is None or is_all else f" of {most:,}"
        unit = self.unit.removesuffix("s") if count == 1 and not of else self.unit
        said = f"{count:,}{of} {unit}, {count / max(seconds, EVERY):,.0f}/s, {seconds:.0f} s"
        where = "" if most is None else f' value="{count}" max="{max(most, 1)}"'
        return {"text/plain": said, "text/html": f"<progress{where}></progress> {said}"}


@contextlib.contextmanager
def telling(wanted: bool, items: object, unit: str) -> Iterator[Callable[[int], None]]:
    """What a call from Python tells how many of some items are done: in a notebook's cell, or at a terminal."""
    total = len(items) if isinstance(items, Sized) else None
    if not wanted:
        yield lambda count: None
    elif _in_a_cell():
        cell, last = CellBar(total, unit), 0

        def tell(count: int) -> None:
            nonlocal last
            last = count
            cell.tell(count)

        try:
            yield tell
        finally:
            cell.tell(last, is_all=True)
    elif sys.stderr is not None and sys.stderr.isatty():
        with Bar(total, unit) as drawn:
            yield lambda count: drawn.tell(count, count, count)
    else:
        yield lambda count: None


def _in_a_cell() -> bool:
    """Whether this is the kernel of a notebook."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel")
