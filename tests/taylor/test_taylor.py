"""Taylor polynomials against mpmath's, series in closed form, and functions sampled over the range of a remainder."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import comb, factorial
from typing import Any

import mpmath
import pytest

import gradcli
from gradcli.errors import ExitCode, GradcliError, LimitError
from gradcli.taylor.data import Taylor
from tests.support import run


def exact(found: Taylor) -> list[Fraction | None]:
    return [None if one.exact is None else Fraction(one.exact) for one in found.terms]


@pytest.mark.parametrize(
    ("program", "at", "forms"),
    [
        ("exp(x)", 1, ["exp(1)", "exp(1)", "exp(1)/2", "exp(1)/6"]),
        ("sqrt(x)", 2, ["sqrt(2)", "sqrt(2)/4", "-sqrt(2)/32", "sqrt(2)/128"]),
        ("sqrt(x)", 12, ["2*sqrt(3)", "sqrt(3)/12", "-sqrt(3)/576", "sqrt(3)/13824"]),
        ("x**(-1/2)", 8, ["sqrt(2)/4", "-sqrt(2)/64", "3*sqrt(2)/2048", "-5*sqrt(2)/32768"]),
        ("cbrt(x)", 2, ["2**(1/3)", "2**(1/3)/6", "-2**(1/3)/36", "5*2**(1/3)/648"]),
        ("log(x)", 2, ["log(2)", "1/2", "-1/8", "1/24"]),
        ("log(2*x) - x/2", 1, ["log(2) - 1/2", "1/2", "-1/2", "1/3"]),
        ("sin(x)", 1, ["sin(1)", "cos(1)", "-sin(1)/2", "-cos(1)/6"]),
        ("atan(x)", -1, ["-pi/4", "1/2", "1/4", "1/12"]),
        ("asin(x)", 0.5, ["pi/6", "2*sqrt(3)/3", "2*sqrt(3)/9", "8*sqrt(3)/27"]),
        ("acos(x)", -0.5, ["2*pi/3", "-2*sqrt(3)/3", "2*sqrt(3)/9", "-8*sqrt(3)/27"]),
        ("2**x", 0, ["1", "log(2)", "log(2)**2/2", "log(2)**3/6"]),
        ("exp(-x)/x", 2, ["exp(-2)/2", "-3*exp(-2)/4", "5*exp(-2)/8", "-19*exp(-2)/48"]),
        ("tan(x)", 1, ["tan(1)", "tan(1)**2 + 1", "tan(1) + tan(1)**3", "4*tan(1)**2/3 + tan(1)**4 + 1/3"]),
        ("1/(1 + exp(x))", 1, ["1/(exp(1) + 1)", "-exp(1)/(exp(1) + 1)**2", None, None]),
        ("exp(x/10)", 0.3, [None] * 4),  # 0.3 is a double
        ("lgamma(x)", 3, ["lgamma(3)", "digamma(3)", "polygamma(1, 3)/2", "polygamma(2, 3)/6"]),
    ],
)
def test_coefficients_in_closed_form(program: str, at: float, forms: list[str | None]) -> None:
    """By hand; each is evaluated by mpmath, too, and is the coefficient."""
    found = gradcli.taylor(program, {"x": at}, order=3)
    assert [one.exact for one in found.terms] == forms
    names = {name: getattr(mpmath, name) for name in ("exp", "sqrt", "log", "sin", "cos", "tan", "pi", "digamma")}
    names |= {"lgamma": mpmath.loggamma, "polygamma": mpmath.polygamma}
    with mpmath.workdps(40):
        for one in found.terms:
            if one.exact is not None:
                wide = re.sub(r"(?<![\w.])(\d+)(?!\w)", r"mpf(\1)", one.exact)
                value = eval(wide, {"mpf": mpmath.mpf, **names})  # a test's own text
                assert mpmath.mpf(one.value) == pytest.approx(value, rel=1e-17)


def test_a_sum_stands_in_brackets_before_a_factor() -> None:
    text = run("taylor", "-exp(x) - x", "--at", "x=1", "--order", "2").out
    assert "f(x) ~ -exp(1) - 1 + (-exp(1) - 1)*(x - 1) - exp(1)*(x - 1)**2/2" in text
    latex = run("taylor", "exp(x) + x", "--at", "x=1", "--order", "1", "--format", "latex").out
    assert r"\approx e^{1} + 1 + \left(e^{1} + 1\right) \left(x - 1\right)" in latex


def test_the_polynomial_in_closed_form_can_be_typed_in_again() -> None:
    text = run("taylor", "cbrt(x)*exp(x)", "--at", "x=2", "--order", "2").out
    polynomial = text.split("~ ")[1].split("\n\n")[0]
    again = gradcli.differentiate(" ".join(polynomial.split()), {"x": 2.5})
    x = mpmath.mpf(2.5)
    parts = mpmath.taylor(lambda x: mpmath.cbrt(x) * mpmath.exp(x), 2, 2)
    assert again.value == pytest.approx(float(sum(c * (x - 2) ** k for k, c in enumerate(parts))), rel=1e-14)


@pytest.mark.parametrize(
    ("program", "true"),
    [
        ("sin(x)", lambda k: Fraction(0) if k % 2 == 0 else Fraction((-1) ** (k // 2), factorial(k))),
        ("1/(1 - x)**3", lambda k: Fraction(comb(k + 2, 2))),
        ("(exp(x) - 1)/x", lambda k: Fraction(1, factorial(k + 1))),
        ("(1 - sqrt(1 - 4*x))/(2*x)", lambda k: Fraction(comb(2 * k, k), k + 1)),
        ("log(1 + x)", lambda k: Fraction((-1) ** (k + 1), k) if k else Fraction(0)),
        ("where(x < 1, exp(2*x), 0)", lambda k: Fraction(2**k, factorial(k))),
    ],
)
def test_rational_coefficients_are_those_of_the_closed_form(program: str, true: Callable[[int], Fraction]) -> None:
    assert exact(gradcli.taylor(program, "x=0", order=12)) == [true(k) for k in range(13)]


@pytest.mark.parametrize(
    ("program", "at", "f"),
    [
        ("exp(sin(x))", 1.3, lambda x: mpmath.exp(mpmath.sin(x))),
        ("x**x", 0.7, lambda x: x**x),
        ("lgamma(x)/(1 + x**2)", 2.5, lambda x: mpmath.loggamma(x) / (1 + x**2)),
        ("atan2(x, 2)*erf(x)", -0.4, lambda x: mpmath.atan2(x, 2) * mpmath.erf(x)),
        ("0.1*(V + 55)/(1 - exp(-(V + 55)/10))", -30.0,
         lambda v: mpmath.mpf(1) / 10 * (v + 55) / (1 - mpmath.exp(-(v + 55) / 10))),
    ],
)  # fmt: skip
def test_coefficients_are_those_of_mpmath(program: str, at: float, f: Callable[[Any], Any]) -> None:
    name = "V" if "V" in program else "x"
    found = gradcli.taylor(program, {name: at}, order=8)
    with mpmath.workdps(60):
        for one, true in zip(found.terms, mpmath.taylor(f, mpmath.mpf(at), 8), strict=True):
            assert mpmath.mpf(one.value) == pytest.approx(true, rel=1e-16 if "0.1" in program else 1e-18)
    assert found.status == "enclosed" and found.exit_code is ExitCode.AGREE


@pytest.mark.parametrize(
    ("program", "at", "over", "order", "f"),
    [
        ("sin(x)", 0.0, (-0.5, 0.5), 7, mpmath.sin),
        ("sin(x)/x", 0.0, (-1.0, 2.0), 4, mpmath.sinc),
        ("1/(1 + x**2)", 0.5, (0.0, 1.25), 5, lambda x: 1 / (1 + x**2)),
        ("sqrt(x)", 4.0, (3.0, 7.0), 1, mpmath.sqrt),
        ("exp(x)", 1.0, (2.0, 3.0), 3, mpmath.exp),  # the point lies outside
        ("x**5", 1.0, (-1.0, 2.0), 5, lambda x: x**5),
    ],
)
def test_the_remainder_holds_at_every_sampled_point_and_is_no_wild_one(
    program: str, at: float, over: tuple[float, float], order: int, f: Callable[[Any], Any]
) -> None:
    found = gradcli.taylor(program, {"x": at}, order=order, over={"x": over})
    assert found.remainder is not None and found.remainder.bound is not None
    with mpmath.workdps(40):
        bound, largest = mpmath.mpf(found.remainder.bound), mpmath.mpf(0)
        for k in range(41):
            x = over[0] + mpmath.mpf(over[1] - over[0]) * k / 40
            p = sum(mpmath.mpf(one.value) * (x - at) ** one.powers[0] for one in found.terms)
            largest = max(largest, abs(f(x) - p))
    assert largest <= bound + mpmath.mpf(10) ** -17
    assert bound <= 40 * largest + mpmath.mpf(10) ** -15


def test_no_remainder_is_claimed_over_a_range_with_a_corner_or_a_pole() -> None:
    for program, at, over in (("abs(x)", 1, (-1, 2)), ("1/x", 1, (-1, 2)), ("where(x < 1, x, 3*x)", 0, (-1, 1.5))):
        found = gradcli.taylor(program, {"x": at}, order=2, over={"x": over})
        assert found.terms and found.remainder is not None
        assert found.remainder.bound is None and found.remainder.note and found.exit_code is ExitCode.LIMIT


def test_several_variables_have_their_plane_and_second_derivatives() -> None:
    found = gradcli.taylor("x**2*y + exp(x*z)", "x=0,y=2,z=3", order=2)
    assert {one.powers: one.exact for one in found.terms} == {
        (0, 0, 0): "1", (1, 0, 0): "3", (0, 1, 0): "0", (0, 0, 1): "0", (2, 0, 0): "13/2", (1, 1, 0): "0",
        (1, 0, 1): "1", (0, 2, 0): "0", (0, 1, 1): "0", (0, 0, 2): "0",
    }  # fmt: skip
    plane = gradcli.taylor("x**2*y", "x=1,y=2", order=1, over={"x": (0.5, 1.5), "y": (1, 3)})
    assert plane.remainder is not None and plane.remainder.bound is not None
    assert 1.75 / 2 <= float(plane.remainder.bound) <= 3.5  # at (1.5, 3) it is 6.75 - 5


@pytest.mark.parametrize(
    ("program", "at", "over", "order", "f"),
    [
        ("x**2*y", (1, 2), ((0.5, 1.5), (1, 3)), 2, lambda x, y: x**2 * y),
        ("exp(x*y)", (0, 0), ((-0.5, 0.5), (-0.5, 1)), 3, lambda x, y: mpmath.exp(x * y)),
        ("sin(x + 2*y)", (0.5, -0.25), ((0, 1), (-0.5, 0)), 4, lambda x, y: mpmath.sin(x + 2 * y)),
        ("sqrt(x**2 + y**2)", (3, 4), ((2, 3.5), (4, 5)), 2, lambda x, y: mpmath.hypot(x, y)),
        ("x/(1 + y)", (1, 0), ((1, 2), (0.25, 0.5)), 3, lambda x, y: x / (1 + y)),  # the point lies outside
    ],
)
def test_the_remainder_of_several_variables_holds_all_over_the_box(
    program: str, at: Sequence[float], over: Sequence[tuple[float, float]], order: int, f: Callable[..., Any]
) -> None:
    names = ("x", "y")
    found = gradcli.taylor(program, dict(zip(names, at)), order=order, over=dict(zip(names, over)))
    assert found.remainder is not None and found.remainder.bound is not None
    with mpmath.workdps(40):
        bound, largest = mpmath.mpf(found.remainder.bound), mpmath.mpf(0)
        for i, j in itertools.product(range(9), repeat=2):
            x, y = (low + mpmath.mpf(high - low) * k / 8 for (low, high), k in zip(over, (i, j)))
            p = sum(
                mpmath.mpf(one.value) * (x - at[0]) ** one.powers[0] * (y - at[1]) ** one.powers[1]
                for one in found.terms
            )
            largest = max(largest, abs(f(x, y) - p))
    assert largest <= bound + mpmath.mpf(10) ** -17
    assert bound <= 10 * largest + mpmath.mpf(10) ** -15


def test_a_decimal_stands_in_the_polynomial_as_the_shortest_one_of_its_double() -> None:
    out = run("taylor", "x**2 - y**2", "--at", "x=0.5,y=0.2", "--order", "1").out
    assert "~ 0.21 + (x - 0.5) - 0.4*(y - 0.2)\n" in out and "-0.40000000000000002" in out  # below: its own digits


def test_one_variable_of_several_is_expanded_in() -> None:
    found = gradcli.taylor("exp(-k*t)", "k=0.5,t=0", wrt="t", order=3)
    assert found.wrt == ("t",) and exact(found) == [1, Fraction(-1, 2), Fraction(1, 8), Fraction(-1, 48)]


@pytest.mark.parametrize(
    ("program", "order", "status", "kind"),
    [
        ("abs(x)", 6, "undefined", "corner"),
        ("x*abs(x)", 2, "undefined", "corner"),
        ("1/x", 3, "undefined", "pole"),
        ("sqrt(x)", 1, "undefined", "edge"),
        ("floor(x)", 1, "undefined", "jump"),
    ],
)
def test_where_there_is_no_polynomial(program: str, order: int, status: str, kind: str) -> None:
    found = gradcli.taylor(program, "x=0", order=order)
    assert (found.status, found.kind, found.terms) == (status, kind, ())
    assert found.exit_code is ExitCode.UNDEFINED and found.note


@pytest.mark.parametrize("program", ["relu(x) - relu(-x)", "abs(x)*x + x", "max(x, x**3 + x)*0 + x"])
def test_a_smooth_sum_of_corners_is_never_called_undefined(program: str) -> None:
    found = gradcli.taylor(program, "x=0", order=1)
    assert found.status in ("estimated", "enclosed", "undecided")
    if found.terms:
        assert [float(one.value) for one in found.terms] == [0, 1]


@pytest.mark.parametrize(
    ("program", "at", "exact"),
    [
        ("(exp(x) - exp(1))/(x - 1)", "x=1", ["exp(1)", "exp(1)/2", "exp(1)/6"]),
        ("(sin(x) - sin(2))/(x - 2)", "x=2", ["cos(2)", "-sin(2)/2", "-cos(2)/6"]),
        ("1/x - 1/sin(x)", "x=0", ["0", "-1/6", "0"]), ("1/sin(x)**2 - 1/x**2", "x=0", ["1/3", "0", "1/15"]),
        ("1/log(x) - 1/(x - 1)", "x=1", ["1/2", "-1/12", "1/24"]), ("1/x - 1/tan(x)", "x=0", ["0", "1/3", "0"]),
    ],
)  # fmt: skip
def test_holes_where_numbers_or_poles_cancel_have_a_series(program: str, at: str, exact: list[str]) -> None:
    found = gradcli.taylor(program, at, order=2)
    assert [one.exact for one in found.terms] == exact and (found.status, found.kind) == ("enclosed", "hole")


def test_functions_that_are_filled_have_the_series_of_their_limit() -> None:
    found = gradcli.taylor("exprel(x)", "x=0", order=3, over="x=-1:1")
    assert [one.exact for one in found.terms] == ["1", "1/2", "1/6", "1/24"] and (found.status, found.kind) == (
        "enclosed",
        None,
    )
    assert found.remainder is not None and math.e - 1 - 41 / 24 < float(found.remainder.bound or 0) < 0.1
    sinc = gradcli.taylor("sinc(x)", "x=0", order=2)
    assert [float(one.value) for one in sinc.terms] == pytest.approx([1, 0, -(math.pi**2) / 6], abs=1e-18)


def test_several_variables_have_higher_orders() -> None:
    found = gradcli.taylor("exp(x)*sin(y)", "x=0,y=0", order=4)
    told = {one.powers: one.exact for one in found.terms if one.exact != "0"}
    assert told == {(0, 1): "1", (1, 1): "1", (2, 1): "1/2", (0, 3): "-1/6", (3, 1): "1/6", (1, 3): "-1/6"}
    with pytest.raises(LimitError, match="terms"):
        gradcli.taylor("exp(x)*sin(y)", "x=0,y=0", order=40)
    assert gradcli.taylor("abs(x) + y", "x=0,y=0", order=1).kind == "corner"


def test_in_several_variables_a_hole_is_not_expanded_along_lines() -> None:
    found = gradcli.taylor("x*y/(x**2 + y**2)", "x=0,y=0", order=1)
    assert found.status in ("undecided", "undefined") and not found.terms


@pytest.mark.parametrize("order", [0, 101])
def test_an_order_out_of_range_is_refused(order: int) -> None:
    with pytest.raises(LimitError if order > 100 else GradcliError):
        gradcli.taylor("x", "x=1", order=order)


def test_coefficients_that_take_more_bits_than_the_exact_ones_are_held_against() -> None:
    """At -1e308 the remainder by -1.5 has some thousand bits; d/dx of x % y is 1, and Ei'(t) = exp(t)/t."""
    at = {"x": -1e308, "y": -1.5}
    found = gradcli.taylor("Ei(fresnels(x % y))", at, order=1)
    t = mpmath.mpf(-(2 * int(1e308) % 3)) / 2
    s = mpmath.fresnels(t)
    slope = mpmath.exp(s) / s * mpmath.sin(mpmath.pi * t**2 / 2)
    by_powers = {term.powers: float(term.value) for term in found.terms}
    assert by_powers[1, 0] == pytest.approx(float(slope))
