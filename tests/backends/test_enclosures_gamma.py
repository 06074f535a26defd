"""Gamma, incomplete, zeta and Lambert functions and integrals in balls, against mpmath at many more bits."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import mpmath
import pytest
from flint import arb

import gradcli
from gradcli.diff.data import Verdict
from tests.doors import (
    BALLS,
    Arithmetic,
    Row,
    Uncertain,
    gamma,
    incomplete,
    integrals,
    may_be_zero,
    other,
    precision,
    zeta,
)
from tests.doors import ball_guards as guards

M = mpmath.MPContext()
ROWS = [
    *gamma.GAMMA,
    *gamma.FACTORIALS,
    *incomplete.INCOMPLETE_GAMMA,
    *incomplete.INCOMPLETE_BETA,
    *integrals.INTEGRALS,
    *zeta.ZETA,
    *zeta.POLYLOGARITHMS,
    *other.LAMBERT,
]
BY_NAME = {row.name: row for row in ROWS}
POINTS, INNER = 5, 20
RANGES = {"p": (0.01, 0.99), "q": (0.01, 0.99)}  # where the samples of the inverses are left open
SPARE_BITS = 200  # by which mpmath computes the truth better
LOST_BITS = 40  # that an enclosure may lose at an ordinary point


def real(value):
    """The real number that mpmath gives; None for a complex or infinite one."""
    if isinstance(value, M.mpc):
        value = value.real if abs(value.imag) < abs(value) * M.ldexp(1, 30 - M.prec) else M.inf
    return value if M.isfinite(value) else None


# mpmath's own functions, none of ours.
TRUTHS = {
    "gamma": M.gamma,
    "lgamma": lambda x: M.log(abs(M.gamma(x))),
    "rgamma": M.rgamma,
    "rgammaderiv": lambda n, x: M.diff(M.rgamma, x, int(n)),
    "digamma": lambda x: M.psi(0, x),
    "trigamma": lambda x: M.psi(1, x),
    "polygamma": lambda n, x: M.psi(int(n), x),
    "beta": M.beta,
    "lbeta": lambda a, b: M.log(abs(M.beta(a, b))),
    "factorial": M.factorial,
    "binomial": M.binomial,
    "poch": M.rf,
    "harmonic": M.harmonic,
    "barnesg": M.barnesg,
    "gammainc": lambda a, x: M.gammainc(a, 0, x, regularized=True) if a > 0 and x >= 0 else None,
    "gammaincc": lambda a, x: M.gammainc(a, x, regularized=True) if a > 0 and x >= 0 else None,
    "lowergamma": lambda a, x: M.gammainc(a, 0, x) if a > 0 and x >= 0 else None,
    "uppergamma": lambda a, x: M.gammainc(a, x) if x > 0 else None,
    "betainc": lambda a, b, x: M.betainc(a, b, 0, x, regularized=True) if min(a, b) > 0 and 0 <= x <= 1 else None,
    "betaincc": lambda a, b, x: M.betainc(a, b, x, 1, regularized=True) if min(a, b) > 0 and 0 <= x <= 1 else None,
    "Ei": M.ei,
    "E1": lambda x: M.e1(x) if x > 0 else None,
    "expint": lambda n, x: M.expint(n, x) if x > 0 else None,
    "li": lambda x: M.li(x) if x >= 0 else None,
    "Li": lambda x: M.li(x, offset=True) if x >= 0 else None,
    "Si": M.si,
    "Ci": lambda x: M.ci(x) if x > 0 else None,
    "Shi": M.shi,
    "Chi": lambda x: M.chi(x) if x > 0 else None,
    "fresnels": M.fresnels,
    "fresnelc": M.fresnelc,
    "zeta": M.zeta,
    "zetaderiv": lambda n, s, q: M.zeta(s, q, int(n)),
    "zetac": lambda s: M.zeta(s) - 1,
    "dirichlet_eta": M.altzeta,
    "bernpoly": lambda n, x: M.bernpoly(int(n), x),
    "eulerpoly": lambda n, x: M.eulerpoly(int(n), x),
    "polylog": lambda s, x: M.polylog(s, x) if x < 1 else None,
    "dilog": lambda x: M.polylog(2, x) if x < 1 else None,
    "spence": lambda x: M.polylog(2, 1 - x) if x > 0 else None,
    "clausen": lambda x: M.clsin(2, x),
    "clsin": M.clsin,
    "clcos": M.clcos,
    "lambertw": lambda x, k: M.lambertw(x, int(k)),
    "wrightomega": lambda x: M.lambertw(M.exp(x)),
    "gd": lambda x: M.asin(M.tanh(x)),
}
# What an inverse inverts: increasing in the last argument.
INVERSES = {
    "gammaincinv": lambda a, x, p: TRUTHS["gammainc"](a, x) - p,
    "gammainccinv": lambda a, x, q: q - TRUTHS["gammaincc"](a, x),
    "betaincinv": lambda a, b, x, p: TRUTHS["betainc"](a, b, x) - p,
    "betainccinv": lambda a, b, x, q: q - TRUTHS["betaincc"](a, b, x),
}


def enclose(name: str, *args):
    """A row's enclosure at the working precision."""
    balls = [arg if isinstance(arg, arb) else BALLS.number(Fraction(arg)) for arg in args]
    function = BY_NAME[name].arb
    assert function is not None
    return getattr(balls[0], function)(*balls[1:]) if isinstance(function, str) else function(BALLS, *balls)


def bounds(ball: arb) -> tuple[mpmath.mpf, mpmath.mpf]:
    """The middle and the radius of a ball, exact."""
    with M.workprec(4_000):
        middle, radius = ([int(part) for part in number.man_exp()] for number in (ball.mid(), ball.rad()))
        return M.ldexp(*middle), M.ldexp(*radius)


def holds(ball: arb, value) -> bool:
    """Whether a ball contains a value that is known to half of its spare bits."""
    middle, radius = bounds(ball)
    return abs(middle - value) <= radius + abs(value) * M.ldexp(1, SPARE_BITS // 2 - M.prec)


def inverts(name: str, ball: arb, *args) -> bool:
    """Whether a ball contains the root: the function has not the same sign at both ends."""
    middle, radius = bounds(ball)
    rest, goal = args[:-1], args[-1]
    small = M.ldexp(1, SPARE_BITS // 2 - M.prec)
    low, high = max(middle - radius, 0), middle + radius
    if "beta" in name:
        high = min(high, 1)
    return INVERSES[name](*rest, low, goal) <= small and INVERSES[name](*rest, high, goal) >= -small


def points(row: Row) -> list[list[float]]:
    """Some points for a row, always the same ones."""
    chosen = random.Random(row.name)
    found = []
    for _ in range(POINTS):
        sources = [row.samples.get(parameter.name) for parameter in row.parameters]
        sources = [source or RANGES.get(p.name, (-2.5, 2.5)) for source, p in zip(sources, row.parameters)]
        found.append(
            [float(chosen.choice(s)) if isinstance(s, list) else chosen.uniform(*s) for s in sources],
        )
    return found


def truth(name: str, args: list[float]):
    """mpmath's value; None where it has none."""
    try:
        value = TRUTHS[name](*map(M.mpf, args))
    except (ValueError, ZeroDivisionError):
        return None
    return None if value is None else real(value)


def is_fixed(row: Row, name: str) -> bool:
    """Whether a parameter is an order, for which no ball is meant."""
    return name in ("n", "k") or (name == "s" and row in zeta.POLYLOGARITHMS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_has_an_enclosure(row: Row) -> None:
    assert row.arb is not None


@pytest.mark.sampled(3)
@pytest.mark.parametrize("bits", [128, 400])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_balls_are_narrow_and_contain_the_value(row: Row, bits: int) -> None:
    compared = 0
    for point in points(row):
        with precision(bits), M.workprec(bits + SPARE_BITS):
            ball = enclose(row.name, *point)
            if row.name in INVERSES:
                assert inverts(row.name, ball, *map(M.mpf, point)), point
            else:
                value = truth(row.name, point)
                assert (ball is None) == (value is None), point
                if ball is None:
                    continue
                assert holds(ball, value), (point, ball, value)
            middle, radius = bounds(ball)
            assert radius <= abs(middle) * M.ldexp(1, LOST_BITS - bits), (point, ball)
            compared += 1
    assert compared >= 1


@pytest.mark.sampled(3)
@pytest.mark.parametrize("radius", [1e-3, 0.3])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_wide_balls_contain_all_values(row: Row, radius: float) -> None:
    chosen = random.Random(row.name)
    for point in points(row):
        fixed = [is_fixed(row, parameter.name) for parameter in row.parameters]
        with precision(128), M.workprec(SPARE_BITS):
            try:
                ball = enclose(row.name, *[x if still else arb(x, radius) for x, still in zip(point, fixed)])
            except Uncertain:
                continue
            if ball is not None and not ball.is_finite():
                continue
            for _ in range(INNER // POINTS if radius < 0.1 else INNER):
                inner = [x if still else x + radius * chosen.uniform(-1, 1) for x, still in zip(point, fixed)]
                if row.name in INVERSES:
                    assert inverts(row.name, ball, *map(M.mpf, inner)), (point, inner)
                    continue
                value = truth(row.name, inner)
                assert (ball is None) == (value is None), (point, inner)
                assert ball is None or holds(ball, value), (point, inner, ball)


EXACT = [
    ("gamma", (5,), 24),
    ("lgamma", (1,), 0),
    ("lgamma", (2,), 0),
    *(("rgamma", (-k,), 0) for k in range(4)),
    *(("rgammaderiv", (1, -k), (-1) ** k * math.factorial(k)) for k in range(6)),
    ("factorial", (20,), math.factorial(20)),
    ("binomial", (10, 3), 120),
    ("binomial", (60, 30), math.comb(60, 30)),
    ("binomial", (3, 5), 0),
    ("binomial", (-1, 2), 1),
    ("binomial", (-3, -5), 6),
    ("binomial", (0.5, 3), Fraction(1, 16)),
    ("poch", (2.5, 3), Fraction(315, 8)),
    ("poch", (-5, 2), 20),
    ("poch", (-2, 1.5), 0),
    ("harmonic", (0,), 0),
    ("harmonic", (2,), Fraction(3, 2)),
    ("barnesg", (6,), 288),
    ("gammainc", (2, 0), 0),
    ("gammaincc", (2, 0), 1),
    ("uppergamma", (4, 0), 6),
    ("betainc", (2, 3, 0), 0),
    ("betainc", (2, 3, 1), 1),
    ("betaincc", (2, 3, 1), 0),
    ("gammaincinv", (2, 0), 0),
    ("betaincinv", (2, 3, 1), 1),
    ("expint", (3, 0), Fraction(1, 2)),
    ("li", (0,), 0),
    ("Li", (2,), 0),
    ("zeta", (0, 1), Fraction(-1, 2)),
    ("zeta", (-2, 1), 0),
    ("zetac", (0,), Fraction(-3, 2)),
    ("dirichlet_eta", (0,), Fraction(1, 2)),
    ("bernpoly", (3, 0.5), 0),
    ("bernpoly", (2, 0.25), None),  # -1/48: no binary fraction
    ("eulerpoly", (3, 0.25), Fraction(11, 64)),
    ("polylog", (0, 0.5), 1),
    ("polylog", (-2, 0.5), 6),
    ("polylog", (2, 0), 0),
    ("spence", (1,), 0),
    ("clcos", (0, 1.25), Fraction(-1, 2)),
    ("clsin", (-1, 1.25), 0),
    ("clsin", (1, 0), 0),
    ("lambertw", (0, 0), 0),
    ("wrightomega", (1,), None),
    ("gd", (0,), 0),
]


@pytest.mark.parametrize(("name", "args", "expected"), EXACT)
def test_exact_where_it_can_be(name: str, args: tuple, expected: Fraction | None) -> None:
    with precision(128):
        ball = enclose(name, *args)
        assert ball.is_exact() == (expected is not None)
        assert expected is None or ball == BALLS.number(Fraction(expected))


NONE = [
    ("gamma", (-1,)),
    ("lgamma", (0,)),
    ("digamma", (-3,)),
    ("polygamma", (0.5, 2)),
    ("polygamma", (2, -1)),
    ("rgammaderiv", (0.5, 2)),
    ("beta", (0, 2)),
    ("lbeta", (2, -1)),
    ("factorial", (-1,)),
    ("binomial", (-3, 1.5)),
    ("poch", (1, -1)),
    ("harmonic", (-1,)),
    ("gammainc", (0, 1)),
    ("gammainc", (2, -1)),
    ("uppergamma", (0, 0)),
    ("uppergamma", (2, -1)),
    ("gammaincinv", (2, 1)),
    ("gammaincinv", (-2, 0.5)),
    ("gammainccinv", (2, -0.5)),
    ("betainc", (2, 3, 1.5)),
    ("betaincinv", (2, 3, -0.5)),
    ("Ei", (0,)),
    ("E1", (-1,)),
    ("expint", (1, 0)),
    ("expint", (2, -1)),
    ("li", (1,)),
    ("li", (-1,)),
    ("Ci", (0,)),
    ("Chi", (-1,)),
    ("zeta", (1, 1)),
    ("zeta", (2, 0)),
    ("zetaderiv", (1, 1, 1)),
    ("zetac", (1,)),
    ("bernpoly", (1.5, 2)),
    ("polylog", (1, 1)),
    ("polylog", (2, 1.5)),
    ("spence", (-1,)),
    ("clcos", (1, 0)),
    ("lambertw", (-0.36787944117144233, 0)),  # this double lies left of -1/e
    ("lambertw", (0, -1)),
    ("lambertw", (1, 1)),
]


@pytest.mark.parametrize(("name", "args"), NONE)
def test_no_value(name: str, args: tuple) -> None:
    with precision(128):
        assert enclose(name, *args) is None


TINY = 2.0**-40
CLOSED = [
    ("uppergamma", (0, 1.5), lambda: M.e1(1.5)),
    ("uppergamma", (-0.5, 1.5), lambda: 2 * M.exp(-1.5) / M.sqrt(1.5) - 2 * M.sqrt(M.pi) * M.erfc(M.sqrt(1.5))),
    ("uppergamma", (-1, 2), lambda: M.exp(-2) / 2 - M.e1(2)),
    ("lgamma", (1 + TINY,), lambda: M.log(M.gamma(M.mpf(1) + TINY))),
    ("lgamma", (2 - TINY,), lambda: M.log(M.gamma(M.mpf(2) - TINY))),
    ("harmonic", (1e-30,), lambda: M.psi(0, 1 + M.mpf(1e-30)) + M.euler),
    ("gammainc", (1e4, 9e3), lambda: M.gammainc(10_000, 0, 9_000, regularized=True)),
    ("gammaincc", (3, 200), lambda: M.exp(-200) * (1 + 200 + 20_000)),
    ("betaincc", (1, 100, 0.4), lambda: (1 - M.mpf(0.4)) ** 100),
    ("gammaincinv", (1, 1e-300), lambda: -M.log1p(-M.mpf(1e-300))),
    ("gammainccinv", (1, 1e-300), lambda: -M.log(M.mpf(1e-300))),
    ("betaincinv", (2, 1, 1e-300), lambda: M.sqrt(M.mpf(1e-300))),
    ("betainccinv", (1, 3, 0.25), lambda: 1 - M.cbrt(0.25)),
    ("polylog", (1.5, 0.5), lambda: M.nsum(lambda k: M.mpf(0.5) ** k / k**1.5, [1, M.inf], method="direct")),
    ("polylog", (30, 0.5), lambda: M.nsum(lambda k: M.mpf(0.5) ** k / k**30, [1, M.inf], method="direct")),
    ("polylog", (2.5, 1), lambda: M.zeta(2.5)),
    ("polylog", (2.5, -1), lambda: (2 ** M.mpf(-1.5) - 1) * M.zeta(2.5)),
    ("dilog", (1,), lambda: M.pi**2 / 6),
    ("dilog", (-1,), lambda: -(M.pi**2) / 12),
    ("dilog", (0.5,), lambda: M.pi**2 / 12 - M.log(2) ** 2 / 2),
    ("spence", (0,), lambda: M.pi**2 / 6),
    ("spence", (2,), lambda: -(M.pi**2) / 12),
    ("spence", (1 - TINY,), lambda: M.nsum(lambda k: M.mpf(TINY) ** k / k**2, [1, 30])),
    ("clcos", (2, 1.25), lambda: M.pi**2 / 6 - 1.25 * (2 * M.pi - 1.25) / 4),
    ("clsin", (1, 1.25), lambda: (M.pi - 1.25) / 2),
    ("dirichlet_eta", (1,), lambda: M.log(2)),
    ("zetaderiv", (1, 0, 1), lambda: -M.log(2 * M.pi) / 2),
    ("zetac", (1000,), lambda: M.nsum(lambda k: M.mpf(k) ** -1000, [2, 12])),
    ("lambertw", (math.nextafter(-1 / math.e, 0), 0), lambda: M.lambertw(math.nextafter(-1 / math.e, 0))),
    ("wrightomega", (1,), lambda: M.one),
]


@pytest.mark.parametrize(("name", "args", "expected"), CLOSED)
def test_values_known_otherwise(name: str, args: tuple, expected) -> None:
    with precision(400), M.workprec(400 + SPARE_BITS):
        ball = enclose(name, *args)
        assert holds(ball, expected())
        middle, radius = bounds(ball)
        assert radius <= abs(middle) * M.ldexp(1, -200)


@pytest.mark.parametrize(
    ("shape", "goal"), [(0.3, 1e-300), (5, 0.001), (0.001, 0.1), (1e-4, 0.9), (3000, 0.3), (2, 1 - TINY)]
)
def test_quantiles_in_the_tails(shape: float, goal: float) -> None:
    with precision(200), M.workprec(400):
        for name in ("gammaincinv", "gammainccinv"):
            ball = enclose(name, shape, goal)
            assert ball.rel_accuracy_bits() > 150
            assert inverts(name, ball, M.mpf(shape), M.mpf(goal))
        for name in ("betaincinv", "betainccinv"):
            ball = enclose(name, shape, 2.5, goal)
            assert ball.rel_accuracy_bits() > 150
            assert inverts(name, ball, M.mpf(shape), M.mpf(2.5), M.mpf(goal))


SPECIAL = [
    ("gamma", (0,)),
    ("lgamma", (-3,)),
    ("digamma", (-1,)),
    ("polygamma", (2, -1)),
    ("beta", (2, 0)),
    ("factorial", (-1,)),
    ("harmonic", (-2,)),
    ("binomial", (-1, 0.5)),
    ("poch", (0.5, -0.5)),
    ("gammainc", (2, 0)),
    ("betainc", (2, 3, 1)),
    ("gammaincinv", (2, 1)),
    ("Ei", (0,)),
    ("li", (1,)),
    ("zeta", (1, 1)),
    ("zetac", (1,)),
    ("polylog", (2, 1)),
    ("clausen", (0,)),
    ("lambertw", (0, -1)),
]


@pytest.mark.parametrize(("name", "args"), SPECIAL)
def test_guards_are_seen_in_balls(name: str, args: tuple) -> None:
    row, arithmetic = BY_NAME[name], Arithmetic()
    with precision(128):
        assert any(number == 0 for number in guards(row, list(map(arb, args))))
        wide = [*map(arb, args[:-1]), arb(args[-1] + 0.375, 0.5)]
        if name != "binomial":  # its poles are those of the first argument
            assert any(map(may_be_zero, guards(row, wide)))
    assert 0 in arithmetic.signs(row, list(map(arithmetic.m.mpf, args)))


def test_the_branch_point_of_lambertw() -> None:
    row = BY_NAME["lambertw"]
    with precision(128):
        numbers = guards(row, [-1 / arb.const_e(), arb(0)])
        assert any(map(may_be_zero, numbers))
        assert not any(map(may_be_zero, guards(row, [arb(0), arb(0)])))
    with M.workprec(128):
        assert row.mp(M, -1 / M.e, 0) == row.mp(M, -1 / M.e, -1) == -1
        with pytest.raises(ValueError):
            row.mp(M, M.mpf(-0.36787944117144233), 0)


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("x", [0, -1, -4, 3, 0.5])
def test_rgamma_has_all_derivatives(x: float, order: int) -> None:
    result = gradcli.differentiate("rgamma(x)", {"x": x}, order=order)
    assert result.verdict is Verdict.AGREE
    with M.workprec(300):
        assert result.partials[0].autograd == pytest.approx(float(M.diff(M.rgamma, x, order)), rel=1e-12)


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("uppergamma(0, x)", lambda x: M.e1(x)),
        ("uppergamma(-1/2, x)", lambda x: 2 * M.exp(-x) / M.sqrt(x) - 2 * M.sqrt(M.pi) * M.erfc(M.sqrt(x))),
        ("polylog(3/2, x - 2)", lambda x: M.polylog(1.5, x - 2)),
    ],
)
def test_programs(program: str, expected) -> None:
    result = gradcli.differentiate(program, {"x": 1.5}, patience=30)
    assert result.verdict is Verdict.AGREE
    assert result.value == pytest.approx(float(M.re(expected(M.mpf(1.5)))), rel=1e-12)
