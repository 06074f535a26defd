"""Polynomials by their recurrences: exact, and without trouble at their zeros."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradcli.functions.precise import GUARD_BITS, Function, is_whole, wide

MAX_DEGREE = 5_000
MAX_APPELL = 200
TWICE = {"legendre": 1, "chebyshevu": 2}  # the parameter of Gegenbauer's function that they are, times 2


def polynomial(name: str, elsewhere: Function) -> Function:
    """A family of polynomials by its recurrence; `elsewhere` continues it to a degree that is not a whole number."""
    step = STEPS[name]

    def call(m: Any, n: Any, *args: Any) -> Any:
        if n != int(n):
            return elsewhere(m, n, *args)
        sign, degree = reflected(name, int(n), args[0])
        if degree > MAX_DEGREE:
            raise m.NoConvergence
        with m.extraprec(GUARD_BITS):
            before, value = m.zero, m.mpf(sign)
            for k in range(degree):
                before, value = value, step(k, value, before, *args)
        return +value

    return call


def reflected(name: str, degree: int, parameter: Any = None) -> tuple[int, int]:
    """A sign and the degree >= 0 of the polynomial that is the family's member of any whole degree; 0: there is none.

    T is even in its degree. C of degree n and parameter a is (-1)**(2*a + 1) times that of degree -n - 2*a where both
    of these are whole, 2*a > 0 and n < 0, by DLMF 15.9.2 continued in n; P and U are C
    of the parameters 1/2 and 1.
    """
    if degree >= 0:
        return 1, degree
    if name == "chebyshevt":
        return 1, -degree
    twice = TWICE.get(name) if name != "gegenbauer" else 2 * parameter
    if twice is None or twice <= 0 or twice != int(twice) or -degree < twice:
        return 0, 0
    return (1 if int(twice) % 2 else -1), -degree - int(twice)


def _jacobi(k: int, p: Any, q: Any, a: Any, b: Any, x: Any) -> Any:
    if k == 0:
        return a + 1 + (a + b + 2) * (x - 1) / 2
    t = 2 * k + a + b
    middle = (t + 1) * ((t + 2) * t * x + a * a - b * b) * p
    return (middle - 2 * (k + a) * (k + b) * (t + 2) * q) / (2 * (k + 1) * (k + 1 + a + b) * t)


# The polynomial of degree k + 1 from those of the degrees k and k - 1, p and q.
STEPS: Mapping[str, Function] = {
    "legendre": lambda k, p, q, x: ((2 * k + 1) * x * p - k * q) / (k + 1),
    "chebyshevt": lambda k, p, q, x: 2 * x * p - q if k else x,
    "chebyshevu": lambda k, p, q, x: 2 * x * p - q,
    "hermite": lambda k, p, q, x: 2 * x * p - 2 * k * q,
    "hermitenorm": lambda k, p, q, x: x * p - k * q,
    "laguerre": lambda k, p, q, x: ((2 * k + 1 - x) * p - k * q) / (k + 1),
    "genlaguerre": lambda k, p, q, a, x: ((2 * k + 1 + a - x) * p - (k + a) * q) / (k + 1),
    "gegenbauer": lambda k, p, q, a, x: (2 * (k + a) * x * p - (k - 1 + 2 * a) * q) / (k + 1),
    "jacobi": _jacobi,
}


def assoc_legendre(m: Any, n: Any, order: Any, x: Any) -> Any:
    """The associated Legendre function of degree n, upward from the degree that is the order."""
    if n != int(n) or order != int(order) or not -1 <= x <= 1:
        raise ValueError
    degree, k = int(max(n, -1 - n)), abs(int(order))
    if max(degree, k) > MAX_DEGREE:
        raise m.NoConvergence
    if k > degree:
        return m.zero if order > 0 else _beyond(m, degree, k, x)
    with m.extraprec(GUARD_BITS):
        before, value = m.zero, (-1) ** k * m.fac2(2 * k - 1) * m.sqrt(1 - x * x) ** k
        for i in range(k, degree):
            before, value = value, ((2 * i + 1) * x * value - (i + k) * before) / (i + 1 - k)
        if order < 0:
            value = (-1) ** k * value * m.factorial(degree - k) / m.factorial(degree + k)
    return +value


def _beyond(m: Any, degree: int, k: int, x: Any) -> Any:
    """Of a negative order -k, larger than the degree: a polynomial beside a power."""
    with m.extraprec(GUARD_BITS):
        power = m.sqrt((1 - x) / (1 + x)) ** k
        value = power * m.hyp2f1(-degree, degree + 1, k + 1, (1 - x) / 2) / m.factorial(k)
    return +value


def _hermite(m: Any, n: Any, x: Any) -> Any:
    with m.extraprec(GUARD_BITS):
        value = m.mpf(2) ** (-n / 2) * m.hermite(n, x / m.sqrt(2))
    return +value


hermitenorm = polynomial("hermitenorm", _hermite)


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
