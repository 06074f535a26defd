"""The derivatives of functions, by hand, and what is taken for them, by the slip's code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, Union

import sympy
from sympy import Expr, Integer, cos, cosh, exp, log, pi, sin, sinh, sqrt, tan, tanh

Function = Callable[[Expr], Expr]
PER_DEGREE = pi / 180


class Rule(NamedTuple):
    """The derivative of a function from its argument, and the wrong ones with their codes."""

    right: Function
    wrong: tuple[tuple[str, Function], ...]


def opaque(name: str) -> Callable[..., Expr]:
    """A function that SymPy only carries."""
    return sympy.Function(name, real=True)  # type: ignore[no-any-return]


sigmoid, softplus, relu, absolute, sign, where, ndtr = map(
    opaque, ("sigmoid", "softplus", "relu", "abs", "sign", "where", "ndtr")
)
gamma, digamma, trigamma, lambertw, erf = map(opaque, ("gamma", "digamma", "trigamma", "lambertw", "erf"))
j0, j1, cbrt, sindg, cosdg, expm1, log1p = map(opaque, ("j0", "j1", "cbrt", "sindg", "cosdg", "expm1", "log1p"))
asin, acos, atan = sympy.asin, sympy.acos, sympy.atan


def rule(right: Function, **wrong: Union[Function, tuple[Function, ...]]) -> Rule:
    """A rule; what is wrong goes by the slip's code."""
    pairs = [(code, one) for code, given in wrong.items() for one in (given if isinstance(given, tuple) else (given,))]
    return Rule(right, tuple(pairs))


def circular(right: Function, **wrong: Union[Function, tuple[Function, ...]]) -> Rule:
    """The rule of a function of an angle."""
    degrees = (
        lambda u: PER_DEGREE * right(u),
        lambda u: right(PER_DEGREE * u),
        lambda u: PER_DEGREE * right(PER_DEGREE * u),
    )
    return rule(right, **wrong, degrees=degrees)


def inverse(right: Function, value: Function, **wrong: Union[Function, tuple[Function, ...]]) -> Rule:
    """The rule of a function that gives an angle."""
    return rule(right, **wrong, stale=lambda u: right(value(u)), degrees=lambda u: right(u) / PER_DEGREE)


def gauss(u: Expr) -> Expr:
    """The derivative of erf."""
    return 2 * exp(-(u**2)) / sqrt(pi)


def step(u: Expr) -> Expr:
    """1 where a number is positive, else 0."""
    return where(sympy.Gt(u, 0, evaluate=False), 1, 0)


RULES: Mapping[str, Rule] = {
    "exp": rule(exp, stale=(lambda u: u, lambda u: exp(exp(u)))),
    "expm1": rule(exp, stale=(lambda u: u, expm1), rule=expm1),
    "log": rule(
        lambda u: 1 / u,
        stale=lambda u: 1 / log(u),
        base=(lambda u: 1 / (u * log(10)), lambda u: 1 / (u * log(2))),
    ),
    "log2": rule(
        lambda u: 1 / (u * log(2)),
        base=(lambda u: 1 / u, lambda u: log(2) / u, lambda u: 1 / (u * log(10))),
    ),
    "log10": rule(lambda u: 1 / (u * log(10)), base=(lambda u: 1 / u, lambda u: log(10) / u)),
    "log1p": rule(lambda u: 1 / (1 + u), stale=lambda u: 1 / (1 + log1p(u)), rule=lambda u: 1 / u),
    "sqrt": rule(
        lambda u: 1 / (2 * sqrt(u)),
        stale=lambda u: 1 / (2 * u),
        rule=(lambda u: 1 / sqrt(u), lambda u: sqrt(u) / 2),
        power=(lambda u: 1 / sqrt(u), lambda u: sqrt(u) / 2),
    ),
    "cbrt": rule(
        lambda u: 1 / (3 * cbrt(u) ** 2),
        stale=lambda u: 1 / (3 * u**2),
        rule=(lambda u: 1 / cbrt(u) ** 2, lambda u: 1 / (2 * cbrt(u))),
        power=lambda u: 1 / cbrt(u) ** 2,
    ),
    "sin": circular(cos, sign=lambda u: -cos(u), rule=sin, stale=lambda u: cos(sin(u))),
    "cos": circular(lambda u: -sin(u), sign=sin, rule=(sin, cos, lambda u: -cos(u)), stale=lambda u: -sin(cos(u))),
    "tan": circular(
        lambda u: 1 / cos(u) ** 2,
        rule=(lambda u: 1 / cos(u), lambda u: 1 / sin(u) ** 2, lambda u: 1 - tan(u) ** 2),
        stale=lambda u: 1 + u**2,
    ),
    "asin": inverse(
        lambda u: 1 / sqrt(1 - u**2),
        asin,
        sign=lambda u: -1 / sqrt(1 - u**2),
        rule=(lambda u: 1 / sqrt(1 + u**2), lambda u: -1 / sqrt(1 - u**2)),
    ),
    "acos": inverse(
        lambda u: -1 / sqrt(1 - u**2), acos, sign=lambda u: 1 / sqrt(1 - u**2), rule=lambda u: 1 / sqrt(1 - u**2)
    ),
    "atan": inverse(lambda u: 1 / (1 + u**2), atan, rule=(lambda u: 1 / (1 - u**2), lambda u: 1 / sqrt(1 + u**2))),
    "sinh": rule(cosh, stale=lambda u: cosh(sinh(u)), sign=lambda u: -cosh(u), rule=sinh),
    "cosh": rule(sinh, stale=lambda u: sinh(cosh(u)), sign=lambda u: -sinh(u), rule=(lambda u: -sinh(u), cosh)),
    "tanh": rule(
        lambda u: 1 - tanh(u) ** 2,
        stale=lambda u: 1 - u**2,
        sign=lambda u: tanh(u) ** 2 - 1,
        rule=(lambda u: 1 + tanh(u) ** 2, lambda u: 1 / cosh(u)),
    ),
    "sigmoid": rule(
        lambda u: sigmoid(u) * (1 - sigmoid(u)),
        stale=lambda u: u * (1 - u),
        rule=(sigmoid, lambda u: sigmoid(u) * (1 + sigmoid(u))),
    ),
    "softplus": rule(sigmoid, stale=lambda u: sigmoid(softplus(u)), rule=(lambda u: sigmoid(-u), softplus)),
    "erf": rule(
        gauss,
        stale=lambda u: gauss(erf(u)),
        rule=(lambda u: exp(-(u**2)), lambda u: 2 * exp(u**2) / sqrt(pi)),
        factor=lambda u: exp(-(u**2)),
        sign=lambda u: 2 * exp(u**2) / sqrt(pi),
    ),
    "erfc": rule(lambda u: -gauss(u), sign=gauss, rule=gauss),
    "ndtr": rule(
        lambda u: exp(-(u**2) / 2) / sqrt(2 * pi),
        rule=(lambda u: exp(-(u**2) / 2), lambda u: exp(-(u**2)) / sqrt(pi)),
        factor=lambda u: exp(-(u**2) / 2),
    ),
    "gamma": rule(lambda u: gamma(u) * digamma(u), rule=(digamma, lambda u: gamma(u - 1), gamma)),
    "lgamma": rule(digamma, rule=(trigamma, lambda u: 1 / gamma(u))),
    "lambertw": rule(
        lambda u: lambertw(u) / (u * (1 + lambertw(u))),
        stale=lambda u: u / (lambertw(u) * (1 + u)),
        rule=lambda u: lambertw(u) / (1 + lambertw(u)),
    ),
    "Ei": rule(lambda u: exp(u) / u, rule=(exp, lambda u: exp(-u) / u), sign=lambda u: exp(-u) / u),
    "Si": rule(lambda u: sin(u) / u, rule=(sin, lambda u: cos(u) / u)),
    "j0": rule(lambda u: -j1(u), sign=j1, rule=j1),
    "abs": rule(sign, stale=absolute, rule=(lambda u: Integer(1), lambda u: u * sign(u), absolute)),
    "relu": rule(step, stale=relu, rule=(lambda u: Integer(1), relu, lambda u: step(-u))),
    "sindg": rule(
        lambda u: PER_DEGREE * cosdg(u),
        degrees=(cosdg, cos, lambda u: cosdg(u) / PER_DEGREE),
        sign=lambda u: -PER_DEGREE * cosdg(u),
    ),
    "cosdg": rule(lambda u: -PER_DEGREE * sindg(u), degrees=lambda u: -sindg(u), sign=lambda u: PER_DEGREE * sindg(u)),
}
