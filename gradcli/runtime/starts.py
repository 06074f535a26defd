"""Threads that deadlines start, one at a time."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable


class Starts:
    """Keeps deadlines from acting while a thread is being started for another one.

    Until a new thread runs, CPython up to 3.11 has it under the number of the one that starts it, and would raise the
    exception in there: that thread would end, and the one that waits for its start would wait forever.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._again)

    def _again(self) -> None:
        self.lock = threading.Lock()  # who held it is not there any more

    def start(self, work: Callable[[], object]) -> None:
        """Start a thread."""
        with self.lock:
            threading.Thread(target=work, daemon=True).start()


STARTS = Starts()
