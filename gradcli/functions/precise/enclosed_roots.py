"""Inverses of increasing functions in balls: found by Newton's iteration, proven by the signs on both sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.functions.precise.enclosed import GUARD_BITS, Function, lost
from gradcli.functions.precise.enclosed_incomplete import incomplete_beta, lower_gamma, upper_gamma

NEWTON_STEPS = 200
NEWTON_BITS = 80  # of the first steps; each further one doubles them
SMALL = -10  # the logarithm of a quantile that the first term of a series gives to 4 digits
RETRIES = 4  # with more bits
WIDENINGS = 60  # doublings of a radius that is too small


def between(a: Any, excess: Function, guess: Any, radius: Any, least: Any, most: Any = None) -> Any:
    """A ball that contains every zero of an increasing function, whose zeros lie between `least` and `most`.

    The function is below 0 left of one end and above 0 right of the other: certainly, or the ball is not finite.
    """
    ends = []
    for direction in (-1, 1):
        reach = radius
        for _ in range(WIDENINGS):
            end = (guess + direction * reach).mid()
            bound = least if direction < 0 else most
            if bound is not None and not direction * end < direction * bound:
                end = bound
                break
            if direction * excess(end) > 0:
                break
            reach = 2 * reach
        else:
            return a.arb.nan()
        ends.append(end)
    return ends[0].union(ends[1])


def newton(a: Any, t: Any, step: Function) -> Any:
    """A root by Newton's iteration from t on, not proven; `step` is the quotient of a function and its derivative."""
    wanted, bits = a.bits + GUARD_BITS, NEWTON_BITS
    for _ in range(NEWTON_STEPS):
        bits = min(bits, wanted)
        with a.extra(bits - a.bits):
            change = step(t)
            if not change.is_finite():
                return None
            t = (t - change).mid()
            if abs(change) <= max(abs(t), a.arb(1)) * a.arb(2) ** (-bits // 2):
                if bits == wanted:
                    return t
                bits = 2 * bits - GUARD_BITS
    return None


def _enclosed(a: Any, excess: Function, slope: Function, guess: Any, most: Any = None) -> Any:
    """The zeros near a guess: the first radius is what the function's balls and the guess's rounding ask for."""
    radius = (abs(excess(guess)) / slope(guess).mid()).upper() + guess * a.arb(2) ** (-a.bits + GUARD_BITS // 4)
    return between(a, excess, guess, 2 * radius, a.arb(0), most) if radius.is_finite() else radius


def inverse_gamma(a: Any, shape: Any, p: Any, q: Any) -> Any:
    """The x where the lower incomplete gamma function is p, and the upper one q = 1 - p."""
    if not a.less(0, shape) or p < 0 or q <= 0:
        return None
    if p == 0:
        return a.arb(0)
    if not (p > 0 and q > 0):
        return a.arb.nan()
    s = shape.mid()
    start = (p.mid().log() + (s + 1).lgamma()) / s  # of the logarithm, by the first term of the series
    is_small = bool(start < SMALL)
    low = is_small or bool(p.mid() < q.mid())
    goal = (p if low else q).mid().log()

    def slope(x: Any) -> Any:
        return ((s - 1) * x.log() - x - s.lgamma()).exp()

    def step(t: Any) -> Any:
        x = t.exp()
        tail = lower_gamma(a, s, x) if low else upper_gamma(a, s, x)
        change = (tail.log() - goal) * tail / (slope(x) * x)
        return change if low else max(a.arb(-1), min(a.arb(1), -change))

    def excess(x: Any) -> Any:
        return lower_gamma(a, shape, x) - p if low else q - upper_gamma(a, shape, x)

    with a.extra(GUARD_BITS):
        t = newton(a, (start if is_small else s.log()).mid(), step)
        return a.arb.nan() if t is None else _enclosed(a, excess, slope, t.exp().mid())


def _complement(a: Any, function: Callable[[], Any]) -> Any:
    """1 - what the function gives, with more bits where the difference is small."""
    value, bits = 1 - function(), a.bits
    for _ in range(RETRIES):
        spare = 2 * lost(value)
        if value.rel_accuracy_bits() > bits // 2 or not spare:
            break
        with a.extra(spare):
            value = 1 - function()
    return value


def inverse_beta(a: Any, first: Any, second: Any, p: Any, q: Any) -> Any:
    """The x where the incomplete beta function is p = 1 - q."""
    if not a.less(0, first) or not a.less(0, second) or p < 0 or q < 0:
        return None
    if p == 0 or q == 0:
        return a.arb(0 if p == 0 else 1)
    if not (p > 0 and q > 0):
        return a.arb.nan()
    r, s = first.mid(), second.mid()
    goal = p.mid().log()
    start = (goal + (r + 1).lgamma() + s.lgamma() - (r + s).lgamma()) / r  # by the first term of the series
    is_small = bool(start + max(s, a.arb(1)).log() < SMALL)
    if p.mid() > q.mid() and not is_small:
        return _complement(a, lambda: inverse_beta(a, second, first, q, p))

    def slope(x: Any, rest: Any = None) -> Any:
        powers = (r - 1) * x.log() + (s - 1) * (1 - x if rest is None else rest).log()
        return (powers + (r + s).lgamma() - r.lgamma() - s.lgamma()).exp()

    def step(t: Any) -> Any:
        x, rest = 1 / (1 + (-t).exp()), 1 / (1 + t.exp())  # neither loses digits to the other
        tail = x.mid().beta_lower(r, s, 1) if t < 0 else 1 - rest.mid().beta_lower(s, r, 1)
        return (tail.log() - goal) * tail / (slope(x, rest) * x * rest)

    def excess(x: Any) -> Any:
        return incomplete_beta(a, first, second, x) - p

    with a.extra(GUARD_BITS):
        t = newton(a, (start if is_small else (r / s).log()).mid(), step)
        return a.arb.nan() if t is None else _enclosed(a, excess, slope, (1 / (1 + (-t).exp())).mid(), a.arb(1))
