"""Functions that have a value where one may think they have none, and diff inside a program (kinds 8, 9, 10)."""

from __future__ import annotations

from collections.abc import Iterator

from tests.corpus.truths.tools import Line, briefly, broken, decimal, mp, mpf, smooth


def lines() -> Iterator[Line]:
    yield from incomplete()
    yield from degrees()
    yield from at_special_points()
    yield from inside()
    yield from by_origin()


def incomplete() -> Iterator[Line]:
    for at in ("0.3", "2", "7.5"):
        for text, a in (("0", 0), ("-1/2", -0.5), ("-1", -1), ("-3/2", -1.5), ("1/2", 0.5)):
            yield smooth(
                "values", f"uppergamma({text}, x)", f"x={at}", closed=lambda x, a=a: -(x ** (mpf(a) - 1)) * mp.exp(-x)
            )
    for at in ("0.3", "-0.5", "0.75"):
        yield smooth("values", "assoc_legendre(1, -1, x)", f"x={at}", closed=lambda x: -x / (2 * mp.sqrt(1 - x**2)))
        yield smooth("values", "assoc_legendre(1, 1, x)", f"x={at}", closed=lambda x: x / mp.sqrt(1 - x**2))
    for at in ("0.3", "-0.5", "0.9"):
        for text, s in (("3/2", 1.5), ("1/2", 0.5), ("-1/2", -0.5)):
            yield smooth("values", f"polylog({text}, x)", f"x={at}", closed=lambda x, s=s: _polylog(mpf(s) - 1, x) / x)


def _polylog(s, x):  # type: ignore[no-untyped-def]
    with mp.workdps(60):
        return mp.re(mp.polylog(s, x))


def degrees() -> Iterator[Line]:
    def legendre(n, x):  # type: ignore[no-untyped-def]
        return mp.hyp2f1(-n, n + 1, 1, (1 - x) / 2)

    for at in ("0.3", "-0.25", "0.8"):
        for text, n in (("1/2", mpf(1) / 2), ("5/2", mpf(5) / 2), ("-1/2", -mpf(1) / 2)):
            for name in ("legendre", "scipy.special.eval_legendre") if at == "0.3" else ("legendre",):
                yield smooth("degrees", f"{name}({text}, x)", f"x={at}", lambda x, n=n: legendre(n, x),
                             lambda x, n=n: n * (x * legendre(n, x) - legendre(n - 1, x)) / (x**2 - 1))  # fmt: skip
            for name in ("laguerre", "scipy.special.eval_laguerre") if at == "0.3" else ("laguerre",):
                yield smooth("degrees", f"{name}({text}, x)", f"x={at}", lambda x, n=n: mp.hyp1f1(-n, 1, x),
                             lambda x, n=n: -n * mp.hyp1f1(1 - n, 2, x))  # fmt: skip
            for name in ("gegenbauer", "scipy.special.eval_gegenbauer") if at == "0.3" else ("gegenbauer",):
                yield smooth("degrees", f"{name}({text}, 3/4, x)", f"x={at}",
                             briefly(lambda x, n=n: mp.gegenbauer(n, mpf(3) / 4, x)),
                             lambda x, n=n: mpf(3) / 2 * mp.gegenbauer(n - 1, mpf(7) / 4, x))  # fmt: skip
            for name in ("jacobi", "scipy.special.eval_jacobi") if at == "0.3" else ("jacobi",):
                yield smooth("degrees", f"{name}({text}, 1/4, 1/2, x)", f"x={at}",
                             briefly(lambda x, n=n: mp.jacobi(n, mpf(1) / 4, mpf(1) / 2, x)),
                             lambda x, n=n: (n + mpf(7) / 4) / 2 * mp.jacobi(n - 1, mpf(5) / 4, mpf(3) / 2, x))  # fmt: skip
            for name in ("hermite", "scipy.special.eval_hermite") if at == "0.3" else ("hermite",):
                yield smooth("degrees", f"{name}({text}, x)", f"x={at}", briefly(lambda x, n=n: mp.hermite(n, x)),
                             lambda x, n=n: 2 * n * mp.hermite(n - 1, x))  # fmt: skip


def at_special_points() -> Iterator[Line]:
    for n in range(4):
        yield smooth("special points", "rgamma(x)", f"x={-n}", mp.rgamma, (-1) ** n * mp.factorial(n))
        yield smooth("special points", "rgamma(x)*cos(x)", f"x={-n}", closed=(-1) ** n * mp.factorial(n) * mp.cos(n))
    yield smooth("special points", "rgamma(x)", "x=0", mp.rgamma, 2 * mp.euler, order=2)
    for order in range(1, 5):
        yield smooth("special points", "dilog(x)", "x=0", closed=mp.factorial(order - 1) / mpf(order), order=order)
        value = -((-1) ** (order - 1)) * mp.factorial(order - 1) / mpf(order)
        yield smooth("special points", "spence(x)", "x=1", closed=value, order=order)
    for at in ("0.3", "-2", "0.9"):
        yield smooth("special points", "dilog(x)", f"x={at}", closed=lambda x: -mp.log1p(-x) / x)
        yield smooth(
            "special points",
            "spence(x)",
            f"x={1 - mpf(at)}" if at == "-2" else "x=0.4",
            closed=lambda x: mp.log(x) / (1 - x),
        )
    for index in (0, 1, 2):
        for order in range(1, 7):
            yield smooth("special points", f"struveh({index}, x)", "x=0", closed=_struve(index, order), order=order)
            yield smooth(
                "special points", f"struvel({index}, x)", "x=0", closed=abs(_struve(index, order)), order=order
            )
    for at in ("n=0.3,m=0.3", "n=-0.5,m=-0.5", "n=0.7,m=0.7"):
        for by in ("n", "m"):
            yield smooth("special points", "ellippi(n, m)", at, by=by, closed=lambda n, m, by=by: _ellippi(n, m, by))
    for order in (1, 2, 3):
        value = (-order) ** (order - 1)
        yield smooth("special points", "lambertw(x)", "x=0", mp.lambertw, mpf(value), order=order)
    edges = ["edge", "outside the domain", "corner", "vertical tangent"]
    for program in ("lambertw(x)", "lambertw(x) + x**2"):  # the double beside -1/e lies outside
        yield broken("special points", program, "x=-1/e", edges)


def _struve(index: int, order: int):  # type: ignore[no-untyped-def]
    """From the series: the sum of (-1)**k*(x/2)**(2*k + n + 1)/gamma(k + 3/2)/gamma(k + n + 3/2)."""
    k, rest = divmod(order - index - 1, 2)
    if rest or k < 0:
        return mpf(0)
    half = mpf(3) / 2
    return (-1) ** k * mp.factorial(order) / mpf(2) ** order / mp.gamma(k + half) / mp.gamma(k + index + half)


def _ellippi(n, m, by):  # type: ignore[no-untyped-def]
    """The derivative under the integral over t of 1/(1 - n*sin(t)**2)/sqrt(1 - m*sin(t)**2)."""

    def inner(t):  # type: ignore[no-untyped-def]
        s = mp.sin(t) ** 2
        root = mp.sqrt(1 - m * s)
        return s / (1 - n * s) ** 2 / root if by == "n" else s / (1 - n * s) / root**3 / 2

    with mp.workdps(40):
        return mp.quad(inner, mp.linspace(0, mp.pi / 2, 5))


def inside() -> Iterator[Line]:
    yield smooth("inside", "diff(relu(x)-relu(-x), x)*y", "x=0,y=3", closed=mpf(1), by="y")
    yield smooth("inside", "diff(where(x==0, 0, x) + x**2, x)*y", "x=0,y=3", closed=mpf(1), by="y")
    yield smooth("inside", "diff(sign(x)*abs(x)*y, x)*y", "x=0,y=3", closed=mpf(6), by="y")
    for text in ("abs(x)", "relu(x)", "max(x, 2*x)", "abs(sin(x))"):
        yield broken("inside", f"diff({text}, x)*y", "x=0,y=3", NO_VALUE, by="y")
    filled = (("(exp(x)-1)/x", 0.5, 1), ("sin(x)/x", 0, -1), ("log(1+x)/x", -0.5, 2))
    for text, first, second in filled:
        program, value_of_f = f"g = where(x==0, 1, {text}); diff(g, x)", mpf(first)
        yield smooth("inside", program, "x=0", closed=mpf(second) / 3) | {"f": decimal(value_of_f)}
        yield smooth("inside", f"{program}*y", "x=0,y=3", closed=value_of_f, by="y")
    for at in ("0.3", "2"):
        yield smooth("inside", "diff(x**3*y, x) + diff(sin(x*y), y)", f"x={at},y=0.7",
                     lambda x, y: 3 * x**2 * y + x * mp.cos(x * y))  # fmt: skip
        yield smooth("inside", "diff(diff(exp(x)*y**2, x), y)", f"x={at},y=0.7", lambda x, y: 2 * y * mp.exp(x), by="y")
        yield smooth("inside", "diff(x*abs(x), x)", f"x={at}", closed=mpf(2))
    yield broken("inside", "diff(x*abs(x), x)", "x=0", "corner", -2, 2)


NO_VALUE = ["jump", "corner", "hole", "outside the domain"]


def by_origin() -> Iterator[Line]:
    """A literal that happens to equal a variable is not that variable."""
    for n in (2, 3, 5):
        yield smooth("by origin", f"sum([diff(w*x**{n}, x)])", f"w=2,x={n}", closed=mpf(n) ** n, by="w")
        yield smooth("by origin", f"sum([diff(w*{n}*x, x)])", f"w=2,x={n}", closed=mpf(n), by="w")
        yield smooth(
            "by origin",
            f"sum([diff(w*exp({n}*x), x), w])",
            f"w=2,x={n}",
            closed=lambda w, x, n=n: n * mp.exp(n * x) + 1,
            by="w",
        )
        yield smooth("by origin", f"sum([diff(w*y*x, x)])*{n}", f"w=2,x={n},y={n}", closed=mpf(n) ** 2, by="w")
        yield smooth("by origin", f"diff(w*x**{n}, x)", f"w=2,x={n}", closed=mpf(n) ** n, by="w")
        yield smooth("by origin", f"sum([x**{n}, {n}*x, {n}])", f"x={n}", closed=mpf(n) ** n + n)
        yield smooth("by origin", "sum([diff(w*x**2, w), diff(w*x**2, x)])", f"w={n},x={n}", closed=mpf(4 * n), by="x")
