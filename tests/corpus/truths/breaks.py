"""Breaks that rounding makes, what lies near, the value itself, ties and extreme numbers (kinds 13 to 16)."""

from __future__ import annotations

from collections.abc import Iterator

from tests.corpus.truths.tools import Line, broken, decimal, mp, mpf, point, smooth, typed


def lines() -> Iterator[Line]:
    yield from rounded_breaks()
    yield from values()
    yield from near()
    yield from ties()
    yield from extreme()


def rounded_breaks() -> Iterator[Line]:
    said = {"verdicts": ["agree", "undefined"], "note": "round"}
    for program, at in (
        ("where(x < pi/2, sin(x), 1)", "pi/2"),
        ("where(x < 0.3, x**2, 0.09 + 0.6*(x - 0.3))", "0.3"),
        ("where(x < 0.7, x**2, 0.49 + 1.4*(x - 0.7))", "0.7"),
        ("where(x < 0.2, x**3, 0.008 + 0.12*(x - 0.2))", "0.2"),
        ("where(x < e, log(x), 1 + (x - e)/e)", "e"),
        ("where(x < pi, sin(x), 0)", "pi"),
        ("where(x < pi, sin(x), pi - x)", "pi"),
        ("where(x <= 0.1, 10*x, 1)", "0.1"),
        ("where(x < 0.3, x, 0.1 + 0.2)", "0.3"),
    ):
        texts, _ = point(f"x={at}")
        yield {"family": "rounded breaks", "program": program, "at": texts, "wrt": ["x"], "order": 1, **said}
    yield broken("rounded breaks", "where(x < 0.1, x, 2)", "x=0.1", "jump")  # no rounding is that large
    yield broken("rounded breaks", "where(x < 0.3, x**2, 0.1)", "x=0.3", "jump")
    yield broken("rounded breaks", "where(x < pi/2, sin(x), 2)", "x=pi/2", "jump")


def values() -> Iterator[Line]:
    lossy, right = {"value_verdicts": ["inaccurate"]}, {"value_verdicts": ["agree"]}
    for program, at, f, verdict in (
        ("log(1+x)", "3e-16", mp.log1p, lossy),
        ("log(1+x)", "1e-12", mp.log1p, lossy),
        ("(1-cos(x))/x**2", "1e-8", lambda x: (1 - mp.cos(x)) / x**2, lossy),
        ("(exp(x)-1)/x", "1e-15", lambda x: mp.expm1(x) / x, lossy),
        ("sqrt(x+1)-sqrt(x)", "1e15", lambda x: mp.sqrt(x + 1) - mp.sqrt(x), lossy),
        ("(1e20 + x) - 1e20", "3", lambda x: x, lossy),
        ("log(exp(x))", "800", lambda x: x, lossy),
        ("floor(10*x) + x", "0.3", lambda x: 2 + x, lossy),
        ("1 - tanh(x)", "25", lambda x: 1 - mp.tanh(x), lossy),
        ("sin(x)", "1e22", mp.sin, right),
        ("log1p(x)", "3e-16", mp.log1p, right),
        ("x**2 + 1", "0.3", lambda x: x**2 + 1, right),
        ("exp(x)", "-700", mp.exp, right),
        ("cosh(x)/exp(x)", "3", lambda x: mp.cosh(x) / mp.exp(x), right),
    ):
        yield smooth("the value", program, f"x={at}", f) | {"f": decimal(f(typed(at))), **verdict}


def near() -> Iterator[Line]:
    for program, at, f, kind in (
        ("abs(sin(x))", "pi", lambda x: abs(mp.sin(x)), "corner"),
        ("abs(cos(x))", "pi/2", lambda x: abs(mp.cos(x)), "corner"),
        ("abs(sin(x))", "2*pi", lambda x: abs(mp.sin(x)), "corner"),
        ("relu(sin(x))", "pi", lambda x: max(mp.sin(x), 0), "corner"),
        ("abs(tan(x)-1)", "pi/4", lambda x: abs(mp.tan(x) - 1), "corner"),
        ("max(sin(x), cos(x))", "pi/4", lambda x: max(mp.sin(x), mp.cos(x)), "corner"),
        ("abs(x**2-2)", "sqrt(2)", lambda x: abs(x**2 - 2), "corner"),
        ("tan(x)", "pi/2", mp.tan, "pole"),
        ("tan(x)", "-pi/2", mp.tan, "pole"),
        ("1/sin(x)", "pi", lambda x: 1 / mp.sin(x), "pole"),
        ("1/cos(x)", "pi/2", lambda x: 1 / mp.cos(x), "pole"),
        ("log(sin(x))", "pi", lambda x: mp.log(mp.sin(x)), "pole"),
        ("1/(3*x-2)", "2/3", lambda x: 1 / (3 * x - 2), "pole"),
        ("floor(10*x) + x", "0.3", lambda x: mp.floor(10 * x) + x, "jump"),
        ("floor(10*x)", "0.3", lambda x: mp.floor(10 * x), "jump"),
        ("floor(100*x) + x", "0.29", lambda x: mp.floor(100 * x) + x, "jump"),
        ("sign(sin(x)) + x", "pi", lambda x: mp.sign(mp.sin(x)) + x, "jump"),
        ("x % 0.1", "0.3", lambda x: x - typed("0.1") * mp.floor(x / typed("0.1")), "jump"),
        ("where(x < 1/3, x, 2)", "1/3", lambda x: x if x < mpf(1) / 3 else mpf(2), "jump"),
        ("where(x < 1/3, 3*x, 1)", "1/3", lambda x: 3 * x if x < mpf(1) / 3 else mpf(1), "corner"),
        ("sqrt(sin(x))", "pi", lambda x: mp.sqrt(mp.sin(x)), "edge"),
    ):
        yield smooth("near", program, f"x={at}", f, near=kind)
    tenths = lambda x: abs(x - typed("0.1") - typed("0.2"))  # noqa: E731
    yield smooth("near", "abs(x - 0.1 - 0.2)", "x=0.3", tenths, near="corner")


def ties() -> Iterator[Line]:
    for at in ("0.3", "2", "0", "-1"):
        for program, f in (
            ("where(x > x, 1, 1)", lambda x: mpf(1) + 0 * x),
            ("max(x, x)", lambda x: x),
            ("where(x >= x, x**2, 3)", lambda x: x**2),
            ("where(x == x, sin(x), 0)", mp.sin),
            ("where(x != x, 5, exp(x))", mp.exp),
            ("min(x**2, x**2)", lambda x: x**2),
            ("max(x+1, 1+x)*x", lambda x: (x + 1) * x),
            ("where(2*x < x+x, 7, cos(x))", mp.cos),
            ("abs(x-x) + x**3", lambda x: x**3),
            ("relu(0*x) + 2*x", lambda x: 2 * x),
        ):
            yield smooth("ties", program, f"x={at}", f)


def extreme() -> Iterator[Line]:
    for at in ("1e-320", "5e-324", "1e-310"):
        yield smooth("extreme", "deg2rad(y)", f"y={at}", closed=mp.pi / 180, by="y")
        yield smooth("extreme", "sin(y)", f"y={at}", closed=lambda y: mp.cos(y), by="y")
        yield smooth("extreme", "y*exp(y)", f"y={at}", closed=lambda y: (1 + y) * mp.exp(y), by="y")
    for at in ("1e151", "3e100", "1e20"):
        for divisor in (3, 7, 10):
            whole = int(float(at))
            if whole % divisor:
                yield smooth("extreme", f"x//{divisor} + x", f"x={at}", closed=mpf(1))
                yield smooth("extreme", f"x % {divisor}", f"x={at}", closed=mpf(1))
            else:
                yield broken("extreme", f"x//{divisor} + x", f"x={at}", "jump")
        yield broken("extreme", "floor(x)", f"x={at}", "jump")
        yield smooth("extreme", "floor(x + 1/2) + 2*x", f"x={at}", closed=mpf(2))
