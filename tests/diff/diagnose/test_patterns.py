"""Every rewriting of the table helps at its example, and is the same function; every match is the one that is meant."""

from __future__ import annotations

import pytest

import gradcli
from tests.doors import PATTERNS, Name, Pattern, parse, rewritings, walk


def program_of(result: gradcli.Result) -> str | None:
    """The suggestion, without spaces."""
    suggestion = result.autopsy.suggestion if result.autopsy else None
    return suggestion.program.replace(" ", "") if suggestion else None


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.written)
def test_the_example_is_mended(pattern: Pattern) -> None:
    result = gradcli.differentiate(pattern.written, at=pattern.at, wrt=pattern.wrt, explain=True, patience=60)
    assert program_of(result) == pattern.better.replace(" ", "")


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.written)
def test_both_sides_have_the_same_names(pattern: Pattern) -> None:
    written, better = ({node.name for node in walk(tree) if isinstance(node, Name)} for tree in pattern.trees)
    assert better - {"pi"} <= written <= {"u", "a", "b", "v"}


MATCHES = [
    ("log(1 + exp(x))", "softplus(x)"),
    ("log(exp(x) + 1)", "softplus(x)"),
    ("log(1 + exp(-x*y))", "softplus(-x*y)"),
    ("-log(1 + exp(-x))", "logsigmoid(x)"),
    ("log(1 - x)", "log1p(-x)"),
    ("1 - exp(-x)", "-expm1(-x)"),
    ("exp(x) + sin(x) - 1", "expm1(x) + sin(x)"),
    ("3*x*log(y)/2", "xlogy(x, y)*3/2"),
    ("sqrt(x*x + square(y))", "hypot(x, y)"),
    ("1/(1 + exp(x))", "sigmoid(-x)"),
    ("2*exp(x)/(1 + exp(x))", "sigmoid(x)*2"),
    ("y = exp(x); y/(1 + y)", "sigmoid(x)"),
    ("m = sum(exp(v)); log(m)", "logsumexp(v)"),
    ("1 - sqrt(1 - x)", "x/(sqrt(1 - x) + 1)"),
    ("sqrt(x + 1) - sqrt(x)", "1/(sqrt(x + 1) + sqrt(x))"),
    ("sin(2*(1 - cos(x)))", "sin(2*(2*sin(x/2)**2))"),
    ("f(t) = log(1 + exp(t)); f(x) + f(y)", "f(t) = softplus(t); f(x) + f(y)"),
]


@pytest.mark.parametrize(("text", "expected"), MATCHES)
def test_match(text: str, expected: str) -> None:
    found = [candidate.text for candidate in rewritings(parse(text), ())]
    assert expected in found


@pytest.mark.parametrize(
    "text",
    ["log(2 + exp(x))", "exp(x)/(2 + exp(x))", "log(x)", "x + 1", "sqrt(x**2 + y**3)", "log(exp(x) + exp(y) + z)", "x"],
)
def test_no_match(text: str) -> None:
    assert list(rewritings(parse(text), ())) == []


@pytest.mark.parametrize("text", ["+".join(["x"] * 3000), "*".join(["x"] * 3000), "-" * 400 + "x"], ids=len)
def test_long_programs_are_left_alone(text: str) -> None:
    assert list(rewritings(parse(text), ())) == []


def test_wide_sums_and_deep_signs_are_looked_at_only_so_far() -> None:
    assert len(list(rewritings(parse("+".join(f"x{i}*log(x{i})" for i in range(20))), ()))) <= 100
    assert list(rewritings(parse("1 - cos(" + "-" * 400 + "x)"), ()))
