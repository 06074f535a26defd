"""Enclosures of hypergeometric functions and of those of Whittaker and the parabolic cylinder."""

from __future__ import annotations

from typing import Any

from gradcli.functions.precise.polynomial_enclosures import hermitenorm, hermitenorm_function


def _ends(a: Any, b: Any) -> int | None:
    """The number of a term that is the last, or has a zero below: n where b is -n."""
    order = a.whole(b) if not b > 0 else None
    return -order if order is not None and order <= 0 else None


def hyp0f1(a: Any, b: Any, x: Any) -> Any:
    """0F1, but for b = 0, -1, -2, ..."""
    return None if _ends(a, b) is not None else x.hypgeom_0f1(b)


def hyp1f1(a: Any, p: Any, b: Any, x: Any) -> Any:
    """1F1, but for b = 0, -1, -2, ... unless the series ends before its pole."""
    pole = _ends(a, b)
    if pole is not None:
        last = _ends(a, p)
        if last is None or last > pole:
            return None
    return x.hypgeom_1f1(p, b)


def hyp2f1(a: Any, p: Any, q: Any, c: Any, x: Any) -> Any:
    """2F1, for x < 1, and further where it is a polynomial or a rational function."""
    pole = _ends(a, c)
    if pole is not None:
        lasts = [last for last in (_ends(a, p), _ends(a, q)) if last is not None]
        if not lasts or min(lasts) > pole:
            return None
        return x.hypgeom_2f1(p, q, c)
    if x < 1 or _ends(a, p) is not None or _ends(a, q) is not None:
        return x.hypgeom_2f1(p, q, c)
    if not a.less(1, x):  # it is 1
        return x.hypgeom_2f1(p, q, c) if a.less(p + q, c) else None
    power = a.whole(c - p - q)  # Euler's transformation: DLMF 15.8.1
    if power is None or (_ends(a, c - p) is None and _ends(a, c - q) is None):
        return None
    return (1 - x) ** power * x.hypgeom_2f1(c - p, c - q, c)


def hyperu(a: Any, p: Any, b: Any, x: Any) -> Any:
    """U, for x > 0."""
    return x.hypgeom_u(p, b) if a.less(0, x) else None


def whitm(a: Any, k: Any, m: Any, x: Any) -> Any:
    """Whittaker's M, for x > 0. DLMF 13.14.2."""
    return _whittaker(a, k, m, x, hyp1f1)


def whitw(a: Any, k: Any, m: Any, x: Any) -> Any:
    """Whittaker's W, for x > 0. DLMF 13.14.3."""
    return _whittaker(a, k, m, x, hyperu)


def _whittaker(a: Any, k: Any, m: Any, x: Any, kummer: Any) -> Any:
    if not a.less(0, x):
        return None
    half = a.arb(1) / 2
    value = kummer(a, m - k + half, 1 + 2 * m, x)
    return None if value is None else (-x / 2).exp() * x ** (m + half) * value


def pcfd(a: Any, n: Any, x: Any) -> Any:
    """The parabolic cylinder function D, a Hermite function under a Gaussian. DLMF 12.7.2 and 12.7.5."""
    value = hermitenorm(a, n, x) if n.is_integer() and n >= 0 else hermitenorm_function(a, n, x)
    return (-x * x / 4).exp() * value


def pcfu(a: Any, p: Any, x: Any) -> Any:
    """The parabolic cylinder function U."""
    return pcfd(a, -p - a.arb(1) / 2, x)
