"""The error function, its relatives and inverses, and the normal distribution."""

from __future__ import annotations

import math
from typing import Any

from gradcli.functions import normal_enclosures
from gradcli.functions.enclosures import rising, unless
from gradcli.functions.guards import Guard, at, last_at
from gradcli.functions.precise import only
from gradcli.functions.precise.normal import (
    dawson,
    erfcinv,
    erfcx,
    erfinv,
    faddeeva,
    log_ndtr,
    ndtri,
    ndtri_exp,
    owens_t,
)
from gradcli.functions.row import SAME, Kink, Row, WrongRules


def _density(x: Any, mu: Any, sigma: Any) -> Any:
    density = (-(((x - mu) / sigma) ** 2) / 2).exp() / (sigma * math.sqrt(2 * math.pi))
    return density.where(sigma > 0, math.nan)


# fmt: off
ERROR = (
    Row("erf",           "x",    "the error function, 2/sqrt(pi) times the integral of exp(-t**2) from 0 to x",
        ("2*exp(-x**2)/sqrt(pi)",), torch=SAME, sympy=SAME, mp=SAME, arb=rising("erf"),
        libraries="torch special math scipy", ends=("-1", "1"), example="erf(x) at x=0.5", steady=True,
        wrong=WrongRules(("exp(-x**2)", "exp(-x**2)/sqrt(pi)", "2*exp(x**2)/sqrt(pi)", "2*exp(-x**2)",
                          "2*exp(-x)/sqrt(pi)", "exp(-x**2/2)/sqrt(2*pi)", "2*exp(-x**2)/pi",
                          "-4*x*exp(-x**2)/sqrt(pi)"))),
    Row("erfc",          "x",    "1 - erf(x), accurate where that is small", ("-2*exp(-x**2)/sqrt(pi)",),
        torch=SAME, sympy=SAME, mp=SAME, arb=rising("erfc"),
        libraries="torch special math scipy", ends=("2", "0"), example="erfc(x) at x=2", steady=True,
        wrong=WrongRules(("-exp(-x**2)", "-exp(-x**2)/sqrt(pi)", "-2*exp(x**2)/sqrt(pi)", "-2*exp(-x**2)"))),
    Row("erfcx",         "x",    "exp(x**2)*erfc(x), without overflow",      ("2*x*erfcx(x) - 2/sqrt(pi)",),
        torch="special.erfcx", mp=erfcx, arb=normal_enclosures.erfcx,
        libraries="special scipy",
        ends=("inf", "0"), example="erfcx(x) at x=2", wrong=WrongRules(term=("2*x*erfcx(x)", "-2/sqrt(pi)"))),
    Row("erfi",          "x",    "the imaginary error function, 2/sqrt(pi) times the integral of exp(t**2) from 0 to x",
        ("2*exp(x**2)/sqrt(pi)",),
        sympy=SAME, mp=SAME, arb=rising("erfi"), scipy=SAME, libraries="scipy", example="erfi(x) at x=0.5"),
    Row("dawson",        "x",    "Dawson's integral, exp(-x**2) times the integral of exp(t**2) from 0 to x",
        ("1 - 2*x*dawson(x)",), mp=dawson, arb=normal_enclosures.dawson, scipy="dawsn", aliases=("dawsn",),
        libraries="scipy:dawsn", example="dawson(x) at x=0.5", wrong=WrongRules(("-2*x*dawson(x)", "1 - x*dawson(x)"))),
    Row("erfinv", "x", "the inverse of erf", ("sqrt(pi)*exp(erfinv(x)**2)/2",), libraries="torch special scipy",
        torch=SAME, sympy=SAME, mp=erfinv, arb=unless(lambda x: abs(x) >= 1, "erfinv"), domain="-1 < x and x < 1",
        guards=at(-1, 1), kinks=(Kink("pole", "x=1", "x = -1 and x = 1"),), example="erfinv(x) at x=0.5",
        wrong=WrongRules(stale=("sqrt(pi)*exp(x**2)/2",))),
    Row("erfcinv",       "x",    "the inverse of erfc", ("-sqrt(pi)*exp(erfcinv(x)**2)/2",), mp=erfcinv,
        arb=unless(lambda x: x <= 0 or x >= 2, "erfcinv"), scipy=SAME, domain="0 < x and x < 2", guards=at(0, 2),
        kinks=(Kink("pole", "x=0", "x = 0 and x = 2"),), libraries="scipy", example="erfcinv(x) at x=0.5"),
    Row("faddeeva_real", "x, y", "the real part of the Faddeeva function w(z) = exp(-z**2)*erfc(-i*z) at z = x + i*y",
        ("2*(y*faddeeva_imag(x, y) - x*faddeeva_real(x, y))",
         "2*(x*faddeeva_imag(x, y) + y*faddeeva_real(x, y)) - 2/sqrt(pi)"),
        mp=lambda m, x, y: faddeeva(m, x, y).real, arb=lambda a, x, y: normal_enclosures.faddeeva(a, x, y).real,
        scipy=lambda special, x, y: special.wofz(x + 1j * y).real, example="faddeeva_real(x, y) at x=0.5,y=1"),
    Row("faddeeva_imag", "x, y",
        "the imaginary part of the Faddeeva function w(z) = exp(-z**2)*erfc(-i*z) at z = x + i*y",
        ("2/sqrt(pi) - 2*(x*faddeeva_imag(x, y) + y*faddeeva_real(x, y))",
         "2*(y*faddeeva_imag(x, y) - x*faddeeva_real(x, y))"),
        mp=lambda m, x, y: faddeeva(m, x, y).imag, arb=lambda a, x, y: normal_enclosures.faddeeva(a, x, y).imag,
        scipy=lambda special, x, y: special.wofz(x + 1j * y).imag, example="faddeeva_imag(x, y) at x=0.5,y=1"),
)

NORMAL = (
    Row("ndtr",          "x",    "the standard normal distribution function: the probability of less than x",
        ("exp(-x**2/2)/sqrt(2*pi)",), torch="special.ndtr", mp="ncdf", arb=normal_enclosures.ndtr,
        aliases=("ncdf", "normcdf"), libraries="special scipy", ends=("0", "1"), example="ndtr(x) at x=1",
        wrong=WrongRules(("exp(-x**2/2)", "exp(-x**2)/sqrt(pi)", "exp(-x**2)/sqrt(2*pi)", "2*exp(-x**2)/sqrt(pi)",
                          "exp(-x**2/2)/(2*pi)", "exp(-x**2/2)/sqrt(pi)"))),
    Row("log_ndtr",      "x",    "log(ndtr(x)), accurate far to the left", ("sqrt(2/pi)/erfcx(-x/sqrt(2))",),
        torch="special.log_ndtr", mp=log_ndtr, arb=normal_enclosures.log_ndtr,
        libraries="special scipy", ends=("-inf", "0"), example="log_ndtr(x) at x=-5"),
    Row("ndtri",         "p",    "the inverse of ndtr: the quantile of the standard normal distribution",
        ("sqrt(2*pi)*exp(ndtri(p)**2/2)",), torch="special.ndtri", mp=ndtri, arb=normal_enclosures.ndtri,
        domain="0 < p and p < 1", guards=at(0, 1), kinks=(Kink("pole", "p=0", "p = 0 and p = 1"),),
        aliases=("norminv",), libraries="special scipy", example="ndtri(p) at p=0.975"),
    Row("ndtri_exp",     "y",    "the inverse of log_ndtr, ndtri(exp(y))", ("sqrt(pi/2)*erfcx(-ndtri_exp(y)/sqrt(2))",),
        mp=ndtri_exp, arb=normal_enclosures.ndtri_exp, scipy=SAME, domain="y < 0", guards=at(0),
        kinks=(Kink("pole", "y=0"),), libraries="scipy", example="ndtri_exp(y) at y=-10"),
    Row("npdf",          "x, mu=0, sigma=1", "the normal density with mean mu and standard deviation sigma",
        ("(mu - x)*npdf(x, mu, sigma)/sigma**2", "(x - mu)*npdf(x, mu, sigma)/sigma**2",
         "((x - mu)**2/sigma**2 - 1)*npdf(x, mu, sigma)/sigma"), forward=_density,
        mp=only(lambda x, mu, sigma: sigma > 0, "npdf"), arb=normal_enclosures.npdf, domain="sigma > 0",
        guards=last_at(0), samples={"sigma": (0.3, 2)}, aliases=("normpdf",),
        example="npdf(x) at x=1"),
    Row("owens_t",       "h, a",
        "Owen's T: the integral of exp(-h**2*(1 + t**2)/2)/(1 + t**2)/(2*pi) over t from 0 to a",
        ("-erf(a*h/sqrt(2))*exp(-h**2/2)/sqrt(8*pi)", "exp(-h**2*(1 + a**2)/2)/(2*pi*(1 + a**2))"),
        mp=owens_t, arb=normal_enclosures.owens_t, scipy=SAME, libraries="scipy", example="owens_t(h, a) at h=1,a=0.5"),
    Row("voigt_profile", "x, sigma, gamma",
        "the convolution of a normal density (standard deviation sigma) and a Cauchy density (half width gamma)",
        ("(gamma*faddeeva_imag(x/(sigma*sqrt(2)), gamma/(sigma*sqrt(2)))"
         " - x*faddeeva_real(x/(sigma*sqrt(2)), gamma/(sigma*sqrt(2))))/(sqrt(2*pi)*sigma**3)",
         "((x**2 - gamma**2 - sigma**2)*faddeeva_real(x/(sigma*sqrt(2)), gamma/(sigma*sqrt(2)))"
         " - 2*x*gamma*faddeeva_imag(x/(sigma*sqrt(2)), gamma/(sigma*sqrt(2)))"
         " + gamma*sigma*sqrt(2/pi))/(sqrt(2*pi)*sigma**4)",
         "(x*faddeeva_imag(x/(sigma*sqrt(2)), gamma/(sigma*sqrt(2)))"
         " + gamma*faddeeva_real(x/(sigma*sqrt(2)), gamma/(sigma*sqrt(2))) - sigma*sqrt(2/pi))/(sqrt(2*pi)*sigma**3)"),
        mp=only(lambda x, sigma, gamma: sigma > 0 and gamma >= 0,
                lambda m, x, sigma, gamma: (faddeeva(m, x / (sigma * m.sqrt(2)), gamma / (sigma * m.sqrt(2))).real
                                            / (sigma * m.sqrt(2 * m.pi)))),
        arb=normal_enclosures.voigt_profile, scipy=SAME, domain="sigma > 0 and gamma > 0",
        guards=(Guard(lambda x, sigma, gamma: sigma), *last_at(0)), samples={"sigma": (0.3, 2), "gamma": (0.3, 2)},
        libraries="scipy", example="voigt_profile(x, sigma, gamma) at x=1,sigma=0.5,gamma=0.3"),
)
# fmt: on
