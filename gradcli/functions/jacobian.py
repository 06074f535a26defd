"""Jacobi's elliptic functions and theta functions."""

from __future__ import annotations

from typing import Any

from gradcli.functions.guards import Guard
from gradcli.functions.precise import elliptic_enclosures as enclosures
from gradcli.functions.precise import is_whole, only, wide
from gradcli.functions.row import Kink, Row


def _in_unit(u: Any, m: Any) -> bool:
    return bool(0 <= m <= 1)


def _amplitude(m: Any, u: Any, k: Any) -> Any:
    """The angle, counted on over the turns."""
    angle = m.atan2(m.ellipfun("sn", u, m=k), m.ellipfun("cn", u, m=k))
    return angle + (2 * m.pi * m.nint(u / (4 * m.ellipk(k))) if k < 1 else 0)


# fmt: off
JACOBI = (
    Row("jacobi_sn", "u, m",
        "Jacobi's elliptic function sn, for 0 <= m <= 1; m is the parameter, the square of the modulus k",
        ("jacobi_cn(u, m)*jacobi_dn(u, m)", None), mp=only(_in_unit, wide(lambda m, u, k: m.ellipfun("sn", u, m=k))),
        arb=enclosures.jacobi("sn"), scipy=lambda special, u, m: special.ellipj(u, m)[0], domain="0 <= m and m <= 1",
        samples={"m": (0, 1)}, example="jacobi_sn(u, 0.5) at u=1"),
    Row("jacobi_cn", "u, m",
        "Jacobi's elliptic function cn, for 0 <= m <= 1; m is the parameter, the square of the modulus k",
        ("-jacobi_sn(u, m)*jacobi_dn(u, m)", None), mp=only(_in_unit, wide(lambda m, u, k: m.ellipfun("cn", u, m=k))),
        arb=enclosures.jacobi("cn"), scipy=lambda special, u, m: special.ellipj(u, m)[1], domain="0 <= m and m <= 1",
        samples={"m": (0, 1)}, example="jacobi_cn(u, 0.5) at u=1"),
    Row("jacobi_dn", "u, m",
        "Jacobi's elliptic function dn, for 0 <= m <= 1; m is the parameter, the square of the modulus k",
        ("-m*jacobi_sn(u, m)*jacobi_cn(u, m)", None), mp=only(_in_unit, wide(lambda m, u, k: m.ellipfun("dn", u, m=k))),
        arb=enclosures.jacobi("dn"), scipy=lambda special, u, m: special.ellipj(u, m)[2], domain="0 <= m and m <= 1",
        samples={"m": (0, 1)}, example="jacobi_dn(u, 0.5) at u=1"),
    Row("jacobi_am", "u, m", "Jacobi's amplitude, the inverse of ellipf(phi, m) in phi, for 0 <= m <= 1",
        ("jacobi_dn(u, m)", None), mp=only(_in_unit, wide(_amplitude)), arb=enclosures.jacobi_am,
        scipy=lambda special, u, m: special.ellipj(u, m)[3], domain="0 <= m and m <= 1", samples={"m": (0, 1)},
        example="jacobi_am(u, 0.5) at u=1"),
)

THETA = (
    Row("jtheta", "n, z, q, k=0",
        "the k-th derivative by z of Jacobi's theta function of number n = 1, 2, 3, 4, nome q with 0 < q < 1",
        (None, "jtheta(n, z, q, k + 1)", "-jtheta(n, z, q, k + 2)/(4*q)", None),
        mp=only(lambda n, z, q, k: n in (1, 2, 3, 4) and 0 < q < 1 and is_whole(k),
                wide(lambda m, n, z, q, k: m.jtheta(int(n), z, q, int(k)))),
        arb=enclosures.jtheta, domain="0 < q and q < 1", guards=(Guard(lambda n, z, q, k: q),),
        kinks=(Kink("edge", "n=3,z=1,q=0,k=0", "q = 0"),),
        samples={"n": [1, 2, 3, 4], "q": (0.05, 0.6), "k": [0, 1]}, example="jtheta(3, z, q) at z=1,q=0.2"),
)
# fmt: on
