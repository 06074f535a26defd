"""Exponential, logarithmic, trigonometric and Fresnel integrals."""

from __future__ import annotations

from typing import Any

from gradcli.functions.guards import at, last_at
from gradcli.functions.precise import enclosed_zetas, only
from gradcli.functions.precise.enclosed import after_zero
from gradcli.functions.row import SAME, Kink, Row, WrongRules


def _expint(special: Any, n: Any, x: Any) -> Any:
    """SciPy's expn takes the orders 0, 1, 2, ...; smaller ones are incomplete gamma functions."""
    import numpy

    below = special.gamma(1 - n) * special.gammaincc(1 - n, x) * x ** (n - 1)
    between = special.hyperu(1, 2 - n, x) * numpy.exp(-x)
    whole = numpy.clip(numpy.floor(n), 0, 1e6).astype(int)
    return numpy.where(n < 1, below, numpy.where(whole == n, special.expn(whole, x), between))


LI = (Kink("pole", "x=1"), Kink("edge", "x=0"), Kink("outside the domain", "x=-1", "x < 0"))
POLE = (Kink("pole", "x=0"), Kink("outside the domain", "x=-1", "x < 0"))

# fmt: off
INTEGRALS = (
    Row("Ei",       "x",    "the exponential integral: the principal value of the integral of exp(t)/t from -oo to x",
        ("exp(x)/x",), sympy=SAME, mp="ei", arb=enclosed_zetas.ei, scipy="expi", domain="x != 0", guards=last_at(0),
        kinks=(Kink("pole", "x=0"),), aliases=("expi", "ei"), libraries="scipy:expi", example="Ei(x) at x=1",
        wrong=WrongRules(("exp(x)", "1/x", "exp(x)*log(x)"))),
    Row("E1",       "x",    "the exponential integral of order 1: the integral of exp(-t)/t from x on, for x > 0",
        ("-exp(-x)/x",), mp="e1", arb=lambda a, x: enclosed_zetas.expint(a, a.arb(1), x), scipy="exp1", domain="x > 0",
        guards=last_at(0), kinks=POLE, aliases=("exp1", "e1"), libraries="scipy:exp1", example="E1(x) at x=1"),
    Row("expint",   "n, x",
        "the exponential integral of order n: the integral of exp(-x*t)/t**n over t from 1 on, for x > 0",
        (None, "-expint(n - 1, x)"), mp=only(lambda n, x: x >= 0, "expint"), arb=enclosed_zetas.expint, scipy=_expint,
        domain="x > 0", guards=last_at(0), kinks=(Kink("pole", "n=1,x=0", "x = 0 for n <= 1"),),
        samples={"n": [0, 1, 2, 3, 0.5]}, aliases=("expn",), libraries="scipy:expn", example="expint(2, x) at x=1"),
    Row("li",       "x",    "the logarithmic integral: the principal value of the integral of 1/log(t) from 0 to x",
        ("1/log(x)",), scipy=lambda special, x: special.expi(special.xlogy(1, x)), domain="x > 0 and x != 1",
        sympy=SAME, mp=SAME, arb=enclosed_zetas.li, guards=at(0, 1), kinks=LI, example="li(x) at x=2.5"),
    Row("Li",       "x",    "the offset logarithmic integral: the integral of 1/log(t) from 2 to x", ("1/log(x)",),
        sympy=SAME, mp=lambda m, x: m.li(x, offset=True), arb=lambda a, x: enclosed_zetas.li(a, x, offset=True),
        scipy=lambda special, x: special.expi(special.xlogy(1, x)) - 1.045163780117492784844588889,
        domain="x > 0 and x != 1", guards=at(0, 1), kinks=LI, example="Li(x) at x=3"),
    Row("Si",       "x",    "the sine integral: the integral of sin(t)/t from 0 to x", ("where(x == 0, 1, sin(x)/x)",),
        sympy=SAME, mp="si", arb="si", scipy=lambda special, x: special.sici(x)[0], example="Si(x) at x=1",
        wrong=WrongRules(("sin(x)", "cos(x)/x", "cos(x)"))),
    Row("Ci",       "x",    "the cosine integral: minus the integral of cos(t)/t from x on, for x > 0", ("cos(x)/x",),
        sympy=SAME, mp="ci", arb=after_zero(lambda a, x: x.ci()), scipy=lambda special, x: special.sici(x)[1],
        domain="x > 0", guards=last_at(0), kinks=POLE, example="Ci(x) at x=1",
        wrong=WrongRules(("cos(x)", "sin(x)/x", "-sin(x)"))),
    Row("Shi",      "x",    "the hyperbolic sine integral: the integral of sinh(t)/t from 0 to x",
        ("where(x == 0, 1, sinh(x)/x)",), sympy=SAME, mp="shi", arb=enclosed_zetas.shi,
        scipy=lambda special, x: special.shichi(x)[0], example="Shi(x) at x=1"),
    Row("Chi",      "x",    "the hyperbolic cosine integral: (Ei(x) - E1(x))/2, for x > 0", ("cosh(x)/x",),
        sympy=SAME, mp="chi", arb=enclosed_zetas.chi, scipy=lambda special, x: special.shichi(x)[1], domain="x > 0",
        guards=last_at(0), kinks=POLE, example="Chi(x) at x=1"),
    Row("fresnels", "x",    "the Fresnel integral S: the integral of sin(pi*t**2/2) from 0 to x", ("sinpi(x**2/2)",),
        sympy=SAME, mp=SAME, arb="fresnel_s", scipy=lambda special, x: special.fresnel(x)[0],
        example="fresnels(x) at x=1"),
    Row("fresnelc", "x",    "the Fresnel integral C: the integral of cos(pi*t**2/2) from 0 to x", ("cospi(x**2/2)",),
        sympy=SAME, mp=SAME, arb="fresnel_c", scipy=lambda special, x: special.fresnel(x)[1],
        example="fresnelc(x) at x=0.5"),
)
# fmt: on
