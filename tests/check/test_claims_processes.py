"""Files of claims in processes of their own: a Ctrl-C, a reader that goes, a worker that dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.batch.support import written
from tests.check.test_claims_command import CLAIMS
from tests.support import ROOT


def started(path: Path, **options: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "gradcli", "check", "--claims", str(path), "--format", "plain"]
    return subprocess.Popen(
        command, cwd=ROOT, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0, **options
    )


def test_ctrl_c_says_how_far_it_came(tmp_path: Path) -> None:
    process = started(written(tmp_path / "claims", CLAIMS[:2] * 5_000))
    assert process.stdout is not None
    first = process.stdout.readline()  # verdicts come as soon as they are there
    os.killpg(process.pid, signal.SIGINT)
    rest, err = process.communicate(timeout=120)
    assert process.returncode == 130
    count = len((first + rest).splitlines())
    *_, last = err.decode().splitlines()
    assert last == f"stopped after {'1 line' if count == 1 else f'{count:,} lines'}"
    assert err.decode().startswith(f"{count:,} claim")
    assert count < 10_000


def test_nobody_reads_any_more(tmp_path: Path) -> None:
    process = started(written(tmp_path / "claims", CLAIMS[:2] * 5_000))
    assert process.stdout is not None and process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=120) == 141
    assert process.stderr.read() == b""
    process.stderr.close()


def test_a_worker_that_is_killed_costs_one_line_at_the_most(tmp_path: Path) -> None:
    process = started(written(tmp_path / "claims", CLAIMS[:2] * 4))
    children: list[int] = []
    while process.poll() is None and not children:
        listed = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        children = list(map(int, listed.read_text().split())) if listed.exists() else []
        time.sleep(0.01)
    if children:
        os.kill(children[0], signal.SIGKILL)
    out, _ = process.communicate(timeout=120)
    assert [line.split()[0] for line in out.decode().splitlines()] == [
        "1",
        "plus",
        "3",
        "plus",
        "5",
        "plus",
        "7",
        "plus",
    ]
