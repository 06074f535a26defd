"""The manual: every page is found, shown, and says what is true of files and commands."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.doors import COMMANDS
from tests.regenerate import PAGES
from tests.support import ROOT, run

HELP = ROOT / "gradcli" / "help"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if not target.startswith(("http", "#")):
            assert (page.parent / target.partition("#")[0]).exists() and "/" not in target, target


def test_the_readme_is_short_and_names_every_page() -> None:
    readme = (ROOT / "README.md").read_text()
    assert len(readme.splitlines()) <= 250
    assert {path.stem for path in HELP.glob("*.md")} <= set(re.findall(r"`([a-z-]+)`", readme.partition("## More")[2]))
    assert "](" not in readme  # which is the description of the package, too: links to files lead nowhere there


def test_every_page_is_listed_and_shown() -> None:
    listed = run("help")
    assert listed.code == 0
    for path in HELP.glob("*.md"):
        assert re.search(rf"^  {path.stem} ", listed.out, flags=re.MULTILINE), path.stem
        assert run("help", path.stem).out.endswith(path.read_text()), path.stem


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_two_examples_and_its_help_twice(name: str) -> None:
    told = run(name, "--help")
    assert told.code == 0
    assert run("help", name).out.startswith(told.out)
    assert (
        len(re.findall(rf"^ +(?:(?:echo|printf) .*\| )?gradcli {name}\b", told.out, flags=re.MULTILINE)) >= 2
        or name == "functions"
    )


@pytest.mark.parametrize(("typed", "meant"), [
    (["x^2"], ["diff", "x^2"]),
    (["x^2", "--at", "x=3"], ["diff", "x^2", "--at", "x=3"]),
    (["-x^2"], ["diff", "-x^2"]),
    (["--at", "x=3", "x^2"], ["diff", "--at", "x=3", "x^2"]),
    (["version"], ["--version"]),
    ([], ["--help"]),
    (["-h"], ["--help"]),
    (["diff", "-h"], ["diff", "--help"]),
])  # fmt: skip
def test_the_first_word_may_stand_for_a_command(typed: list[str], meant: list[str]) -> None:
    assert run(*typed) == run(*meant)


def test_what_works_without_torch(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')")

    def answered(*args: str, stdin: str = "") -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "gradcli", *args], capture_output=True, text=True, check=False, input=stdin,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{tmp_path}:{ROOT}", "GRADCLI_SERVER": "off"},
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    assert answered("diff", "x**2", "--format", "plain") == (0, "x 2*x\n")
    assert answered("steps", "x**3", "--at", "x=2")[0] == 0
    lines = '"x**2"\n{"program": "x**2", "at": {"x": 2}}\n{"program": "sum(v)", "shape": {"v": 2}}\n'
    code, told = answered("batch", "--workers", "1", stdin=lines)
    assert code == 2
    first, second, third = map(json.loads, told.splitlines())
    assert first["partials"][0]["symbolic"] == "2*x"
    assert second["error"]["message"] == "torch is not installed"
    assert third["partials"][0]["matrix"] == "ones(2)"
    assert answered("code", "x**2*y", "--to", "c")[0] == 0
    code, told = answered("check", "x**2", "--claim", "2*x")
    assert (code, told.splitlines()[0]) == (0, "∂f/∂x = 2*x  proved")
    assert told.endswith("\nForward and reverse mode were not compared: torch is not installed.\n")
    code, told = answered("diff", "x**2", "--at", "x=2")
    assert (code, told.splitlines()[0]) == (2, "error while computing: torch is not installed")
    assert "pip install" in told
