"""The incomplete gamma and beta functions, and their inverses: distribution functions and quantiles."""

from __future__ import annotations

from typing import Any

from gradcli.functions.guards import last_at
from gradcli.functions.late import late
from gradcli.functions.precise import enclosed_incomplete, only
from gradcli.functions.precise.enclosed_roots import inverse_beta, inverse_gamma
from gradcli.functions.precise.gammas import betaincinv, gammaincinv
from gradcli.functions.row import SAME, Kink, Row


def _positive(a, x):
    return a > 0 and x >= 0


def _has_upper(a, x):
    return x > 0 or (a > 0 and x >= 0)


def _upper_gamma(special: Any, a: Any, x: Any) -> Any:
    """SciPy's; it has none for a <= 0."""
    return special.gammaincc(a, x) * special.gamma(a) if (a > 0).all() else None


def _in_unit(a, b, x):
    return a > 0 and b > 0 and 0 <= x <= 1


# fmt: off
INCOMPLETE_GAMMA = (
    Row("gammainc",     "a, x",
        "the lower incomplete gamma function, regularized: the integral of t**(a - 1)*exp(-t)/gamma(a) from 0 to x",
        ("gammainc_by_a(1, a, x)", "exp((a - 1)*log(x) - x - lgamma(a))"),
        forward=late("special.gammainc"), mp=only(_positive, lambda m, a, x: m.gammainc(a, 0, x, regularized=True)),
        arb=enclosed_incomplete.lower_gamma, domain="a > 0 and x > 0", guards=last_at(0),
        kinks=(Kink("edge", "a=2,x=0", "x = 0"),), samples={"a": (0.3, 5), "x": (0.1, 8)}, aliases=("igamma",),
        libraries="special scipy torch:igamma", example="gammainc(2, x) at x=1.5"),
    Row("gammaincc",    "a, x", "1 - gammainc(a, x), accurate where that is small",
        ("gammaincc_by_a(1, a, x)", "-exp((a - 1)*log(x) - x - lgamma(a))"),
        forward=late("special.gammaincc"), mp=only(_positive, lambda m, a, x: m.gammainc(a, x, regularized=True)),
        arb=enclosed_incomplete.upper_gamma, domain="a > 0 and x > 0", guards=last_at(0),
        kinks=(Kink("edge", "a=2,x=0", "x = 0"),), samples={"a": (0.3, 5), "x": (0.1, 8)}, aliases=("igammac",),
        libraries="special scipy torch:igammac", example="gammaincc(2, x) at x=1.5"),
    Row("lowergamma",   "a, x", "the lower incomplete gamma function: the integral of t**(a - 1)*exp(-t) from 0 to x",
        (None, "x**(a - 1)*exp(-x)"), sympy=SAME, mp=only(_positive, lambda m, a, x: m.gammainc(a, 0, x)),
        arb=lambda c, a, x: enclosed_incomplete.lower_gamma(c, a, x, regularized=False),
        scipy=lambda special, a, x: special.gammainc(a, x) * special.gamma(a), domain="a > 0 and x > 0",
        guards=last_at(0), kinks=(Kink("edge", "a=2,x=0", "x = 0"),), samples={"a": (0.3, 5), "x": (0.1, 8)},
        example="lowergamma(2, x) at x=1.5"),
    Row("uppergamma",   "a, x",
        "the upper incomplete gamma function: the integral of t**(a - 1)*exp(-t) from x on; any a for x > 0",
        (None, "-x**(a - 1)*exp(-x)"), sympy=SAME, mp=only(_has_upper, lambda m, a, x: m.gammainc(a, x)),
        arb=enclosed_incomplete.whole_upper_gamma, scipy=_upper_gamma, domain="x > 0", guards=last_at(0),
        kinks=(Kink("edge", "a=2,x=0", "x = 0 for a > 0"), Kink("pole", "a=0,x=0", "x = 0 for a <= 0")),
        samples={"a": [0, -0.5, -2, 0.3, 1, 4.5], "x": (0.1, 8)}, example="uppergamma(2, x) at x=1.5"),
    Row("gammaincinv",  "a, p", "the x at which gammainc(a, x) is p",
        (None, "exp(lgamma(a) + gammaincinv(a, p) + (1 - a)*log(gammaincinv(a, p)))"),
        mp=lambda m, a, p: gammaincinv(m, a, p, 1 - p), arb=lambda c, a, p: inverse_gamma(c, a, p, 1 - p), scipy=SAME,
        domain="a > 0 and 0 < p and p < 1", guards=last_at(0, 1),
        kinks=(Kink("edge", "a=0.5,p=0", "p = 0"), Kink("pole", "a=2,p=1", "p = 1")),
        samples={"a": (0.3, 5)}, libraries="scipy", example="gammaincinv(2, p) at p=0.5"),
    Row("gammainccinv", "a, q", "the x at which gammaincc(a, x) is q",
        (None, "-exp(lgamma(a) + gammainccinv(a, q) + (1 - a)*log(gammainccinv(a, q)))"),
        mp=lambda m, a, q: gammaincinv(m, a, 1 - q, q), arb=lambda c, a, q: inverse_gamma(c, a, 1 - q, q), scipy=SAME,
        domain="a > 0 and 0 < q and q < 1", guards=last_at(0, 1),
        kinks=(Kink("edge", "a=0.5,q=1", "q = 1"), Kink("pole", "a=2,q=0", "q = 0")),
        samples={"a": (0.3, 5)}, libraries="scipy", example="gammainccinv(2, q) at q=0.05"),
)

INCOMPLETE_BETA = (
    Row("betainc",     "a, b, x",
        "the incomplete beta function, regularized: the integral of t**(a - 1)*(1 - t)**(b - 1)/beta(a, b) from 0 to x",
        (None, None, "exp((a - 1)*log(x) + (b - 1)*log(1 - x) - lbeta(a, b))"),
        mp=only(_in_unit, lambda m, a, b, x: m.betainc(a, b, 0, x, regularized=True)),
        arb=enclosed_incomplete.incomplete_beta, scipy=SAME, domain="a > 0 and b > 0 and 0 < x and x < 1",
        guards=last_at(0, 1), kinks=(Kink("edge", "a=2,b=3,x=0", "x = 0 and x = 1"),),
        samples={"a": (0.3, 5), "b": (0.3, 5), "x": (0, 1)}, libraries="scipy", example="betainc(2, 3, x) at x=0.3"),
    Row("betaincc",    "a, b, x", "1 - betainc(a, b, x), accurate where that is small",
        (None, None, "-exp((a - 1)*log(x) + (b - 1)*log(1 - x) - lbeta(a, b))"),
        mp=only(_in_unit, lambda m, a, b, x: m.betainc(b, a, 0, 1 - x, regularized=True)),
        arb=lambda c, a, b, x: enclosed_incomplete.incomplete_beta(c, a, b, x, lower=False), scipy=SAME,
        domain="a > 0 and b > 0 and 0 < x and x < 1", guards=last_at(0, 1),
        kinks=(Kink("edge", "a=2,b=3,x=0", "x = 0 and x = 1"),),
        samples={"a": (0.3, 5), "b": (0.3, 5), "x": (0, 1)}, libraries="scipy", example="betaincc(2, 3, x) at x=0.3"),
    Row("betaincinv",  "a, b, p", "the x at which betainc(a, b, x) is p",
        (None, None, "exp(lbeta(a, b) + (1 - a)*log(betaincinv(a, b, p)) + (1 - b)*log(betainccinv(b, a, p)))"),
        mp=lambda m, a, b, p: betaincinv(m, a, b, p, 1 - p), arb=lambda c, a, b, p: inverse_beta(c, a, b, p, 1 - p),
        scipy=SAME, domain="a > 0 and b > 0 and 0 < p and p < 1", guards=last_at(0, 1),
        kinks=(Kink("edge", "a=0.5,b=0.5,p=0", "p = 0 and p = 1"),),
        samples={"a": (0.3, 5), "b": (0.3, 5)}, libraries="scipy", example="betaincinv(2, 3, p) at p=0.3"),
    Row("betainccinv", "a, b, q", "the x at which betaincc(a, b, x) is q",
        (None, None, "-exp(lbeta(a, b) + (1 - a)*log(betainccinv(a, b, q)) + (1 - b)*log(betaincinv(b, a, q)))"),
        mp=lambda m, a, b, q: betaincinv(m, a, b, 1 - q, q), arb=lambda c, a, b, q: inverse_beta(c, a, b, 1 - q, q),
        scipy=SAME, domain="a > 0 and b > 0 and 0 < q and q < 1", guards=last_at(0, 1),
        kinks=(Kink("edge", "a=0.5,b=0.5,q=0", "q = 0 and q = 1"),),
        samples={"a": (0.3, 5), "b": (0.3, 5)}, libraries="scipy", example="betainccinv(2, 3, q) at q=0.3"),
)
# fmt: on
