"""Enclosures of orthogonal polynomials, of their continuations to any degree, of Legendre's associated functions."""

from __future__ import annotations

from fractions import Fraction
from math import factorial
from typing import Any

from gradcli.functions.precise import Function
from gradcli.functions.precise.polynomials import STEPS, reflected

MAX_EXACT_DEGREE = 32  # by fractions, which grow with the degree
MAX_EXACT_BITS = 1_000  # of an argument there
MAX_DEGREE = 100_000  # flint takes time in proportion to it


def polynomial(name: str, elsewhere: Function) -> Function:
    """A family: exact for exact arguments and small degrees, negative ones reflected; `elsewhere` gives all others."""
    step = STEPS[name]

    def call(a: Any, n: Any, *args: Any) -> Any:
        degree = a.whole(n)
        if degree is None:
            return elsewhere(a, n, *args)
        if degree < 0:
            return _reflected(a, name, degree, *args)
        exact = _exact(degree, args)
        if exact is not None:
            before, value = Fraction(0), Fraction(1)
            for k in range(degree):
                before, value = value, step(k, value, before, *exact)
            return a.number(value)
        return elsewhere(a, n, *args) if degree <= MAX_DEGREE else a.arb.nan()

    def _reflected(a: Any, name: str, degree: int, *args: Any) -> Any:
        parameter = None
        if name == "gegenbauer":
            twice = 2 * args[0]
            whole = a.whole(twice)
            if whole is None and not twice.is_exact() and twice.contains_integer():
                return a.arb.nan()
            parameter = Fraction(whole or 0, 2)
        sign, other = reflected(name, degree, parameter)
        return sign * call(a, a.arb(other), *args) if sign else a.arb(0)

    return call


def _exact(degree: int, args: tuple[Any, ...]) -> list[Fraction] | None:
    """The arguments as fractions, where these stay short."""
    if degree > MAX_EXACT_DEGREE or not all(arg.is_exact() for arg in args):
        return None
    found = []
    for arg in args:
        mantissa, exponent = (int(part) for part in arg.man_exp())
        if mantissa.bit_length() + abs(exponent) > MAX_EXACT_BITS:
            return None
        found.append(Fraction(mantissa) * Fraction(2) ** exponent)
    return found


def _legendre(a: Any, n: Any, x: Any) -> Any:
    return x.legendre_p(n) if n.is_integer() or a.less(-1, x) else None


def _chebyshevt(a: Any, n: Any, x: Any) -> Any:
    return None if x < -1 and not n.is_integer() else x.chebyshev_t(n)


def _chebyshevu(a: Any, n: Any, x: Any) -> Any:
    return x.chebyshev_u(n) if n.is_integer() or a.less(-1, x) else None


def hermitenorm_function(a: Any, n: Any, x: Any) -> Any:
    """The function of any real degree that continues the polynomials He from the degrees 0, 1, 2, ... DLMF 18.7.11."""
    return (x / a.arb(2).sqrt()).hermite_h(n) * a.arb(2) ** (-n / 2)


def _gegenbauer(a: Any, n: Any, p: Any, x: Any) -> Any:
    """Of another degree, by the form that has no pole where 2*p is 0, -1, -2, ... DLMF 15.9.2."""
    if n.is_integer():
        return x.gegenbauer_c(n, p)
    if x < -1:
        return None
    series = ((1 - x) / 2).hypgeom_2f1(-n, n + 2 * p, p + a.arb(1) / 2, regularized=True)
    return (n + 2 * p).gamma() * (n + 1).rgamma() * p.rgamma() * a.pi.sqrt() * a.arb(2) ** (1 - 2 * p) * series


def _jacobi(a: Any, n: Any, p: Any, q: Any, x: Any) -> Any:
    return None if x < -1 and not n.is_integer() else x.jacobi_p(n, p, q)


legendre = polynomial("legendre", _legendre)
chebyshevt = polynomial("chebyshevt", _chebyshevt)
chebyshevu = polynomial("chebyshevu", _chebyshevu)
hermite = polynomial("hermite", lambda a, n, x: x.hermite_h(n))
hermitenorm = polynomial("hermitenorm", hermitenorm_function)
laguerre = polynomial("laguerre", lambda a, n, x: x.laguerre_l(n, 0))
genlaguerre = polynomial("genlaguerre", lambda a, n, p, x: x.laguerre_l(n, p))
gegenbauer = polynomial("gegenbauer", _gegenbauer)
_polynomial_of_jacobi = polynomial("jacobi", _jacobi)


def jacobi(a: Any, n: Any, p: Any, q: Any, x: Any) -> Any:
    """Jacobi's polynomials and functions, of parameters above -1."""
    return _polynomial_of_jacobi(a, n, p, q, x) if a.less(-1, p) and a.less(-1, q) else None


def assoc_legendre(a: Any, n: Any, m: Any, x: Any) -> Any:
    """The associated function of whole degree and order, for -1 <= x <= 1. DLMF 14.3.1, 14.7.14, 14.9.3."""
    degree, order = a.whole(n), a.whole(m)
    if degree is None or order is None or a.less(x, -1) or a.less(1, x):
        return None
    degree, size = max(degree, -1 - degree), abs(order)
    if max(degree, size) > MAX_DEGREE:
        return a.arb.nan()
    if size > degree:
        return a.arb(0) if order > 0 else _beyond(a, degree, size, x)
    value = gegenbauer(a, a.arb(degree - size), size + a.arb(1) / 2, x)
    for k in range(1, 2 * size, 2):
        value = value * -k
    if order < 0:
        value = value * a.number(Fraction((-1) ** size * factorial(degree - size), factorial(degree + size)))
    return value * _power(a, (1 - x) * (1 + x), size)


def _beyond(a: Any, degree: int, size: int, x: Any) -> Any:
    """Of a negative order larger than the degree."""
    if x == -1:
        return None
    series = ((1 - x) / 2).hypgeom_2f1(-degree, degree + 1, size + 1)
    return _power(a, (1 - x) / (1 + x), size) * series / a.arb(size).fac()


def _power(a: Any, square: Any, size: int) -> Any:
    """The size-th power of a number >= 0 of this square."""
    return square ** (size // 2) * (square.nonnegative_part().sqrt() if size % 2 else 1)
