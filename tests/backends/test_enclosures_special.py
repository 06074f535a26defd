"""The enclosures of Bessel, elliptic, orthogonal and hypergeometric rows against mpmath's own functions."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import mpmath
import pytest
from flint import arb, ctx

from gradcli.backends.arb.context import BALLS, Uncertain, precision
from gradcli.functions import airy, bessel, bessel_fixed, elliptic, hypergeometric, jacobian, orthogonal, table
from gradcli.functions.row import Row
from tests.test_table import by, given, samples

ROWS: list[Row] = [
    *bessel.ANY_ORDER,
    *bessel.SPHERICAL,
    *bessel_fixed.ORDINARY,
    *bessel_fixed.MODIFIED,
    *airy.AIRY,
    *airy.KELVIN,
    *airy.STRUVE,
    *elliptic.LEGENDRE,
    *elliptic.CARLSON,
    *jacobian.JACOBI,
    *jacobian.THETA,
    *orthogonal.ORTHOGONAL,
    *hypergeometric.HYPERGEOMETRIC,
]
BITS_OF_TRUTH = 500
BITS_INSIDE = 160
LOST_BITS = 40  # of an enclosure at an ordinary point
INNER_POINTS = 20

mp = mpmath.MPContext()
mp.prec = BITS_OF_TRUTH


def spherical(name: str) -> Callable[..., Any]:
    """By the ordinary function of half a whole order, taken in the complex plane."""
    return lambda n, x: real(mp.sqrt(mp.pi / 2) / mp.sqrt(mp.mpc(x)) * getattr(mp, name)(n + mp.mpf(0.5), mp.mpc(x)))


def kelvin(name: str) -> Callable[..., Any]:
    return lambda x: real(getattr(mp, name)(0, x)) if x > 0 or name in ("ber", "bei") else mp.nan


def kelvin_prime(name: str) -> Callable[..., Any]:
    """By the derivative's own formula: those of order 1."""

    def call(x: Any) -> Any:
        if name[0] == "k" and x <= 0:
            return mp.nan
        first, second = getattr(mp, name[:2] + "r")(1, abs(x)), getattr(mp, name[:2] + "i")(1, abs(x))
        value = (first + second if name.endswith("r") else second - first) / mp.sqrt(2)
        return mp.sign(x) * value if x else mp.zero

    return call


def right(function: Callable[..., Any]) -> Callable[..., Any]:
    """Only for x > 0."""
    return lambda *args: function(*args) if args[-1] > 0 else mp.nan


def whole(n: Any) -> bool:
    return bool(n == mp.nint(n))


def polynomial(function: Callable[..., Any]) -> Callable[..., Any]:
    """Those of negative whole degrees are 0."""
    return lambda n, *args: mp.zero if n < 0 and whole(n) else function(n, *args)


def real(z: Any) -> Any:
    """The value, where it is real."""
    z = mp.mpmathify(z)
    if isinstance(z, mp.mpc):
        return z.real if abs(z.imag) <= mp.ldexp(abs(z.real), -mp.prec // 2) else mp.nan
    return z


def amplitude(u: Any, m: Any) -> Any:
    """The inverse of ellipf, by its own integral equation; Gudermann's function at the end."""
    if not 0 <= m < 1:
        return 2 * mp.atan(mp.tanh(u / 2)) if m == 1 else mp.nan
    return mp.findroot(lambda phi: mp.ellipf(phi, m) - u, u, df=lambda phi: 1 / mp.sqrt(1 - m * mp.sin(phi) ** 2))


def associated(n: Any, m: Any, x: Any) -> Any:
    """By mpmath's function, inside."""
    return mp.legenp(n, m, x) if abs(x) < 1 else mp.nan


def elliptic_range(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args: function(*args) if min(args) > 0 else mp.nan


TRUTHS: dict[str, Callable[..., Any]] = {
    "besselj": lambda n, x: mp.besselj(n, x),
    "bessely": right(lambda n, x: mp.bessely(n, x)),
    "besseli": lambda n, x: mp.besseli(n, x),
    "besselk": right(lambda n, x: mp.besselk(n, x)),
    "ive": lambda n, x: mp.besseli(n, x) * mp.exp(-abs(x)),
    "kve": right(lambda n, x: mp.besselk(n, x) * mp.exp(x)),
    "spherical_jn": spherical("besselj"),
    "spherical_yn": spherical("bessely"),
    "spherical_in": spherical("besseli"),
    "spherical_kn": right(spherical("besselk")),
    "j0": lambda x: mp.besselj(0, x),
    "j1": lambda x: mp.besselj(1, x),
    "y0": right(lambda x: mp.bessely(0, x)),
    "y1": right(lambda x: mp.bessely(1, x)),
    "i0": lambda x: mp.besseli(0, x),
    "i1": lambda x: mp.besseli(1, x),
    "i0e": lambda x: mp.besseli(0, x) * mp.exp(-abs(x)),
    "i1e": lambda x: mp.besseli(1, x) * mp.exp(-abs(x)),
    "k0": right(lambda x: mp.besselk(0, x)),
    "k1": right(lambda x: mp.besselk(1, x)),
    "k0e": right(lambda x: mp.besselk(0, x) * mp.exp(x)),
    "k1e": right(lambda x: mp.besselk(1, x) * mp.exp(x)),
    "airyai": mp.airyai,
    "airyaiprime": lambda x: mp.airyai(x, derivative=1),
    "airybi": mp.airybi,
    "airybiprime": lambda x: mp.airybi(x, derivative=1),
    "ber": kelvin("ber"),
    "bei": kelvin("bei"),
    "ker": kelvin("ker"),
    "kei": kelvin("kei"),
    "berp": kelvin_prime("ber"),
    "beip": kelvin_prime("bei"),
    "kerp": kelvin_prime("ker"),
    "keip": kelvin_prime("kei"),
    "struveh": lambda n, x: mp.struveh(n, x),
    "struvel": lambda n, x: mp.struvel(n, x),
    "ellipk": lambda m: mp.ellipk(m),
    "ellipkm1": lambda p: mp.ellipk(1 - p),
    "ellipe": lambda m: mp.ellipe(m),
    "ellippi": lambda n, m: mp.ellippi(n, m),
    "ellipf": lambda phi, m: mp.ellipf(phi, m),
    "ellipeinc": lambda phi, m: mp.ellipe(phi, m),
    "ellippiinc": lambda n, phi, m: mp.ellippi(n, phi, m),
    "elliprf": elliptic_range(mp.elliprf),
    "elliprd": elliptic_range(mp.elliprd),
    "elliprg": elliptic_range(mp.elliprg),
    "elliprc": elliptic_range(mp.elliprc),
    "agm": elliptic_range(mp.agm),
    "jacobi_sn": lambda u, m: mp.ellipfun("sn", u, m=m) if 0 <= m <= 1 else mp.nan,
    "jacobi_cn": lambda u, m: mp.ellipfun("cn", u, m=m) if 0 <= m <= 1 else mp.nan,
    "jacobi_dn": lambda u, m: mp.ellipfun("dn", u, m=m) if 0 <= m <= 1 else mp.nan,
    "jacobi_am": amplitude,
    "jtheta": lambda n, z, q, k: mp.jtheta(int(n), z, q, int(k)) if whole(n) and whole(k) and 0 < q < 1 else mp.nan,
    "legendre": polynomial(mp.legendre),
    "chebyshevt": polynomial(mp.chebyt),
    "chebyshevu": polynomial(mp.chebyu),
    "hermite": polynomial(mp.hermite),
    "hermitenorm": polynomial(lambda n, x: mp.hermite(n, x / mp.sqrt(2)) / mp.sqrt(2) ** n),
    "laguerre": polynomial(lambda n, x: mp.laguerre(n, 0, x)),
    "genlaguerre": polynomial(mp.laguerre),
    "gegenbauer": polynomial(mp.gegenbauer),
    "jacobi": polynomial(mp.jacobi),
    "assoc_legendre": associated,
    "hyp0f1": mp.hyp0f1,
    "hyp1f1": mp.hyp1f1,
    "hyp2f1": mp.hyp2f1,
    "hyperu": right(mp.hyperu),
    "whitm": right(mp.whitm),
    "whitw": right(mp.whitw),
    "pcfd": mp.pcfd,
    "pcfu": lambda a, x: mp.pcfu(a, x),
}

# Where the parameters are no real numbers that may move: the value exists for whole ones alone.
WHOLE = {"spherical_jn", "spherical_yn", "spherical_in", "spherical_kn", "assoc_legendre", "jtheta"}


def truth(name: str, *args: Any, bits: int = BITS_INSIDE) -> Any:
    """mpmath's value, nan where there is no real one."""
    try:
        with mp.workprec(bits):
            return real(TRUTHS[name](*(mp.mpf(arg) for arg in args)))
    except (ValueError, ZeroDivisionError, mpmath.libmp.NoConvergence, TypeError, NotImplementedError):
        return mp.nan


def enclosure(row: Row, *args: Any) -> Any:
    """What the row's enclosure gives for balls."""
    call = row.arb
    return getattr(args[0], call)(*args[1:]) if isinstance(call, str) else call(BALLS, *args)  # type: ignore[misc]


def ball_of(value: Any, bits: int = BITS_INSIDE) -> arb:
    """mpmath's value of so many bits, and what it may be off."""
    sign, mantissa, exponent, _ = value._mpf_
    with precision(2 * bits):
        exact = arb(-mantissa if sign else mantissa) * arb(2) ** exponent
        return exact + arb(0, abs(exact).upper()) * arb(2) ** (40 - bits)


def test_every_row_has_an_enclosure_and_a_truth_here() -> None:
    assert {row.name for row in ROWS} == set(TRUTHS)
    assert [row.name for row in ROWS if row.arb is None and row.definition is None] == []


@pytest.mark.parametrize("bits", [128, 400])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_balls_at_points_are_small_and_contain_the_value(row: Row, bits: int) -> None:
    before = ctx.prec
    for point in samples(row):
        args = list(point.values())
        with precision(bits):
            ball = enclosure(row, *(arb(arg) for arg in args))
        expected = truth(row.name, *args, bits=bits + 100)
        assert not mp.isnan(expected), point
        assert ball.overlaps(ball_of(expected, bits + 100)), (point, ball, expected)
        assert ball == 0 or ball.rel_accuracy_bits() > bits - LOST_BITS, (point, ball)
    assert ctx.prec == before


@pytest.mark.parametrize("radius", [1e-3, 0.3])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_wide_balls_contain_the_values_inside(row: Row, radius: float) -> None:
    chosen = random.Random(f"{row.name} {radius}")
    for number, point in enumerate(samples(row)):
        moved = by(row) if number < 2 or row.name in WHOLE else [parameter.name for parameter in given(row)]
        with precision(128):
            try:
                ball = enclosure(row, *(arb(x, radius if name in moved else 0) for name, x in point.items()))
            except Uncertain:
                continue
        for _ in range(INNER_POINTS):
            inner = [x + chosen.uniform(-1, 1) * radius if name in moved else x for name, x in point.items()]
            value = truth(row.name, *inner)
            if ball is None:
                assert mp.isnan(value) or mp.isinf(value), (point, inner, value)
            elif ball.is_finite():
                assert not mp.isnan(value), (point, inner, ball)
                assert ball.overlaps(ball_of(value)), (point, inner, ball, value)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_balls_around_0_and_ends_of_the_domain_are_never_wrong(row: Row) -> None:
    """The last argument passes 0, 1 and -1, where functions end, turn or have poles."""
    chosen = random.Random(row.name)
    first = list(samples(row)[0].items())
    for center in (0.0, 1.0, -1.0):
        for radius in (0.0, 0.25):
            args = [x for _, x in first[:-1]]
            with precision(128):
                try:
                    ball = enclosure(row, *(arb(x) for x in args), arb(center, radius))
                except Uncertain:
                    continue
            for _ in range(INNER_POINTS if radius else 1):
                x = center + chosen.uniform(-1, 1) * radius
                value = truth(row.name, *args, x)
                if ball is None or mp.isnan(value):
                    assert ball is None or not ball.is_finite() or row.name in EDGES, (args, x, ball, value)
                    assert ball is not None or mp.isnan(value) or mp.isinf(value) or row.name in EDGES, (args, x, value)
                elif ball.is_finite() and mp.isfinite(value):
                    assert ball.overlaps(ball_of(value)), (args, x, ball, value)


# The truths above leave these ends out, where mpmath takes a limit or fails: they are below.
EDGES = {"elliprf", "elliprd", "elliprg", "elliprc", "agm", "assoc_legendre", "spherical_jn", "spherical_in"}

POINTS: list[tuple[str, tuple[Any, ...], Callable[[], Any]]] = [
    ("besselj", (0, 0), lambda: 1),
    ("besselj", (2, 0), lambda: 0),
    ("besselj", (0.5, 0), lambda: 0),
    ("besseli", (-3, 0), lambda: 0),
    ("spherical_jn", (0, 0), lambda: 1),
    ("spherical_jn", (3, 0), lambda: 0),
    ("spherical_in", (0, 0), lambda: 1),
    ("struveh", (0, 0), lambda: 0),
    ("struveh", (-1, 0), lambda: 2 / mp.pi),
    ("struvel", (-1, 0), lambda: 2 / mp.pi),
    ("struveh", (-0.5, 2), lambda: mp.sqrt(2 / (mp.pi * 2)) * mp.sin(2)),  # the order -1/2 is elementary
    ("struveh", (0.5, 2000), lambda: mp.sqrt(2 / (mp.pi * 2000)) * (1 - mp.cos(2000))),
    ("struvel", (0.5, 30000), lambda: mp.sqrt(2 / (mp.pi * 30000)) * (mp.cosh(mp.mpf(30000)) - 1)),
    ("ber", (0,), lambda: 1),
    ("berp", (0,), lambda: 0),
    ("ellipe", (1,), lambda: 1),
    ("ellippi", (0.5, 0.5), lambda: 2 * mp.ellipe(0.5)),
    ("ellippi", (0, 0), lambda: mp.pi / 2),
    ("ellippi", (-3, -3), lambda: mp.ellipe(-3) / 4),
    ("ellipf", (100, 0.5), lambda: mp.ellipf(100, 0.5)),
    ("ellipeinc", (7, 1), lambda: 4 + mp.sin(mp.mpf(7) - 2 * mp.pi)),
    ("ellipf", (0.3, 3), lambda: mp.ellipf(0.3, 3)),
    ("elliprf", (0, 1, 1), lambda: mp.pi / 2),
    ("elliprc", (0, 1), lambda: mp.pi / 2),
    ("elliprc", (1, 1), lambda: 1),
    ("elliprg", (0, 0, 4), lambda: 1),
    ("agm", (0, 5), lambda: 0),
    ("jacobi_sn", (0.7, 0), lambda: mp.sin(mp.mpf(0.7))),
    ("jacobi_am", (0.7, 1), lambda: 2 * mp.atan(mp.tanh(mp.mpf(0.7) / 2))),
    ("jacobi_am", (1e6, 0), lambda: 1e6),
    ("legendre", (0.5, 1), lambda: 1),
    ("legendre", (-0.5, 0.25), lambda: mp.legendre(-0.5, 0.25)),
    ("legendre", (3, 0), lambda: 0),
    ("chebyshevt", (0.5, -1), lambda: 0),
    ("chebyshevt", (2.5, 0.25), lambda: mp.cos(2.5 * mp.acos(mp.mpf(0.25)))),
    ("chebyshevu", (2.5, 0.25), lambda: mp.sin(3.5 * mp.acos(mp.mpf(0.25))) / mp.sin(mp.acos(mp.mpf(0.25)))),
    ("hermite", (-1.5, -0.5), lambda: mp.hermite(-1.5, -0.5)),
    ("hermite", (0.5, 0), lambda: mp.sqrt(2 * mp.pi) / mp.gamma(0.25)),
    ("laguerre", (-0.5, 2), lambda: mp.hyp1f1(0.5, 1, 2)),
    ("gegenbauer", (0.5, 1, 0.25), lambda: mp.sin(1.5 * mp.acos(mp.mpf(0.25))) / mp.sin(mp.acos(mp.mpf(0.25)))),
    ("gegenbauer", (1.5, 0.25, -1), lambda: mp.gegenbauer(1.5, 0.25, -1)),
    ("jacobi", (0.5, 0, 0, 0.25), lambda: mp.legendre(0.5, 0.25)),
    ("assoc_legendre", (1, -1, 0.6), lambda: mp.sqrt(1 - mp.mpf(0.6) ** 2) / 2),
    ("assoc_legendre", (0, -1, 0.6), lambda: mp.sqrt((1 - mp.mpf(0.6)) / (1 + mp.mpf(0.6)))),
    ("assoc_legendre", (2, -1, 0.5), lambda: mp.mpf(0.5) * mp.sqrt(1 - mp.mpf(0.5) ** 2) / 2),
    ("assoc_legendre", (3, 1, 1), lambda: 0),
    ("hyp2f1", (-3, 0.5, 1, 2), lambda: 1 - 3 + 4.5 - 2.5),  # its terms
    ("hyp2f1", (1, 1, 1, 2), lambda: -1),
    ("hyp2f1", (-0.5, 0.5, 1, 1), lambda: 2 / mp.pi),
    ("hyp1f1", (-5, -6, 10), lambda: mp.hyp1f1(-5, -6, 10)),
    ("pcfd", (0.5, -3), lambda: mp.pcfd(0.5, -3)),
    ("pcfd", (-1, 2), lambda: mp.exp(mp.mpf(1)) * mp.sqrt(mp.pi / 2) * mp.erfc(mp.sqrt(2))),
    ("pcfu", (0.5, 40), lambda: mp.pcfu(0.5, 40)),
]


@pytest.mark.parametrize(("name", "args", "expected"), POINTS)
def test_special_points(name: str, args: tuple[Any, ...], expected: Callable[[], Any]) -> None:
    with precision(128):
        ball = enclosure(table.BY_NAME[name], *(arb(arg) for arg in args))
    value = mp.mpf(expected())
    assert ball.overlaps(ball_of(value, BITS_OF_TRUTH)), (ball, value)
    assert ball == 0 if value == 0 else ball.rel_accuracy_bits() > 80, ball


NOWHERE = [
    ("besselj", (0.5, -1)),
    ("besselj", (-0.5, 0)),
    ("bessely", (1, 0)),
    ("k0", (-1,)),
    ("ive", (0.5, -1)),
    ("spherical_yn", (1, 0)),
    ("spherical_jn", (-1, 1)),
    ("spherical_jn", (0.5, 1)),
    ("ker", (0,)),
    ("struveh", (0.5, -1)),
    ("struveh", (-2, 0)),
    ("ellipk", (1,)),
    ("ellipe", (2,)),
    ("ellippi", (1, 0.5)),
    ("ellipf", (2, 1)),
    ("ellipf", (1, 3)),
    ("elliprf", (0, 0, 1)),
    ("elliprd", (1, 1, 0)),
    ("elliprc", (1, -1)),
    ("agm", (-1, 1)),
    ("jacobi_sn", (1, 2)),
    ("jtheta", (5, 1, 0.5, 0)),
    ("jtheta", (1, 1, 1, 0)),
    ("legendre", (0.5, -1)),
    ("legendre", (0.5, -3)),
    ("jacobi", (2, -1, 0, 0.5)),
    ("assoc_legendre", (2, 1, 1.5)),
    ("assoc_legendre", (2, 0.5, 0.5)),
    ("hyp0f1", (0, 1)),
    ("hyp1f1", (1, -4, 1)),
    ("hyp2f1", (0.5, 0.5, 1, 2)),
    ("hyp2f1", (1, 1, 2, 1)),
    ("hyperu", (1, 1, 0)),
    ("whitm", (0.5, 1, -1)),
]


@pytest.mark.parametrize(("name", "args"), NOWHERE)
def test_there_is_no_value_where_the_function_has_none(name: str, args: tuple[Any, ...]) -> None:
    with precision(128):
        assert enclosure(table.BY_NAME[name], *(arb(arg) for arg in args)) is None


def test_polynomials_are_exact_at_exact_points() -> None:
    with precision(128):
        assert enclosure(table.BY_NAME["legendre"], arb(2), arb(0.5)) == arb(-0.125)
        assert enclosure(table.BY_NAME["jacobi"], arb(1), arb(0), arb(1), arb(0.5)).is_exact()
        assert enclosure(table.BY_NAME["gegenbauer"], arb(4), arb(0), arb(0.5)) == 0


def test_breaks_hold_for_balls() -> None:
    """Of an order or degree that may be no whole number the special point is kept; of a whole one it is left out."""
    for name in ("besselj", "struveh", "legendre"):
        breaks = table.BY_NAME[name].breaks
        assert breaks is not None
        assert breaks(BALLS, arb(2), arb(0.5)) == ()
        assert len(breaks(BALLS, arb(2, 0.25), arb(0.5))) == 1
        assert len(breaks(BALLS, arb(2.5), arb(0.5))) == 1
