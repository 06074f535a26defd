"""Zeta functions, polylogarithms, integrals and Lambert's W in balls."""

from __future__ import annotations

from typing import Any

from gradcli.functions.precise.enclosed import GUARD_BITS, Function, by_ends, derivative, is_wide, lost

MAX_DEGREE = 1_000  # of a Bernoulli polynomial
MAX_EXACT = 4_096  # bits of a polynomial's value, up to which it is computed exactly
HIGH_ORDER = 8  # from there on arb's polylogarithm loses its digits, and the series is short
MAX_TERMS = 1_000  # of that series, some milliseconds
MAX_EULERIAN = 50  # the lowest order whose polylogarithm is computed as the quotient that it is
MAX_EXPONENT = 2**100  # of Hurwitz's zeta function: of larger ones arb finds nothing, after half a minute
LARGE = 100  # a sum w + log(w) that is mostly w


# Zeta functions


def zeta(a: Any, n: Any, s: Any, q: Any) -> Any:
    """The n-th derivative by s of the Hurwitz zeta function, for q > 0."""
    order = a.whole(n)
    if order is None or order < 0 or not a.less(0, q) or s == 1:
        return None
    if q != 1 and abs(s) > MAX_EXPONENT:
        return a.arb.nan()
    if not order:
        return _zeta(a, s, q)
    return derivative(a, s, order, lambda series: series.zeta(q))


def _zeta(a: Any, s: Any, q: Any) -> Any:
    if q == 1:
        return by_ends(a, s, lambda end: end.zeta()) if s > 1 else s.zeta()
    return by_ends(a, q, lambda end: s.zeta(end)) if s > 1 else s.zeta(q)


def zeta_minus_1(a: Any, s: Any) -> Any:
    """zeta(s) - 1."""
    if s == 1:
        return None
    if s > 1:
        return by_ends(a, s, lambda end: end.zeta(2))
    return s.zeta() - 1 if s < 0 else s.zeta(2)


def eta(a: Any, s: Any) -> Any:
    """The alternating zeta function."""
    with a.extra(lost(s - 1)):
        return a.acb(s).dirichlet_eta().real


def appell(name: str) -> Function:
    """A family of polynomials that flint has (bernoulli, euler)."""

    def call(a: Any, n: Any, x: Any) -> Any:
        degree = a.whole(n)
        if degree is None or degree < 0:
            return None
        if degree > MAX_DEGREE or not x.is_finite():
            return a.arb.nan()
        polynomial = getattr(a.flint.fmpq_poly, f"{name}_poly")(degree)
        mantissa, exponent = x.mid().man_exp()
        if x.is_exact() and degree * (int(mantissa).bit_length() + abs(int(exponent))) < MAX_EXACT:
            power = a.flint.fmpq(2) ** abs(int(exponent))
            return a.arb(polynomial(mantissa * power if exponent >= 0 else mantissa / power))
        value = a.arb(0)
        for coefficient in reversed(polynomial.coeffs()):
            value = value * x + a.arb(coefficient)
        return value

    return call


# Polylogarithms


def polylog(a: Any, s: Any, x: Any) -> Any:
    """The polylogarithm for x <= 1."""
    if not (s.is_finite() and x.is_finite()):
        return a.arb("nan")
    if x == 1:
        return s.zeta() if a.less(1, s) else None
    if not a.less(x, 1):
        return None
    if x == 0:
        return a.arb(0)
    if s == 1:
        return -(-x).log1p()
    if s.is_integer() and -MAX_EULERIAN <= s <= 0:
        return _rational_polylog(a, -a.whole(s), x)
    return by_ends(a, x, lambda end: _polylog(a, s, end)) if s > 1 else _polylog(a, s, x)


def _polylog(a: Any, s: Any, x: Any) -> Any:
    value = _series(a, s, x) if s > HIGH_ORDER and abs(x) <= 1 else None
    return x.polylog(s) if value is None else value


def _rational_polylog(a: Any, n: int, x: Any) -> Any:
    """The polylogarithm of order -n: x by a power of 1 - x, times the Eulerian polynomial."""
    numbers = [1]
    for row in range(2, n + 1):
        numbers = [
            (k + 1) * right + (row - k) * left for k, (right, left) in enumerate(zip([*numbers, 0], [0, *numbers]))
        ]
    value = a.arb(0)
    for number in numbers:
        value = value * x + number
    return value * x / (1 - x) ** (n + 1)


def _series(a: Any, s: Any, x: Any) -> Any:
    """The sum that the polylogarithm is, for s > 1 and -1 <= x <= 1, and a bound of the rest; None where it is long."""
    with a.extra(GUARD_BITS):
        total, power, size = a.arb(0), a.arb(1), abs(x)
        for k in range(1, MAX_TERMS):
            power = power * x
            term = power * a.arb(k) ** -s
            total = total + term
            integral = abs(term) * (k / (s - 1))  # of the terms as if x stayed the same
            rest = integral.min(abs(term) * size / (1 - size)) if size < 1 else integral
            bound = rest.upper()
            if bound <= size * a.arb(2) ** -a.bits:
                return total + (-bound).union(bound)
    return None


def clausen(part: str) -> Function:
    """The polylogarithm's part on the unit circle: "real", the cosine sum, or "imag", the sine sum."""

    def call(a: Any, s: Any, x: Any) -> Any:
        if x == 0:
            if part == "imag":
                return a.arb(0)
            return s.zeta() if a.less(1, s) else None
        if s.is_integer() and s <= 0 and (part == "imag") == bool(a.whole(s) % 2):
            # What is the same for all x, but no value at the multiples of 2*pi.
            value = a.arb(-1) / 2 if s == 0 else a.arb(0)
            return value if abs((x / 2).sin()) > 0 else a.arb.nan()
        with a.extra(lost((x / 2).sin())):
            if s == 1 and part == "real":
                return -abs(2 * (x / 2).sin()).log()
            return getattr(a.acb(0, x).exp().polylog(s), part)

    return call


# Integrals


def ei(a: Any, x: Any) -> Any:
    """The exponential integral."""
    if x == 0:
        return None
    return x.ei() if x.contains(0) else by_ends(a, x, lambda end: end.ei())


def expint(a: Any, n: Any, x: Any) -> Any:
    """The exponential integral of order n, which falls in both."""
    if x == 0:
        return 1 / (n - 1) if a.less(1, n) else None
    if not a.less(0, x):
        return None
    if is_wide(n, x):
        return a.hull(x.lower().expint(n.lower()), x.upper().expint(n.upper()))
    return x.expint(n)


def li(a: Any, x: Any, offset: bool = False) -> Any:
    """The logarithmic integral from 0, or from 2."""
    if x == 0:
        return x.li(offset=offset)
    if not a.less(0, x) or x == 1:
        return None
    return x.li(offset=offset) if x.contains(1) else by_ends(a, x, lambda end: end.li(offset=offset))


def shi(a: Any, x: Any) -> Any:
    """The hyperbolic sine integral."""
    return by_ends(a, x, lambda end: end.shi())


def chi(a: Any, x: Any) -> Any:
    """The hyperbolic cosine integral."""
    return by_ends(a, x, lambda end: end.chi()) if a.less(0, x) else None


# Lambert's W


def lambertw(a: Any, x: Any, k: Any) -> Any:
    """The solution of w*exp(w) = x on its real branches."""
    branch = a.whole(k)
    if branch not in (0, -1) or (branch and not a.less(x, 0)) or x < -1 / a.e:
        return None
    return by_ends(a, x, lambda end: end.lambertw(branch))


def wrightomega(a: Any, x: Any) -> Any:
    """The solution w of w + log(w) = x; where it is large w -> x - log(w) shrinks a ball around it."""
    if not x > LARGE:
        return by_ends(a, x, lambda end: end.exp().lambertw())
    with a.extra(GUARD_BITS):
        w = (x - x.log()).union(x)
        for _ in range(a.bits):
            following = x - w.log()
            if not following.rad() < w.rad():
                break
            w = following
    return w
