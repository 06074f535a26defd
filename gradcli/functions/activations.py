"""Activation functions of neural networks, with the parameters and conventions of torch.nn.functional.

Their shape parameters are constants, as they are in torch: there is no derivative by them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.functions.row import Kink, Row

Breaks = Callable[..., tuple[Any, ...]]


def _x(m, x, *_):
    """The point 0 is special."""
    return (x,)


def _at(*points: int) -> Breaks:
    """These points are special."""
    return lambda m, x: tuple(x - point for point in points)


def _functional(name: str, parameters: int = 0) -> Callable[..., Any]:
    """torch.nn.functional's version; its parameters have to be plain numbers."""

    def call(x: Any, *rest: Any) -> Any:
        import torch

        return getattr(torch.nn.functional, name)(x, *(float(value) for value in rest))

    return call


RECTIFIERS = (
    Row(
        "relu",
        "x",
        "x where it is positive, else 0",
        ("where(x > 0, 1, 0)",),
        definition="where(x > 0, x, 0)",
        torch="relu",
        breaks=_x,
        kinks=(Kink("corner", "x=0"),),
        libraries="torch F",
        example="relu(x) at x=2",
    ),
    Row(
        "relu6",
        "x",
        "relu(x), but 6 at most",
        ("where(x > 0 and x < 6, 1, 0)",),
        definition="where(x < 0, 0, where(x > 6, 6, x))",
        torch=_functional("relu6"),
        breaks=_at(0, 6),
        kinks=(Kink("corner", "x=0"), Kink("corner", "x=6")),
        libraries="F",
        example="relu6(x) at x=2",
    ),
    Row(
        "leaky_relu",
        "x, negative_slope=0.01",
        "x where it is positive, else negative_slope*x",
        ("where(x > 0, 1, negative_slope)", None),
        definition="where(x > 0, x, negative_slope*x)",
        torch=_functional("leaky_relu"),
        breaks=_x,
        kinks=(Kink("corner", "x=0,negative_slope=0.01", "x = 0"),),
        libraries="F",
        example="leaky_relu(x) at x=-2",
    ),
    Row(
        "elu",
        "x, alpha=1",
        "x where it is positive, else alpha*(exp(x) - 1)",
        ("where(x > 0, 1, alpha*exp(x))", None),
        definition="where(x > 0, x, alpha*(exp(x) - 1))",
        torch=_functional("elu"),
        breaks=_x,
        kinks=(Kink("corner", "x=0,alpha=2", "x = 0 unless alpha is 1"),),
        libraries="F",
        example="elu(x) at x=-1",
    ),
    Row(
        "selu",
        "x",
        "1.0507*elu(x, 1.6733), the self-normalizing unit, with the constants in full",
        ("where(x > 0, 1.0507009873554804934193349852946, 1.7580993408473768599402175208123*exp(x))",),
        definition="where(x > 0, 1.0507009873554804934193349852946*x, 1.7580993408473768599402175208123*(exp(x) - 1))",
        torch="selu",
        breaks=_x,
        kinks=(Kink("corner", "x=0"),),
        libraries="torch F",
        example="selu(x) at x=-1",
    ),
    Row(
        "celu",
        "x, alpha=1",
        "x where it is positive, else alpha*(exp(x/alpha) - 1)",
        ("where(x > 0, 1, exp(x/alpha))", None),
        definition="where(x > 0, x, alpha*(exp(x/alpha) - 1))",
        torch=_functional("celu"),
        breaks=_x,
        libraries="torch F",
        example="celu(x) at x=-1",
    ),
    Row(
        "threshold",
        "x, threshold, value",
        "x where it exceeds the threshold, else the value",
        ("where(x > threshold, 1, 0)", None, None),
        definition="where(x > threshold, x, value)",
        torch=_functional("threshold"),
        breaks=lambda m, x, threshold, value: (x - threshold,),
        kinks=(Kink("jump", "x=1,threshold=1,value=0", "the threshold"),),
        libraries="F torch",
        samples={"threshold": [0.5], "value": [0.25]},
        example="threshold(x, 1, 0) at x=2",
    ),
)

SMOOTH = (
    Row(
        "gelu",
        "x",
        "x*ndtr(x): the Gaussian error linear unit, exact form",
        ("ndtr(x) + x*exp(-x**2/2)/sqrt(2*pi)",),
        definition="x*(1 + erf(x/sqrt(2)))/2",
        torch=_functional("gelu"),
        libraries="F",
        example="gelu(x) at x=1",
    ),
    Row(
        "gelu_tanh",
        "x",
        "x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3)))/2: torch's gelu with approximate='tanh'",
        (
            "(1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3)))/2"
            " + x*(1 - tanh(sqrt(2/pi)*(x + 0.044715*x**3))**2)*sqrt(2/pi)*(1 + 0.134145*x**2)/2",
        ),
        definition="x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3)))/2",
        torch=lambda x: _gelu_tanh(x),
        example="gelu_tanh(x) at x=1",
    ),
    Row(
        "silu",
        "x",
        "x*sigmoid(x)",
        ("sigmoid(x)*(1 + x*(1 - sigmoid(x)))",),
        definition="x/(1 + exp(-x))",
        torch=_functional("silu"),
        aliases=("swish",),
        libraries="F",
        example="silu(x) at x=1",
    ),
    Row(
        "mish",
        "x",
        "x*tanh(softplus(x))",
        ("tanh(softplus(x)) + x*(1 - tanh(softplus(x))**2)*sigmoid(x)",),
        definition="x*tanh(log(1 + exp(x)))",
        torch=_functional("mish"),
        libraries="F",
        example="mish(x) at x=1",
    ),
    Row(
        "softplus",
        "x, beta=1, threshold=20",
        "log(1 + exp(beta*x))/beta; torch takes x itself where beta*x exceeds the threshold",
        ("sigmoid(beta*x)", None, None),
        definition="log(1 + exp(beta*x))/beta",
        torch=_functional("softplus"),
        libraries="F",
        samples={"threshold": [20.0]},
        example="softplus(x) at x=1",
    ),
    Row(
        "sigmoid",
        "x",
        "1/(1 + exp(-x))",
        ("sigmoid(x)*(1 - sigmoid(x))",),
        definition="1/(1 + exp(-x))",
        torch="sigmoid",
        aliases=("expit", "logistic"),
        libraries="torch F scipy:expit",
        example="sigmoid(x) at x=1",
    ),
    Row(
        "logsigmoid",
        "x",
        "log(sigmoid(x))",
        ("sigmoid(-x)",),
        definition="-log(1 + exp(-x))",
        torch=_functional("logsigmoid"),
        aliases=("log_sigmoid", "log_expit"),
        libraries="F scipy:log_expit",
        example="logsigmoid(x) at x=1",
    ),
    Row(
        "logit",
        "x",
        "log(x/(1 - x)), the inverse of sigmoid",
        ("1/(x*(1 - x))",),
        definition="log(x/(1 - x))",
        torch="logit",
        domain="0 < x and x < 1",
        breaks=_at(0, 1),
        kinks=(Kink("pole", "x=0", "x = 0 and x = 1"),),
        libraries="torch scipy",
        example="logit(x) at x=0.25",
    ),
    Row(
        "softsign",
        "x",
        "x/(1 + |x|)",
        ("1/(1 + abs(x))**2",),
        definition="x/(1 + abs(x))",
        torch=_functional("softsign"),
        breaks=_x,
        libraries="F",
        example="softsign(x) at x=1",
    ),
    Row(
        "tanhshrink",
        "x",
        "x - tanh(x)",
        ("tanh(x)**2",),
        definition="x - tanh(x)",
        torch=_functional("tanhshrink"),
        libraries="F",
        example="tanhshrink(x) at x=1",
    ),
)

HARD = (
    Row(
        "softshrink",
        "x, lambd=0.5",
        "x moved towards 0 by lambd, and 0 in between",
        ("where(abs(x) > lambd, 1, 0)", None),
        definition="where(x > lambd, x - lambd, where(x < -lambd, x + lambd, 0))",
        torch=_functional("softshrink"),
        breaks=lambda m, x, lambd: (x - lambd, x + lambd),
        kinks=(Kink("corner", "x=0.5,lambd=0.5", "x = -lambd and x = lambd"),),
        libraries="F",
        example="softshrink(x) at x=2",
    ),
    Row(
        "hardshrink",
        "x, lambd=0.5",
        "x, but 0 between -lambd and lambd",
        ("where(abs(x) > lambd, 1, 0)", None),
        definition="where(abs(x) > lambd, x, 0)",
        torch=_functional("hardshrink"),
        breaks=lambda m, x, lambd: (x - lambd, x + lambd),
        kinks=(Kink("jump", "x=0.5,lambd=0.5", "x = -lambd and x = lambd"),),
        libraries="torch F",
        example="hardshrink(x) at x=2",
    ),
    Row(
        "hardtanh",
        "x, min_val=-1, max_val=1",
        "x held between min_val and max_val",
        ("where(x > min_val and x < max_val, 1, 0)", None, None),
        definition="where(x < min_val, min_val, where(x > max_val, max_val, x))",
        torch=_functional("hardtanh"),
        breaks=lambda m, x, low, high: (x - low, x - high),
        kinks=(Kink("corner", "x=1,min_val=-1,max_val=1", "the bounds"),),
        libraries="F",
        samples={"min_val": [-1.0], "max_val": [1.0]},
        example="hardtanh(x) at x=0.5",
    ),
    Row(
        "hardsigmoid",
        "x",
        "x/6 + 1/2 held between 0 and 1",
        ("where(x > -3 and x < 3, 1/6, 0)",),
        definition="where(x < -3, 0, where(x > 3, 1, x/6 + 1/2))",
        torch=_functional("hardsigmoid"),
        breaks=_at(-3, 3),
        kinks=(Kink("corner", "x=3", "x = -3 and x = 3"),),
        libraries="F",
        example="hardsigmoid(x) at x=1",
    ),
    Row(
        "hardswish",
        "x",
        "x*hardsigmoid(x)",
        ("where(x <= -3, 0, where(x < 3, x/3 + 1/2, 1))",),
        definition="where(x < -3, 0, where(x > 3, x, x*(x/6 + 1/2)))",
        torch=_functional("hardswish"),
        breaks=_at(-3, 3),
        kinks=(Kink("corner", "x=3", "x = -3 and x = 3"),),
        libraries="F",
        example="hardswish(x) at x=1",
    ),
)


def _gelu_tanh(x: Any) -> Any:
    import torch

    return torch.nn.functional.gelu(x, approximate="tanh")


ROWS = (*RECTIFIERS, *SMOOTH, *HARD)
