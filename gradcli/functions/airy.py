"""Airy, Kelvin and Struve functions."""

from __future__ import annotations

from typing import Any

from gradcli.functions.guards import Guard, at
from gradcli.functions.precise import bessel_enclosures as enclosures
from gradcli.functions.precise import only
from gradcli.functions.precise.bessels import kelvin
from gradcli.functions.row import SAME, Kink, Row

_UNLESS_ENTIRE = (Guard(lambda n, x: x, unless=lambda is_whole, n, x: is_whole(n) & (n >= 0)),)
"""The point 0 is special where the order is not 0, 1, 2, ..."""


def _kelvin(name: str, doc: str, rule: str, **details: Any) -> Row:
    second = name.startswith("k")
    return Row(
        name,
        "x",
        doc,
        (rule,),
        mp=only(lambda x: x > 0 or not second, kelvin(name)),
        arb=enclosures.kelvin(name),
        scipy=name,
        domain="x > 0" if second else None,
        guards=at(0) if second else (),
        kinks=(Kink(details["kind"], "x=0"),) if second else (),
        libraries="scipy",
        samples={"x": (0.2, 6) if second else (-6, 6)},
        example=f"{name}(x) at x=1.5",
    )


# fmt: off
AIRY = (
    Row("airyai",      "x", "the Airy function Ai, the solution of y'' = x*y that tends to 0", ("airyaiprime(x)",),
        sympy=SAME, mp=SAME, arb=lambda a, x: x.airy_ai(), scipy=lambda special, x: special.airy(x)[0],
        aliases=("Ai", "airy_ai"), libraries="special:airy_ai", latex=r"\operatorname{Ai}", example="airyai(x) at x=1"),
    Row("airyaiprime", "x", "the derivative of the Airy function Ai",                          ("x*airyai(x)",),
        sympy=SAME, mp=lambda m, x: m.airyai(x, derivative=1), arb=lambda a, x: x.airy_ai(derivative=1),
        scipy=lambda special, x: special.airy(x)[1], example="airyaiprime(x) at x=1"),
    Row("airybi",      "x", "the Airy function Bi, the solution of y'' = x*y that grows",      ("airybiprime(x)",),
        sympy=SAME, mp=SAME, arb=lambda a, x: x.airy_bi(), scipy=lambda special, x: special.airy(x)[2],
        aliases=("Bi",), latex=r"\operatorname{Bi}", example="airybi(x) at x=1"),
    Row("airybiprime", "x", "the derivative of the Airy function Bi",                          ("x*airybi(x)",),
        sympy=SAME, mp=lambda m, x: m.airybi(x, derivative=1), arb=lambda a, x: x.airy_bi(derivative=1),
        scipy=lambda special, x: special.airy(x)[3], example="airybiprime(x) at x=1"),
)
# fmt: on


KELVIN = (
    _kelvin("ber", "Kelvin's ber, the real part of J of order 0 at x*exp(3*pi*i/4)", "berp(x)"),
    _kelvin("bei", "Kelvin's bei, the imaginary part of J of order 0 at x*exp(3*pi*i/4)", "beip(x)"),
    _kelvin("ker", "Kelvin's ker, the real part of K of order 0 at x*exp(pi*i/4)", "kerp(x)", kind="pole"),
    _kelvin("kei", "Kelvin's kei, the imaginary part of K of order 0 at x*exp(pi*i/4)", "keip(x)", kind="edge"),
    _kelvin("berp", "the derivative of Kelvin's ber", "where(x == 0, 0, -bei(x) - berp(x)/x)"),
    _kelvin("beip", "the derivative of Kelvin's bei", "where(x == 0, 1/2, ber(x) - beip(x)/x)"),
    _kelvin("kerp", "the derivative of Kelvin's ker", "-kei(x) - kerp(x)/x", kind="pole"),
    _kelvin("keip", "the derivative of Kelvin's kei", "ker(x) - keip(x)/x", kind="edge"),
)

# fmt: off
STRUVE = (
    # the one of order -1 is 2/pi - that of order 1
    Row("struveh", "n, x", "the Struve function H of real order n; real for x < 0 where n is whole",
        (None,
         "(where(n == 0, 2/pi, 0) + where(n == 0, -1, 1)*struveh(where(n == 0, 1, n - 1), x) - struveh(n + 1, x)"
         " + (x/2)**n*rgamma(n + 3/2)/sqrt(pi))/2"),
        mp=SAME, arb=enclosures.struveh, scipy="struve", domain="x > 0 or (n == floor(n) and (n >= -1 or x != 0))",
        guards=_UNLESS_ENTIRE, kinks=(Kink("edge", "n=0.5,x=0", "x = 0 where n is not a whole number"),),
        samples={"n": [0, 1, 2, 0.5, -1], "x": (-2, 9)}, aliases=("struve",), libraries="scipy:struve",
        example="struveh(1, x) at x=1.5"),
    # the one of order -1 is 2/pi + that of order 1
    Row("struvel", "n, x", "the modified Struve function L of real order n; real for x < 0 where n is whole",
        (None,
         "(where(n == 0, 2/pi, 0) + struvel(where(n == 0, 1, n - 1), x) + struvel(n + 1, x)"
         " + (x/2)**n*rgamma(n + 3/2)/sqrt(pi))/2"),
        mp=SAME, arb=enclosures.struvel, scipy="modstruve", domain="x > 0 or (n == floor(n) and (n >= -1 or x != 0))",
        guards=_UNLESS_ENTIRE, kinks=(Kink("edge", "n=0.5,x=0", "x = 0 where n is not a whole number"),),
        samples={"n": [0, 1, 2, 0.5, -1], "x": (-2, 9)}, aliases=("modstruve",), libraries="scipy:modstruve",
        example="struvel(1, x) at x=1.5"),
)
# fmt: on
