"""Polynomials by their recurrences: exact, and without trouble at their zeros."""

from __future__ import annotations

from typing import Any

from gradcli.functions.precise import GUARD_BITS, Function, is_whole, wide

MAX_DEGREE = 5_000
MAX_APPELL = 200


def polynomial(following: Function) -> Function:
    """A family of polynomials by its recurrence: `following` gives the one of degree k + 1 from the two before."""

    def call(m: Any, n: Any, *args: Any) -> Any:
        if n != int(n):
            raise ValueError
        if n > MAX_DEGREE:
            raise m.NoConvergence
        with m.extraprec(GUARD_BITS):
            before, value = m.zero, m.one if n >= 0 else m.zero
            for k in range(int(n)):
                before, value = value, following(k, value, before, *args)
        return +value

    return call


def jacobi(k: int, p: Any, q: Any, a: Any, b: Any, x: Any) -> Any:
    """The recurrence of the Jacobi polynomials."""
    if k == 0:
        return a + 1 + (a + b + 2) * (x - 1) / 2
    t = 2 * k + a + b
    middle = (t + 1) * ((t + 2) * t * x + a * a - b * b) * p
    return (middle - 2 * (k + a) * (k + b) * (t + 2) * q) / (2 * (k + 1) * (k + 1 + a + b) * t)


def assoc_legendre(m: Any, n: Any, order: Any, x: Any) -> Any:
    """The associated Legendre function of degree n, upward from the degree that is the order."""
    if n != int(n) or not is_whole(order) or not -1 <= x <= 1:
        raise ValueError
    degree, k = int(max(n, -1 - n)), int(order)
    if degree > MAX_DEGREE:
        raise m.NoConvergence
    if k > degree:
        return m.zero
    with m.extraprec(GUARD_BITS):
        before, value = m.zero, (-1) ** k * m.fac2(2 * k - 1) * m.sqrt(1 - x * x) ** k
        for i in range(k, degree):
            before, value = value, ((2 * i + 1) * x * value - (i + k) * before) / (i + 1 - k)
    return +value


hermitenorm = polynomial(lambda k, p, q, x: x * p - k * q)


@wide
def _cylinder(m: Any, n: Any, x: Any) -> Any:
    return m.exp(-x * x / 4) * hermitenorm(m, n, x)


def pcfd(m: Any, n: Any, x: Any) -> Any:
    """The parabolic cylinder function D."""
    return _cylinder(m, n, x) if is_whole(n) else m.pcfd(n, x)


def appell(name: str) -> Function:
    """mpmath's Bernoulli or Euler polynomial."""

    def call(m: Any, n: Any, x: Any) -> Any:
        if not is_whole(n):
            raise ValueError
        if n > MAX_APPELL:
            raise m.NoConvergence
        return getattr(m, name)(int(n), x)

    return call
