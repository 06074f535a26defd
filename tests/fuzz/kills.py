"""Runs that are killed at moments by chance: `python -m tests.fuzz.kills --count 200` says what was lost or doubled.

A batch with -o is killed and resumed until it is whole, and compared byte by byte with one that was left alone; a map
with -o is killed, and the file of that name has to be the one that was there, or the whole new one.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from tests.support import ROOT

LINES = 400  # of a batch
ROWS = 300_000  # of a map
PROGRAMS = ("x**2*sin(x)", "log(1 + exp(x))", "where(x > 1, x, 2*x)", "1/x")
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
    lines, whole, found = folder / "lines.jsonl", folder / "whole.jsonl", Counter[str]()
    questions = [{"program": rng.choice(PROGRAMS), "at": {"x": rng.random() * 3}, "id": n} for n in range(LINES)]
    lines.write_text("".join(json.dumps(one) + "\n" for one in questions))
    words = ["batch", str(lines), "-o"]
    seconds = finished([*words, str(whole)])
    while found["batches killed"] < count:
        part = folder / "part.jsonl"
        part.unlink(missing_ok=True)
        resumed: list[str] = []
        while killed([*words, str(part), *resumed], rng.random() * seconds) and found["batches killed"] < count:
            found["batches killed"] += 1
            resumed = ["--resume"]
        finished([*words, str(part), "--resume"])
        found["batches the same" if part.read_bytes() == whole.read_bytes() else "BATCHES THAT DIFFER"] += 1
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
        found["maps whole or as before" if target.read_bytes() in (before, whole) else "HALF A MAP"] += 1
    finished(words)
    found["MAPS LEFT BEHIND"] += len(list(folder.glob(".out.csv.*")))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.kills", description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="moments, of batches and of maps together")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng, found = Random(arguments.seed), Counter[str]()
    for attack in (batches, maps):
        with tempfile.TemporaryDirectory() as folder:
            found += attack(rng, (arguments.count + 1) // 2, Path(folder))
    print(", ".join(f"{number:,} {what}" for what, number in found.items()))
    return int(any(what.isupper() and number for what, number in found.items()))


if __name__ == "__main__":
    raise SystemExit(main())
