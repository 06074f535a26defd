"""Every error message, whole: each file in `errors` is a transcript of commands that are refused."""

from __future__ import annotations

import pytest

from gradcli.errors import GradcliError, Source, Span
from tests.doors import render_error as render
from tests.support import ROOT, Entry, assert_shown, entries, replay

GOLDEN = [
    pytest.param(entry, id=f"{path.stem}: {entry.command.removeprefix('gradcli ')}")
    for path in sorted((ROOT / "tests" / "errors").glob("*.txt"))
    for entry in entries(path.read_text())
]


@pytest.mark.parametrize("entry", GOLDEN)
def test_message(entry: Entry) -> None:
    assert_shown(replay(entry.command), entry.shown)


def test_a_line_of_many_is_named() -> None:
    source = Source("y = 2\nz = y +\nz", "program.txt")
    text = render(GradcliError("parsing the program", "it ends", source=source, span=Span(12, 13)))
    assert text == "error while parsing the program: it ends\n  in program.txt, line 2:\n    z = y +\n          ^"


def test_a_long_line_is_shown_around_the_caret() -> None:
    source = Source("x + " * 100 + "?" + " + y" * 100)
    quoted, carets = render(GradcliError("reading", "no", source=source, span=Span(400, 401))).splitlines()[1:]
    assert len(quoted) < 100
    assert quoted[carets.index("^")] == "?"


def test_what_may_deceive_is_not_printed() -> None:
    source = Source("a\u202eb\x1b[31mc\td")
    quoted, carets = render(GradcliError("reading", "no", source=source, span=Span(10, 11))).splitlines()[1:]
    assert "\u202e" not in quoted
    assert "\x1b" not in quoted
    assert quoted[carets.index("^")] == "d"


def test_wide_characters_take_two_columns() -> None:
    quoted, carets = render(GradcliError("r", "no", source=Source("漢x"), span=Span(1, 2))).splitlines()[1:]
    assert quoted == "    漢x"
    assert carets == "      ^"
