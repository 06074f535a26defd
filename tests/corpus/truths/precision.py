"""Zeros at a nonzero argument, what cancels by a hundred digits, saturation, and decisions by rounding (kinds 3, 6, 7, 17)."""

from __future__ import annotations

from collections.abc import Iterator

from tests.corpus.truths.tools import Line, briefly, broken, mp, mpf, smooth, tensor


def lines() -> Iterator[Line]:
    yield from near_zeros()
    yield from two_variables()
    yield from cancelling()
    yield from rounding()
    yield from saturated()
    yield from softmaxes()
    yield from slow()


def softplus(x):  # type: ignore[no-untyped-def]
    return mp.log1p(mp.exp(x))


def ndtr(x):  # type: ignore[no-untyped-def]
    return mp.erfc(-x / mp.sqrt(2)) / 2


def near_zeros() -> Iterator[Line]:
    for at in ("-300", "-120", "-45", "-20", "-800"):
        yield smooth("near zeros", "x*log(1+exp(x))", f"x={at}", lambda x: x * softplus(x),
                     lambda x: softplus(x) + x * mp.exp(x) / (1 + mp.exp(x)))  # fmt: skip
    for at in ("1e-60", "1e-20", "-1e-9", "2e-100"):
        yield smooth("near zeros", "x*log(cosh(x))", f"x={at}", lambda x: x * mp.log(mp.cosh(x)),
                     lambda x: mp.log(mp.cosh(x)) + x * mp.tanh(x))  # fmt: skip
        yield smooth("near zeros", "x*lgamma(1+x)", f"x={at}", lambda x: x * mp.loggamma(1 + x))
        yield smooth("near zeros", "x*lgamma(2+x)", f"x={at}", lambda x: x * mp.loggamma(2 + x))
        yield smooth("near zeros", "x*xlogy(1, 1+x)", f"x={at}", lambda x: x * mp.log1p(x))
        yield smooth("near zeros", "x*(exp(x)-1)**2", f"x={at}", lambda x: x * mp.expm1(x) ** 2)
    for at in ("1e-130", "1e-50", "-1e-12", "1e-200"):
        yield smooth("near zeros", "log(1+x)/x", f"x={at}", lambda x: mp.log1p(x) / x,
                     lambda x: 1 / (x * (1 + x)) - mp.log1p(x) / x**2)  # fmt: skip
        yield smooth("near zeros", "(exp(x)-1)/x", f"x={at}", lambda x: mp.expm1(x) / x)
    for at in ("1e-30", "-1e-12", "1e-100"):
        yield smooth("near zeros", "lgamma(1+x)", f"x={at}", lambda x: mp.loggamma(1 + x))
        yield smooth("near zeros", "lgamma(2+x)", f"x={at}", lambda x: mp.loggamma(2 + x))
        yield smooth("near zeros", "xlogy(1, 1+x)", f"x={at}", mp.log1p, lambda x: 1 / (1 + x))
        yield smooth("near zeros", "softplus(x) - log(2)", f"x={at}", lambda x: softplus(x) - mp.log(2))
        yield smooth("near zeros", "mish(x)", f"x={at}", lambda x: x * mp.tanh(softplus(x)))
    for at in ("300", "100", "40"):
        yield smooth("near zeros", "x*log(1-exp(-x))", f"x={at}", lambda x: x * mp.log1p(-mp.exp(-x)))
        yield smooth("near zeros", "x*(1-tanh(x))", f"x={at}", lambda x: x * (1 - mp.tanh(x)))
        yield smooth("near zeros", "exp(x)*(1-sigmoid(x))", f"x={at}", lambda x: mp.exp(x) / (1 + mp.exp(x)))
    for at in ("-25", "-12", "-5"):
        yield smooth("near zeros", "gelu(x)**2", f"x={at}", lambda x: (x * ndtr(x)) ** 2)
        yield smooth("near zeros", "x*erfc(-x)", f"x={at}", lambda x: x * mp.erfc(-x))
    for at in ("-300", "-40", "-1.192", "0.5", "20"):
        yield smooth("near zeros", "mish(x)", f"x={at}", lambda x: x * mp.tanh(softplus(x)))
    omega = "(4*(x+1)+4*exp(2*x)+exp(3*x)+exp(x)*(4*x+6))"
    for at in ("-30", "-2", "0.7", "3"):  # the derivative as the Mish paper has it
        yield smooth("near zeros", f"exp(x)*{omega}/(2*exp(x)+exp(2*x)+2)**2", f"x={at}", _mish_paper)


def _mish_paper(x):  # type: ignore[no-untyped-def]
    e = mp.exp(x)
    return e * (4 * (x + 1) + 4 * e**2 + e**3 + e * (4 * x + 6)) / (2 * e + e**2 + 2) ** 2


def two_variables() -> Iterator[Line]:
    for at in ("x=-300,y=2", "x=-50,y=0.3", "x=3,y=-1"):
        for by in ("x", "y"):
            yield smooth("near zeros", "y*softplus(x)", at, lambda x, y: y * softplus(x), by=by)
    half = "x=-0.6931471805599453,y=-0.6931471805599453"  # logaddexp is 0 there, up to rounding
    for at in (half, "x=1e-30,y=-90", "x=1e12,y=3"):
        for by in ("x", "y") if "1e12" not in at else ("x",):
            yield smooth(
                "near zeros",
                "logaddexp(x, y)",
                at,
                closed=lambda x, y, by=by: 1 / (1 + mp.exp((y - x) * (1 if by == "x" else -1))),
                by=by,
            )
    for at in ("x=-300,y=-299", "x=1e-20,y=-600", "x=0.3,y=0.3"):
        for by in ("x", "y", "x,y"):
            yield smooth("near zeros", "logaddexp(x, y)*x", at, lambda x, y: x * mp.log(mp.exp(x) + mp.exp(y)), by=by)


def cancelling() -> Iterator[Line]:
    for a in ("130", "100", "-130", "60", "10"):
        for text, g in (("x", lambda x: x), ("sin(x)", mp.sin)):
            yield smooth("cancelling", f"cosh(x)**2 - sinh(x)**2 + {text}", f"x={a}", lambda x, g=g: mpf(1) + g(x))
    for scale in ("1e120", "1e60", "1e200", "3e110"):
        yield smooth("cancelling", f"{scale}*x - {scale}*x + x", "x=1.7", lambda x: x)
        yield smooth("cancelling", f"{scale}*(x + 1) - {scale}*x + x**2", "x=0.3", lambda x: x**2)
        yield smooth("cancelling", f"({scale} + x) - {scale}", "x=0.3", lambda x: x)
    for k in (260, 100, 30):
        yield smooth("cancelling", f"exp({k})*(x-1)**2 - exp({k})*(x**2 - 2*x + 1) + sin(x)", "x=3", mp.sin, mp.cos)
        yield smooth("cancelling", f"exp({k})*(x+1)**3 - exp({k})*(x**3+3*x**2+3*x+1) + cos(x)", "x=0.3", mp.cos)
        yield smooth("cancelling", f"({k}+x)**40 - (x+{k})**40 + exp(x)", "x=0.7", mp.exp)
    vjp = "sq(i) = i**2; sq'(i, g) = g*3*i; sq(x) + z*x - z*x"
    for z in ("1e120", "1e20", "2"):
        yield smooth("cancelling", vjp, f"x=1.5,z={z}", closed=mpf(3), verdicts=["disagree", "inaccurate"])
    yield smooth("cancelling", "sq(i) = i**2; sq'(i, g) = g*3*i; sq(x)", "x=1.5", closed=mpf(3), verdicts=["disagree"])


def rounding() -> Iterator[Line]:
    undecided = {"or_undecided": True}
    for at in ("2", "3", "5", "0.3", "7", "1.1"):
        for program, f in (
            ("where((x**0.5)**2 < x, x, 3*x)", lambda x: 3 * x),
            ("where(cbrt(x)**3 > x, x, 3*x)", lambda x: 3 * x),
            ("where(exp(log(x)) < x, x, x**2)", lambda x: x**2),
            ("where(sin(x)**2 + cos(x)**2 < 1, x, 5*x)", lambda x: 5 * x),
            ("where(sqrt(x)*sqrt(x) == x, 2*x, 7*x)", lambda x: 2 * x),
            ("where(cosh(x)**2 - sinh(x)**2 > 1, x, 4*x)", lambda x: 4 * x),
        ):
            yield smooth("decided by rounding", program, f"x={at}", f, **undecided)
    for at in ("2", "3", "5", "7"):
        yield broken("decided by rounding", "floor(sqrt(x)**2)", f"x={at}", "jump", verdicts=["undefined", "undecided"])
        yield broken("decided by rounding", "floor(cbrt(x)**3)", f"x={at}", "jump", verdicts=["undefined", "undecided"])
    for at in ("2.5", "3.3"):
        yield smooth("decided by rounding", "floor(sqrt(x)**2) + x", f"x={at}", lambda x: x, **undecided)
    for program, value in (
        ("max(x, exp(x)-1, (x+1)^2/2-1/2)", 1),
        ("max(sin(x), x, tan(x))", 1),
        ("max(x, sinh(x))", 1),
        ("min(x, exp(x)-1)", 1),
        ("max(cos(x), 1-x**2/2)", 0),
        ("max(1+x, exp(x))", 1),
        ("min(log(1+x), x)", 1),
        ("max(x**3, x**5)", 0),
        ("max(2*x, sin(2*x))", 2),
        ("abs(x)**3 + max(x, tanh(x))", 1),
        ("relu(x**3) + x", 1),
        ("abs(sin(x)**3)", 0),
    ):
        yield smooth("touching", program, "x=0", closed=mpf(value))


def saturated() -> Iterator[Line]:
    for y in ("1e12", "1e6", "1000", "-1e12"):
        yield smooth("elsewhere", "exp(x)+exp(y)", f"x=0.3,y={y}", closed=lambda x, y: mp.exp(x))
        yield smooth("elsewhere", "exp(y)*0 + x**2 + exp(y)", f"x=0.3,y={y}", closed=lambda x, y: 2 * x)
        yield smooth("elsewhere", "sin(x) + y**40", f"x=0.3,y={y}", closed=lambda x, y: mp.cos(x))
        yield smooth(
            "elsewhere", "where(y > 1e9, 2*x, 3*x) + tanh(y)", f"x=0.3,y={y}", closed=mpf(2 if y == "1e12" else 3)
        )
    for z in ("47", "3", "9"):
        yield smooth("elsewhere", "S*erf(z)", f"S=2,z={z}", lambda S, z: S * mp.erf(z), by="S")
    for z in ("60", "200", "8"):
        yield smooth("elsewhere", "S*ndtr(z)", f"S=2,z={z}", lambda S, z: S * ndtr(z), by="S")
        yield smooth("elsewhere", "S*tanh(z)+z", f"S=2,z={z}", lambda S, z: S * mp.tanh(z) + z, by="z")
    tiny = {"verdicts": ["agree", "inaccurate"]}  # the nearest double of the truth is 0
    yield smooth(
        "elsewhere",
        "S*erf(z)",
        "S=2,z=47",
        closed=lambda S, z: S * 2 / mp.sqrt(mp.pi) * mp.exp(-(z**2)),
        by="z",
        **tiny,
    )
    for z in ("60", "200"):
        yield smooth("elsewhere", "S*ndtr(z)", f"S=2,z={z}", closed=lambda S, z: S * mp.npdf(z), by="z", **tiny)


def softmaxes() -> Iterator[Line]:
    def shares(x):  # type: ignore[no-untyped-def]
        powers = [mp.exp(mpf(one) - max(x)) for one in x]
        return [one / sum(powers) for one in powers]

    for x in ([1, 2, -1e9], [1, 2, 3], [0.3, -700, 700], [-1e9, 5, 5]):
        p = shares(x)
        far = [one if one == 0 or one > mpf("1e-300") else None for one in p]
        yield tensor("softmaxes", "logsumexp(x)", {"x": x}, "x", far)
        cross = [one if one is None else one - (i == 1) for i, one in enumerate(far)]
        yield tensor("softmaxes", "cross_entropy(x, 1)", {"x": x}, "x", cross)
        rows = [[p[i] * ((i == j) - p[j]) for j in range(3)] for i in range(3)]
        near = [[one if abs(one) > mpf("1e-300") else None for one in row] for row in rows]
        yield tensor("softmaxes", "softmax(x)", {"x": x}, "x", near)
        yield tensor("softmaxes", "sum(softmax(x))", {"x": x}, "x", [mpf(0)] * 3, verdicts=["agree"])
    yield tensor("softmaxes", "sum(exp(x))", {"x": [1e9, 1]}, "x", [None, mp.e])
    yield tensor("softmaxes", "sum(exp(x))", {"x": [2, 1]}, "x", [mp.exp(2), mp.e])


def slow() -> Iterator[Line]:
    for at in ("1.5e-65", "1e-40", "3e-10"):
        for text, g in (
            ("zeta(2+x)", briefly(lambda x: mp.zeta(2 + x), 220)),
            ("gamma(2+x)", lambda x: mp.gamma(2 + x)),
        ):
            yield smooth("costly", f"(1-cos(x))/x**2 + {text}", f"x={at}", _cos_and(g))


def _cos_and(g):  # type: ignore[no-untyped-def]
    return lambda x: (1 - mp.cos(x)) / x**2 + g(x)
