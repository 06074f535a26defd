"""A call that a warm worker makes, beside a plain one and beside a calculator written in C++."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.measure import Figure, in_turn, process

SCRIPT = Path(sys.executable).with_name("gradcli")
GRADCLI = [str(SCRIPT)] if SCRIPT.exists() else [sys.executable, "-m", "gradcli"]
SMALL = ["diff", "2*x**3+x", "--at", "x=1"]
REPEATS = 3  # of the plain side, which takes a second


@contextmanager
def served() -> Iterator[None]:
    """A server of its own, for as long as it is needed."""
    before = {name: os.environ.get(name) for name in ("XDG_RUNTIME_DIR", "GRADCLI_SERVER", "PYTHONDONTWRITEBYTECODE")}
    with tempfile.TemporaryDirectory() as directory:
        os.environ["XDG_RUNTIME_DIR"] = directory
        os.environ.pop("GRADCLI_SERVER", None)
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        try:
            subprocess.run([*GRADCLI, "server", "start"], check=True, capture_output=True)
            yield
        finally:
            subprocess.run([*GRADCLI, "server", "stop"], check=True, capture_output=True)
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value


def warm(rounds: int) -> Iterator[Figure]:
    """One answer from a warm worker, from the start of the client to its end."""
    with served():
        call = process([*GRADCLI, *SMALL])
        plain = process(["env", "GRADCLI_SERVER=off", *GRADCLI, *SMALL])
        own, peer = in_turn(call, plain, max(rounds, REPEATS))
        yield Figure("warm diff", own, 0.05, peer, "the same call, cold")
        if shutil.which("qalc"):
            own, peer = in_turn(call, process(["qalc", "-t", "diff(2*x^3+x)"]), rounds)
            yield Figure("warm diff", own, 0.6, peer, 'qalc -t "diff(2*x^3+x)"')
