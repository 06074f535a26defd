"""On random smooth programs the three sources never contradict each other."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradcli
from gradcli.diff.data import Partial, Verdict
from tests.doors import names_of, parse

ONE = ["sin({})", "cos({})", "tanh({})", "exp(sin({}))", "log(1 + ({})**2)", "sqrt(2 + cos({}))", "1/(1 + ({})**2)",
       "-({})", "({})**2", "({})**3", "erf({})", "sigmoid({})", "softplus({})", "gelu({})", "atan({})", "asinh({})",
       "sech({})", "dawson({})", "besselj(1, {})", "airyai(sin({}))", "Si({})", "sinc({})", "expm1(sin({}))",
       "lgamma(3 + sin({}))", "lambertw(2 + cos({}))", "legendre(3, cos({}))"]  # fmt: skip
TWO = ["{} + {}", "{} - ({})", "({})*({})", "({})/(2 + sin({}))", "(2 + tanh({}))**sin({})", "hypot(1, {}) + {}",
       "atan2({}, 2 + cos({}))", "logaddexp({}, {})", "f({}, {})", "xlogy(2 + sin({}), 2 + cos({}))"]  # fmt: skip
SETUP = "f(s, t) = s*t + cos(s - t)"

NOTHING = 1e-55  # the formulas' values are 0 below about 1e-60
VARIABLES = ("x", "y", "z")
leaves = st.sampled_from([*VARIABLES, "x", "0.5", "3", "2.75", "1e-3"])
coordinates = st.floats(-4, 4).filter(lambda value: value == 0 or abs(value) > 1e-6)


def larger(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds(lambda form, part: form.format(part), st.sampled_from(ONE), parts),
        st.builds(lambda form, one, other: form.format(one, other), st.sampled_from(TWO), parts, parts),
    )


expressions = st.recursive(leaves, larger, max_leaves=5)
points = st.fixed_dictionaries(dict.fromkeys(VARIABLES, coordinates))


def partials(program: str, point: dict[str, float], **options: object) -> tuple[Partial, ...]:
    names = names_of(parse(program)).variables
    at = {name: point[name] for name in names}
    return gradcli.differentiate(program, at, patience=10, **options).partials  # type: ignore[arg-type]


def check(partial: Partial) -> None:
    """Autograd is right, or merely inaccurate where the other two agree."""
    assert partial.verdict in (Verdict.AGREE, Verdict.INACCURATE), partial
    assert partial.reference is not None
    truth = float(partial.reference)
    assert partial.symbolic_value is not None, partial
    assert partial.symbolic_value == pytest.approx(truth, rel=1e-6, abs=NOTHING), partial
    if partial.verdict is Verdict.AGREE and truth:
        assert partial.autograd == pytest.approx(truth, rel=1e-6, abs=1e-290), partial


@settings(max_examples=60, deadline=None, derandomize=True)
@given(expressions, points)
def test_the_sources_agree(expression: str, point: dict[str, float]) -> None:
    for partial in partials(f"{SETUP}; {expression} + x", point):
        check(partial)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(expressions, points)
def test_the_sources_agree_on_second_derivatives(expression: str, point: dict[str, float]) -> None:
    for partial in partials(f"{SETUP}; ({expression})*x", point, order=2):
        check(partial)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(expressions, expressions, points)
def test_the_sum_rule(one: str, other: str, point: dict[str, float]) -> None:
    apart = [{p.wrt: p.reference for p in partials(f"{SETUP}; {part} + 0*(x + y + z)", point)} for part in (one, other)]
    for partial in partials(f"{SETUP}; {one} + ({other}) + 0*(x + y + z)", point):
        first, second = (float(references[partial.wrt] or "nan") for references in apart)
        assert float(partial.reference or "nan") == pytest.approx(first + second, rel=1e-12, abs=1e-12)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(expressions, st.floats(0.1, 4), st.sampled_from(["float32", "bfloat16"]))
def test_other_dtypes_are_held_to_their_own_digits(expression: str, x: float, dtype: str) -> None:
    for partial in partials(f"{SETUP}; {expression}", dict.fromkeys(VARIABLES, x), dtype=dtype):
        assert partial.verdict in (Verdict.AGREE, Verdict.INACCURATE), partial
        assert partial.digits is not None
        assert partial.digits <= {"float32": 7.3, "bfloat16": 2.5}[dtype]
