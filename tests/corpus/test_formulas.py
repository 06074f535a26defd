"""Formulas are as short as those in books, and each is the derivative."""

from __future__ import annotations

import statistics
from functools import cache

import mpmath
import pytest

from tests.corpus.formulas import (
    DIGITS,
    PRACTICE,
    TEXTBOOK,
    Line,
    derivative,
    evaluated,
    is_same,
    length,
    lines,
    own,
    points,
)

MOST = 1.25  # of the length of SymPy's simplified form
LONGER = 6  # of the 150 derivatives of books may be longer than there

BOOKS, FIELD = lines(TEXTBOOK), lines(PRACTICE)


@cache
def _own() -> list[str]:
    return [own(line) for line in BOOKS]


def test_the_corpora_are_complete() -> None:
    assert len(BOOKS) == 150 and len(FIELD) == 61
    for line in (*BOOKS, *FIELD):
        assert line["source"] and line["book"] and line["by"] in line["program"]
    assert len({(line["program"], line["by"]) for line in (*BOOKS, *FIELD)}) == len(BOOKS) + len(FIELD)


def test_lengths_count_what_is_read() -> None:
    assert [length(text) for text in ("x", "-x", "2*x", "x**2", "sin(x)", "1/(x + 1)**2")] == [1, 2, 3, 3, 4, 9]


def test_the_median_is_at_most_that_of_the_books() -> None:
    shown, printed = [length(text) for text in _own()], [length(line["book"]) for line in BOOKS]
    assert statistics.median(shown) <= statistics.median(printed)
    assert statistics.fmean(shown) <= statistics.fmean(printed)
    assert sum(a > b for a, b in zip(shown, printed)) <= LONGER


def test_none_is_much_longer_than_what_sympy_simplifies_it_to() -> None:
    found = [(text, line["simplified"]) for text, line in zip(_own(), BOOKS)]
    assert not [(text, other) for text, other in found if length(text) > MOST * length(other)]


def test_formulas_of_practice_are_as_short_as_published() -> None:
    assert statistics.median(line["length"] / line["published"] for line in FIELD) <= 1
    assert sum(line["length"] > line["published"] for line in FIELD) <= LONGER


@pytest.mark.parametrize("line", BOOKS, ids=lambda line: f"{line['program']} by {line['by']}")
def test_a_derivative_of_a_book(line: Line) -> None:
    _compare(line, own(line))


@pytest.mark.parametrize("line", FIELD, ids=lambda line: f"{line['program']} by {line['by']}")
def test_a_formula_of_practice(line: Line) -> None:
    shown = own(line)
    assert length(line["book"]) == line["published"]
    assert length(shown) <= line["length"]
    _compare(line, shown)


def _compare(line: Line, shown: str) -> None:
    with mpmath.workdps(DIGITS):
        chosen = list(points(line))
        for point in chosen:
            truth = derivative(line, point)
            for formula in (shown, line["book"]):
                assert is_same(evaluated(line, point, formula), truth), formula
    assert chosen
