"""A bar for what takes long, on a terminal's standard error."""

from __future__ import annotations

import time
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
