"""The Riemann and Hurwitz zeta functions, polylogarithms, Clausen functions, Bernoulli and Euler polynomials."""

from __future__ import annotations

from typing import Any

from gradcli.functions.guards import Guard, GuardKind, at, last_at
from gradcli.functions.precise import enclosed_zetas
from gradcli.functions.precise.polynomials import appell
from gradcli.functions.precise.zetas import clausen, polylog, zeta
from gradcli.functions.row import SAME, Kink, Row


def _zeta(special: Any, s: Any, q: Any) -> Any:
    """SciPy's; it has none for s < 1 and q other than 1."""
    import numpy

    if ((s < 1) & (q > 0) & (q != 1)).any():
        return None
    return numpy.where(q == 1, special.zeta(s), special.zeta(s, q))


# fmt: off
ZETA = (
    Row("zeta",          "s, q=1",
        "the Riemann zeta function, and Hurwitz's: the sum of (k + q)**-s over k = 0, 1, 2, ..., continued to all s",
        ("zetaderiv(1, s, q)", "-s*zeta(s + 1, q)"), sympy=lambda s, z, q: s.zeta(z, q, evaluate=q == 1),
        mp=lambda m, s, q: zeta(m, 0, s, q), arb=lambda a, s, q: enclosed_zetas.zeta(a, a.arb(0), s, q), scipy=_zeta,
        domain="s != 1 and q > 0", guards=(*at(1), *last_at(0)),
        kinks=(Kink("pole", "s=1,q=1", "s = 1"), Kink("pole", "s=2,q=0", "q = 0 for s > 0")),
        samples={"s": (-3, 5), "q": [1.0, 0.5, 2.75]}, libraries="scipy special/2", example="zeta(s) at s=2.5",
        latex=r"\zeta"),
    Row("zetaderiv",     "n, s, q=1", "the n-th derivative of zeta(s, q) by s",
        (None, "zetaderiv(n + 1, s, q)", "-s*zetaderiv(n, s + 1, q) - n*zetaderiv(abs(n - 1), s + 1, q)"),
        mp=zeta, arb=enclosed_zetas.zeta, domain="s != 1 and q > 0", guards=(Guard(lambda n, s, q: s - 1), *last_at(0)),
        kinks=(Kink("pole", "n=1,s=1,q=1", "s = 1"),),
        samples={"n": [0, 1, 2], "s": (-3, 5), "q": [1.0, 0.5, 2.75]}, example="zetaderiv(1, s) at s=2.5"),
    Row("zetac", "s", "zeta(s) - 1", ("zetaderiv(1, s)",), arb=enclosed_zetas.zeta_minus_1,
        mp=lambda m, s: zeta(m, 0, s, 2) if s > 2 else zeta(m, 0, s, 1) - 1, scipy=SAME, domain="s != 1", guards=at(1),
        kinks=(Kink("pole", "s=1"),), samples={"s": (-3, 5)}, libraries="scipy", example="zetac(s) at s=2.5"),
    Row("dirichlet_eta", "s",
        "the alternating zeta function, (1 - 2**(1 - s))*zeta(s): the sum of (-1)**(k + 1)/k**s",
        ("where(s == 1, -(digamma(1) + log(2)/2)*log(2),"
         " 2**(1 - s)*log(2)*zeta(s) + (1 - 2**(1 - s))*zetaderiv(1, s))",), mp="altzeta", arb=enclosed_zetas.eta,
        scipy=lambda special, s: (s == 1) * 0.6931471805599453 - special.powm1(2, 1 - s) * special.zeta(s + (s == 1)),
        samples={"s": (-3, 5)}, aliases=("altzeta",), example="dirichlet_eta(s) at s=2.5"),
    Row("bernpoly",      "n, x",      "the Bernoulli polynomial B of degree n", (None, "n*bernpoly(abs(n - 1), x)"),
        mp=appell("bernpoly"), arb=enclosed_zetas.appell("bernoulli"),
        samples={"n": [0, 1, 2, 5]}, example="bernpoly(3, x) at x=0.25"),
    Row("eulerpoly",     "n, x",      "the Euler polynomial E of degree n", (None, "n*eulerpoly(abs(n - 1), x)"),
        mp=appell("eulerpoly"), arb=enclosed_zetas.appell("euler"),
        samples={"n": [0, 1, 2, 5]}, example="eulerpoly(3, x) at x=0.25"),
)
# fmt: on


def _dilogarithm(special: Any, x: Any) -> Any:
    """SciPy's, whose argument 1 - x loses the digits of a small x: there the series does better."""
    import numpy

    series = x * (1 + x / 4 + x**2 / 9 + x**3 / 16 + x**4 / 25)
    return numpy.where(abs(x) < 1e-3, series, special.spence(1 - x))


# fmt: off
POLYLOGARITHMS = (
    Row("polylog", "s, x",
        "the polylogarithm of order s: the sum of x**k/k**s over k = 1, 2, ..., continued to all x < 1",
        (None, "where(x == 0, 1, polylog(s - 1, x)/x)"),
        sympy=SAME, mp=polylog, arb=enclosed_zetas.polylog, domain="x < 1", guards=last_at(1),
        kinks=(Kink("edge", "s=2,x=1", "x = 1 for s > 1"), Kink("pole", "s=1,x=1", "x = 1 for s <= 1")),
        samples={"s": [2, 3, 1, 0, 0.5], "x": (-0.9, 0.9)}, example="polylog(2, x) at x=0.5"),
    Row("dilog",   "x",
        "the dilogarithm Li2(x) = polylog(2, x): the sum of x**k/k**2; SciPy's spence(x) is dilog(1 - x)",
        ("where(x == 0, 1, -log1p(-x)/x)",), sympy=lambda s, x: s.polylog(2, x), mp=lambda m, x: polylog(m, 2, x),
        arb=lambda a, x: enclosed_zetas.polylog(a, a.arb(2), x), scipy=_dilogarithm, domain="x < 1", guards=at(1),
        kinks=(Kink("edge", "x=1"), Kink("outside the domain", "x=2", "x > 1")), aliases=("Li2",),
        example="dilog(x) at x=0.5", closed=True),
    Row("spence",  "x",    "Spence's function as in SciPy, dilog(1 - x): the integral of log(t)/(1 - t) from 1 to x",
        ("where(x == 1, -1, log(x)/(1 - x))",),
        mp=lambda m, x: polylog(m, 2, 1 - x), arb=lambda a, x: enclosed_zetas.polylog(a, a.arb(2), 1 - x), scipy=SAME,
        domain="x > 0", guards=at(0), kinks=(Kink("edge", "x=0"), Kink("outside the domain", "x=-1", "x < 0")),
        libraries="scipy", example="spence(x) at x=0.5", closed=True),
    Row("clausen", "x",    "the Clausen function Cl2: the sum of sin(k*x)/k**2", ("-log(2*abs(sin(x/2)))",),
        mp=lambda m, x: clausen("clsin", "imag")(m, 2, x),
        arb=lambda a, x: enclosed_zetas.clausen("imag")(a, a.arb(2), x), domain="sin(x/2) != 0",
        guards=(Guard(lambda x: x / 2, GuardKind.SINE),),
        kinks=(Kink("vertical tangent", "x=0", "the multiples of 2*pi"),),
        aliases=("Cl2",), example="clausen(x) at x=1"),
    Row("clsin",   "s, x", "the Clausen sine sum: the sum of sin(k*x)/k**s over k = 1, 2, ...",
        (None, "clcos(s - 1, x)"), mp=clausen("clsin", "imag"), arb=enclosed_zetas.clausen("imag"),
        domain="sin(x/2) != 0", guards=(Guard(lambda s, x: x / 2, GuardKind.SINE),),
        kinks=(Kink("vertical tangent", "s=2,x=0", "x = 0 for s = 2"), Kink("jump", "s=1,x=0", "x = 0 for s = 1")),
        samples={"s": [1, 2, 3]}, example="clsin(2, x) at x=1"),
    Row("clcos",   "s, x", "the Clausen cosine sum: the sum of cos(k*x)/k**s over k = 1, 2, ...",
        (None, "-clsin(s - 1, x)"), mp=clausen("clcos", "real"), arb=enclosed_zetas.clausen("real"),
        domain="sin(x/2) != 0", guards=(Guard(lambda s, x: x / 2, GuardKind.SINE),),
        kinks=(Kink("corner", "s=2,x=0", "x = 0 for s = 2"), Kink("pole", "s=1,x=0", "x = 0 for s = 1")),
        samples={"s": [1, 2, 3]}, example="clcos(2, x) at x=1"),
)
# fmt: on
