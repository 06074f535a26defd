"""A few lines in a fresh process are answered by two workers: with the records that workers write."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

LINES = [
    {"program": "sin(x)*exp(-x**2/2) + 3*x*y", "at": {"x": 0.3, "y": 1.5}},
    {"program": "log(x)", "at": {"x": 0}, "id": "a pole"},
    {"program": "sin(x", "at": {"x": 0}},
    {"program": "abs(x)", "at": "x=0"},
    {"program": "x**2", "order": 2, "at": {"x": 3}},
    {"program": "gamma(x)*y", "at": {"x": 3, "y": 1e300}, "wrt": "y"},
    {"program": "exp(x)", "at": {"x": 1000}},
    {"program": "sqrt(x)/x", "at": {"x": 0}},
    {"program": "y = x**2; y*3", "at": {"x": 0.1}},
    {"program": "log(1 + x)", "at": {"x": 3e-16}, "dtype": "float32"},
    {"program": "x*z", "at": {"x": 1}},
]


def _run(lines: list[dict[str, object]], tmp_path: Path, *options: str) -> tuple[int, bytes]:
    path = tmp_path / "lines.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    command = [sys.executable, "-m", "gradcli", "batch", str(path), *options]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    return done.returncode, done.stdout


def test_they_are_those_of_workers(tmp_path: Path) -> None:
    assert _run(LINES, tmp_path) == _run(LINES, tmp_path, "--workers", "1")


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    "line",
    [
        {"program": "sum(x**2)", "at": {"x": [1, 2]}},
        {"program": "x**2", "claim": "2*x"},
        {"program": "x**2", "at": {"x": 1}, "explain": True},
        {"program": "x**2"},
    ],
)
def test_what_is_more_goes_to_workers(line: dict[str, object], tmp_path: Path) -> None:
    code, text = _run([LINES[0], line], tmp_path)
    assert code == 0
    assert [json.loads(one)["id"] for one in text.splitlines()] == [1, 2]
