"""What the enclosures of the rows share: hulls over pieces, step functions, ends of intervals, proven roots.

An enclosure (`Row.arb`) is given the context of balls first (gradcli.backends.arb.context.Balls), and balls, however
wide. It gives a ball that contains all values, None where there certainly is none, and a ball that is not finite where
the balls are too wide to tell.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

MOST_BITS = 100_000  # of an exact value that is worked out in full; beyond, the working precision has to do
THIN = 2**-20  # a radius up to which the derivative at the middle bounds a smooth function well
NEWTON_STEPS = 100  # quadratic convergence takes a dozen; the rest is for bad guesses
PADS = (8, 16, 32, 64)  # bits by which a root's bracket is wider than the working precision

Ball = Any
Enclosure = Callable[..., Any]


def unknown(a: Any) -> Ball:
    """The answer where balls are too wide to tell."""
    return a.arb("nan")


def unless(outside: Callable[..., bool], inside: str | Enclosure) -> Enclosure:
    """No value where the arguments are certainly outside; a method of the first ball, or an enclosure, elsewhere."""

    def enclosure(a: Any, *args: Ball) -> Ball | None:
        if outside(*args):
            return None
        if isinstance(inside, str):
            return getattr(args[0], inside)(*args[1:])
        return inside(a, *args)

    return enclosure


def less(x: Ball, y: Any) -> bool | None:
    """Whether x < y; None where the balls do not tell."""
    return True if x < y else False if x >= y else None


def choose(a: Any, *cases: tuple[bool | None, Callable[[], Ball | None]]) -> Ball | None:
    """The hull of the values of the first case that holds: True, False or None (may be) and the value, case by case."""
    found = None
    for holds, value in cases:
        if holds is False:
            continue
        ball = value()
        if ball is None:
            return None if holds and found is None else unknown(a)
        found = ball if found is None else found.union(ball)
        if holds:
            break
    return found


def larger(x: Ball, y: Ball) -> Ball:
    """The larger one; the ball itself where that is certain."""
    return x if x >= y else y if y >= x else x.max(y)


def smaller(x: Ball, y: Ball) -> Ball:
    """The smaller one; the ball itself where that is certain."""
    return x if x <= y else y if y <= x else x.min(y)


def clamped(x: Ball, low: Ball, high: Ball) -> Ball:
    """x held between two bounds; the upper one wins where they are the wrong way round."""
    return smaller(larger(x, low), high)


def up_to(a: Any, top: Ball) -> Ball:
    """All numbers from 0 to a ball that is not negative, none of them negative."""
    return a.arb(0).union(top).nonnegative_part()


def magnitude(a: Any, x: Ball) -> Ball:
    """The absolute value, never negative."""
    return abs(x) if x >= 0 or x <= 0 else up_to(a, abs(x).upper())


def ends(a: Any, function: Callable[[Ball], Ball | None], x: Ball) -> Ball | None:
    """A monotone function of a ball, from its values at the ends; the function is given exact balls."""
    if x.is_exact():
        return function(x)
    if not x.is_finite():
        return unknown(a)
    low, high = function(x.lower()), function(x.upper())
    return unknown(a) if low is None or high is None else low.union(high)


def increasing(function: Callable[[Any, Ball], Ball | None]) -> Enclosure:
    """The enclosure of a monotone function of one argument, given at exact balls."""
    return lambda a, x: ends(a, lambda end: function(a, end), x)


def rising(method: str) -> Enclosure:
    """A monotone method of a ball: from the ends where FLINT's bound for a wide ball is poor."""

    def enclosure(a: Any, x: Ball) -> Ball | None:
        if x.is_exact() or x.rad() < THIN:
            return getattr(x, method)()
        return ends(a, lambda end: getattr(end, method)(), x)

    return enclosure


def exact(x: Ball) -> Fraction | None:
    """The value of an exact ball; None of one that is not, or whose exponent is beyond the limits."""
    if not x.is_exact() or not x.is_finite():
        return None
    significand, exponent = (int(part) for part in x.man_exp())
    return Fraction(significand) * Fraction(2) ** exponent if abs(exponent) <= MOST_BITS else None


def size(x: Ball) -> int:
    """The bits in front of the point, within the limits."""
    significand, exponent = (int(part) for part in x.mid().man_exp())
    return min(max(significand.bit_length() + exponent, 0), MOST_BITS)


# Steps.


def steps(a: Any, at: Callable[[Ball], Ball], x: Ball) -> Ball:
    """A rounding to whole numbers, which is monotone: `at` is given exact balls and enough bits for exact sums."""
    if not x.is_finite() or x.is_integer():
        return x
    significand = int(x.mid().man_exp()[0])
    with a.extra(min(significand.bit_length(), MOST_BITS) + size(x)):
        low, high = at(x.lower()), at(x.upper())
        return low if low == high else low.union(high)


def floor(a: Any, x: Ball) -> Ball:
    """The largest whole number <= x."""
    return steps(a, lambda end: end.floor(), x)


def ceil(a: Any, x: Ball) -> Ball:
    """The smallest whole number >= x."""
    return steps(a, lambda end: end.ceil(), x)


def trunc(a: Any, x: Ball) -> Ball:
    """The whole part, rounded towards 0."""
    return steps(a, lambda end: end.floor() if end > 0 else end.ceil(), x)


def nearest(a: Any, x: Ball) -> Ball:
    """The nearest whole number, halves to the even one."""

    def at(end: Ball) -> Ball:
        if abs(end) <= 0.5:
            return a.arb(0)
        moved = end + a.number(Fraction(1, 2))
        whole = moved.floor()
        if not moved.is_exact():
            return whole.union(whole - 1)
        return whole - 1 if moved.is_integer() and int(whole.unique_fmpz()) % 2 else whole

    return steps(a, at, x)


def frac(a: Any, x: Ball) -> Ball:
    """x without its whole part, with the sign of x."""
    if not x.is_finite():
        return x
    with a.extra(size(x)):
        whole = trunc(a, x)
        if whole.is_exact():
            return x - whole
    one = a.arb(1)
    return up_to(a, one) if x >= 0 else -up_to(a, one) if x <= 0 else one.union(-one)


def _parts(a: Any, x: Ball, y: Ball, rounding: Callable[[Fraction], int]) -> tuple[Ball, Ball] | None:
    """Quotient and remainder of exact balls."""
    numerator, denominator = exact(x), exact(y)
    if numerator is None or not denominator:
        return None
    whole = rounding(numerator / denominator)
    return a.number(whole), a.number(numerator - denominator * whole)


def floor_divide(a: Any, x: Ball, y: Ball) -> Ball | None:
    """floor(x/y)."""
    if y.is_zero():
        return None
    parts = _parts(a, x, y, lambda quotient: quotient.__floor__())
    return floor(a, x / y) if parts is None else parts[0]


def remainder(a: Any, x: Ball, y: Ball) -> Ball | None:
    """x - y*floor(x/y), with the sign of y."""
    if y.is_zero():
        return None
    parts = _parts(a, x, y, lambda quotient: quotient.__floor__())
    if parts is not None:
        return parts[1]
    whole = floor(a, x / y)
    if whole.is_exact() or not whole.is_finite():
        return x - y * whole
    return a.arb(0).union(y)


def fmod(a: Any, x: Ball, y: Ball) -> Ball | None:
    """x - y*trunc(x/y), with the sign of x."""
    if y.is_zero():
        return None
    parts = _parts(a, x, y, lambda quotient: quotient.__trunc__())
    if parts is not None:
        return parts[1]
    whole = trunc(a, x / y)
    if whole.is_exact() or not whole.is_finite():
        return x - y * whole
    most = abs(y)
    return a.arb(0).union(most if x >= 0 else -most) if x >= 0 or x <= 0 else most.union(-most)


# Roots.


def proven_root(a: Any, function: Callable[[Ball], Ball], slope: Callable[[Ball], Ball], guess: Ball) -> Ball:
    """The root of an increasing function: Newton's iteration from a guess, and a bracket whose signs are proven."""
    x = guess.mid()
    for _ in range(NEWTON_STEPS):
        change = (function(x) / slope(x)).mid()
        x = (x - change).mid()
        if not x.is_finite():
            return unknown(a)
        if abs(change) <= abs(x) * a.arb(2) ** (PADS[0] - a.bits):
            break
    for pad in PADS:
        radius = abs(x) * a.arb(2) ** (pad - a.bits)
        low, high = (x - radius).lower(), (x + radius).upper()
        if function(low) < 0 and function(high) > 0:
            return low.union(high)
    return unknown(a)


def perfect_root(a: Any, x: Ball, n: int) -> Ball | None:
    """The n-th root of an exact positive ball, exact; None where it is no dyadic number."""
    if not x.is_exact() or not x.is_finite():
        return None
    significand, exponent = x.man_exp()
    if int(exponent) % n or int(significand).bit_length() > MOST_BITS:
        return None
    root = significand.root(n)
    return a.arb(root) * a.arb(2) ** a.arb(exponent // n) if root**n == significand else None
