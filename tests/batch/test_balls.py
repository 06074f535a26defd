"""Balls enclose what they stand for, know when they do not know, and say the same as the other reference."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.doors import (
    BALL_GUARDS,
    BALLS,
    Arithmetic,
    BallSource,
    Deadline,
    Kept,
    Unenclosed,
    gather,
    guard_numbers,
    is_enclosed,
    prepare,
    sign,
    table,
)

flint = pytest.importorskip("flint")

BITS = 300
ROWS = sorted(
    row.name for row in table.ROWS if row.shape is None and is_enclosed(row) and row.name not in ("detach", "diff")
)


@pytest.fixture(autouse=True)
def _precision() -> Any:
    flint.ctx.prec = BITS
    yield
    flint.ctx.prec = 53


def count(row: Any) -> int:
    """Its arguments when it runs: one with a default is there, and one that makes it another row is not."""
    return sum(not parameter.optional or parameter.default is not None for parameter in row.parameters)


def numbers(row: Any, chosen: random.Random) -> list[Fraction]:
    return [
        Fraction(chosen.choice([chosen.uniform(-3, 3), chosen.randint(-3, 3), chosen.uniform(0, 1)]))
        for _ in range(count(row))
    ]


@pytest.mark.parametrize("name", [name for name in ROWS if table.BY_NAME[name].guards])
def test_guards_are_those_of_the_table(name: str) -> None:
    row = table.BY_NAME[name]
    arithmetic, chosen = Arithmetic(), random.Random(name)
    for _ in range(40):
        values = numbers(row, chosen)
        try:
            expected = guard_numbers().values(row, [*map(arithmetic.number, values)])
        except ZeroDivisionError:
            continue
        found = BALL_GUARDS.values(row, [*map(BALLS.number, values)])
        assert [one is None for one in found] == [one is None for one in expected]
        assert [sign(one) for one in found if one is not None] == [sign(one) for one in expected if one is not None]


JOBS = (
    ("x**2*y", {"x": 0.3, "y": -2}, 1),
    ("A*exp(-b*t)*cos(w*t)", {"A": 2, "b": 0.1, "t": 3, "w": 0.7}, 1),
    ("sigmoid(x)*relu(y) + atan2(x, y)", {"x": 0.3, "y": 2}, 1),
    ("exp(x*y)*sin(z)", {"x": 0.3, "y": 2, "z": 7}, 3),
    ("(x**3 + 2)**7/(1 + x**2)", {"x": 1e-9}, 2),
)


@pytest.mark.parametrize(("program", "at", "order"), JOBS)
def test_both_references_say_the_same(program: str, at: dict[str, float], order: int) -> None:
    job = prepare(program, at, order=order)
    kept = Kept()
    ball_source = BallSource(job, kept, Deadline(10))
    assert job.numbers is not None
    found, expected = ball_source.gather(job.numbers), gather(job, kept=kept)
    assert found is not None
    for positions, finding in expected.findings.items():
        assert Decimal(found.findings[positions].value or "") == Decimal(finding.value or "")
        formula, other = found.formulas[positions], expected.formulas[positions]
        assert formula.text == other.text
        assert float(formula.value or "nan") == float(other.value or "nan")
    assert Decimal(found.value or "") == Decimal(expected.value or "")


# Where there is something to look into, there is no answer here.
LEFT = (
    ("abs(x)", {"x": 0}),
    ("abs(x - 0.1)", {"x": 0.1}),
    ("sqrt(x)", {"x": 0}),
    ("1/x", {"x": 0}),
    ("log(x)", {"x": -1}),
    ("x**2", {"x": 0}),
    ("x**1.5", {"x": 0}),
    ("where(x > 1, x, 1)", {"x": 1}),
    ("exp(x)", {"x": 1e300}),
    ("x - x + 0*y", {"x": 1, "y": 2}),
    ("x*1e-200 + y*1e200", {"x": 1e-60, "y": 1e60}),
)


@pytest.mark.parametrize(("program", "at"), LEFT)
def test_special_points_are_left_to_the_other(program: str, at: dict[str, float]) -> None:
    job = prepare(program, at)
    assert job.numbers is not None
    assert BallSource(job, Kept(), Deadline(10)).gather(job.numbers) is None


@pytest.mark.parametrize("program", ["detach(x)*x", "sq(i) = i**2; sq'(i) = 3*i; sq(x)", "y = x + 1; y*y"])
def test_what_has_no_enclosure_is_refused(program: str) -> None:
    job = prepare(program, {"x": 2}, wrt="y" if "y" in program else None)
    with pytest.raises(Unenclosed):
        BallSource(job, Kept(), Deadline(10))


def test_a_rule_that_is_wrong_is_not_borne_out() -> None:
    job = prepare("sin(x)", {"x": 1})
    ball_source = BallSource(job, Kept(), Deadline(10))
    assert job.numbers is not None
    assert ball_source.gather(job.numbers) is not None
    partial = ball_source.reference.places[ball_source.reference.chain.partials[(0,)]]
    steps = ball_source.reference.plan.steps
    wrong = [(place, (lambda ball: ball.tanh()) if place == partial else does, *args) for place, does, *args in steps]
    ball_source.reference.plan.steps = wrong
    assert ball_source.gather(job.numbers) is None


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 40))
def test_decimals_are_rounded_halves_away_from_zero(value: float, digits: int) -> None:
    from decimal import ROUND_HALF_UP, Context

    from tests.doors import decimal

    flint.ctx.prec = 2_500
    found = decimal(flint.arb(value), digits)
    assert found is None or found == Context(prec=digits, rounding=ROUND_HALF_UP).create_decimal(Decimal(value))
    assert found is not None or abs(value) <= 1e-300


@given(st.floats(-1e6, 1e6, allow_nan=False), st.floats(-1e6, 1e6, allow_nan=False))
def test_doubles_are_those_of_twenty_digits(x: float, y: float) -> None:
    from tests.doors import decimal, double

    product = flint.arb(x) * flint.arb(y).sin()
    decimals = decimal(product, 20)
    assert double(product, 20) == (None if decimals is None else float(decimals))


def test_a_ball_that_is_too_wide_has_no_digits() -> None:
    from tests.doors import decimal, double

    wide = flint.arb(1, 1e-10)
    assert decimal(wide, 20) is None
    assert double(wide, 20) is None
    assert decimal(wide, 3) == 1
    assert decimal(flint.arb(0, 1e-30), 5) is None
