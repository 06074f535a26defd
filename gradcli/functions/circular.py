"""Circular functions and their inverses."""

from __future__ import annotations

from gradcli.functions.enclosures import unknown, unless
from gradcli.functions.guards import Guard, GuardKind, at
from gradcli.functions.plane import ENTIRE, IMAGINARY, OUTSIDE, Plane
from gradcli.functions.row import SAME, Kink, Row, WrongRules

_CUT = (
    Guard(lambda y, x: y, unless=lambda _, y, x: x > 0),
    Guard(lambda y, x: x, unless=lambda _, y, x: (x > 0) | (y != 0)),
)
"""The cut runs along y = 0 where x <= 0, and ends at x = 0."""


def _acot(a, x):
    """atan(1/x), and pi/2 at 0."""
    if not x.contains(0):
        return (1 / x).atan()
    half = a.pi / 2
    return half if x.is_zero() else half.union(-half) if x.is_finite() else unknown(a)


EDGES = (Kink("edge", "x=1", "x = -1 and x = 1"),)

# fmt: off
CIRCULAR = (
    Row("sin",     "x", "the sine, x in radians",       ("cos(x)",),
        torch=SAME, sympy=SAME, mp=SAME, arb=SAME, libraries="torch np math", plane=ENTIRE, example="sin(x) at x=1",
        latex=r"\sin", angle="radians", steady=True, elementary=True, wrong=WrongRules(("sin(x)", "-sin(x)"))),
    Row("cos",     "x", "the cosine, x in radians",     ("-sin(x)",),
        torch=SAME, sympy=SAME, mp=SAME, arb=SAME, libraries="torch np math", plane=ENTIRE, example="cos(x) at x=1",
        latex=r"\cos", angle="radians", steady=True, elementary=True, wrong=WrongRules(("cos(x)", "-cos(x)"))),
    Row("tan",     "x", "the tangent, x in radians",    ("1 + tan(x)**2",), torch=SAME, sympy=SAME, mp=SAME, arb=SAME,
        guards=(Guard(lambda x: x, GuardKind.COSINE),), libraries="torch np math",
        plane=ENTIRE, example="tan(x) at x=1",
        latex=r"\tan", angle="radians", steady=True, elementary=True,
        wrong=WrongRules(("1/cos(x)", "1 - tan(x)**2", "tan(x)**2", "cot(x)", "1/sin(x)**2", "sec(x)*tan(x)",
                          "cos(x)**2"), stale=("1 + x**2",))),
    Row("sec",     "x", "1/cos(x)",                     ("sec(x)*tan(x)",), forward=lambda x: x.cos().reciprocal(),
        sympy=SAME, mp=SAME, arb=SAME, guards=(Guard(lambda x: x, GuardKind.COSINE),),
        plane=ENTIRE, example="sec(x) at x=1",
        latex=r"\sec", angle="radians", elementary=True,
        wrong=WrongRules(("tan(x)**2", "tan(x)", "sec(x)**2", "csc(x)", "sec(x)*cot(x)"))),
    Row("csc",     "x", "1/sin(x)",                     ("-csc(x)*cot(x)",), forward=lambda x: x.sin().reciprocal(),
        sympy=SAME, mp=SAME, arb=unless(lambda x: x.is_zero(), "csc"), domain="sin(x) != 0",
        guards=(Guard(lambda x: x, GuardKind.SINE),), kinks=(Kink("pole", "x=0"),),
        plane=ENTIRE, example="csc(x) at x=1",
        latex=r"\csc", angle="radians", elementary=True,
        wrong=WrongRules(("cot(x)**2", "-cot(x)", "-csc(x)**2", "sec(x)", "-csc(x)*tan(x)"))),
    Row("cot",     "x", "1/tan(x)",                     ("-(1 + cot(x)**2)",), forward=lambda x: x.tan().reciprocal(),
        sympy=SAME, mp=SAME, arb=unless(lambda x: x.is_zero(), "cot"), domain="sin(x) != 0",
        guards=(Guard(lambda x: x, GuardKind.SINE),), kinks=(Kink("pole", "x=0"),),
        plane=ENTIRE, example="cot(x) at x=1",
        latex=r"\cot", angle="radians", elementary=True,
        wrong=WrongRules(("-1/cos(x)**2", "-1/sin(x)", "tan(x)", "-cot(x)**2", "1 - cot(x)**2"),
                         stale=("-(1 + x**2)",))),
    Row("sinc", "x", "sin(pi*x)/(pi*x), which is 1 at 0: the normalized sinc of NumPy and torch, not SymPy's sin(x)/x",
        ("(cos(pi*x) - sinc(x))/x",), torch=SAME, mp="sincpi", arb="sinc_pi", domain="x != 0", fills="sin(pi*x)/(pi*x)",
        libraries="torch np", example="sinc(x) at x=0.5",
        wrong=WrongRules(("cos(x)", "cos(x)/x", "cos(pi*x)/x", "(cos(x) - sinc(x))/x"))),
    Row("deg2rad", "x", "degrees to radians, x*pi/180", ("pi/180",), definition="x*pi/180", torch=SAME, mp="radians",
        aliases=("radians",), libraries="torch np np:radians math:radians", example="deg2rad(x) at x=90",
        angle="degrees"),
    Row("rad2deg", "x", "radians to degrees, x*180/pi", ("180/pi",), definition="x*180/pi", torch=SAME, mp="degrees",
        aliases=("degrees",), libraries="torch np np:degrees math:degrees", example="rad2deg(x) at x=1",
        angle="gives degrees"),
)

INVERSE_CIRCULAR = (
    Row("asin",  "x",    "the angle in [-pi/2, pi/2] whose sine is x",    ("1/sqrt(1 - x**2)",), torch=SAME, sympy=SAME,
        mp=SAME, arb=unless(lambda x: abs(x) > 1, "asin"), domain="-1 < x and x < 1", guards=at(1, -1), kinks=EDGES,
        aliases=("arcsin",), libraries="torch torch:arcsin np:arcsin math",
        plane=Plane(cut=OUTSIDE), example="asin(x) at x=0.5",
        latex=r"\arcsin", angle="gives radians", steady=True, elementary=True, steep=True, closed=True,
        wrong=WrongRules(("1/sqrt(1 + x**2)", "1/(1 - x**2)", "sqrt(1 - x**2)", "acos(x)", "1/cos(x)", "cos(x)",
                          "1/(1 + x**2)", "1/(2*sqrt(1 - x**2))"))),
    Row("acos",  "x",    "the angle in [0, pi] whose cosine is x",        ("-1/sqrt(1 - x**2)",), torch=SAME,
        sympy=SAME, mp=SAME, arb=unless(lambda x: abs(x) > 1, "acos"), domain="-1 < x and x < 1", guards=at(1, -1),
        kinks=EDGES, aliases=("arccos",), libraries="torch torch:arccos np:arccos math",
        plane=Plane(cut=OUTSIDE), example="acos(x) at x=0.5",
        latex=r"\arccos", angle="gives radians", steady=True, elementary=True, steep=True, closed=True,
        wrong=WrongRules(("-1/sqrt(1 + x**2)", "-1/(1 - x**2)", "-sqrt(1 - x**2)", "-asin(x)", "-1/sin(x)", "-sin(x)",
                          "-1/(2*sqrt(1 - x**2))"))),
    Row("atan",  "x",    "the angle in (-pi/2, pi/2) whose tangent is x", ("1/(1 + x**2)",), torch=SAME, sympy=SAME,
        mp=SAME, arb=SAME, aliases=("arctan",), libraries="torch torch:arctan np:arctan math",
        ends=("-pi/2", "pi/2"), plane=Plane(cut=IMAGINARY), example="atan(x) at x=1",
        latex=r"\arctan", angle="gives radians", steady=True, elementary=True,
        wrong=WrongRules(("1/(1 - x**2)", "1/sqrt(1 + x**2)", "1/sqrt(1 - x**2)", "1/(1 + x)", "1 + x**2", "1/x**2",
                          "1/tan(x)**2", "cos(x)**2", "1/(1 + x**2)**2"))),
    Row("atan2", "y, x", "the angle of the point (x, y) in (-pi, pi]", ("x/(x**2 + y**2)", "-y/(x**2 + y**2)"), mp=SAME,
        torch=SAME, arb=lambda a, y, x: a.arb.atan2(y, x), guards=_CUT, libraries="torch torch:arctan2 np:arctan2 math",
        kinks=(Kink("jump", "y=0,x=-1", "y = 0 for x < 0"),), aliases=("arctan2",), example="atan2(y, x) at y=1,x=2",
        elementary=True),
    Row("acot",  "x",    "atan(1/x), as in SymPy: in (-pi/2, pi/2], with a jump at 0", ("-1/(1 + x**2)",),
        forward=lambda x: x.reciprocal().atan(), sympy=SAME, mp=SAME, arb=_acot, domain="x != 0", guards=at(0),
        kinks=(Kink("jump", "x=0"),), aliases=("arccot",),
        plane=Plane(definition="atan(1/x)"), example="acot(x) at x=2",
        angle="gives radians", elementary=True, wrong=WrongRules(("-1/(1 - x**2)", "-1/sqrt(1 + x**2)"))),
    Row("asec",  "x",    "acos(1/x)", ("1/(x**2*sqrt(1 - 1/x**2))",), forward=lambda x: x.reciprocal().acos(),
        sympy=SAME, mp=SAME, arb=unless(lambda x: abs(x) < 1, lambda a, x: (1 / x).acos()), domain="x < -1 or x > 1",
        guards=at(0, 1, -1), kinks=EDGES, samples={"x": (-4, 4)}, aliases=("arcsec",),
        plane=Plane(definition="acos(1/x)"), example="asec(x) at x=2",
        angle="gives radians", steep=True, closed=True),
    Row("acsc",  "x",    "asin(1/x)", ("-1/(x**2*sqrt(1 - 1/x**2))",), forward=lambda x: x.reciprocal().asin(),
        sympy=SAME, mp=SAME, arb=unless(lambda x: abs(x) < 1, lambda a, x: (1 / x).asin()), domain="x < -1 or x > 1",
        guards=at(0, 1, -1), kinks=EDGES, samples={"x": (-4, 4)}, aliases=("arccsc",),
        plane=Plane(definition="asin(1/x)"), example="acsc(x) at x=2",
        angle="gives radians", steep=True, closed=True),
)
# fmt: on

ROWS = (*CIRCULAR, *INVERSE_CIRCULAR)
