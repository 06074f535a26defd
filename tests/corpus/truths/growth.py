"""What grows on the way, branches that are not taken, singular points behind a constant, aliasing (kinds 2, 4, 5)."""

from __future__ import annotations

from collections.abc import Iterator

from tests.corpus.truths.tools import Line, broken, mp, mpf, smooth, tensor, typed


def lines() -> Iterator[Line]:
    yield from flat()
    yield from oscillating()
    yield from quotients()
    yield from not_taken()
    yield from constant()
    yield from constant_tensors()


def flat() -> Iterator[Line]:
    def one_sided(x):  # type: ignore[no-untyped-def]
        return mp.exp(-1 / x) if x > 0 else mpf(0)

    def both(x):  # type: ignore[no-untyped-def]
        return mp.exp(-1 / x**2) if x else mpf(0)

    def bump(x):  # type: ignore[no-untyped-def]
        return mp.exp(-1 / (1 - x**2)) if abs(x) < 1 else mpf(0)

    for text, g in (("x", lambda x: x), ("sin(3*x)", lambda x: mp.sin(3 * x)), ("x**2 + 2*x", lambda x: x**2 + 2 * x)):
        for n in (1, 2, 3):
            yield smooth(
                "flat", f"{text} + where(x <= 0, 0, exp(-1/x))", "x=0", lambda x, g=g: g(x) + one_sided(x), order=n
            )
        yield smooth("flat", f"{text} + where(x == 0, 0, exp(-1/x**2))", "x=0", lambda x, g=g: g(x) + both(x))
        yield smooth(
            "flat", f"{text} + where(x == 0, 0, exp(-1/abs(x)))", "x=0", lambda x, g=g: g(x) + both(abs(x) ** 0.5)
        )
        for at in ("1", "-1"):
            for n in (1, 2):
                yield smooth(
                    "flat",
                    f"where(abs(x) < 1, exp(-1/(1-x**2)), 0) + {text}",
                    f"x={at}",
                    lambda x, g=g: g(x) + bump(x),
                    order=n,
                )
    yield smooth("flat", "where(abs(x) < 1, exp(-1/(1-x**2)), 0)", "x=1", bump, mpf(0))
    yield smooth("flat", "where(abs(x) < 1, exp(1-1/(1-x**2)), 0)", "x=0.5", lambda x: mp.e * bump(x))


def oscillating() -> Iterator[Line]:
    for program, at in (
        ("where(x==0, 0, x*sin(1/x**2))", 0),
        ("where(x==0, 0, x*sin(1/x))", 0),
        ("where(x==0, 0, x*cos(1/x))", 0),
        ("where(x==0, 0, x*sin(1/x**3))", 0),
        ("where(x==0, 0, x*sin(1/x)) + exp(x)", 0),
        ("where(x==2, 0, (x-2)*sin(1/(x-2)))", 2),
        ("where(x==0, 0, abs(x)*sin(1/x))", 0),
        ("where(x==0, 0, x*sin(5/x**2)*cos(x))", 0),
    ):
        yield broken("oscillating", program, f"x={at}", "oscillating")
    yield broken("oscillating", "where(x==0, 0, x**3*sin(1/x))", "x=0", "oscillating", order=2)
    for program, value in (
        ("where(x==0, 0, x**2*sin(1/x))", 0),
        ("where(x==0, 0, x**2*sin(1/x)) + 3*x", 3),
        ("where(x==0, 0, x**2*cos(1/x**2)) - sin(x)", -1),
        ("where(x==0, 0, x**2*sinpi(1/x)) + 2*x", 2),
        ("where(x==1, 0, (x-1)**2*sin(1/(x-1))) + x**2", 2),
    ):
        at = 1 if "x==1" in program else 0
        yield smooth(
            "oscillating",
            program,
            f"x={at}",
            closed=mpf(value),
            verdicts=["agree", "inaccurate", "disagree", "undecided"],
        )
    for program, at in (  # steps that are powers of ten, or of two, see one value only
        ("where(x==0, 0, x*sinpi(1/x))", 0),
        ("where(x==0, 0, x*sinpi(10/x))", 0),
        ("where(x==0, 0, x*cospi(1/x))", 0),
        ("where(x==0, 0, x*sinpi(1/x**2))", 0),
        ("where(x==0, 0, x*sin(2*pi/x))", 0),
        ("where(x==0, 0, x*cospi(2/x))", 0),
        ("where(x==0, 0, x*sin(2*pi*log10(abs(x))))", 0),
        ("where(x==0, 0, x*cospi(2*log2(abs(x))))", 0),
        ("where(x==0, 0, x*sinpi(log10(abs(x))))", 0),
        ("where(x==0, 0, x*cospi(log2(abs(x))))", 0),
        ("where(x==1, 0, (x-1)*sinpi(1/(x-1)))", 1),
        ("where(x==3, 0, (x-3)*sinpi(1/(x-3))) + x**2", 3),
        ("where(x==0, 0, x*sinpi(1/x)) + cos(x)", 0),
        ("where(x==0, 0, x*sinpi(1/(7*x)))", 0),
        ("where(x==0, 0, x*sinpi(1/x)**2)", 0),
    ):
        slow = {"verdicts": ["undefined", "undecided"]} if "log" in program else {}
        yield broken("aliases", program, f"x={at}", "oscillating", **slow)


def quotients() -> Iterator[Line]:
    half = mp.pi / 2
    for program, value in (
        ("where(x==0, 0, x*atan(1/x**2))", half),
        ("where(x==0, 0, x*atan(3/x**2)) + x", half + 1),
        ("where(x==0, 0, x*tanh(1/x**2))", 1),
        ("where(x==0, 0, x*erf(1/x**2))", 1),
        ("where(x==0, 0, x*exp(-1/x**2))", 0),
        ("where(x==0, 0, x/(1+x**2*exp(-1/x**2)))", 1),
        ("where(x==0, 0, 2*x*atan(1/x**4)/pi)", mp.pi / typed("pi")),
        ("where(x==0, 0, x*sigmoid(1/x**2))", 1),
    ):
        yield smooth("behind quotients", program, "x=0", closed=mpf(value))
    for program, left, right in (
        ("where(x==0, 0, x*atan(1/x))", -half, half),
        ("where(x==0, 0, x/(1+exp(1/x)))", 1, 0),
        ("where(x==0, 0, x*tanh(1/x))", -1, 1),
        ("where(x==0, 0, x*sigmoid(1/x))", 0, 1),
        ("where(x==0, 0, x*erf(1/x)) + 2*x", 1, 3),
    ):
        yield broken("behind quotients", program, "x=0", "corner", left, right)
    for program, end in (
        ("where(x==0, 0, x*log(1/x**2))", "inf"),
        ("where(x==0, 0, x*log(abs(x)))", "-inf"),
        ("where(x==0, 0, x*log(1/x**2)) + x**2", "inf"),
        ("where(x==0, 0, x*log(x**4))", "-inf"),
        ("where(x==0, 0, x*sqrt(abs(log(abs(x)))))", "inf"),
        ("where(x==2, 0, (x-2)*log(abs(x-2)))", "-inf"),
    ):
        at = 2 if "x==2" in program else 0
        slow = {"verdicts": ["undefined", "undecided"]} if "sqrt" in program else {}
        yield broken("behind quotients", program, f"x={at}", "vertical tangent", end, end, **slow)


def not_taken() -> Iterator[Line]:
    ball = "where(r <= R, G*r/R**3, G/r**2)"
    for at in ("r=0,G=2,R=1", "r=0.5,G=2,R=1", "r=0,G=3,R=2", "r=0,G=0.7,R=0.3"):
        for by in ("r", "G", "R"):
            yield smooth("not taken", ball, at, lambda r, G, R: G * r / R**3 if r <= R else G / r**2, by=by)
    yield smooth("not taken", "where(r <= R, G*r/R**3, G/where(r <= R, 1, r)**2)", "r=0,G=2,R=1", closed=mpf(2), by="r")
    for program, g in (
        ("where(y > 0, log(x), x**2+3*x)", lambda x, y: x**2 + 3 * x),
        ("where(y > 0, 1/x, sin(2*x))", lambda x, y: mp.sin(2 * x)),
        ("where(y < 0, exp(x), 1/x**3)", lambda x, y: mp.exp(x)),
        ("where(y > 0, sqrt(x-1), tan(x)+y)", lambda x, y: mp.tan(x) + y),
        ("where(y > 0, acos(x+5), 5*x)", lambda x, y: 5 * x),
        ("where(y > 0, exp(1/x**2), x*cosh(x))", lambda x, y: x * mp.cosh(x)),
        ("where(y > 0 and x > 0, log(x), 7*x)", lambda x, y: 7 * x),
    ):
        for n in (1, 2):
            yield smooth("not taken", program, "x=0,y=-1", g, order=n)
    for program, left, right in (
        ("where(y > 0, 1/x**2, abs(x))", -1, 1),
        ("where(y > 0, log(x), relu(x)+x)", 1, 2),
        ("where(y > 0, 1/x, max(3*x, x))", 1, 3),
        ("where(y > 0, x**-4, exp(abs(x)))", -1, 1),
    ):
        yield broken("not taken", program, "x=0,y=-1", "corner", left, right)


def constant() -> Iterator[Line]:
    for text in (
        "sqrt(relu(x))",
        "relu(x)**0.5",
        "cbrt(relu(x))",
        "abs(relu(x))",
        "sqrt(max(x, 0))",
        "sqrt(clamp(x, 0, 1))",
        "relu(x)**1.5",
        "acos(1-relu(x))",
        "asin(clamp(x, -1, 1))",
        "sqrt(1-clamp(x, -1, 1)**2)",
        "sqrt(abs(floor(x)+1))",
    ):
        at, order = ("-2" if "-1, 1" in text else "-1" if "floor" not in text else "-0.5"), 2
        for n in range(1, order + 1):
            yield smooth("constant argument", f"{text} + x**3", f"x={at}", lambda x: x**3, order=n)
    for n, value in ((1, 12), (2, 12), (3, 6)):
        yield smooth("constant argument", "acos(clamp(x,-1,1)) + x**3", "x=2", closed=mpf(value), order=n)
    yield smooth("constant argument", "atanh(sign(x)-1) + sin(x)", "x=0.7", lambda x: mp.sin(x))
    yield smooth("constant argument", "sqrt(sign(x)-1)*x + x**2", "x=3", lambda x: x**2)
    yield smooth("constant argument", "abs(round(x)) * 2 + exp(x)", "x=0.2", mp.exp)
    yield smooth("constant argument", "sqrt(x//5) + cos(x)", "x=2", mp.cos)


def constant_tensors() -> Iterator[Line]:
    for v in ([-1, -2], [-1, -2, -3], [-0.5, -4]):
        cubes = [3 * mpf(one) ** 2 for one in v]
        yield tensor("constant argument", "norm(relu(v)) + sum(v**3)", {"v": v}, "v", cubes)
        yield tensor("constant argument", "sqrt(sum(relu(v)**2)) + sum(v**3)", {"v": v}, "v", cubes)
    for x in ([1, 2, 3], [1, -2, 3]):
        n = len(x)
        rows = [[mpf(2) / n if i == j and x[i] > 0 else mpf(0) for j in range(n)] for i in range(n)]
        yield tensor("constant argument", "mean(relu(relu(x))**2)", {"x": x}, "x", rows, order=2)
