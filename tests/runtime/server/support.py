"""A server for tests, and how it is called."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.support import ROOT

COMMAND = [sys.executable, "-m", "gradcli"]
SMALL = ["diff", "2*x**3+x", "--at", "x=1"]


class Server:
    """A server of its own in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.environment = {**os.environ, "XDG_RUNTIME_DIR": str(directory)}
        self.environment.pop("GRADCLI_SERVER", None)

    def call(self, *args: str, stdin: bytes = b"", **changed: str) -> subprocess.CompletedProcess[bytes]:
        environment = {**self.environment, **changed}
        return subprocess.run(
            [*COMMAND, *args], input=stdin, capture_output=True, cwd=ROOT, env=environment, timeout=90
        )

    def popen(self, *args: str, **options: Any) -> subprocess.Popen[bytes]:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.Popen([*COMMAND, *args], cwd=ROOT, env=self.environment, **pipes)

    def start(self, *options: str) -> None:
        done = self.call("server", "start", *options)
        assert done.returncode == 0, done.stderr

    def status(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.call("server", "status", "--json").stdout)
        return told

    def stop(self) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.call("server", "stop")

    def plain(self, *args: str, stdin: bytes = b"", **changed: str) -> subprocess.CompletedProcess[bytes]:
        return self.call(*args, stdin=stdin, **changed, GRADCLI_SERVER="off")


def wait_until(condition: Any, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)
