"""Smooth activation functions of neural networks, with the parameters and conventions of torch.nn.functional.

Their shape parameters are constants, as they are in torch: there is no derivative by them.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from gradcli.functions.enclosures import unless
from gradcli.functions.guards import at
from gradcli.functions.late import functional
from gradcli.functions.plane import Plane
from gradcli.functions.power_enclosures import softplus
from gradcli.functions.row import SAME, Kink, Row, WrongRules


def _gelu_tanh(x: Any) -> Any:
    import torch

    return torch.nn.functional.gelu(x, approximate="tanh")


def _gelu_tanh_enclosure(a, x):
    """x*sigmoid(2*u), where (1 + tanh(u))/2 would cancel."""
    twice = (8 / a.pi).sqrt() * (x + a.number(Fraction("0.044715")) * x * x * x)
    return x / (1 + (-twice).exp())


def _gelu_tanh_number(m, x):
    """The same with as many digits of pi as are asked for."""
    return x * (1 + m.tanh(m.sqrt(2 / m.pi) * (x + x**3 * 44715 / 10**6))) / 2


# fmt: off
SMOOTH = (
    Row("gelu",       "x", "x*ndtr(x): the Gaussian error linear unit, exact form",
        ("ndtr(x) + x*exp(-x**2/2)/sqrt(2*pi)",), definition="x*(1 + erf(x/sqrt(2)))/2", torch=functional("gelu"),
        arb=lambda a, x: x * (-x / a.arb(2).sqrt()).erfc() / 2, libraries="F",
        ends=("0", "inf"), example="gelu(x) at x=1", options={"approximate": {"none": "gelu", "tanh": "gelu_tanh"}},
        wrong=WrongRules(("ndtr(x)*(1 - ndtr(x))", "exp(-x**2/2)/sqrt(2*pi)"),
                         term=("ndtr(x)", "x*exp(-x**2/2)/sqrt(2*pi)"))),
    Row("gelu_tanh",  "x", "x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3)))/2: torch's gelu with approximate='tanh'",
        ("(1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3)))/2"
         " + x*(1 - tanh(sqrt(2/pi)*(x + 0.044715*x**3))**2)*sqrt(2/pi)*(1 + 0.134145*x**2)/2",),
        definition="x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3)))/2", torch=_gelu_tanh, mp=_gelu_tanh_number,
        arb=_gelu_tanh_enclosure, example="gelu_tanh(x) at x=1"),
    Row("silu",       "x", "x*sigmoid(x)",        ("sigmoid(x)*(1 + x*(1 - sigmoid(x)))",),
        definition="x/(1 + exp(-x))", torch=functional("silu"),
        aliases=("swish",), libraries="F", ends=("0", "inf"), example="silu(x) at x=1",
        wrong=WrongRules(("sigmoid(x)*(1 - sigmoid(x))", "silu(x)*(1 - silu(x))", "sigmoid(x) + x*sigmoid(x)"),
                         term=("sigmoid(x)", "x*sigmoid(x)*(1 - sigmoid(x))"))),
    Row("mish",       "x", "x*tanh(softplus(x))", ("tanh(softplus(x)) + x*(1 - tanh(softplus(x))**2)*sigmoid(x)",),
        definition="x*tanh(log(1 + exp(x)))", torch=functional("mish"), arb=lambda a, x: x * softplus(a, x).tanh(),
        libraries="F", ends=("0", "inf"), example="mish(x) at x=1",
        wrong=WrongRules(term=("tanh(softplus(x))", "x*(1 - tanh(softplus(x))**2)*sigmoid(x)"))),
    Row("softplus",   "x, beta=1, threshold=20",
        "log(1 + exp(beta*x))/beta; torch takes x itself where beta*x exceeds the threshold",
        ("sigmoid(beta*x)", None, None), definition="log(1 + exp(beta*x))/beta", torch=functional("softplus"),
        arb=unless(lambda x, beta, _: beta.is_zero(), lambda a, x, beta, _: softplus(a, beta * x) / beta),
        samples={"threshold": [20.0]}, libraries="F", example="softplus(x) at x=1", elementary=True,
        wrong=WrongRules(("sigmoid(-x)", "1/(1 + exp(x))", "exp(x)", "tanh(x)", "sigmoid(x)*(1 - sigmoid(x))",
                          "log(x)"), stale=("1 - exp(-x)",))),
    Row("sigmoid",    "x", "1/(1 + exp(-x))",     ("sigmoid(x)*(1 - sigmoid(x))",),
        definition="1/(1 + exp(-x))", torch=SAME,
        aliases=("expit", "logistic"), libraries="torch F scipy:expit special:expit",
        ends=("0", "1"), plane=Plane(definition="1/(1 + exp(-x))"), example="sigmoid(x) at x=1", elementary=True,
        wrong=WrongRules(("sigmoid(x)", "1 - sigmoid(x)", "sigmoid(x)**2", "sigmoid(x)*(1 + sigmoid(x))",
                          "1 - sigmoid(x)**2", "exp(-x)", "exp(x)/(1 + exp(x))**3", "sigmoid(x)**2*(1 - sigmoid(x))"),
                         stale=("x*(1 - x)",))),
    Row("logsigmoid", "x", "log(sigmoid(x))",     ("sigmoid(-x)",),
        definition="-log(1 + exp(-x))", torch=functional("logsigmoid"), arb=lambda a, x: -softplus(a, -x),
        aliases=("log_sigmoid", "log_expit"), libraries="F scipy:log_expit",
        ends=("-inf", "0"), example="logsigmoid(x) at x=1",
        wrong=WrongRules(("sigmoid(x)", "1/sigmoid(x)", "sigmoid(x)*(1 - sigmoid(x))"), stale=("1 - exp(x)",))),
    Row("logit",      "x", "log(x/(1 - x)), the inverse of sigmoid", ("1/(x*(1 - x))",), definition="log(x/(1 - x))",
        torch=SAME, domain="0 < x and x < 1", guards=at(0, 1), kinks=(Kink("pole", "x=0", "x = 0 and x = 1"),),
        libraries="torch scipy", example="logit(x) at x=0.25", wrong=WrongRules(("x*(1 - x)", "1/(1 - x)", "1/x"))),
    Row("softsign",   "x", "x/(1 + |x|)",         ("1/(1 + abs(x))**2",), definition="x/(1 + abs(x))",
        torch=functional("softsign"), guards=at(0), libraries="F", example="softsign(x) at x=1", steady=True,
        wrong=WrongRules(("1/(1 + abs(x))", "-1/(1 + abs(x))**2", "1/(1 + x)**2", "1/(1 + x**2)"))),
    Row("tanhshrink", "x", "x - tanh(x)",         ("tanh(x)**2",),
        definition="x - tanh(x)", torch=functional("tanhshrink"), libraries="F", example="tanhshrink(x) at x=1"),
)
# fmt: on

ROWS = SMOOTH
