"""A server that is crowded, killed, left alone or imitated; where there is none, nobody notices."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.runtime.server.support import SMALL, Server, wait_until
from tests.support import ROOT


def test_a_hundred_clients_at_once(server: Server) -> None:
    processes = [
        server.popen("diff", f"x**2 + {number}*x", "--at", "x=1", "--format", "plain") for number in range(100)
    ]
    answers = [process.communicate(timeout=120) for process in processes]
    assert answers == [(f"x {2.0 + number}\n".encode(), b"") for number in range(100)]


def test_the_socket_is_private_and_the_memory_is_told(server: Server) -> None:
    (path,) = server.directory.glob("*.sock")
    assert path.stat().st_mode & 0o777 == 0o600
    told = server.status()
    assert told["running"]
    assert len(told["idle"]) == 2
    if sys.platform == "linux":
        assert all(0 < worker["private_bytes"] < told["private_bytes"] for worker in told["idle"])


def test_a_worker_that_is_killed_touches_nobody(server: Server) -> None:
    for worker in server.status()["idle"]:
        os.kill(worker["pid"], signal.SIGKILL)
    assert b"7.0" in server.call(*SMALL).stdout
    wait_until(lambda: len(server.status()["idle"]) == 2)


def test_started_twice_it_runs_once(server: Server) -> None:
    first = server.status()["pid"]
    done = server.call("server", "start")
    assert (done.returncode, done.stdout.startswith(b"the server runs already")) == (0, True)
    assert server.status()["pid"] == first


def test_a_killed_server_leaves_plain_runs_and_starts_again(own: Server) -> None:
    own.start("--workers", "1")
    told = own.status()
    os.kill(told["pid"], signal.SIGKILL)
    assert b"7.0" in own.call(*SMALL).stdout
    wait_until(lambda: not alive(told["idle"][0]["pid"]))
    assert own.call("server", "status").stdout == b"no server runs\n"
    own.start("--workers", "1")
    assert own.status()["running"]
    own.stop()
    assert list(own.directory.glob("*.sock")) == []


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_it_ends_when_nobody_comes(own: Server) -> None:
    own.start("--idle", "0.005")
    wait_until(lambda: not list(own.directory.glob("*.sock")))


def test_auto_starts_one_beside_the_first_call(own: Server) -> None:
    assert b"7.0" in own.call(*SMALL, GRADCLI_SERVER="auto").stdout
    wait_until(lambda: own.status()["running"])


@pytest.mark.sampled(2)
@pytest.mark.parametrize("harm", ["a file", "nobody listens", "another user"])
def test_what_is_no_server_of_ours_is_left_alone(own: Server, harm: str) -> None:
    from gradcli.runtime.server import place

    code = "from gradcli.runtime.server import place; print(place.socket_path())"
    done = subprocess.run([sys.executable, "-c", code], env=own.environment, cwd=ROOT, capture_output=True, text=True)
    path = done.stdout.strip()
    assert path.startswith(str(own.directory)), place.__name__
    listening = socket.socket(socket.AF_UNIX)
    if harm == "a file":
        Path(path).write_text("x")
    else:
        listening.bind(path)
    if harm == "another user":
        if os.getuid() != 0:
            pytest.skip("only root can give a socket away")
        listening.listen()
        os.chown(path, 12345, 12345)
    answer = own.call(*SMALL)
    listening.close()
    assert (answer.returncode, b"7.0" in answer.stdout, answer.stderr) == (0, True, b"")


def test_a_directory_that_others_can_enter_is_not_used(tmp_path: Path) -> None:
    from gradcli.runtime.server.place import is_private

    tmp_path.chmod(0o755)
    assert not is_private(str(tmp_path))
    tmp_path.chmod(0o700)
    assert is_private(str(tmp_path))
    (tmp_path / "link").symlink_to(tmp_path)
    assert not is_private(str(tmp_path / "link"))


def test_rubbish_harms_no_server(server: Server) -> None:
    (path,) = server.directory.glob("*.sock")
    for rubbish in (b"", b"x", b"\xff" * 64, (10).to_bytes(8, "big") + b"0123456789"):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(path))
            connection.sendall(rubbish)
    assert b"7.0" in server.call(*SMALL).stdout
