"""Operators, comparisons and the forms that steer differentiation, as rows like any other function.

The parser writes an operator as a call of its row: `a + b` is Call("+", a, b), `-a` Call("neg", a).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.functions.enclosures import floor_divide, remainder, unless
from gradcli.functions.guards import BASE, DIFFERENCE, Guard, GuardKind, last_at
from gradcli.functions.plane import NEGATIVE, Plane
from gradcli.functions.power_enclosures import power
from gradcli.functions.row import SAME, Kink, Row

# fmt: off
ARITHMETIC = (
    Row("+",   "x, y", "the sum",                                                   ("1", "1"),
        torch=lambda x, y: x + y, sympy=lambda s, x, y: s.Add(x, y), mp=lambda m, x, y: x + y,
        arb=lambda a, x, y: x + y, libraries="torch:add np:add",
        plane=Plane(lambda x, y: x + y), example="x + y at x=1,y=2",
        steady=True),
    Row("-",   "x, y", "the difference",                                            ("1", "-1"),
        torch=lambda x, y: x - y, sympy=lambda s, x, y: s.Add(x, s.Mul(-1, y)), mp=lambda m, x, y: x - y,
        arb=lambda a, x, y: x - y, libraries="torch:sub torch:subtract np:subtract",
        plane=Plane(lambda x, y: x - y), example="x - y at x=1,y=2",
        steady=True),
    Row("*",   "x, y", "the product; `2x`, `2(x+1)` and `(x)(y)` are products too", ("y", "x"),
        torch=lambda x, y: x * y, sympy=lambda s, x, y: s.Mul(x, y), mp=lambda m, x, y: x * y,
        arb=lambda a, x, y: x * y, libraries="torch:mul torch:multiply np:multiply",
        plane=Plane(lambda x, y: x * y), example="x*y at x=3,y=2",
        steady=True),
    Row("/",   "x, y", "the quotient",                                              ("1/y", "-x/y**2"),
        torch=lambda x, y: x / y, sympy=lambda s, x, y: s.Mul(x, s.Pow(y, -1)), mp=lambda m, x, y: x / y,
        arb=unless(lambda x, y: y.is_zero(), lambda a, x, y: x / y), domain="y != 0", guards=last_at(0),
        kinks=(Kink("pole", "x=1,y=0", "y = 0"),),
        libraries="torch:div torch:divide torch:true_divide np:divide np:true_divide",
        plane=Plane(lambda x, y: x / y), example="x/y at x=3,y=2",
        steady=True),
    Row("**",  "x, y",
        "the power, `x^y` or `x**y`, right-associative and tighter than a minus; real, so x >= 0 where y is no"
        " whole number; 0**0 is 1", ("y*x**(y - 1)", "x**y*log(x)"), torch=lambda x, y: x**y,
        sympy=lambda s, x, y: s.Pow(x, y), mp=lambda m, x, y: x**y, arb=power, domain="x > 0", guards=BASE,
        kinks=(Kink("edge", "x=0,y=0.5", "x = 0 where y is not a whole number"), Kink("pole", "x=0,y=-1")),
        aliases=("pow",), libraries="torch:pow np:power np:pow math:pow torch:float_power np:float_power",
        plane=Plane("pow", NEGATIVE), example="x**y at x=3,y=2", closed=True),
    Row("neg", "x",    "the negative; `-x^2` is `-(x^2)`",                          ("-1",),
        torch=lambda x: -x, sympy=lambda s, x: s.Mul(-1, x), mp=lambda m, x: -x, arb=lambda a, x: -x,
        libraries="torch torch:negative np:negative",
        plane=Plane(lambda x: -x), example="-x at x=3", steady=True),
    Row("pos", "x",    "the number itself",                                         ("1",),
        torch=lambda x: +x, sympy=lambda s, x: x, mp=lambda m, x: x, arb=lambda a, x: x,
        libraries="torch:positive np:positive",
        plane=Plane(lambda x: x), example="+x at x=3", steady=True),
    Row("%",   "x, y", "the remainder x - y*floor(x/y), with the sign of y, as in Python, NumPy and torch.remainder",
        ("1", "-floor(x/y)"), torch="remainder", mp="fmod", arb=remainder,
        domain="y != 0", guards=(*last_at(0), Guard(lambda x, y: x / y, GuardKind.WHOLE)),
        kinks=(Kink("jump", "x=6,y=3", "every x that is a multiple of y"),), aliases=("mod", "remainder"),
        libraries="torch:remainder np:mod np:remainder", example="x % y at x=7.5,y=2"),
    Row("//",  "x, y", "the quotient rounded down, floor(x/y)",                     ("0", "0"),
        torch=lambda x, y: (x / y).floor(), mp=lambda m, x, y: m.floor(x / y), arb=floor_divide, domain="y != 0",
        guards=(*last_at(0), Guard(lambda x, y: x / y, GuardKind.WHOLE)),
        kinks=(Kink("jump", "x=6,y=3", "every x that is a multiple of y"),),
        libraries="torch:floor_divide np:floor_divide", example="x // y at x=7.5,y=2"),
)
# fmt: on


def _comparison(sign: str, doc: str, torch_name: str, sympy_name: str, compare: Callable[[Any, Any], Any]) -> Row:
    # fmt: off
    return Row(sign, "x, y", doc, torch=torch_name, sympy=lambda s, x, y: getattr(s, sympy_name)(x, y),
               mp=lambda m, x, y: compare(x, y), guards=DIFFERENCE, gives_truth=True,
               example=f"where(x {sign} y, x, 2*y) at x=1,y=2", steady=True, elementary=True)
    # fmt: on


COMPARISONS = (
    _comparison("==", "equal", "eq", "Eq", lambda x, y: x == y),
    _comparison("!=", "not equal", "ne", "Ne", lambda x, y: x != y),
    _comparison("<", "less; comparisons chain: 0 < x < 1", "lt", "Lt", lambda x, y: x < y),
    _comparison("<=", "less or equal", "le", "Le", lambda x, y: x <= y),
    _comparison(">", "greater", "gt", "Gt", lambda x, y: x > y),
    _comparison(">=", "greater or equal", "ge", "Ge", lambda x, y: x >= y),
)

# fmt: off
LOGIC = (
    Row("and", "x, y", "true where both are", torch="logical_and", sympy=lambda s, x, y: s.And(x, y),
        mp=lambda m, x, y: x and y, truths=(0, 1), gives_truth=True, libraries="torch:logical_and np:logical_and",
        example="where(x > 0 and x < 1, x, 0) at x=0.5", steady=True, elementary=True),
    Row("or",  "x, y", "true where one is", torch="logical_or", sympy=lambda s, x, y: s.Or(x, y),
        mp=lambda m, x, y: x or y, truths=(0, 1), gives_truth=True, libraries="torch:logical_or np:logical_or",
        example="where(x < 0 or x > 1, x, 0) at x=2", steady=True, elementary=True),
    Row("not", "x",    "true where it is not", torch="logical_not", sympy=lambda s, x: s.Not(x), mp=lambda m, x: not x,
        truths=(0,), gives_truth=True, libraries="torch:logical_not np:logical_not",
        example="where(not x > 0, x, 0) at x=-2", steady=True, elementary=True),
)

CONTROL = (
    Row("where",  "condition, a, b",
        "a where the condition holds, else b; only the branch that is taken has a derivative",
        (None, "where(condition, 1, 0)", "where(condition, 0, 1)"), torch=SAME,
        sympy=lambda s, c, a, b: s.Piecewise((a, c), (b, True), evaluate=False), mp=lambda m, c, a, b: a if c else b,
        truths=(0,), libraries="torch np", example="where(x > 0, x**2, -x) at x=3",
        steady=True, elementary=True),
    Row("detach", "x",         "the number itself, taken for a constant: no derivative flows through it, in any engine",
        ("0",), torch=lambda x: x.detach(), sympy=lambda s, x: x, mp=lambda m, x: x, libraries="torch",
        example="detach(x**2)*x at x=3", steady=True, elementary=True),
    Row("diff",   "f, x, n=1", "the derivative of an expression by a variable, n times, as part of a program",
        reduction="differences", note="the finite differences of a tensor are torch.diff(x), or differences(x)",
        example="diff(x**3, x)*y at x=2,y=5"),
)
# fmt: on

ROWS = (*ARITHMETIC, *COMPARISONS, *LOGIC, *CONTROL)
