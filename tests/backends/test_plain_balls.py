"""Balls in plain Python contain what mpmath finds at the points in them, to many more bits; and decide what is decided."""

from __future__ import annotations

import math
import operator
import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import mpmath
import pytest

from gradcli.backends.mp import bounds
from gradcli.backends.mp.ball import Ball, NotElementary
from gradcli.backends.mp.matrix import BallMatrix
from gradcli.backends.mp.number import Whole, ctx

MP = mpmath.MPContext()
MP.prec = 700
PRECISIONS = (30, 53, 128, 300)
RADII = (0, 0, 1, 0.3, 2**-8, 2**-30, 2**-60, 2**-200)
TRIES = 400

ONE: dict[str, Callable[[Any], Any]] = {
    "exp": MP.exp, "expm1": MP.expm1, "log": MP.log, "log1p": MP.log1p, "sqrt": MP.sqrt, "sin": MP.sin, "cos": MP.cos,
    "tan": MP.tan, "cot": MP.cot, "sec": MP.sec, "csc": MP.csc, "asin": MP.asin, "acos": MP.acos, "atan": MP.atan,
    "sinh": MP.sinh, "cosh": MP.cosh, "tanh": MP.tanh, "sech": MP.sech, "csch": MP.csch, "coth": MP.coth,
    "asinh": MP.asinh, "acosh": MP.acosh, "atanh": MP.atanh, "sin_pi": MP.sinpi, "cos_pi": MP.cospi,
    "sinc_pi": MP.sincpi, "tan_pi": lambda x: MP.sinpi(x) / MP.cospi(x), "cot_pi": lambda x: MP.cospi(x) / MP.sinpi(x),
    "floor": MP.floor, "ceil": MP.ceil, "__neg__": operator.neg, "__abs__": abs,
}  # fmt: skip
TWO: dict[str, Callable[[Any, Any], Any]] = {
    "__add__": operator.add, "__sub__": operator.sub, "__mul__": operator.mul, "__truediv__": operator.truediv,
    "__pow__": operator.pow, "min": min, "max": max, "atan2": MP.atan2, "union": lambda x, y: x,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _precision() -> Iterator[None]:
    before = ctx.prec
    yield
    ctx.prec = before


def some_ball(chance: random.Random) -> Ball:
    if chance.random() < 0.2:
        return Ball(chance.choice((0, 1, -1, 2, -3, 0.5, -0.5, 1.5, 10)))
    middle = chance.choice((-1, 1)) * chance.random() * 2.0 ** chance.choice((0, 0, 1, 4, 8, -4, -20, -70))
    if chance.random() < 0.2:
        middle = chance.choice((-1, 0, 1)) + middle * 2**-30
    return Ball(middle, chance.random() * chance.choice(RADII))


def some_point(ball: Ball, chance: random.Random) -> Any:
    """A number in a ball: an end, the middle, or another one."""
    share = Fraction(chance.choice((-1, 0, 1, chance.uniform(-1, 1))))
    (radius, exponent) = ball.radius
    there = Fraction(ball.man) * Fraction(2) ** ball.exponent + share * Fraction(radius) * Fraction(2) ** exponent
    return MP.mpf(there.numerator) / there.denominator


def contains(ball: Ball, value: Any) -> bool:
    """Whether a number is in a ball, up to the rounding of the number."""
    middle, radius = MP.ldexp(ball.man, ball.exponent), MP.ldexp(*ball.radius)
    return bool(abs(value - middle) <= radius + abs(value) * MP.ldexp(1, 40 - MP.prec))


@pytest.mark.parametrize("name", [*ONE, *TWO])
def test_a_result_contains_the_value_at_every_point(name: str) -> None:
    chance, known = random.Random(name), 0
    for _ in range(TRIES):
        ctx.prec = chance.choice(PRECISIONS)
        balls = [some_ball(chance) for _ in range(1 if name in ONE else 2)]
        if name == "__pow__" and chance.random() < 0.5:
            balls[1] = Ball(chance.choice((0, 1, 2, 3, 5, -1, -2, 0.5, 1.5, -0.5, 0.25)))
        found = getattr(Ball, name)(*balls)
        if not found.is_finite():
            continue
        known += 1
        value = (ONE | TWO)[name](*(some_point(ball, chance) for ball in balls))
        assert not isinstance(value, MP.mpc), (name, balls, found)
        assert contains(found, value), (name, balls, found, value)
    assert known > TRIES / 8


@pytest.mark.parametrize("name", sorted(set(ONE) - {"floor", "ceil", "__neg__", "__abs__"}))
def test_a_value_at_a_number_has_all_its_digits(name: str) -> None:
    chance = random.Random(name)
    for _ in range(100):
        ctx.prec = chance.choice(PRECISIONS)
        found = getattr(Ball(chance.uniform(-3, 3)), name)()
        assert not found.is_finite() or found.rel_accuracy_bits() > ctx.prec - 6, (name, found)


def test_what_is_exact_stays_exact() -> None:
    ctx.prec = 64
    zero, one = Ball(0), Ball(1)
    exact = [
        zero.exp(),
        one.log(),
        zero.sin(),
        zero.cos(),
        zero.atan(),
        one.acos(),
        zero.cosh(),
        one.acosh(),
        Ball(3).sin_pi(),
    ]
    assert [ball.is_exact() for ball in exact] == [True] * len(exact)
    assert [float(ball) for ball in exact] == [1, 0, 0, 1, 0, 0, 1, 0, 0]
    assert Ball(0.5).sin_pi() == 1 and Ball(2.25).sqrt() == 1.5 and Ball(2) ** -90 == 2.0**-90
    assert Ball(9) ** 1.5 == 27 and Ball(125).log_base(5) == 3 and Ball(0.125).log_base(2) == -3
    assert Whole(5**40).root(40) == 5 and Whole(5**40 - 1).root(40) == 4
    assert Ball(7).fac() == 5040 and Ball(3) / 4 == 0.75 and not (Ball(1) / 3).is_exact()


def test_the_double_of_a_ball_is_the_nearest_one() -> None:
    ctx.prec = 128
    chance = random.Random(3)
    for _ in range(300):
        there = Fraction(chance.getrandbits(100) + 1, chance.getrandbits(90) + 1)
        assert float(Ball(there)) == float(there) and float(-Ball(there)) == -float(there)
    assert (
        float(Ball(10) ** 400) == math.inf and float(Ball(2) ** -1074) == 2.0**-1074 and math.isnan(float(Ball.nan()))
    )


def test_a_comparison_holds_only_where_it_surely_does() -> None:
    low, high, both = Ball(1, 0.25), Ball(2, 0.25), Ball(1.5, 0.5)
    assert low < high and low <= high and high > low and low != high
    assert not (low < both or low >= both or low == both or low != both)
    assert Ball(1) == 1 and Ball(1) <= 1 and not Ball(1) < 1
    assert Ball(1) + Ball(2) ** -5_000_000 > 1 or not (Ball(1) + Ball(2) ** -5_000_000).is_exact()
    assert Ball(2) ** -5_000_000 > 0 and Ball(1) > Ball(2) ** -5_000_000
    near, nothing = Ball(1, 1e-9), Ball.nan()
    assert [near == 1, near != 1, near <= 1, near >= 1] == [False] * 4
    assert not any((nothing < 1, nothing > 1, nothing == nothing, nothing != 1, Ball(1) >= nothing))
    assert nothing.contains(0) and not nothing.is_finite() and not (1 / Ball(0)).is_finite()
    assert not Ball(-1).sqrt().is_finite() and not Ball(0, 1).log().is_finite()


def test_the_interior_of_a_ball() -> None:
    around = Ball(2).union(Ball(4))  # at least from 2 to 4
    assert around.contains_interior(Ball(3)) and not Ball(3).contains_interior(around)
    assert not Ball(3).contains_interior(Ball(3)) and not around.contains_interior(around)
    assert not around.contains_interior(Ball(math.inf)) and not around.contains_interior(Ball(7))


def test_bounds_are_rounded_up() -> None:
    chance = random.Random(1)
    for _ in range(2_000):
        x, y = ((chance.getrandbits(30) + 1, chance.randint(-120, 120)) for _ in range(2))
        a, b = (Fraction(man) * Fraction(2) ** exp for man, exp in (x, y))
        for found, value in ((bounds.plus(x, y), a + b), (bounds.times(x, y), a * b), (bounds.over(x, y), a / b)):
            bound = Fraction(found[0]) * Fraction(2) ** found[1]
            assert value <= bound <= value * (1 + Fraction(1, 2**27))
        assert bounds.compare(*x, *y) == (a > b) - (a < b)
        sign = chance.choice((-1, 1))
        man, exp = bounds.moved(*x, y, sign, 64)
        assert sign * (Fraction(man) * Fraction(2) ** exp - a) >= b


def test_matrices() -> None:
    ctx.prec = 128
    chance = random.Random(2)
    for size in (1, 2, 3, 5):
        rows = [[chance.uniform(-1, 1) for _ in range(size)] for _ in range(size)]
        matrix = BallMatrix(rows)
        inverse, exact = matrix.inv(), MP.matrix(rows)
        assert all(contains(inverse[i, j], MP.inverse(exact)[i, j]) for i in range(size) for j in range(size))
        assert contains(matrix.det(), MP.det(exact)) and matrix.det().rel_accuracy_bits() > 100
        product = (matrix * matrix.transpose()).entries()
        assert all(contains(ball, value) for ball, value in zip(product, exact * exact.T))
    assert BallMatrix([[1, 2], [2, 4]]).det() == 0
    with pytest.raises(ZeroDivisionError):
        BallMatrix([[1, 2], [2, 4]]).inv()


def test_what_is_not_elementary_is_said() -> None:
    with pytest.raises(NotElementary):
        Ball(1).gamma()
