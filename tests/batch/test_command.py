"""The command: exit codes, files, what a crash leaves and how it goes on."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from gradcli.runtime.lines import output
from tests.batch.support import points, written
from tests.support import ROOT, Outcome, run, schema, validate

KINKS: list[Any] = [{"program": "relu(x)", "at": {"x": x}, "id": f"r{x}"} for x in (-1, 0, 1)]
MIXED: list[Any] = ["x**2", *points(7), "", *KINKS, "x**", {"program": "x@x", "at": {"x": [1, 2]}}, {"claim": 1}]


def batch(requests: list[Any], *args: str, **options: Any) -> Outcome:
    return run("batch", *args, stdin="".join(json.dumps(request) + "\n" for request in requests), **options)


def records(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def test_records_follow_their_schemas() -> None:
    outcome = batch(MIXED)
    assert (outcome.code, outcome.err) == (2, "")
    found = records(outcome.out)
    assert [one["id"] for one in found] == [1, 2, 3, 4, 5, 6, 7, 8, 9, "r-1", "r0", "r1", 13, 14, 15]
    for one in found:
        validate(one, schema("error-1" if "error" in one else "diff-2"))


@pytest.mark.parametrize(
    ("requests", "code"),
    [
        ([], 0),
        (["x**2"], 0),
        (points(2), 0),
        (KINKS, 3),
        ([*KINKS, {"program": "(1 - cos(x))/x**2", "at": {"x": 1e-5}}], 1),
        ([*KINKS, {"program": "abs(x)**1.001", "at": {"x": 0}, "patience": 1e-9}], 4),
        ([*KINKS, {"program": "sq(i) = i**2; sq'(i) = 3*i; sq(x)", "at": {"x": 1}}, "x**"], 2),
    ],
)  # fmt: skip
def test_the_exit_code_is_that_of_the_worst(requests: list[Any], code: int, tmp_path: Path) -> None:
    assert batch(requests).code == code
    path = tmp_path / "out"
    assert batch(requests, "-o", str(path)).code == code
    again = batch(requests, "-o", str(path), "--resume")
    assert (again.code, again.out) == (code, "")


def test_fail_fast() -> None:
    outcome = batch([*KINKS, "x**", *points(20)], "--fail-fast")
    assert (outcome.code, len(records(outcome.out))) == (2, 4)


def test_options_hold_for_all_lines(tmp_path: Path) -> None:
    path = written(
        tmp_path / "in", [{"program": "x**3*y", "at": {"x": 3, "y": 0.1}}, {"program": "x", "at": {"x": 1}, "order": 1}]
    )
    outcome = run(
        "batch", str(path), "--wrt", "x", "--order", "2", "--dtype", "float32", "--digits", "4", "--workers", "1"
    )
    first, second = records(outcome.out)
    assert (first["order"], first["dtype"], first["partials"][0]["wrt"]) == (2, "float32", ["x", "x"])
    assert first["partials"][0]["reference"] == "1.800"
    assert second["order"] == 1


def test_a_summary_leaves_out_entries() -> None:
    outcome = batch([{"program": "x@x", "at": {"x": [1, 2]}}], "--summary")
    (one,) = records(outcome.out)
    assert "autograd" not in one["partials"][0]


def test_output_in_ascii() -> None:
    outcome = batch(["α**2"], encoding="ascii")
    assert outcome.out.isascii()
    assert records(outcome.out)[0]["program"] == "α**2"


def test_what_is_wrong_with_the_call(tmp_path: Path) -> None:
    used = tmp_path / "used"
    used.write_text("mine\n")
    source = written(tmp_path / "in", points(3))
    cases = {
        ("--resume",): "--resume continues a file, and there is none",
        (str(tmp_path / "none"),): f"{tmp_path / 'none'} cannot be read: No such file or directory",
        (str(tmp_path),): "the input cannot be read: Is a directory",
        ("--workers", "0"): "0 workers",
        ("--workers", "many"): '--workers is "many"',
        ("--order", "x"): '--order is "x"',
        (str(source), "-o", str(used)): f"{used} is not empty",
        (str(source), "-o", str(used), "--resume"): f"line 1 of {used} is not a record of a batch",
        (str(source), "-o", str(tmp_path)): f"{tmp_path} cannot be written: Is a directory",
        ("-x",): "no such option: -x",
    }  # fmt: skip
    for args, message in cases.items():
        outcome = run("batch", *args)
        assert (outcome.code, outcome.out) == (2, ""), args
        assert message.lower() in outcome.err.lower(), args
    assert used.read_text() == "mine\n"


def test_help_is_light() -> None:
    code = "import sys; from gradcli.cli import main; main(['batch', '--help']); print(*sorted({'torch', 'sympy', 'rich', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == ""


# Files


def test_a_file_is_continued_wherever_it_ends(tmp_path: Path) -> None:
    source, whole, part = written(tmp_path / "in", MIXED), tmp_path / "whole", tmp_path / "part"
    assert run("batch", str(source), "-o", str(whole)).code == 2
    expected = whole.read_bytes()
    chosen = random.Random(1)
    for length in [0, 1, 5, len(expected) - 1, len(expected), *(chosen.randrange(len(expected)) for _ in range(6))]:
        part.write_bytes(expected[:length])
        outcome = run("batch", str(source), "-o", str(part), "--resume")
        assert (outcome.code, outcome.out, outcome.err) == (2, "", "")
        assert part.read_bytes() == expected, length
    part.write_bytes(expected[: expected.index(b"\n") + 1] + b"\0" * 100)
    assert run("batch", str(source), "-o", str(part), "--resume").code == 2
    assert part.read_bytes() == expected


def test_a_damaged_record_is_not_continued(tmp_path: Path) -> None:
    source, out = written(tmp_path / "in", KINKS), tmp_path / "out"
    assert run("batch", str(source), "-o", str(out)).code == 3
    out.write_bytes(b'{"schema": "gradcli.diff/2", "id": 1, "par}\n')
    outcome = run("batch", str(source), "-o", str(out), "--resume")
    assert (outcome.code, f"line 1 of {out} is not a record of a batch" in outcome.err) == (2, True)


def test_another_input_is_not_continued(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("batch", str(written(tmp_path / "in", KINKS)), "-o", str(out)).code == 3
    before = out.read_bytes()
    outcome = run("batch", str(written(tmp_path / "other", [*KINKS[:2], "x"])), "-o", str(out), "--resume")
    assert "record 3 of" in outcome.err
    outcome = run("batch", str(written(tmp_path / "short", KINKS[:2])), "-o", str(out), "--resume")
    assert "and the input fewer lines" in outcome.err
    assert out.read_bytes() == before


def test_one_process_writes_a_file(tmp_path: Path) -> None:
    path = tmp_path / "out"
    child = os.fork()
    if child == 0:
        held = output.File(path, resume=False)
        (tmp_path / "held").touch()
        time.sleep(30)
        held.close()
        os._exit(0)
    while not (tmp_path / "held").exists():
        time.sleep(0.01)
    outcome = batch(["x"], "-o", str(path))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert (outcome.code, outcome.err) == (2, f"error while opening the output: another process writes {path}\n")
    assert batch(["x"], "-o", str(path)).code == 0


# Whole processes


def started(*args: str, **options: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "gradcli", "batch", *args]
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True, stderr=subprocess.PIPE, **options)


def grown(path: Path, size: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until a file has so many bytes, or the process has ended."""
    while process.poll() is None and (not path.exists() or path.stat().st_size < size):
        time.sleep(0.002)


def test_kills_at_random_moments_lose_and_double_nothing(tmp_path: Path) -> None:
    source = written(tmp_path / "in", [*MIXED, *points(2_000 if find_spec("flint") else 200), *KINKS])
    whole, part = tmp_path / "whole", tmp_path / "part"
    assert run("batch", str(source), "-o", str(whole)).code == 2
    size = whole.stat().st_size
    chosen = random.Random()
    ends = sorted(chosen.randrange(size) for _ in range(3))
    kills = 0
    for end in ends:
        process = started(str(source), "-o", str(part), "--resume")
        grown(part, end, process)
        time.sleep(chosen.uniform(0, 0.05))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            kills += 1
        process.communicate()
    assert kills
    assert run("batch", str(source), "-o", str(part), "--resume").code == 2
    assert part.read_bytes() == whole.read_bytes()


def test_ctrl_c_finishes_what_is_begun_and_says_how_far_it_came(tmp_path: Path) -> None:
    source, out = written(tmp_path / "in", points(50_000)), tmp_path / "out"
    process = started(str(source), "-o", str(out))
    grown(out, 10_000, process)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    count = len(out.read_bytes().splitlines())
    assert process.returncode == 130
    assert err.decode() == f"stopped after {count:,} lines; --resume continues\n"
    assert out.read_bytes().endswith(b"}\n")
    assert count < 50_000


def test_nobody_reads_any_more(tmp_path: Path) -> None:
    source = written(tmp_path / "in", points(20_000))
    process = started(str(source), stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=60) == 141
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
