"""A warm worker's answer is a plain run's, in every respect; and where there is no worker, nobody notices."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT, Outcome, entries

COMMAND = [sys.executable, "-m", "gradcli"]
TRANSCRIPTS = [ROOT / "examples.txt", *sorted((ROOT / "tests" / "errors").glob("*.txt"))]
SMALL = ["diff", "2*x**3+x", "--at", "x=1"]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork") or not hasattr(socket, "AF_UNIX"), reason="no fork, no server")


class Server:
    """A server of its own in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.environment = {**os.environ, "XDG_RUNTIME_DIR": str(directory)}
        self.environment.pop("GRADCLI_SERVER", None)

    def call(self, *args: str, stdin: bytes = b"", **changed: str) -> subprocess.CompletedProcess[bytes]:
        environment = {**self.environment, **changed}
        return subprocess.run(
            [*COMMAND, *args], input=stdin, capture_output=True, cwd=ROOT, env=environment, timeout=90
        )

    def popen(self, *args: str, **options: Any) -> subprocess.Popen[bytes]:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.Popen([*COMMAND, *args], cwd=ROOT, env=self.environment, **pipes)

    def start(self, *options: str) -> None:
        done = self.call("server", "start", *options)
        assert done.returncode == 0, done.stderr

    def status(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.call("server", "status", "--json").stdout)
        return told

    def stop(self) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.call("server", "stop")

    def plain(self, *args: str, stdin: bytes = b"", **changed: str) -> subprocess.CompletedProcess[bytes]:
        return self.call(*args, stdin=stdin, **changed, GRADCLI_SERVER="off")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("run")
    directory.chmod(0o700)
    one = Server(directory)
    one.start()
    yield one
    one.stop()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Server]:
    """A server that a test may harm; it is not started yet."""
    tmp_path.chmod(0o700)
    one = Server(tmp_path)
    yield one
    one.stop()


def wait_until(condition: Any, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def simple_commands() -> list[tuple[list[str], str]]:
    import shlex

    found = []
    for path in TRANSCRIPTS:
        for entry in entries(path.read_text()):
            words = shlex.split(entry.command)
            if words[0] == "gradcli" and words[1:2] == ["diff"] and "|" not in words and "<" not in words:
                found.append((words[1:], entry.shown))
    return found


def test_all_transcripts_are_the_same_served(server: Server) -> None:
    commands = simple_commands()
    assert len(commands) > 100
    before = server.status()["served"]

    def shown(args: list[str]) -> str:
        done = server.call(*args)
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode()).transcript.strip("\n")

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda command: shown(command[0]), commands))
    assert server.status()["served"] - before == len(commands)
    others = [(args, expected) for answer, (args, expected) in zip(answers, commands) if answer != expected]
    assert len(others) < 5
    for args, expected in others:  # on a busy machine the time may be up
        assert shown([*args, "--patience", "60"]) == expected


@pytest.mark.parametrize(
    ("args", "stdin", "changed"),
    [
        (["diff", "-", "--at", "x=1"], b"x**2 +\n 3*x", {}),
        (["diff", "--file", "/nowhere", "--at", "x=1"], b"", {}),
        (["diff", "x**2", "--at", "x=1", "--json"], b"", {}),
        (["diff", "x**2", "--at", "x=1"], b"", {"NO_COLOR": "1"}),
        (["diff", "--help"], b"", {"COLUMNS": "60"}),
        (["--version"], b"", {}),
        (["functions", "relu"], b"", {}),
        (["diff", "x", "--at", "x=1", "--nope"], b"", {}),
        (["diff", "\udcff*x"], b"", {}),
        ([], b"", {"_GRADCLI_COMPLETE": "complete_bash", "COMP_WORDS": "gradcli di", "COMP_CWORD": "1"}),
    ],
)  # fmt: skip
def test_streams_environment_and_exit_code(
    server: Server, args: list[str], stdin: bytes, changed: dict[str, str]
) -> None:
    before = server.status()["served"]
    served, plain = server.call(*args, stdin=stdin, **changed), server.plain(*args, stdin=stdin, **changed)
    assert (served.returncode, served.stdout, served.stderr) == (plain.returncode, plain.stdout, plain.stderr)
    assert server.status()["served"] == before + 1


def on_terminal(environment: dict[str, str], *args: str) -> bytes:
    """What a call writes to a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([*COMMAND, *args], stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=ROOT)
    os.close(theirs)
    written = b""
    while True:
        ready, _, _ = select.select([ours], [], [], 60)
        assert ready
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        written += piece
    process.wait(timeout=60)
    os.close(ours)
    return written


def test_a_terminal_is_a_terminal(server: Server) -> None:
    environment = {**server.environment, "TERM": "xterm-256color", "COLUMNS": "60"}
    environment.pop("NO_COLOR", None)
    served = on_terminal(environment, *SMALL)
    assert b"\x1b[" in served
    assert served == on_terminal({**environment, "GRADCLI_SERVER": "off"}, *SMALL)


def test_relative_paths_and_umask_are_the_clients(server: Server, tmp_path: Path) -> None:
    (tmp_path / "p.txt").write_text("x**3")
    done = subprocess.run(
        [*COMMAND, "diff", "--file", "p.txt", "--at", "x=2", "--format", "plain"],
        cwd=tmp_path, env={**server.environment, "PYTHONPATH": os.environ.get("PYTHONPATH", "")}, capture_output=True,
    )  # fmt: skip
    assert done.stdout == b"x 12.0\n", done.stderr


def test_an_interrupt_reaches_the_worker(server: Server) -> None:
    process = server.popen("diff", "-", "--at", "x=1", start_new_session=True)
    wait_until(lambda: server.status()["busy"] == 1)
    time.sleep(0.3)
    os.kill(process.pid, signal.SIGINT)
    assert process.communicate(timeout=30) == (b"", b"")
    assert process.returncode == 130
    wait_until(lambda: server.status()["busy"] == 0)


def test_a_killed_client_takes_its_worker_along(server: Server) -> None:
    process = server.popen("diff", "-", "--at", "x=1")
    wait_until(lambda: server.status()["busy"] == 1)
    process.kill()
    process.communicate()
    wait_until(lambda: server.status()["busy"] == 0)


def test_a_closed_pipe(server: Server) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = server.popen(*SMALL, stdout=writing)
    os.close(writing)
    assert process.communicate(timeout=60)[1] == b""
    assert process.returncode == 141


def test_other_starting_variables_make_a_plain_run(server: Server) -> None:
    before = server.status()["served"]
    done = server.call(*SMALL, OMP_NUM_THREADS="1", OMP_DYNAMIC="TRUE")
    assert b"7.0" in done.stdout
    assert server.call(*SMALL).stdout == done.stdout
    assert server.status()["served"] == before + 2  # the first one was told to make it itself


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


@pytest.mark.parametrize("harm", ["a file", "nobody listens", "another user"])
def test_what_is_no_server_of_ours_is_left_alone(own: Server, harm: str) -> None:
    from gradcli.server import place

    code = "from gradcli.server import place; print(place.socket_path())"
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
    from gradcli.server.place import is_private

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
