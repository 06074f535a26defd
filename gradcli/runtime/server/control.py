"""Starting a server, stopping it, and asking how it goes."""

from __future__ import annotations

import _socket
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from gradcli.errors import GradcliError, explained
from gradcli.runtime.processes import Channel, Forked, fork, silence, wait
from gradcli.runtime.server import place, wire

STAGE = "looking after the server"
SECONDS_TO_START = 60.0
SECONDS_TO_STOP = 10.0


def path() -> str:
    """The socket of this installation's server.

    Raises GradcliError where there can be none.
    """
    if not hasattr(_socket, "AF_UNIX") or not hasattr(os, "fork"):
        raise GradcliError(STAGE, "this system has no Unix sockets or no fork", hint="plain runs work all the same")
    try:
        return place.socket_path()
    except place.NoPlaceError as error:
        raise GradcliError(STAGE, f"there is no place for its socket: {error}") from error


def status() -> dict[str, Any] | None:
    """What the running server says of itself; None where none runs."""
    from gradcli.runtime.server.daemon import control_path

    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        connection.settimeout(SECONDS_TO_STOP)
        connection.connect(control_path(path()))
        if not wire.same_user(connection) or wire.is_stopped(wire.peer(connection), otherwise=False):
            return None
        data = b""
        while piece := connection.recv(1 << 16):
            data += piece
        told: dict[str, Any] = json.loads(data)
    except (OSError, ValueError):
        return None
    finally:
        connection.close()
    return told


def start(idle_seconds: float, spare: int, serve: Callable[[list[str]], int]) -> dict[str, Any]:
    """Start a server; what it says of itself once it is ready.

    Raises GradcliError where it does not come up.
    """
    where = path()
    if (holder := place.holder(where)) is not None:
        raise GradcliError(
            STAGE, f"process {holder} is this server, and does not answer", hint="gradcli server stop ends it"
        )
    sys.stdout.flush()
    starting = Forked(lambda channel: _detach(channel, lambda: _run(where, idle_seconds, spare, serve, channel)))
    try:
        ready, _ = wait([starting], SECONDS_TO_START)
        said = (starting.channel.receive() or b"").decode() if ready else "it took too long"
    finally:
        starting.end()
    if not said.startswith("{"):
        raise GradcliError(STAGE, f"it did not start: {said or 'its process ended'}")
    told: dict[str, Any] = json.loads(said)
    return told


def stop() -> bool:
    """Stop the running server; False where none runs.

    Raises GradcliError where it does not end.
    """
    where = path()
    told = status()
    process = place.holder(where) if told is None else int(told["pid"])
    if process is None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGTERM if told else signal.SIGKILL)  # one that does not answer may be stopped
    end = time.monotonic() + SECONDS_TO_STOP
    while place.holder(where) is not None:
        if time.monotonic() > end:
            raise GradcliError(STAGE, f"process {process} does not end")
        time.sleep(0.02)
    return True


def _detach(channel: Channel, run: Callable[[], None]) -> None:
    """Become a process of its own, without a terminal; the one that was forked first ends at once."""

    def life() -> None:
        try:
            os.chdir("/")
            silence(0, 1, 2)
            run()
        except BaseException as error:  # whoever waits is told
            known = explained(error)
            channel.send((known.message if known else f"{type(error).__name__}: {error}").encode())

    os.setsid()
    fork(life)


def _run(where: str, idle_seconds: float, spare: int, serve: Callable[[list[str]], int], channel: Channel) -> None:
    """Warm up, listen, and say so."""
    import fcntl

    lock = os.open(place.lock_of(where), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # held for life: two servers never take each other's socket
    os.ftruncate(lock, 0)
    os.write(lock, b"%d" % os.getpid())
    from gradcli.runtime.server.daemon import Daemon, control_path
    from gradcli.runtime.server.warm import warm_up

    state = place.start_state()
    warm_up(serve)
    for stale in (where, control_path(where)):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(stale)
    daemon = Daemon(where, idle_seconds, spare, state, serve)
    channel.send(json.dumps(daemon.status()).encode())
    channel.close()
    daemon.run()
