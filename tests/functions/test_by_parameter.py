"""Derivatives by the order of a Bessel function and the like: against published values and mpmath's own quotients."""

import mpmath
import pytest

import gradcli
from gradcli import Verdict

CASES = [
    ("gammainc(p, x)", lambda p, x: mpmath.gammainc(p, 0, x, regularized=True), 2.5, 1.5),
    ("gammaincc(p, x)", lambda p, x: mpmath.gammainc(p, x, regularized=True), 0.75, 2.0),
    ("besselj(p, x)", mpmath.besselj, 1.25, 3.0), ("bessely(p, x)", mpmath.bessely, 0.5, 2.0),
    ("besseli(p, x)", mpmath.besseli, 2.0, 1.5), ("besselk(p, x)", mpmath.besselk, 1.5, 0.75),
    ("legendre(p, x)", mpmath.legendre, 2.0, 0.3), ("chebyshevt(p, x)", mpmath.chebyt, 2.5, 0.3),
    ("chebyshevu(p, x)", mpmath.chebyu, 2.0, 0.4), ("hermite(p, x)", mpmath.hermite, 1.75, 0.6),
    ("hermitenorm(p, x)", lambda p, x: 2 ** (-p / 2) * mpmath.hermite(p, x / mpmath.sqrt(2)), 2.25, 0.6),
    ("laguerre(p, x)", lambda p, x: mpmath.laguerre(p, 0, x), 2.5, 0.7),
    ("genlaguerre(p, 0.5, x)", lambda p, x: mpmath.laguerre(p, 0.5, x), 1.5, 0.7),
    ("gegenbauer(p, 0.75, x)", lambda p, x: mpmath.gegenbauer(p, 0.75, x), 1.5, 0.4),
    ("jacobi(p, 0.5, 1, x)", lambda p, x: mpmath.jacobi(p, 0.5, 1, x), 1.5, 0.4),
]  # fmt: skip


@pytest.mark.parametrize(("text", "function", "p", "x"), CASES, ids=[case[0] for case in CASES])
def test_first_and_second(text, function, p, x):
    with mpmath.workdps(60):
        slopes = [mpmath.diff(lambda t: function(t, mpmath.mpf(x)), mpmath.mpf(p), order) for order in (1, 2)]
    for order, slope in enumerate(slopes, 1):
        (partial,) = gradcli.differentiate(text, at={"p": p, "x": x}, wrt="p", order=order, patience=20).partials
        assert partial.verdict is Verdict.AGREE and partial.proof == "enclosed"
        assert partial.autograd == pytest.approx(float(slope), rel=1e-11)
        assert float(partial.reference) == pytest.approx(float(slope), rel=1e-14)


def test_half_orders_of_bessel_functions():
    """DLMF 10.15.6: at order 1/2 the derivative of J is sqrt(2/(pi*x))*(Ci(2x)*sin(x) - Si(2x)*cos(x))."""
    x = 1.5
    truth = mpmath.sqrt(2 / (mpmath.pi * x)) * (mpmath.ci(2 * x) * mpmath.sin(x) - mpmath.si(2 * x) * mpmath.cos(x))
    (partial,) = gradcli.differentiate("besselj(n, x)", at={"n": 0.5, "x": x}, wrt="n").partials
    assert float(partial.reference) == pytest.approx(float(truth), rel=1e-14)


def test_at_whole_orders():
    """DLMF 10.15.3 for n = 0: the derivative of J by its order is pi/2*Y; 10.38.4: that of K is 0."""
    (first,) = gradcli.differentiate("besselj(n, x)", at={"n": 0, "x": 2}, wrt="n").partials
    assert float(first.reference) == pytest.approx(float(mpmath.pi / 2 * mpmath.bessely(0, 2)), rel=1e-14)
    (other,) = gradcli.differentiate("besselk(n, x)", at={"n": 0, "x": 2}, wrt="n").partials
    assert other.reference == "0" and other.verdict is Verdict.AGREE


def test_where_there_is_none():
    (partial,) = gradcli.differentiate("besselj(n, x)", at={"n": 2, "x": -1}, wrt="n").partials
    assert partial.verdict is not Verdict.AGREE
