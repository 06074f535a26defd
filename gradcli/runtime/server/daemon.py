"""The server: one thread that keeps warm workers ready and hands each connection to one of them.

It computes nothing after its warm-up and runs no parallel operation ever: a child that is forked after one hangs
in its first matrix product.
"""

from __future__ import annotations

import _socket
import contextlib
import gc
import json
import os
import re
import select
import signal
import time
from collections import deque
from typing import Any

from gradcli.runtime.processes import fork
from gradcli.runtime.server import wire
from gradcli.runtime.server.worker import Serve, live

PRIVATE = re.compile(r"^Private_(?:Clean|Dirty):\s+(\d+) kB$", re.MULTILINE)  # memory that no other process shares
MAX_WORKERS = 32  # at work at once; further clients wait
BACKLOG = 512
CHECK = 30.0  # seconds between two looks at the clock
SILENCE = 5.0  # seconds in which a client has to say that it is there
MOST_SILENT = 400  # clients that have said nothing yet; select takes a thousand descriptors
PULSE = 0.4  # seconds between two words to those who wait: clients give up after one of silence


class ServerWorker:
    """A forked worker: idle until a connection is sent through its channel."""

    def __init__(self, pid: int, channel: Any) -> None:
        self.pid = pid
        self.channel = channel


class Daemon:
    """Listens until it is told to stop, or nobody has come for so long."""

    def __init__(self, path: str, idle_seconds: float, spare: int, state: bytes, serve: Serve) -> None:
        self.path = path
        self.idle_seconds = idle_seconds
        self.spare = spare
        self.state = state
        self.serve = serve
        self.started = self.used = time.monotonic()
        self.served = 0
        self.told = 0.0
        self.idle: deque[ServerWorker] = deque()
        self.busy: dict[int, ServerWorker] = {}
        self.silent: dict[int, tuple[Any, float]] = {}  # by their descriptors, and since when
        self.waiting: deque[Any] = deque()
        self.stopping = False
        self.clients = listen(path)
        self.control = listen(control_path(path))

    def run(self) -> None:
        """Serve; at the end nothing is left behind."""
        woken, waking = os.pipe()
        for descriptor in (woken, waking):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(waking, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        gc.collect()
        gc.freeze()  # so that no collection in a worker writes into pages that all share
        try:
            while not self.stopping and not self._is_over():
                self._refill()
                ready, _, _ = select.select([self.clients, self.control, woken, *self.silent], [], [], self._patience())
                if woken in ready:
                    with contextlib.suppress(BlockingIOError):
                        os.read(woken, 4096)
                self._reap()
                if self.clients in ready:
                    self._accept()
                self._hear(ready)
                if self.control in ready:
                    self._tell()
                self._dispatch()
        finally:
            self._end()

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def _is_over(self) -> bool:
        return not self.busy and time.monotonic() - self.used > self.idle_seconds

    def _patience(self) -> float:
        longest = PULSE if self.waiting else SILENCE if self.silent else CHECK
        return max(0.01, min(longest, self.used + self.idle_seconds - time.monotonic()))

    def _refill(self) -> None:
        """As many idle workers as there should be."""
        while len(self.idle) < self.spare and not self.waiting:
            self.idle.append(self._fork())

    def _fork(self) -> ServerWorker:
        ours, theirs = _socket.socketpair()
        pid = fork(lambda: live(theirs, self.state, self.serve))
        theirs.close()
        return ServerWorker(pid, ours)

    def _accept(self) -> None:
        """Take in whoever has come, and is this user."""
        while True:
            try:
                descriptor, _ = self.clients._accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError:  # too many open files: they wait in the queue of the system
                return
            connection = _socket.socket(fileno=descriptor)
            if wire.same_user(connection) and len(self.silent) < MOST_SILENT:
                self.silent[connection.fileno()] = connection, time.monotonic()
            else:
                connection.close()

    def _hear(self, ready: list[Any]) -> None:
        """Let those wait who have said that they are there; who says something else, or nothing, is sent away."""
        now = time.monotonic()
        for descriptor, (connection, since) in list(self.silent.items()):
            if descriptor not in ready and now - since < SILENCE:
                continue
            del self.silent[descriptor]
            try:
                said = connection.recv(1, _socket.MSG_DONTWAIT)
            except OSError:
                said = b""
            if said == wire.HELLO:
                self.waiting.append(connection)
                self.used = now
            else:
                connection.close()

    def _dispatch(self) -> None:
        """Hand connections to workers, new ones where none is idle."""
        while self.waiting and len(self.busy) < MAX_WORKERS:
            worker = self.idle.popleft() if self.idle else self._fork()
            connection = self.waiting.popleft()
            _tell(connection, wire.GIVEN + worker.pid.to_bytes(8, "big"))
            try:
                wire.send(worker.channel, b"c", [connection.fileno()])
            except OSError:  # it was killed while it was idle
                self.waiting.appendleft(connection)
                worker.channel.close()
                continue
            connection.close()
            self.busy[worker.pid] = worker
            self.served += 1
        if self.waiting and time.monotonic() - self.told > PULSE:
            self.told = time.monotonic()
            for connection in self.waiting:
                _tell(connection, wire.WAITING)

    def _reap(self) -> None:
        """Forget the workers that have ended."""
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            ended = self.busy.pop(pid, None)
            for worker in [*([ended] if ended else []), *(worker for worker in self.idle if worker.pid == pid)]:
                worker.channel.close()
            self.idle = deque(worker for worker in self.idle if worker.pid != pid)
            self.used = time.monotonic()

    def _tell(self) -> None:
        """Say how it goes, as one line of JSON."""
        with contextlib.suppress(OSError):
            descriptor, _ = self.control._accept()
            connection = _socket.socket(fileno=descriptor)
            if wire.same_user(connection):
                connection.sendall(json.dumps(self.status()).encode())
            connection.close()

    def status(self) -> dict[str, Any]:
        """Facts about the server, as plain data; bytes are the memory that a process shares with no other."""
        return {
            "pid": os.getpid(),
            "seconds": time.monotonic() - self.started,
            "served": self.served,
            "busy": len(self.busy),
            "idle": [{"pid": worker.pid, "private_bytes": private_bytes(worker.pid)} for worker in self.idle],
            "private_bytes": private_bytes(os.getpid()),
            "idle_minutes": self.idle_seconds / 60,
        }

    def _end(self) -> None:
        """Leave: whoever still waits makes the call itself."""
        for path in (self.path, control_path(self.path)):
            with contextlib.suppress(OSError):
                os.unlink(path)
        for connection in (self.clients, self.control, *self.waiting, *(one for one, _ in self.silent.values())):
            connection.close()
        for worker in self.idle:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.pid, signal.SIGKILL)


def _tell(connection: Any, mark: bytes) -> None:
    """Say something to a client that may not listen, or may have gone."""
    with contextlib.suppress(OSError):
        connection.send(mark, _socket.MSG_DONTWAIT)


def control_path(path: str) -> str:
    """The socket on which a server says how it goes."""
    return path.removesuffix(".sock") + ".ctl"


def listen(path: str) -> Any:
    """A listening socket that only this user can connect to."""
    listening = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    umask = os.umask(0o177)
    try:
        listening.bind(path)
    finally:
        os.umask(umask)
    listening.listen(BACKLOG)
    listening.setblocking(False)
    return listening


def private_bytes(pid: int) -> int | None:
    """The bytes of a process that no other one shares; None where the system does not say."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as stream:
            found = PRIVATE.findall(stream.read())
    except OSError:
        return None
    return sum(int(number) << 10 for number in found)
