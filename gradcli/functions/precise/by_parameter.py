"""Derivatives by a parameter that has no closed rule: of the function's analytic continuation, by Cauchy's formula."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.functions.precise import Function

MAX_ORDER = 12
WIDEST, NARROWEST = -2, -9  # the powers of two that the outer circle's radius is looked for among
ARCS = 24  # that a circle is covered by
CIRCLE = -40  # the power of two of its radius, of estimates
INSIDE = 8  # the circle that is summed over is smaller by 2 to this
Continued = Callable[..., Any]  # of a complex parameter and the other arguments, a complex ball


def enclosed(function: Continued, holds: Callable[..., bool], is_even: bool = False) -> Function:
    """The derivative of order k by p, of f(p, ...), for arguments for which it `holds` that there is one.

    `is_even`: f is, in p.

    The trapezoidal rule on a circle gives the coefficient of the power series but for those of order k + N, k + 2*N,
    ..., which a bound of f on a larger circle bounds (Trefethen, Weideman: The exponentially convergent trapezoidal
    rule, 2014).
    """

    def call(a: Any, k: Any, p: Any, *rest: Any) -> Any:
        order = a.whole(k)
        if order is None or order < 0 or not holds(a, p, *rest):
            return None
        if is_even and p == 0 and order % 2:
            return a.arb(0)
        if order > MAX_ORDER:
            return a.arb.nan()
        for exponent in range(WIDEST, NARROWEST, -1):
            outer = a.arb(2) ** exponent
            bound = _bound(a, function, p, rest, outer)
            if bound.is_finite():
                with a.extra((abs(exponent) + INSIDE) * (order + 1) + 10):
                    return +_coefficient(a, function, order, p, rest, outer, bound)
        return a.arb.nan()

    return call


def _bound(a: Any, function: Continued, p: Any, rest: Any, outer: Any) -> Any:
    """A bound of the absolute value on a disk, by its rim: in the middle the formulas may have poles that cancel."""
    largest = a.arb(0)
    for place in range(ARCS):
        angle = a.acb((a.arb(2 * place) + a.arb(0, 1)) / ARCS)
        found = abs(function(a.acb(p) + outer * angle.exp_pi_i(), *rest))
        if not found.is_finite():
            return found
        largest = largest.max(found.abs_upper())
    return largest


def _coefficient(a: Any, function: Continued, k: int, p: Any, rest: Any, outer: Any, bound: Any) -> Any:
    """The derivative, from values on half of a circle: those on the other half are conjugates."""
    radius = outer / 2**INSIDE
    count = 2 * (a.bits // (2 * INSIDE) + k + 1)
    total = a.arb(0)
    for place in range(count // 2 + 1):
        angle = a.acb(a.arb(2 * place) / count)
        value = function(a.acb(p) + radius * angle.exp_pi_i(), *rest) * (-k * angle).exp_pi_i()
        total = total + value.real * (1 if place in (0, count // 2) else 2)
    share = a.arb(2) ** (-INSIDE * count)
    alias = (bound.abs_upper() * share / (1 - share) / outer**k).abs_upper()
    return (total / count / radius**k + a.arb(0, 1) * alias) * a.arb(k).fac()


def by_mpmath(function: Function | str, is_even: bool = False) -> Function:
    """The same of mpmath's function of a complex parameter: by values on a circle, away from poles that cancel."""

    def call(m: Any, k: Any, p: Any, *rest: Any) -> Any:
        own = getattr(m, function) if isinstance(function, str) else lambda *args: function(m, *args)
        order, radius = int(k), m.ldexp(1, CIRCLE)
        if is_even and not p and order % 2:
            return m.zero
        count = 2 * (m.prec // (-2 * CIRCLE - 4) + order + 2)
        with m.extraprec(10 - CIRCLE * (order + 1)):
            total = m.zero
            for place in range(count // 2 + 1):
                turn = m.expjpi(m.mpf(2 * place) / count)
                value = own(p + radius * turn, *rest) * turn**-order
                total += value.real * (1 if place in (0, count // 2) else 2)
            found = total / count / radius**order * m.fac(order)
        return +found

    return call
