"""The independent checker is right where one knows the answer, and says so where it cannot tell."""

from __future__ import annotations

from random import Random

import pytest

from tests.doors import parse
from tests.reference import checker
from tests.reference.checker import Opinion
from tests.reference.evaluator import mpf
from tests.reference.programs import kinked, smooth


def opinion(program: str, order: int = 1, x: float = 0.0) -> Opinion:
    tree, point = parse(program), {"x": x}
    return checker.first(tree, point, "x") if order == 1 else checker.second(tree, point, ("x", "x"))


@pytest.mark.parametrize(
    ("program", "order", "value"),
    [
        ("x**3 + 2*x", 1, 2), ("relu(x) - relu(-x) + x**2", 2, 2), ("where(x == 0, 1, (exp(x)-1)/x)", 1, 0.5),
        ("where(x == 0, 0, x**2*sin(1/x)) + 3*x", 1, 3), ("x + where(x <= 0, 0, exp(-1/x))", 1, 1), ("x**4", 1, 0),
        ("abs(x)**2.5", 2, 0), ("cosh(x + 130)**2 - sinh(x + 130)**2 + x", 1, 1), ("max(x, exp(x) - 1)", 1, 1),
        ("abs(x)*x + 5*x", 1, 5), ("where(x > 1, log(x), 7*x)", 1, 7),
    ],
)  # fmt: skip
def test_it_finds_derivatives(program: str, order: int, value: float) -> None:
    found = opinion(program, order).smooth
    assert found is not None and abs(found - value) < mpf("1e-12")


@pytest.mark.parametrize(
    ("program", "order", "left", "right"),
    [
        ("abs(x)", 1, -1, 1), ("relu(x)", 1, 0, 1), ("x*abs(x)", 2, -2, 2), ("sqrt(x)", 1, "nothing", "grows"),
        ("cbrt(x)", 1, "grows", "grows"), ("floor(x)", 1, "grows", 0), ("x**1.5", 1, "nothing", 0),
        ("where(x == 0, 0, x*log(abs(x)))", 1, "grows", "grows"), ("where(x < 0, 2*x, x**2)", 1, 2, 0),
        ("where(x == 0, 0, x/(1 + exp(1/x)))", 1, 1, 0), ("8*x + abs(x)/2**48", 1, 8 - 2**-48, 8 + 2**-48),
    ],
)  # fmt: skip
def test_it_finds_that_there_is_none(program: str, order: int, left: object, right: object) -> None:
    found = opinion(program, order)
    assert found.differs and found.smooth is None
    for side, wanted in ((found.left, left), (found.right, right)):
        assert side.state == wanted or (side.state == "value" and side.value == wanted)


@pytest.mark.parametrize("program", ["1/x", "sin(x)/x", "log(x)", "x**-2"])
def test_there_is_no_derivative_where_there_is_no_value(program: str) -> None:
    assert opinion(program).value is None and opinion(program).differs


@pytest.mark.parametrize(
    ("program", "x"),
    [
        ("where(x == 0, 0, x*sin(1/x))", 0), ("where(exp(log(x)) < x, 1, 2)", 2), ("floor(sqrt(x)**2)", 2),
        ("sign(sqrt(x)**2 - x)", 3), ("zeta(x)", 2),
    ],
)  # fmt: skip
def test_it_says_where_it_cannot_tell(program: str, x: float) -> None:
    found = opinion(program, x=x)
    assert found.smooth is None and not found.differs


def test_a_parabola_that_fits_is_no_second_derivative() -> None:
    found = opinion("where(x == 0, 0, x**3*sin(1/x)) + x**2", 2)
    assert found.smooth is None and not found.differs


def test_a_mixed_derivative_is_the_same_in_all_quadrants() -> None:
    point = {"x": 0.3, "y": 2.0}
    found = checker.second(parse("sin(x*y) + relu(x) - relu(-x)"), point, ("x", "y")).smooth
    assert abs(found - mpf("0.486550130872657")) < mpf("1e-14")
    for program in ("abs(x - 0.3)*y", "floor(x - 0.3) + x*y", "x*y + abs(y - 2)"):
        assert checker.second(parse(program), point, ("x", "y")).smooth is None


def test_a_seed_draws_the_same_programs() -> None:
    for draw in (smooth, kinked):
        assert [draw(Random(7)) for _ in range(3)] == [draw(Random(7)) for _ in range(3)]
        rng = Random(8)
        assert len({draw(rng).text for _ in range(100)}) > 90
