"""Gamma functions, and the inverses of incomplete ones."""

from __future__ import annotations

from functools import reduce
from typing import Any

from gradcli.functions.precise import GUARD_BITS, is_whole, newton, wide

HIGH_BITS = 1_000  # from there on, mpmath spends seconds on tables for the gamma function
NEAR_BITS = -30  # the size of the distance to a whole number that counts as near
MAX_SHIFTED = 500  # a whole number that is stepped down to 1
MAX_REFLECTED = 200  # the order of a derivative


def _is_pole(m: Any, x: Any) -> bool:
    return bool(x <= 0 and m.isint(x))


def gamma(m: Any, x: Any) -> Any:
    """The gamma function."""
    if _is_pole(m, x):
        raise ValueError
    if not _is_near(m, x):
        return m.gamma(x)
    with m.extraprec(GUARD_BITS):
        whole = int(m.nint(x))
        h = x - whole
        value = m.exp(_log_gamma_near_one(m, h))
        for k in range(min(whole, 1), max(whole, 1)):
            value = value * (k + h) if whole > 0 else value / (k + h)
    return +value


def rgamma(m: Any, x: Any) -> Any:
    """1 by the gamma function."""
    return m.zero if _is_pole(m, x) else 1 / gamma(m, x)


def rgamma_derivative(m: Any, n: Any, x: Any) -> Any:
    """The n-th derivative of 1 by the gamma function; left of 1/2 by reflection, which has no pole there."""
    if not is_whole(n):
        raise ValueError
    order = int(n)
    if order > MAX_REFLECTED:
        raise m.NoConvergence
    with m.extraprec(GUARD_BITS + order):
        if x >= 0.5:
            value = _derivatives(m, order, rgamma(m, x), x, 1)[order]
        else:
            rest = _derivatives(m, order, gamma(m, 1 - x), 1 - x, -1)
            turns = [m.sinpi(x), m.cospi(x), -m.sinpi(x), -m.cospi(x)]
            value = m.fsum(
                m.binomial(order, k) * m.pi ** (k - 1) * turns[k % 4] * rest[order - k] for k in range(order + 1)
            )
    return +value


def _derivatives(m: Any, order: int, value: Any, x: Any, sign: int) -> list[Any]:
    """The derivatives of what has this value and the logarithmic derivative -digamma(x), where x' is sign."""
    slopes = [-polygamma(m, k, x) * sign**k for k in range(order)]
    found = [value]
    for k in range(order):
        found.append(m.fsum(m.binomial(k, j) * found[k - j] * slopes[j] for j in range(k + 1)))
    return found


def log_gamma(m: Any, x: Any) -> Any:
    """The logarithm of the gamma function's size."""
    if _is_pole(m, x):
        raise ValueError
    return m.log(abs(gamma(m, x))) if _is_near(m, x) else m.loggamma(x).real


def beta(m: Any, a: Any, b: Any) -> Any:
    """The beta function."""
    if _is_pole(m, a) or _is_pole(m, b):
        raise ValueError
    if _is_near(m, a) or _is_near(m, b):
        return gamma(m, a) * gamma(m, b) * rgamma(m, a + b)
    return m.gammaprod([a, b], [_sum(m, a, b)])


def binomial(m: Any, n: Any, k: Any) -> Any:
    """The binomial coefficient; at the poles of its gamma functions in the limit."""
    return m.gammaprod([_sum(m, n, 1)], [_sum(m, k, 1), _sum(m, n, m.fneg(k, exact=True), 1)])


def rising(m: Any, x: Any, n: Any) -> Any:
    """The rising factorial; at the poles of its gamma functions in the limit."""
    return m.gammaprod([_sum(m, x, n)], [x])


def factorial(m: Any, x: Any) -> Any:
    """The gamma function one further on."""
    return gamma(m, _sum(m, x, 1))


def _sum(m: Any, *terms: Any) -> Any:
    """A sum that isn't rounded: gamma functions of 1e300 and of 1e300 + 1 differ by as much as 1e300."""
    return reduce(lambda found, term: m.fadd(found, term, exact=True), terms)


log_beta = wide(lambda m, a, b: log_gamma(m, a) + log_gamma(m, b) - log_gamma(m, a + b))


def harmonic(m: Any, x: Any) -> Any:
    """The harmonic numbers."""
    return polygamma(m, 0, x + 1) + m.euler if _is_near(m, x) else m.harmonic(x)


def polygamma(m: Any, n: Any, x: Any) -> Any:
    """The polygamma function; left of 1/2 by reflection: the derivatives of the cotangent are polynomials in it."""
    if not is_whole(n) or _is_pole(m, x):
        raise ValueError
    order = int(n)
    if order > MAX_REFLECTED:
        raise m.NoConvergence
    with m.extraprec(GUARD_BITS):
        if _is_near(m, x):
            whole = int(m.nint(x))
            h = x - whole
            passed = m.fsum((k + h) ** (-order - 1) for k in range(min(whole, 1), max(whole, 1)))
            value = _polygamma_near_one(m, order, h)
            value += (-1) ** order * m.factorial(order) * (passed if whole > 0 else -passed)
        elif x >= 0.5:
            value = m.psi(order, x)
        else:
            cot = m.cospi(x) / m.sinpi(x)
            coefficients = [0, 1]
            for _ in range(order):
                slopes = [k * c for k, c in enumerate(coefficients)][1:]
                coefficients = [-(a + b) for a, b in zip([*slopes, 0, 0], [0, 0, *slopes])]
            rest = m.pi ** (order + 1) * m.polyval(coefficients[::-1], cot)
            value = (-1) ** order * m.psi(order, 1 - x) - rest
    return +value


def _is_near(m: Any, x: Any) -> bool:
    """Whether x is so close to a whole number that a few terms of the series there do.

    At many digits mpmath computes tables for seconds; the steps to a pole are such points.
    """
    if m.prec < HIGH_BITS or abs(x) > MAX_SHIFTED:
        return False
    h = x - m.nint(x)
    return bool(h) and m.mag(h) < NEAR_BITS


def _log_gamma_near_one(m: Any, h: Any) -> Any:
    return m.fsum(_zeta(m, k, h) * (-h) ** k / k for k in _terms(m, h, 1))


def _polygamma_near_one(m: Any, n: int, h: Any) -> Any:
    total = m.fsum(_zeta(m, n + 1 + k, h, k) * (-h) ** k * m.rf(k + 1, n) for k in _terms(m, h, 0))
    return (-1) ** (n + 1) * total


def _terms(m: Any, h: Any, first: int) -> range:
    return range(first, first + 2 + m.prec // -m.mag(h))


def _zeta(m: Any, s: int, h: Any, k: int | None = None) -> Any:
    """The zeta function with the digits that the term with h**k needs; Euler's constant for s = 1."""
    with m.workprec(max(GUARD_BITS, m.prec + m.mag(h) * (s if k is None else k) + GUARD_BITS)):
        return +m.euler if s == 1 else m.zeta(s)


# Inverses of the incomplete gamma and beta functions


def gammaincinv(m: Any, a: Any, p: Any, q: Any) -> Any:
    """The quantile of the gamma distribution: Newton's iteration on the logarithm of the smaller tail."""
    if a <= 0 or p < 0 or q < 0:
        raise ValueError
    if not p or not q:
        return m.zero if not p else m.inf
    low = p < q
    goal = m.log(p if low else q)

    def step(t: Any) -> Any:
        x = m.exp(t)
        tail = m.gammainc(a, 0, x, regularized=True) if low else m.gammainc(a, x, regularized=True)
        change = (m.log(tail) - goal) * tail * m.gamma(a) / m.exp(a * t - x)
        return change if low else max(-1, min(1, -change))

    return m.exp(newton(m, m.log(a), step, 1))


def betaincinv(m: Any, a: Any, b: Any, p: Any, q: Any) -> Any:
    """The quantile of the beta distribution: Newton's iteration on the logarithm of the smaller tail."""
    if a <= 0 or b <= 0 or p < 0 or q < 0:
        raise ValueError
    if not p or not q:
        return m.zero if not p else m.one
    if p > q:
        return 1 - betaincinv(m, b, a, q, p)
    goal = m.log(p)

    def step(t: Any) -> Any:
        x = 1 / (1 + m.exp(-t))
        tail = m.betainc(a, b, 0, x, regularized=True)
        return (m.log(tail) - goal) * tail * m.beta(a, b) / m.exp(a * m.log(x) - b * m.log1p(m.exp(t)))

    return 1 / (1 + m.exp(-newton(m, m.log(a / b), step, 1)))
