"""Bessel functions of the orders 0 and 1, under their names in SciPy and torch.

torch computes the ones without a derivative there; their derivatives are the rules here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.functions.guards import at
from gradcli.functions.precise.bessel_enclosures import ive, modified
from gradcli.functions.precise.bessels import besselk, bessely
from gradcli.functions.row import Kink, Row, WrongRules


def _forward(name: str) -> Callable[..., Any]:
    """torch.special's function of that name."""

    def call(x: Any) -> Any:
        import torch

        return getattr(torch.special, name)(x)

    return call


POLE = (Kink("pole", "x=0"), Kink("outside the domain", "x=-1", "x < 0"))

# fmt: off
ORDINARY = (
    Row("j0", "x", "besselj(0, x)", ("-j1(x)",), forward=_forward("bessel_j0"), sympy=lambda s, x: s.besselj(0, x),
        mp=lambda m, x: m.besselj(0, x), arb=lambda a, x: x.bessel_j(0), aliases=("bessel_j0",),
        libraries="scipy special:bessel_j0", example="j0(x) at x=1.5", wrong=WrongRules(("j1(x)",))),
    Row("j1", "x", "besselj(1, x)", ("(j0(x) - besselj(2, x))/2",), forward=_forward("bessel_j1"),
        sympy=lambda s, x: s.besselj(1, x), mp=lambda m, x: m.besselj(1, x), arb=lambda a, x: x.bessel_j(1),
        aliases=("bessel_j1",), libraries="scipy special:bessel_j1", example="j1(x) at x=1.5"),
    Row("y0", "x", "bessely(0, x)", ("-y1(x)",), arb=lambda a, x: x.bessel_y(0) if a.less(0, x) else None, guards=at(0),
        forward=_forward("bessel_y0"), sympy=lambda s, x: s.bessely(0, x), mp=lambda m, x: bessely(m, 0, x), kinks=POLE,
        domain="x > 0", aliases=("bessel_y0",), libraries="scipy special:bessel_y0", example="y0(x) at x=1.5"),
    Row("y1", "x", "bessely(1, x)", ("y0(x) - y1(x)/x",), libraries="scipy special:bessel_y1", example="y1(x) at x=1.5",
        forward=_forward("bessel_y1"), sympy=lambda s, x: s.bessely(1, x), mp=lambda m, x: bessely(m, 1, x), kinks=POLE,
        arb=lambda a, x: x.bessel_y(1) if a.less(0, x) else None, domain="x > 0", guards=at(0), aliases=("bessel_y1",)),
)

MODIFIED = (
    Row("i0",  "x", "besseli(0, x)", ("i1(x)",), torch="special.i0", sympy=lambda s, x: s.besseli(0, x),
        mp=lambda m, x: m.besseli(0, x), arb=lambda a, x: modified(a, a.arb(0), x), aliases=("modified_bessel_i0",),
        libraries="scipy torch np special special:modified_bessel_i0", example="i0(x) at x=1.5",
        wrong=WrongRules(("i0(x)", "-i1(x)"))),
    Row("i1",  "x", "besseli(1, x)",                                ("(i0(x) + besseli(2, x))/2",), torch="special.i1",
        sympy=lambda s, x: s.besseli(1, x), mp=lambda m, x: m.besseli(1, x), aliases=("modified_bessel_i1",),
        arb=lambda a, x: modified(a, a.arb(1), x), libraries="scipy special special:modified_bessel_i1",
        example="i1(x) at x=1.5"),
    Row("i0e", "x", "besseli(0, x)*exp(-abs(x)), without overflow", ("i1e(x) - sign(x)*i0e(x)",),
        torch="special.i0e", mp=lambda m, x: m.besseli(0, x) * m.exp(-abs(x)), arb=lambda a, x: ive(a, a.arb(0), x),
        guards=at(0), kinks=(Kink("corner", "x=0"),), libraries="scipy special", example="i0e(x) at x=1.5"),
    Row("i1e", "x", "besseli(1, x)*exp(-abs(x)), without overflow", ("(i0e(x) + ive(2, x))/2 - sign(x)*i1e(x)",),
        torch="special.i1e", mp=lambda m, x: m.besseli(1, x) * m.exp(-abs(x)), arb=lambda a, x: ive(a, a.arb(1), x),
        guards=at(0), libraries="scipy special", example="i1e(x) at x=1.5"),
    Row("k0",  "x", "besselk(0, x)",                                ("-k1(x)",),
        forward=_forward("modified_bessel_k0"), sympy=lambda s, x: s.besselk(0, x), mp=lambda m, x: besselk(m, 0, x),
        arb=lambda a, x: x.bessel_k(0) if a.less(0, x) else None, domain="x > 0", guards=at(0), kinks=POLE,
        aliases=("modified_bessel_k0",), libraries="scipy special:modified_bessel_k0", example="k0(x) at x=1.5"),
    Row("k1",  "x", "besselk(1, x)",                                ("-k0(x) - k1(x)/x",),
        forward=_forward("modified_bessel_k1"), sympy=lambda s, x: s.besselk(1, x), mp=lambda m, x: besselk(m, 1, x),
        arb=lambda a, x: x.bessel_k(1) if a.less(0, x) else None, domain="x > 0", guards=at(0), kinks=POLE,
        aliases=("modified_bessel_k1",), libraries="scipy special:modified_bessel_k1", example="k1(x) at x=1.5"),
    Row("k0e", "x", "besselk(0, x)*exp(x), without underflow",      ("k0e(x) - k1e(x)",),
        forward=_forward("scaled_modified_bessel_k0"), mp=lambda m, x: besselk(m, 0, x) * m.exp(x),
        arb=lambda a, x: x.bessel_k(0, scaled=True) if a.less(0, x) else None, domain="x > 0", guards=at(0),
        kinks=(Kink("pole", "x=0"),), aliases=("scaled_modified_bessel_k0",),
        libraries="scipy special:scaled_modified_bessel_k0", example="k0e(x) at x=1.5"),
    Row("k1e", "x", "besselk(1, x)*exp(x), without underflow",      ("k1e(x) - k0e(x) - k1e(x)/x",),
        forward=_forward("scaled_modified_bessel_k1"), mp=lambda m, x: besselk(m, 1, x) * m.exp(x),
        arb=lambda a, x: x.bessel_k(1, scaled=True) if a.less(0, x) else None, domain="x > 0", guards=at(0),
        kinks=(Kink("pole", "x=0"),), aliases=("scaled_modified_bessel_k1",),
        libraries="scipy special:scaled_modified_bessel_k1", example="k1e(x) at x=1.5"),
)
# fmt: on
