"""Entropies, losses, power transformations and distribution functions, with SciPy's conventions."""

from __future__ import annotations

from gradcli.functions.enclosures import choose, less, magnitude, unknown, unless
from gradcli.functions.guards import Guard, at, last_at
from gradcli.functions.power_enclosures import (
    boxcox,
    boxcox1p,
    entr,
    hypot,
    inv_boxcox_log,
    kl_div,
    log_product,
    rel_entr,
    square,
)
from gradcli.functions.precise import only
from gradcli.functions.row import SAME, Kink, Row, WrongRules


def _huber(a, delta, r):
    """A parabola up to delta, and lines beyond."""
    if not delta >= 0:
        return unknown(a)
    size = magnitude(a, r)
    return choose(a, (less(delta, size), lambda: delta * (size - delta / 2)), (True, lambda: square(a, r) / 2))


# fmt: off
ENTROPIES = (
    Row("xlogy",    "x, y", "x*log(y), which is 0 where x is 0",                 ("log(y)", "x/y"),
        torch=SAME, sympy=lambda s, x, y: s.Mul(x, s.log(y)), mp=lambda m, x, y: x * m.log(y) if x else x,
        arb=lambda a, x, y: log_product(a, x, y, "log", 0), domain="y > 0",
        guards=(*last_at(0), Guard(lambda x, y: x, unless=lambda _, x, y: y > 0)),
        kinks=(Kink("pole", "x=1,y=0", "y = 0"),), libraries="torch special scipy", example="xlogy(x, y) at x=2,y=3"),
    Row("xlog1py",  "x, y", "x*log(1 + y), which is 0 where x is 0",             ("log1p(y)", "x/(1 + y)"),
        torch="special.xlog1py", mp=lambda m, x, y: x * m.log1p(y) if x else x,
        arb=lambda a, x, y: log_product(a, x, y, "log1p", -1), domain="y > -1",
        guards=(*last_at(-1), Guard(lambda x, y: x, unless=lambda _, x, y: y > -1)),
        kinks=(Kink("pole", "x=1,y=-1", "y = -1"),), libraries="special scipy", example="xlog1py(x, y) at x=2,y=0.5"),
    Row("entr",     "x",    "-x*log(x), which is 0 at 0: a term of the entropy", ("-log(x) - 1",), torch="special.entr",
        mp=lambda m, x: -x * m.log(x) if x else x, arb=entr, domain="x > 0", guards=at(0), example="entr(x) at x=0.5",
        kinks=(Kink("edge", "x=0"), Kink("outside the domain", "x=-1", "x < 0")), libraries="special scipy",
        closed=True, wrong=WrongRules(term=("-log(x)", "-1"))),
    Row("rel_entr", "x, y", "x*log(x/y), which is 0 where x is 0: a term of the relative entropy",
        ("log(x/y) + 1", "-x/y"), mp=only(lambda x, y: x >= 0 and y >= 0, lambda m, x, y: x * m.log(x / y) if x else x),
        arb=rel_entr, scipy=SAME, domain="x > 0 and y > 0", guards=(*at(0), *last_at(0)),
        kinks=(Kink("edge", "x=0,y=1", "x = 0"), Kink("pole", "x=1,y=0", "y = 0")), libraries="scipy",
        example="rel_entr(x, y) at x=0.5,y=0.25"),
    Row("kl_div",   "x, y",
        "x*log(x/y) - x + y, SciPy's term of the Kullback-Leibler divergence; torch's kl_div is another function",
        ("log(x/y)", "1 - x/y"),
        mp=only(lambda x, y: x >= 0 and y >= 0, lambda m, x, y: x * m.log(x / y) - x + y if x else y), arb=kl_div,
        scipy=SAME, domain="x > 0 and y > 0", guards=(*at(0), *last_at(0)),
        kinks=(Kink("edge", "x=0,y=1", "x = 0"), Kink("pole", "x=1,y=0", "y = 0")),
        libraries="scipy", example="kl_div(x, y) at x=0.5,y=0.25"),
)

LOSSES = (
    Row("huber",        "delta, r", "Huber's loss: r**2/2 where abs(r) <= delta, else delta*(abs(r) - delta/2)",
        ("where(abs(r) <= delta, 0, abs(r) - delta)", "where(abs(r) <= delta, r, delta*sign(r))"),
        mp=only(lambda delta, r: delta >= 0,
                lambda m, delta, r: r * r / 2 if abs(r) <= delta else delta * (abs(r) - delta / 2)),
        arb=unless(lambda delta, r: delta < 0, _huber), scipy=SAME, domain="delta > 0",
        guards=(Guard(lambda delta, r: abs(r) - delta), *at(0)), kinks=(Kink("edge", "delta=0,r=1", "delta = 0"),),
        libraries="scipy", example="huber(1, r) at r=2.5"),
    Row("pseudo_huber", "delta, r", "the smooth form of Huber's loss, delta**2*(sqrt(1 + (r/delta)**2) - 1)",
        ("delta*((r/delta)**2/(sqrt(1 + (r/delta)**2) + 1))**2/sqrt(1 + (r/delta)**2)", "r/sqrt(1 + (r/delta)**2)"),
        mp=only(lambda delta, r: delta > 0, lambda m, delta, r: r * r / (m.hypot(1, r / delta) + 1)),
        arb=unless(lambda delta, r: delta <= 0, lambda a, delta, r: square(a, r) / (hypot(a, a.arb(1), r / delta) + 1)),
        scipy=SAME, domain="delta > 0", guards=at(0), kinks=(Kink("edge", "delta=0,r=1", "delta = 0"),),
        samples={"delta": (0.3, 2)}, libraries="scipy", example="pseudo_huber(1, r) at r=2.5"),
)

POWER_TRANSFORMATIONS = (
    Row("boxcox",       "x, lmbda", "the Box-Cox transformation (x**lmbda - 1)/lmbda, which is log(x) where lmbda is 0",
        ("x**(lmbda - 1)", "log(x)**2*hyp1f1(2, 3, lmbda*log(x))/2"),
        mp=lambda m, x, lmbda: m.expm1(lmbda * m.log(x)) / lmbda if lmbda else m.log(x), arb=boxcox, scipy=SAME,
        domain="x > 0", guards=at(0),
        kinks=(Kink("pole", "x=0,lmbda=-1", "x = 0 for lmbda <= 0"),
               Kink("edge", "x=0,lmbda=0.5", "x = 0 for lmbda > 0")),
        libraries="scipy", example="boxcox(x, lmbda) at x=2,lmbda=0.5"),
    Row("boxcox1p",     "x, lmbda", "boxcox(1 + x, lmbda), accurate near 0",
        ("(1 + x)**(lmbda - 1)", "log1p(x)**2*hyp1f1(2, 3, lmbda*log1p(x))/2"),
        mp=lambda m, x, lmbda: m.expm1(lmbda * m.log1p(x)) / lmbda if lmbda else m.log1p(x), arb=boxcox1p, scipy=SAME,
        domain="x > -1", guards=at(-1),
        kinks=(Kink("pole", "x=-1,lmbda=-1", "x = -1 for lmbda <= 0"),
               Kink("edge", "x=-1,lmbda=0.5", "x = -1 for lmbda > 0")),
        libraries="scipy", example="boxcox1p(x, lmbda) at x=1,lmbda=0.5"),
    Row("inv_boxcox",   "y, lmbda",
        "the x at which boxcox(x, lmbda) is y: (lmbda*y + 1)**(1/lmbda), which is exp(y) where lmbda is 0",
        ("inv_boxcox(y, lmbda)/(1 + lmbda*y)", "-y**2*hyp2f1(2, 2, 3, -lmbda*y)/2*inv_boxcox(y, lmbda)"),
        mp=only(lambda y, lmbda: 1 + lmbda * y > 0,
                lambda m, y, lmbda: m.exp(m.log1p(lmbda * y) / lmbda if lmbda else y)),
        arb=lambda a, y, lmbda: None if (log := inv_boxcox_log(a, y, lmbda)) is None else log.exp(), scipy=SAME,
        domain="1 + lmbda*y > 0", guards=(Guard(lambda y, lmbda: 1 + lmbda * y),),
        kinks=(Kink("edge", "y=-2,lmbda=0.5", "y = -1/lmbda"),),
        libraries="scipy", example="inv_boxcox(y, lmbda) at y=1,lmbda=0.5"),
    Row("inv_boxcox1p", "y, lmbda", "inv_boxcox(y, lmbda) - 1, accurate near 0",
        ("(1 + inv_boxcox1p(y, lmbda))/(1 + lmbda*y)",
         "-y**2*hyp2f1(2, 2, 3, -lmbda*y)/2*(1 + inv_boxcox1p(y, lmbda))"),
        mp=only(lambda y, lmbda: 1 + lmbda * y > 0,
                lambda m, y, lmbda: m.expm1(m.log1p(lmbda * y) / lmbda if lmbda else y)),
        arb=lambda a, y, lmbda: None if (log := inv_boxcox_log(a, y, lmbda)) is None else log.expm1(), scipy=SAME,
        domain="1 + lmbda*y > 0", guards=(Guard(lambda y, lmbda: 1 + lmbda * y),),
        kinks=(Kink("edge", "y=-2,lmbda=0.5", "y = -1/lmbda"),),
        libraries="scipy", example="inv_boxcox1p(y, lmbda) at y=1,lmbda=0.5"),
)
# fmt: on
