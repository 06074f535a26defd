"""Functions made of pieces: absolute value, sign, rounding, extrema, clamping and steps.

Their rules say what autograd takes at the seams; whether a derivative exists there is the reference's
question.
"""

from __future__ import annotations

from gradcli.functions import precise
from gradcli.functions.enclosures import (
    ceil,
    choose,
    clamped,
    floor,
    fmod,
    frac,
    larger,
    less,
    magnitude,
    nearest,
    smaller,
    trunc,
)
from gradcli.functions.guards import DIFFERENCE, Guard, GuardKind, at, last_at
from gradcli.functions.row import SAME, Kink, Row, WrongRules

INTEGERS = "every whole x"


def _step(a, x, left, at_zero):
    """One constant to the left of 0, another value at 0, and 1 to the right; a ball that is not finite stays so."""
    return choose(
        a, (less(x, 0), lambda: left + 0 * x), (less(a.arb(0), x), lambda: 1 + 0 * x), (True, lambda: at_zero)
    )


def _copysign(a, x, y):
    """The magnitude of x with the sign of y."""
    return choose(a, (less(y, 0), lambda: -magnitude(a, x)), (True, lambda: magnitude(a, x) + 0 * y))


# fmt: off
MAGNITUDE = (
    Row("abs",      "x",    "the absolute value", ("sign(x)",),
        torch=SAME, sympy="Abs", mp=lambda m, x: abs(x), arb=magnitude, guards=at(0), kinks=(Kink("corner", "x=0"),),
        aliases=("fabs",), libraries="torch torch:absolute np np:absolute np:fabs math:fabs", example="abs(x) at x=-3",
        ends=("inf", "inf"), latex=r"\left|…\right|", steady=True, elementary=True,
        wrong=WrongRules(("1", "-1", "x", "abs(x)", "where(x > 0, 1, 0)"))),
    Row("sign",     "x",    "-1, 0 or 1",         ("0",), torch=SAME, sympy=SAME, mp=SAME,
        arb=lambda a, x: _step(a, x, -1, 0 * x), guards=at(0), kinks=(Kink("jump", "x=0"),), aliases=("sgn", "signum"),
        libraries="torch torch:sgn np",
        ends=("-1", "1"),
        latex=r"\operatorname{sgn}", example="sign(x) at x=-3", steady=True, elementary=True,
        wrong=WrongRules(("1",))),
    Row("copysign", "x, y", "the magnitude of x with the sign of y (+ where y is 0)",
        ("where(y < 0, -sign(x), sign(x))", "0"),
        torch=SAME, mp=lambda m, x, y: -abs(x) if y < 0 else abs(x), arb=_copysign, guards=(*at(0), *last_at(0)),
        kinks=(Kink("corner", "x=0,y=1", "x = 0"), Kink("jump", "x=1,y=0", "y = 0")),
        libraries="torch np math", example="copysign(x, y) at x=3,y=-2"),
)

ROUNDING = (
    Row("floor", "x",    "the largest whole number <= x",                                                   ("0",),
        torch=SAME, mp=SAME, arb=floor, guards=(Guard(lambda x: x, GuardKind.WHOLE),),
        kinks=(Kink("jump", "x=2", INTEGERS),), libraries="torch np math", example="floor(x) at x=2.7",
        latex=r"\left\lfloor …\right\rfloor", steady=True),
    Row("ceil",  "x",    "the smallest whole number >= x", ("0",), torch=SAME, mp=SAME, arb=ceil,
        guards=(Guard(lambda x: x, GuardKind.WHOLE),), kinks=(Kink("jump", "x=2", INTEGERS),), aliases=("ceiling",),
        libraries="torch np math", example="ceil(x) at x=2.3",
        latex=r"\left\lceil …\right\rceil", steady=True),
    Row("round", "x",    "the nearest whole number, halves to the even one, as in torch, NumPy and Python", ("0",),
        mp="nint", kinks=(Kink("jump", "x=2.5", "every x halfway between whole numbers"),), example="round(x) at x=2.7",
        torch=SAME, arb=nearest, guards=(Guard(lambda x: x, GuardKind.HALF),), libraries="torch np np:rint np:around",
        steady=True),
    Row("trunc", "x",    "the whole part, rounded towards 0",                                               ("0",),
        torch=SAME, mp=lambda m, x: m.floor(x) if x > 0 else m.ceil(x), arb=trunc,
        guards=(Guard(lambda x: x, GuardKind.WHOLE, lambda _, x: abs(x) < 0.5),),
        kinks=(Kink("jump", "x=2", "every whole x but 0"),), aliases=("fix",),
        libraries="torch torch:fix np np:fix math", example="trunc(x) at x=-2.7", steady=True),
    Row("frac", "x", "x - trunc(x), with the sign of x, as in torch", ("1",), torch=SAME, example="frac(x) at x=2.7",
        mp=lambda m, x: x - (m.floor(x) if x > 0 else m.ceil(x)), kinks=(Kink("jump", "x=2", "every whole x but 0"),),
        arb=frac, guards=(Guard(lambda x: x, GuardKind.WHOLE, lambda _, x: abs(x) < 0.5),), libraries="torch"),
    Row("fmod",  "x, y", "the remainder x - y*trunc(x/y), with the sign of x, as in C; `%` has the sign of y",
        ("1", "-trunc(x/y)"), torch=SAME, mp=precise.fmod, arb=fmod, domain="y != 0",
        guards=(*last_at(0), Guard(lambda x, y: x / y, GuardKind.WHOLE, lambda _, x, y: abs(x) < abs(y) / 2)),
        kinks=(Kink("jump", "x=6,y=3", "every x that is a multiple of y, but 0"),), libraries="torch np math",
        example="fmod(x, y) at x=-7.5,y=2"),
)

EXTREMA = (
    Row("max",       "x, y, ...",   "the largest; where two tie, torch gives each half of the derivative",
        ("where(x > y, 1, where(x == y, 1/2, 0))", "where(x > y, 0, where(x == y, 1/2, 1))"),
        reduction="amax", torch="maximum", mp=lambda m, x, y: x if x >= y else y, arb=lambda a, x, y: larger(x, y),
        guards=DIFFERENCE, kinks=(Kink("corner", "x=1,y=1", "ties"),), aliases=("maximum",),
        libraries="torch:maximum np:maximum", example="max(x, y, 0) at x=3,y=2",
        latex=r"\max", steady=True),
    Row("min",       "x, y, ...",   "the smallest; where two tie, torch gives each half of the derivative",
        ("where(x < y, 1, where(x == y, 1/2, 0))", "where(x < y, 0, where(x == y, 1/2, 1))"),
        reduction="amin", torch="minimum", mp=lambda m, x, y: x if x <= y else y, arb=lambda a, x, y: smaller(x, y),
        guards=DIFFERENCE, kinks=(Kink("corner", "x=1,y=1", "ties"),), aliases=("minimum",),
        libraries="torch:minimum np:minimum", example="min(x, y, 0) at x=3,y=2",
        latex=r"\min", steady=True),
    Row("fmax",      "x, y",   "the larger one; where they tie, torch gives all of the derivative to the first",
        ("where(x >= y, 1, 0)", "where(x >= y, 0, 1)"), torch=SAME, mp=lambda m, x, y: x if x >= y else y,
        arb=lambda a, x, y: larger(x, y), guards=DIFFERENCE, kinks=(Kink("corner", "x=1,y=1", "ties"),),
        libraries="torch np", example="fmax(x, y) at x=3,y=2", steady=True),
    Row("fmin",      "x, y",   "the smaller one; where they tie, torch gives all of the derivative to the first",
        ("where(x <= y, 1, 0)", "where(x <= y, 0, 1)"), torch=SAME, mp=lambda m, x, y: x if x <= y else y,
        arb=lambda a, x, y: smaller(x, y), guards=DIFFERENCE, kinks=(Kink("corner", "x=1,y=1", "ties"),),
        libraries="torch np", example="fmin(x, y) at x=3,y=2", steady=True),
    Row("clamp",     "x, min, max",
        "x held between two bounds; clamp(x, min=0) and clamp(x, max=1) hold it on one side",
        ("where(x < min, 0, where(x > max, 0, 1))", "where(x < min, where(min < max, 1, 0), 0)",
         "where(x > max, 1, where(max < min, 1, 0))"), variants={("x", "min"): "clamp_min", ("x", "max"): "clamp_max"},
        torch=SAME, mp=lambda m, x, low, high: high if max(x, low) > high else max(x, low),
        arb=lambda a, x, low, high: clamped(x, low, high), domain="min < max",
        ends=lambda a, x, low, high: a.call("min", a.call("max", x, low), high),
        guards=(Guard(lambda x, low, high: x - low), Guard(lambda x, low, high: x - high),
                Guard(lambda x, low, high: low - high)),
        kinks=(Kink("corner", "x=1,min=0,max=1", "the bounds"),), samples={"min": [-1.0, -0.5], "max": [0.5, 1.0]},
        aliases=("clip",), libraries="torch torch:clip np:clip", example="clamp(x, -1, 1) at x=0.5",
        steady=True),
    Row("clamp_min", "x, min",
        "x, or the bound where x is below it; autograd takes the slope 1 at the bound itself",
        ("where(x < min, 0, 1)", "where(x < min, 1, 0)"), torch=SAME, mp=lambda m, x, low: x if x >= low else low,
        ends=lambda a, x, low: a.call("max", x, low),
        arb=lambda a, x, low: larger(x, low), guards=DIFFERENCE, kinks=(Kink("corner", "x=1,min=1", "the bound"),),
        libraries="torch", example="clamp_min(x, 0) at x=-1", steady=True),
    Row("clamp_max", "x, max",
        "x, or the bound where x is above it; autograd takes the slope 1 at the bound itself",
        ("where(x > max, 0, 1)", "where(x > max, 1, 0)"), torch=SAME, mp=lambda m, x, high: x if x <= high else high,
        ends=lambda a, x, high: a.call("min", x, high),
        arb=lambda a, x, high: smaller(x, high), guards=DIFFERENCE, kinks=(Kink("corner", "x=1,max=1", "the bound"),),
        libraries="torch", example="clamp_max(x, 0) at x=-1", steady=True),
    Row("heaviside", "x, at_zero=0.5", "0 for x < 0, 1 for x > 0, and at 0 the second argument",
        ("0", "where(x == 0, 1, 0)"), definition="where(x < 0, 0, where(x > 0, 1, at_zero))",
        forward=lambda x, h: x.heaviside(h), arb=lambda a, x, at_zero: _step(a, x, 0, at_zero), guards=at(0),
        kinks=(Kink("jump", "x=0,at_zero=0.5", "x = 0"),), libraries="torch/2 np/2", example="heaviside(x) at x=2"),
)
# fmt: on

ROWS = (*MAGNITUDE, *ROUNDING, *EXTREMA)
