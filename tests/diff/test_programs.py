"""Formulas in the program's own names, and those that are short programs: they can be typed in after the program."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

import gradcli
from tests.doors import MOST_DEFINITIONS as MOST
from tests.doors import Arithmetic, lower, parse
from tests.doors import shown_definitions as definitions
from tests.support import run

BLACK_SCHOLES = (
    "d1 = (log(S/K) + (r + sigma**2/2)*T)/(sigma*sqrt(T)); d2 = d1 - sigma*sqrt(T); "
    "C = S*ndtr(d1) - K*exp(-r*T)*ndtr(d2)"
)
SATURATION = (
    "n1 = 1167.0521452767; n2 = -724213.16703206; n3 = -17.073846940092; n4 = 12020.82470247; n5 = -3232555.0322333; "
    "n6 = 14.91510861353; n7 = -4823.2657361591; n8 = 405113.40542057; n9 = -0.23855557567849; n10 = 650.17534844798; "
    "theta = T + n9/(T - n10); A = theta**2 + n1*theta + n2; B = n3*theta**2 + n4*theta + n5; "
    "C = n6*theta**2 + n7*theta + n8; p = (2*C/(-B + sqrt(B**2 - 4*A*C)))**4"
)
TWO_COMPARTMENTS = (
    "k10 = CL/V1; k12 = Q/V1; k21 = Q/V2; s = k10 + k12 + k21; beta = (s - sqrt(s**2 - 4*k21*k10))/2; "
    "alpha = k21*k10/beta; A = (alpha - k21)/(alpha - beta)/V1; B = (beta - k21)/(beta - alpha)/V1; "
    "c = A*exp(-alpha*t) + B*exp(-beta*t)"
)
DAWSON = "f = x*({})/({})".format(
    " + ".join(f"0.{i + 1}{7 * i + 1}*x**{2 * i}" for i in range(12)),
    " + ".join(f"1.{i + 2}{3 * i + 1}*x**{2 * i}" for i in range(13)),
)
NEST = f"f = {'sin(' * 200}x{')' * 200}"
SQUARES = "; ".join(["a0 = x", *(f"a{i} = sin(a{i - 1})*a{i - 1}" for i in range(1, 20)), "f = a19*t1"])
MARKET = {"S": 90, "K": 100, "r": 0.01, "sigma": 0.3, "T": 2}
SMALL = {"S": 5, "K": 4, "r": 0.1, "sigma": 0.5, "T": 0.5}
PATIENTS = [{"CL": 5, "V1": 10, "Q": 2, "V2": 20, "t": 3}, {"CL": 1, "V1": 3, "Q": 4, "V2": 9, "t": 0.5}]


@pytest.mark.parametrize(
    ("program", "wrt", "formula"),
    [
        ("y = 2*x + 1; z = y**2; 3*z", "x", "12*y"),
        ("y = x**2; 3*y", "x", "6*x"),
        ("y = x + 1; z = x - 1; y*z", "x", "2*x"),
        ("w = a*b; w*sin(w*x)", "x", "w**2*cos(w*x)"),
        ("a = x**2 + y**2; r = sqrt(a); th = atan2(y, x); r*exp(th)", "x", "(x - y)*exp(th)/r"),
        ("s = sin(x); c = cos(x); s**2*c", "x", "2*c**2*s - s**3"),
        ("T = 2.5; k = 3; k*x*T**2", "x", "T**2*k"),
        ("T = 2.5; 1/T**2", "T", "-2/T**3"),
        ("n = 2; f(z) = z**n; f(f(x))", "x", "4*x**3"),
        ("y = exp(x); log(y)", "x", "1"),
        (BLACK_SCHOLES, "S", "ndtr(d1)"),
        (BLACK_SCHOLES, "r", "K*T*ndtr(d2)*exp(-T*r)"),
        ("t = x**2; u = t*t1; u*sin(u)*t", "x", "2*u*x*(u*cos(u) + 2*sin(u))"),
    ],
)
def test_what_the_program_names_is_a_name_unless_that_is_longer(program: str, wrt: str, formula: str) -> None:
    (partial,) = gradcli.differentiate(program, wrt=wrt).partials
    assert partial.symbolic == formula


@pytest.mark.parametrize(
    ("program", "points", "options"),
    [
        (BLACK_SCHOLES, [MARKET, SMALL], {}),
        (BLACK_SCHOLES, [MARKET], {"hessian": True}),
        (SATURATION, [{"T": 310}, {"T": 450.5}], {}),
        (TWO_COMPARTMENTS, PATIENTS, {}),
        (DAWSON, [{"x": 0.75}, {"x": -2}], {}),
        (NEST, [{"x": 0.5}, {"x": -1.25}], {}),
        (SQUARES, [{"x": 1.5, "t1": 2}, {"x": -0.75, "t1": 3}], {}),
        ("f = exp(sin(x))*x", [{"x": 0.5}, {"x": -1.25}], {"order": 8}),
        ("f = " + " + ".join(f"sin({i}*x)/{i}" for i in range(1, 1500)), [{"x": 0.3}], {}),
        ("y = relu(x); z = y**2*where(y > 1, y, sin(y)); f = z*y", [{"x": 2}, {"x": 0.5}, {"x": -1}], {}),
    ],
    ids=[
        "Black-Scholes",
        "Greeks",
        "saturation",
        "compartments",
        "rational",
        "nest",
        "squares",
        "order 8",
        "sum",
        "if",
    ],
)
def test_what_is_printed_can_be_typed_in_after_the_program(
    program: str, points: list[dict[str, float]], options: dict[str, object]
) -> None:
    """Formulas found without a point, typed in and evaluated; the truth is the reference's, which has no formula."""
    formulas = gradcli.differentiate(program, **options)  # type: ignore[arg-type]
    for point in points:
        here = gradcli.differentiate(program, point, patience=20, **options)  # type: ignore[arg-type]
        for shown, true in zip(formulas.partials, here.partials):
            typed = "; ".join([program, *formulas.definitions, shown.symbolic or ""])
            assert isinstance(true.reference, str)
            truth = Decimal(true.reference)
            for text in (typed, shown.symbolic_expanded):
                if text is not None:
                    assert abs(_value(text, point) - truth) <= Decimal("1e-12") * abs(truth)


def _value(text: str, point: dict[str, float]) -> Decimal:
    """The true value of a program, which may not have all of these variables, by mpmath: no derivative is taken."""
    program = parse(text)
    tape = lower(program, list(point), None, custom_vjps=False)
    arithmetic = Arithmetic()
    inputs = {name: arithmetic.m.mpf(value) for name, value in point.items()}
    return Decimal(str(arithmetic.run(tape, inputs)[tape.output]))


@pytest.mark.parametrize("program", [TWO_COMPARTMENTS, NEST, SQUARES], ids=["compartments", "nest", "squares"])
def test_a_definition_takes_one_line_and_is_used(program: str) -> None:
    result = gradcli.differentiate(program)
    after = [*result.definitions, *(partial.symbolic or "" for partial in result.partials)]
    assert result.definitions
    for index, definition in enumerate(result.definitions, 1):
        name, _, formula = definition.partition(" = ")
        assert len(formula) < 120
        assert any(name in text.split(" = ")[-1] for text in after[index:])


def test_new_names_are_none_of_the_programs() -> None:
    result = gradcli.differentiate(SQUARES)
    assert {one.partition(" = ")[0] for one in result.definitions} <= {f"u{i}" for i in range(1, 30)}


def test_every_format_has_the_definitions() -> None:
    data = json.loads(run("diff", NEST, "--json").out)
    assert data["definitions"][0] == "t1 = sin(sin(sin(x)))"
    assert data["partials"][0]["symbolic_expanded"] is None
    assert "t1 = sin(sin(sin(x)))\n" in run("diff", NEST).out
    assert run("diff", NEST, "--format", "latex").out.startswith(r"t_{1} = \sin")


def test_many_definitions_are_folded_on_a_terminal() -> None:
    result = gradcli.differentiate(NEST)
    lines = definitions(result, 100)
    assert lines[MOST // 2] == f"(and {len(result.definitions) - MOST} more lines, which --json has)"


def test_without_variables_it_is_by_the_names_set_to_numbers() -> None:
    outcome = run("diff", "T = 2.5; unused = 1; g = 1/T**2")
    assert "∂g/∂T" in outcome.out
    assert "unused" not in outcome.out
    assert outcome.err == "note: differentiated by the names that the program sets to numbers: T\n"
