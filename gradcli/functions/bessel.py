"""Bessel functions of real order and argument."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.functions.guards import Guard, last_at
from gradcli.functions.precise import bessel_enclosures as enclosures
from gradcli.functions.precise.bessels import besseli, besselk, bessely, spherical
from gradcli.functions.row import SAME, Kink, Row

_UNLESS_WHOLE = (Guard(lambda n, x: x, unless=lambda is_whole, n, x: is_whole(n)),)
"""The point 0 is special where the order is not a whole number."""


def _of_whole_order(name: str) -> Callable[..., Any]:
    """SciPy's spherical Bessel function, which would round its order, and takes time in proportion to it."""

    def call(special: Any, n: Any, x: Any) -> Any:
        import numpy

        order = numpy.clip(n, 0, MAX_ORDER).astype(int)
        return numpy.where(order == n, getattr(special, name)(order, x), numpy.nan)

    return call


MAX_ORDER = 10_000

ORDERS = {"n": [0, 1, 2, -1, 0.5, 2.25]}

POLE, OUTSIDE = Kink("pole", "n=2,x=0", "x = 0"), Kink("outside the domain", "n=2,x=-1", "x < 0")
EDGE = Kink("edge", "n=0.5,x=0", "x = 0 where n is not a whole number")

# fmt: off
ANY_ORDER = (
    Row("besselj", "n, x", "the Bessel function of the first kind J of real order n; real for x < 0 where n is whole",
        ("besselj_by_n(1, n, x)", "(besselj(n - 1, x) - besselj(n + 1, x))/2"),
        sympy=SAME, mp=SAME, arb=enclosures.of_order("bessel_j"), scipy="jv", domain="x > 0 or n == floor(n)",
        guards=_UNLESS_WHOLE, kinks=(EDGE,), samples={**ORDERS, "x": (0.1, 9)}, aliases=("jv",),
        libraries="scipy:jv scipy:jn", latex=r"J_{#}", example="besselj(2, x) at x=1.5"),
    Row("bessely", "n, x", "the Bessel function of the second kind Y of real order n",
        ("bessely_by_n(1, n, x)", "(bessely(n - 1, x) - bessely(n + 1, x))/2"),
        sympy=SAME, mp=bessely, arb=enclosures.right_of_0("bessel_y"), scipy="yv", domain="x > 0", guards=last_at(0),
        kinks=(POLE, OUTSIDE), samples={**ORDERS, "x": (0.1, 9)}, aliases=("yv",), libraries="scipy:yv scipy:yn",
        latex=r"Y_{#}", example="bessely(2, x) at x=1.5"),
    Row("besseli", "n, x",
        "the modified Bessel function of the first kind I of real order n; real for x < 0 where n is whole",
        ("besseli_by_n(1, n, x)", "(besseli(n - 1, x) + besseli(n + 1, x))/2"),
        sympy=SAME, mp=besseli, arb=enclosures.of_order("bessel_i"), scipy="iv", domain="x > 0 or n == floor(n)",
        guards=_UNLESS_WHOLE, kinks=(EDGE,),
        samples={**ORDERS, "x": (0.1, 9)}, aliases=("iv",), libraries="scipy:iv",
        latex=r"I_{#}", example="besseli(2, x) at x=1.5"),
    Row("besselk", "n, x", "the modified Bessel function of the second kind K of real order n",
        ("besselk_by_n(1, n, x)", "-(besselk(n - 1, x) + besselk(n + 1, x))/2"),
        sympy=SAME, mp=besselk, arb=enclosures.right_of_0("bessel_k"), scipy="kv", domain="x > 0", guards=last_at(0),
        kinks=(POLE, OUTSIDE), samples={"n": [1, 2, -1, 0.5, 2.25], "x": (0.1, 9)},
        aliases=("kv",), libraries="scipy:kv scipy:kn",
        latex=r"K_{#}", example="besselk(2, x) at x=1.5"),
    Row("ive",     "n, x", "besseli(n, x)*exp(-abs(x)), without overflow",
        (None, "(ive(n - 1, x) + ive(n + 1, x))/2 - sign(x)*ive(n, x)"),
        mp=lambda m, n, x: besseli(m, n, x) * m.exp(-abs(x)), arb=enclosures.ive, scipy=SAME, domain="x > 0",
        guards=last_at(0), kinks=(Kink("corner", "n=0,x=0", "x = 0"),),
        samples={**ORDERS, "x": (0.1, 9)}, libraries="scipy", example="ive(2, x) at x=1.5"),
    Row("kve",     "n, x", "besselk(n, x)*exp(x), without underflow",
        (None, "kve(n, x) - (kve(n - 1, x) + kve(n + 1, x))/2"), mp=lambda m, n, x: besselk(m, n, x) * m.exp(x),
        arb=enclosures.right_of_0("bessel_k", scaled=True), scipy=SAME, domain="x > 0", guards=last_at(0),
        kinks=(POLE,), samples={**ORDERS, "x": (0.1, 9)}, libraries="scipy", example="kve(2, x) at x=1.5"),
)

SPHERICAL = (
    Row("spherical_jn", "n, x",
        "the spherical Bessel function of the first kind, sqrt(pi/(2*x))*besselj(n + 1/2, x), for n = 0, 1, 2, ...",
        (None, "(n*spherical_jn(abs(n - 1), x) - (n + 1)*spherical_jn(n + 1, x))/(2*n + 1)"),
        mp=spherical("besselj"), arb=enclosures.spherical_first(-1), scipy=_of_whole_order("spherical_jn"),
        samples={"n": [0, 1, 2], "x": (-6, 6)}, libraries="scipy", example="spherical_jn(2, x) at x=1.5"),
    Row("spherical_yn", "n, x",
        "the spherical Bessel function of the second kind, sqrt(pi/(2*x))*bessely(n + 1/2, x), for n = 0, 1, 2, ...",
        (None, "(n*spherical_yn(abs(n - 1), x) - (n + 1)*spherical_yn(n + 1, x))/(2*n + 1)"),
        mp=spherical("bessely"), arb=enclosures.spherical_yn, scipy=_of_whole_order("spherical_yn"), domain="x != 0",
        guards=last_at(0), kinks=(POLE,),
        samples={"n": [0, 1, 2], "x": (-6, 6)}, libraries="scipy", example="spherical_yn(2, x) at x=1.5"),
    Row("spherical_in", "n, x",
        "the modified spherical Bessel function of the first kind, sqrt(pi/(2*x))*besseli(n + 1/2, x), n = 0, 1, ...",
        (None, "(n*spherical_in(abs(n - 1), x) + (n + 1)*spherical_in(n + 1, x))/(2*n + 1)"),
        mp=spherical("besseli"), arb=enclosures.spherical_first(1), scipy=_of_whole_order("spherical_in"),
        samples={"n": [0, 1, 2], "x": (-6, 6)}, libraries="scipy", example="spherical_in(2, x) at x=1.5"),
    Row("spherical_kn", "n, x",
        "the modified spherical Bessel function of the second kind, sqrt(pi/(2*x))*besselk(n + 1/2, x), n = 0, 1, ...",
        (None, "-(n*spherical_kn(abs(n - 1), x) + (n + 1)*spherical_kn(n + 1, x))/(2*n + 1)"),
        mp=spherical("besselk"), arb=enclosures.spherical_kn, scipy=_of_whole_order("spherical_kn"), domain="x > 0",
        guards=last_at(0), kinks=(POLE,),
        samples={"n": [0, 1, 2], "x": (0.2, 6)}, libraries="scipy", example="spherical_kn(2, x) at x=1.5"),
)
# fmt: on
