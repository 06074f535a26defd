"""Gamma functions in balls: what a row's `arb` needs beyond a ball's own methods.

Each function takes the context of an enclosure (gradcli.backends.arb.context.Balls) and balls, as the `arb` of a row
does. A comparison of balls is true where it certainly is; `a.less`, `a.whole` raise where the balls are too wide to
tell. What is not finite says that nothing is known.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

GUARD_BITS = 20  # what the last steps of a composition lose
MAX_EXTRA = 10_000  # bits that a small distance to a zero may cost
RISING = 1.5  # from there on the gamma function rises
MANY = 1_000  # factors of a product of whole steps
MAX_ORDER = 2_000  # of a derivative
MAX_SERIES = 200  # the order of a derivative by series: the time grows with its square
WIDE = 30  # bits that a wide ball's middle has right at most

Function = Callable[..., Any]


def after_zero(function: Function) -> Function:
    """The function where its last argument is positive, and no value elsewhere."""

    def call(a: Any, *args: Any) -> Any:
        return function(a, *args) if a.less(0, args[-1]) else None

    return call


def lost(distance: Any) -> int:
    """The bits that a value loses near to its zero, relative to itself."""
    if not distance.is_finite():
        return 0
    mantissa, exponent = distance.mid().man_exp()
    return min(MAX_EXTRA, max(0, -int(exponent) - int(mantissa).bit_length()))


def is_pole(x: Any) -> bool:
    """Whether a ball is exactly one of 0, -1, -2, ..."""
    return bool(x.is_integer() and x <= 0)


def is_wide(*balls: Any) -> bool:
    """Whether a ball is so wide that arb's series in it are slow and say little."""
    return any(ball.rel_accuracy_bits() < WIDE for ball in balls)


def by_ends(a: Any, x: Any, function: Function) -> Any:
    """A function that rises or falls all along a ball, of it: a wide one's by the ends."""
    return a.hull(function(x.lower()), function(x.upper())) if is_wide(x) else function(x)


# The gamma function


def gamma(a: Any, x: Any) -> Any:
    """The gamma function."""
    if is_pole(x):
        return None
    return by_ends(a, x, lambda end: end.gamma()) if x > RISING else x.gamma()


def rgamma_derivative(a: Any, n: Any, x: Any) -> Any:
    """The n-th derivative of 1 by the gamma function, which has no poles."""
    order = a.whole(n)
    if order is None or order < 0:
        return None
    return derivative(a, x, order, lambda series: series.rgamma())


def derivative(a: Any, x: Any, order: int, function: Function) -> Any:
    """The derivative of a function of series."""
    if order > MAX_SERIES:
        return a.arb.nan()
    context = a.flint.ctx
    before, context.cap = context.cap, order + 1
    try:
        return function(a.flint.arb_series([x, 1]))[order] * a.arb(order).fac()
    finally:
        context.cap = before


def log_gamma(a: Any, x: Any) -> Any:
    """The logarithm of the gamma function's size; left of 0 by reflection."""
    if is_pole(x):
        return None
    if a.less(0, x):
        with a.extra(max(lost(x - 1), lost(x - 2))):
            return by_ends(a, x, lambda end: end.lgamma()) if x > RISING else x.lgamma()
    return a.pi.log() - abs(x.sin_pi()).log() - (1 - x).lgamma()


def polygamma(a: Any, n: Any, x: Any) -> Any:
    """The derivative of order n + 1 of the logarithm of the gamma function."""
    order = a.whole(n)
    if order is None or order < 0 or is_pole(x):
        return None
    if order > MAX_ORDER:
        return a.arb.nan()

    def value(end: Any) -> Any:
        return a.acb(end).polygamma(order).real if order else end.digamma()

    # All derivatives of an odd order are positive, and on the right of 0 each has one sign.
    return by_ends(a, x, value) if x > 0 or (not order % 2 and not x.contains_integer()) else value(x)


def beta(a: Any, p: Any, q: Any) -> Any:
    """The beta function."""
    if is_pole(p) or is_pole(q):
        return None
    if p > 0 and q > 0 and is_wide(p, q):  # it falls in both
        return a.hull(beta(a, p.lower(), q.lower()), beta(a, p.upper(), q.upper()))
    return p.gamma() * q.gamma() * (p + q).rgamma()


def log_beta(a: Any, p: Any, q: Any) -> Any:
    """The logarithm of the beta function's size."""
    if p > 0 and q > 0 and is_wide(p, q):
        return a.hull(log_beta(a, p.lower(), q.lower()), log_beta(a, p.upper(), q.upper()))
    with a.extra(GUARD_BITS):
        parts = [log_gamma(a, x) for x in (p, q, p + q)]
        return None if any(part is None for part in parts) else parts[0] + parts[1] - parts[2]


def binomial(a: Any, n: Any, k: Any) -> Any:
    """The binomial coefficient; at the poles of its gamma functions in the limit, as mpmath has it."""
    if k.is_integer() and 0 <= k <= MANY:
        return _product(a, n, a.whole(k))
    if n.is_integer() and n < 0:
        return _negative_binomial(a, n, k)
    rest = n - k
    if n.is_integer() and rest.is_integer() and 0 <= rest <= MANY:
        return _product(a, n, a.whole(rest))
    with a.extra(GUARD_BITS):
        return (n + 1).gamma() * (k + 1).rgamma() * (n - k + 1).rgamma()


def _product(a: Any, n: Any, k: int) -> Any:
    """n*(n - 1)*...*(n - k + 1)/k!, exact for a small whole n, whose steps need not have the working precision."""
    if not n.is_integer() or abs(n) > MANY:
        return n.bin(k)
    top = a.whole(n)
    return a.number(math.comb(top, k) if top >= 0 else (-1) ** k * math.comb(k - top - 1, k))


def _negative_binomial(a: Any, n: Any, k: Any) -> Any:
    """The binomial coefficient of a negative whole n, where k is none of 0, 1, 2, ..."""
    if not k.contains_integer():
        return None
    rest = n - k
    if not k.is_integer() or k >= 0 or not rest.is_integer() or rest > MANY:
        return a.arb.nan()
    if rest < 0:
        return a.arb(0)
    value = _product(a, -k - 1, a.whole(rest))
    return -value if a.whole(rest) % 2 else value


def rising(a: Any, x: Any, n: Any) -> Any:
    """The rising factorial."""
    if n.is_integer() and abs(n) <= MANY:
        if n >= 0:
            return x.rising(a.whole(n))
        below = (x + n).rising(-a.whole(n))
        return None if below == 0 else 1 / below
    if is_pole(x + n):
        return a.arb.nan() if x.contains_integer() else None
    with a.extra(GUARD_BITS):
        return (x + n).gamma() * x.rgamma()


def harmonic(a: Any, x: Any) -> Any:
    """The harmonic numbers."""
    if is_pole(x + 1):
        return None
    if x.is_integer() and 0 <= x <= MANY:
        return a.arb(a.flint.fmpq.harmonic(a.whole(x)))
    with a.extra(lost(x)):
        return polygamma(a, a.arb(0), x + 1) + a.euler
