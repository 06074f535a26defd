"""Golden texts: the graph and both passes at 80 columns. `python -m tests.graph.test_golden` writes them anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from gradcli import graph
from tests.doors import Screen
from tests.doors import graph_tape as tape
from tests.doors import graph_tree as tree
from tests.graph.programs import CASES, Case
from tests.support import assert_shown

GOLDEN = Path(__file__).parent / "golden"
WIDTH = 80


def drawn(case: Case, screen: Screen) -> str:
    found = graph(case.program, case.at or None, wrt=case.wrt).folded_for()
    return f"{tree.render(found, screen)}\n{tape.render(found, screen, True, True)}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_graph_and_passes_are_as_they_were(case: Case) -> None:
    text = drawn(case, Screen(WIDTH, False, True))
    assert_shown(text, (GOLDEN / f"{case.name}.txt").read_text().partition("\n\n")[2])
    assert max(map(cell_len, text.splitlines())) <= WIDTH


@pytest.mark.parametrize("width", [40, 60, 100, 120])
def test_every_width_is_kept(width: int) -> None:
    for case in CASES:
        text = drawn(case, Screen(width, False, True))
        assert max(map(cell_len, text.splitlines())) <= width, case.name


def test_ascii_is_enough() -> None:
    for case in CASES:
        assert drawn(case, Screen(WIDTH, False, False)).isascii(), case.name


def test_colours_change_nothing_else() -> None:
    import re

    for case in CASES[:6]:
        plain, coloured = (drawn(case, Screen(WIDTH, color, True)) for color in (False, True))
        assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


if __name__ == "__main__":
    for one in CASES:
        options = "".join(f' --{name} "{value}"' for name, value in (("at", one.at), ("wrt", one.wrt)) if value)
        text = f'gradcli graph "{one.program}"{options}\n\n{drawn(one, Screen(WIDTH, False, True))}'
        (GOLDEN / f"{one.name}.txt").write_text(text)
