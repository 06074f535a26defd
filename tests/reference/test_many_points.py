"""Guards in tensors: at every point those of mpmath are 0 at, and at no other."""

from __future__ import annotations

import math

import pytest
import torch

from tests.doors import TENSOR_GUARDS, Arithmetic, GuardedRow, GuardKind, Row, guard_numbers, on_guards, table

ROWS = [row for row in table.BY_NAME.values() if row.guards and row.name == row.name.strip()]
VALUES = (-3.0, -2.5, -2.0, -1.0, -0.75, -0.5, 0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 6.0, 90.0, 180.0)


def points(row: Row) -> list[list[float]]:
    """Some points of special and of ordinary values, one list for each parameter."""
    count = len(row.parameters)
    return [[VALUES[(k * (2 * i + 1) + k // len(VALUES) * i) % len(VALUES)] for k in range(256)] for i in range(count)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_tensors_are_on_the_guards_that_numbers_are_on(row: Row) -> None:
    columns = points(row)
    found = TENSOR_GUARDS.values(row, [torch.tensor(column, dtype=torch.float64) for column in columns])
    arithmetic, tried = Arithmetic(), 0
    for at, values in enumerate(zip(*columns)):
        try:
            expected = guard_numbers().values(row, [arithmetic.m.mpf(value) for value in values])
        except ZeroDivisionError:
            continue
        tried += 1
        assert [bool(one[at] == 0) for one in found] == [one is not None and one == 0 for one in expected], values
    assert tried


def test_guards_that_no_double_makes_0_have_a_sign_on_each_side() -> None:
    crossings = {
        GuardKind.COSINE: (math.pi / 2 - 1e-9, math.pi / 2 + 1e-9),
        GuardKind.BRANCH: (-1 / math.e - 1e-9, -1 / math.e + 1e-9),
        GuardKind.SINE: (math.pi - 1e-9, math.pi + 1e-9),
    }
    for kind, ends in crossings.items():
        low, high = TENSOR_GUARDS.kinds[kind](torch.tensor(ends, dtype=torch.float64)).sign().tolist()
        assert low == -high != 0


def test_points_on_a_guard_are_marked() -> None:
    x, y = torch.tensor([-1.0, 0.0, 2.0, 3.0]), torch.tensor(3.0)
    rows = [GuardedRow(table.BY_NAME["abs"], (0,)), GuardedRow(table.BY_NAME["max"], (0, 1))]
    found = on_guards(rows, [x, y], 4)
    assert found is not None and found.tolist() == [False, True, False, True]
    assert on_guards(rows[:1], [x + 0.5, y], 4) is None
