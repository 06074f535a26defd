"""Deadlines: a bound on how long something may take, kept even inside a library's own loops."""

from __future__ import annotations

import ctypes
import threading
import time
from types import TracebackType


class OutOfTime(BaseException):
    """The deadline has passed. No Exception, so that no library's `except Exception` swallows it."""


class Deadline:
    """A moment after which work stops: `check` where our own loops can ask, `enforce` around foreign code."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return self.end - time.monotonic()

    def check(self) -> None:
        """Raise OutOfTime if the moment has passed."""
        if time.monotonic() > self.end:
            raise OutOfTime

    def within(self, seconds: float) -> Deadline:
        """The earlier one of this deadline and another."""
        return Deadline(min(seconds, self.left))

    def enforce(self) -> _Enforced:
        """A context in which OutOfTime is raised when the moment comes, whatever runs at that time."""
        return _Enforced(self)


class _Enforced:
    """Raises OutOfTime in the thread that entered, from a thread that watches the clock.

    Unlike a signal this works in any thread, and touches nothing that the host program may have set. It
    takes effect between two Python instructions: a single long operation in C is not cut short.
    """

    POLL = 0.05

    def __init__(self, deadline: Deadline) -> None:
        self.deadline = deadline
        self.lock = threading.Lock()
        self.over = threading.Event()

    def __enter__(self) -> None:
        self.thread = threading.get_ident()
        self.watcher = threading.Thread(target=self._watch, daemon=True)
        self.watcher.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        while True:
            try:
                with self.lock:
                    self.over.set()
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.thread), None)
                return
            except OutOfTime:  # it was on its way
                continue

    def _watch(self) -> None:
        wait = max(self.deadline.left, 0)
        while not self.over.wait(wait):
            with self.lock:
                if self.over.is_set():
                    return
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(self.thread), ctypes.py_object(OutOfTime)
                )
            wait = self.POLL  # again: it may have come where nothing can be raised
