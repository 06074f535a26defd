"""Powers, roots and logarithms to a whole base of balls in plain Python."""

from __future__ import annotations

from typing import Any

from mpmath import libmp

from gradcli.backends.mp import bounds
from gradcli.backends.mp.elementary import GUARD, LARGEST, believed, monotone, more
from gradcli.backends.mp.number import ctx

FIXED = 20  # a root up to this degree is mpmath's Newton iteration; beyond, it is a power
MOST_POWER = 10_000  # of a whole base, that a number is compared with


def power(x: Any, y: Any) -> Any:
    """x**y for real results, as FLINT has it: 0**0 is 1, and a ball around a whole number is none."""
    if not x.is_finite() or not y.is_finite():
        return x.nan()
    if y.is_integer():
        return _whole_power(x, y.man << y.exponent if y.exponent >= 0 else y.man >> -y.exponent)
    if y.is_exact() and (2 * y).is_integer():
        with more(GUARD):
            found = power(monotone("sqrt")(x), 2 * y)
        return +found
    if x > 0:
        with more(GUARD):
            large = y * monotone("log")(x)
            lost = large.man.bit_length() + large.exponent
        if lost > LARGEST:
            return x.nan()
        with more(GUARD + max(0, lost)):
            found = monotone("exp")(y * monotone("log")(x))
        return +found
    if not x >= 0 or not y > 0:
        return x.nan()
    return x if x.is_zero() else x.exactly(0, 0).union(power(x.upper(), y))


def _whole_power(x: Any, n: int) -> Any:
    if n < 0:
        with more(GUARD):
            found = 1 / _whole_power(x, -n)
        return +found
    if n == 0:
        return x.exactly(1, 0)
    if x.is_zero() or n == 1:
        return x
    if n.bit_length() > LARGEST:
        return x.nan()
    if x.is_exact():
        return _exact_power(x, n)
    with more(2 * bounds.BITS):
        low, high = x.lower(), x.upper()
    if n % 2 == 0 and x.contains(0):
        return x.exactly(0, 0).union(_exact_power(abs(low), n)).union(_exact_power(high, n))
    return _exact_power(low, n).union(_exact_power(high, n))


def _exact_power(x: Any, n: int) -> Any:
    man, exp = (int(part) for part in x.man_exp())
    if abs(man) == 1 or man.bit_length() * n <= ctx.prec:
        return x.exactly(man**n, exp * n)
    return believed(x, libmp.mpf_pow_int(x._mpf_, n, ctx.prec + GUARD))


def root(x: Any, n: int) -> Any:
    """The n-th root of a ball of numbers >= 0."""
    if not x >= 0:
        return x.nan()
    if x.is_zero() or n == 1:
        return x
    if not x > 0:
        return x.exactly(0, 0).union(root(x.upper(), n))
    if n > FIXED:
        with more(GUARD + x.size()[1].bit_length()):
            found = monotone("exp")(monotone("log")(x) / n)
        return +found
    with more(2 * bounds.BITS):
        ends = x.lower(), x.upper()
    low, high = (believed(x, libmp.mpf_nthroot(end._mpf_, n, ctx.prec + GUARD)) for end in ends)
    return low.union(high)


def log_base(x: Any, base: int) -> Any:
    """The logarithm to a whole base, exact at its powers."""
    with more(GUARD):
        found = monotone("log")(x) / monotone("log")(x.exactly(base, 0))
    if x.is_exact() and found.is_finite():
        count = found.unique_fmpz()
        if count is not None and abs(count) < MOST_POWER and x * base ** max(0, -count) == base ** max(0, count):
            return x.exactly(int(count), 0)
    return +found
