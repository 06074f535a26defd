"""What a first course differentiates: smooth points, and every kind of point without a derivative."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

from tests.corpus.truths.tools import Line, broken, mp, mpf, smooth


def lines() -> Iterator[Line]:
    yield from ordinary()
    yield from kinds()
    yield from no_value()


def ordinary() -> Iterator[Line]:
    places = cycle(("0.3", "1.7", "2", "0.9", "1/3", "pi/4", "5.1"))
    for program, f in (
        ("x**3 - 2*x", lambda x: x**3 - 2 * x),
        ("exp(sin(x))*x", lambda x: mp.exp(mp.sin(x)) * x),
        ("log(1+x**2)/x", lambda x: mp.log(1 + x**2) / x),
        ("tanh(x)*cosh(x/2)", lambda x: mp.tanh(x) * mp.cosh(x / 2)),
        ("atan(x)**2 + sqrt(x)", lambda x: mp.atan(x) ** 2 + mp.sqrt(x)),
        ("gamma(x+1)*exp(-x)", lambda x: mp.gamma(x + 1) * mp.exp(-x)),
        ("erf(x)/x", lambda x: mp.erf(x) / x),
        ("x**x", lambda x: x**x),
        ("2**x*cos(3*x)", lambda x: 2**x * mp.cos(3 * x)),
        ("besselj(0, x)", lambda x: mp.besselj(0, x)),
        ("hypot(x, 2)*asinh(x)", lambda x: mp.hypot(x, 2) * mp.asinh(x)),
        ("softplus(x)*sigmoid(-x)", lambda x: mp.log1p(mp.exp(x)) / (1 + mp.exp(x))),
    ):
        for order in (1, 2, 3):
            yield smooth("ordinary", program, f"x={next(places)}", f, order=order)


def kinds() -> Iterator[Line]:
    for program, at, left, right, f in (
        ("abs(x)", "0", -1, 1, abs),
        ("relu(x)", "0", 0, 1, lambda x: max(x, 0)),
        ("abs(x-0.3)", "0.3", -1, 1, None),
        ("max(x, x**2)", "1", 1, 2, lambda x: max(x, x**2)),
        ("min(sin(x), 2*x)", "0", 2, 1, lambda x: min(mp.sin(x), 2 * x)),
        ("exp(abs(x))", "0", -1, 1, lambda x: mp.exp(abs(x))),
        ("clamp(x, -1, 1)", "1", 1, 0, lambda x: min(max(x, -1), 1)),
        ("clamp(x, -1, 1)", "-1", 0, 1, lambda x: min(max(x, -1), 1)),
        ("sqrt(x**2)", "0", -1, 1, abs),
        ("x*sign(x-2)*(x-2)", "2", -2, 2, lambda x: x * abs(x - 2)),
        ("relu(1-x)", "1", -1, 0, lambda x: max(1 - x, 0)),
        ("leaky_relu(x, 0.01)", "0", mpf(0.01), 1, lambda x: x if x > 0 else mpf(0.01) * x),
        ("asin(sin(x))*0 + abs(x**3 - 8)", "2", -12, 12, lambda x: abs(x**3 - 8)),
        ("where(x < 1, x, x**2)", "1", 1, 2, lambda x: x if x < 1 else x**2),
        ("abs(log(x))", "1", -1, 1, lambda x: abs(mp.log(x))),
        ("1e30*abs(x) + x", "0", 1 - mpf(1e30), 1 + mpf(1e30), lambda x: mpf(1e30) * abs(x) + x),
    ):
        yield broken("kinds", program, f"x={at}", "corner", left, right, f)
    for program, at, kind, ends in (
        ("sqrt(x)", "0", "edge", {"right": "inf"}),
        ("x**1.5", "0", "edge", {"right": 0}),
        ("sqrt(1-x)", "1", "edge", {"left": "-inf"}),
        ("acos(x)", "1", "edge", {"left": "-inf"}),
        ("x*log(x)", "0", "edge", {"right": "-inf"}),
        ("acosh(x)", "1", "edge", {"right": "inf"}),
        ("cbrt(x)", "0", "vertical tangent", {"left": "inf", "right": "inf"}),
        ("-cbrt(x-1)", "1", "vertical tangent", {"left": "-inf", "right": "-inf"}),
        ("sign(x)*sqrt(abs(x))", "0", "vertical tangent", {"left": "inf", "right": "inf"}),
        ("cbrt(x) + exp(x)", "0", "vertical tangent", {"left": "inf", "right": "inf"}),
        ("floor(x)", "2", "jump", {}),
        ("sign(x)", "0", "jump", {}),
        ("round(x)", "0.5", "jump", {}),
        ("x % 3", "6", "jump", {}),
        ("x//2", "4", "jump", {}),
        ("where(x < 1, x, x+1)", "1", "jump", {}),
        ("where(x == 2, 1, x)", "2", "jump", {}),
        ("heaviside(x)", "0", "jump", {}),
        ("ceil(3*x)", "1", "jump", {}),
        ("1/x", "0", "pole", {}),
        ("1/(x-2)**2", "2", "pole", {}),
        ("log(x)", "0", "pole", {}),
        ("gamma(x)", "-1", "pole", {}),
        ("log(abs(x))", "0", "pole", {}),
        ("atanh(x)", "1", "pole", {}),
        ("log(x)", "-1", "outside the domain", {}),
        ("sqrt(x)", "-2", "outside the domain", {}),
        ("acos(x)", "3", "outside the domain", {}),
        ("acosh(x)", "0.3", "outside the domain", {}),
        ("x**0.5", "-1", "outside the domain", {}),
        ("where(x==0, 1, sin(1/x))", "0", "oscillating", {}),
        ("sin(1/x)", "0", "oscillating", {}),
    ):
        yield broken("kinds", program, f"x={at}", kind, **ends)
    for program, at, limit in (
        ("sin(x)/x", "0", 0),
        ("(exp(x)-1)/x", "0", 0.5),
        ("(x**2-1)/(x-1)", "1", 1),
        ("(x**3-8)/(x-2)", "2", 6),
        ("log(1+x)/x", "0", -0.5),
        ("x**2/x", "0", 1),
        ("tan(x)/x + x", "0", 1),
    ):
        yield broken("kinds", program, f"x={at}", "hole", limit=str(limit))


def no_value() -> Iterator[Line]:
    """Where the program has no value, it has no derivative, by what else it depends on."""
    for program in (
        "x**2 + 1/y",
        "x**2 + sin(y)/y",
        "x*max(y, 0)*log(abs(y))",
        "exp(x) + (exp(y)-1)/y",
        "x + log(y)",
        "x*atan(1/y)",
    ):
        for order in (1, 2, 3):
            yield broken("no value", program, "x=2,y=0", ["outside the domain", "pole", "hole", "jump"], order=order)
