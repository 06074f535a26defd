"""Differentiation by sweeps: the rules against SymPy's own, sizes, orders, and what cuts a derivative."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
import sympy
from sympy.core.function import ArgumentIndexError

from gradcli import GradcliError
from tests.backends.torch.test_functions import HAND
from tests.doors import Arithmetic, Chain, Row, SymbolicTape, construct, prepare, symbol
from tests.doors import chain_of as chain
from tests.functions.test_table import ROWS, by, call, given, samples

SYMPY = [row for row in ROWS if row.sympy is not None and by(row)]
FEWEST = 80  # rows that SymPy has to have its own derivative of
DIGITS = 30


def differentiated(program: str, wrt: Sequence[str], order: int = 1, custom_vjps: bool = False) -> Chain:
    job = prepare(program, wrt=wrt)
    return chain(job.convention if custom_vjps else job.exact, wrt, order, job.program.source)


def values(made: Chain, **point: float) -> dict[tuple[int, ...], Any]:
    """The value of every partial, exactly done."""
    arithmetic = Arithmetic()
    arithmetic.bits = 300
    found = made.values(arithmetic, {name: Fraction(value) for name, value in point.items()})
    return {positions: found[index] for positions, index in made.partials.items()}


def by_sympy(row: Row, name: str) -> Any:
    """SymPy's own derivative of a row; None where it knows none."""
    try:
        derivative = construct(row, [symbol(p.name) for p in given(row)]).diff(symbol(name))
    except ArgumentIndexError:
        return None
    return None if derivative.has(sympy.Derivative, sympy.Subs) else derivative


def compared(row: Row) -> int:
    """How many rules of a row were held against SymPy's."""
    made, count = differentiated(call(row), by(row)), 0
    point = {symbol(name): sympy.Rational(value) for name, value in samples(row)[0].items()}
    for position, name in enumerate(by(row)):
        theirs = by_sympy(row, name)
        if theirs is None:
            continue
        ours = SymbolicTape(made.tape).build(made.partials[(position,)], {})
        pair = [expression.evalf(DIGITS + 10, subs=point) for expression in (ours, theirs)]
        assert all(number.is_Float or number.is_Rational for number in pair), (name, ours, theirs, pair)
        assert abs(pair[0] - pair[1]) <= abs(pair[1]) * sympy.Rational(10) ** -DIGITS, (name, ours, theirs, pair)
        count += 1
    return count


@pytest.mark.parametrize("row", SYMPY, ids=lambda row: row.name)
def test_rules_are_those_of_sympy(row: Row) -> None:
    compared(row)


def test_enough_rules_are_those_of_sympy() -> None:
    assert sum(any(by_sympy(row, name) is not None for name in by(row)) for row in SYMPY) >= FEWEST


# Sizes


def steps(count: int) -> str:
    """Statements that use the one before twice: written out, they would double with each one."""
    lines = [f"y{i + 1} = y{i}*y{i} + sin(y{i})*x" for i in range(count)]
    return "; ".join(["y0 = x", *lines])


@pytest.mark.parametrize("order", [1, 2, 3])
def test_shared_values_are_differentiated_once(order: int) -> None:
    sizes = [len(differentiated(steps(count), ["x"], order).tape.ops) for count in (20, 40, 60)]
    assert sizes[2] - sizes[1] == sizes[1] - sizes[0]


def test_all_variables_cost_one_sweep() -> None:
    def extra(count: int) -> int:
        made = differentiated("*".join(f"x{i}" for i in range(count)), [f"x{i}" for i in range(count)])
        return len(made.tape.ops) - made.length

    assert extra(60) <= 2 * 60
    assert extra(60) - extra(40) == extra(40) - extra(20)


# Each has the number 1 that a sweep begins with, unless the program has it already.
FEW = [
    *[("x", 1), ("x - 3", 1), ("3*x", 1), ("x*y", 1), ("x/1", 0), ("-(-x)", 2), ("2*(3*(4*x))", 3)],
    *[("x*x", 2), ("x**2", 2), ("exp(x)", 1), ("sin(x)", 2), ("sin(x) + cos(y)", 2), ("sin(x)*x", 4)],
]


@pytest.mark.parametrize(("program", "extra"), FEW)
def test_nothing_superfluous_is_written(program: str, extra: int) -> None:
    made = differentiated(program, ["x"])
    assert len(made.tape.ops) - made.length == extra


@pytest.mark.parametrize(("program", "slope"), [("2*(3*(4*x))", 24), ("-(x/4)/5", Fraction(-1, 20)), ("3*x - 5*x", -2)])
def test_numbers_are_folded(program: str, slope: Fraction) -> None:
    made = differentiated(program, ["x"])
    assert made.tape.ops[made.partials[(0,)]].value == slope


# Orders

SMOOTH = [
    "sin(x*y) + x**3*exp(-y)",
    "x**y + atan2(x, y)",
    "a = x*y; b = a**2 + sin(a); log(b + 3)*x",
    "besselj(2, x*y)/(1 + x**2)",
    "f(s, t) = s**2*t + cosh(t); f(f(x, y), x)",
    "where(x < y, x**2*y**3, x*y)",
    "hypot(x, y)*logaddexp(x, 2*y)",
]


@pytest.mark.parametrize("program", SMOOTH)
def test_the_order_of_variables_does_not_matter(program: str) -> None:
    one = values(differentiated(program, ["x", "y"], 3), x=0.75, y=1.25)
    other = values(differentiated(program, ["y", "x"], 3), x=0.75, y=1.25)
    assert set(one) == {p for n in range(4) for p in itertools.combinations_with_replacement((0, 1), n)}
    for positions, value in one.items():
        swapped = other[tuple(sorted(1 - position for position in positions))]
        assert abs(value - swapped) <= abs(value) * Arithmetic().m.mpf(10) ** -80


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("program", SMOOTH)
def test_diff_inside_a_program_is_the_derivative(program: str, order: int) -> None:
    setup, _, last = program.rpartition("; ")
    inside = f"{setup}; diff({last}, x, {order})" if setup else f"diff({last}, x, {order})"
    found = values(differentiated(inside, ["y"]), x=0.75, y=1.25)
    outside = values(differentiated(program, ["x", "y"], order + 1), x=0.75, y=1.25)
    for one, other in ((found[()], outside[(0,) * order]), (found[(0,)], outside[(*(0,) * order, 1)])):
        assert abs(one - other) <= abs(other) * Arithmetic().m.mpf(10) ** -80


# What a derivative flows through

FLOW = [
    ("detach(x)*x", {"x": 3}),
    ("detach(x*x) + x", {"x": 1}),
    ("diff(detach(x)*x**2, x)", {"x": 6}),
    ("where(x > 2, x, 5)", {"x": 1}),
    ("where(x > 2, x*0 + 7, log(2 - x))", {"x": 0}),
    ("(x > 1)*x**2", {"x": 6}),
    ("y = 2*x; y + x", {"x": 3, "y": 1}),
    ("y = 2*x; z = y*x; z*z", {"x": 432, "y": 108, "z": 36}),
    ("y = detach(x); y*x", {"x": 3, "y": 3}),
    ("5", {"x": 0}),
    ("max(x, y, z)", {"x": 1, "y": 0, "z": 0}),
]


@pytest.mark.parametrize(("program", "gradients"), FLOW)
def test_flow(program: str, gradients: dict[str, int]) -> None:
    program = program if "x" in program else f"unused(t) = t*x; {program}"
    found = values(differentiated(program, list(gradients)), x=3, y=2, z=1)
    assert {name: found[(i,)] for i, name in enumerate(gradients)} == gradients


@pytest.mark.parametrize(("program", "at", "gradients"), HAND)
def test_hand_written_derivatives(program: str, at: str, gradients: dict[str, float]) -> None:
    point = {name: float(value) for name, value in (piece.split("=") for piece in at.split(","))}
    found = values(differentiated(program, list(gradients), custom_vjps=True), **point)
    assert {name: float(found[(i,)]) for i, name in enumerate(gradients)} == gradients


@pytest.mark.parametrize("program", ["leaky_relu(x, a)", "y = 2*a; x + elu(x, y)", "diff(lowergamma(x, a), x)"])
def test_a_missing_rule_says_where(program: str) -> None:
    with pytest.raises(GradcliError, match="has no derivative by its parameter") as caught:
        differentiated(program, ["a"])
    assert caught.value.span is not None
    assert "(" in program[slice(*caught.value.span)]
