"""What mpmath's own functions give for the rows of Bessel, elliptic, orthogonal and hypergeometric functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
from flint import arb

from tests.doors import BALLS, Row, precision

BITS_OF_TRUTH = 500
BITS_INSIDE = 160

mp = mpmath.MPContext()
mp.prec = BITS_OF_TRUTH


def spherical(name: str) -> Callable[..., Any]:
    """By the ordinary function of half a whole order, taken in the complex plane."""
    return lambda n, x: real(mp.sqrt(mp.pi / 2) / mp.sqrt(mp.mpc(x)) * getattr(mp, name)(n + mp.mpf(0.5), mp.mpc(x)))


def kelvin(name: str) -> Callable[..., Any]:
    return lambda x: real(getattr(mp, name)(0, x)) if x > 0 or name in ("ber", "bei") else mp.nan


def kelvin_prime(name: str) -> Callable[..., Any]:
    """By the derivative's own formula: those of order 1."""

    def call(x: Any) -> Any:
        if name[0] == "k" and x <= 0:
            return mp.nan
        first, second = getattr(mp, name[:2] + "r")(1, abs(x)), getattr(mp, name[:2] + "i")(1, abs(x))
        value = (first + second if name.endswith("r") else second - first) / mp.sqrt(2)
        return mp.sign(x) * value if x else mp.zero

    return call


def right(function: Callable[..., Any]) -> Callable[..., Any]:
    """Only for x > 0."""
    return lambda *args: function(*args) if args[-1] > 0 else mp.nan


def whole(n: Any) -> bool:
    return bool(n == mp.nint(n))


def polynomial(function: Callable[..., Any]) -> Callable[..., Any]:
    """Those of negative whole degrees are 0."""
    return lambda n, *args: mp.zero if n < 0 and whole(n) else function(n, *args)


def real(z: Any) -> Any:
    """The value, where it is real."""
    z = mp.mpmathify(z)
    if isinstance(z, mp.mpc):
        return z.real if abs(z.imag) <= mp.ldexp(abs(z.real), -mp.prec // 2) else mp.nan
    return z


def amplitude(u: Any, m: Any) -> Any:
    """The inverse of ellipf, by its own integral equation; Gudermann's function at the end."""
    if not 0 <= m < 1:
        return 2 * mp.atan(mp.tanh(u / 2)) if m == 1 else mp.nan
    return mp.findroot(lambda phi: mp.ellipf(phi, m) - u, u, df=lambda phi: 1 / mp.sqrt(1 - m * mp.sin(phi) ** 2))


def associated(n: Any, m: Any, x: Any) -> Any:
    """By mpmath's function, inside."""
    return mp.legenp(n, m, x) if abs(x) < 1 else mp.nan


def elliptic_range(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args: function(*args) if min(args) > 0 else mp.nan


TRUTHS: dict[str, Callable[..., Any]] = {
    "besselj": lambda n, x: mp.besselj(n, x),
    "bessely": right(lambda n, x: mp.bessely(n, x)),
    "besseli": lambda n, x: mp.besseli(n, x),
    "besselk": right(lambda n, x: mp.besselk(n, x)),
    "ive": lambda n, x: mp.besseli(n, x) * mp.exp(-abs(x)),
    "kve": right(lambda n, x: mp.besselk(n, x) * mp.exp(x)),
    "spherical_jn": spherical("besselj"),
    "spherical_yn": spherical("bessely"),
    "spherical_in": spherical("besseli"),
    "spherical_kn": right(spherical("besselk")),
    "j0": lambda x: mp.besselj(0, x),
    "j1": lambda x: mp.besselj(1, x),
    "y0": right(lambda x: mp.bessely(0, x)),
    "y1": right(lambda x: mp.bessely(1, x)),
    "i0": lambda x: mp.besseli(0, x),
    "i1": lambda x: mp.besseli(1, x),
    "i0e": lambda x: mp.besseli(0, x) * mp.exp(-abs(x)),
    "i1e": lambda x: mp.besseli(1, x) * mp.exp(-abs(x)),
    "k0": right(lambda x: mp.besselk(0, x)),
    "k1": right(lambda x: mp.besselk(1, x)),
    "k0e": right(lambda x: mp.besselk(0, x) * mp.exp(x)),
    "k1e": right(lambda x: mp.besselk(1, x) * mp.exp(x)),
    "airyai": mp.airyai,
    "airyaiprime": lambda x: mp.airyai(x, derivative=1),
    "airybi": mp.airybi,
    "airybiprime": lambda x: mp.airybi(x, derivative=1),
    "ber": kelvin("ber"),
    "bei": kelvin("bei"),
    "ker": kelvin("ker"),
    "kei": kelvin("kei"),
    "berp": kelvin_prime("ber"),
    "beip": kelvin_prime("bei"),
    "kerp": kelvin_prime("ker"),
    "keip": kelvin_prime("kei"),
    "struveh": lambda n, x: mp.struveh(n, x),
    "struvel": lambda n, x: mp.struvel(n, x),
    "ellipk": lambda m: mp.ellipk(m),
    "ellipkm1": lambda p: mp.ellipk(1 - p),
    "ellipe": lambda m: mp.ellipe(m),
    "ellippi": lambda n, m: mp.ellippi(n, m),
    "ellipf": lambda phi, m: mp.ellipf(phi, m),
    "ellipeinc": lambda phi, m: mp.ellipe(phi, m),
    "ellippiinc": lambda n, phi, m: mp.ellippi(n, phi, m),
    "elliprf": elliptic_range(mp.elliprf),
    "elliprd": elliptic_range(mp.elliprd),
    "elliprg": elliptic_range(mp.elliprg),
    "elliprc": elliptic_range(mp.elliprc),
    "agm": elliptic_range(mp.agm),
    "jacobi_sn": lambda u, m: mp.ellipfun("sn", u, m=m) if 0 <= m <= 1 else mp.nan,
    "jacobi_cn": lambda u, m: mp.ellipfun("cn", u, m=m) if 0 <= m <= 1 else mp.nan,
    "jacobi_dn": lambda u, m: mp.ellipfun("dn", u, m=m) if 0 <= m <= 1 else mp.nan,
    "jacobi_am": amplitude,
    "jtheta": lambda n, z, q, k: mp.jtheta(int(n), z, q, int(k)) if whole(n) and whole(k) and 0 < q < 1 else mp.nan,
    "legendre": polynomial(mp.legendre),
    "chebyshevt": polynomial(mp.chebyt),
    "chebyshevu": polynomial(mp.chebyu),
    "hermite": polynomial(mp.hermite),
    "hermitenorm": polynomial(lambda n, x: mp.hermite(n, x / mp.sqrt(2)) / mp.sqrt(2) ** n),
    "laguerre": polynomial(lambda n, x: mp.laguerre(n, 0, x)),
    "genlaguerre": polynomial(mp.laguerre),
    "gegenbauer": polynomial(mp.gegenbauer),
    "jacobi": polynomial(mp.jacobi),
    "assoc_legendre": associated,
    "hyp0f1": mp.hyp0f1,
    "hyp1f1": mp.hyp1f1,
    "hyp2f1": mp.hyp2f1,
    "hyperu": right(mp.hyperu),
    "whitm": right(mp.whitm),
    "whitw": right(mp.whitw),
    "pcfd": mp.pcfd,
    "pcfu": lambda a, x: mp.pcfu(a, x),
}


def truth(name: str, *args: Any, bits: int = BITS_INSIDE) -> Any:
    """mpmath's value, nan where there is no real one."""
    try:
        with mp.workprec(bits):
            return real(TRUTHS[name](*(mp.mpf(arg) for arg in args)))
    except (ValueError, ZeroDivisionError, mpmath.libmp.NoConvergence, TypeError, NotImplementedError):
        return mp.nan


def enclosure(row: Row, *args: Any) -> Any:
    """What the row's enclosure gives for balls."""
    call = row.arb
    return getattr(args[0], call)(*args[1:]) if isinstance(call, str) else call(BALLS, *args)  # type: ignore[misc]


def ball_of(value: Any, bits: int = BITS_INSIDE) -> arb:
    """mpmath's value of so many bits, and what it may be off."""
    sign, mantissa, exponent, _ = value._mpf_
    with precision(2 * bits):
        exact = arb(-mantissa if sign else mantissa) * arb(2) ** exponent
        return exact + arb(0, abs(exact).upper()) * arb(2) ** (40 - bits)
