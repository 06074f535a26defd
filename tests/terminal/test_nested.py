"""Nested lists: entries, summaries, and values within a line."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.doors import array_summary as summary
from tests.doors import bracketed, brief, figure, index_at, indices, to_digits
from tests.doors import flat_array as flat
from tests.doors import given_array as given
from tests.doors import nested_shape as shape_of
from tests.doors import short_decimals as short
from tests.doors import tensor_text as tensor


@pytest.mark.parametrize("value", [1.0, [], [1.0], [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [[[1.0], [2.0]]]])
def test_entries_in_order(value: Any) -> None:
    shape = shape_of(value)
    if shape:
        for position, (index, entry) in enumerate(zip(indices(shape), flat(value, shape))):
            assert index_at(position, shape) == index
            inner = value
            for one in index:
                inner = inner[one]
            assert inner == entry
        assert len(flat(None, shape)) == math.prod(shape)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.0, "2.0"), (1 / 3, "0.333333"), (-1e10 / 7, "-1.42857e+09"), (123456789.0, "1.23457e+08"),
        (5e-07, "5e-07"), (1e300, "1e+300"), (math.inf, "inf"), (math.nan, "nan"), (None, "none"),
        (12345.678, "12345.7"), (0.1 + 0.2, "0.3"), (299999.99999, "300000"), (0.0, "0.0"), (-0.0, "-0.0"),
    ],
)  # fmt: skip
def test_brief(value: float | None, text: str) -> None:
    assert brief(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.0, "3"), (1e-5, "1e-5"), (1 / 3, "0.333333"), (-0.0, "0"), (123456.5, "123456.5"), (12345678.9, "1.23457e7"),
        (math.nan, "nan"), (-math.inf, "-inf"), (None, "unknown"),
    ],
)  # fmt: skip
def test_figure(value: float | None, text: str) -> None:
    assert figure(value) == text


def test_decimals_of_any_size() -> None:
    assert to_digits("1.23456789e-400", 3) == "1.23e-400"
    assert to_digits("2.50000", 20) == "2.5"
    assert to_digits("-inf") == "-inf"
    assert short("1.500e-9") == "1.5e-9"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([1.0, 2.0, 3.0, 6.0], "4 entries; norm 7.07107; from 1.0 at [0] to 6.0 at [3]; mean 3.0; begins 1.0, 2.0, 3.0, ..."),
        ([[1.0, 2.0]], "1x2, 2 entries; norm 2.23607; from 1.0 at [0,0] to 2.0 at [0,1]; mean 1.5; begins 1.0, 2.0"),
        ([[2.0] * 3] * 2, "2x3, 6 entries; norm 4.89898; all 2.0"),
        ([math.nan, 1.0, math.inf], "3 entries; norm 1.0; 1.0; 1 nan; 1 inf; begins nan, 1.0, inf"),
        ([1e308, 1e308], "2 entries; norm 1.41421e+308; all 1e+308"),
        ([math.nan], "1 entry; 1 nan"),
        ([], "0 entries"),
    ],
)  # fmt: skip
def test_summary(value: list[Any], text: str) -> None:
    assert summary(value, shape_of(value)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "x = 1.0"),
        ([1.0, 2.0], "x = [1.0, 2.0]"),
        ([[1.0, 2.0], [3.0, 4.0]], "x = [[1.0, 2.0], [3.0, 4.0]]"),
        ([i / 50 for i in range(-500, 501)], "x: 1001 entries from -10.0 to 10.0"),
        ([[1.5] * 20] * 30, "x: 30x20 matrix, all 1.5"),
        ([[[1.5, 2.5] * 20] * 30], "x: 1x30x40 tensor from 1.5 to 2.5"),
        ([], "x = []"),
    ],
)
def test_given(value: Any, text: str) -> None:
    assert given("x", value) == text


def test_the_points_stand_in_line() -> None:
    rows = [[1.0, -20.25], [100.5, math.nan]]
    assert bracketed(rows, 80, True, repr) == ["⎡  1.0  -20.25⎤", "⎣100.5  nan   ⎦"]
    assert bracketed(rows, 80, False, repr) == ["[  1.0  -20.25]", "[100.5  nan   ]"]
    assert bracketed([[1.0, 2.0]], 80, True, repr) == ["[1.0  2.0]"]
    assert bracketed([[1.0]] * 3, 80, True, repr) == ["⎡1.0⎤", "⎢1.0⎥", "⎣1.0⎦"]


def test_few_digits_where_all_do_not_fit() -> None:
    rows = [[1 / 3, 2.0], [2 / 3, 1e10 / 7]]
    assert bracketed(rows, 30, False, repr) == ["[0.333333  2.0        ]", "[0.666667  1.42857e+09]"]
    assert bracketed(rows, 20, False, repr) == ["[0.3333  2.0      ]", "[0.6667  1.429e+09]"]
    assert bracketed(rows, 18, False, repr) == ["[0.333  2.0     ]", "[0.667  1.43e+09]"]
    assert bracketed(rows, 10, False, repr) is None


@pytest.mark.parametrize(("shape", "shown"), [((12,), 1), ((13,), 0), ((20, 12), 20), ((21, 2), 0), ((2, 2, 2), 0)])
def test_only_small_tensors_are_shown(shape: tuple[int, ...], shown: int) -> None:
    value: Any = 1.0
    for size in reversed(shape):
        value = [value] * size
    assert len(tensor(value, 1000, True, repr) or ()) == shown


def test_a_column() -> None:
    assert tensor([1.0, 2.0], 80, False, repr, column=True) == ["[1.0]", "[2.0]"]
