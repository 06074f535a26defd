"""Lambert's W and its relatives, circular functions of turns and degrees, and differences without cancellation."""

from __future__ import annotations

import math
from typing import Any

from gradcli.functions.degree_enclosures import cosdg, cotdg, sindg, tandg
from gradcli.functions.enclosures import increasing
from gradcli.functions.guards import BASE, Guard, GuardKind
from gradcli.functions.power_enclosures import powm1, square
from gradcli.functions.precise import enclosed_zetas, fmod
from gradcli.functions.precise.lambert import lambertw
from gradcli.functions.row import SAME, Kink, Row, WrongRules

TURN = 360  # degrees


def _lambertw(special: Any, x: Any, k: Any) -> Any:
    """SciPy's is complex: its values on a real branch."""
    import numpy

    value = special.lambertw(x, numpy.clip(k, -2, 2).astype(int))
    return numpy.where((value.imag == 0) & ((k == 0) | (k == -1)), value.real, numpy.nan)


def _half_turns(x: Any) -> tuple[Any, Any]:
    """The rest of x beyond the nearest whole number, which is exact, and the sign of the half turns before it."""
    whole = x.round()
    return x - whole, 1 - 2 * whole.remainder(2)


def _sinpi(x: Any) -> Any:
    rest, sign = _half_turns(x)
    return sign * (math.pi * rest).sin()


def _cospi(x: Any) -> Any:
    rest, sign = _half_turns(x)
    return sign * (math.pi * (0.5 - rest.abs())).sin()


def _degrees(m: Any, x: Any, function: str) -> Any:
    """A function of x half turns, of x degrees; whole turns are taken off exactly."""
    if not hasattr(x, "_mpc_") and abs(x) >= TURN:
        x = fmod(m, x, TURN)
    return getattr(m, function)(x / 180)


# fmt: off
LAMBERT = (
    Row("lambertw",    "x, k=0",
        "Lambert's W, the solution of w*exp(w) = x: the principal branch w >= -1, or w <= -1 with k=-1",
        ("exp(-lambertw(x, k))/(1 + lambertw(x, k))", None), sympy=lambda s, x, k: s.LambertW(x, k), mp=lambertw,
        arb=enclosed_zetas.lambertw, scipy=_lambertw, domain="x > -1/e and (k == 0 or x < 0)",
        guards=(Guard(lambda x, k: x, GuardKind.BRANCH), Guard(lambda x, k: x, unless=lambda _, x, k: k == 0)),
        kinks=(Kink("pole", "x=0,k=-1", "x = 0 for k = -1"), Kink("outside the domain", "x=-1,k=0", "x < -1/e")),
        samples={"x": (-0.36, 2.5), "k": [0, 0, -1]}, aliases=("LambertW",), libraries="scipy",
        example="lambertw(x) at x=1",
        wrong=WrongRules(("exp(lambertw(x))", "lambertw(x)/(1 + lambertw(x))", "1/(1 + lambertw(x))", "1/x"),
                         stale=("exp(-x)/(1 + x)", "x/(1 + x)"))),
    Row("wrightomega", "x",      "Wright's omega, the solution of w + log(w) = x",
        ("wrightomega(x)/(1 + wrightomega(x))",), mp=lambda m, x: m.lambertw(m.exp(x)), arb=enclosed_zetas.wrightomega,
        scipy=SAME, libraries="scipy", example="wrightomega(x) at x=1"),
    Row("gd",          "x",      "the Gudermannian, 2*atan(tanh(x/2))", ("sech(x)",),
        forward=lambda x: 2 * (x / 2).tanh().atan(), mp=lambda m, x: 2 * m.atan(m.tanh(x / 2)),
        arb=increasing(lambda a, x: 2 * (x / 2).tanh().atan()), aliases=("gudermannian",), example="gd(x) at x=1"),
)

CIRCULAR = (
    Row("sinpi", "x", "sin(pi*x), exact at whole and half x", ("pi*cospi(x)",),
        forward=_sinpi, sympy=lambda s, x: s.sin(s.pi * x), mp=SAME, arb="sin_pi", example="sinpi(x) at x=0.25",
        wrong=WrongRules(("cospi(x)",))),
    Row("cospi", "x", "cos(pi*x), exact at whole and half x", ("-pi*sinpi(x)",),
        forward=_cospi, sympy=lambda s, x: s.cos(s.pi * x), mp=SAME, arb="cos_pi", example="cospi(x) at x=0.25",
        wrong=WrongRules(("-sinpi(x)",))),
    Row("sindg", "x", "the sine of x degrees",                ("pi*cosdg(x)/180",),
        sympy=lambda s, x: s.sin(s.pi * x / 180), mp=lambda m, x: _degrees(m, x, "sinpi"), arb=sindg, scipy=SAME,
        samples={"x": (-400, 400)}, aliases=("sind",), libraries="scipy", example="sindg(x) at x=30", angle="degrees"),
    Row("cosdg", "x", "the cosine of x degrees",              ("-pi*sindg(x)/180",),
        sympy=lambda s, x: s.cos(s.pi * x / 180), mp=lambda m, x: _degrees(m, x, "cospi"), arb=cosdg, scipy=SAME,
        samples={"x": (-400, 400)}, aliases=("cosd",), libraries="scipy", example="cosdg(x) at x=30", angle="degrees"),
    Row("tandg", "x", "the tangent of x degrees",             ("pi*(1 + tandg(x)**2)/180",),
        sympy=lambda s, x: s.tan(s.pi * x / 180), mp=lambda m, x: _degrees(m, x, "sinpi") / _degrees(m, x, "cospi"),
        arb=tandg, scipy=SAME, domain="cosdg(x) != 0", guards=(Guard(lambda x: x / 180, GuardKind.HALF),),
        kinks=(Kink("pole", "x=90", "90 and every 180 from there"),),
        samples={"x": (-400, 400)}, aliases=("tand",), libraries="scipy", example="tandg(x) at x=30", angle="degrees"),
    Row("cotdg", "x", "the cotangent of x degrees",           ("-pi*(1 + cotdg(x)**2)/180",),
        sympy=lambda s, x: s.cot(s.pi * x / 180), mp=lambda m, x: _degrees(m, x, "cospi") / _degrees(m, x, "sinpi"),
        arb=cotdg, scipy=SAME, domain="sindg(x) != 0", guards=(Guard(lambda x: x / 180, GuardKind.WHOLE),),
        kinks=(Kink("pole", "x=180", "every multiple of 180"),),
        samples={"x": (-400, 400)}, aliases=("cotd",), libraries="scipy", example="cotdg(x) at x=30", angle="degrees"),
)

DIFFERENCES = (
    Row("cosm1", "x",    "cos(x) - 1, accurate near 0", ("-sin(x)",), forward=lambda x: -2 * (x / 2).sin() ** 2,
        sympy=lambda s, x: s.cos(x) - 1, mp=lambda m, x: -2 * m.sin(x / 2) ** 2,
        arb=lambda a, x: -2 * square(a, (x / 2).sin()), libraries="scipy", example="cosm1(x) at x=0.001"),
    Row("powm1", "x, y", "x**y - 1, accurate where that is small", ("y*x**(y - 1)", "x**y*log(x)"),
        sympy=lambda s, x, y: s.Pow(x, y) - 1, mp=lambda m, x, y: m.expm1(y * m.log(x)), arb=powm1, scipy=SAME,
        domain="x > 0", guards=BASE, kinks=(Kink("edge", "x=0,y=0.5", "x = 0 where y is not a whole number"),),
        libraries="scipy", example="powm1(x, y) at x=1.001,y=2"),
)
# fmt: on
