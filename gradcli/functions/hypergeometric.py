"""Hypergeometric functions and the functions of Whittaker and the parabolic cylinder."""

from __future__ import annotations

from typing import Any

from gradcli.functions.compiled import MAX_DEGREE, kept
from gradcli.functions.guards import last_at
from gradcli.functions.precise import hypergeometric_enclosures as enclosures
from gradcli.functions.precise import only
from gradcli.functions.precise.polynomials import pcfd
from gradcli.functions.row import SAME, Kink, Row


def _hyp2f1(m: Any, a: Any, b: Any, c: Any, x: Any) -> Any:
    """For x < 0 by Pfaff's transformation, which spares mpmath the slow cases."""
    return m.hyp2f1(a, b, c, x) if x >= 0 else (1 - x) ** -a * m.hyp2f1(a, c - b, c, x / (x - 1))


def _hyp0f1(special: Any, b: Any, x: Any) -> Any:
    """SciPy's own divides by zero for b = 1 and large x."""
    import numpy

    bessel = (b == 1) & (x > 0)
    value = special.hyp0f1(b, numpy.where(bessel, 0, x))
    return numpy.where(bessel, special.i0(2 * numpy.sqrt(abs(x))), value)


def _within(order: Any, x: Any) -> Any:
    """The orders that SciPy has the memory for."""
    return abs(order) <= MAX_DEGREE


def _whitm(special: Any, k: Any, m: Any, x: Any) -> Any:
    import numpy

    return numpy.exp(-x / 2) * x ** (m + 0.5) * special.hyp1f1(m - k + 0.5, 1 + 2 * m, x)


def _whitw(special: Any, k: Any, m: Any, x: Any) -> Any:
    import numpy

    return numpy.exp(-x / 2) * x ** (m + 0.5) * special.hyperu(m - k + 0.5, 1 + 2 * m, x)


# fmt: off
HYPERGEOMETRIC = (
    Row("hyp0f1", "b, x",       "the confluent hypergeometric limit function 0F1(; b; x)", (None, "hyp0f1(b + 1, x)/b"),
        mp=SAME, arb=enclosures.hyp0f1, scipy=_hyp0f1, domain="b > 0",
        samples={"x": (-5, 5)}, libraries="scipy", example="hyp0f1(1.5, x) at x=1"),
    Row("hyp1f1", "a, b, x",    "Kummer's confluent hypergeometric function M = 1F1(a; b; x)",
        (None, None, "a*hyp1f1(a + 1, b + 1, x)/b"), mp=SAME, arb=enclosures.hyp1f1, scipy=kept("hyp1f1"),
        domain="b > 0", samples={"x": (-5, 5)}, libraries="scipy", example="hyp1f1(0.5, 1.5, x) at x=1"),
    Row("hyp2f1", "a, b, c, x", "Gauss's hypergeometric function 2F1(a, b; c; x)",
        (None, None, None, "a*b*hyp2f1(a + 1, b + 1, c + 1, x)/c"), mp=_hyp2f1, arb=enclosures.hyp2f1, scipy=SAME,
        domain="c > 0 and x < 1", guards=last_at(1), libraries="scipy", example="hyp2f1(0.5, 1, 1.5, x) at x=0.5"),
    Row("hyperu", "a, b, x",    "Tricomi's confluent hypergeometric function U(a, b, x)",
        (None, None, "-a*hyperu(a + 1, b + 1, x)"),
        mp=only(lambda a, b, x: x > 0, "hyperu"), arb=enclosures.hyperu, scipy=SAME, domain="x > 0", guards=last_at(0),
        samples={"a": (0.3, 3), "b": (0.3, 3), "x": (0.3, 5)}, libraries="scipy", example="hyperu(0.5, 1.5, x) at x=1"),
    Row("whitm",  "k, m, x",    "the Whittaker function M of parameters k and m",
        (None, None, "(1/2 - k/x)*whitm(k, m, x) + (1/2 + m + k)*whitm(k + 1, m, x)/x"),
        mp=only(lambda k, m, x: x > 0, "whitm"), arb=enclosures.whitm, scipy=kept(_whitm), domain="x > 0 and m > -1/2",
        guards=last_at(0), kinks=(Kink("edge", "k=0.5,m=1,x=0", "x = 0"),),
        samples={"x": (0.3, 5)}, example="whitm(0.5, 1, x) at x=1"),
    Row("whitw",  "k, m, x",    "the Whittaker function W of parameters k and m",
        (None, None, "(1/2 - k/x)*whitw(k, m, x) - whitw(k + 1, m, x)/x"),
        mp=only(lambda k, m, x: x > 0, "whitw"), arb=enclosures.whitw, scipy=_whitw, domain="x > 0 and m > -1/2",
        guards=last_at(0), samples={"k": (-2, 0.5), "m": (0, 2), "x": (0.3, 5)}, example="whitw(0.5, 1, x) at x=1"),
    Row("pcfd",   "n, x",       "the parabolic cylinder function D of order n (Whittaker's notation)",
        (None, "x*pcfd(n, x)/2 - pcfd(n + 1, x)"), scipy=kept(lambda special, n, x: special.pbdv(n, x)[0], _within),
        mp=pcfd, arb=enclosures.pcfd, samples={"n": [0, 1, 2, 0.5, -1.5]}, example="pcfd(2, x) at x=1.5"),
    Row("pcfu",   "a, x",       "the parabolic cylinder function U of parameter a, pcfd(-a - 1/2, x)",
        (None, "x*pcfu(a, x)/2 - pcfu(a - 1, x)"), mp=lambda m, a, x: pcfd(m, -a - 0.5, x), arb=enclosures.pcfu,
        scipy=kept(lambda special, a, x: special.pbdv(-a - 0.5, x)[0], _within), samples={"a": [0, 1, 2, 0.5, -1.5]},
        example="pcfu(1, x) at x=1"),
)
# fmt: on
