"""Incomplete gamma and beta functions in balls."""

from __future__ import annotations

from typing import Any

from gradcli.functions.precise.enclosed import GUARD_BITS, by_ends, is_wide

LARGE_SHAPE = 8  # from there on the lower incomplete gamma function of arb loses its digits
MAX_TERMS = 20_000  # of a series, some 10 ms


def _lower(a: Any, shape: Any, x: Any, complete: Any) -> Any:
    """The lower incomplete gamma function for x > 0, by that of the whole line (1, or gamma(shape))."""
    if not shape > LARGE_SHAPE:
        return None
    with a.extra(GUARD_BITS):
        if not x <= shape:
            return (1 - x.gamma_upper(shape, 1)) * complete
        total = term = a.arb(1)
        for k in range(1, MAX_TERMS):
            ratio = x / (shape + k)
            term = term * ratio
            total = total + term
            if not ratio < 1:
                break
            rest = (term * ratio / (1 - ratio)).upper()  # the terms fall faster than a geometric series
            if rest < total * a.arb(2) ** -a.bits:
                total = total + a.arb(0).union(rest)
                return total * (shape * x.log() - x - (shape + 1).lgamma()).exp() * complete
    return None


def lower_gamma(a: Any, shape: Any, x: Any, regularized: bool = True) -> Any:
    """The lower incomplete gamma function, by the gamma function or not."""
    if not a.less(0, shape):
        return None
    if x == 0:
        return a.arb(0)
    if not a.less(0, x):
        return None
    if is_wide(shape, x):  # a distribution function: it falls in its shape
        ends = (lower_gamma(a, shape.upper(), x.lower()), lower_gamma(a, shape.lower(), x.upper()))
        return a.hull(*ends) * (1 if regularized else shape.gamma())
    value = _lower(a, shape, x, 1 if regularized else shape.gamma())
    return x.gamma_lower(shape, int(regularized)) if value is None else value


def upper_gamma(a: Any, shape: Any, x: Any) -> Any:
    """The upper incomplete gamma function by the gamma function."""
    if not a.less(0, shape):
        return None
    if x == 0:
        return a.arb(1)
    if not a.less(0, x):
        return None
    if is_wide(shape, x):
        return a.hull(x.upper().gamma_upper(shape.lower(), 1), x.lower().gamma_upper(shape.upper(), 1))
    return x.gamma_upper(shape, 1)


def whole_upper_gamma(a: Any, shape: Any, x: Any) -> Any:
    """The upper incomplete gamma function, for any first argument."""
    if x == 0:
        return shape.gamma() if a.less(0, shape) else None
    return by_ends(a, x, lambda end: end.gamma_upper(shape)) if a.less(0, x) else None


def _beta_tail(p: Any, q: Any, x: Any, lower: bool) -> Any:
    """The incomplete beta function or 1 - it, by the tail on this side of the mean: beyond it arb's series is slow."""
    rest = 1 - x
    if x * (p + q) > p and rest > 0:
        tail, is_lower = rest.beta_lower(q, p, 1), False
    else:
        tail, is_lower = x.beta_lower(p, q, 1), True
    return tail if is_lower is lower else 1 - tail


def incomplete_beta(a: Any, p: Any, q: Any, x: Any, lower: bool = True) -> Any:
    """The incomplete beta function by the beta function, or 1 - it."""
    if not a.less(0, p) or not a.less(0, q):
        return None
    if x == 0:
        return a.arb(0 if lower else 1)
    if x == 1:
        return a.arb(1 if lower else 0)
    if not a.less(0, x) or not a.less(x, 1):
        return None
    if not is_wide(p, q, x):
        return _beta_tail(p, q, x, lower)
    # A distribution function: it falls in p and rises in q.
    ends = (p.upper(), q.lower(), x.lower()), (p.lower(), q.upper(), x.upper())
    return a.hull(*(_beta_tail(*end, lower) for end in ends))
