"""Powers, roots, exponentials and logarithms."""

from __future__ import annotations

from gradcli.functions.enclosures import unless
from gradcli.functions.guards import Guard, at, last_at
from gradcli.functions.plane import ENTIRE, NEGATIVE, BranchCut, Plane
from gradcli.functions.power_enclosures import exprel, hypot, log_base, logaddexp, odd_root, power, root
from gradcli.functions.row import SAME, Kink, Row, WrongRules

HUGE = 30  # bits


def _exp(m, x):
    """e**x; for huge x by a power of 2, since mpmath raises e to whole numbers by repeated squaring."""
    if not x or m.mag(x) < HUGE:
        return m.exp(x)
    with m.extraprec(int(m.mag(x)) + HUGE):
        exponent = m.floor(x / m.ln2)
        return m.ldexp(m.exp(x - exponent * m.ln2), int(exponent))


# fmt: off
POWERS = (
    Row("sqrt",       "x",    "the square root; also written √x",               ("1/(2*sqrt(x))",),
        torch=SAME, sympy=SAME, mp=SAME, arb=unless(lambda x: x < 0, "sqrt"), domain="x > 0", guards=at(0),
        kinks=(Kink("edge", "x=0"),), libraries="torch np math", ends=(None, "inf"),
        plane=Plane(cut=NEGATIVE), example="sqrt(x) at x=4",
        latex=r"\sqrt{…}", steady=True, elementary=True, steep=True, closed=True,
        wrong=WrongRules(("1/sqrt(x)", "sqrt(x)/2", "2*sqrt(x)", "1/(2*x**2)", "1/(2*x*sqrt(x))", "x/2", "x**2"),
                         stale=("1/(2*x)",))),
    Row("cbrt", "x", "the real cube root, of negative numbers too", ("1/(3*cbrt(x)**2)",), libraries="np scipy math",
        mp=lambda m, x: m.sign(x) * m.root(abs(x), 3), arb=lambda a, x: odd_root(a, x, 3), scipy=SAME, guards=at(0),
        definition="sign(x)*abs(x)**(1/3)", kinks=(Kink("vertical tangent", "x=0"),),
        ends=("-inf", "inf"), latex=r"\sqrt[3]{…}", example="cbrt(x) at x=-8",
        wrong=WrongRules(("1/(3*cbrt(x))", "1/cbrt(x)**2", "cbrt(x)**2/3", "1/(2*cbrt(x))", "1/(3*cbrt(x**2)**2)",
                          "cbrt(x)/3"), stale=("1/(3*x**2)",))),
    Row("root",       "x, n", "the real n-th root; of a negative number for odd whole n only",
        ("root(x, n)/(n*x)", "-root(x, n)*log(x)/n**2"),
        mp=lambda m, x, n: -(m.power(-x, 1 / n)) if x < 0 and m.isint(n) and n % 2 == 1 else m.power(x, 1 / n),
        arb=root, domain="x > 0 and n != 0", guards=(*at(0), *last_at(0)),
        kinks=(Kink("vertical tangent", "x=0,n=3", "x = 0 for odd n"), Kink("edge", "x=0,n=4", "x = 0 for other n")),
        samples={"n": [2, 3, 4, 5]}, example="root(x, 5) at x=-32", steep=True, closed=True),
    Row("square",     "x",    "x**2",                                           ("2*x",),
        definition="x**2", torch=SAME, libraries="torch np", ends=("inf", "inf"),
        plane=Plane(lambda x: x * x), example="square(x) at x=3",
        steady=True),
    Row("reciprocal", "x",    "1/x",                                            ("-1/x**2",),
        definition="1/x", torch=SAME, sympy=lambda s, x: s.Pow(x, -1), domain="x != 0", guards=at(0),
        kinks=(Kink("pole", "x=0"),), libraries="torch np", ends=("0", "0"),
        plane=Plane(lambda x: 1 / x), example="reciprocal(x) at x=4",
        steady=True, elementary=True, wrong=WrongRules(("log(x)", "1"), stale=("-x**2",))),
    Row("rsqrt",      "x",    "1/sqrt(x)",                                      ("-1/(2*x*sqrt(x))",),
        definition="1/sqrt(x)", torch=SAME, sympy=lambda s, x: s.Pow(x, s.Rational(-1, 2)), domain="x > 0",
        guards=at(0), kinks=(Kink("pole", "x=0"),), libraries="torch", ends=(None, "0"),
        plane=Plane(cut=NEGATIVE), example="rsqrt(x) at x=4",
        steady=True, elementary=True,
        wrong=WrongRules(("-1/(2*sqrt(x))", "sqrt(x)", "-1/(x*sqrt(x))", "1/(2*sqrt(x))"), stale=("-x**3/2",))),
    Row("hypot",      "x, y", "sqrt(x**2 + y**2), without overflow on the way", ("x/hypot(x, y)", "y/hypot(x, y)"),
        torch=SAME, mp=SAME, arb=hypot, guards=(Guard(lambda x, y: abs(x) + abs(y)),),
        kinks=(Kink("corner", "x=0,y=0"),), libraries="torch np math", ends=lambda a, x, y: a.inf,
        example="hypot(x, y) at x=3,y=4"),
)

EXPONENTIALS = (
    Row("exp",       "x",     "e**x",                                   ("exp(x)",), torch=SAME, sympy=SAME, mp=_exp,
        arb=SAME, libraries="torch np math",
        ends=("0", "inf"), plane=ENTIRE, example="exp(x) at x=1", latex=r"\exp", steady=True, elementary=True,
        wrong=WrongRules(("x*exp(x - 1)", "x*exp(x)", "exp(x - 1)", "1"), base=("exp(x)*log(10)", "exp(x)*log(2)"),
                         stale=("x",))),
    Row("exp2",      "x",     "2**x",                                   ("exp2(x)*log(2)",),
        torch=SAME, sympy=lambda s, x: s.Pow(2, x), mp=lambda m, x: m.power(2, x),
        arb=lambda a, x: power(a, a.arb(2), x), libraries="torch np math scipy",
        ends=("0", "inf"), plane=Plane(definition="2**x"), example="exp2(x) at x=3",
        wrong=WrongRules(("x*2**(x - 1)", "x*exp2(x)"),
                         base=("exp2(x)", "exp2(x)/log(2)", "exp2(x)*log(10)", "exp(x)"), stale=("x*log(2)",))),
    Row("exp10",     "x",     "10**x",                                  ("exp10(x)*log(10)",), definition="10**x",
        torch=lambda x: 10**x, sympy=lambda s, x: s.Pow(10, x), libraries="scipy",
        ends=("0", "inf"), plane=Plane(definition="10**x"), example="exp10(x) at x=2",
        wrong=WrongRules(("x*10**(x - 1)", "x*exp10(x)"),
                         base=("exp10(x)", "exp10(x)/log(10)", "exp10(x)*log(2)", "exp(x)"), stale=("x*log(10)",))),
    Row("expm1",     "x",     "exp(x) - 1, accurate near 0",            ("exp(x)",),
        torch=SAME, mp=SAME, arb=SAME, libraries="torch np math scipy",
        ends=("-1", "inf"), plane=ENTIRE, example="expm1(x) at x=0.001", steady=True,
        wrong=WrongRules(("expm1(x)", "x*exp(x - 1)"), stale=("x + 1",))),
    Row("exprel",    "x",     "(exp(x) - 1)/x, which is 1 at 0",        ("where(x == 0, 1/2, (exp(x) - exprel(x))/x)",),
        mp=lambda m, x: m.expm1(x) / x if x else m.one, arb=exprel, scipy=SAME, domain="x != 0", fills="expm1(x)/x",
        libraries="scipy", ends=("0", "inf"), example="exprel(x) at x=1"),
    Row("log",       "x, b?",
        "the natural logarithm, as in torch, NumPy and SymPy; log(x, b) is the logarithm to the base b", ("1/x",),
        variants={("x", "b"): "log_base"}, torch=SAME, sympy=SAME, mp=SAME, arb=unless(lambda x: x <= 0, "log"),
        domain="x > 0", guards=at(0), kinks=(Kink("pole", "x=0"), Kink("outside the domain", "x=-1", "x < 0")),
        aliases=("ln",), libraries="torch/1 np/1 math",
        ends=(None, "inf"), plane=Plane(cut=NEGATIVE), example="log(x) at x=2", latex=r"\log", steady=True,
        elementary=True,
        wrong=WrongRules(("1/x**2", "-1/x**2", "exp(x)", "x", "log(x)/x", "1"),
                         base=("1/(x*log(10))", "1/(x*log(2))", "log(10)/x", "log(2)/x"))),
    Row("log_base",  "x, b",  "the logarithm of x to the base b; also written log(x, b)",
        ("1/(x*log(b))", "-log(x)/(b*log(b)**2)"), definition="log(x)/log(b)", torch=lambda x, b: x.log() / b.log(),
        sympy=lambda s, x, b: s.log(x) / s.log(b), arb=log_base, domain="x > 0 and b > 0 and b != 1",
        guards=(*at(0), *last_at(0, 1)), kinks=(Kink("pole", "x=0,b=2", "x = 0"), Kink("pole", "x=2,b=1", "b = 1")),
        samples={"b": (1.5, 5)},
        plane=Plane(definition="log(x)/log(b)"), example="log(x, 2) at x=8", steady=True, elementary=True,
        wrong=WrongRules(base=("1/x", "log(b)/x", "1/(b*x)", "1/(x*log10(b))", "1/(x*log2(b))"))),
    Row("log2",      "x",     "the logarithm to the base 2",            ("1/(x*log(2))",), torch=SAME,
        mp=lambda m, x: m.log(x) / m.ln2, arb=unless(lambda x: x <= 0, lambda a, x: x.log_base(2)), domain="x > 0",
        guards=at(0), kinks=(Kink("pole", "x=0"),), libraries="torch np math",
        ends=(None, "inf"), plane=Plane(definition="log(x)/log(2)"),
        latex=r"\log_{2}", example="log2(x) at x=8", steady=True,
        wrong=WrongRules(base=("1/x", "log(2)/x", "1/(x*log(10))", "1/(2*x)", "1/(x*log2(10))"))),
    Row("log10",     "x",     "the logarithm to the base 10",           ("1/(x*log(10))",),
        torch=SAME, mp=SAME, arb=unless(lambda x: x <= 0, lambda a, x: x.log_base(10)), domain="x > 0", guards=at(0),
        kinks=(Kink("pole", "x=0"),), libraries="torch np math",
        ends=(None, "inf"), plane=Plane(definition="log(x)/log(10)"),
        latex=r"\log_{10}", example="log10(x) at x=1000", steady=True,
        wrong=WrongRules(base=("1/x", "log(10)/x", "1/(x*log(2))", "1/(10*x)"))),
    Row("log1p",     "x",     "log(1 + x), accurate near 0",            ("1/(1 + x)",),
        torch=SAME, mp=SAME, arb=unless(lambda x: x <= -1, "log1p"), domain="x > -1", guards=at(-1),
        kinks=(Kink("pole", "x=-1"),), libraries="torch np math scipy",
        ends=(None, "inf"), plane=Plane(cut=BranchCut((-1,), below=-1)), example="log1p(x) at x=0.001", steady=True,
        wrong=WrongRules(("1/x", "1/(1 + x)**2", "-1/(1 + x)**2"), base=("1/((1 + x)*log(10))",))),
    Row("logaddexp", "x, y",  "log(exp(x) + exp(y)), without overflow", ("sigmoid(x - y)", "sigmoid(y - x)"),
        definition="log(exp(x) + exp(y))", torch=SAME, arb=logaddexp,
        libraries="torch np", example="logaddexp(x, y) at x=1,y=2"),
)
# fmt: on

ROWS = (*POWERS, *EXPONENTIALS)
