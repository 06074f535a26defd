"""What the shells offer at TAB."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.doors import complete_functions as functions
from tests.doors import complete_names as names
from tests.doors import complete_values as values
from tests.support import ROOT


def test_function_names_in_the_last_word() -> None:
    assert functions("2*x + asi") == ["2*x + asin", "2*x + asinh"]
    assert "relu" in functions("rel")
    assert functions("2*") == []
    assert functions("x + F.softs") == ["x + F.softshrink", "x + F.softsign"]
    assert functions("nothing.soft") == []


def test_variables_after_at() -> None:
    assert values("u*v + u**2", "") == ["u=", "v="]
    assert values("u*v", "u=1,") == ["u=1,v="]
    assert values("velocity*time", "v") == ["velocity="]
    assert values("2*x +", "") == []
    assert values(None, "") == []


def test_names_after_wrt() -> None:
    assert names("y = x**2; y*z", "") == ["x", "z", "y"]
    assert names("y = x**2; y*z", "x,") == ["x,z", "x,y"]


def complete(shell: str, line: str) -> str:
    """What Typer's completion prints for a line that is being typed."""
    words = line.split(" ")
    environment = {
        **os.environ,
        "_GRADCLI_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": line,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    code = "import sys; sys.argv[0] = 'gradcli'; from gradcli.entry import run; run()"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells(shell: str) -> None:
    assert "asinh" in complete(shell, "gradcli diff 2*asin")
    assert "v=" in complete(shell, "gradcli diff 'u*v' --at u=1,")
    assert "--patience" in complete(shell, "gradcli diff x --pat")
    assert "functions" in complete(shell, "gradcli func")
    assert "julia" in complete(shell, "gradcli code x --to ju")


# In the real shells, through a pseudo-terminal: a `gradcli` on the path prints its arguments where nobody asks what TAB
# may offer, so what a line became is seen from outside.
STARTS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
SETUP = {
    "bash": "source {script}",
    "zsh": "autoload -U compinit; compinit -u -D; source {script}",
    "fish": "source {script}",
}
SCRIPT = {"bash": "gradcli.bash", "zsh": "_gradcli", "fish": "gradcli.fish"}
TYPED = [  # what is typed, TAB, what is typed then, and the last argument
    ("gradcli diff 'u*v' --at u", "5", "<u=5>"),
    ("gradcli diff 'u*v' --at u=1,", "2", "<u=1,v=2>"),
    ("gradcli diff x --format pl", " end", "<plain><end>"),
    ("gradcli diff x --at x=@REA", "", "<x=@README.md>"),
    ("gradcli diff x --file READ", "", "<README.md>"),
    ("gradcli server sto", "", "<stop>"),
]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_in_the_real_shell(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    program = tmp_path / "gradcli"
    program.write_text(
        f'#!/bin/sh\n[ -n "$_GRADCLI_COMPLETE" ] && PYTHONPATH={ROOT} exec {sys.executable} -m gradcli\n'
        'for one in "$@"; do printf "<%s>" "$one"; done; printf "END\\n"\n'
    )
    program.chmod(0o755)
    script = ROOT / "gradcli" / "terminal" / "completions" / SCRIPT[shell]
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "TERM": "dumb", "HOME": str(tmp_path)}
    child, terminal = pty.fork()
    if not child:
        os.chdir(ROOT)
        os.execvpe(STARTS[shell][0], STARTS[shell], environment)
    try:
        say(terminal, SETUP[shell].format(script=script) + "; echo REA''DY\n", "READY")
        for line, then, expected in TYPED:
            say(terminal, line, line.rpartition(" ")[2])
            os.write(terminal, b"\t")
            heard(terminal, None, 6.0)
            shown = say(terminal, then + "\n", "END")
            assert re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown).rpartition("END")[0].endswith(expected), (line, shown)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)


def say(terminal: int, text: str, until: str) -> str:
    os.write(terminal, text.encode())
    return heard(terminal, until, 30.0)


def heard(terminal: int, until: str | None, most: float) -> str:
    """What the terminal shows, up to a text; or until it has shown something and is silent for a while."""
    found, end = "", time.monotonic() + most
    while time.monotonic() < end and not (until is not None and until in found):
        ready, _, _ = select.select([terminal], [], [], 0.4)
        if ready:
            found += os.read(terminal, 10_000).decode(errors="replace")
        elif until is None and found:
            break
    return found


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_scripts_are_those_that_are_shown(shell: str) -> None:
    script = (ROOT / "gradcli" / "terminal" / "completions" / SCRIPT[shell]).read_text()
    code = f"import sys; sys.argv = ['gradcli', '--show-completion', '{shell}']; from gradcli.entry import run; run()"
    environment = {**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60, env=environment
    )
    assert done.stdout.strip() == script.strip()
