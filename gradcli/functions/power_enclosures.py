"""The enclosures of powers, roots, logarithms of sums, and of what they come to at removable points."""

from __future__ import annotations

from typing import Any

from gradcli.functions.enclosures import Ball, ends, exact, magnitude, perfect_root, unknown, up_to

MOST_HALVINGS = 10  # of the exponent p/2**k of a power that is looked for among the dyadic numbers
LARGEST_DEGREE = 2**31  # of a root that FLINT takes as such


def power(a: Any, x: Ball, y: Ball) -> Ball | None:
    """x**y for real results; 0**0 is 1."""
    if not x.is_finite() or not y.is_finite():
        return unknown(a)
    if y.is_integer():
        return _whole_power(a, x, y)
    if x > 0:
        found = _dyadic_power(a, x, y)
        return x**y if found is None else found
    if x.is_zero():
        return a.arb(0) if y > 0 else None if y < 0 else unknown(a)
    if x < 0:
        return unknown(a) if y.contains_integer() else None
    if x >= 0 and y > 0:
        return up_to(a, x.upper() ** y)
    return unknown(a)


def _whole_power(a: Any, x: Ball, y: Ball) -> Ball | None:
    if y.is_zero():
        return a.arb(1)
    if not x.contains(0):
        return x**y
    if y < 0:
        return None if x.is_zero() else unknown(a)
    if x.is_zero():
        return x
    if (y / 2).is_integer():
        return up_to(a, magnitude(a, x).upper() ** y)
    return (x.lower() ** y).union(x.upper() ** y)


def _dyadic_power(a: Any, x: Ball, y: Ball) -> Ball | None:
    """x**(p/2**k), where it is a root's power exactly."""
    if not y.is_exact() or (2 * y).is_integer():  # halves are exact in FLINT
        return None
    exponent = exact(y) if x.is_exact() else None
    if exponent is None or exponent.denominator > 2**MOST_HALVINGS:
        return None
    root = perfect_root(a, x, exponent.denominator)
    return None if root is None else root ** a.number(exponent.numerator)


def square(a: Any, x: Ball) -> Ball:
    """x**2, never negative."""
    return x * x if x.is_exact() else _whole_power(a, x, a.arb(2)) if x.contains(0) else x**2


def hypot(a: Any, x: Ball, y: Ball) -> Ball:
    """The length of a vector."""
    return (square(a, x) + square(a, y)).nonnegative_part().sqrt()


def positive_root(a: Any, x: Ball, n: int) -> Ball:
    """The n-th root of a ball of numbers >= 0, n >= 1."""
    if x.is_zero():
        return x
    found = perfect_root(a, x, n)
    if found is not None:
        return found
    if x > 0:
        return x.root(n) if n < LARGEST_DEGREE else x ** (1 / a.number(n))
    return up_to(a, positive_root(a, x.upper(), n)) if x >= 0 else unknown(a)


def odd_root(a: Any, x: Ball, n: int) -> Ball:
    """The real n-th root for odd n >= 1, which is increasing."""
    if x >= 0:
        return positive_root(a, x, n)
    if x <= 0:
        return -positive_root(a, -x, n)
    return unknown(a) if not x.is_finite() else odd_root(a, x.lower(), n).union(odd_root(a, x.upper(), n))


def root(a: Any, x: Ball, n: Ball) -> Ball | None:
    """The real n-th root; for n that is not a whole number the power x**(1/n)."""
    if n.is_zero():
        return None
    if not n.is_integer():
        return power(a, x, 1 / n) if x > 0 or not n.contains_integer() else unknown(a)
    degree = int(n.unique_fmpz())
    if x.is_zero():
        return x if degree > 0 else None
    if degree % 2:
        found = odd_root(a, x, abs(degree))
    elif x < 0:
        return None
    else:
        found = positive_root(a, x, abs(degree))
    return found if degree > 0 else 1 / found


def log_base(a: Any, x: Ball, b: Ball) -> Ball | None:
    """log(x)/log(b), exact at the powers of a whole base."""
    if x <= 0 or b <= 0 or b == 1:
        return None
    whole = int(b.unique_fmpz()) if b.is_integer() else 0
    return x.log_base(whole) if 2 <= whole < LARGEST_DEGREE else x.log() / b.log()


def logaddexp(a: Any, x: Ball, y: Ball) -> Ball:
    """log(exp(x) + exp(y)), increasing in both."""
    if x >= y:
        return x + (y - x).exp().log1p()
    if y >= x:
        return y + (x - y).exp().log1p()
    if not x.is_finite() or not y.is_finite():
        return unknown(a)
    return logaddexp(a, x.lower(), y.lower()).union(logaddexp(a, x.upper(), y.upper()))


def softplus(a: Any, x: Ball) -> Ball:
    """log(1 + exp(x))."""
    return logaddexp(a, x, a.arb(0))


def exprel(a: Any, x: Ball) -> Ball:
    """(exp(x) - 1)/x, the mean of exp between 0 and x: increasing."""
    return ends(a, lambda end: a.arb(1) if end.is_zero() else end.expm1() / end, x)


def log1prel(a: Any, x: Ball) -> Ball | None:
    """log(1 + x)/x, the mean of 1/(1 + t) between 0 and x: decreasing."""
    if x <= -1:
        return None
    return ends(a, lambda end: a.arb(1) if end.is_zero() else None if end <= -1 else end.log1p() / end, x)


def boxcox(a: Any, x: Ball, lmbda: Ball) -> Ball | None:
    """(x**lmbda - 1)/lmbda, and log(x) where lmbda is 0."""
    return _boxcox_of_log(a, x, lmbda, "log", 0)


def boxcox1p(a: Any, x: Ball, lmbda: Ball) -> Ball | None:
    """boxcox(1 + x, lmbda), accurate near 0."""
    return _boxcox_of_log(a, x, lmbda, "log1p", -1)


def _boxcox_of_log(a: Any, x: Ball, lmbda: Ball, log: str, edge: int) -> Ball | None:
    if x < edge or (x <= edge and lmbda <= 0):
        return None
    if x > edge:
        logarithm = getattr(x, log)()
        return logarithm * exprel(a, lmbda * logarithm)
    if x >= edge and lmbda > 0:  # increasing in x, from its value at the edge on
        at_edge = -1 / lmbda
        if x <= edge:
            return at_edge
        above = _boxcox_of_log(a, x.upper(), lmbda, log, edge)
        return at_edge.union(above)
    return unknown(a)


def inv_boxcox_log(a: Any, y: Ball, lmbda: Ball) -> Ball | None:
    """The logarithm of the number whose Box-Cox transformation is y."""
    product = lmbda * y
    factor = log1prel(a, product)
    return None if factor is None else y * factor


def powm1(a: Any, x: Ball, y: Ball) -> Ball | None:
    """x**y - 1 for x >= 0; at y = 0 for other x, too."""
    if x > 0:
        return (y * x.log()).expm1()
    if x < 0:
        return a.arb(0) if y.is_zero() else unknown(a) if y.contains(0) else None
    if x.is_zero():
        return a.arb(-1) if y > 0 else None if y <= 0 else unknown(a)
    return up_to(a, x.upper() ** y) - 1 if x >= 0 and y > 0 else unknown(a)


def log_product(a: Any, x: Ball, y: Ball, log: str, edge: int) -> Ball | None:
    """x*log(y), or with log1p, which is 0 where x is 0."""
    if x.is_zero():
        return x
    if y > edge:
        return x * getattr(y, log)()
    return unknown(a) if x.contains(0) or not y <= edge else None


def entr(a: Any, x: Ball) -> Ball | None:
    """-x*log(x), which is 0 at 0: it rises up to 1/e, and falls from there."""
    if x.is_zero():
        return x
    if x < 0:
        return None
    if x > 0:
        return -x * x.log()
    if not x >= 0 or not x.is_finite():
        return unknown(a)
    top, end = x.upper(), entr(a, x.upper())
    return up_to(a, end) if top * a.e <= 1 else up_to(a, 1 / a.e).union(end)


def rel_entr(a: Any, x: Ball, y: Ball) -> Ball | None:
    """x*log(x/y), which is 0 where x is 0."""
    if x < 0 or y < 0:
        return None
    if x.is_zero():
        return x if y >= 0 else unknown(a)
    if x > 0:
        return None if y.is_zero() else x * (x / y).log()
    return -(entr(a, x) + x * y.log()) if x >= 0 and y > 0 else unknown(a)


def kl_div(a: Any, x: Ball, y: Ball) -> Ball | None:
    """x*log(x/y) - x + y."""
    entropy = rel_entr(a, x, y)
    return None if entropy is None else entropy - x + y
