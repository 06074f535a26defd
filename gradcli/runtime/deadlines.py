"""Deadlines: a bound on how long something may take, kept even inside a library's own loops."""

from __future__ import annotations

import contextlib
import ctypes
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from gradcli.runtime.starts import STARTS

POLL = 0.05  # seconds between two attempts to stop what does not stop
LOOK = 1.0  # seconds between two looks at whether there is a deadline
WALL = 4  # seconds on the wall for each of processor time, at the most
FLUSH = 100  # instructions in which an exception that is on its way arrives
USUAL_BITS = 53  # of mpmath's own context, where nobody has set it

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
        """What the work comes to; OutOfTime is raised in it when the moment comes, whatever runs at that time.

        Nothing that was computed after that is believed: mpmath takes an exception, in one place, for a NaN.
        """
        self.check()
        watcher = _Watcher(self)
        guard, _here.guard = _here.guard, None  # a deadline inside this one has a thread of its own
        try:
            watcher.start(guard)
            result = work()
        except Exception as error:
            if watcher.raised:
                raise OutOfTime from error
            raise
        finally:
            watcher.done = True  # the very first thing: nothing can interrupt before it, and no more comes after it
            while not watcher.stopped:  # the exception may come here too
                with contextlib.suppress(OutOfTime):
                    watcher.stop()
            _here.guard = guard
        if watcher.raised:
            raise OutOfTime
        return result


class WorkDeadline(Deadline):
    """A deadline by the processor time of the thread that makes it: a machine that is busy, or a process that is
    stopped for a while, changes nothing. By the clock on the wall it comes at some times the seconds, too.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(WALL * seconds)
        self.thread = threading.get_ident()
        self.work_end = time.thread_time() + seconds

    @property
    def left(self) -> float:
        """The seconds that are left, of either."""
        return min(self.end - time.monotonic(), self.work_end - _work_of(self.thread))

    def check(self) -> None:
        """Raise OutOfTime if all the time is spent."""
        if self.left < 0:
            raise OutOfTime

    def within(self, seconds: float) -> Deadline:
        """The earlier one of this deadline and another."""
        return WorkDeadline(min(seconds, self.left))


def _work_of(thread: int) -> float:
    """The processor time of a thread; where that is not told of others, that of the process."""
    if hasattr(time, "pthread_getcpuclockid"):
        return time.clock_gettime(time.pthread_getcpuclockid(thread))
    return time.process_time()


@contextlib.contextmanager
def watched() -> Iterator[None]:
    """One thread for all deadlines in here that are not inside one another: to start one takes its time."""
    before = _here.guard
    if before is not None:
        yield
        return
    guard = _Guard()
    _here.guard = guard
    try:
        yield
    finally:
        _here.guard = before
        guard.end()


class _Watcher:
    """Raises OutOfTime in the thread that made it, from a thread that watches the clock.

    Unlike a signal this works in any thread, and touches nothing that the host program may have set. It
    takes effect between two Python instructions: a single long operation in C is not cut short.
    """

    def __init__(self, deadline: Deadline) -> None:
        self.deadline = deadline
        self.moment = time.monotonic() + deadline.left  # when to act
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.done = False
        self.raised = False
        self.stopped = False
        self.target = threading.get_ident()
        self.bits = _bits()

    def start(self, guard: _Guard | None) -> None:
        """Watch from now on."""
        _silence.begin(self)
        if guard is not None:
            guard.take(self)
        else:
            STARTS.start(self._watch)

    def stop(self) -> None:
        """Let nothing come any more; what is on its way arrives here."""
        self.over.set()
        with self.lock:  # the watcher is not about to raise
            pass
        for _ in range(FLUSH):
            pass
        if self.raised:
            _restore(self.bits)
        _silence.end(self)
        self.stopped = True

    def _watch(self) -> None:
        while not self.over.wait(max(self.moment - time.monotonic(), 0)):
            self.act()

    def act(self) -> None:
        """Raise OutOfTime, unless the work is done; and soon again: it may have come where nothing can be raised."""
        with STARTS.lock, self.lock:
            self.moment = time.monotonic() + POLL
            if self.done or self.over.is_set():
                return
            if not self.raised and self.deadline.left > 0:  # the thread had not all of that time for itself
                self.moment += self.deadline.left
                return
            self.raised = True
            # Never with NULL, to take one back: CPython 3.11 then looks for it at every instruction, forever.
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.target), ctypes.py_object(OutOfTime))


class _Guard:
    """A thread that serves one watcher after the other, and is not woken for one that ends in time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.watcher: _Watcher | None = None
        self.called = threading.Event()
        self.wakes = 0.0
        self.ended = False
        STARTS.start(self._live)

    def take(self, watcher: _Watcher) -> None:
        """Serve this one from now on."""
        with self.lock:
            self.watcher = watcher
            if watcher.moment < self.wakes:
                self.called.set()

    def end(self) -> None:
        """Serve no more."""
        self.ended = True
        self.called.set()

    def _live(self) -> None:
        while True:
            with self.lock:
                self.called.clear()
                watcher = self.watcher
                if watcher is not None and watcher.over.is_set():
                    watcher = self.watcher = None
                self.wakes = time.monotonic() + LOOK if watcher is None else watcher.moment
            if self.ended:
                return
            if not self.called.wait(max(self.wakes - time.monotonic(), 0)) and watcher is not None:
                watcher.act()


class _Here(threading.local):
    """What belongs to one thread."""

    guard: _Guard | None = None


_here = _Here()


class _Silence:
    """Keeps Python from printing an OutOfTime that came where none can be raised, in a `__del__`: it comes again.

    While deadlines run, and for nothing else: what was there before is told of everything else, and is back afterwards.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.running: set[_Watcher] = set()
        self.before: Callable[[Any], object] = sys.__unraisablehook__

    def begin(self, watcher: _Watcher) -> None:
        """One more is running."""
        with self.lock:
            self.running.add(watcher)
            if sys.unraisablehook != self.tell:
                self.before, sys.unraisablehook = sys.unraisablehook, self.tell

    def end(self, watcher: _Watcher) -> None:
        """It is not running any more; said twice it is as if said once."""
        with self.lock:
            self.running.discard(watcher)
            if not self.running and sys.unraisablehook == self.tell:
                sys.unraisablehook = self.before

    def tell(self, unraisable: Any) -> None:
        """What Python calls."""
        if unraisable.exc_type is not OutOfTime:
            self.before(unraisable)


_silence = _Silence()


def _bits() -> int:
    """The precision of mpmath's global context, which SymPy works in."""
    context = getattr(sys.modules.get("mpmath"), "mp", None)
    return USUAL_BITS if context is None else int(context.prec)


def _restore(bits: int) -> None:
    """Set that precision: an exception may come before SymPy has set back what it changes for a while."""
    if _bits() != bits:
        sys.modules["mpmath"].mp.prec = bits


class Budget:
    """A number of seconds that is spent on several pieces of work, whatever happens between them."""

    def __init__(self, seconds: float) -> None:
        self.seconds = self.left = seconds

    def run(self, work: Callable[[], T], most: float | None = None) -> T:
        """What the work comes to; OutOfTime is raised where it takes longer than what is left, or than `most`."""
        if self.left <= 0:
            raise OutOfTime
        begun = time.monotonic()
        try:
            return Deadline(self.left if most is None else min(self.left, most)).run(work)
        finally:
            self.left -= time.monotonic() - begun
