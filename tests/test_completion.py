"""What the shells offer at TAB."""

from __future__ import annotations

import os
import subprocess
import sys

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
    assert "v=" in complete(shell, "gradcli diff u*v --at u=1,")
    assert "--patience" in complete(shell, "gradcli diff x --pat")
    assert "functions" in complete(shell, "gradcli func")
    assert "julia" in complete(shell, "gradcli code x --to ju")
