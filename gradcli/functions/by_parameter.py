"""Derivatives of special functions by a parameter, such as the order of a Bessel function: rows of their own."""

from __future__ import annotations

import math
from typing import Any

from gradcli.functions.guards import Guard, last_at
from gradcli.functions.precise import only
from gradcli.functions.precise.by_parameter import Continued, by_mpmath, enclosed
from gradcli.functions.row import Late, Row


def _method(name: str, *last: Any) -> Continued:
    """A method of a complex ball around the last argument, which takes the parameters."""
    return lambda p, *rest: getattr(type(p)(rest[-1]), name)(p, *rest[:-1], *last)


def _row(
    of: str,
    arguments: str,
    by_x: str,
    continued: Continued,
    mp: Late,
    doc: str = "",
    is_even: bool = False,
    is_shape: bool = False,
    least: float = -math.inf,
    **more: Any,
) -> Row:
    """The row `NAME_by_n` of the derivatives of a row by its first parameter; a shape is above 0.

    They are real where the last argument is above the `least`.
    """

    def holds(a: Any, p: Any, *rest: Any) -> bool:
        return bool((least == -math.inf or a.less(least, rest[-1])) and (not is_shape or a.less(0, p)))

    def is_inside(k: Any, p: Any, *rest: Any) -> bool:
        return bool(rest[-1] > least and (not is_shape or p > 0))

    names = arguments.split(", ")
    first, name = names[0], f"{of}_by_{names[0]}"
    chosen = ", ".join(["1", *map(str, (1.5, 0.75, 0.5)[: len(names) - 1]), "x"])
    return Row(
        name, f"k, {arguments}", doc or f"the k-th derivative of {of}({arguments}) by {first}",
        (None, f"{name}(k + 1, {arguments})", *(None for _ in names[1:-1]), by_x),
        mp=only(is_inside, mp if callable(mp) else by_mpmath(str(mp))), arb=enclosed(continued, holds, is_even),
        example=f"{name}({chosen}) at x=0.75", **more,
    )  # fmt: skip


ORDERS: dict[str, Any] = {"k": [0, 1], "n": [0.5, 1.25, 2], "x": (0.3, 4)}
POSITIVE: dict[str, Any] = {"least": 0, "domain": "x > 0", "guards": last_at(0), "samples": ORDERS}
INSIDE: dict[str, Any] = {
    "least": -1, "domain": "x > -1", "guards": (Guard(lambda *args: args[-1] + 1),),
    "samples": {"k": [0, 1], "n": [0.5, 1.25, 2], "x": (-0.8, 0.9), "a": (0.3, 2), "b": (0.3, 2)},
}  # fmt: skip
EVERYWHERE: dict[str, Any] = {"samples": {"k": [0, 1], "n": [0.5, 1.25, 2], "x": (-1.5, 1.5), "a": (0.3, 2)}}
SHAPES: dict[str, Any] = {
    "least": 0, "domain": "a > 0 and x > 0", "guards": last_at(0),
    "samples": {"k": [0, 1], "a": (0.5, 4), "x": (0.3, 5)},
}  # fmt: skip


def _macdonald(p: Any, x: Any) -> Any:
    """K by I, where p is not a whole number. DLMF 10.27.4."""
    z = type(p)(x)
    return (z.bessel_i(-p) - z.bessel_i(p)) * type(p).pi() / (2 * p.sin_pi())


def _weber(m: Any, n: Any, x: Any) -> Any:
    """Y by J, where n is not a whole number. DLMF 10.2.3."""
    return (m.besselj(n, x) * m.cospi(n) - m.besselj(-n, x)) / m.sinpi(n)


def _basset(m: Any, n: Any, x: Any) -> Any:
    """K by I, as above."""
    return (m.besseli(-n, x) - m.besseli(n, x)) * m.pi / (2 * m.sinpi(n))


def _hermite(m: Any, n: Any, x: Any) -> Any:
    """H by two confluent series. DLMF 18.11.3 with 13.2.42."""
    even = m.hyp1f1(-n / 2, m.mpf(1) / 2, x**2) * m.rgamma((1 - n) / 2)
    odd = 2 * x * m.hyp1f1((1 - n) / 2, m.mpf(3) / 2, x**2) * m.rgamma(-n / 2)
    return 2**n * m.sqrt(m.pi) * (even - odd)


def _jacobi(m: Any, n: Any, a: Any, b: Any, x: Any) -> Any:
    """P by Gauss's series. DLMF 18.5.7."""
    first = m.gamma(n + a + 1) * m.rgamma(n + 1) * m.rgamma(a + 1)
    return first * m.hyp2f1(-n, n + a + b + 1, a + 1, (1 - x) / 2)


def _chebyshev(p: Any, x: Any) -> Any:
    """U of degree p: sin((p + 1)*t)/sin(t) for x = cos(t), an imaginary t for x > 1; at 1 itself by arb's series."""
    z = type(p)(x)
    if x.contains(1):
        return z.chebyshev_u(p)
    angle = z.acos()
    return ((p + 1) * angle).sin() / angle.sin()


def _density(p: Any, x: Any) -> Any:
    """x**(p - 1)*exp(-x)/gamma(p), which is entire in p."""
    return ((p - 1) * x.log() - x).exp() * p.rgamma()


# fmt: off
BY_PARAMETER = (
    _row("gammainc", "a, x", "gammadensity_by_a(k, a, x)", _method("gamma_lower", 1),
         by_mpmath(lambda m, a, x: m.gammainc(a, 0, x, regularized=True)), is_shape=True, **SHAPES),
    _row("gammaincc", "a, x", "-gammadensity_by_a(k, a, x)", _method("gamma_upper", 1),
         by_mpmath(lambda m, a, x: 1 - m.gammainc(a, 0, x, regularized=True)), is_shape=True, **SHAPES),
    _row("gammadensity", "a, x", "gammadensity_by_a(k, a - 1, x) - gammadensity_by_a(k, a, x)", _density,
         by_mpmath(lambda m, a, x: m.exp((a - 1) * m.log(x) - x) * m.rgamma(a)),
         doc="the k-th derivative by a of the gamma density x**(a - 1)*exp(-x)/gamma(a)", **SHAPES),
    _row("besselj", "n, x", "(besselj_by_n(k, n - 1, x) - besselj_by_n(k, n + 1, x))/2", _method("bessel_j"),
         "besselj", **POSITIVE),
    _row("bessely", "n, x", "(bessely_by_n(k, n - 1, x) - bessely_by_n(k, n + 1, x))/2", _method("bessel_y"),
         by_mpmath(_weber), **POSITIVE),
    _row("besseli", "n, x", "(besseli_by_n(k, n - 1, x) + besseli_by_n(k, n + 1, x))/2", _method("bessel_i"),
         "besseli", **POSITIVE),
    _row("besselk", "n, x", "-(besselk_by_n(k, n - 1, x) + besselk_by_n(k, n + 1, x))/2", _macdonald,
         by_mpmath(_basset, is_even=True), is_even=True, **POSITIVE),
    _row("legendre", "n, x", "gegenbauer_by_n(k, n - 1, 3/2, x)", _method("legendre_p"),
         by_mpmath(lambda m, n, x: m.legendre(n, x)), **INSIDE),
    _row("chebyshevt", "n, x", "n*chebyshevu_by_n(k, n - 1, x) + k*chebyshevu_by_n(abs(k - 1), n - 1, x)",
         lambda p, x: (p * type(p)(x).acos()).cos(),
         by_mpmath(lambda m, n, x: m.cos(n * m.acos(x))), **INSIDE),
    _row("chebyshevu", "n, x", "2*gegenbauer_by_n(k, n - 1, 2, x)", _chebyshev,
         by_mpmath(lambda m, n, x: m.sin((n + 1) * m.acos(x)) / m.sin(m.acos(x))), **INSIDE),
    _row("gegenbauer", "n, a, x", "2*a*gegenbauer_by_n(k, n - 1, a + 1, x)", _method("gegenbauer_c"),
         by_mpmath(lambda m, n, a, x: m.gegenbauer(n, a, x)), **INSIDE),
    _row("jacobi", "n, a, b, x",
         "(n + a + b + 1)/2*jacobi_by_n(k, n - 1, a + 1, b + 1, x)"
         " + k*jacobi_by_n(abs(k - 1), n - 1, a + 1, b + 1, x)/2",
         _method("jacobi_p"), by_mpmath(_jacobi), **INSIDE),
    _row("hermite", "n, x", "2*n*hermite_by_n(k, n - 1, x) + 2*k*hermite_by_n(abs(k - 1), n - 1, x)",
         _method("hermite_h"), by_mpmath(_hermite), **EVERYWHERE),
    _row("laguerre", "n, x", "-genlaguerre_by_n(k, n - 1, 1, x)", lambda p, x: type(p)(x).laguerre_l(p),
         by_mpmath(lambda m, n, x: m.laguerre(n, 0, x)), **EVERYWHERE),
    _row("genlaguerre", "n, a, x", "-genlaguerre_by_n(k, n - 1, a + 1, x)", _method("laguerre_l"),
         by_mpmath(lambda m, n, a, x: m.laguerre(n, a, x)), **EVERYWHERE),
)
# fmt: on
