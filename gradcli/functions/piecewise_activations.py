"""Piecewise activation functions of neural networks, with the parameters and conventions of torch.nn.functional.

Their shape parameters are constants, as they are in torch: there is no derivative by them.
"""

from __future__ import annotations

from fractions import Fraction

from gradcli.functions.enclosures import choose, clamped, larger, less, magnitude, smaller
from gradcli.functions.guards import DIFFERENCE, Guard, at
from gradcli.functions.late import functional
from gradcli.functions.row import SAME, Kink, Row, WrongRules

SELU_RIGHT, SELU_LEFT = "1.0507009873554804934193349852946", "1.7580993408473768599402175208123"  # as torch has them


def _positive(a, x):
    """x where it is positive, else 0."""
    return larger(x, a.arb(0))


def _negative(a, x):
    """x where it is negative, else 0."""
    return smaller(x, a.arb(0))


def _celu(a, x, alpha):
    """The left piece."""
    return None if alpha.is_zero() else alpha * (_negative(a, x) / alpha).expm1()


def _selu(a, x):
    """With torch's constants, which are decimals."""
    return choose(
        a,
        (less(a.arb(0), x), lambda: a.number(Fraction(SELU_RIGHT)) * _positive(a, x)),
        (True, lambda: a.number(Fraction(SELU_LEFT)) * _negative(a, x).expm1()),
    )


# fmt: off
RECTIFIERS = (
    Row("relu",       "x",          "x where it is positive, else 0", ("where(x > 0, 1, 0)",),
        definition="where(x > 0, x, 0)", torch=SAME, arb=lambda a, x: larger(x, a.arb(0)), guards=at(0),
        kinks=(Kink("corner", "x=0"),), libraries="torch F",
        ends=("0", "inf"), example="relu(x) at x=2", steady=True, elementary=True,
        wrong=WrongRules(("1", "relu(x)", "where(x < 0, 1, 0)", "where(x > 0, x, 0)", "sign(x)"))),
    Row("relu6", "x", "relu(x), but 6 at most", ("where(x > 0 and x < 6, 1, 0)",), torch=functional("relu6"),
        arb=lambda a, x: clamped(x, a.arb(0), a.arb(6)), kinks=(Kink("corner", "x=0"), Kink("corner", "x=6")),
        definition="where(x < 0, 0, where(x > 6, 6, x))", guards=at(0, 6), libraries="F",
        ends=("0", "6"), example="relu6(x) at x=2",
        steady=True),
    Row("leaky_relu", "x, negative_slope=0.01", "x where it is positive, else negative_slope*x",
        ("where(x > 0, 1, negative_slope)", None),
        definition="where(x > 0, x, negative_slope*x)", torch=functional("leaky_relu"),
        arb=lambda a, x, slope: choose(a, (less(a.arb(0), x), lambda: _positive(a, x)),
                                       (True, lambda: slope * _negative(a, x))),
        guards=at(0), kinks=(Kink("corner", "x=0,negative_slope=0.01", "x = 0"),),
        libraries="F", example="leaky_relu(x) at x=-2", steady=True,
        wrong=WrongRules(("where(x > 0, 1, 0)", "1", "where(x > 0, 1, x)"))),
    Row("elu",        "x, alpha=1", "x where it is positive, else alpha*(exp(x) - 1)",
        ("where(x > 0, 1, alpha*exp(x))", None), definition="where(x > 0, x, alpha*(exp(x) - 1))",
        torch=functional("elu"),
        arb=lambda a, x, alpha: choose(a, (less(a.arb(0), x), lambda: _positive(a, x)),
                                       (True, lambda: alpha * _negative(a, x).expm1())),
        guards=at(0), kinks=(Kink("corner", "x=0,alpha=2", "x = 0 unless alpha is 1"),), libraries="F",
        example="elu(x) at x=-1", wrong=WrongRules(("where(x > 0, 1, 0)", "where(x > 0, 1, exp(x) - 1)", "exp(x)"))),
    Row("selu",       "x",          "1.0507*elu(x, 1.6733), the self-normalizing unit, with the constants in full",
        (f"where(x > 0, {SELU_RIGHT}, {SELU_LEFT}*exp(x))",),
        definition=f"where(x > 0, {SELU_RIGHT}*x, {SELU_LEFT}*(exp(x) - 1))", torch=SAME, arb=_selu, guards=at(0),
        kinks=(Kink("corner", "x=0"),), libraries="torch F", example="selu(x) at x=-1"),
    Row("celu",       "x, alpha=1", "x where it is positive, else alpha*(exp(x/alpha) - 1)",
        ("where(x > 0, 1, exp(x/alpha))", None),
        definition="where(x > 0, x, alpha*(exp(x/alpha) - 1))", torch=functional("celu"),
        arb=lambda a, x, alpha: choose(a, (less(a.arb(0), x), lambda: _positive(a, x)),
                                       (True, lambda: _celu(a, x, alpha))),
        guards=at(0), libraries="torch F", example="celu(x) at x=-1"),
    Row("threshold",  "x, threshold, value", "x where it exceeds the threshold, else the value",
        ("where(x > threshold, 1, 0)", None, None),
        definition="where(x > threshold, x, value)", torch=functional("threshold"),
        arb=lambda a, x, threshold, value: choose(a, (less(threshold, x), lambda: x), (True, lambda: value)),
        guards=(Guard(lambda x, threshold, value: x - threshold),),
        kinks=(Kink("jump", "x=1,threshold=1,value=0", "the threshold"),),
        samples={"threshold": [0.5], "value": [0.25]}, libraries="F torch", example="threshold(x, 1, 0) at x=2"),
)

HARD = (
    Row("softshrink",  "x, lambd=0.5", "x moved towards 0 by lambd, and 0 in between",
        ("where(abs(x) > lambd, 1, 0)", None),
        definition="where(x > lambd, x - lambd, where(x < -lambd, x + lambd, 0))", torch=functional("softshrink"),
        arb=lambda a, x, lambd: choose(a, (less(lambd, x), lambda: x - lambd), (less(x, -lambd), lambda: x + lambd),
                                       (True, lambda: 0 * x)),
        guards=(DIFFERENCE[0], Guard(lambda x, lambd: x + lambd)),
        kinks=(Kink("corner", "x=0.5,lambd=0.5", "x = -lambd and x = lambd"),),
        samples={"lambd": [0.5, 0.25]}, libraries="F", example="softshrink(x) at x=2"),
    Row("hardshrink",  "x, lambd=0.5", "x, but 0 between -lambd and lambd", ("where(abs(x) > lambd, 1, 0)", None),
        definition="where(abs(x) > lambd, x, 0)", torch=functional("hardshrink"),
        arb=lambda a, x, lambd: choose(a, (less(lambd, magnitude(a, x)), lambda: x), (True, lambda: 0 * x)),
        guards=(DIFFERENCE[0], Guard(lambda x, lambd: x + lambd)),
        kinks=(Kink("jump", "x=0.5,lambd=0.5", "x = -lambd and x = lambd"),),
        libraries="torch F", example="hardshrink(x) at x=2"),
    Row("hardtanh",    "x, min_val=-1, max_val=1", "x held between min_val and max_val",
        ("where(x > min_val and x < max_val, 1, 0)", None, None),
        definition="where(x < min_val, min_val, where(x > max_val, max_val, x))", torch=functional("hardtanh"),
        arb=lambda a, x, low, high: choose(a, (less(x, low), lambda: low), (less(high, x), lambda: high),
                                           (True, lambda: x)),
        guards=(Guard(lambda x, low, high: x - low), Guard(lambda x, low, high: x - high)),
        kinks=(Kink("corner", "x=1,min_val=-1,max_val=1", "the bounds"),),
        samples={"min_val": [-1.0], "max_val": [1.0]}, libraries="F", example="hardtanh(x) at x=0.5"),
    Row("hardsigmoid", "x",            "x/6 + 1/2 held between 0 and 1", ("where(x > -3 and x < 3, 1/6, 0)",),
        definition="where(x < -3, 0, where(x > 3, 1, x/6 + 1/2))", torch=functional("hardsigmoid"),
        arb=lambda a, x: clamped((x + 3) / 6, a.arb(0), a.arb(1)), guards=at(-3, 3),
        kinks=(Kink("corner", "x=3", "x = -3 and x = 3"),), libraries="F",
        note="torch's own derivative is right to 7 digits only: it multiplies by 1/6 in single precision",
        ends=("0", "1"), example="hardsigmoid(x) at x=1"),
    Row("hardswish",   "x",            "x*hardsigmoid(x)", ("where(x <= -3, 0, where(x < 3, x/3 + 1/2, 1))",),
        definition="where(x < -3, 0, where(x > 3, x, x*(x/6 + 1/2)))", torch=functional("hardswish"),
        arb=lambda a, x: choose(a, (less(x, -3), lambda: 0 * x), (less(a.arb(3), x), lambda: x),
                                (True, lambda: x * (x + 3) / 6)),
        guards=at(-3, 3), kinks=(Kink("corner", "x=3", "x = -3 and x = 3"),),
        libraries="F", ends=("0", "inf"), example="hardswish(x) at x=1"),
)
# fmt: on

ROWS = (*RECTIFIERS, *HARD)
