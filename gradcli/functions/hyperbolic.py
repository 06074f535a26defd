"""Hyperbolic functions and their inverses."""

from __future__ import annotations

from gradcli.functions.enclosures import rising, unless
from gradcli.functions.guards import at
from gradcli.functions.plane import ENTIRE, IMAGINARY, OUTSIDE, BranchCut, Plane
from gradcli.functions.row import SAME, Kink, Row, WrongRules

# fmt: off
HYPERBOLIC = (
    Row("sinh",  "x", "(exp(x) - exp(-x))/2",      ("cosh(x)",), torch=SAME, sympy=SAME, mp=SAME, arb=rising("sinh"),
        libraries="torch np math", ends=("-inf", "inf"),
        plane=ENTIRE, example="sinh(x) at x=1", latex=r"\sinh", elementary=True,
        wrong=WrongRules(("cos(x)", "sinh(x)", "cosh(x)**2"), stale=("sqrt(1 + x**2)",))),
    Row("cosh",  "x", "(exp(x) + exp(-x))/2",      ("sinh(x)",),
        torch=SAME, sympy=SAME, mp=SAME, arb=SAME, libraries="torch np math",
        ends=("inf", "inf"), plane=ENTIRE, example="cosh(x) at x=1",
        latex=r"\cosh", elementary=True, wrong=WrongRules(("sin(x)", "cosh(x)"))),
    Row("tanh",  "x", "sinh(x)/cosh(x)",           ("1 - tanh(x)**2",),
        torch=SAME, sympy=SAME, mp=SAME, arb=rising("tanh"), libraries="torch np math",
        ends=("-1", "1"), plane=ENTIRE, example="tanh(x) at x=1",
        latex=r"\tanh", steady=True, elementary=True,
        wrong=WrongRules(("1 + tanh(x)**2", "1 - tanh(x)", "tanh(x)**2", "1/cosh(x)", "tanh(x)*(1 - tanh(x))",
                          "1 + tan(x)**2", "cosh(x)**2"), stale=("1 - x**2",))),
    Row("sech",  "x", "1/cosh(x)",                 ("-sech(x)*tanh(x)",),
        forward=lambda x: x.cosh().reciprocal(), sympy=SAME, mp=SAME, arb=SAME,
        ends=("0", "0"), plane=ENTIRE, example="sech(x) at x=1",
        elementary=True, wrong=WrongRules(("sech(x)*tanh(x)", "-tanh(x)**2", "-sech(x)**2"))),
    Row("csch",  "x", "1/sinh(x)",                 ("-csch(x)*coth(x)",),
        forward=lambda x: x.sinh().reciprocal(), sympy=SAME, mp=SAME, arb=unless(lambda x: x.is_zero(), "csch"),
        domain="x != 0", guards=at(0), kinks=(Kink("pole", "x=0"),),
        ends=("0", "0"), plane=ENTIRE, example="csch(x) at x=1", elementary=True),
    Row("coth",  "x", "1/tanh(x)",                 ("-1/sinh(x)**2",),
        forward=lambda x: x.tanh().reciprocal(), sympy=SAME, mp=SAME, arb=unless(lambda x: x.is_zero(), "coth"),
        domain="x != 0", guards=at(0), kinks=(Kink("pole", "x=0"),), ends=("-1", "1"),
        plane=ENTIRE, example="coth(x) at x=1",
        latex=r"\coth", elementary=True, wrong=WrongRules(("1 + coth(x)**2", "1/cosh(x)**2"), stale=("1 - x**2",))),
    Row("asinh", "x", "the inverse of sinh",       ("1/sqrt(x**2 + 1)",), torch=SAME, sympy=SAME, mp=SAME,
        arb=rising("asinh"), aliases=("arcsinh",), libraries="torch torch:arcsinh np:arcsinh math",
        ends=("-inf", "inf"), plane=Plane(cut=IMAGINARY),
        latex=r"\operatorname{arsinh}", example="asinh(x) at x=1", steady=True, elementary=True,
        wrong=WrongRules(("1/sqrt(1 - x**2)", "1/sqrt(x**2 - 1)", "1/(1 + x**2)", "1/cosh(x)", "acosh(x)"))),
    Row("acosh", "x", "the inverse of cosh, >= 0", ("1/(sqrt(x - 1)*sqrt(x + 1))",), kinks=(Kink("edge", "x=1"),),
        torch=SAME, sympy=SAME, mp=SAME, arb=unless(lambda x: x < 1, "acosh"), guards=at(1),
        ends=(None, "inf"), plane=Plane(cut=BranchCut((-1, 1), below=1)),
        latex=r"\operatorname{arcosh}", example="acosh(x) at x=2",
        domain="x > 1", samples={"x": (1, 5)}, aliases=("arccosh",), libraries="torch torch:arccosh np:arccosh math",
        steady=True, elementary=True, steep=True, closed=True,
        wrong=WrongRules(("1/sqrt(x**2 + 1)", "1/(x**2 - 1)", "asinh(x)"))),
    Row("atanh", "x", "the inverse of tanh",       ("1/(1 - x**2)",), kinks=(Kink("pole", "x=1", "x = -1 and x = 1"),),
        torch=SAME, sympy=SAME, arb=unless(lambda x: abs(x) >= 1, "atanh"), domain="-1 < x and x < 1", guards=at(1, -1),
        mp=SAME, aliases=("arctanh",), libraries="torch torch:arctanh np:arctanh math",
        plane=Plane(cut=OUTSIDE), latex=r"\operatorname{artanh}", example="atanh(x) at x=0.5",
        elementary=True, wrong=WrongRules(("1/(1 + x**2)", "1/sqrt(1 - x**2)", "1/(x**2 - 1)"))),
    Row("acoth", "x", "the inverse of coth",       ("1/(1 - x**2)",), forward=lambda x: x.reciprocal().atanh(),
        sympy=SAME, mp=SAME, arb=unless(lambda x: abs(x) <= 1, lambda a, x: (1 / x).atanh()), domain="x < -1 or x > 1",
        guards=at(0, 1, -1), kinks=(Kink("pole", "x=1", "x = -1 and x = 1"),), samples={"x": (-4, 4)},
        aliases=("arccoth",), plane=Plane(definition="atanh(1/x)"), example="acoth(x) at x=2"),
    Row("asech", "x", "acosh(1/x)", ("-1/(x*sqrt(1 - x**2))",), domain="0 < x and x < 1",
        plane=Plane(definition="acosh(1/x)"), example="asech(x) at x=0.5",
        forward=lambda x: x.reciprocal().acosh(), sympy=SAME, mp=SAME, kinks=(Kink("edge", "x=1"), Kink("pole", "x=0")),
        arb=unless(lambda x: x <= 0 or x > 1, lambda a, x: (1 / x).acosh()), guards=at(0, 1), aliases=("arcsech",),
        steep=True),
    Row("acsch", "x", "asinh(1/x)", ("-1/(x**2*sqrt(1 + 1/x**2))",), forward=lambda x: x.reciprocal().asinh(),
        sympy=SAME, mp=SAME, arb=unless(lambda x: x.is_zero(), lambda a, x: (1 / x).asinh()), domain="x != 0",
        guards=at(0), kinks=(Kink("pole", "x=0"),), aliases=("arccsch",),
        plane=Plane(definition="asinh(1/x)"), example="acsch(x) at x=2"),
)
# fmt: on

ROWS = HYPERBOLIC
