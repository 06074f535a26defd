"""Derivatives past the order 10 against closed forms and mpmath: enclosed, judged, and refused where there are none."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import comb, factorial
from typing import Any

import mpmath
import pytest

import gradcli
from gradcli.diff.data import Verdict
from gradcli.errors import ExitCode, GradcliError, LimitError
from tests.batch.support import answered, data
from tests.doors import MAX_CHAINED_ORDER, MAX_SERIES_ORDER


def reference(program: str, at: dict[str, float], order: int, **options: Any) -> Any:
    (partial,) = gradcli.differentiate(program, at, order=order, **options).partials
    assert partial.verdict is Verdict.AGREE and partial.proof == "enclosed", partial
    return partial.reference


@pytest.mark.parametrize(
    ("program", "x", "order", "true"),
    [
        ("1/(1 - x)", 0.0, 100, lambda x, n: mpmath.factorial(n)),
        ("1/(1 - x)", 0.5, 20, lambda x, n: mpmath.factorial(n) / (1 - x) ** (n + 1)),
        ("exp(-x**2)", 0.3, 40, lambda x, n: mpmath.hermite(n, x) * mpmath.exp(-(x**2))),
        ("log(1 + x)", 1.0, 30, lambda x, n: -mpmath.factorial(n - 1) / (-(1 + x)) ** n),
        ("legendre(15, x)", 0.25, 15, lambda x, n: mpmath.factorial(30) / 2**15 / mpmath.factorial(15)),
        ("exp(3*x)", 1.0, 60, lambda x, n: mpmath.mpf(3) ** n * mpmath.exp(3 * x)),
        ("sqrt(x)", 2.0, 25, lambda x, n: mpmath.ff(mpmath.mpf(1) / 2, n) * x ** (mpmath.mpf(1) / 2 - n)),
        ("exp(sin(x))", 1.0, 12, lambda x, n: mpmath.taylor(lambda t: mpmath.exp(mpmath.sin(t)), x, n)[n] * factorial(n)),
        ("j0(x)", 1.5, 14, lambda x, n: mpmath.besselj(0, x, derivative=n)),
        ("lgamma(x)", 2.5, 12, lambda x, n: mpmath.polygamma(n - 1, x)),
        ("x**20", 3.0, 18, lambda x, n: mpmath.factorial(20) / 2 * x**2),
    ],
)  # fmt: skip
def test_derivatives_are_those_of_the_closed_form(
    program: str, x: float, order: int, true: Callable[[Any, int], Any]
) -> None:
    found = reference(program, {"x": x}, order)
    with mpmath.workdps(60):
        assert abs(mpmath.mpf(found) / true(mpmath.mpf(x), order) - 1) < 1e-18


def test_mixed_derivatives_of_several_variables() -> None:
    result = gradcli.differentiate("exp(2*x + 3*y)/(1 - z)", "x=0,y=0,z=0", order=11)
    for partial in result.partials:
        x, y, z = (partial.wrt.count(name) for name in "xyz")
        assert Fraction(partial.reference) == 2**x * 3**y * factorial(z), partial.wrt
    assert len(result.partials) == comb(13, 2) and result.verdict is Verdict.AGREE


def test_autograd_is_asked_while_its_graph_is_small_and_else_left_out_with_a_note() -> None:
    small = gradcli.differentiate("sin(2*x)", {"x": 1.0}, order=30)
    assert small.partials[0].autograd == pytest.approx(-(2.0**30) * float(mpmath.sin(2)))
    assert small.partials[0].digits is not None and small.partials[0].digits > 13
    large = gradcli.differentiate("exp(sin(x))", {"x": 1.0}, order=12)
    assert large.partials[0].autograd is None and large.exit_code is ExitCode.AGREE
    assert any("autograd is left out" in note for note in large.notes)


def test_a_number_that_overflowed_is_found_out() -> None:
    (partial,) = gradcli.differentiate("sin(1000*x)", {"x": 0.5}, order=13, dtype="float32").partials
    assert partial.verdict is Verdict.INACCURATE
    assert mpmath.mpf(partial.reference) == pytest.approx(mpmath.mpf(10) ** 39 * mpmath.cos(500))


@pytest.mark.parametrize(
    ("program", "kind", "limit"),
    [("abs(x)", "corner", None), ("1/x", "pole", None), ("sqrt(x)", "edge", None), ("sin(x)/x", "hole", 1 / 13)],
)
def test_where_a_lower_order_is_missing_there_is_none(program: str, kind: str, limit: float | None) -> None:
    result = gradcli.differentiate(program, {"x": 0.0}, order=12)
    (partial,) = result.partials
    assert (partial.verdict, partial.kind) == (Verdict.UNDEFINED, kind) and result.exit_code is ExitCode.UNDEFINED
    assert partial.reference is None and (limit is None or float(partial.limit or 0) == pytest.approx(limit))


def test_what_no_series_tells_is_undecided_and_not_guessed() -> None:
    (partial,) = gradcli.differentiate("relu(x)**12", {"x": 0.0}, order=12).partials
    assert partial.verdict is Verdict.UNDECIDED and "its formula changes here" in str(partial.note)


@pytest.mark.parametrize(
    ("program", "options"),
    [
        ("A@A", {"at": {"A": [[1.0, 2.0], [3.0, 4.0]]}}),
        ("y = x**2; y**3", {"at": {"x": 1.0}, "wrt": "y"}),
        ("sq(i) = i**2; sq'(i, g) = 2*i*g; sq(x)", {"at": {"x": 1.0}}),
        ("sqrt(x)", {"at": {"x": -1.0}, "complex": True}),
        ("x", {"at": {"x": float("inf")}}),
    ],
)
def test_what_has_no_series_is_refused(program: str, options: dict[str, Any]) -> None:
    with pytest.raises(GradcliError, match=f"past the order {MAX_CHAINED_ORDER}") as caught:
        gradcli.differentiate(program, order=11, **options)
    assert caught.value.exit_code is ExitCode.INPUT


def test_limits() -> None:
    for program, at, order in (("x", "x=1", MAX_SERIES_ORDER + 1), ("x*y*z*w", "x=1,y=1,z=1,w=1", 30), ("x", None, 11)):
        with pytest.raises(LimitError):
            gradcli.differentiate(program, at, order=order)


def test_many_points() -> None:
    asked = [{"program": "exp(x)*x", "at": {"x": x}, "order": 15} for x in (0.0, 1.0, -15.0)]
    values = [float(one["partials"][0]["reference"]) for one in map(data, answered(asked))]
    assert values == pytest.approx([15.0, float(16 * mpmath.e), 0.0])
