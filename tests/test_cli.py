"""The command line: options, streams, exit codes, and how it ends when it is interrupted."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import gradcli
from tests.support import ROOT, run

COMMAND = [sys.executable, "-m", "gradcli"]


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["diff", "2*x**3 + x", "--at", "x=1"], 0),
        (["diff", "x**2"], 0),
        (["diff", "3 + 4"], 0),
        (["diff", "tanh(x)", "--at", "x=20"], 1),
        (["diff", "relu(x) - relu(-x)", "--at", "x=0"], 1),
        (["diff", "relu(x)", "--at", "x=0"], 3),
        (["diff", "x/log(x) + where(x > 0, x, 2*x)", "--at", "x=0"], 3),
        (["diff", "abs(x)**1.001", "--at", "x=0"], 4),
        (["diff", "9**9**9"], 4),
        (["diff", "2*x +"], 2),
        (["diff", "x*y", "--at", "x=1"], 2),
        (["diff", "abs(x) + tanh(y)", "--at", "x=0,y=20"], 1),
        (["functions"], 0),
        (["functions", "relu"], 0),
        (["functions", "nope"], 2),
        (["--version"], 0),
        (["--help"], 0),
        (["diff", "--help"], 0),
        (["nope"], 2),
        (["diff", "x", "--nope"], 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_exit_codes(args: list[str], code: int) -> None:
    outcome = run(*args)
    assert outcome.code == code
    assert (outcome.out == "") == (code == 2 or args == ["diff", "9**9**9"])
    assert (outcome.err != "") == (outcome.out == "")
    assert "Traceback" not in outcome.out + outcome.err


def test_a_minus_in_front_is_an_expression() -> None:
    assert run("diff", "-x**2", "--at", "x=-3", "--format", "plain").out == "x 6.0\n"
    assert run("diff", "--at", "x=-3", "-x**2", "--format", "plain").out == "x 6.0\n"
    assert run("diff", "-x", "--format", "plain").out == "x -1\n"
    assert run("diff", "--format", "plain", "--", "-h").out == "h -1\n"
    assert run("diff", "-h").out == run("diff", "--help").out
    assert run("diff", "-x=1").code == 2
    assert run("diff", "--format", "plain", "--", "--x").out == "x 1\n"
    assert run("diff", "--x").code == 2


def test_values_may_begin_with_a_minus() -> None:
    assert run("diff", "x**2", "--at", "x=-1/2", "--format", "plain").out == "x -1.0\n"
    assert run("diff", "x**2", "--at=x=-2", "--format=plain").out == "x -4.0\n"


def test_standard_input(tmp_path: Path) -> None:
    assert run("diff", "-", "--at", "x=0", "--format", "plain", stdin="relu(x)\n").out == "x 0.0\n"
    assert run("diff", "-", "--format", "plain", stdin="\ufeffy = x**2  # square\ny + 1\n").out == "x 2*x\n"
    path = tmp_path / "program.txt"
    path.write_text("y = x**2\ny*x\n")
    assert run("diff", "--file", str(path), "--format", "plain").out == "x 3*y\n"


def test_no_more_is_read_than_the_limit() -> None:
    outcome = run("diff", "-", stdin="x" * 10**7)
    assert outcome.code == 4
    assert "longer than 500,000 characters" in outcome.err
    assert run("diff", "-", stdin="é" * 10**6).code == 4


def test_input_that_is_no_text() -> None:
    outcome = run("diff", "-", stdin=b"x + \xff")
    assert (outcome.code, outcome.out) == (2, "")
    assert "byte 4 is 0xff" in outcome.err


def test_formats_say_the_same() -> None:
    args = ["diff", "u*v + sin(u)", "--at", "u=1,v=2"]
    data = json.loads(run(*args, "--json").out)
    assert data == json.loads(run(*args, "--format", "json").out)
    numbers = {partial["wrt"][0]: partial["autograd"] for partial in data["partials"]}
    assert run(*args, "--format", "plain").out == "".join(f"{name} {value!r}\n" for name, value in numbers.items())
    rows = csv.DictReader(io.StringIO(run(*args, "--format", "csv").out))
    assert {row["wrt"]: float(row["autograd"]) for row in rows} == numbers
    assert all(repr(float(f"{value:.10g}")) in run(*args).out for value in numbers.values())
    assert r"\frac{\partial f}{\partial u} = v + \cos\left(u\right)" in run(*args, "--format", "latex").out


def test_the_api_says_the_same() -> None:
    data = json.loads(run("diff", "x*y**2", "--at", "x=1,y=2", "--json", "--order", "2", "--wrt", "y").out)
    assert data == gradcli.differentiate("x*y**2", {"x": 1, "y": 2}, order=2, wrt="y").to_dict()


def test_output_that_is_not_utf8() -> None:
    out = run("diff", "π*x**2", "--at", "x=1", encoding="ascii").out
    assert "df/dx" in out
    assert "2*pi*x" in out
    assert run("diff", "x", "--file", "é", encoding="ascii").code == 2


def test_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    args = ["diff", "2*x", "--at", "x=1"]
    assert "\x1b[" in run(*args, tty=True).out
    assert "\x1b[" not in run(*args).out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in run(*args, tty=True).out
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b[" not in run(*args, tty=True).out


def test_quiet() -> None:
    args = ["diff", "relu(x)", "--at", "x=0"]
    assert "corner here" in run(*args).out
    assert "corner here" not in run(*args, "--quiet").out


def test_a_defect_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise KeyError("inside")

    monkeypatch.setattr("gradcli.problem.prepare.prepare", broken)
    outcome = run("diff", "x")
    assert outcome.code == 5
    assert outcome.err == "gradcli has a defect, please report it: KeyError: 'inside'; --debug shows where\n"
    outcome = run("diff", "x", "--debug")
    assert outcome.code == 5
    assert "Traceback" in outcome.err
    assert outcome.err.endswith("gradcli has a defect, please report it: KeyError: 'inside'\n")


# In a process of its own


def test_the_forked_sources_say_the_same() -> None:
    for args in (["relu(x)*y", "--at", "x=0,y=2"], ["x**2*y"], ["tanh(x)", "--at", "x=20", "--order", "2"]):
        done = subprocess.run([*COMMAND, "diff", *args, "--json"], capture_output=True, text=True, cwd=ROOT, timeout=60)
        here = run("diff", *args, "--json")
        assert json.loads(done.stdout) == json.loads(here.out)
        assert (done.returncode, done.stderr) == (here.code, "")


def test_errors_come_from_the_forked_sources() -> None:
    for args in (["leaky_relu(x, a)", "--at", "x=1,a=2"], ["x", "--at", "x=1", "--device", "tpu"]):
        done = subprocess.run([*COMMAND, "diff", *args], capture_output=True, text=True, cwd=ROOT, timeout=60)
        here = run("diff", *args)
        assert (done.returncode, done.stderr, done.stdout) == (2, here.err, "")


@pytest.mark.parametrize("args", [["diff", "x", "--json"], ["functions"], ["--help"]], ids=" ".join)
def test_a_closed_pipe_is_quiet(args: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.Popen([*COMMAND, *args], stdout=writing, stderr=subprocess.PIPE, cwd=ROOT)
    os.close(writing)
    assert process.communicate(timeout=60)[1] == b""
    assert process.returncode == 141


def _wait_for_children(pid: int) -> None:
    """Until the sources are at work, in processes of their own."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        listed = subprocess.run(["ps", "-A", "-o", "ppid="], capture_output=True, text=True, check=True).stdout
        if str(pid) in listed.split():
            return
        time.sleep(0.02)


def test_an_interrupt_is_quiet_and_leaves_nothing_behind() -> None:
    process = subprocess.Popen(
        [*COMMAND, "diff", "x", "--at", "x=1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        start_new_session=True,
    )
    _wait_for_children(process.pid)
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=60) == (b"", b"")
    assert process.returncode == 130
    with pytest.raises(ProcessLookupError):
        for _ in range(500):  # a child that was hit on its own may be a moment later
            os.killpg(process.pid, 0)
            time.sleep(0.01)


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams(closed: str) -> None:
    script = f"{' '.join(COMMAND)} diff 2*x {closed}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.returncode == (2 if ">&-" in closed.replace("2>&-", "") else 0)
    assert "Traceback" not in done.stderr


def test_a_full_disk_is_said() -> None:
    done = subprocess.run(
        ["bash", "-c", f"{' '.join(COMMAND)} diff x >/dev/full"], capture_output=True, text=True, cwd=ROOT
    )
    assert (done.returncode, done.stderr) == (2, "error while writing the answer: No space left on device\n")
