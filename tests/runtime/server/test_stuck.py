"""A server that does not do its work: every call is answered all the same, after a second, by a plain run."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from tests.runtime.server.support import COMMAND, SMALL, Server, wait_until
from tests.support import ROOT


def answered(own: Server, seconds: float = 30) -> None:
    begun = time.monotonic()
    done = own.call(*SMALL)
    assert (done.returncode, b"7.0" in done.stdout, done.stderr) == (0, True, b"")
    assert time.monotonic() - begun < seconds


def idle(own: Server) -> list[int]:
    return [worker["pid"] for worker in own.status()["idle"]]


def test_a_stopped_worker(own: Server) -> None:
    own.start("--workers", "1")
    (worker,) = idle(own)
    os.kill(worker, signal.SIGSTOP)
    answered(own)
    wait_until(lambda: own.status()["busy"] == 0)  # it is ended
    wait_until(lambda: len(idle(own)) == 1 and idle(own) != [worker])


def test_a_stopped_server(own: Server) -> None:
    own.start("--workers", "1")
    pid = own.status()["pid"]
    os.kill(pid, signal.SIGSTOP)
    answered(own)
    started = own.call("server", "start")
    assert started.returncode == 2
    assert (
        started.stderr
        == (
            f"error while looking after the server: process {pid} is this server, and does not answer\n"
            "  hint: gradcli server stop ends it\n"
        ).encode()
    )
    assert own.call("server", "stop").stdout == b"the server has ended\n"
    own.start("--workers", "1")
    answered(own)


@pytest.mark.parametrize("said", [b"", (1000).to_bytes(8, "big") + b"half"])
def test_many_who_say_nothing_or_half(said: bytes, own: Server) -> None:
    own.start("--workers", "1")
    (path,) = own.directory.glob("*.sock")
    silent = [socket.socket(socket.AF_UNIX) for _ in range(64)]
    try:
        for one in silent:
            one.connect(str(path))
            one.sendall(said)
        answered(own)
        wait_until(lambda: own.status()["busy"] == 0)
    finally:
        for one in silent:
            one.close()


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("shell", "code", "out"),
    [
        ("diff - --at x=1 <&-", 2, b""),
        ("diff x**2 --at x=1 >&-", 2, b""),
        ("diff 'abs(x)' --at x=0 2>&-", 3, None),
        ("diff 'x +' --at x=0 2>&-", 2, b""),
    ],
)
def test_closed_streams(shell: str, code: int, out: bytes | None, server: Server) -> None:
    served = server.status()["served"]
    done = subprocess.run(
        ["bash", "-c", f"{' '.join(COMMAND)} {shell}"],
        capture_output=True,
        cwd=ROOT,
        env=server.environment,
        timeout=60,
    )
    assert done.returncode == code
    assert out is None or done.stdout == out
    assert server.status()["served"] == served
    assert server.status()["busy"] == 0


def _limits(kind: int, value: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(kind, (value, resource.getrlimit(kind)[1]))


def test_limits_of_the_client_hold(server: Server) -> None:
    served = server.status()["served"]
    done = subprocess.run(
        [*COMMAND, *SMALL], capture_output=True, cwd=ROOT, env=server.environment, timeout=60,
        preexec_fn=_limits(resource.RLIMIT_AS, 300 << 20),
    )  # fmt: skip
    assert done.returncode != 0
    assert server.status()["served"] == served or b"7.0" not in done.stdout


def test_the_lock_goes_with_the_server_even_when_a_worker_is_at_work(own: Server) -> None:
    own.start("--workers", "1")
    running = own.popen("diff", "-", "--at", "x=1")  # it waits for its input
    wait_until(lambda: own.status()["busy"] == 1)
    own.stop()
    own.start("--workers", "1")
    out, _ = running.communicate(b"x**2", timeout=60)
    assert (running.returncode, b"2.0" in out) == (0, True)
    assert sys.platform != "linux" or len(list(own.directory.glob("*.lock"))) == 1
