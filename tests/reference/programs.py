"""Random programs, the same ones for the same seed: well-conditioned, with kinks exactly at the point, in disguise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.doors import parse
from tests.reference.evaluator import largest, mpf

LARGEST = 4  # 1 - tanh(4)**2 has lost four digits; at 9 eight would be lost, and `inaccurate` would be right
VARIABLES = ("x", "y", "z")
BOUNDED = (  # functions that neither blow up what goes in nor lose its digits
    "sin({})", "cos({})", "tanh({})", "atan({})", "sigmoid({})", "erf({})", "asinh({})", "softplus({})", "exp(sin({}))",
    "log(2 + ({})**2)", "sqrt(1 + ({})**2)", "1/(1.5 + ({})**2)", "exp(-({})**2)", "cbrt(3 + cos({}))", "expm1(tanh({}))",
    "log1p(exp({0}/(1+({0})**2)))", "silu({})", "gelu({})", "hypot({}, 1)", "cosh(sin({}))", "sinh(cos({}))", "square({})",
    "atan2({}, 2)", "logaddexp({}, 0.5)", "2**tanh({})", "lgamma(3 + sin({}))", "gamma(2.5 + cos({}))", "acos(0.7*sin({}))",
)  # fmt: skip
JOINED = (
    "({} + {})", "({} + {})", "({}*{})", "({}*{})", "({} - 0.37*{})", "{}/(2 + cos({}))", "hypot(1 + {}, {})", "atan2({}, 3 + sin({}))",
    "(2 + sin({}))**tanh({})", "logaddexp({}, {})", "{}*exp(tanh({}))",
)  # fmt: skip
CORNERS = (
    "abs({d})", "relu({d})", "max({d}, 0)", "min({d}, 2*{d})", "clamp({d}, 0, 1)", "relu(-{d})", "sqrt({d}**2)", "abs(sin({d}))",
    "max(exp({d}), 1 - {d})", "where({v} < {c}, 2*{d}, {d}**2)", "where({v} >= {c}, sin({d}), 3*{d})", "{d}*sign({d})",
    "abs({d})*cos({d})", "log(1 + abs({d}))", "hypot({d}, 0)", "abs({d})**3", "{d}*abs({d})", "relu({d})**2", "max({d}, {d}**3)",
)  # fmt: skip
SINGULAR = (
    "sqrt(abs({d}))", "cbrt({d})", "sqrt({d})", "log({d})", "1/{d}", "1/{d}**2", "floor({d})", "sign({d})", "ceil({d})", "log(abs({d}))",
    "where({v} < {c}, 1, 2)", "where({v} == {c}, 1, 2)", "where({v} == {c}, 1, sin({d})/{d})", "where({v} == {c}, 0, {d}*sin(1/{d}))",
    "where({v} == {c}, 0, {d}**2*sin(1/{d}))", "sin({d})/{d}", "(exp({d})-1)/{d}", "atan(1/{d})", "{d}**1.5", "abs({d})**1.5",
    "where({v} == {c}, 0, {d}*atan(1/{d}**2))", "where({v} == {c}, 0, exp(-1/{d}**2))", "{d} % 1", "({d} + 2)//2", "acos(1 + {d})",
    "where({v} <= {c}, 0, exp(-1/{d}))", "xlogy({d}, {d})", "acosh(1 + {d})", "atanh(1 - {d})", "where({v} == {c}, 0, {d}*log(abs({d})))",
    "cbrt({d}**4)", "cbrt({d}**3)", "sqrt({d}**4)", "{d}**0", "{d}**3/{d}",
)  # fmt: skip
QUIET = (  # seams that change nothing
    "max({v}, {v})", "where({v} > {v}, 5, {v})", "where({v} < {c}, {v}, {v})", "abs(relu(-1 - {d}**2))", "sqrt(relu({d} - 1))",
    "where({v} == {v}, {v}, 1/{d})", "floor(0.5 + 0*{v})", "acos(clamp({d} + 3, -1, 1))", "clamp({d}, -1, 1)",
    "where({d} > 7, log({d}), {v})",
)  # fmt: skip
DISGUISES = (  # of a variable v at the number c
    "(relu({d}) - relu(-{d}) + {c})", "where({v} == {c}, {c}, {v})", "(sign({d})*abs({d}) + {c})", "log(exp({v}))", "max({v}, {v})",
    "({v}*1)", "(max({v}, {c}) + min({v}, {c}) - {c})", "where({v} < {c}, {v}, {v})", "(-(-{v}))", "min({v}, {v})", "({v} + 0*{v})",
    "(abs({d})*sign({d}) + {c})", "where({v} > {c}, {v}, {v}*1)", "(cbrt({d}**3) + {c})", "sinh(asinh({v}))", "(2*{v} - {v})",
    "tan(atan({v}))", "cbrt({v})**3", "clamp({v}, {v}, {v} + 1)",
)  # fmt: skip


@dataclass(frozen=True)
class Drawn:
    """A program and the point: each variable's number as it is typed."""

    text: str
    at: dict[str, str]

    @property
    def point(self) -> dict[str, float]:
        return {name: float(text) for name, text in self.at.items()}


def smooth(rng: Random, depth: int = 3) -> Drawn:
    """A program without special points, at numbers of an ordinary size; nothing on the way saturates or cancels much."""
    while True:
        at = _point(rng, lambda: f"{rng.choice((-1, 1)) * rng.uniform(0.2, 2.5):.{rng.randint(1, 5)}f}")
        drawn = Drawn(_covering(rng, list(at), depth, []), at)
        if largest(parse(drawn.text), {name: mpf(value) for name, value in drawn.point.items()}) <= LARGEST:
            return drawn


def kinked(rng: Random, depth: int = 2) -> Drawn:
    """A program with something special exactly at the point: a kink, a break, or a seam that changes nothing."""
    at = _point(rng, lambda: rng.choice(("0", "0", "1", "2", "-1", "0.3", "0.1", "-2.5", "1e-3", "7")))
    parts = []
    for _ in range(rng.choice((1, 1, 2))):
        name = rng.choice(list(at))
        parts.append(fill(rng.choice(rng.choice((CORNERS, CORNERS, SINGULAR, QUIET))), name, at[name]))
    return Drawn(_covering(rng, list(at), depth, parts), at)


def curve(rng: Random) -> tuple[str, str]:
    """A function of {v} alone, and a number."""
    text = rng.choice(BOUNDED).format("{v}")
    other = rng.choice(BOUNDED).format("{v}")
    return rng.choice(
        (text, f"{text}*{other}", f"({text} + {_number(rng)}*{other})", rng.choice(BOUNDED).format(f"{text}*{{v}}"))
    ), rng.choice(("0", "1", "0.3", "-0.7", "2", "-1.5"))


def fill(template: str, name: str, number: str) -> str:
    """The template with a variable, a number, and their difference."""
    shown = f"({number})" if number.startswith("-") else number
    return template.format(v=name, c=shown, d=name if number == "0" else f"({name} - {shown})")


def _point(rng: Random, draw: Callable[[], str]) -> dict[str, str]:
    return {name: draw() for name in VARIABLES[: rng.choice((1, 1, 2, 2, 3))]}


def _number(rng: Random) -> str:
    return rng.choice((f"{rng.uniform(0.2, 3):.2f}", str(rng.randint(2, 5))))


def _covering(rng: Random, names: list[str], depth: int, parts: list[str]) -> str:
    """An expression in which every part and every variable occurs."""
    terms = [*parts, *names]
    rng.shuffle(terms)
    for _ in range(depth):
        index = rng.randrange(len(terms))
        shape = rng.randrange(3)
        if shape == 0 or len(terms) == 1:
            terms[index] = rng.choice(BOUNDED).format(terms[index])
        elif shape == 1:
            terms[index] = f"{_number(rng)}*{terms[index]}"
        else:
            other = terms.pop(index)
            index = rng.randrange(len(terms))
            terms[index] = rng.choice(JOINED).format(terms[index], other)
    text = terms[0]
    for term in terms[1:]:
        text = rng.choice(JOINED).format(text, term)
    return text
