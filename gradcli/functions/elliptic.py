"""Elliptic integrals, Legendre's (in the parameter m = k**2, as in SciPy, SymPy and mpmath) and Carlson's."""

from __future__ import annotations

from typing import Any

from gradcli.functions.guards import Guard, GuardKind, at, last_at
from gradcli.functions.precise import elliptic_enclosures as enclosures
from gradcli.functions.precise import only
from gradcli.functions.row import SAME, Kink, Row


def _complete(special: Any, n: Any, m: Any) -> Any:
    """Pi(n, m) in Carlson's integrals."""
    return special.elliprf(0, 1 - m, 1) + n / 3 * special.elliprj(0, 1 - m, 1, 1 - n)


def _incomplete(special: Any, n: Any, phi: Any, m: Any) -> Any:
    """Pi(n, phi, m) in Carlson's integrals, after half turns are taken off."""
    import numpy

    turns = numpy.round(phi / numpy.pi)
    sine, cosine = numpy.sin(phi - turns * numpy.pi), numpy.cos(phi)
    delta = 1 - m * sine**2
    value = sine * special.elliprf(cosine**2, delta, 1)
    value = value + n / 3 * sine**3 * special.elliprj(cosine**2, delta, 1, 1 - n * sine**2)
    return value + numpy.where(turns == 0, 0, 2 * turns * _complete(special, n, m))


# fmt: off
LEGENDRE = (
    Row("ellipk",     "m",
        "the complete elliptic integral of the first kind K; m is the parameter, the square of the modulus k",
        ("pi*hyp2f1(1/2, 1/2, 2, m)/(8*(1 - m))",), sympy="elliptic_k", mp=SAME, arb=enclosures.ellipk, scipy=SAME,
        domain="m < 1", guards=last_at(1), kinks=(Kink("pole", "m=1"), Kink("outside the domain", "m=2", "m > 1")),
        aliases=("elliptic_k",), libraries="scipy", example="ellipk(m) at m=0.5"),
    Row("ellipkm1",   "p",         "ellipk(1 - p), accurate for small p", ("-pi*hyp2f1(1/2, 1/2, 2, 1 - p)/(8*p)",),
        mp=only(lambda p: p > 0, lambda m, p: m.pi / (2 * m.agm(1, m.sqrt(p)))), arb=enclosures.ellipkm1, scipy=SAME,
        domain="p > 0", guards=at(0), kinks=(Kink("pole", "p=0"),), libraries="scipy", example="ellipkm1(p) at p=0.5"),
    Row("ellipe",     "m, parameter?",
        "the complete elliptic integral of the second kind E; m is the parameter, the square of the modulus k",
        ("-pi*hyp2f1(1/2, 3/2, 2, m)/8",), variants={("m", "parameter"): "ellipeinc"},
        sympy="elliptic_e", mp=SAME, arb=enclosures.ellipe, scipy=SAME,
        domain="m < 1", guards=last_at(1),
        note="ellipe(phi, m) and elliptic_e(phi, m) are ellipeinc(phi, m), as in mpmath and SymPy",
        kinks=(Kink("edge", "m=1"), Kink("outside the domain", "m=2", "m > 1")),
        aliases=("elliptic_e",), libraries="scipy", example="ellipe(m) at m=0.5", closed=True),
    # at n = m and n = 0 two terms of its power series there, which have the right derivative, too
    Row("ellippi",    "n, m, parameter?",
        "the complete elliptic integral of the third kind Pi, of characteristic n and parameter m",
        ("where(n == m, pi/4*hyp2f1(3/2, 5/2, 2, m) + 3*pi/8*(n - m)*hyp2f1(5/2, 7/2, 3, m),"
         " where(n == 0, pi/4*hyp2f1(1/2, 3/2, 2, m) + 3*pi/8*n*hyp2f1(1/2, 5/2, 3, m),"
         " ((ellipe(m) + (m - 1)*ellippi(n, m))/where(n == m, 1, m - n)"
         " + (ellipk(m) - ellippi(n, m))/where(n == 0, 1, n) - ellippi(n, m))/(2*(n - 1))))",
         "where(n == m, pi/8*hyp2f1(3/2, 5/2, 2, m) + 3*pi/32*(n - m)*hyp2f1(5/2, 7/2, 3, m),"
         " (ellippi(n, m) - ellipe(m)/(1 - m))/(2*where(n == m, 1, n - m)))"),
        variants={("n", "m", "parameter"): "ellippiinc"},
        note="ellippi(n, phi, m) and elliptic_pi(n, phi, m) are ellippiinc(n, phi, m), as in mpmath and SymPy",
        sympy="elliptic_pi", mp=SAME, arb=enclosures.ellippi, scipy=_complete, domain="n < 1 and m < 1",
        guards=(*at(1), *last_at(1)), aliases=("elliptic_pi",), example="ellippi(n, m) at n=0.3,m=0.5"),
    Row("ellipf",     "phi, m",
        "the incomplete elliptic integral of the first kind F: of 1/sqrt(1 - m*sin(t)**2) over t from 0 to phi",
        ("1/sqrt(1 - m*sin(phi)**2)",
         "where(m == 0, (2*phi - sin(2*phi))/8, (ellipeinc(phi, m)/(1 - m) - ellipf(phi, m)"
         " - m*sin(2*phi)/(2*(1 - m)*sqrt(1 - m*sin(phi)**2)))/(2*m))"),
        sympy="elliptic_f", mp=SAME, arb=enclosures.ellipf, scipy="ellipkinc", domain="m < 1",
        guards=(Guard(lambda phi, k: (phi, k), GuardKind.AMPLITUDE),),
        aliases=("ellipkinc", "elliptic_f"), libraries="scipy:ellipkinc", example="ellipf(phi, m) at phi=1,m=0.5"),
    Row("ellipeinc",  "phi, m",
        "the incomplete elliptic integral of the second kind E: of sqrt(1 - m*sin(t)**2) over t from 0 to phi",
        ("sqrt(1 - m*sin(phi)**2)",
         "where(m == 0, (sin(2*phi) - 2*phi)/8, (ellipeinc(phi, m) - ellipf(phi, m))/(2*m))"),
        mp="ellipe", arb=enclosures.ellipeinc, scipy=SAME, domain="m < 1",
        guards=(Guard(lambda phi, k: (phi, k), GuardKind.AMPLITUDE),),
        libraries="scipy", example="ellipeinc(phi, m) at phi=1,m=0.5"),
    Row("ellippiinc", "n, phi, m",
        "the incomplete elliptic integral of the third kind, of 1/(1 - n*sin(t)**2)/sqrt(1 - m*sin(t)**2) up to phi",
        ("(ellipeinc(phi, m) + (m - n)*ellipf(phi, m)/n + (n**2 - m)*ellippiinc(n, phi, m)/n"
         " - n*sqrt(1 - m*sin(phi)**2)*sin(2*phi)/(2*(1 - n*sin(phi)**2)))/(2*(m - n)*(n - 1))",
         "1/((1 - n*sin(phi)**2)*sqrt(1 - m*sin(phi)**2))",
         "(ellippiinc(n, phi, m) - ellipeinc(phi, m)/(1 - m)"
         " + m*sin(2*phi)/(2*(1 - m)*sqrt(1 - m*sin(phi)**2)))/(2*(n - m))"),
        mp=only(lambda n, phi, k: n < 1, "ellippi"), arb=enclosures.ellippiinc, scipy=_incomplete,
        domain="n < 1 and m < 1 and m != n and n != 0",
        guards=(*at(1), Guard(lambda n, phi, k: (phi, k), GuardKind.AMPLITUDE)),
        example="ellippiinc(n, phi, m) at n=0.3,phi=1,m=0.5"),
)

CARLSON = (
    Row("elliprf", "x, y, z", "Carlson's symmetric integral of the first kind RF",
        ("-elliprd(y, z, x)/6", "-elliprd(z, x, y)/6", "-elliprd(x, y, z)/6"),
        mp=only(lambda *xs: min(xs) >= 0, "elliprf"), arb=enclosures.elliprf, scipy=SAME,
        domain="x > 0 and y > 0 and z > 0", guards=(*at(0), Guard(lambda x, y, z: y), *last_at(0)),
        libraries="scipy", example="elliprf(x, y, z) at x=1,y=2,z=3"),
    Row("elliprd", "x, y, z", "Carlson's symmetric integral of the second kind RD, the degenerate RJ(x, y, z, z)",
        ("(elliprd(y, z, x) - elliprd(x, y, z))/(2*(x - z))", "(elliprd(z, x, y) - elliprd(x, y, z))/(2*(y - z))",
         "-(3*elliprd(x, y, z) + where(x == 0, 0, x*(elliprd(y, z, x) - elliprd(x, y, z))/(x - z))"
         " + where(y == 0, 0, y*(elliprd(z, x, y) - elliprd(x, y, z))/(y - z)))/(2*z)"),
        mp=only(lambda *xs: min(xs) >= 0, "elliprd"), arb=enclosures.elliprd, scipy=SAME,
        domain="x > 0 and y > 0 and z > 0", guards=(*at(0), Guard(lambda x, y, z: y), *last_at(0)),
        libraries="scipy", example="elliprd(x, y, z) at x=1,y=2,z=3"),
    Row("elliprg", "x, y, z", "Carlson's completely symmetric integral of the second kind RG",
        ("(elliprf(x, y, z) - x*elliprd(y, z, x)/3)/4", "(elliprf(x, y, z) - y*elliprd(z, x, y)/3)/4",
         "(elliprf(x, y, z) - z*elliprd(x, y, z)/3)/4"),
        mp=only(lambda *xs: min(xs) >= 0, "elliprg"), arb=enclosures.elliprg, scipy=SAME,
        domain="x > 0 and y > 0 and z > 0", guards=(*at(0), Guard(lambda x, y, z: y), *last_at(0)),
        libraries="scipy", example="elliprg(x, y, z) at x=1,y=2,z=3"),
    Row("elliprc", "x, y",    "Carlson's degenerate integral RC(x, y) = RF(x, y, y)",
        ("(1/sqrt(x) - elliprc(x, y))/(2*(x - y))", "(elliprc(x, y) - sqrt(x)/y)/(2*(x - y))"),
        mp=only(lambda x, y: x >= 0 and y > 0, "elliprc"), arb=enclosures.elliprc, scipy=SAME, domain="x > 0 and y > 0",
        guards=(*at(0), *last_at(0)), kinks=(Kink("edge", "x=0,y=1", "x = 0"), Kink("pole", "x=1,y=0", "y = 0")),
        libraries="scipy", example="elliprc(x, y) at x=1,y=2"),
    Row("agm",     "x, y",    "the arithmetic-geometric mean",
        ("2*x*agm(x, y)**2*elliprd(0, y**2, x**2)/(3*pi)", "2*y*agm(x, y)**2*elliprd(0, x**2, y**2)/(3*pi)"),
        mp=only(lambda x, y: x >= 0 and y >= 0, "agm"), arb=enclosures.agm, scipy=SAME, domain="x > 0 and y > 0",
        guards=(*at(0), *last_at(0)), kinks=(Kink("edge", "x=0,y=1", "0"),),
        libraries="scipy", example="agm(x, y) at x=1,y=2"),
)
# fmt: on
