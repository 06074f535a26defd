"""Deadlines: a bound on how long something may take, kept even inside a library's own loops."""

from __future__ import annotations

import contextlib
import ctypes
import threading
import time
from collections.abc import Callable
from typing import TypeVar

POLL = 0.05  # seconds between two attempts to stop what does not stop
FLUSH = 100  # instructions in which an exception that is on its way arrives

T = TypeVar("T")


class OutOfTime(BaseException):
    """The deadline has passed. No Exception, so that no library's `except Exception` swallows it."""


class Deadline:
    """A moment after which work stops: `check` where our own loops can ask, `run` around foreign code."""

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

    def run(self, work: Callable[[], T]) -> T:
        """What the work comes to; OutOfTime is raised in it when the moment comes, whatever runs at that time."""
        self.check()
        watcher = _Watcher(self)
        try:
            watcher.start()
            return work()
        finally:
            watcher.done = True  # the very first thing: nothing can interrupt before it, and no more comes after it
            while not watcher.stopped:  # the exception may come here too
                with contextlib.suppress(OutOfTime):
                    watcher.stop()


class _Watcher:
    """Raises OutOfTime in the thread that made it, from a thread that watches the clock.

    Unlike a signal this works in any thread, and touches nothing that the host program may have set. It
    takes effect between two Python instructions: a single long operation in C is not cut short.
    """

    def __init__(self, deadline: Deadline) -> None:
        self.deadline = deadline
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.done = False
        self.stopped = False
        self.target = threading.get_ident()

    def start(self) -> None:
        """Watch from now on."""
        threading.Thread(target=self._watch, daemon=True).start()

    def stop(self) -> None:
        """Let nothing come any more; what is on its way arrives here."""
        self.over.set()
        with self.lock:  # the watcher is not about to raise
            pass
        for _ in range(FLUSH):
            pass
        self.stopped = True

    def _watch(self) -> None:
        wait = max(self.deadline.left, 0)
        while not self.over.wait(wait):
            with self.lock:
                if self.done or self.over.is_set():
                    return
                # Never with NULL, to take one back: CPython 3.11 then looks for it at every instruction, forever.
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.target), ctypes.py_object(OutOfTime))
            wait = POLL  # again: it may have come where nothing can be raised
