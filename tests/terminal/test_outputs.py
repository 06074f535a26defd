"""Files that commands write: nothing that was there is lost, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.support import ROOT, run

ROWS = "x,f,df_dx,status\n0.0,0.0,0.0,ok\n1.0,1.0,2.0,ok\n"
POINTS = ("map", "x**2", "--over", "x=0:1:2", "-o")
WRITERS = [
    (POINTS, "out.csv"),
    (("code", "x**2", "--to", "c", "-o"), "out.c"),
    (("plot", "x**2", "--over", "x=0:1:5", "-o"), "out.svg"),
]


@pytest.mark.parametrize(("args", "name"), WRITERS)
def test_the_mode_stays_and_links_are_followed(args: tuple[str, ...], name: str, tmp_path: Path) -> None:
    file, link = tmp_path / f"real-{name}", tmp_path / name
    file.write_text("old")
    file.chmod(0o600)
    link.symlink_to(file.name)
    assert run(*args, str(link)).code == 0
    assert link.is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text() != "old"
    assert sorted(os.listdir(tmp_path)) == sorted([file.name, name])


@pytest.mark.parametrize(("args", "name"), WRITERS)
def test_a_new_file_has_the_mode_of_the_umask(args: tuple[str, ...], name: str, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        assert run(*args, str(tmp_path / name)).code == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o640


@pytest.mark.parametrize(("args", "name"), WRITERS)
def test_a_pipe_is_written_to(args: tuple[str, ...], name: str, tmp_path: Path) -> None:
    pipe, got = tmp_path / name, []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    assert run(*args, str(pipe)).code == 0
    reader.join(10)
    assert got[0]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert os.listdir(tmp_path) == [name]


def test_a_device_stays_a_device(tmp_path: Path) -> None:
    link = tmp_path / "out.csv"
    link.symlink_to("/dev/null")
    assert run(*POINTS, str(link)).code == 0
    assert link.is_symlink()
    assert stat.S_ISCHR(link.stat().st_mode)
    outcome = run(*POINTS[:-1], "-o", "/dev/null", "--output-format", "parquet")
    assert outcome.code == 2
    assert "parquet is not written to a pipe or a device" in outcome.err
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_standard_output_by_its_name() -> None:
    command = [sys.executable, "-m", "gradcli", *POINTS, "/dev/stdout", "--output-format", "csv", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert (done.stdout, done.stderr) == (ROWS, "")


def test_an_output_that_is_an_input_is_refused(tmp_path: Path) -> None:
    data, link, hard, program = (tmp_path / name for name in ("data.csv", "link.csv", "hard.csv", "program.txt"))
    data.write_text("x\n0\n1\n")
    link.symlink_to(data.name)
    os.link(data, hard)
    for read, written in ((data, data), (link, data), (data, link), (data, hard)):
        outcome = run("map", "x**2", str(read), "-o", str(written))
        assert (outcome.code, "is an input, too" in outcome.err) == (2, True)
    with data.open("rb") as stdin:
        command = [sys.executable, "-m", "gradcli", "map", "x**2", "-", "-o", str(data)]
        done = subprocess.run(command, stdin=stdin, capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert (done.returncode, "is an input, too" in done.stderr) == (2, True)
    assert run("map", "x*sum(y)", str(data), "--at", f"y=@{data}", "-o", str(data)).code == 2
    program.write_text("x**2")
    assert run("code", "--file", str(program), "--to", "c", "-o", str(program)).code == 2
    with program.open("rb") as stdin:
        command = [sys.executable, "-m", "gradcli", "code", "-", "--to", "c", "-o", str(program)]
        done = subprocess.run(command, stdin=stdin, capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert (done.returncode, "is an input, too" in done.stderr) == (2, True)
    for resume in ([], ["--resume"]):
        assert run("batch", str(data), "-o", str(data), *resume).code == 2
    assert data.read_text() == "x\n0\n1\n"
    assert program.read_text() == "x**2"


def test_what_a_killed_run_left_goes_with_the_next(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    command = [sys.executable, "-m", "gradcli", "map", "x**2", "--over", "x=0:1:1000000000", "-o", str(file)]
    running = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            left = [one for one in tmp_path.iterdir() if one.stat().st_size]
            if left:
                break
            time.sleep(0.1)
        assert left
        assert run(*POINTS, str(file)).code == 0  # a run that goes on keeps its own
        assert set(tmp_path.iterdir()) == {file, *left}
    finally:
        running.send_signal(signal.SIGKILL)
        running.wait()
    assert run(*POINTS, str(file)).code == 0
    assert os.listdir(tmp_path) == [file.name]
    assert file.read_text() == ROWS


def test_a_long_name(tmp_path: Path) -> None:
    file = tmp_path / ("é" * 125 + ".csv")
    assert run(*POINTS, str(file)).code == 0
    assert os.listdir(tmp_path) == [file.name]


def test_a_batch_sees_that_nobody_reads_its_pipe(tmp_path: Path) -> None:
    lines = tmp_path / "lines.jsonl"
    lines.write_text('"x**2"\n' * 30_000)
    command = f"{sys.executable} -m gradcli batch {lines} --workers 1 -o /dev/stdout | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.stdout.startswith('{"schema": "gradcli.diff/2"')
    assert "Traceback" not in done.stderr
    assert run("batch", str(lines), "-o", "/dev/null", "--resume").code == 2


def test_a_minus_is_standard_output_wherever_a_text_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `map -o -` has it: the answer is what it is without -o, and no file is called so."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lines").write_text('{"program": "x**2", "at": {"x": 3}}\n')
    (tmp_path / "claims").write_text('{"program": "x**2", "claim": "2*x"}\n')
    for args in (
        ["code", "x**2", "--to", "c"], ["steps", "x**2"], ["graph", "x**2", "--at", "x=1"],
        ["check", "x**2", "--claim", "2*x"], ["check", "--claims", "claims"], ["batch", "lines"],
        ["map", "x**2", "--over", "x=0:1:3"],
    ):  # fmt: skip
        kind = ["--format", "text"] if args[0] in ("steps", "graph") or args[:2] == ["check", "x**2"] else []
        plain, named = run(*args, *kind), run(*args, *kind, "-o", "-")
        assert (named.code, named.out) == (plain.code, plain.out), args
        assert plain.out
    assert sorted(one.name for one in tmp_path.iterdir()) == ["claims", "lines"]
