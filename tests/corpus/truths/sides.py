"""Derivatives of any order over one that comes from the sides, and corners of higher orders (kind 1)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

from tests.corpus.truths.tools import Line, broken, mp, mpf, rounded, smooth

DISGUISES = {  # of x, each at the points where it has a seam
    "(relu(x)-relu(-x))": "0",
    "where(x==0, 0, x)": "0",
    "(sign(x)*abs(x))": "0",
    "cbrt(x**3)": "0",
    "(max(x,0)+min(x,0))": "0",
    "(relu(x-1)-relu(1-x)+1)": "1",
    "where(x==1, 1, x)": "1",
    "where(x<1, x, x)": "1",
    "(max(x,1)+min(x,1)-1)": "1",
    "(relu(x+2)-relu(-2-x)-2)": "-2",
    "where(x>=-2, x, x)": "-2",
    "where(x==0.3, 0.3, x)": "0.3",
    "log(exp(x))": "0.3",
    "max(x, x)": "0.3",
    "(abs(x-0.3)*sign(x-0.3)+0.3)": "0.3",
    "where(x<0.7, x, x)": "0.7",
}
OUTER = {
    "exp({})": (mp.exp, lambda x, n: mp.exp(x)),
    "sin({})": (mp.sin, lambda x, n: mp.sin(x + n * mp.pi / 2)),
    "cos(2*{})": (lambda x: mp.cos(2 * x), lambda x, n: 2**n * mp.cos(2 * x + n * mp.pi / 2)),
    "{}**2": (lambda x: x**2, lambda x, n: [x**2, 2 * x, mpf(2), mpf(0), mpf(0)][n]),
    "({}**3 + 2*{})": (lambda x: x**3 + 2 * x, lambda x, n: [0, 3 * x**2 + 2, 6 * x, mpf(6), mpf(0)][n]),
    "1/(3+{})": (lambda x: 1 / (3 + x), lambda x, n: (-1) ** n * mp.factorial(n) / (3 + x) ** (n + 1)),
    "log(4+{})": (lambda x: mp.log(4 + x), lambda x, n: -((-1) ** n) * mp.factorial(n - 1) / (4 + x) ** n),
    "sqrt(5+{})": (lambda x: mp.sqrt(5 + x), lambda x, n: mp.ff(mpf(1) / 2, n) * (5 + x) ** (mpf(1) / 2 - n)),
    "cosh({})": (mp.cosh, lambda x, n: mp.sinh(x) if n % 2 else mp.cosh(x)),
    "tanh({})": (mp.tanh, None),
    "atan({})": (mp.atan, None),
    "{}*exp(-{})": (lambda x: x * mp.exp(-x), lambda x, n: (-1) ** n * (x - n) * mp.exp(-x)),
}


def lines() -> Iterator[Line]:
    yield from disguised()
    yield from removable()
    yield from corners()
    yield from mixed()


def disguised() -> Iterator[Line]:
    outer, orders = cycle(OUTER.items()), cycle((1, 2, 3, 4, 2, 3))
    for disguise, at in DISGUISES.items():
        for _ in range(5):
            (text, (f, derivative)), n = next(outer), next(orders)
            closed = derivative and (lambda x, d=derivative, n=n: rounded(d(x, n)))
            yield smooth("disguises", text.replace("{}", disguise), f"x={at}", f, closed, order=n)
    yield smooth("disguises", "relu(x)-relu(-x)+x**2", "x=0", lambda x: x + x**2, mpf(2), order=2)
    for n, value in ((1, 1), (2, 2), (3, 3), (4, 4)):
        yield smooth("disguises", "cbrt(x**3)*exp(x)", "x=0", lambda x: x * mp.exp(x), mpf(value), order=n)


def removable() -> Iterator[Line]:
    for n in range(1, 7):
        value = mpf(1) / (n + 1)
        yield smooth(
            "removable",
            "where(x==0, 1, (exp(x)-1)/x)",
            "x=0",
            _filled(lambda x: (mp.exp(x) - 1) / x, 1),
            value,
            order=n,
        )
        yield smooth("removable", "exprel(x)", "x=0", _filled(lambda x: (mp.exp(x) - 1) / x, 1), value, order=n)
        value = (-1) ** (n // 2) / mpf(n + 1) if n % 2 == 0 else mpf(0)
        yield smooth(
            "removable", "where(x==0, 1, sin(x)/x)", "x=0", _filled(lambda x: mp.sin(x) / x, 1), value, order=n
        )
        value *= mp.pi**n
        yield smooth("removable", "sinc(x)", "x=0", _filled(lambda x: mp.sinpi(x) / (mp.pi * x), 1), value, order=n)
        value = (-1) ** ((n - 1) // 2) / mpf(n) if n % 2 else mpf(0)
        yield smooth("removable", "Si(x)", "x=0", mp.si, value, order=n)
        value = (-1) ** n * mp.factorial(n) / (n + 1)
        yield smooth(
            "removable", "where(x==0, 1, log(1+x)/x)", "x=0", _filled(lambda x: mp.log(1 + x) / x, 1), value, order=n
        )
    for n in range(1, 5):
        value = (-1) ** n * mp.factorial(n) / (2 * n + 1)
        f = _filled(lambda x: mp.re(mp.atan(mp.sqrt(x)) / mp.sqrt(x)), 1)
        yield smooth("removable", "elliprc(1, 1+x)", "x=0", f, value, order=n)
        value = mp.bernoulli(n)
        yield smooth(
            "removable",
            "where(x==0, 1, x/(exp(x)-1))",
            "x=0",
            _filled(lambda x: x / (mp.exp(x) - 1), 1),
            value,
            order=n,
        )
        value = (-1) ** n * mp.factorial(n) / (n + 1)
        yield smooth(
            "removable",
            "where(x==1, 1, log(x)/(x-1))",
            "x=1",
            lambda x: 1 if x == 1 else mp.log(x) / (x - 1),
            value,
            order=n,
        )
        value = 0 if n % 2 else (-1) ** (n // 2) * mp.factorial(n) / mp.factorial(n + 2)
        yield smooth(
            "removable",
            "where(x==0, 1/2, (1-cos(x))/x**2)",
            "x=0",
            _filled(lambda x: (1 - mp.cos(x)) / x**2, 0.5),
            value,
            order=n,
        )
        yield smooth("removable", "where(x==0, 1, tan(x)/x)", "x=0", _filled(lambda x: mp.tan(x) / x, 1), order=n)
        yield smooth("removable", "where(x==0, 1, atan(x)/x)", "x=0", _filled(lambda x: mp.atan(x) / x, 1), order=n)


def _filled(f, at_zero):  # type: ignore[no-untyped-def]
    return lambda x: mpf(at_zero) if x == 0 else f(x)


def corners() -> Iterator[Line]:
    yield broken(
        "higher corners", "relu(x)-relu(-x)+x*abs(x)", "x=0", "corner", -2, 2, lambda x: x + x * abs(x), order=2
    )
    factors = {"exp(x)": mp.exp, "cos(x)": mp.cos, "(2+x)": lambda x: 2 + x, "sqrt(4+x)": lambda x: mp.sqrt(4 + x)}
    for text, g in factors.items():
        yield broken("higher corners", f"x*abs(x)*{text}", "x=0", "corner", -2 * g(mpf(0)), 2 * g(mpf(0)),
                     lambda x, g=g: x * abs(x) * g(x), order=2)  # fmt: skip
        yield broken("higher corners", f"x**2*abs(x)*{text}", "x=0", "corner", -6 * g(mpf(0)), 6 * g(mpf(0)),
                     lambda x, g=g: x**2 * abs(x) * g(x), order=3)  # fmt: skip
        yield broken("higher corners", f"x**2*relu(x)*{text}", "x=0", "corner", 0, 6 * g(mpf(0)),
                     lambda x, g=g: x**2 * max(x, 0) * g(x), order=3)  # fmt: skip
        yield broken("higher corners", f"relu(x-1)**2*{text}", "x=1", "corner", 0, 2 * g(mpf(1)),
                     lambda x, g=g: max(x - 1, 0) ** 2 * g(x), order=2)  # fmt: skip
        yield broken("higher corners", f"{text} + abs(x-1)**3", "x=1", "corner", order=4 - 1,
                     left=-6 + partial_of(g, 3), right=6 + partial_of(g, 3),
                     f=lambda x, g=g: g(x) + abs(x - 1) ** 3)  # fmt: skip
    yield broken(
        "higher corners",
        "where(x<1, x**2, 2*x-1)",
        "x=1",
        "corner",
        2,
        0,
        lambda x: x**2 if x < 1 else 2 * x - 1,
        order=2,
    )
    yield broken(
        "higher corners",
        "where(x<0, exp(x), 1+x)",
        "x=0",
        "corner",
        1,
        0,
        lambda x: mp.exp(x) if x < 0 else 1 + x,
        order=2,
    )
    yield broken(
        "higher corners", "where(x<0, sin(x), x)", "x=0", "corner", -1, 0, lambda x: mp.sin(x) if x < 0 else x, order=3
    )
    for program, at, kind, left, right, order in (
        ("cbrt(x^4)", 0, "vertical tangent", "inf", "inf", 2),
        ("-cbrt(x^4)+x", 0, "vertical tangent", "-inf", "-inf", 2),
        ("cbrt(x^7)+x**2", 0, "vertical tangent", "inf", "inf", 3),
        ("exp(x)*cbrt(x^4)", 0, "vertical tangent", "inf", "inf", 2),
        ("cbrt((x-2)^4)", 2, "vertical tangent", "inf", "inf", 2),
        ("cbrt(x^5)", 0, "corner", "-inf", "inf", 2),
        ("abs(x)**1.5", 0, "corner", "inf", "inf", 2),
        ("x*abs(x)**0.5", 0, "corner", "-inf", "inf", 2),
    ):
        kinds = ["corner", "vertical tangent"] if kind == "corner" else kind
        yield broken("higher corners", program, f"x={at}", kinds, left, right, order=order)
    for program, order in (("abs(x)", 2), ("x*abs(x)", 3), ("relu(x)+x**3", 2), ("x*relu(x)", 3)):
        yield broken("higher corners", program, "x=0", ["corner", "jump"], order=order)


def partial_of(g, order):  # type: ignore[no-untyped-def]
    return mp.diff(g, mpf(1), order)


def mixed() -> Iterator[Line]:
    def f(x, y):  # type: ignore[no-untyped-def]
        return y * mp.exp(x)

    for by, value in (("x,x", 2), ("x,y", 1), ("y,y", 0), ("x,x,y", 1), ("x,x,x", 2)):
        yield smooth("mixed partials", "where(x==0, y, y*exp(x))", "x=0,y=2", f, mpf(value), by=by)
    for by in ("x,x", "x,y", "y,y", "x,x,y"):
        yield smooth("mixed partials", "(relu(x)-relu(-x))*sin(y)+where(x==0,0,x)**2*y", "x=0,y=0.3",
                     lambda x, y: x * mp.sin(y) + x**2 * y, by=by)  # fmt: skip
        yield smooth("mixed partials", "where(x==0, y, sin(x*y)/x)", "x=0,y=0.7",
                     lambda x, y: y if x == 0 else mp.sin(x * y) / x, by=by)  # fmt: skip
        yield smooth("mixed partials", "max(x,x)*exp(sign(y)*abs(y))", "x=0.3,y=0", lambda x, y: x * mp.exp(y), by=by)
