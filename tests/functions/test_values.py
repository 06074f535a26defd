"""What the table of functions says, held as a text of one line a row."""

from __future__ import annotations

import sys

import pytest

from tests.doors import SAME, Row, table
from tests.functions.written import PATH, written


@pytest.mark.skipif(
    sys.version_info < (3, 11), reason="a lambda is found in its file by the places of its instructions"
)
def test_the_table_says_what_it_said() -> None:
    """A changed line is a changed row; `python -m tests.regenerate` writes them anew."""
    assert written().splitlines() == PATH.read_text().splitlines()


def test_same_is_the_name_of_the_row() -> None:
    row = Row("sin", "x", "", torch=SAME, sympy=SAME, mp=SAME, arb=SAME, forward=SAME, scipy="other")
    assert (row.torch, row.sympy, row.mp, row.arb, row.forward, row.scipy) == ("sin",) * 5 + ("other",)


@pytest.mark.parametrize("engine", ["torch", "sympy", "mp", "arb", "forward", "scipy"])
def test_no_reader_meets_the_mark(engine: str) -> None:
    assert SAME not in [getattr(row, engine) for row in table.ROWS]
