"""Orthogonal polynomials of degree n, the degree first, as in SciPy's eval_... and in SymPy.

Of negative whole degrees P, T, U and C are their continuations; the others are 0. Of degrees that are no whole numbers
they are the functions that continue them, as in SciPy and mpmath: hypergeometric functions that are real for x > -1,
those of Hermite and Laguerre for all x.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.functions.compiled import MAX_DEGREE, kept, of_whole_degree
from gradcli.functions.guards import Guard, last_at
from gradcli.functions.precise import only
from gradcli.functions.precise import polynomial_enclosures as enclosures
from gradcli.functions.precise.polynomials import assoc_legendre, hermitenorm, polynomial
from gradcli.functions.row import Row

_UNLESS_WHOLE = (Guard(lambda n, *args: args[-1] + 1, unless=lambda is_whole, n, *args: is_whole(n)),)
"""The point -1 is special where the degree is not a whole number."""


DEGREES: list[float] = [0, 1, 2, 5, 0.5, 1.75]


def _of_whole_degree(name: str) -> Callable[..., Any]:
    """SymPy's polynomial; of other degrees its classes are wrong or refuse."""

    def call(sympy: Any, n: Any, *args: Any) -> Any:
        return getattr(sympy, name)(n, *args) if n.is_Integer and n >= 0 else None

    return call


# fmt: off
ORTHOGONAL = (
    Row("legendre",       "n, x",
        "the Legendre polynomial P of degree n; of other degrees than 0, 1, 2, ... the Legendre function, for x > -1",
        ("legendre_by_n(1, n, x)", "gegenbauer(n - 1, 3/2, x)"), sympy=_of_whole_degree("legendre"),
        mp=polynomial("legendre", lambda m, n, x: m.legendre(n, x)), arb=enclosures.legendre,
        scipy=of_whole_degree("eval_legendre"), domain="x > -1 or n == floor(n)", guards=_UNLESS_WHOLE,
        samples={"n": DEGREES, "x": (-0.95, 2.5)}, libraries="scipy:eval_legendre",
        latex=r"P_{#}", example="legendre(3, x) at x=0.5"),
    Row("chebyshevt",     "n, x",       "the Chebyshev polynomial of the first kind T of degree n",
        ("chebyshevt_by_n(1, n, x)", "n*chebyshevu(n - 1, x)"),
        sympy=_of_whole_degree("chebyshevt"), mp=polynomial("chebyshevt", lambda m, n, x: m.chebyt(n, x)),
        arb=enclosures.chebyshevt, scipy=of_whole_degree("eval_chebyt"), domain="x > -1 or n == floor(n)",
        guards=_UNLESS_WHOLE,
        samples={"n": DEGREES, "x": (-0.95, 2.5)}, aliases=("chebyt",), libraries="scipy:eval_chebyt",
        latex=r"T_{#}", example="chebyshevt(3, x) at x=0.5"),
    Row("chebyshevu",     "n, x",       "the Chebyshev polynomial of the second kind U of degree n",
        ("chebyshevu_by_n(1, n, x)", "2*gegenbauer(n - 1, 2, x)"),
        sympy=_of_whole_degree("chebyshevu"), mp=polynomial("chebyshevu", lambda m, n, x: m.chebyu(n, x)),
        arb=enclosures.chebyshevu, scipy=of_whole_degree("eval_chebyu"), domain="x > -1 or n == floor(n)",
        guards=_UNLESS_WHOLE,
        samples={"n": DEGREES, "x": (-0.95, 2.5)}, aliases=("chebyu",), libraries="scipy:eval_chebyu",
        latex=r"U_{#}", example="chebyshevu(3, x) at x=0.5"),
    Row("hermite",        "n, x",
        "the physicists' Hermite polynomial H of degree n, with leading coefficient 2**n",
        ("hermite_by_n(1, n, x)", "2*n*hermite(n - 1, x)"),
        sympy=_of_whole_degree("hermite"), mp=polynomial("hermite", lambda m, n, x: m.hermite(n, x)),
        arb=enclosures.hermite, scipy=of_whole_degree("eval_hermite"),
        samples={"n": DEGREES}, libraries="scipy:eval_hermite", latex=r"H_{#}", example="hermite(3, x) at x=0.5"),
    Row("hermitenorm",    "n, x",
        "the probabilists' Hermite polynomial He of degree n, with leading coefficient 1",
        ("2**(-n/2)*hermite_by_n(1, n, x/sqrt(2)) - log(2)/2*hermitenorm(n, x)", "n*hermitenorm(n - 1, x)"),
        mp=hermitenorm, arb=enclosures.hermitenorm, scipy=of_whole_degree("eval_hermitenorm"), samples={"n": DEGREES},
        aliases=("hermite_prob",), libraries="scipy:eval_hermitenorm", example="hermitenorm(3, x) at x=0.5"),
    Row("laguerre",       "n, x",       "the Laguerre polynomial L of degree n",
        ("laguerre_by_n(1, n, x)", "-genlaguerre(n - 1, 1, x)"),
        mp=polynomial("laguerre", lambda m, n, x: m.laguerre(n, 0, x)), arb=enclosures.laguerre, samples={"n": DEGREES},
        scipy=of_whole_degree("eval_laguerre"), libraries="scipy:eval_laguerre",
        latex=r"L_{#}", example="laguerre(3, x) at x=0.5"),
    Row("genlaguerre",    "n, a, x",    "the generalized or associated Laguerre polynomial of degree n and parameter a",
        ("genlaguerre_by_n(1, n, a, x)", None, "-genlaguerre(n - 1, a + 1, x)"),
        mp=polynomial("genlaguerre", lambda m, n, a, x: m.laguerre(n, a, x)), arb=enclosures.genlaguerre,
        scipy=of_whole_degree("eval_genlaguerre"), domain="a > -1", samples={"n": DEGREES}, aliases=("assoc_laguerre",),
        libraries="scipy:eval_genlaguerre", example="genlaguerre(3, 1.5, x) at x=0.5"),
    Row("gegenbauer",     "n, a, x",    "the Gegenbauer or ultraspherical polynomial C of degree n and parameter a",
        ("gegenbauer_by_n(1, n, a, x)", None, "2*a*gegenbauer(n - 1, a + 1, x)"),
        sympy=_of_whole_degree("gegenbauer"), mp=polynomial("gegenbauer", lambda m, n, a, x: m.gegenbauer(n, a, x)),
        arb=enclosures.gegenbauer, scipy=of_whole_degree("eval_gegenbauer"), domain="x > -1 or n == floor(n)",
        guards=_UNLESS_WHOLE,
        samples={"n": DEGREES, "x": (-0.95, 2.5), "a": (0.2, 3)}, libraries="scipy:eval_gegenbauer",
        example="gegenbauer(3, 1.5, x) at x=0.5"),
    Row("jacobi",         "n, a, b, x", "the Jacobi polynomial P of degree n and parameters a, b > -1",
        ("jacobi_by_n(1, n, a, b, x)", None, None, "(n + a + b + 1)/2*jacobi(n - 1, a + 1, b + 1, x)"),
        mp=only(lambda n, a, b, x: a > -1 and b > -1, polynomial("jacobi", lambda m, n, a, b, x: m.jacobi(n, a, b, x))),
        arb=enclosures.jacobi, scipy=of_whole_degree("eval_jacobi"),
        domain="a > -1 and b > -1 and (x > -1 or n == floor(n))", guards=_UNLESS_WHOLE,
        samples={"n": DEGREES, "x": (-0.95, 2.5)},
        libraries="scipy:eval_jacobi", example="jacobi(3, 0.5, 1, x) at x=0.5"),
    Row("assoc_legendre", "n, m, x",
        "the associated Legendre function P of whole degree n and order m between -1 and 1, with the phase (-1)**m",
        (None, None, "((n + m)*assoc_legendre(n - 1, m, x) - n*x*assoc_legendre(n, m, x))/(1 - x**2)"),
        mp=assoc_legendre, arb=enclosures.assoc_legendre,
        scipy=kept(lambda special, n, m, x: special.lpmv(m, n, x),
                   lambda n, m, x: (abs(n) <= MAX_DEGREE) & (m >= 0) & (m <= MAX_DEGREE) & (m == m.round())),
        domain="-1 < x and x < 1", guards=last_at(1, -1),
        samples={"n": [0, 1, 2, 3], "m": [0, 1, 2, -1, -2]}, example="assoc_legendre(3, 2, x) at x=0.5"),
)
# fmt: on
