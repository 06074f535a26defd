"""The nonsmooth points on a segment: all of them, each where it is, and nothing else."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.doors import MAX_BREAKPOINTS as MAX_FOUND
from tests.doors import Breakpoints, prepare


def searched(program: str, start: float, stop: float, **fixed: float) -> Breakpoints:
    job = prepare(program, {"x": 0.5, **fixed})
    found = Breakpoints(job.exact, "x", {name: Fraction(value) for name, value in fixed.items()})
    found.search(Fraction(start), Fraction(stop))
    return found


THIRD, PI = Fraction(1, 3), math.pi
PLACES = [
    ("x**2 + exp(x)", -2, 2, []),
    ("abs(x)", -2, 2, [0]),
    ("abs(x - 0.3)", -1, 1, [0.3]),
    ("abs(x - 1e-12) + abs(x)", -1, 1, [0, 1e-12]),
    ("abs(x) + abs(x - 1e5)", -1e6, 1e6, [0, 1e5]),
    ("abs(3*x - 1)", -1, 1, [1 / 3]),
    ("abs(x - y)", -1, 1, [0.25]),
    ("abs(y)*x", -1, 1, []),  # y stands still
    ("max(x, x)", -1, 1, []),
    ("max(x, x**2)", -1, 2, [0, 1]),
    ("where(x < 0.5, x, x**2)", 0, 1, [0.5]),
    ("floor(x)", -1.5, 1.5, [-1, 0, 1]),
    ("tan(x)", 0, 5, [PI / 2, 3 * PI / 2]),
    ("sqrt(x)", 0, 1, [0]),  # at the end of the segment
    ("x**x", -0.5, 2, [0]),
    ("1/(x**2 - 2*x + 1)", 0, 3, [1]),  # a guard that comes down to 0 and goes back: at a double,
    ("1/(1 - cos(x))", -1, 8, [0, 2 * PI]),  # and at a number that is none
    ("1/cos(x)**2", 0, 4, [PI / 2]),
    ("max(x, exp(x) - 1, (x + 1)**2/2 - 1/2)", -1, 1, [0]),  # a guard with a triple zero
    ("log(x - 0.3) + abs(x - 0.7)", 0, 1, [0.3, 0.7]),
]


@pytest.mark.parametrize(("program", "start", "stop", "places"), PLACES, ids=[program for program, *_ in PLACES])
def test_places(program: str, start: float, stop: float, places: list[float]) -> None:
    found = searched(program, start, stop, **({"y": 0.25} if "y" in program else {}))
    assert [float(one.x) for one in found.found] == places
    assert found.complete


@pytest.mark.parametrize(
    ("program", "exact"),
    [("abs(x - 0.3)", True), ("abs(3*x - 1)", False), ("abs(x**2 - 2)", False), ("abs(x**2 - 2.25)", True)],
)
def test_a_double_is_told_from_a_root_beside_it(program: str, exact: bool) -> None:
    (one,) = searched(program, 0.1, 2).found
    assert one.exact == exact
    if program == "abs(3*x - 1)":
        assert abs(one.x - THIRD) < Fraction(1, 2**900)
    if program == "abs(x**2 - 2)":
        assert abs(one.x**2 - 2) < Fraction(1, 2**900)


def test_an_operation_without_a_value_at_a_root() -> None:
    (one,) = searched("sin(3*x - 1)/(3*x - 1)", 0, 1).found
    assert one.holes
    (one,) = searched("abs(3*x - 1)", 0, 1).found
    assert not one.holes


def test_only_so_many_are_kept() -> None:
    found = searched("floor(1000*x)", 0.0005, 1)
    assert len(found.found) == MAX_FOUND
    assert not found.complete


@given(st.lists(st.integers(-(2**20), 2**20), min_size=1, max_size=6, unique=True), st.integers(1, 3))
@settings(max_examples=20, deadline=None)
def test_every_one_is_found(places: list[int], power: int) -> None:
    numbers = sorted(place / 2**18 for place in places)
    program = " + ".join(f"abs(x - ({number!r}))**{power}" for number in numbers)
    found = searched(program, -5, 5)
    assert [float(one.x) for one in found.found] == numbers
    assert all(one.exact for one in found.found)
    assert found.complete
