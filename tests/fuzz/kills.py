"""Runs that are killed at moments by chance, and what was lost or doubled; `python -m tests.fuzz.faults` does it.

A batch with -o and a file of claims with -o are killed and resumed until they are whole, and compared byte by byte with
those that were left alone; a map with -o is killed, and the file of that name has to be the one that was there, or the
whole new one.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from tests.support import ROOT

LINES = 400  # of a batch
CLAIMS = 40
ROWS = 300_000  # of a map
PROGRAMS = ("x**2*sin(x)", "log(1 + exp(x))", "where(x > 1, x, 2*x)", "1/x")
CLAIMED = ("2*x*sin(x) + x**2*cos(x)", "exp(x)/(1 + exp(x))", "-1/x**2", "1/x")
ENVIRONMENT = {**os.environ, "GRADCLI_SERVER": "off", "PYTHONPATH": str(ROOT)}


def killed(words: list[str], seconds: float) -> bool:
    """Run gradcli, and kill it and its workers after so long; whether it was still running."""
    command = [sys.executable, "-m", "gradcli", *words]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT, start_new_session=True
    )
    try:
        process.wait(seconds)
        return False
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)  # the process alone: its workers have to end by themselves
        process.wait()
        return True


def finished(words: list[str]) -> float:
    """How long a run takes that is left alone."""
    started = time.monotonic()
    subprocess.run([sys.executable, "-m", "gradcli", *words], env=ENVIRONMENT, capture_output=True, check=False)
    return time.monotonic() - started


def batches(rng: Random, count: int, folder: Path) -> Counter[str]:
    """Kill a batch so often, and resume it; what came of it."""
    return _resumed(rng, count, folder, "batches", ["batch"], [_question(rng, n) for n in range(LINES)])


def claims(rng: Random, count: int, folder: Path) -> Counter[str]:
    """Kill a run over claims so often, and resume it; what came of it."""
    lines = [{"program": rng.choice(PROGRAMS), "claim": rng.choice(CLAIMED), "id": n} for n in range(CLAIMS)]
    return _resumed(rng, count, folder, "files of claims", ["check", "--claims"], lines)


def _question(rng: Random, number: int) -> dict[str, Any]:
    return {"program": rng.choice(PROGRAMS), "at": {"x": rng.random() * 3}, "id": number}


def lines_of(path: Path, questions: Sequence[Mapping[str, Any]]) -> Path:
    """A file of them, one on each line."""
    path.write_text("".join(json.dumps(one) + "\n" for one in questions))
    return path


def _resumed(
    rng: Random, count: int, folder: Path, name: str, command: list[str], questions: list[dict[str, Any]]
) -> Counter[str]:
    """Kill a run over lines until it is whole; its file is byte for byte that of a run that was left alone."""
    whole, part, found = folder / "whole", folder / "part", Counter[str]()
    words = [*command, str(lines_of(folder / "lines.jsonl", questions)), "-o"]
    seconds = finished([*words, str(whole)])
    while found[f"{name} killed"] < count:
        part.unlink(missing_ok=True)
        resumed: list[str] = []
        while found[f"{name} killed"] < count and killed([*words, str(part), *resumed], rng.random() * seconds):
            found[f"{name} killed"] += 1
            resumed = ["--resume"]
        finished([*words, str(part), "--resume"])
        is_same = part.read_bytes() == whole.read_bytes()
        found["whole again, byte for byte" if is_same else f"{name} THAT DIFFER"] += 1
    return found


def maps(rng: Random, count: int, folder: Path) -> Counter[str]:
    """Kill a map so often; what the file of its name is then, and what lies beside it after the next run."""
    target, found = folder / "out.csv", Counter[str]()
    words = ["map", "sin(x)*exp(x)", "--over", f"x=0:1:{ROWS}", "-o", str(target)]
    seconds = finished(words)
    whole, before = target.read_bytes(), b"what was there\n"
    for _ in range(count):
        target.write_bytes(before)
        found["maps killed"] += killed(words, rng.random() * seconds)
        found["files whole or as before" if target.read_bytes() in (before, whole) else "HALVES OF MAPS"] += 1
    finished(words)
    found["MAPS LEFT BEHIND"] += len(list(folder.glob(".out.csv.*")))
    return found


def is_wrong(found: Counter[str]) -> bool:
    """Whether something was lost, doubled or left behind."""
    return any(number and any(word.isupper() for word in what.split()) for what, number in found.items())


def told(found: Counter[str]) -> str:
    """The counts in words."""
    return ", ".join(f"{number:,} {what}" for what, number in found.items() if number)
