"""Enclosures of Bessel functions and their kin: spherical ones, Kelvin's, Struve's.

Each takes the context and balls, as the `arb` of a row does. The formulas are the series in 0F1 and 1F2, which have
no cancellation between terms of different kinds and hold on both sides of 0.
"""

from __future__ import annotations

from typing import Any

from gradcli.functions.precise import Function

NARROW = 2.0**-16  # of a ball's midpoint: of wider ones arb looks for digits that there are not, for seconds
MAX_SUMMED = 20_000  # an argument, by the series of the modified Struve function; its terms are that many


def modified(a: Any, n: Any, x: Any) -> Any:
    """I of order n. Of a wide ball beside 0, where arb's series goes on and on, by the scaled function."""
    if not _is_wide(x) or not n.is_integer() or x.contains(0):
        return x.bessel_i(n)
    value = _scaled(n, abs(x)) * abs(x).exp()
    return -value if x < 0 and int(n.unique_fmpz()) % 2 else value


def _is_wide(x: Any) -> bool:
    return bool(x.rad() > abs(x.mid()) * NARROW)


def _scaled(n: Any, x: Any) -> Any:
    """I of order n times exp(-x), for x >= 0.

    Of whole orders these are the probabilities of a difference of two Poisson numbers: they sum up to 1, and the slope
    (p(n-1) + p(n+1))/2 - p(n) lies between -1 and 1.
    """
    if not _is_wide(x) or not n.is_integer():
        return x.bessel_i(n, scaled=True)
    return x.mid().bessel_i(n, scaled=True) + type(x)(0, x.rad())


def of_order(name: str) -> Function:
    """J or I of real order: of orders that are no whole numbers for x > 0, and for x = 0 where it is finite."""

    def call(a: Any, n: Any, x: Any) -> Any:
        if not n.contains_integer() and (x < 0 or (x == 0 and n < 0)):
            return None
        return modified(a, n, x) if name == "bessel_i" else getattr(x, name)(n)

    return call


def right_of_0(name: str, **options: bool) -> Function:
    """Y or K of real order, for x > 0."""

    def call(a: Any, n: Any, x: Any) -> Any:
        return getattr(x, name)(n, **options) if a.less(0, x) else None

    return call


def ive(a: Any, n: Any, x: Any) -> Any:
    """I of order n, scaled by exp(-abs(x))."""
    if x >= 0:
        return None if x == 0 and n < 0 and not n.contains_integer() else _scaled(n, x)
    if x < 0:
        order = a.whole(n)
        if order is None:
            return None
        value = _scaled(n, -x)
        return -value if order % 2 else value
    return x.bessel_i(n) * (-abs(x)).exp()


# Spherical functions: of the whole orders from 0 on


def spherical_first(sign: int) -> Function:
    """The one of the first kind (-1) or its modified version (1), entire in x. DLMF 10.53.1 and 10.53.3."""

    def call(a: Any, n: Any, x: Any) -> Any:
        order = a.whole(n)
        if order is None or order < 0:
            return None
        if x == 0:
            return a.arb(0 if order else 1)
        series = (sign * x * x / 4).hypgeom_0f1(n + a.arb(3) / 2, regularized=True)
        return a.pi.sqrt() / 2 * (x / 2) ** order * series

    return call


def spherical_yn(a: Any, n: Any, x: Any) -> Any:
    """The one of the second kind: up to its sign, the one of the first kind of order -n - 1."""
    order = a.whole(n)
    if order is None or order < 0 or x == 0:
        return None
    series = (-x * x / 4).hypgeom_0f1(a.arb(1) / 2 - n, regularized=True)
    value = a.pi.sqrt() / 2 * (x / 2) ** (-order - 1) * series
    return value if order % 2 else -value


def spherical_kn(a: Any, n: Any, x: Any) -> Any:
    """The modified one of the second kind."""
    order = a.whole(n)
    if order is None or order < 0 or not a.less(0, x):
        return None
    return (a.pi / (2 * x)).sqrt() * x.bessel_k(n + a.arb(1) / 2)


# Kelvin's functions


def kelvin(name: str) -> Function:
    """A part of J of order 0 at x*exp(3*pi*i/4), of K at x*exp(pi*i/4), or of its derivative by x."""
    second, part, derivative = name[0] == "k", "imag" if name[1:3] == "ei" else "real", name.endswith("p")

    def first(a: Any, x: Any) -> Any:
        square = a.acb(0, x * x / 4)  # J of order 0 at z is 0F1(; 1; -z**2/4)
        value = a.acb(0, x / 2) * square.hypgeom_0f1(2) if derivative else square.hypgeom_0f1(1)
        return getattr(value, part)

    def other(a: Any, x: Any) -> Any:
        if not a.less(0, x):
            return None
        turn = (a.acb(1) / 4).exp_pi_i()
        value = -turn * (turn * x).bessel_k(1) if derivative else (turn * x).bessel_k(0)
        return getattr(value, part)

    return other if second else first


# Struve functions


def struveh(a: Any, n: Any, x: Any) -> Any:
    """H of real order, for x >= 0 or a whole order."""
    if x < 0:
        order = a.whole(n)
        if order is None:
            return None
        value = struveh(a, n, -x)
        return value if order % 2 or value is None else -value
    if x == 0 and n < -1:
        return _at_pole(a, n)
    if x > a.bits + abs(n) + 30:
        return _struveh_far(a, n, x)
    return _struve(a, n, x, -1)


def struvel(a: Any, n: Any, x: Any) -> Any:
    """L of real order, for x >= 0 or a whole order."""
    if x < 0:
        order = a.whole(n)
        if order is None:
            return None
        value = struvel(a, n, -x)
        return value if order % 2 or value is None else -value
    if x == 0 and n < -1:
        return _at_pole(a, n)
    if x > MAX_SUMMED and n >= a.arb(1) / 2:
        return _struvel_far(a, n, x)
    return _struve(a, n, x, 1)


def _at_pole(a: Any, n: Any) -> Any:
    """At 0, of an order below -1: no value, but for -3/2, -5/2, ..., where it is a Bessel function of J's kind."""
    return None if a.whole(n + a.arb(3) / 2) is None else a.arb(0)


def _struve(a: Any, n: Any, x: Any, sign: int) -> Any:
    """By the power series, with the bits that its alternating terms cancel. DLMF 11.2.1 and 11.2.2."""
    if not x.abs_upper() < MAX_SUMMED:
        return a.arb.nan()
    with a.extra(int(1.5 * float(x.abs_upper())) + 10 if sign < 0 else 10):
        z, shift = x / 2, n + a.arb(3) / 2
        series = (sign * z * z).hypgeom([1], [a.arb(3) / 2, shift], regularized=True)
        power = z ** (a.whole(n) + 1) if n.is_integer() else z ** (n + 1)
        value = power * series
    return +value


def _struveh_far(a: Any, n: Any, x: Any) -> Any:
    """By the expansion of H - Y, whose rest is smaller than the first term left out. DLMF 11.6.1."""
    z, half = x / 2, a.arb(1) / 2
    total, term, k = a.arb(0), a.arb(0), 0
    scale = z ** (n - 1)
    while True:
        term = (k + half).gamma() * scale * (n + half - k).rgamma()
        if k + half >= n and (k > a.bits or abs(term) <= abs(total) * a.arb(2) ** (-a.bits - 10)):
            break
        total += term
        scale = scale / (z * z)
        k += 1
    rest = a.arb(0, abs(term).upper())
    return x.bessel_y(n) + (total + rest) / a.pi


def _struvel_far(a: Any, n: Any, x: Any) -> Any:
    """I of the opposite order, but for an integral that is at most 1/x. DLMF 11.5.6."""
    integral = a.hull(a.arb(0), 1 / x)
    return x.bessel_i(-n) - 2 * (x / 2) ** n * integral * (n + a.arb(1) / 2).rgamma() / a.pi.sqrt()
