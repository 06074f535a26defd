"""The transcripts that users read show what the commands really say: examples.txt, the README and the pages of help."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from tests.regenerate import PAGES, rewrite_blocks, rewrite_list
from tests.support import ROOT, Entry, assert_shown, entries, replay, same

TEXTS = {path.stem: path.read_text() for path in PAGES}


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a Markdown page that are in this language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def transcripts() -> dict[str, str]:
    texts = {"examples.txt": (ROOT / "examples.txt").read_text()}
    return texts | {name: "\n".join(blocks(text, "console")) for name, text in TEXTS.items()}


SHOWN = {
    entry: name for name, text in transcripts().items() for entry in entries(text)
}  # what stands twice is tried once
ENTRIES = [pytest.param(entry, id=f"{name}: {entry.command.removeprefix('gradcli ')}") for entry, name in SHOWN.items()]


@pytest.mark.parametrize("entry", ENTRIES)
def test_shown_output_is_real(entry: Entry) -> None:
    assert_shown(replay(entry.command), entry.shown)


def test_first_screen_is_what_a_newcomer_needs() -> None:
    screen = TEXTS["README"].splitlines()[:25]
    assert any("--json | jq" in line for line in screen)
    assert 'python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/gradcli diff "2*x**3+x" --at x=1' in screen
    assert "python3 -m venv .venv && .venv/bin/pip install '.[test]' && .venv/bin/python -m pytest" in screen


def test_the_row_that_is_shown_is_in_the_table() -> None:
    (row,) = (block for block in blocks(TEXTS["contributing"], "python") if block.startswith("Row("))
    rooms = [path.read_text() for path in Path(ROOT / "gradcli" / "functions").glob("*.py")]
    indented = "".join(f"    {line}\n" for line in row.splitlines())
    assert any(indented in room for room in rooms)


class _Checker(doctest.OutputChecker):
    """Numbers as any processor gives them."""

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        return super().check_output(want, got, optionflags) or same(want, got)


def test_what_is_typed_into_python_answers_so() -> None:
    """The `>>>` lines of the pages, block by block."""
    typed = [block for text in TEXTS.values() for block in blocks(text, "python") if ">>>" in block]
    assert typed
    runner = doctest.DocTestRunner(_Checker())
    told: list[str] = []
    for number, block in enumerate(typed):
        runner.run(doctest.DocTestParser().get_doctest(block, {}, f"block {number}", None, 0), out=told.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(told)


def test_the_list_of_functions_is_the_table() -> None:
    assert rewrite_list(TEXTS["functions"]) == TEXTS["functions"]


def test_rewriting_a_page_keeps_what_is_no_transcript() -> None:
    page = "# A\n\n```python\n$ x\n```\ntext\n```console\n$ gradcli --version\nold\n```\n"
    assert rewrite_blocks(page) == page.replace("old", replay("gradcli --version"))
