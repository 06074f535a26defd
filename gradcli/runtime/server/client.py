"""The first thing a call does: hand itself over to a warm worker, if there is one."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import _socket
import os
import sys

from gradcli.runtime.interrupts import INTERRUPTED
from gradcli.runtime.server import place, wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

VARIABLE = "GRADCLI_SERVER"  # auto: start a server where there is none; off: never use one
COMPLETION = "_GRADCLI_COMPLETE"  # the shell asks what TAB may offer
# Calls that fork by themselves, or set something up.
OUTSIDE = ("batch", "map", "notebook", "shell", "server", "--install-completion", "--show-completion")

PATIENCE = 1  # seconds that a worker has to end after Ctrl-C, and that a server may be silent
MOST_SILENT = 15  # times as long a server may be silent that is not stopped: many calls at once are slow


def ask(args: list[str]) -> int | None:
    """The exit code of the call, made by a worker; None where it is to be a plain run."""
    if os.environ.get(VARIABLE) == "off" or not hasattr(_socket, "AF_UNIX") or not hasattr(os, "fork"):
        return None
    if (not args or args[0] in OUTSIDE) and COMPLETION not in os.environ:
        return None
    if not all(map(_is_open, (0, 1, 2))):  # the worker would get something else in their place
        return None
    connection = _connected()
    if connection is None:
        return None
    try:
        return _Call(connection).make(args)
    except (OSError, EOFError):
        return None
    finally:
        connection.close()


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _connected() -> Any:
    """A connection to this user's own server; None where there is none."""
    try:
        path = place.socket_path()
        if os.lstat(path).st_uid != os.getuid():
            return None
    except (OSError, place.NoPlaceError):
        return None
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    connection.settimeout(PATIENCE)
    try:
        connection.connect(path)
        if wire.same_user(connection):
            connection.sendall(wire.HELLO)
            return connection
    except OSError:
        pass
    connection.close()
    return None


class _Call:
    """One call on its way: signals that the terminal sends to this process are passed on."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.worker: int | None = None
        self.alive = self.busy = self.interrupted = False
        self.silent = 0
        self.request = b""
        self.descriptors: list[int] = []

    def make(self, args: list[str]) -> int | None:
        """The exit code; None where the call is to be made plainly, since no worker has begun to answer it.

        Raises OSError and EOFError for the same reason.
        """
        place_here = os.open(".", os.O_RDONLY)
        umask = os.umask(0o077)
        os.umask(umask)
        self.request = wire.pack(wire.CallRequest(place.start_state(), umask, args, dict(os.environb)))
        self.descriptors = [0, 1, 2, place_here]
        before = {number: _signal.signal(number, self._pass_on) for number in (_signal.SIGINT, _signal.SIGTSTP)}
        try:
            return self._wait()
        finally:
            os.close(place_here)
            _signal.alarm(0)
            for number, handler in before.items():
                _signal.signal(number, handler)

    def _wait(self) -> int | None:
        """Follow the marks until the call is done."""
        try:
            while True:
                try:
                    mark = wire.exactly(self.connection, 1)
                except TimeoutError:
                    self.silent += 1
                    if self._is_stuck():
                        return self._plain()
                    continue
                self.silent = 0
                if mark == wire.PLAIN:
                    return None
                if mark in (wire.GIVEN, wire.ALIVE):
                    self.alive = mark == wire.ALIVE
                    self.worker = int.from_bytes(wire.exactly(self.connection, 8), "big")
                    self._hand_over()
                elif mark == wire.BUSY:
                    self.busy = True
                elif mark == wire.DONE:
                    return wire.exactly(self.connection, 1)[0]
        except (OSError, EOFError):
            if self.interrupted:  # the worker has taken it
                return INTERRUPTED
            if not self.busy:
                raise
            sys.stderr.write("gradcli: the server's worker was ended in the middle of its answer\n")
            return 5

    def _hand_over(self) -> None:
        """Send the request, once: descriptors that lie with a server that is stopped would stay open."""
        if self.descriptors:
            wire.send(self.connection, self.request, self.descriptors)
            self.descriptors = []

    def _is_stuck(self) -> bool:
        """Whether nothing can be expected: the server is silent, or its worker is stopped and has not begun."""
        if self.busy:
            return False
        who = wire.peer(self.connection) if self.worker is None else self.worker
        return wire.is_stopped(who, otherwise=not self.alive) or (self.silent >= MOST_SILENT and not self.alive)

    def _plain(self) -> int | None:
        """End the worker; then the call is made plainly, unless it began to answer after all."""
        if self.worker is not None:
            _kill(self.worker, _signal.SIGKILL)
            while (mark := wire.exactly(self.connection, 1)) != wire.BUSY:  # until the end, which is an EOFError
                wire.exactly(self.connection, 8 if mark in (wire.GIVEN, wire.ALIVE) else 0)
            self.busy = True
            raise EOFError
        return None

    def _pass_on(self, number: int, _: object) -> None:
        if number == _signal.SIGINT:
            if self.worker is None:
                _give_up()
            self.interrupted = True
            _kill(self.worker, _signal.SIGINT)
            _signal.signal(_signal.SIGALRM, _give_up)  # it may be deep in a library: it ends when its client has gone
            _signal.alarm(PATIENCE)
            return
        if self.worker is not None:
            _kill(self.worker, _signal.SIGSTOP)
        os.kill(os.getpid(), _signal.SIGSTOP)
        if self.worker is not None:
            _kill(self.worker, _signal.SIGCONT)


def _give_up(*_: object) -> NoReturn:
    """End at once: nothing of the answer is this process's, and the server sees that it has gone."""
    os._exit(INTERRUPTED)


def _kill(process: int, number: int) -> None:
    try:  # contextlib would take longer to load than all of this
        os.kill(process, number)
    except ProcessLookupError:
        return
