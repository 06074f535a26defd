"""Distribution functions under SciPy's names; the normal distribution is with the error functions."""

from __future__ import annotations

from gradcli.functions import normal_enclosures
from gradcli.functions.guards import at, last_at
from gradcli.functions.precise import is_whole, only
from gradcli.functions.row import SAME, Kink, Row

# fmt: off
DISTRIBUTIONS = (
    Row("chdtr",  "v, x",        "the chi-square distribution function with v degrees of freedom",
        (None, "exp((v/2 - 1)*log(x/2) - x/2 - lgamma(v/2))/2"), definition="gammainc(v/2, x/2)", scipy=SAME,
        domain="v > 0 and x > 0", guards=last_at(0), kinks=(Kink("edge", "v=4,x=0", "x = 0"),),
        samples={"v": (0.5, 6), "x": (0.1, 8)}, libraries="scipy", example="chdtr(3, x) at x=2"),
    Row("chdtrc", "v, x",
        "the probability of more than x in the chi-square distribution with v degrees of freedom",
        (None, "-exp((v/2 - 1)*log(x/2) - x/2 - lgamma(v/2))/2"), definition="gammaincc(v/2, x/2)", scipy=SAME,
        domain="v > 0 and x > 0", guards=last_at(0), kinks=(Kink("edge", "v=4,x=0", "x = 0"),),
        samples={"v": (0.5, 6), "x": (0.1, 8)}, libraries="scipy", example="chdtrc(3, x) at x=2"),
    Row("chdtri", "v, q",        "the x at which chdtrc(v, x) is q",
        (None, "-2*exp(lgamma(v/2) + chdtri(v, q)/2 + (1 - v/2)*log(chdtri(v, q)/2))"),
        definition="2*gammainccinv(v/2, q)", scipy=SAME, domain="v > 0 and 0 < q and q < 1", guards=last_at(0, 1),
        kinks=(Kink("edge", "v=1,q=1", "q = 1"), Kink("pole", "v=4,q=0", "q = 0")),
        samples={"v": (0.5, 6)}, libraries="scipy", example="chdtri(3, q) at q=0.05"),
    Row("gdtr",   "a, b, x",     "the gamma distribution function with rate a and shape b",
        ("x*exp((b - 1)*log(a*x) - a*x - lgamma(b))", None, "a*exp((b - 1)*log(a*x) - a*x - lgamma(b))"),
        definition="gammainc(b, a*x)", scipy=SAME, domain="a > 0 and b > 0 and x > 0", guards=(*at(0), *last_at(0)),
        kinks=(Kink("edge", "a=1,b=2,x=0", "x = 0"),),
        samples={"a": (0.3, 3), "b": (0.3, 3), "x": (0.1, 3)}, libraries="scipy", example="gdtr(1.5, 2, x) at x=2"),
    Row("gdtrc",  "a, b, x",     "the probability of more than x in the gamma distribution with rate a and shape b",
        ("-x*exp((b - 1)*log(a*x) - a*x - lgamma(b))", None, "-a*exp((b - 1)*log(a*x) - a*x - lgamma(b))"),
        definition="gammaincc(b, a*x)", scipy=SAME, domain="a > 0 and b > 0 and x > 0", guards=(*at(0), *last_at(0)),
        kinks=(Kink("edge", "a=1,b=2,x=0", "x = 0"),),
        samples={"a": (0.3, 3), "b": (0.3, 3), "x": (0.1, 3)}, libraries="scipy", example="gdtrc(1.5, 2, x) at x=2"),
    Row("stdtr",  "df, t",       "Student's t distribution function with df degrees of freedom",
        (None, "(1 + t**2/df)**(-(df + 1)/2)/(sqrt(df)*beta(1/2, df/2))"),
        definition="where(t < 0, betainc(df/2, 1/2, df/(df + t**2))/2, 1 - betainc(df/2, 1/2, df/(df + t**2))/2)",
        arb=normal_enclosures.stdtr, scipy=SAME, domain="df > 0",
        samples={"df": (0.5, 6)}, libraries="scipy", example="stdtr(5, t) at t=2"),
    Row("fdtr",   "dfn, dfd, x", "the F distribution function with dfn and dfd degrees of freedom",
        (None, None, "exp(dfn/2*log(dfn*x/dfd) - (dfn + dfd)/2*log(1 + dfn*x/dfd) - lbeta(dfn/2, dfd/2))/x"),
        definition="betainc(dfn/2, dfd/2, dfn*x/(dfd + dfn*x))", scipy=SAME, domain="dfn > 0 and dfd > 0 and x > 0",
        guards=last_at(0), kinks=(Kink("edge", "dfn=4,dfd=3,x=0", "x = 0"),),
        samples={"dfn": (0.5, 6), "dfd": (0.5, 6), "x": (0.1, 5)}, libraries="scipy", example="fdtr(3, 10, x) at x=2"),
    Row("fdtrc",  "dfn, dfd, x",
        "the probability of more than x in the F distribution with dfn and dfd degrees of freedom",
        (None, None, "-exp(dfn/2*log(dfn*x/dfd) - (dfn + dfd)/2*log(1 + dfn*x/dfd) - lbeta(dfn/2, dfd/2))/x"),
        definition="betainc(dfd/2, dfn/2, dfd/(dfd + dfn*x))", scipy=SAME, domain="dfn > 0 and dfd > 0 and x > 0",
        guards=last_at(0), kinks=(Kink("edge", "dfn=4,dfd=3,x=0", "x = 0"),),
        samples={"dfn": (0.5, 6), "dfd": (0.5, 6), "x": (0.1, 5)}, libraries="scipy", example="fdtrc(3, 10, x) at x=2"),
    Row("pdtr",   "k, m",        "the probability of at most k events in the Poisson distribution of mean m",
        (None, "-exp(floor(k)*log(m) - m - lgamma(floor(k) + 1))"), definition="gammaincc(floor(k) + 1, m)", scipy=SAME,
        domain="k >= 0 and m > 0", guards=last_at(0), kinks=(Kink("edge", "k=2,m=0", "m = 0"),),
        samples={"k": [0, 1, 4], "m": (0.2, 6)}, libraries="scipy", example="pdtr(3, m) at m=2"),
    Row("pdtrc",  "k, m",        "the probability of more than k events in the Poisson distribution of mean m",
        (None, "exp(floor(k)*log(m) - m - lgamma(floor(k) + 1))"), definition="gammainc(floor(k) + 1, m)", scipy=SAME,
        domain="k >= 0 and m > 0", guards=last_at(0), kinks=(Kink("edge", "k=2,m=0", "m = 0"),),
        samples={"k": [0, 1, 4], "m": (0.2, 6)}, libraries="scipy", example="pdtrc(3, m) at m=2"),
    Row("bdtr",   "k, n, p",
        "the probability of at most k successes in n trials of probability p: the binomial distribution function",
        (None, None, "-exp(floor(k)*log(p) + (n - floor(k) - 1)*log(1 - p) - lbeta(n - floor(k), floor(k) + 1))"),
        mp=only(lambda k, n, p: k >= 0 and is_whole(n) and 0 <= p <= 1,
                lambda m, k, n, p: (m.betainc(n - m.floor(k), m.floor(k) + 1, 0, 1 - p, regularized=True)
                                    if m.floor(k) < n else m.one)),
        arb=normal_enclosures.bdtr, scipy=lambda special, k, n, p: special.bdtr(k, n.astype(int), p),
        domain="0 < p and p < 1", guards=last_at(0, 1), kinks=(Kink("edge", "k=2,n=5,p=0", "p = 0 and p = 1"),),
        samples={"k": [0, 1, 3], "n": [4, 6], "p": (0, 1)}, libraries="scipy", example="bdtr(3, 10, p) at p=0.4"),
)
# fmt: on
