"""The gamma function, its logarithmic derivatives, and the products and quotients that it generalizes."""

from __future__ import annotations

from typing import Any

from gradcli.functions.guards import poles
from gradcli.functions.precise import enclosed, gammas
from gradcli.functions.row import SAME, Kink, Row, WrongRules

NOT_POLES = "x > 0 or x != floor(x)"
POLES = "x = 0, -1, -2, ..."


def _polygamma(n: Any, x: Any) -> Any:
    """torch's version, whose order has to be a plain whole number."""
    order = float(n.detach() if hasattr(n, "detach") else n)
    return x.polygamma(int(order)) if order >= 0 and order == int(order) else x * float("nan")


def _rgammaderiv(special: Any, n: Any, x: Any) -> Any:
    """The first two derivatives where digamma is finite."""
    if ((n != 1) & (n != 2)).any() or ((x <= 0) & (x == special.round(x))).any():
        return None
    psi, value = special.digamma(x), special.rgamma(x)
    return value * ((n == 2) * (psi**2 - special.polygamma(1, x)) - (n == 1) * psi)


POLE = Kink("pole", "x=-1", POLES)
BELOW = Kink("pole", "x=-1", "x = -1, -2, ...")

# fmt: off
GAMMA = (
    Row("gamma",       "x",    "the gamma function: (x - 1)! for whole x", ("gamma(x)*digamma(x)",), sympy=SAME,
        mp=gammas.gamma, arb=enclosed.gamma, scipy=SAME, domain=NOT_POLES, guards=(poles(lambda x: x),), kinks=(POLE,),
        samples={"x": (-2.5, 6)}, aliases=("Gamma",), libraries="scipy math",
        ends=(None, "inf"), example="gamma(x) at x=4.5",
        latex=r"\Gamma",
        wrong=WrongRules(("digamma(x)", "(x - 1)*gamma(x - 1)", "gamma(x)*log(x)", "gamma(x - 1)", "x*gamma(x)",
                          "gamma(x)"))),
    Row("lgamma",      "x",    "log(abs(gamma(x)))",   ("digamma(x)",), aliases=("gammaln", "loggamma"),
        torch=SAME, mp=gammas.log_gamma, arb=enclosed.log_gamma, domain=NOT_POLES, guards=(poles(lambda x: x),),
        kinks=(POLE,), libraries="torch math special:gammaln scipy:gammaln",
        ends=(None, "inf"), example="lgamma(x) at x=4.5",
        wrong=WrongRules(("gamma(x)*digamma(x)", "1/gamma(x)", "log(x)", "trigamma(x)", "lgamma(x - 1)"))),
    Row("rgamma",      "x",    "1/gamma(x), which is 0 at 0, -1, -2, ...", ("rgammaderiv(1, x)",),
        mp=SAME, arb=SAME, scipy=SAME, libraries="scipy", example="rgamma(x) at x=4.5"),
    Row("rgammaderiv", "n, x",
        "the n-th derivative of rgamma(x); the first is -rgamma(x)*digamma(x), which is (-1)**k*k! at x = -k",
        (None, "rgammaderiv(n + 1, x)"), mp=gammas.rgamma_derivative, arb=enclosed.rgamma_derivative,
        scipy=_rgammaderiv, samples={"n": [0, 1, 2, 3], "x": (-1.5, 5)}, example="rgammaderiv(1, x) at x=-2"),
    Row("digamma",     "x",    "the derivative of log(gamma(x))", ("polygamma(1, x)",),
        torch=SAME, mp=lambda m, x: gammas.polygamma(m, 0, x), arb=lambda a, x: enclosed.polygamma(a, a.arb(0), x),
        domain=NOT_POLES, guards=(poles(lambda x: x),), kinks=(POLE,), samples={"x": (-1.5, 5)}, aliases=("psi",),
        libraries="torch special special:psi scipy scipy:psi", ends=(None, "inf"), example="digamma(x) at x=2",
        wrong=WrongRules(("digamma(x)**2", "polygamma(2, x)", "1/x", "lgamma(x)"))),
    Row("trigamma", "x", "the second derivative of log(gamma(x)), polygamma(1, x)", ("polygamma(2, x)",), kinks=(POLE,),
        arb=lambda a, x: enclosed.polygamma(a, a.arb(1), x), guards=(poles(lambda x: x),), example="trigamma(x) at x=2",
        mp=lambda m, x: gammas.polygamma(m, 1, x), scipy=lambda special, x: special.polygamma(1, x), domain=NOT_POLES),
    Row("polygamma",   "n, x", "the derivative of order n + 1 of log(gamma(x)), for n = 0, 1, 2, ...",
        (None, "polygamma(n + 1, x)"), torch=_polygamma, sympy=SAME, mp=gammas.polygamma, arb=enclosed.polygamma,
        domain=NOT_POLES, guards=(poles(lambda n, x: x),), kinks=(Kink("pole", "n=2,x=-1", POLES),),
        samples={"n": [0, 1, 2, 3], "x": (-1.5, 5)}, libraries="special scipy torch",
        example="polygamma(2, x) at x=1.5"),
    Row("beta",        "a, b", "the beta function, gamma(a)*gamma(b)/gamma(a + b)",
        ("beta(a, b)*(digamma(a) - digamma(a + b))", "beta(a, b)*(digamma(b) - digamma(a + b))"),
        sympy=SAME, mp=gammas.beta, arb=enclosed.beta, scipy=SAME, domain="a > 0 and b > 0",
        guards=(poles(lambda a, b: a), poles(lambda a, b: b)),
        kinks=(Kink("pole", "a=0,b=2", "a, b = 0, -1, -2, ..."),), libraries="scipy",
        latex=r"\mathrm{B}", example="beta(a, b) at a=2,b=3"),
    Row("lbeta",       "a, b", "log(abs(beta(a, b)))", ("digamma(a) - digamma(a + b)", "digamma(b) - digamma(a + b)"),
        mp=gammas.log_beta, arb=enclosed.log_beta, scipy="betaln", domain="a > 0 and b > 0",
        guards=(poles(lambda a, b: a), poles(lambda a, b: b)),
        kinks=(Kink("pole", "a=0,b=2", "a, b = 0, -1, -2, ..."),),
        aliases=("betaln",), libraries="scipy:betaln", example="lbeta(a, b) at a=2,b=3"),
)

FACTORIALS = (
    Row("factorial", "x",    "gamma(x + 1); also written x!", ("factorial(x)*digamma(x + 1)",),
        sympy=SAME, mp=gammas.factorial, arb=lambda a, x: enclosed.gamma(a, x + 1),
        scipy=lambda special, x: special.gamma(x + 1), domain="x > -1 or x != floor(x)",
        guards=(poles(lambda x: x + 1),), kinks=(BELOW,), libraries="math", example="factorial(x) at x=3.5",
        wrong=WrongRules(("x*factorial(x - 1)", "factorial(x - 1)", "digamma(x + 1)", "factorial(x)*digamma(x)"))),
    Row("binomial",  "n, k", "the binomial coefficient, gamma(n + 1)/gamma(k + 1)/gamma(n - k + 1)",
        ("binomial(n, k)*(digamma(n + 1) - digamma(n - k + 1))",
         "binomial(n, k)*(digamma(n - k + 1) - digamma(k + 1))"),
        sympy=SAME, mp=gammas.binomial, arb=enclosed.binomial, scipy="binom", domain="n > k - 1 and k > -1",
        guards=(poles(lambda n, k: n + 1),), samples={"n": (0, 6), "k": (0, 3)}, aliases=("comb", "binom"),
        libraries="scipy:binom math:comb", example="binomial(n, k) at n=5,k=2"),
    Row("poch",      "x, n", "the rising factorial or Pochhammer symbol, gamma(x + n)/gamma(x)",
        ("poch(x, n)*(digamma(x + n) - digamma(x))", "poch(x, n)*digamma(x + n)"),
        sympy="RisingFactorial", mp=gammas.rising, arb=enclosed.rising, scipy=SAME, domain="x > 0 and x + n > 0",
        guards=(poles(lambda x, n: x + n),), aliases=("rf",), libraries="scipy", example="poch(x, n) at x=2.5,n=3"),
    Row("harmonic",  "x",    "the harmonic number 1 + 1/2 + ... + 1/x, digamma(x + 1) - digamma(1) for any x",
        ("polygamma(1, x + 1)",), mp=gammas.harmonic, arb=enclosed.harmonic,
        scipy=lambda special, x: special.digamma(x + 1) - special.digamma(1), domain="x > -1 or x != floor(x)",
        guards=(poles(lambda x: x + 1),), kinks=(BELOW,), example="harmonic(x) at x=3.5"),
    Row("barnesg",   "x",    "Barnes's G, the product of gamma(1)...gamma(x - 1) for whole x",
        ("barnesg(x)*((x - 1)*digamma(x) - x + (log(2*pi) + 1)/2)",), arb=lambda a, x: a.acb(x).barnes_g().real,
        mp=SAME, domain="x > 0", samples={"x": (0.2, 4)}, example="barnesg(x) at x=2.5"),
)
# fmt: on
