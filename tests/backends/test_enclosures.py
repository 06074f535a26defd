"""Every row that has an enclosure: its balls hold what mpmath computes, are tight, and exact where the value is."""

from __future__ import annotations

import random

import pytest
from flint import arb

from tests.backends.support import GivenUp, Uncertain, enclose, is_enclosed, precision, truth
from tests.doors import Row, table
from tests.functions.test_table import ROWS as SCALARS
from tests.functions.test_table import given, samples

ROWS = [row for row in SCALARS if is_enclosed(row)]
INNER = 20
WIDE = (1e-3, 1.0, 20.0)
each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def is_discrete(row: Row, name: str) -> bool:
    """Whether a parameter is sampled from a list, as orders and counts are."""
    return isinstance(row.samples.get(name), list)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("bits", [128, 400])
@each_row
def test_a_ball_holds_the_value_and_is_small(row: Row, bits: int) -> None:
    for point in samples(row):
        args = list(point.values())
        expected = truth(row, args, bits)
        with precision(bits):
            ball = enclose(row, [arb(arg) for arg in args])
            assert ball.overlaps(expected), (point, ball, expected)
            assert ball.is_exact() or ball.rad() <= abs(expected) * arb(2) ** (-bits // 2), (point, ball)


@pytest.mark.sampled(2)
@each_row
def test_a_small_ball_gives_a_small_ball(row: Row) -> None:
    point = samples(row)[0]
    args = list(point.values())
    with precision(128):
        at = enclose(row, [arb(arg) for arg in args])
        small = arb(2) ** -70
        balls = [arb(arg) if is_discrete(row, name) else arb(arg, small) for name, arg in point.items()]
        ball = enclose(row, balls)
        assert ball.overlaps(at), (point, ball, at)
        assert ball.rad() <= (1 + abs(at)) * arb(2) ** -30, (point, ball)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("radius", WIDE)
@each_row
def test_a_wide_ball_holds_all_values(row: Row, radius: float) -> None:
    chosen = random.Random(row.name)
    for point in samples(row)[:2]:
        widths = [0.0 if is_discrete(row, name) else radius for name in point]
        with precision(128):
            balls = [arb(value, width) for value, width in zip(point.values(), widths)]
            try:
                ball = enclose(row, balls)
            except Uncertain:
                continue
        for count in range(INNER):
            moves = [chosen.choice((-1, 0, 1)) if count < INNER // 3 else chosen.uniform(-1, 1) for _ in widths]
            args = [value + width * move for value, width, move in zip(point.values(), widths, moves)]
            if not all(inner.contains(arg) for inner, arg in zip(balls, args)):
                continue
            try:
                expected = truth(row, args, 64)
            except GivenUp:
                continue
            if ball is None or expected is None:
                assert ball is None and expected is None, (balls, args, ball, expected)
            else:
                assert ball.overlaps(expected), (balls, args, ball, expected)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("lost", [arb("nan"), arb(0, "inf")], ids=["nan", "all"])
@each_row
def test_an_argument_that_may_be_anything_is_taken_as_such(row: Row, lost: arb) -> None:
    args = list(samples(row)[0].values())
    for place in range(len(args)):
        balls = [lost if other == place else arb(arg) for other, arg in enumerate(args)]
        with precision(128):
            try:
                ball = enclose(row, balls)
            except Uncertain:
                continue
        for anything in (-1e3, -0.75, 0, 0.25, 1e3):
            args[place] = anything
            expected = truth(row, args, 64)
            assert ball is expected is None or ball.overlaps(expected), (args, ball, expected)
        args[place] = samples(row)[0][given(row)[place].name]


def test_most_rows_are_enclosed() -> None:
    rows = [row for row in table.ROWS if row.arb is not None]
    assert all(is_enclosed(row) for row in rows)
    assert len(ROWS) >= 100
    assert len({parameter.name for row in ROWS for parameter in given(row)}) > 10
