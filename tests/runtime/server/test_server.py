"""A warm worker's answer is a plain run's, in every respect."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.runtime.server.support import COMMAND, SMALL, Server, wait_until
from tests.shares import share
from tests.support import ROOT, Outcome, assert_shown, entries, same

TRANSCRIPTS = [ROOT / "examples.txt", *sorted((ROOT / "tests" / "errors").glob("*.txt"))]


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
    commands = share(commands, 4)
    before = server.status()["served"]

    def shown(args: list[str]) -> str:
        done = server.call(*args)
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode()).transcript.strip("\n")

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda command: shown(command[0]), commands))
    assert server.status()["served"] - before == len(commands)
    others = [(args, expected) for answer, (args, expected) in zip(answers, commands) if not same(expected, answer)]
    assert len(others) < 5
    for args, expected in others:  # on a busy machine the time may be up
        assert_shown(shown([*args, "--patience", "60"]), expected)


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
    process.wait(timeout=30)  # before its input is closed, which is another reason to end
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
