"""Formulas are text of the language: typed in again, they have the value that autograd has."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import pytest

import gradcli
from gradcli.engines.arithmetic import Arithmetic
from gradcli.engines.lower import lower_expression
from gradcli.functions.row import Row
from gradcli.language.names import names_of
from gradcli.language.parser import parse
from tests.engines.test_sweep import differentiated, values
from tests.test_table import ROWS, by, call, samples

PROGRAMS = 60
ONE = ["sin({})", "exp(-{})", "log(2 + tanh({}))", "sqrt(1 + ({})**2)", "1/(3 + cos({}))", "abs({})", "cbrt({})",
       "besselj(1, {})", "lgamma(2.5 + tanh({}))", "lambertw(1.5 + cos({}))", "({})**3", "0.1*{}", "-({})", "pi**{}",
       "polylog(2, x/7)*{}"]  # fmt: skip
TWO = ["{} + {}", "{} - ({})", "({})*({})", "({})/(2 + sin({}))", "max({}, {})", "atan2({}, 2 + sin({}))",
       "(1.5 + tanh({}))**({})", "({}) % (2 + cos({}))", "where({0} < 0.3 and not {1} >= 2, {0}*{1}, {1})",
       "where({0} > 0 or {1} != 0, {0} - ({1}), 1)"]  # fmt: skip
AT = {"x": 0.7, "y": -1.3}


def written(chosen: random.Random, depth: int) -> str:
    """A random program."""
    if not depth or chosen.random() < 0.1:
        return chosen.choice(["x", "y", "0.7", "3", "1e-3"])
    if chosen.random() < 0.5:
        return chosen.choice(ONE).format(written(chosen, depth - 1))
    return chosen.choice(TWO).format(written(chosen, depth - 1), written(chosen, depth - 1))


def programs() -> list[str]:
    chosen = random.Random("formulas")
    return [f"{written(chosen, chosen.choice([2, 3]))} + x*y" for _ in range(PROGRAMS)]


def read_again(symbolic: str | None, at: dict[str, float]) -> float | None:
    """The value of a formula, as a program of its own."""
    assert symbolic is not None
    there = {name: value for name, value in at.items() if name in names_of(parse(symbolic), at).variables}
    return gradcli.differentiate(symbolic, there, wrt=[], referee=False).value


@pytest.mark.parametrize("program", programs())
def test_random_formulas_have_their_value(program: str) -> None:
    formulas = gradcli.differentiate(program, patience=20).partials
    numbers = gradcli.differentiate(program, AT, wrt=[p.wrt[0] for p in formulas], referee=False, patience=20).partials
    for formula, number in zip(formulas, numbers):
        assert read_again(formula.symbolic, AT) == pytest.approx(number.autograd, rel=1e-8, abs=1e-12), formula.symbolic


@pytest.mark.parametrize("row", [row for row in ROWS if by(row)], ids=lambda row: row.name)
def test_every_row_is_written_in_the_language(row: Row) -> None:
    point = samples(row)[-1]
    truth = values(differentiated(call(row), by(row)), **point)
    for position, partial in enumerate(gradcli.differentiate(call(row), wrt=by(row), patience=5).partials):
        assert partial.symbolic is not None
        program, arithmetic = parse(partial.symbolic), Arithmetic()
        tape = lower_expression(program.output.value, program)
        found = arithmetic.run(tape, {name: arithmetic.number(Fraction(value)) for name, value in point.items()})
        assert float(found[tape.output]) == pytest.approx(float(truth[(position,)]), rel=1e-10, abs=1e-300)


NUMBERS = ["0.1", "1.05", "1e-300", "5e-324", "1e22", "1.7976931348623157e308", "0.3333333333333333", "2.5",
           "9007199254740992", "3.141592653589793", "1.2345678901234567", "0.001"]  # fmt: skip


@pytest.mark.parametrize("text", NUMBERS)
def test_constants_are_written_as_they_were_typed(text: str) -> None:
    (partial,) = gradcli.differentiate(f"{text}*x").partials
    assert partial.symbolic is not None
    assert gradcli.differentiate(partial.symbolic, referee=False).value == float(text)
    assert len(partial.symbolic) <= len(text)


def test_constants_have_all_their_digits() -> None:
    chosen = random.Random("constants")
    for _ in range(100):
        number = chosen.uniform(-1, 1) * 10.0 ** chosen.randint(-30, 30)
        (partial,) = gradcli.differentiate(f"{number!r}*x**2", order=2).partials
        assert partial.symbolic is not None
        again = gradcli.differentiate(partial.symbolic, referee=False).value
        assert abs(again - 2 * number) <= math.ulp(2 * number)


NAMES = ["lambda", "gamma", "beta", "zeta", "I", "S", "N", "O", "Q", "oo", "zoo", "nan", "re", "diff", "where",
         "sin", "min", "θ", "λ", "x_1", "x1", "class", "Symbol", "inf", "e", "pi", "E", "tau"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_survive(name: str) -> None:
    at = {name: 0.75, "y": 2.0}
    (partial,) = gradcli.differentiate(f"{name}**2*y + gamma({name}) + sin({name}*y)", at, wrt=name).partials
    assert partial.symbolic is not None
    assert set(names_of(parse(partial.symbolic), at).variables) == set(at)
    assert partial.symbolic_value == pytest.approx(partial.autograd, rel=1e-12)
    assert read_again(partial.symbolic, at) == pytest.approx(partial.autograd, rel=1e-12)


@pytest.mark.parametrize(("program", "at"), [("exp(1)*e**2", {"e": 3.0}), ("erf(x)*pi", {"x": 1.0, "pi": 3.0})])
def test_constants_are_not_mistaken_for_names(program: str, at: dict[str, float]) -> None:
    partial = gradcli.differentiate(program, at).partials[0]
    assert read_again(partial.symbolic, at) == pytest.approx(partial.autograd, rel=1e-12)


@pytest.mark.parametrize("program", ["where(where(x > 0, x, y) > 1, x, y)", "relu(where(x > 0, x, y))"])
def test_branches_on_branches_are_read_again(program: str) -> None:
    for partial in gradcli.differentiate(program).partials:
        read_again(partial.symbolic, {"x": 2.0, "y": 3.0})


def test_what_sympy_cannot_build_has_a_reason() -> None:
    (partial,) = gradcli.differentiate("max(x, where(1.7 < min(3, 1.7), 1, 2))", {"x": 3.0}).partials
    assert partial.autograd == 1.0
    assert (partial.symbolic, partial.note) == (None, "no formula: SymPy cannot build it")


@pytest.mark.parametrize(
    ("program", "formula"),
    [
        ("x - m", "1"),
        ("(x - m)**2", "2*x - 2*m"),
        ("-(x - m)**3", "-3*(x - m)**2"),
        ("e**x", "exp(x)"),
        ("abs(x)", "sign(x)"),
        ("x**0.5", "1/(2*sqrt(x))"),
        ("x % y + x // y", "1"),
        ("sin(x % y)", "cos((x % y))"),
        ("2**(x // y)*x", "2**(x // y)"),
        ("where(x > 0, x**2, 0)", "where(x > 0, 2*x, 0)"),
        ("where(x > 0 and (x < 1 or y > 2), x, 2*x)", "where((y > 2 or x < 1) and x > 0, 1, 2)"),
        ("where(not (x > 0 and y > 0), x, 2*x)", "where(not (x > 0 and y > 0), 1, 2)"),
        ("where(x != 0 and not y == 1, x, 0)", "where(x != 0 and y != 1, 1, 0)"),
        ("where(1 > 0, x**2, 0)", "2*x"),
        ("abs(x)**3", "3*x**2*sign(x)"),
        ("asin(x) + arctan(x)", "1/(x**2 + 1) + 1/sqrt(1 - x**2)"),
    ],
)
def test_texts(program: str, formula: str) -> None:
    partial = gradcli.differentiate(program, wrt="x").partials[0]
    assert partial.symbolic == formula
