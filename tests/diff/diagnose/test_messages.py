"""What is said where a number is not finite, or has lost its digits, whole: each file here is a transcript."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import Entry, assert_shown, entries, replay

PATIENCE = " --patience 30"  # what is said must not depend on how busy the machine is

GOLDEN = [
    pytest.param(entry, id=f"{path.stem}: {entry.command.removeprefix('gradcli diff ')}")
    for path in sorted(Path(__file__).parent.glob("*.txt"))
    for entry in entries(path.read_text())
]


@pytest.mark.parametrize("entry", GOLDEN)
def test_message(entry: Entry) -> None:
    assert_shown(replay(entry.command + PATIENCE), entry.shown)


def test_public_cases_are_there() -> None:
    comments = " ".join(path.read_text() for path in Path(__file__).parent.glob("*.txt"))
    for thread in ("#187297", "#16317", "#68425", "#2421", "#160016", "#475"):
        assert thread in comments
