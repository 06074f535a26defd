"""A newcomer: a terminal of 80 by 24, and the README's commands from the first to the last, typed one after the other.

With GRADCLI_FRESH set, in an environment of its own, made by the README's own first command.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import ROOT, entries

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
SETUP = re.search(r"```sh\n(.*)\n", README)
SECONDS = 120  # until a command has answered: a machine under test may be busy
WIDTH, HEIGHT, HELD = 80, 24, 400
NUMBER = re.compile(r"(?<![\w.])\d+\.\d+(?:e[-+]\d+)?")

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")


class Terminal:
    """A terminal that somebody sits at, and what stands on it."""

    def __init__(self, folder: Path, path: Path) -> None:
        self.folder = folder
        self.socket = str(folder / "tmux")
        kept = {name: value for name, value in os.environ.items() if name not in ("CI", "GRADCLI_SERVER", "TMUX")}
        own = {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "PATH": f"{path}:{os.environ['PATH']}",
               "LC_ALL": "C.UTF-8", "PYTHONPATH": "" if "GRADCLI_FRESH" in os.environ else str(ROOT)}  # fmt: skip
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", str(WIDTH), "-y", str(HEIGHT),
                   "bash --norc --noprofile", env={**kept, **own})  # fmt: skip
        self._tmux("set-option", "history-limit", str(HELD))

    def _tmux(self, *args: str, env: dict[str, str] | None = None) -> str:
        done = subprocess.run(
            ["tmux", "-S", self.socket, *args], capture_output=True, text=True, env=env, cwd=self.folder, check=True
        )
        return done.stdout

    def type(self, command: str) -> tuple[str, int]:
        """What a command shows, and its exit code."""
        (self.folder / "typed").write_text(f"clear\n{command}\n")
        self._tmux("clear-history")
        self._tmux("send-keys", '. ./typed; echo "[""exit $?]"', "Enter")
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            time.sleep(0.03)
            shown = self._tmux("capture-pane", "-p", "-S", "-")
            if found := re.search(r"^\[exit (\d+)\]$", shown, re.MULTILINE):
                return shown[: found.start()], int(found[1])
        raise TimeoutError(shown)

    def wait_for_the_server(self) -> None:
        """As somebody does who reads an answer first."""
        end = time.monotonic() + SECONDS
        while not any(self.folder.glob("*.sock")) and time.monotonic() < end:
            time.sleep(0.05)

    def close(self) -> None:
        """Leave, and leave nothing behind."""
        self.type("gradcli server stop")
        self._tmux("kill-server")


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    folder = tmp_path_factory.mktemp("new")
    if "GRADCLI_FRESH" in os.environ:
        sources = folder / "sources"
        shutil.copytree(ROOT, sources, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__"))
        assert SETUP is not None
        subprocess.run(["sh", "-euc", SETUP[1]], cwd=sources, check=True)
        path = sources / ".venv" / "bin"
    else:
        path = folder / "bin"
        path.mkdir()
        for name, command in (("gradcli", f'{sys.executable} -m gradcli "$@"'), ("python", f'{sys.executable} "$@"')):
            (path / name).write_text(f"#!/bin/sh\nexec {command}\n")
            (path / name).chmod(0o755)
    opened = Terminal(folder, path)
    yield opened
    opened.close()


def test_the_readme_as_it_is_typed(terminal: Terminal) -> None:
    assert len(BLOCKS) > 5
    told = 0
    for command, shown in (one for block in BLOCKS for one in entries(block)):
        if "jq" in command and shutil.which("jq") is None:
            continue
        screen, code = terminal.type(command)
        meant = re.search(r"\[exit (\d)\]", shown)
        assert code == (int(meant[1]) if meant else 0), f"{command}\n{screen}"
        assert "Traceback" not in screen and "defect" not in screen, f"{command}\n{screen}"
        missing = set(NUMBER.findall(shown)) - set(NUMBER.findall(screen))
        assert not missing, f"{command}: {missing} are not on the screen, or torn\n{screen}"
        if "gradcli stays loaded" in screen:
            told += 1
            terminal.wait_for_the_server()
    assert told == 1  # it is said once that a server has been started
