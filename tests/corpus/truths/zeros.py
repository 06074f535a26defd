"""Zeros, exact and up to the rounding of what was typed (kinds 11 and 12)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.corpus.truths.tools import Line, decimal, mp, mpf, partial, point, smooth, tensor, typed

UNIT = mpf(2) ** -53  # half a unit in the last place, relative


def lines() -> Iterator[Line]:
    yield from stationary()
    yield from lost()
    yield from constant_zero()
    yield from true_zeros()


def zero(
    family: str, program: str, at: str, f: Callable[..., Any], literals: str = "", *, by: str = "x", **more: Any
) -> Line:
    """A derivative that the rounding of typed numbers may reach: how far, by its derivatives by each of them.

    `literals` are the numbers of the program that are rounded when they are read; f takes them after the point.
    """
    texts, values = point(at)
    numbers = [*values, *(typed(one) for one in literals.split(",") if one)]
    position = list(texts).index(by)
    reach = sum(abs(c * partial(f, numbers, [position, index])) for index, c in enumerate(numbers)) * 2 * UNIT
    line = smooth(family, program, at, lambda *here: f(*here, *numbers[len(values) :]), by=by, **more)
    if line["value"] == "0":
        x, y = values[position], abs(f(*numbers))
        reach = max(reach, 2 * UNIT * y / (abs(x) if x else 1))
    return line | {"within": decimal(reach)}


def stationary() -> Iterator[Line]:
    for a, b, c, at in (
        (3, 4, 5, "2/3"),
        (3, 2, 1, "1/3"),
        (5, 2, 0, "1/5"),
        (7, 6, 1, "3/7"),
        (9, 10, 2, "5/9"),
        (11, 6, 3, "3/11"),
    ):
        yield zero("stationary", f"{a}*x**2 - {b}*x + {c}", f"x={at}", lambda x, a=a, b=b, c=c: a * x**2 - b * x + c)
    yield zero("stationary", "0.3*x**2 - 0.7*x + 0.1", "x=7/6", lambda x, p, q, r: p * x**2 - q * x + r, "0.3,0.7,0.1")
    yield zero(
        "stationary", "(x-0.1)**2 + (x-0.2)**2", "x=0.15", lambda x, p, q: (x - p) ** 2 + (x - q) ** 2, "0.1,0.2"
    )
    for program, at, f in (
        ("x**(1/x)", "e", lambda x: x ** (1 / x)),
        ("log(x)/x", "e", lambda x: mp.log(x) / x),
        ("x*log(x)", "1/e", lambda x: x * mp.log(x)),
        ("x**x", "1/e", lambda x: x**x),
        ("2*sin(x) - x", "pi/3", lambda x: 2 * mp.sin(x) - x),
        ("sin(x)", "pi/2", mp.sin),
        ("cos(x)", "pi", mp.cos),
        ("sin(x)**2", "pi/2", lambda x: mp.sin(x) ** 2),
        ("sin(x)*cos(x)", "pi/4", lambda x: mp.sin(x) * mp.cos(x)),
        ("exp(cos(x))", "pi", lambda x: mp.exp(mp.cos(x))),
        ("sin(x) + cos(x)", "pi/4", lambda x: mp.sin(x) + mp.cos(x)),
        ("exp(-x)*sin(x)", "pi/4", lambda x: mp.exp(-x) * mp.sin(x)),
        ("x + 2/x", "sqrt(2)", lambda x: x + 2 / x),
        ("x**3 - 2*x", "sqrt(2/3)", lambda x: x**3 - 2 * x),
        ("x**3 - x", "sqrt(1/3)", lambda x: x**3 - x),
        ("x**2 + 16/x**2/16", "1", lambda x: x**2 + 1 / x**2),
        ("x**2 + 8/x", "cbrt(4)", lambda x: x**2 + 8 / x),
    ):
        yield zero("stationary", program, f"x={at}", f)
    yield from fitted()


def fitted() -> Iterator[Line]:
    for by in ("b0", "b1", "x", "y"):
        yield zero(
            "stationary",
            "(y - (b0+b1*x))**2",
            "y=0.8,b0=0.2,b1=0.3,x=2",
            lambda y, b0, b1, x: (y - (b0 + b1 * x)) ** 2,
            by=by,
        )
        yield zero(
            "stationary",
            "(y - (b0+b1*x))**2",
            "y=1.1,b0=0.5,b1=0.2,x=3",
            lambda y, b0, b1, x: (y - (b0 + b1 * x)) ** 2,
            by=by,
        )

    def least(b0, b1, p, q, r):  # type: ignore[no-untyped-def]
        return (p - (b0 + b1)) ** 2 + (q - (b0 + b1 * 2)) ** 2 + (r - (b0 + b1 * 3)) ** 2

    program = "({}-(b0+b1*1))**2 + ({}-(b0+b1*2))**2 + ({}-(b0+b1*3))**2"
    for data, b0, b1 in (
        (("1.1", "1.9", "3.2"), "-1/30", "1.05"),
        (("0.3", "0.7", "0.8"), "0.1", "0.25"),
        (("2.1", "3.9", "6.3"), "-0.1", "2.1"),
    ):
        for by in ("b0", "b1"):
            yield zero("stationary", program.format(*data), f"b0={b0},b1={b1}", least, ",".join(data), by=by)
    lennard = "4*eps*((s/r)**12-(s/r)**6)"
    for at in ("r=2**(1/6),s=1,eps=1", "r=0.38163709642518682,s=0.34,eps=0.9"):
        yield zero("stationary", lennard, at, lambda r, s, eps: 4 * eps * ((s / r) ** 12 - (s / r) ** 6), by="r")
    yield zero(
        "stationary",
        "D*(1-exp(-a*(r-q)))**2",
        "r=0.7,q=0.7,a=1.3,D=4.5",
        lambda r, q, a, D: D * (1 - mp.exp(-a * (r - q))) ** 2,
        by="r",
    )


def lost() -> Iterator[Line]:
    """Cancellation is none of these: the truth is far beyond the rounding of what was typed."""
    for program, places, f in (
        ("(1-cos(x))/x**2", ("1e-5", "3e-7", "1e-3"), lambda x: (1 - mp.cos(x)) / x**2),
        ("(exp(x)-1)/x", ("1e-9", "1e-7", "3e-12"), lambda x: mp.expm1(x) / x),
        ("sqrt(x+1)-sqrt(x)", ("1e15", "1e12", "3e14"), lambda x: mp.sqrt(x + 1) - mp.sqrt(x)),
        ("log(1+x)-x", ("1e-12", "1e-9", "3e-14"), lambda x: mp.log1p(x) - x),
        ("(x-sin(x))/x**3", ("1e-4", "1e-3"), lambda x: (x - mp.sin(x)) / x**3),
        ("1/x-1/sin(x)", ("1e-7", "1e-5"), lambda x: 1 / x - 1 / mp.sin(x)),
        ("exp(x)-1-x", ("1e-12",), lambda x: mp.expm1(x) - x),
        ("tanh(x)-x", ("1e-9",), lambda x: mp.tanh(x) - x),
    ):
        for at in places:
            yield zero("lost", program, f"x={at}", f)


def constant_zero() -> Iterator[Line]:
    """The truth is exactly 0; autograd's number counts against what f itself shows."""
    for at in ("5", "3", "0.7", "7.3"):
        for scale in ("1e28", "1e10", "1"):
            yield zero("exact zeros", f"((x**2-1)/(x-1)-(x+1))*{scale}", f"x={at}", lambda x: mpf(0) * x)
        yield zero("exact zeros", "sin(x)**2 + cos(x)**2", f"x={at}", lambda x: mpf(1) + 0 * x)
        yield zero("exact zeros", "1e20*(sin(x)**2 + cos(x)**2 - 1)", f"x={at}", lambda x: mpf(0) * x)
        yield zero("exact zeros", "exp(x)*exp(-x)", f"x={at}", lambda x: mpf(1) + 0 * x)
        yield zero("exact zeros", "x/x + log(x) - log(x)", f"x={at}", lambda x: mpf(1) + 0 * x)
        yield zero("exact zeros", "cosh(x)**2 - sinh(x)**2", f"x={at}", lambda x: mpf(1) + 0 * x)
        yield zero("exact zeros", "1e8*((x+1)**2 - x**2 - 2*x)", f"x={at}", lambda x: mpf(10) ** 8 + 0 * x)
        for y in ("1", "0.3"):
            yield zero(
                "exact zeros", "(sin(2*x) - 2*sin(x)*cos(x))*exp(29*y)", f"x={at},y={y}", lambda x, y: mpf(0) * x
            )


def true_zeros() -> Iterator[Line]:
    agree = {"verdicts": ["agree"]}
    for program, at in (
        ("x**2", "0"),
        ("cos(x)", "0"),
        ("x**3 - 3*x", "1"),
        ("cosh(x)", "0"),
        ("x**2*exp(-x)", "2"),
        ("(x-3)**4", "3"),
        ("x*exp(-x)", "1"),
        ("sin(x)*0 + 5", "0.3"),
    ):
        yield smooth("true zeros", program, f"x={at}", closed=mpf(0), **agree)
    for x in ([1, 2, 3], [0.3, -0.7], [5, 5, 5, 5]):
        nothing = [mpf(0)] * len(x)
        yield tensor("true zeros", "sum(softmax(x))", {"x": x}, "x", nothing, **agree)
        yield tensor("true zeros", "sum(x - mean(x))", {"x": x}, "x", nothing, **agree)
        yield tensor("true zeros", "logsumexp(x) - logsumexp(x)", {"x": x}, "x", nothing, **agree)
    for w, b in (("0.7", "0.3"), ("1.5", "-2")):  # the bias before a batch norm
        for data, v in (("[1, 2, 4]", "[1, -1, 2]"), ("[0.3, 0.1, 0.7, -0.2]", "[1, 2, 0, 1]")):
            norm = f"z = w*{data} + b; sum((z-mean(z))/sqrt(var(z, correction=0)+1e-5)*{v})"
            yield smooth("true zeros", norm, f"w={w},b={b}", closed=mpf(0), by="b", **agree)
