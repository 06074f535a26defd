"""What balls must say exactly: dyadic values, flat pieces, removable points; and far tails, holes and guards."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import pytest
from flint import arb, fmpq, fmpz

from tests.backends.support import Uncertain, by_name, interval, is_enclosed, precision, truth
from tests.doors import Arithmetic, Row, is_ball, may_be_zero, table
from tests.doors import ball_guards as guards
from tests.functions.test_table import kinks

HALF = Fraction(1, 2)

EXACT = [
    ("sqrt(4)", 2), ("sqrt(2.25)", 1.5), ("cbrt(8)", 2), ("cbrt(-27)", -3), ("cbrt(0)", 0), ("cbrt(0.125)", 0.5),
    ("root(32, 5)", 2), ("root(-32, 5)", -2), ("root(16, 4)", 2), ("root(8, -3)", 0.5), ("root(3, 0.5)", 9),
    ("root(0, 3)", 0), ("**(2, 10)", 1024), ("**(10, 20)", 10**20), ("**(16, 0.25)", 2), ("**(16, -0.75)", 0.125),
    ("**(4, 1.5)", 8), ("**(0, 0)", 1), ("**(0, 2.5)", 0), ("**(-2, 3)", -8), ("**(-2, -1)", -0.5),
    ("exp2(10)", 1024), ("exp2(-3)", 0.125), ("exp2(0.5)", None), ("exp10(3)", 1000), ("log2(8)", 3),
    ("log2(0.125)", -3), ("log10(1000)", 3), ("log_base(81, 3)", 4), ("hypot(3, 4)", 5), ("hypot(0, 0)", 0),
    ("square(-3)", 9), ("reciprocal(4)", 0.25), ("rsqrt(4)", 0.5),
    ("exp(0)", 1), ("expm1(0)", 0), ("exprel(0)", 1), ("log(1)", 0), ("log1p(0)", 0),
    ("sin(0)", 0), ("cos(0)", 1), ("tan(0)", 0), ("sec(0)", 1), ("sinc(0)", 1), ("sinc(3)", 0), ("asin(0)", 0),
    ("acos(1)", 0), ("atan(0)", 0), ("atan2(0, 3)", 0), ("asec(1)", 0), ("cosm1(0)", 0),
    ("sinh(0)", 0), ("cosh(0)", 1), ("tanh(0)", 0), ("acosh(1)", 0), ("asech(1)", 0), ("gd(0)", 0),
    ("sinpi(7)", 0), ("sinpi(0.5)", 1), ("cospi(1)", -1), ("cospi(2.5)", 0), ("sindg(30)", HALF), ("sindg(180)", 0),
    ("sindg(-450)", -1), ("sindg(210)", -HALF), ("cosdg(60)", HALF), ("cosdg(90)", 0), ("cosdg(720)", 1),
    ("tandg(45)", 1), ("tandg(135)", -1), ("tandg(360)", 0), ("cotdg(90)", 0), ("cotdg(-45)", -1),
    ("sindg(1e300)", 0), ("sindg(1e200)", None), ("abs(-3.5)", 3.5), ("sign(-2)", -1), ("sign(0)", 0), ("copysign(3, -2)", -3),
    ("floor(2.5)", 2), ("floor(-2.5)", -3), ("floor(1e151)", 1e151), ("ceil(2.5)", 3), ("ceil(-1e151)", -1e151),
    ("round(2.5)", 2), ("round(3.5)", 4), ("round(-2.5)", -2), ("round(0.5)", 0), ("round(5e-324)", 0),
    ("round(-1.5)", -2), ("round(2.6)", 3), ("round(1e300)", 1e300), ("trunc(-2.7)", -2), ("frac(-2.75)", -0.75),
    ("fmod(-7.5, 2)", -1.5), ("fmod(1e151, 3)", math.fmod(1e151, 3)), ("%(7.5, 2)", 1.5), ("%(-7.5, 2)", 0.5),
    ("%(6, 0.1)", Fraction(6) % Fraction(0.1)), ("//(6, 0.1)", Fraction(6) // Fraction(0.1)), ("//(1e300, 3)", Fraction(1e300) // 3),
    ("max(2, 3)", 3), ("min(2, 2)", 2), ("clamp(5, -1, 1)", 1), ("clamp(0.5, -1, 1)", 0.5), ("clamp(0, 2, 1)", 1),
    ("heaviside(0, 0.25)", 0.25), ("heaviside(-1, 0.25)", 0), ("relu(-3)", 0), ("relu(0)", 0), ("relu6(7)", 6),
    ("leaky_relu(-2, 0.5)", -1), ("elu(0, 2)", 0), ("softshrink(2, 0.5)", 1.5), ("hardshrink(0.5, 0.5)", 0),
    ("hardtanh(-2, -1, 1)", -1), ("hardsigmoid(-3)", 0), ("hardsigmoid(0)", HALF), ("hardswish(3)", 3), ("gelu(0)", 0),
    ("threshold(1, 1, 0.25)", 0.25), ("sigmoid(0)", HALF), ("logit(0.5)", 0), ("silu(0)", 0), ("tanhshrink(0)", 0),
    ("xlogy(0, 0)", 0), ("xlogy(0, -3)", 0), ("xlogy(3, 1)", 0), ("xlog1py(0, -1)", 0), ("entr(0)", 0), ("entr(1)", 0),
    ("rel_entr(0, 3)", 0), ("kl_div(0, 3)", 3), ("kl_div(2, 2)", 0), ("huber(1, 3)", 2.5), ("huber(1, 1)", 0.5),
    ("boxcox(1, 0)", 0), ("boxcox(0, 2)", -HALF), ("inv_boxcox(0, 0)", 1), ("inv_boxcox1p(0, 0.5)", 0),
    ("powm1(0, 2)", -1), ("powm1(3, 0)", 0), ("lambertw(0, 0)", 0), ("erf(0)", 0), ("erfc(0)", 1), ("erfcx(0)", 1),
    ("dawson(0)", 0), ("erfinv(0)", 0), ("erfcinv(1)", 0), ("ndtr(0)", HALF), ("ndtri(0.5)", 0), ("faddeeva_real(0, 0)", 1),
    ("faddeeva_imag(0, 0)", 0), ("owens_t(1, 0)", 0), ("stdtr(3, 0)", HALF), ("bdtr(3, 3, 0.5)", 1), ("bdtr(1, 3, 0)", 1),
    ("bdtr(1, 3, 1)", 0),
]  # fmt: skip

NONE = [
    "sqrt(-1)", "root(-2, 4)", "root(2, 0)", "root(0, -3)", "**(0, -1)", "**(-2, 0.5)", "**(0, -0.5)", "/(1, 0)", "%(1, 0)",
    "//(1, 0)", "reciprocal(0)", "rsqrt(0)", "rsqrt(-1)", "log(0)", "log(-1)", "log_base(2, 1)", "log_base(-2, 3)",
    "log2(0)", "log10(-1)", "log1p(-1)", "csc(0)", "cot(0)", "asin(2)", "acos(-2)", "asec(0.5)", "asec(0)", "acsc(0.5)",
    "csch(0)", "coth(0)", "acosh(0.5)", "atanh(1)", "atanh(-2)", "acoth(0.5)", "acoth(1)", "asech(0)", "asech(2)",
    "asech(-0.5)", "acsch(0)", "fmod(1, 0)", "logit(0)", "logit(1)", "logit(2)", "softplus(1, 0, 20)", "celu(-1, 0)",
    "xlogy(1, 0)", "xlogy(1, -1)", "xlog1py(1, -1)", "entr(-1)", "rel_entr(1, 0)", "rel_entr(-1, 1)", "kl_div(1, 0)",
    "huber(-1, 1)", "pseudo_huber(0, 1)", "boxcox(0, 0)", "boxcox(-1, 0.5)", "boxcox1p(-1, -1)", "inv_boxcox(-2, 0.5)",
    "inv_boxcox1p(-3, 0.5)", "powm1(0, -1)", "powm1(0, 0)", "lambertw(-1, 0)", "lambertw(1, -1)", "lambertw(1, 1)", "tandg(90)",
    "cotdg(180)", "erfinv(1)", "erfinv(-2)", "erfcinv(0)", "erfcinv(2)", "ndtri(0)", "ndtri(1)", "ndtri_exp(0)", "npdf(0, 0, 0)",
    "voigt_profile(0, 0, 1)", "voigt_profile(0, 1, -1)", "stdtr(0, 1)", "bdtr(-1, 3, 0.5)", "bdtr(1, 3.5, 0.5)",
    "bdtr(1, 3, 2)",
]  # fmt: skip

# A row on an interval of its first argument, the other arguments, and the one value that it takes there.
FLAT = [
    ("floor", (2.125, 2.875), (), 2), ("ceil", (2.125, 2.875), (), 3), ("round", (1.625, 2.375), (), 2),
    ("trunc", (-0.875, 0.875), (), 0), ("trunc", (-2.875, -2.125), (), -2), ("sign", (0.5, 99.5), (), 1), ("//", (6.25, 8.75), (3,), 2),
    ("sign", (-3, -1), (), -1), ("relu", (-4, -0.5), (), 0), ("relu6", (6.5, 9), (), 6),
    ("clamp", (1.5, 9), (-1, 1), 1), ("clamp_min", (-9, -1), (0,), 0), ("clamp_max", (3, 5), (2,), 2), ("heaviside", (1, 2), (0.5,), 1),
    ("hardtanh", (-9, -2), (-1, 1), -1), ("hardsigmoid", (3.5, 8), (), 1), ("hardswish", (-8, -4), (), 0), ("threshold", (-1, 0.75), (1, 0.25), 0.25),
    ("softshrink", (-0.5, 0.5), (0.75,), 0), ("hardshrink", (-0.5, 0.5), (0.75,), 0), ("max", (-2, 1), (3,), 3), ("min", (7, 8), (3,), 3),
]  # fmt: skip

# Intervals across a piece's end or a removable point: the smallest and the largest value, and how much more may be said.
ACROSS = [
    ("abs", (-1, 2), (), 0, 2, 0.01), ("sign", (-1, 2), (), -1, 1, 0.01), ("cbrt", (-1, 8), (), -1, 2, 0.01),
    ("root", (-1, 32), (5,), -1, 2, 0.01), ("sqrt", (0, 4), (), 0, 2, 0.01), ("**", (-1, 2), (2,), 0, 4, 0.01),
    ("**", (-1, 2), (3,), -1, 8, 0.01), ("**", (0, 4), (0.5,), 0, 2, 0.01), ("floor", (1.5, 2.5), (), 1, 2, 0.01), ("round", (1.25, 3.75), (), 1, 4, 0.01),
    ("frac", (-0.5, 0.25), (), -0.5, 0.25, 0.01), ("relu", (-1, 2), (), 0, 2, 0.01), ("elu", (-50, 1), (1,), -1, 1, 0.01),
    ("leaky_relu", (-2, 1), (0.5,), -1, 1, 0.01), ("hypot", (-1, 1), (0,), 0, 1, 0.01), ("clamp", (-3, 3), (-1, 1), -1, 1, 0.01),
    ("huber", (0.25, 2), (0.5,), 0.09375, 0.125, 2), ("exprel", (-0.5, 0.5), (), 0.78693868, 1.29744254, 1e-6), ("sinc", (-0.125, 0.125), (), 0.97449535, 1, 0.1),
    ("entr", (0, 1), (), 0, 0.36787944, 0.01), ("cosm1", (-0.01, 0.01), (), -5e-5, 0, 1e-6), ("boxcox", (0, 4), (0.5,), -2, 2, 0.01),
    ("dawson", (-0.125, 0.125), (), -0.12370605, 0.12370605, 0.01), ("log_ndtr", (-1, 1), (), -1.84102165, -0.17275378, 1e-6), ("erfcx", (-1, 1), (), 0.42758357, 5.00898008, 1e-6),
    ("acot", (-1, 1), (), -math.pi / 2, math.pi / 2, 0.01), ("stdtr", (3, 3), (0,), 0.5, 0.5, 0),
]  # fmt: skip


def parts(call: str) -> tuple[str, list[float]]:
    name, _, rest = call.partition("(")
    return name, [float(piece) for piece in rest.rstrip(")").split(",")]


@pytest.mark.parametrize(("call", "value"), EXACT)
def test_a_dyadic_value_is_exact(call: str, value: float | Fraction | None) -> None:
    name, args = parts(call)
    with precision(128):
        ball = by_name(name, *args)
    if value is None:
        assert not ball.is_exact()
        return
    with precision(1100):
        assert ball.is_exact() and ball == arb(_rational(value)), ball


def _rational(value: float | Fraction) -> fmpq:
    exact = Fraction(value)
    return fmpq(fmpz(exact.numerator), fmpz(exact.denominator))


@pytest.mark.parametrize("call", NONE)
def test_what_has_no_value_is_said_to_have_none(call: str) -> None:
    name, args = parts(call)
    with precision(128):
        assert by_name(name, *args) is None
    row, arithmetic = table.BY_NAME[name], Arithmetic()
    assert arithmetic.call(row, [arithmetic.m.mpf(arg) for arg in args]) is None


def test_the_root_of_a_degree_that_may_be_odd_is_uncertain() -> None:
    for degree in (arb(3, 1e-20), arb(0, 1e-3), arb(4, 1e-9)):
        with precision(128), pytest.raises(Uncertain):
            by_name("root", -8, degree)
    with precision(128):
        assert by_name("root", -8, arb(3.5, 0.25)) is None


@pytest.mark.parametrize(("name", "ends", "others", "value"), FLAT)
def test_a_flat_piece_is_one_number(
    name: str, ends: tuple[float, float], others: tuple[float, ...], value: int
) -> None:
    with precision(128):
        ball = by_name(name, interval(*ends), *others)
    assert ball.is_exact() and ball == value, ball


@pytest.mark.parametrize(("name", "ends", "others", "low", "high", "slack"), ACROSS)
def test_a_ball_across_pieces_is_their_hull(
    name: str, ends: tuple[float, float], others: tuple[float, ...], low: float, high: float, slack: float
) -> None:
    with precision(128):
        ball = by_name(name, interval(*ends), *others)
        assert ball.lower() <= low + 1e-8 and ball.upper() >= high - 1e-8, ball
        assert ball.lower() >= low - slack - 1e-8 and ball.upper() <= high + slack + 1e-8, ball


@pytest.mark.parametrize(
    "name",
    ["sqrt", "log", "asin", "acosh", "atanh", "reciprocal", "tan", "lambertw", "erfinv", "ndtri", "logit", "entr"],
)
def test_an_interval_across_the_end_of_a_domain_is_uncertain(name: str) -> None:
    end = {
        "sqrt": 0,
        "asin": 1,
        "acosh": 1,
        "atanh": 1,
        "tan": math.pi / 2,
        "lambertw": -math.exp(-1),
        "erfinv": 1,
    }.get(name, 0)
    others = [0] if name == "lambertw" else []
    with precision(128), pytest.raises(Uncertain):
        by_name(name, arb(end, 1e-3), *others)


TAILS = [
    ("ndtr(-40)", lambda m, x: m.erfc(-x / m.sqrt(2)) / 2), ("log_ndtr(-100)", lambda m, x: m.log(m.erfc(-x / m.sqrt(2)) / 2)),
    ("log_ndtr(40)", lambda m, x: m.log1p(-m.erfc(x / m.sqrt(2)) / 2)), ("erfcx(30)", lambda m, x: m.exp(x * x) * m.erfc(x)),
    ("erfcx(-30)", lambda m, x: m.exp(x * x) * m.erfc(x)), ("dawson(30)", lambda m, x: m.sqrt(m.pi) / 2 * m.exp(-x * x) * m.erfi(x)),
    ("gelu(-30)", lambda m, x: x * m.erfc(-x / m.sqrt(2)) / 2), ("softplus(-1000, 1, 20)", lambda m, x, *_: m.log1p(m.exp(x))),
    ("logsigmoid(1000)", lambda m, x: -m.log1p(m.exp(-x))), ("logaddexp(-1000, 0)", lambda m, x, y: m.log1p(m.exp(x))),
    ("mish(-1000)", lambda m, x: x * m.tanh(m.log1p(m.exp(x)))), ("expm1(1e-300)", lambda m, x: m.expm1(x)),
    ("exprel(1e-300)", lambda m, x: 1 + x / 2), ("cosm1(1e-100)", lambda m, x: -x * x / 2), ("sinc(1e-100)", lambda m, x: 1 - (m.pi * x) ** 2 / 6),
    ("wrightomega(-50)", lambda m, x: m.lambertw(m.exp(x))), ("wrightomega(1e5)", lambda m, x: m.findroot(lambda w: w + m.log(w) - x, x - m.log(x))),
    ("powm1(1.0000000001, 1e-20)", lambda m, x, y: m.expm1(y * m.log(x))), ("faddeeva_real(20, 0.5)", lambda m, x, y: (m.exp(-m.mpc(x, y) ** 2) * m.erfc(m.mpc(y, -x))).real),
    ("faddeeva_imag(-3, -2)", lambda m, x, y: (m.exp(-m.mpc(x, y) ** 2) * m.erfc(m.mpc(y, -x))).imag),
    ("owens_t(5, 0.75)", lambda m, h, a: m.quad(lambda t: m.exp(-h * h * (1 + t * t) / 2) / (1 + t * t), [0, a]) / (2 * m.pi)),
    ("owens_t(1, 20)", lambda m, h, a: m.quad(lambda t: m.exp(-h * h * (1 + t * t) / 2) / (1 + t * t), m.linspace(0, a, 9)) / (2 * m.pi)),
    ("stdtr(3, -1e6)", lambda m, df, t: m.betainc(df / 2, 0.5, 0, df / (df + t * t), regularized=True) / 2),
    ("bdtr(3, 10, 0.999)", lambda m, k, n, p: sum(m.binomial(10, j) * p**j * (1 - p) ** (10 - j) for j in range(4))),
    ("npdf(40, 0, 1)", lambda m, x, mu, sigma: m.exp(-x * x / 2) / m.sqrt(2 * m.pi)),
]  # fmt: skip


@pytest.mark.parametrize(("call", "expected"), TAILS, ids=[call for call, _ in TAILS])
def test_tails_keep_their_digits(call: str, expected) -> None:
    name, args = parts(call)
    with mpmath.workprec(2000 if "quad" not in str(expected.__code__.co_names) else 300):
        value = expected(mpmath.mp, *[mpmath.mpf(arg) for arg in args])
        text = mpmath.nstr(value, 70)
    with precision(200):
        ball = by_name(name, *args)
        assert ball.overlaps(arb(text)) and ball.rel_accuracy_bits() > 120, (ball, text)


@pytest.mark.parametrize("slope", [0.25, 0.75, 1.0])
def test_owens_t_far_out_is_its_integral_in_balls_and_in_mpmath(slope: float) -> None:
    h = 25
    with mpmath.workprec(300):
        scaled = mpmath.quad(lambda t: mpmath.exp(-h * h * t * t / 2) / (1 + t * t), [0, 0.1, 0.25, slope])
        text = mpmath.nstr(scaled * mpmath.exp(-(mpmath.mpf(h) ** 2) / 2) / (2 * mpmath.pi), 60)
    with precision(200):
        ball = by_name("owens_t", h, slope)
        assert ball.rel_accuracy_bits() > 150
        assert abs(ball / arb(text) - 1) < 1e-45
        assert abs(truth(table.BY_NAME["owens_t"], [h, slope], 100) / arb(text) - 1) < 1e-30


# Asymptotic facts: the value at an argument so large that three terms are exact to these digits.
FAR = [
    ("erfcx(1e8)", "5.6418958354775625871e-9"), ("log_ndtr(-1e5)", None), ("dawson(1e100)", "5e-101"), ("wrightomega(1e300)", "1e300"), ("wrightomega(1e10)", "9999999976.9741490720"), ("erfcx(1e300)", "5.6418958354775628695e-301"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "digits"), FAR)
def test_far_away_values_are_as_the_asymptotic_series_says(call: str, digits: str | None) -> None:
    name, args = parts(call)
    if digits is None:  # log of exp(-x**2/2)/(|x|*sqrt(2*pi))*(1 - 1/x**2 + 3/x**4 - ...)
        x = args[0]
        digits = mpmath.nstr(
            -(mpmath.mpf(x) ** 2) / 2 - mpmath.log(-x) - mpmath.log(2 * mpmath.pi) / 2 - mpmath.mpf(x) ** -2, 22
        )
    with precision(200):
        ball = by_name(name, *args)
        assert ball.rel_accuracy_bits() > 150
        assert abs(ball / arb(digits) - 1) < 1e-14


INVERSES = [
    ("erfinv", "erf", (0.5, -0.999999, 1e-200)), ("erfcinv", "erfc", (1e-300, 1.5, 0.3)), ("ndtri", "ndtr", (1e-300, 0.3, 0.975)),
    ("ndtri_exp", "log_ndtr", (-1e-3, -0.7, -5, -1e5, -1e8, -1e12, -1e200)),
]  # fmt: skip


@pytest.mark.parametrize(("inverse", "function", "points"), INVERSES)
def test_inverses_lead_back(inverse: str, function: str, points: tuple[float, ...]) -> None:
    for point in points:
        with precision(200):
            ball = by_name(inverse, point)
            assert ball.rel_accuracy_bits() > 150, (point, ball)
            assert by_name(function, ball).contains(arb(point)), point
            beside = ball * (1 + arb(2) ** -100)
            assert not by_name(function, beside).contains(arb(point)), point


def at_kink(at: str) -> list[float]:
    return [float(piece.partition("=")[2]) for piece in at.split(",")]


@pytest.mark.parametrize(("row", "kind", "at"), kinks(), ids=lambda value: getattr(value, "name", value))
def test_guards_are_exactly_0_where_mpmath_has_them_so(row: Row, kind: str, at: str) -> None:
    if not row.guards:
        assert kind == "outside the domain"
        return
    arithmetic, args = Arithmetic(), at_kink(at)
    expected = arithmetic.signs(row, [arithmetic.m.mpf(arg) for arg in args])
    with precision(128):
        found = guards(row, [arb(arg) for arg in args])
        wide = guards(row, [arb(arg, 1e-6) for arg in args])
    if 0 in expected:
        assert any(is_ball(one) and one.is_zero() for one in found), (expected, found)
        assert any(map(may_be_zero, wide)), wide


GUARDS = [
    ("atan2", (interval(-1, 1), interval(-1, 1)), True), ("atan2", (arb(0), interval(-1, 1)), True), ("atan2", (arb(1), interval(-1, 1)), False),
    ("atan2", (arb(0), interval(1, 2)), False), ("trunc", (interval(-0.25, 0.25),), False), ("trunc", (interval(0.25, 1.5),), True),
    ("frac", (interval(0.25, 1.5),), True), ("fmod", (interval(1, 4), arb(3)), True), ("fmod", (interval(-1, 1), arb(3)), False),
    ("lambertw", (arb(0), arb(0)), False), ("lambertw", (interval(-0.25, 0), arb(-1)), True), ("**", (arb(0), interval(1, 3)), True),
    ("**", (arb(0), arb(2)), False), ("powm1", (arb(0), interval(1, 3)), True), ("xlogy", (arb(1), interval(-1, 1)), True), ("floor", (interval(1.5, 2.5),), True),
    ("round", (interval(2.25, 2.75),), True), ("round", (interval(1.75, 2.25),), False),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args", "may_be_special"), GUARDS)
def test_guards_of_balls_drop_nothing(name: str, args: tuple, may_be_special: bool) -> None:
    with precision(128):
        found = guards(table.BY_NAME[name], args)
    assert any(map(may_be_zero, found)) is may_be_special, found


STEERING = {"==", "!=", "<", "<=", ">", ">=", "and", "or", "not", "where", "detach", "diff"}
FAMILIES = [
    "arithmetic", "powers and roots", "exponentials and logarithms", "circular", "hyperbolic", "magnitude and sign", "rounding",
    "extrema and steps", "rectifiers", "smooth activations", "piecewise activations", "entropies", "losses", "power transformations",
    "differences without cancellation", "circular in turns and degrees", "error functions", "normal distribution", "Lambert's W",
]  # fmt: skip


def test_every_row_of_these_families_is_enclosed() -> None:
    rows = [row for family in FAMILIES for row in table.FAMILIES[family]]
    assert [row.name for row in rows if row.name not in STEERING and not is_enclosed(row)] == []
