"""Forked processes, and messages to and from them: bytes with their length in front, never an unpickled object."""

from __future__ import annotations

import _socket
import contextlib
import math
import os
import signal
import struct
import threading
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, Union

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

MOST_OPEN = 1 << 16  # descriptors that are looked at, where the system allows any number
SECONDS_TO_START = 300.0  # in which a process has to say something: imports from a slow disk take a minute
SECONDS_TO_GO_ON = 30  # in which a message that has begun goes on, whatever else the machine has to do
LOOK = 0.2  # seconds between two looks at whether a process is stopped
MOST_LOOKS = 5  # that find it stopped: those that the terminal stops go on with their parent, or a moment later

F = TypeVar("F", bound="Forked")


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def fork(life: Callable[[], object], on_interrupt: signal.Handlers = signal.SIG_DFL) -> int:
    """The id of a forked process, which ends with its life: at once, without any clean-up, whatever was raised.

    `on_interrupt` is what a Ctrl-C does to it from its first moment on. While it is made, a Ctrl-C waits: what
    libraries do at a fork would swallow the exception and print it.

    Raises OSError where there can be none; KeyboardInterrupt with no process left.
    """
    struck: list[int] = []
    handler = signal.getsignal(signal.SIGINT)
    # Another thread may take the signal all the same; what Python does about it, it does in the main thread.
    waits = callable(handler) and threading.current_thread() is threading.main_thread()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    pid = -1
    try:
        if waits:
            signal.signal(signal.SIGINT, lambda number, _: struck.append(number))
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                signal.signal(signal.SIGINT, on_interrupt)
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
                life()
                code = 0
            finally:
                os._exit(code)
    finally:
        try:
            if waits:
                signal.signal(signal.SIGINT, handler)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            if struck and callable(handler):
                handler(signal.SIGINT, None)
        except KeyboardInterrupt:  # the one that has waited
            if pid > 0:
                _kill(pid)
            raise
    return pid


def _kill(pid: int) -> int:
    """End a child of this process; how it ended, as the system says it."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):  # there are none to wait for where SIGCHLD is ignored
        return os.waitpid(pid, 0)[1]
    return 0


def close_all_but(*kept: int) -> None:
    """Hold nothing open that is the parent's: else nobody would see that a connection ends, or a file's lock go."""
    start = 3
    for descriptor in sorted({*kept, min(os.sysconf("SC_OPEN_MAX"), MOST_OPEN)}):
        os.closerange(start, descriptor)
        start = descriptor + 1


def silence(*descriptors: int) -> None:
    """Let these read nothing, and write to nowhere."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in descriptors:
        os.dup2(null, descriptor)


class Channel:
    """One end of a connection between two processes; a message that does not go on in time is the end of it."""

    def __init__(self, handle: int) -> None:
        self.handle = handle

    @cached_property
    def _connection(self) -> Connection:
        from multiprocessing.connection import Connection  # takes 8 ms: whoever forks first is not held up

        return Connection(self.handle)

    def send(self, *messages: Union[bytes, memoryview]) -> None:
        """Send some messages.

        Raises OSError where nobody is left to take them.
        """
        for message in messages:
            self._connection.send_bytes(message)

    def receive(self) -> bytes | None:
        """The next message, once all of it is there; None where the other side has ended."""
        try:
            return self._connection.recv_bytes()
        except (EOFError, OSError):
            return None

    def close(self) -> None:
        """Let the other side see the end."""
        self._connection.close()


class Forked:
    """A forked process, seen from its parent: the channel to it, and when the parent loses its patience."""

    on_interrupt = signal.SIG_DFL  # what a Ctrl-C does to it

    def __init__(self, life: Callable[[Channel], object]) -> None:
        ours, theirs = _socket.socketpair()
        for direction in (_socket.SO_RCVTIMEO, _socket.SO_SNDTIMEO):  # it may be stopped in the middle of a message
            ours.setsockopt(_socket.SOL_SOCKET, direction, struct.pack("ll", SECONDS_TO_GO_ON, 0))
        self.deadline = time.monotonic() + SECONDS_TO_START
        self._looks, self._looked = 0, 0.0

        def alone() -> None:
            close_all_but(theirs.fileno())
            life(Channel(theirs.fileno()))

        try:
            self.pid = fork(alone, self.on_interrupt)
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        self.channel = Channel(ours.detach())

    @property
    def is_late(self) -> bool:
        """Whether it should have said something by now, or a signal has stopped it."""
        return time.monotonic() > self.deadline or self.is_stopped()

    def is_stopped(self) -> bool:
        """Whether several looks in a row have found it stopped; this is one of them, some time after the last one."""
        now = time.monotonic()
        if now - self._looked >= LOOK:
            is_stopped = self._told("WSTOPPED", "WNOHANG") is not None
            self._looks, self._looked = self._looks + 1 if is_stopped else 0, now
        return self._looks >= MOST_LOOKS

    def is_interrupted(self) -> bool:
        """Whether a Ctrl-C has ended it, once its channel is closed."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)  # it may be stopped; one that is ending keeps what has ended it
        how = self._told("WEXITED")
        return how is not None and how.si_code == os.CLD_KILLED and how.si_status == signal.SIGINT

    def _told(self, *events: str) -> os.waitid_result | None:
        """What the system tells of it; None where nothing of the kind has happened, or the system does not tell."""
        with contextlib.suppress(AttributeError, ChildProcessError):
            return os.waitid(os.P_PID, self.pid, sum(getattr(os, event) for event in events) | os.WNOWAIT)
        return None

    def end(self) -> int:
        """Leave nothing behind; how it ended, as the system says it."""
        self.channel.close()
        return _kill(self.pid)


def wait(processes: Sequence[F], seconds: float = math.inf, descriptor: int | None = None) -> tuple[list[F], bool]:
    """The processes that have said something or have ended, and whether the descriptor has something to read.

    It waits for that until one of them is late, and for so many seconds at the most.
    """
    from multiprocessing.connection import wait as wait_for

    now = time.monotonic()
    patience = min([seconds, *(process.deadline - now for process in processes)])
    handles = {process.channel.handle: process for process in processes}
    inputs = [] if descriptor is None else [descriptor]
    ready = wait_for([*handles, *inputs], None if patience == math.inf else max(0.0, patience))
    return [handles[one] for one in handles if one in ready], descriptor in ready
