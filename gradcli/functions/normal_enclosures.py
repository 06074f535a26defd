"""The enclosures of the error functions' relatives, of the normal distribution, and of distributions at their seams."""

from __future__ import annotations

from typing import Any

from gradcli.functions.enclosures import (
    THIN,
    Ball,
    ends,
    floor,
    increasing,
    magnitude,
    proven_root,
    size,
    unknown,
    up_to,
)
from gradcli.functions.power_enclosures import square

MANY_BITS = 4_000  # for exp(x**2) where x is large: beyond, it is out of FLINT's range anyway
FAR = 4  # from there on, the confluent hypergeometric function U is computed with few bits lost
FAR_LEFT = -(10**9)  # logarithms of probabilities below which exp loses too much
GUARD_BITS = 32
MOST_DEGREES = 10**8  # of freedom: with more of them, FLINT's incomplete beta function takes seconds far out in a tail
FAR_OWEN = 10  # from there on, the series of Owen's T in powers of 1/h is the shorter one


def _scaled_erfc(a: Any, x: Ball) -> Ball:
    """exp(x**2)*erfc(x) at an exact x."""
    if x >= FAR:
        return (x * x).hypgeom_u(0.5, 0.5) / a.pi.sqrt()
    with a.extra(min(2 * size(x), MANY_BITS)):
        return (x * x).exp() * x.erfc()


erfcx = increasing(_scaled_erfc)  # it falls: monotone, too


def dawson(a: Any, x: Ball) -> Ball:
    """Dawson's integral F, by the mean value: |F'| <= 1, and F' = 1 - 2*x*F."""
    middle = x.mid()
    value = middle * (-(middle * middle)).hypgeom_1f1(1, 1.5)
    if x.is_exact() or not x.is_finite():
        return value if x.is_exact() else unknown(a)
    moved = x - middle
    rough = value + a.arb(0, 1) * moved
    fine = value + (1 - 2 * x * rough) * moved
    return fine if fine.rad() < rough.rad() else rough


def ndtr(a: Any, x: Ball) -> Ball:
    """The standard normal distribution function."""
    return (-x / a.arb(2).sqrt()).erfc() / 2


def _log_ndtr(a: Any, x: Ball) -> Ball:
    if x > 0:
        return (-ndtr(a, -x)).log1p()
    if x > -2 * FAR:
        return ndtr(a, x).log()
    halved = x * x / 2
    return (halved.hypgeom_u(0.5, 0.5) / (2 * a.pi.sqrt())).log() - halved


log_ndtr = increasing(_log_ndtr)


def ndtri(a: Any, p: Ball) -> Ball | None:
    """The quantile of the standard normal distribution."""
    return None if p <= 0 or p >= 1 else -a.arb(2).sqrt() * (2 * p).erfcinv()


def ndtri_exp(a: Any, y: Ball) -> Ball | None:
    """The quantile of the standard normal distribution at exp(y)."""
    return None if y >= 0 else ends(a, lambda end: _ndtri_exp(a, end), y)


def _ndtri_exp(a: Any, y: Ball) -> Ball | None:
    if y >= 0:
        return None
    if y > -1:
        return a.arb(2).sqrt() * (-2 * y.expm1()).erfcinv()
    if y > FAR_LEFT:
        return ndtri(a, y.exp())

    def slope(x: Ball) -> Ball:
        return (2 / a.pi).sqrt() / _scaled_erfc(a, (-x / a.arb(2).sqrt()).mid())

    return proven_root(a, lambda x: _log_ndtr(a, x) - y, slope, -(-2 * y).sqrt())


def npdf(a: Any, x: Ball, mu: Ball, sigma: Ball) -> Ball | None:
    """The normal density."""
    if sigma <= 0:
        return None
    if not sigma > 0:
        return unknown(a)
    return (-square(a, (x - mu) / sigma) / 2).exp() / (sigma * (2 * a.pi).sqrt())


def faddeeva(a: Any, x: Ball, y: Ball) -> Any:
    """exp(-z**2)*erfc(-i*z) at z = x + i*y, a complex ball."""
    if y.is_zero():
        return a.acb((-square(a, x)).exp(), 2 / a.pi.sqrt() * dawson(a, x))
    z = a.acb(x, y)
    below = -(z * z)
    if y < 0:
        return 2 * below.exp() - faddeeva(a, -x, -y)
    if y > 0 and abs(z).mid() > FAR:
        return below.hypgeom_u(0.5, 0.5) / a.pi.sqrt()
    return below.exp() * a.acb(y, -x).erfc()


def voigt_profile(a: Any, x: Ball, sigma: Ball, gamma: Ball) -> Ball | None:
    """The real part of Faddeeva's function, scaled."""
    if sigma <= 0 or gamma < 0:
        return None
    if not sigma > 0 or not gamma >= 0:
        return unknown(a)
    scale = sigma * a.arb(2).sqrt()
    return faddeeva(a, x / scale, gamma / scale).real / (scale * a.pi.sqrt())


def owens_t(a: Any, h: Ball, slope: Ball) -> Ball:
    """Owen's T: by the mean value in thin balls, else from the corners.

    It increases in its second argument, and falls or rises in abs(h) all along.
    """
    if h.is_exact() and slope.is_exact():
        return _owen(a, abs(h), slope)
    if not h.is_finite() or not slope.is_finite():
        return unknown(a)
    if h.rad() < THIN and slope.rad() < THIN:
        middle = _owen(a, abs(h.mid()), slope.mid())
        squares = square(a, h)
        by_h = (slope * h / a.arb(2).sqrt()).erf() * (-squares / 2).exp() / (8 * a.pi).sqrt()
        turned = 1 + square(a, slope)
        by_slope = (-squares * turned / 2).exp() / (2 * a.pi * turned)
        return middle - by_h * (h - h.mid()) + by_slope * (slope - slope.mid())
    h = magnitude(a, h)
    near, far = h.lower(), h.upper()
    return ends(a, lambda end: _owen(a, near, end).union(_owen(a, far, end)), slope)


def _owen(a: Any, h: Ball, slope: Ball) -> Ball:
    """At exact h >= 0."""
    if slope < 0:
        return -_owen(a, h, -slope)
    if slope <= 1:
        return _owen_series(a, h, slope)
    root = a.arb(2).sqrt()
    low, high = (h / root).erfc() / 2, (slope * h / root).erfc() / 2
    return (low + high) / 2 - low * high - _owen_series(a, slope * h, 1 / slope)


def _owen_series(a: Any, h: Ball, slope: Ball) -> Ball:
    """At 0 <= slope <= 1."""
    if h.is_zero() or slope.is_zero():
        return slope.atan() / (2 * a.pi)
    half = h * h / 2
    return (_owen_far if h > FAR_OWEN and (slope < 0.5 or half * slope * slope > a.bits) else _owen_near)(
        a, half, slope
    )


def _owen_far(a: Any, half: Ball, slope: Ball) -> Ball:
    """exp(-half) times the integral of exp(-half*t**2)/(1 + t**2), whose geometric series is alternating."""
    root, end = half.sqrt(), half * slope * slope
    total, scale, first = a.arb(0), 2 * root, None
    for count in range(2 * a.bits):
        part = end.gamma_lower(count + a.arb(0.5)) / scale
        first = part if first is None else first
        if abs(part) < first * a.arb(2) ** -a.bits:
            break
        total += -part if count % 2 else part
        scale = scale * half
    return (-half).exp() * (total + a.arb(0, abs(part).upper())) / (2 * a.pi)


def _owen_near(a: Any, half: Ball, slope: Ball) -> Ball:
    """atan(slope) less an alternating series whose terms fall: the first one left out bounds its rest."""
    turned = float(half.upper()) * (1 + float(slope.upper()) ** 2)
    lost = GUARD_BITS + int(1.5 * turned)  # T is above exp(-turned)*slope/8, and e is below 2**1.5
    tiny = a.arb(2) ** (-a.bits - lost)
    with a.extra(lost + GUARD_BITS):
        term = below = (-half).exp()
        total, power, squared, count = a.arb(0), slope, slope * slope, 0
        while True:
            part = power * (1 - below) / (2 * count + 1)
            if half < count and (abs(part) < tiny * slope or count > turned + a.bits + lost):
                break
            total += -part if count % 2 else part
            count, power = count + 1, power * squared
            term = term * half / count
            below += term
        return (slope.atan() - total + a.arb(0, abs(part).upper())) / (2 * a.pi)


def stdtr(a: Any, df: Ball, t: Ball) -> Ball | None:
    """Student's t distribution function: increasing in t, and its tails fall with df; so from the corners."""
    if df <= 0:
        return None
    if not df > 0:
        return unknown(a)
    return ends(a, lambda end: ends(a, lambda degrees: _stdtr(a, degrees, end), df), t)


def _stdtr(a: Any, df: Ball, t: Ball) -> Ball:
    """At exact arguments: from the middle where the tail is not too small for that, else by the tail."""
    half, squares = a.arb(0.5), t * t
    lost = ((df + 1) / 2 * (squares / df).log1p()).upper()  # the tail is about exp(-lost), and e is below 2**1.5
    if squares < df and lost < MANY_BITS / 2:
        with a.extra(int(1.5 * float(lost)) + GUARD_BITS):
            middle = (squares / (df + squares)).beta_lower(half, df / 2, 1) / 2
            return half - middle if t < 0 else half + middle
    fewer = df if df < MOST_DEGREES else a.arb(MOST_DEGREES)
    tail = (fewer / (fewer + squares)).beta_lower(fewer / 2, half, 1) / 2
    if fewer < df:  # with more degrees of freedom there is less in the tail
        tail = up_to(a, tail.upper())
    return tail if t < 0 else 1 - tail


def bdtr(a: Any, k: Ball, n: Ball, p: Ball) -> Ball | None:
    """The binomial distribution function, falling in p."""
    if k < 0 or p < 0 or p > 1:
        return None
    trials, successes = a.whole(n), floor(a, k)
    if trials is None or trials < 0:
        return None
    if not k >= 0 or not p >= 0 or not p <= 1:
        return unknown(a)
    if successes >= n:
        return a.arb(1)
    if not successes.is_exact():
        return unknown(a)
    return ends(a, lambda end: (1 - end).beta_lower(n - successes, successes + 1, 1), p)
