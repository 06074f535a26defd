"""Bessel functions: of the second kind, whose whole orders mpmath finds as limits, slowly; spherical ones; Kelvin's."""

from __future__ import annotations

from typing import Any

from gradcli.functions.precise import GUARD_BITS, Function, is_whole, magnitude

MAX_ORDER = 1_000  # by the series
MAX_SUMMED = 5_000  # an argument, by the series


def bessely(m: Any, n: Any, x: Any) -> Any:
    """Y of order n."""
    if x <= 0:
        raise ValueError
    order = _series_order(m, n)
    if order is None:
        return m.bessely(n, x)
    if x > m.prec / 2 + order**2:
        return _bessely_far(m, n, x)
    if x > MAX_SUMMED:
        return m.bessely(n, x)
    with m.extraprec(GUARD_BITS + int(2 * x)):
        z = x / 2
        first, second, harmonic = _bessel_sums(m, order, z, -1)
        value = (2 * (m.log(z) + m.euler) * first - harmonic - second) / m.pi
    return value if n >= 0 or order % 2 == 0 else -value


def besseli(m: Any, n: Any, x: Any) -> Any:
    """I of order n; mpmath's has an imaginary part of rounding for x < 0."""
    if x >= 0:
        return m.besseli(n, x)
    if not m.isint(n):
        raise ValueError
    return (-1) ** int(n) * m.besseli(abs(n), -x)


def besselk(m: Any, n: Any, x: Any) -> Any:
    """K of order n."""
    if x <= 0:
        raise ValueError
    return _besselk(m, n, x)


def _besselk(m: Any, n: Any, x: Any) -> Any:
    order = _series_order(m, n)
    if order is None or abs(x) > m.prec / 2:
        return m.besselk(n, x)
    with m.extraprec(GUARD_BITS + int(4 * abs(x))):
        z = x / 2
        first, second, harmonic = _bessel_sums(m, order, z, 1)
        value = (second + (-1) ** order * (harmonic - 2 * (m.log(z) + m.euler) * first)) / 2
    return +value


def _series_order(m: Any, n: Any) -> int | None:
    """The size of a whole order for which the series is short enough."""
    return abs(int(n)) if abs(n) <= MAX_ORDER and m.isint(n) else None


def _bessel_sums(m: Any, order: int, z: Any, sign: int) -> tuple[Any, Any, Any]:
    """The three series in a Bessel function of the second kind: J or I, the finite one, the one of harmonic numbers."""
    square = sign * z * z
    second = m.zero
    term = m.factorial(order - 1) / z**order if order else m.zero
    for k in range(order):
        second += term
        if k + 1 < order:
            term = term * -square / ((k + 1) * (order - k - 1))
    term = z**order / m.factorial(order)
    first, harmonic, k = m.zero, m.zero, 0
    weight = m.fsum(m.one / i for i in range(1, order + 1))
    while k <= abs(z) or abs(term) > m.eps * (abs(first) + abs(harmonic)):
        first += term
        harmonic += weight * term
        k += 1
        term = term * square / (k * (k + order))
        weight += m.one / k + m.one / (k + order)
    return first, second, harmonic


def _bessely_far(m: Any, n: Any, x: Any) -> Any:
    """Y far from 0, by Hankel's expansion."""
    with m.extraprec(GUARD_BITS + magnitude(m, x)):
        sums, term, k = [m.zero, m.zero], m.one, 0
        while abs(term) > m.eps:
            sums[k % 2] += term if k % 4 < 2 else -term
            k += 1
            term = term * (4 * n * n - (2 * k - 1) ** 2) / (8 * k * x)
        angle = x - (2 * n + 1) * m.pi / 4
        value = m.sqrt(2 / (m.pi * x)) * (m.sin(angle) * sums[0] + m.cos(angle) * sums[1])
    return +value


def spherical(name: str) -> Function:
    """A spherical Bessel function, from the one of half a whole order."""

    def call(m: Any, n: Any, x: Any) -> Any:
        if not is_whole(n) or (x <= 0 and name == "besselk"):
            raise ValueError
        if not x:
            if name == "bessely":
                raise ValueError
            return m.zero if n else m.one
        with m.extraprec(GUARD_BITS):
            factor = m.sqrt(m.pi / (2 * abs(x)))
            value = factor * getattr(m, name)(n + m.mpf(0.5), abs(x))
        odd = int(n) % 2 != (name == "bessely")
        return -value if x < 0 and odd else +value

    return call


def kelvin(name: str) -> Function:
    """A Kelvin function: a part of J or K of order 0 on a ray of the complex plane, or its derivative there."""
    second, imaginary, derivative = name[0] == "k", name[1] == "e" and name[2] == "i", name.endswith("p")

    def call(m: Any, x: Any) -> Any:
        with m.extraprec(GUARD_BITS + 4 * magnitude(m, x, 1 / x if x else x)):
            turn = m.expjpi(m.mpf(1 if second else 3) / 4)
            value = _besselk(m, int(derivative), x * turn) if second else m.besselj(int(derivative), x * turn)
            value = -value * turn if derivative else value
            part = value.imag if imaginary else value.real
        return +part

    return call
