"""Elementary functions of balls in plain Python, with an outward-rounded radius.

mpmath's own functions (mpmath.libmp) give a value to a unit or two of its last place; they are asked for GUARD bits
more than the working precision, and only half of these are believed. Over a ball a monotone function lies between its
values at the ends; sine and cosine change by no more than their argument does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from mpmath import libmp

from gradcli.backends.mp import bounds
from gradcli.backends.mp.number import ctx

GUARD = 16  # bits that are asked for beyond the working precision
BELIEVED = 8  # of them: an error of mpmath's would have to be 256 units in its last place
LARGEST = 10_000  # bits in front of the point of an argument: reducing it by pi takes as many more
NEAR_NOTHING = -(2**60)  # exponent of what exp is below beyond that

Mpf = Any  # sign, significand, exponent, bits


class Monotone(NamedTuple):
    """A monotone function of mpmath's, and the closed or open ends of where it is defined."""

    value: Callable[[Mpf, int], Mpf]
    least: int | None = None
    most: int | None = None
    open: bool = False


def _log1p(x: Mpf, bits: int) -> Mpf:
    if x[1] and x[2] + x[3] < -bits:
        return x
    return libmp.mpf_log(libmp.mpf_add(libmp.fone, x), bits)


def _expm1(x: Mpf, bits: int) -> Mpf:
    top = x[2] + x[3]
    if x[1] and top < -bits:
        return x
    return libmp.mpf_sub(libmp.mpf_exp(x, bits + max(0, -top) + GUARD), libmp.fone, bits)


def _acosh(x: Mpf, bits: int) -> Mpf:
    above = libmp.mpf_sub(x, libmp.fone)
    root = libmp.mpf_sqrt(libmp.mpf_mul(above, libmp.mpf_add(above, libmp.ftwo)), bits)
    return _log1p(libmp.mpf_add(above, root, bits), bits)


def _acos(x: Mpf, bits: int) -> Mpf:
    return libmp.fzero if x == libmp.fone else libmp.mpf_acos(x, bits)


MONOTONE: Mapping[str, Monotone] = {
    "exp": Monotone(libmp.mpf_exp),
    "expm1": Monotone(_expm1),
    "log": Monotone(libmp.mpf_log, 0, open=True),
    "log1p": Monotone(_log1p, -1, open=True),
    "sqrt": Monotone(libmp.mpf_sqrt, 0),
    "atan": Monotone(libmp.mpf_atan),
    "asin": Monotone(libmp.mpf_asin, -1, 1),
    "acos": Monotone(_acos, -1, 1),
    "sinh": Monotone(libmp.mpf_sinh),
    "tanh": Monotone(libmp.mpf_tanh),
    "asinh": Monotone(libmp.mpf_asinh),
    "acosh": Monotone(_acosh, 1),
    "atanh": Monotone(libmp.mpf_atanh, -1, 1, open=True),
    "cosh": Monotone(libmp.mpf_cosh, 0),
}
GROWING = ("exp", "expm1", "sinh", "cosh")
AT_0_ONE = ("exp", "cosh")


@contextmanager
def more(bits: int) -> Iterator[None]:
    """So many bits more."""
    before = ctx.prec
    ctx.prec = before + bits
    try:
        yield
    finally:
        ctx.prec = before


def believed(x: Any, value: Mpf) -> Any:
    """A value of mpmath's, computed with GUARD bits more, as a ball of the type of x."""
    sign, man, exp, _ = value
    man = int(man)
    return x.make(-man if sign else man, exp, bounds.up(man, exp - ctx.prec - BELIEVED))


def constant(x: Any, name: str) -> Any:
    """pi, e, or Euler's constant."""
    value = {"pi": libmp.mpf_pi, "e": libmp.mpf_e, "euler": libmp.mpf_euler}[name]
    return believed(x, value(ctx.prec + GUARD))


def monotone(name: str) -> Callable[[Any], Any]:
    """A monotone function as a method of balls."""

    def call(x: Any) -> Any:
        if not x.is_finite():
            return x.nan()
        if x.is_exact():
            return _at(x, name)
        with more(2 * bounds.BITS):
            low, high = x.lower(), x.upper()
        return _at(low, name).union(_at(high, name))

    return call


def _at(x: Any, name: str) -> Any:
    """A monotone function at an exact ball; nothing is known of it outside of its domain."""
    function = MONOTONE[name]
    for end, sign in ((function.least, 1), (function.most, -1)):
        if end is not None and not (sign * (x - end) > 0 or (x == end and not function.open)):
            return x.nan()
    if x.is_zero() and name in AT_0_ONE:
        return x.exactly(1, 0)
    if name in GROWING and x.man.bit_length() + x.exponent > LARGEST:
        if x.man > 0 or name == "sinh":
            return x.nan()
        return x.exactly(-1 if name == "expm1" else 0, 0, (1, NEAR_NOTHING))
    if name == "sqrt" and (root := _exact_root(x)) is not None:
        return root
    return believed(x, function.value(x._mpf_, ctx.prec + GUARD))


def _exact_root(x: Any) -> Any:
    man, exp = (x.man << 1, x.exponent - 1) if x.exponent % 2 else (x.man, x.exponent)
    root = math.isqrt(man)
    return x.exactly(root, exp // 2) if root * root == man and root.bit_length() <= ctx.prec else None


def cosh(x: Any) -> Any:
    """The hyperbolic cosine, which is monotone in the absolute value."""
    return _cosh(abs(x))


_cosh = monotone("cosh")


def wave(function: Callable[[Mpf, int], Mpf], at_0: int) -> Callable[[Any], Any]:
    """Sine or cosine."""

    def call(x: Any) -> Any:
        if not x.is_finite():
            return x.nan()
        if x.is_zero():
            return x.exactly(at_0, 0)
        top = x.man.bit_length() + x.exponent
        radius: bounds.Size = x.radius
        if bounds.compare(*radius, 2, 0) >= 0 or (x.man and top > LARGEST):
            return x.exactly(0, 0, (1, 0))
        value = believed(x, function(x._mpf_, ctx.prec + GUARD))
        if not radius[0]:
            return value
        return x.exactly(value.man, value.exponent, bounds.plus(value.radius, radius)).max(-1).min(1)

    return call


sin, cos = wave(libmp.mpf_sin, 0), wave(libmp.mpf_cos, 1)


def composed(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function made of others, with some bits more for what they lose."""

    def call(x: Any) -> Any:
        with more(GUARD):
            found = function(x)
        return +found

    return call


tan = composed(lambda x: sin(x) / cos(x))
cot = composed(lambda x: cos(x) / sin(x))
sec = composed(lambda x: 1 / cos(x))
csc = composed(lambda x: 1 / sin(x))
sech = composed(lambda x: 1 / cosh(x))
csch = composed(lambda x: 1 / monotone("sinh")(x))
coth = composed(lambda x: 1 / monotone("tanh")(x))


def sin_pi(x: Any) -> Any:
    """sin(pi*x), exact at the multiples of one half."""
    if not x.is_finite():
        return x.nan()
    doubled = bounds.at_exponent(x.man, x.exponent + 2, 0, -1)  # quarters, rounded down
    nearest = (doubled + 2) >> 2
    rest = _exact_sum(x, -nearest, 0)
    sign = -1 if nearest % 2 else 1
    if rest.is_exact() and _exact_sum(abs(rest), -1, -1).is_zero():
        return x.exactly(sign if rest.man > 0 else -sign, 0)
    return sign * composed(lambda part: sin(constant(part, "pi") * part))(rest)


def cos_pi(x: Any) -> Any:
    """cos(pi*x), exact at the multiples of one half."""
    return sin_pi(_exact_sum(x, 1, -1)) if x.is_finite() else x.nan()


tan_pi = composed(lambda x: sin_pi(x) / cos_pi(x))
cot_pi = composed(lambda x: cos_pi(x) / sin_pi(x))


def sinc_pi(x: Any) -> Any:
    """sin(pi*x)/(pi*x), which is 1 at 0 and within (pi*x)**2/6 of it."""
    if x.is_zero() or not x.is_finite():
        return x.exactly(1, 0) if x.is_zero() else x.nan()
    if not x.contains(0):
        return composed(lambda part: sin_pi(part) / (constant(part, "pi") * part))(x)
    most = constant(x, "pi") * x.abs_upper()
    return x.exactly(1, 0, (most * most / 6).size()).max(-1).min(1)


def _exact_sum(x: Any, man: int, exp: int) -> Any:
    """A ball moved by man*2**exp, not rounded."""
    low = min(x.exponent, exp) if x.man else exp
    if low < -LARGEST - ctx.prec:
        return x + x.exactly(man, exp)
    return x.exactly((x.man << (x.exponent - low) if x.man else 0) + (man << (exp - low)), low, x.radius)


def atan2(y: Any, other: Any) -> Any:
    """The angle of the point (x, y)."""
    x = y.of(other)
    with more(GUARD):
        if x > 0:
            found = monotone("atan")(y / x)
        elif y > 0 or y < 0:
            found = -monotone("atan")(x / y) + (constant(x, "pi") / 2 if y > 0 else -constant(x, "pi") / 2)
        elif y.is_zero() and x.is_exact():
            found = constant(x, "pi") if x < 0 else y
        else:
            found = x.nan()
    return +found
