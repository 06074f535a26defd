"""The normal distribution: inverses of the error functions, Dawson's integral, Faddeeva's function, Owen's T."""

from __future__ import annotations

from typing import Any

from gradcli.functions.precise import GUARD_BITS, Function, newton, wide

HIGH_BITS = 1_000  # from there on, mpmath's erfc is slow
MAX_OWEN = 100  # beyond, the series of Owen's T has too many terms


def erfinv(m: Any, x: Any) -> Any:
    """The inverse of erf."""
    if abs(x) > 0.5:
        return erfcinv(m, 1 - x) if x > 0 else -erfcinv(m, 1 + x)
    if not x:
        return x
    return +newton(m, x, lambda y: (m.erf(y) - x) * m.exp(y * y) * m.sqrt(m.pi) / 2)


def _erfc(m: Any, x: Any) -> Any:
    """erfc(x) for x > 1: at many digits by the trapezoidal rule, whose error falls like exp(-(pi/step)**2)."""
    if m.prec < HIGH_BITS:
        return m.erfc(x)
    with m.extraprec(GUARD_BITS):
        step = m.pi / m.sqrt(m.prec * m.ln2)
        ratio = m.exp(-step * step)
        weight, factor, squares, total, k = ratio, ratio**3, x * x, m.one / (2 * x * x), 1
        while weight > m.eps:
            total += weight / (squares + (k * step) ** 2)
            weight, factor, k = weight * factor, factor * ratio * ratio, k + 1
        value = 2 * step * x * m.exp(-squares) / m.pi * total - 2 / m.expm1(2 * m.pi * x / step)
    return +value


def erfcinv(m: Any, x: Any) -> Any:
    """The inverse of erfc: Newton's iteration on the logarithm, which is concave, gets there from anywhere."""
    if not 0 < x < 2:
        raise ValueError
    if x > 1:
        return -erfcinv(m, 2 - x)
    if x >= 0.5:
        return erfinv(m, 1 - x)
    goal = m.log(x)

    def step(y: Any) -> Any:
        tail = _erfc(m, y)
        return (goal - m.log(tail)) * tail * m.exp(y * y) * m.sqrt(m.pi) / 2

    return +newton(m, m.sqrt(-goal), step)


erfcx: Function = wide(lambda m, x: m.exp(x * x) * m.erfc(x), 2)
dawson: Function = wide(lambda m, x: m.exp(-x * x) * m.erfi(x) * m.sqrt(m.pi) / 2, 2)


def log_ndtr(m: Any, x: Any) -> Any:
    """The logarithm of the normal distribution function."""
    tail = m.erfc(abs(x) / m.sqrt(2)) / 2
    return m.log(tail) if x < 0 else m.log1p(-tail)


def ndtri(m: Any, p: Any) -> Any:
    """The quantile of the normal distribution."""
    return -m.sqrt(2) * erfcinv(m, 2 * p)


def ndtri_exp(m: Any, y: Any) -> Any:
    """The quantile of the normal distribution at exp(y)."""
    if not y < 0:
        raise ValueError
    return ndtri(m, m.exp(y)) if y < -1 else m.sqrt(2) * erfcinv(m, -2 * m.expm1(y))


def faddeeva(m: Any, x: Any, y: Any) -> Any:
    """exp(-z**2)*erfc(-i*z) at z = x + i*y."""
    if y < 0:
        return wide(lambda m, x, y: 2 * m.exp(-(m.mpc(x, y) ** 2)) - faddeeva(m, -x, -y), 2)(m, x, y)
    if not y:
        return m.mpc(wide(lambda m, x: m.exp(-x * x), 2)(m, x), 2 / m.sqrt(m.pi) * dawson(m, x))
    return m.hyperu(0.5, 0.5, -(m.mpc(x, y) ** 2)) / m.sqrt(m.pi)


def owens_t(m: Any, h: Any, a: Any) -> Any:
    """Owen's T: by its series for |a| <= 1, else by reflection."""
    h = abs(h)
    if a < 0:
        return -owens_t(m, h, -a)
    if a <= 1:
        return _owen_series(m, h, a)
    with m.extraprec(GUARD_BITS):
        low, high = m.erfc(h / m.sqrt(2)) / 2, m.erfc(a * h / m.sqrt(2)) / 2
        value = (low + high) / 2 - low * high
        if (a * h) ** 2 - h**2 < 2 * m.prec:
            value -= _owen_series(m, a * h, 1 / a)
    return +value


def _owen_series(m: Any, h: Any, a: Any) -> Any:
    if h > MAX_OWEN:
        raise m.NoConvergence
    lost = int(0.75 * h * h * (1 + a * a))  # bits: the result may be as small as exp(-h**2*(1 + a**2)/2)
    enough = m.ldexp(m.eps, -lost)
    with m.extraprec(GUARD_BITS + lost):
        z = h * h / 2
        term = below = m.exp(-z)
        total, power, sign, j = m.zero, a, 1, 0
        while j < z or power * (1 - below) > enough * abs(total):
            total += sign * power * (1 - below) / (2 * j + 1)
            j, sign, power = j + 1, -sign, power * a * a
            term = term * z / j
            below += term
        value = (m.atan(a) - total) / (2 * m.pi)
    return +value
