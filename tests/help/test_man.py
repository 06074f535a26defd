"""The man page: every page that a user reads, with nothing in it that roff would take for its own."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from tests.doors import MAN_FIRST as FIRST
from tests.doors import MAN_LEFT_OUT as LEFT_OUT
from tests.doors import man_page as man
from tests.doors import manual_titles as titles


def test_every_page_is_a_section() -> None:
    sections = re.findall(r"^\.SH (.*)$", man(), re.MULTILINE)
    assert len(sections) == 2 + len(titles()) - len(LEFT_OUT)
    assert set(FIRST) | set(LEFT_OUT) <= set(titles())
    assert (
        sections[:3] == ["NAME", "SYNOPSIS", "THE LANGUAGE"]
        or sections[2] == titles()["language"].partition(":")[0].upper()
    )


def test_code_is_as_it_is() -> None:
    lines = man().splitlines()
    assert lines.count(".EX") == lines.count(".EE") > 40
    known = (".TH", ".SH", ".SS", ".B", ".PP", ".IP", ".EX", ".EE", ".br")
    assert all(line.split(" ")[0] in known for line in lines if line.startswith((".", "'")))
    assert r"$ gradcli diff \(dq" not in man() and "gradcli diff" in man()


@pytest.mark.skipif(shutil.which("man") is None, reason="man is not installed")
def test_man_has_nothing_to_say_against_it() -> None:
    done = subprocess.run(["man", "--warnings", "-l", "-"], input=man(), capture_output=True, text=True, timeout=60)
    if "No manual entry" in done.stderr or "minimized" in done.stdout:
        pytest.skip("man shows no files here")
    assert "gradcli" in done.stdout
    assert "macro" not in done.stderr and "undefined" not in done.stderr
