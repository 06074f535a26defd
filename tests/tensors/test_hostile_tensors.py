"""Tensors that nobody should ask for cost little, and files that are none are refused."""

from __future__ import annotations

import json
import os
import pickle
import signal
import struct
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from gradcli.errors import ExitCode
from tests.corpus import hostile
from tests.shares import share
from tests.support import ROOT, run

TENSORS = share(hostile.TENSORS, 3)
SECONDS = 12  # of processor time: the reference's two, autograd's, and the reading of a large answer; 8 on a free core
BYTES = 1 << 30  # beyond what the imports take

_RUNNER = """
import contextlib, io, json, os, resource, sys
os.environ["OMP_NUM_THREADS"] = "1"
import torch
torch.set_num_threads(1)
from gradcli.cli import main
import gradcli
gradcli.differentiate("sum(relu(A@x)**2)", {"x": [1, 2], "A": [[1, 2], [3, 4]]})
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for place, (program, at) in enumerate(json.load(sys.stdin)):
    out, inn = os.pipe()
    pid = os.fork()
    if pid == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (%d, %d))
        os.close(out)
        said, wrong = io.StringIO(), io.StringIO()
        sys.stdin = io.TextIOWrapper(io.BytesIO(program.encode()))
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(wrong):
            code = main(["diff", "-", "--json", "--summary", *(part for one in at for part in ("--at", one))])
        os.write(inn, wrong.getvalue()[-2000:].encode())
        os._exit(code)
    os.close(inn)
    text = b""
    while piece := os.read(out, 65536):
        text += piece
    os.close(out)
    _, status, used = os.wait4(pid, 0)
    print(json.dumps([place, os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime,
                      (used.ru_maxrss - base) * 1024, text.decode()]), flush=True)
"""


class Cost(NamedTuple):
    """What a program left behind, and what it took."""

    code: int
    seconds: float
    grown: int
    err: str


@pytest.fixture(scope="module")
def costs() -> Mapping[int, Cost]:
    done = subprocess.run(
        [sys.executable, "-c", _RUNNER % (2 * SECONDS, 2 * SECONDS + 5)],
        input=json.dumps(TENSORS),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60 + 3 * SECONDS * len(TENSORS),
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == len(TENSORS), done.stderr[-2000:]
    return {place: Cost(*rest) for place, *rest in rows}


@pytest.mark.parametrize("place", range(len(TENSORS)), ids=lambda place: f"{TENSORS[place][0][:40]!a} {place}")
def test_answered_within_the_limits(place: int, costs: Mapping[int, Cost]) -> None:
    cost = costs[place]
    assert cost.code != -signal.SIGXCPU, "it did not come to an end"
    assert cost.code in (ExitCode.AGREE, ExitCode.WRONG, ExitCode.INPUT, ExitCode.UNDEFINED, ExitCode.LIMIT), cost.err
    assert cost.seconds < SECONDS
    assert cost.grown < BYTES
    assert "Traceback" not in cost.err
    assert "Warning" not in cost.err
    assert len(cost.err) < 1_000


# Files


def refused(path: str, said: str) -> None:
    outcome = run("diff", "sum(x)", "--at", f"x=@{path}")
    assert outcome.code in (ExitCode.INPUT, ExitCode.LIMIT)
    assert outcome.out == ""
    assert said in outcome.err, outcome.err


@pytest.mark.parametrize(
    "path", ["/dev/zero", "/dev/stdin", "/dev/random", "/proc/self/mem", "/etc/passwd", "/", "", "-"]
)
def test_no_file_of_numbers(path: str) -> None:
    refused(path, "error while")


def test_special_files_with_a_good_name(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.npy")
    refused(f"{tmp_path}/pipe.npy", "not a regular file")
    (tmp_path / "folder.csv").mkdir()
    refused(f"{tmp_path}/folder.csv", "a directory")
    for name in ("zero.npy", "zero.csv", "zero.txt"):
        (tmp_path / name).symlink_to("/dev/zero")
        refused(f"{tmp_path}/{name}", "not a regular file")
    (tmp_path / "self.npy").symlink_to("self.npy")
    refused(f"{tmp_path}/self.npy", "cannot be read")
    refused(f"{tmp_path}/none.npy", "cannot be read")


def npy(header: str, data: bytes = b"") -> bytes:
    """A .npy file with this header."""
    text = header.encode("latin1")
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


LYING = [
    ("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,)}", "entries"),
    ("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000,)}", "ends before"),
    ("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}", "no .npy file"),
    ("{'descr': '<f8', 'fortran_order': False, 'shape': (0,)}", "no numbers"),
    ("{'descr': '<f8', 'fortran_order': False, 'shape': 'x'}", "no .npy file"),
    ("{'descr': '<c16', 'fortran_order': False, 'shape': (1,)}", "complex"),
    ("{'descr': '<U1000000000', 'fortran_order': False, 'shape': (1,)}", "no .npy file"),
    ("{'descr': '<M8[s]', 'fortran_order': False, 'shape': (1,)}", "type"),
    ("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)}", "type"),
    ("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "objects"),
    ("__import__('os').system('touch canary')", "no .npy file"),
    ("(" * 5_000, "no .npy file"),
    ("", "no .npy file"),
]


@pytest.mark.parametrize(("header", "said"), LYING, ids=lambda value: value[:40])
def test_a_header_that_lies(header: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.npy").write_bytes(npy(header, b"\0" * 64))
    refused("x.npy", said)
    assert os.listdir(tmp_path) == ["x.npy"]


class _Canary:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("canary",)


def test_no_pickle_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("objects.npy", np.array([_Canary()], dtype=object), allow_pickle=True)
    (tmp_path / "plain.npy").write_bytes(pickle.dumps(_Canary()))
    (tmp_path / "numbers.csv").write_bytes(pickle.dumps(_Canary()))
    for name in ("objects.npy", "plain.npy", "numbers.csv"):
        refused(name, "error while")
    assert not (tmp_path / "canary").exists()


@pytest.mark.parametrize(
    "text",
    ["1,nan\n", "1,inf\n", "1,-Infinity\n", "a,b\n", "1,2\n3\n", "", "\n\n#1\n", "1;2\n", "\x00\x00", "\xff\xfe1", "1e999\n",
     "1,2\n" + "x" * 100_000, "," * 100_000, "=canary()\n", "0x10\n", "1_000\n"],
    ids=lambda text: f"{text[:12]!a}",
)  # fmt: skip
def test_texts_that_are_no_numbers(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(text.encode("latin1"))
    refused(f"{tmp_path}/x.csv", "error while")
