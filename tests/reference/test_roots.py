"""Searches on a segment of what can be evaluated at a point: where a number changes its sign, where a label changes."""

from __future__ import annotations

import math

import mpmath
import pytest
from flint import arb

from tests.doors import ball_guards as guards
from tests.doors import is_ball, may_be_zero, piece_at_the_end, table
from tests.doors import lowest_change as lowest
from tests.doors import narrowed_root as narrowed
from tests.doors import sign_change as change

M = mpmath.MPContext()
M.prec = 400


def test_a_change_of_labels_is_between_the_two_points() -> None:
    first, last = change(math.floor, (0.25, 0), (1.75, 1), 50)
    assert first[1] == 0 and last == (1.0, 1)
    assert 1 - 2**-49 < first[0] < 1


def test_the_first_of_several_changes_is_found_with_its_labels() -> None:
    first, last = change(math.floor, (0.25, 0), (3.75, 3), 60)
    assert first[1] == 0 and last[1] == 1 and last[0] == 1.0


@pytest.mark.parametrize(("power", "a", "b"), [(2, 1, 2), (3, 0, 5), (5, -1, 3)])
def test_roots_are_found_to_the_wanted_width(power: int, a: int, b: int) -> None:
    tiny = M.mpf(2) ** -300
    found = narrowed(lambda x: x**power - 2, M.mpf(a), M.mpf(b), M.mpf(a) ** power - 2, M.mpf(b) ** power - 2, tiny)
    assert abs(found - M.root(2, power)) <= 2 * tiny


def test_a_lowest_point_is_where_the_slope_changes_its_sign() -> None:
    found = lowest(lambda x: abs(x - M.sqrt(3)) ** M.mpf("1.5"), M.mpf(1), M.mpf(2), M.mpf(2) ** -100)
    assert abs(found - M.sqrt(3)) <= M.mpf(2) ** -99


@pytest.mark.parametrize(("forms", "first"), [([], 0), ([1], 0), ([1, 1, 2, 2], 2), ([2, 1, 2], 2), ([3, 3], 0)])
def test_the_last_piece_begins_where_the_forms_are_one(forms: list[int], first: int) -> None:
    assert piece_at_the_end(forms) == first


def test_guards_keep_their_places() -> None:
    """Of beta(a, b) the poles of a are out of reach where a > 1/2: the guard of b stays the second one."""
    first, second = guards(table.BY_NAME["beta"], [arb(2), arb(-1)])
    assert first is None and not may_be_zero(first)
    assert is_ball(second) and second.is_zero()
