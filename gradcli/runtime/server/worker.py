"""A warm worker: waits for one call, makes it as a plain run would, and ends."""

from __future__ import annotations

import _socket
import contextlib
import io
import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

from gradcli.problem import forks
from gradcli.runtime.interrupts import INTERRUPTED, end_on_interrupt, is_struck
from gradcli.runtime.processes import close_all_but
from gradcli.runtime.server import wire

Serve = Callable[[list[str]], int]
IDLE_SECONDS = 0.005  # without a call, after which a worker makes itself ready for the next one
REQUEST_SECONDS = 5.0  # of silence in a request: clients send theirs at once, and a crowd is slow


def live(channel: Any, state: bytes, serve: Serve) -> None:
    """The worker's whole life, from the moment after the fork: a connection comes through the channel, or its end.

    Whatever is raised ends it: the client sees that nobody answers, and makes the call itself.
    """
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    close_all_but(channel.fileno())
    forks.warm = True
    if not select.select([channel], [], [], IDLE_SECONDS)[0]:
        _touch_pages(serve)
    _, descriptors = wire.with_descriptors(channel, 1, 1)
    if descriptors:  # else the server has gone
        _answer(_socket.socket(fileno=descriptors[0]), state, serve)


def _touch_pages(serve: Serve) -> None:
    """Make a small call: the pages that calls write into are this process's own then, before anybody waits for it."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        _exit_code(serve, ["diff", "2*x**3 + x", "--at", "x=1"])


def _answer(connection: Any, state: bytes, serve: Serve) -> None:
    """Make the call of a connection."""
    connection.settimeout(REQUEST_SECONDS)
    data, descriptors = wire.receive(connection)
    connection.settimeout(None)
    request = wire.unpack(data)
    if len(descriptors) != wire.DESCRIPTORS or request.state != state:
        connection.sendall(wire.PLAIN)
        return
    _become(request, descriptors)
    end_on_interrupt()
    connection.sendall(wire.ALIVE + os.getpid().to_bytes(8, "big"))
    threading.Thread(target=_watch, args=(connection,), daemon=True).start()
    _open_streams(lambda: connection.sendall(wire.BUSY))
    code = _exit_code(serve, request.args)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    with contextlib.suppress(OSError):
        connection.sendall(wire.DONE + bytes([code & 0xFF]))


def _exit_code(serve: Serve, args: list[str]) -> int:
    try:
        code = serve(args)
        return INTERRUPTED if is_struck() else code
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)


def _become(request: wire.CallRequest, descriptors: list[int]) -> None:
    """Take over the client's environment, directory and descriptors."""
    stdin, stdout, stderr, here = descriptors
    for index, descriptor in enumerate((stdin, stdout, stderr)):
        os.dup2(descriptor, index)
        os.close(descriptor)
    os.fchdir(here)
    os.close(here)
    os.umask(request.umask)
    os.environb.clear()
    os.environb.update(request.environment)
    sys.argv = ["gradcli", *request.args]


def _watch(connection: Any) -> None:
    """End with the client: nobody is left who would want the answer."""
    with contextlib.suppress(OSError):
        while connection.recv(1):
            pass
    os._exit(1)


class _Marked(io.FileIO):
    """A descriptor whose first use is told to the client: after it, the call cannot be made again."""

    told = False

    def __init__(self, descriptor: int, mode: str, tell: Callable[[], Any]) -> None:
        super().__init__(descriptor, mode, closefd=False)
        self.tell_use = tell

    def _mark(self) -> None:
        if not _Marked.told:
            _Marked.told = True
            try:
                self.tell_use()
            except OSError:  # the client has gone, and may make the call itself
                os._exit(1)

    def write(self, data: Any) -> int:
        """Write, as any descriptor does."""
        self._mark()
        return super().write(data)

    def readinto(self, buffer: Any) -> int:
        """Read, as any descriptor does."""
        self._mark()
        return super().readinto(buffer)

    def readall(self) -> bytes:
        """Read everything, as any descriptor does."""
        self._mark()
        return super().readall()


def _open_streams(tell: Callable[[], Any]) -> None:
    """The standard streams anew, as the interpreter opens them: encoded as before, since the variables are alike."""
    sys.stdin = sys.__stdin__ = io.TextIOWrapper(  # type: ignore[misc]
        io.BufferedReader(_Marked(0, "r", tell)), encoding=_ENCODINGS[0][0], errors=_ENCODINGS[0][1]
    )
    for place, name in ((1, "stdout"), (2, "stderr")):
        encoding, errors = _ENCODINGS[place]
        stream = io.TextIOWrapper(
            io.BufferedWriter(_Marked(place, "w", tell)),
            encoding=encoding,
            errors=errors,
            line_buffering=place == 2 or os.isatty(place),
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


# How the interpreter encoded the standard streams when it started.
_ENCODINGS = [
    (getattr(stream, "encoding", None) or "utf-8", getattr(stream, "errors", None) or "strict")
    for stream in (sys.__stdin__, sys.__stdout__, sys.__stderr__)
]
