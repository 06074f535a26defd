"""Zeta functions and polylogarithms, by series very near to a pole or a branch point, where mpmath takes seconds."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

from gradcli.functions.precise import GUARD_BITS, Function, is_whole

HIGH_BITS = 1_000
NEAR_BITS = -30  # the size of the distance to a special point that counts as near
MAX_REFLECTED = 200  # the order of a derivative, and how far to the left
KEPT = 32  # series
COUNTS = 4  # their terms, in multiples


def _is_near(m: Any, h: Any) -> bool:
    return bool(m.prec >= HIGH_BITS and h and m.mag(h) < NEAR_BITS)


def _terms(m: Any, h: Any) -> int:
    """How many terms of a series in h there are to the working precision."""
    return int(2 + m.prec // -m.mag(h))


# Zeta functions


def zeta(m: Any, n: Any, s: Any, q: Any) -> Any:
    """The n-th derivative of the Hurwitz zeta function by s, for q > 0."""
    if not is_whole(n) or q <= 0 or s == 1:
        raise ValueError
    if s < -MAX_REFLECTED or n > MAX_REFLECTED:
        raise m.NoConvergence
    if q == 1 and _is_near(m, s - 1):
        return _zeta_near_one(m, int(n), s - 1)
    if s < 2 * m.prec or not n:
        return m.zeta(s, q, int(n))
    total, k = m.zero, 0
    while True:
        term = (-m.log(k + q)) ** int(n) * m.power(k + q, -s)
        total += term
        k += 1
        if abs(term) < m.eps * abs(total):
            return total


def _zeta_near_one(m: Any, n: int, h: Any) -> Any:
    """By the Laurent series: 1/h and a power series, both differentiated term by term."""
    with m.extraprec(GUARD_BITS):
        bits = max(0, m.prec + m.mag(h)) + GUARD_BITS  # beside 1/h, the rest is small
        series = _laurent(m, bits, COUNTS * math.ceil((_terms(m, h) + n) / COUNTS))
        value = (-1) ** n * m.factorial(n) / h ** (n + 1)
        value += m.fsum(c * m.ff(k, n) * h ** (k - n) for k, c in enumerate(series) if k >= n)
    return +value


@lru_cache(maxsize=KEPT)
def _laurent(m: Any, bits: int, count: int) -> list[Any]:
    """The power series at 1 of zeta(s) - 1/(s - 1): the alternating zeta function's by that of 1 - 2**(1 - s)."""
    eta = _alternating(m, bits + GUARD_BITS, count + 1)
    with m.workprec(bits + GUARD_BITS):
        log2 = m.log(2)
        divisor = [-((-log2) ** (k + 1)) / m.factorial(k + 1) for k in range(count + 1)]
        quotient: list[Any] = []
        for k in range(count + 1):
            rest = eta[k] - sum(quotient[i] * divisor[k - i] for i in range(k))
            quotient.append(rest / divisor[0])
    return quotient[1:]


def _alternating(m: Any, bits: int, count: int) -> list[Any]:
    """The power series of the alternating zeta function at 1.

    P. Borwein, An efficient algorithm for the Riemann zeta function (2000), algorithm 2, in whole numbers.
    """
    terms = int(bits * math.log(2) / math.log(3 + math.sqrt(8))) + GUARD_BITS
    partial: list[int] = []
    term = 1
    for i in range(terms + 1):
        partial.append((partial[-1] if partial else 0) + term)
        term = term * 4 * (terms + i) * (terms - i) // ((2 * i + 1) * (2 * i + 2))
    logs = _logarithms(m, bits, terms)
    inverse = (1 << 2 * bits) // partial[-1]
    sums = [0] * count
    for k in range(terms):
        part = (-1) ** k * ((partial[-1] - partial[k]) * inverse >> bits) // (k + 1)
        for power in range(count):
            sums[power] += part
            part = -part * logs[k + 1] >> bits
    with m.workprec(bits):
        return [m.mpf(total) / m.factorial(power) / m.mpf(2) ** bits for power, total in enumerate(sums)]


def _logarithms(m: Any, bits: int, last: int) -> list[int]:
    """The logarithms of 1, ..., last in fixed point: a product's by addition, a prime's by its neighbours."""
    factor = list(range(last + 2))
    for prime in range(2, math.isqrt(last + 1) + 1):
        for multiple in range(prime * prime, last + 2, prime):
            factor[multiple] = min(factor[multiple], prime)
    with m.workprec(bits + GUARD_BITS):
        logs = {0: 0, 1: 0, 2: int(m.ldexp(m.log(2), bits))}

    def log(number: int) -> int:
        if number not in logs:
            if factor[number] < number:
                logs[number] = log(factor[number]) + log(number // factor[number])
            else:
                logs[number] = (log(number - 1) + log(number + 1)) // 2 + _atanh(2 * number * number - 1, bits)
        return logs[number]

    return [log(number) for number in range(last + 1)]


def _atanh(inverse: int, bits: int) -> int:
    """The inverse hyperbolic tangent of 1/inverse in fixed point."""
    total, power, k = 0, (1 << bits) // inverse, 1
    while power:
        total += power // k
        power //= inverse * inverse
        k += 2
    return total


# Polylogarithms


def polylog(m: Any, s: Any, x: Any) -> Any:
    """The polylogarithm for x <= 1."""
    if x > 1 or (x == 1 and s <= 1):
        raise ValueError
    if x > 0 and s >= 1 and s == int(s) and _is_near(m, 1 - x):
        with m.extraprec(GUARD_BITS):
            value = _polylog_of_exp(m, int(s), m.log(x)).real
        return +value
    return m.polylog(s, x).real


def clausen(name: str, part: str) -> Function:
    """mpmath's Clausen sum, the real or imaginary part of the polylogarithm on the unit circle."""

    def call(m: Any, s: Any, x: Any) -> Any:
        if not x:
            if part == "real" and s <= 1:
                raise ValueError
            return m.zeta(s) if part == "real" else m.zero
        with m.extraprec(GUARD_BITS + max(0, m.mag(x))):
            angle = x - 2 * m.pi * m.nint(x / (2 * m.pi))
        if s >= 1 and s == int(s) and _is_near(m, angle):
            with m.extraprec(GUARD_BITS):
                value = getattr(_polylog_of_exp(m, int(s), m.mpc(0, angle)), part)
            return +value
        return getattr(m, name)(s, x)

    return call


def _polylog_of_exp(m: Any, s: int, mu: Any) -> Any:
    """The polylogarithm of exp(mu) for small mu. DLMF 25.12.12 in its limit for a whole s."""
    special = mu ** (s - 1) / m.factorial(s - 1) * (m.fsum(m.one / k for k in range(1, s)) - m.log(-mu))
    rest = (_whole_zeta(m, s - k, mu, k) * mu**k / m.factorial(k) for k in range(_terms(m, mu)) if k != s - 1)
    return m.fsum(rest) + special


def _whole_zeta(m: Any, s: int, mu: Any, k: int) -> Any:
    """The zeta function with the digits that the term with mu**k needs."""
    with m.workprec(max(GUARD_BITS, m.prec + m.mag(mu) * k + GUARD_BITS)):
        return m.zeta(s)
