"""Enclosures of elliptic integrals and elliptic functions."""

from __future__ import annotations

from typing import Any

from gradcli.functions.precise import Function

MAX_EXTRA = 5_000  # bits, for an argument that is counted in periods
MAX_DERIVATIVE = 500  # of a theta function

# Complete integrals


def ellipk(a: Any, m: Any) -> Any:
    """K of the parameter m < 1."""
    return a.acb(m).elliptic_k().real if a.less(m, 1) else None


def ellipkm1(a: Any, p: Any) -> Any:
    """K of the parameter 1 - p."""
    return a.pi / (2 * a.arb(1).agm(p.sqrt())) if a.less(0, p) else None


def ellipe(a: Any, m: Any) -> Any:
    """E of the parameter m <= 1."""
    if m == 1:
        return a.arb(1)
    return a.acb(m).elliptic_e().real if a.less(m, 1) else None


def ellippi(a: Any, n: Any, m: Any) -> Any:
    """Pi of the characteristic n < 1 and the parameter m < 1."""
    return a.acb.elliptic_pi(n, m).real if a.less(n, 1) and a.less(m, 1) else None


# Incomplete integrals, which grow with phi as long as their integrand is positive


def ellipf(a: Any, phi: Any, m: Any) -> Any:
    """F, for phi in front of the pole of its integrand."""
    if not _reaches(a, phi, m):
        return None
    return _growing(a, phi, lambda end: a.acb.elliptic_f(end, m))


def ellipeinc(a: Any, phi: Any, m: Any) -> Any:
    """E, for phi where its integrand is real."""
    if not (m <= 1 or _reaches(a, phi, m)):
        return None
    return _growing(a, phi, lambda end: a.acb.elliptic_e_inc(end, m))


def ellippiinc(a: Any, n: Any, phi: Any, m: Any) -> Any:
    """Pi of a characteristic n < 1, for phi in front of the pole of its integrand."""
    if not a.less(n, 1) or not _reaches(a, phi, m):
        return None
    return _growing(a, phi, lambda end: a.acb.elliptic_pi_inc(n, end, m))


def _reaches(a: Any, phi: Any, m: Any) -> bool:
    """Whether m*sin(t)**2 < 1 for all t from 0 to phi."""
    if m < 1:
        return True
    sine = phi.sin()
    if a.less(abs(phi), a.pi / 2) and a.less(m * sine * sine, 1):
        return True
    return bool(a.less(m, 1))


def _growing(a: Any, phi: Any, function: Function) -> Any:
    """The values between those at the ends of a ball."""
    if phi.is_exact():
        return function(phi).real
    return a.hull(function(phi.lower()).real, function(phi.upper()).real)


# Carlson's integrals


def elliprf(a: Any, x: Any, y: Any, z: Any) -> Any:
    """RF, where none is negative and at most one is 0."""
    if any(a.less(one, 0) for one in (x, y, z)) or sum(one == 0 for one in (x, y, z)) > 1:
        return None
    return a.acb.elliptic_rf(x, y, z).real


def elliprd(a: Any, x: Any, y: Any, z: Any) -> Any:
    """RD, where none is negative, z is positive and at most one of the others is 0."""
    if any(a.less(one, 0) for one in (x, y, z)) or z == 0 or (x == 0 and y == 0):
        return None
    return a.acb.elliptic_rd(x, y, z).real


def elliprg(a: Any, x: Any, y: Any, z: Any) -> Any:
    """RG, where none is negative."""
    if any(a.less(one, 0) for one in (x, y, z)):
        return None
    return a.acb.elliptic_rg(x, y, z).real


def elliprc(a: Any, x: Any, y: Any) -> Any:
    """RC for y > 0, where x is not negative."""
    if a.less(x, 0) or not a.less(0, y):
        return None
    return a.acb.elliptic_rc(x, y).real


def agm(a: Any, x: Any, y: Any) -> Any:
    """The mean of two numbers that are not negative."""
    if a.less(x, 0) or a.less(y, 0):
        return None
    return x.agm(y)


# Jacobi's functions


def jacobi(name: str) -> Function:
    """sn, cn or dn."""

    def call(a: Any, u: Any, m: Any) -> Any:
        if m == 0:
            return {"sn": u.sin, "cn": u.cos, "dn": lambda: a.arb(1)}[name]()
        if m == 1:
            return u.tanh() if name == "sn" else u.sech()
        if not _inside(a, m):
            return None
        with a.extra(_spare(u, m)):
            value = _functions(a, u, m)[("sn", "cn", "dn").index(name)]
        return +value

    return call


def jacobi_am(a: Any, u: Any, m: Any) -> Any:
    """The angle, which grows with u, counted on over the turns."""
    if m == 0:
        return u
    if m == 1:
        return u.sinh().atan()
    if not _inside(a, m):
        return None
    with a.extra(_spare(u, m)):
        ends = (u,) if u.is_exact() else (u.lower(), u.upper())
        angles = [_amplitude(a, end, m) for end in ends]
    return a.hull(angles[0], angles[-1]) if len(angles) > 1 else +angles[0]


def _amplitude(a: Any, u: Any, m: Any) -> Any:
    """By sn and cn, after half turns of 2*K are taken off: these are the angle's sine and cosine up to a half turn."""
    half = 2 * a.acb(m).elliptic_k().real
    turns = a.midpoint((u / half + a.arb(1) / 2).floor()).floor()  # either of two where u is between them
    rest = u - turns * half
    if not abs(rest) < half:
        return a.arb.nan()
    sine, cosine, _ = _functions(a, rest, m)
    return a.arb.atan2(sine, cosine) + a.pi * turns


def _inside(a: Any, m: Any) -> bool:
    """Whether 0 < m < 1, for an m that is neither 0 nor 1."""
    return bool(a.less(0, m) and a.less(m, 1))


def _functions(a: Any, u: Any, m: Any) -> tuple[Any, Any, Any]:
    """sn, cn and dn in theta functions. DLMF 22.2.4 to 22.2.6."""
    quarter, other = a.acb(m).elliptic_k().real, a.acb(1 - m).elliptic_k().real
    tau = a.acb(0, other / quarter)
    _, two, three, four = a.acb(0).modular_theta(tau)
    one_z, two_z, three_z, four_z = a.acb(u / (2 * quarter)).modular_theta(tau)
    sn = three * one_z / (two * four_z)
    cn = four * two_z / (two * four_z)
    dn = four * three_z / (three * four_z)
    return sn.real, cn.real, dn.real


def _spare(u: Any, m: Any) -> int:
    """The bits that theta functions lose to a long u, and to a nome near 0 or 1."""
    return _size(u) + _size(1 / m) + _size(1 / (1 - m))


def _size(u: Any) -> int:
    """The bits in front of the point, as far as more bits make up for them, and some to spare."""
    largest = u.abs_upper()
    if not largest.is_finite() or largest < 1:
        return 10
    mantissa, exponent = largest.man_exp()
    return min(MAX_EXTRA, int(mantissa).bit_length() + int(exponent)) + 10


def jtheta(a: Any, n: Any, z: Any, q: Any, k: Any) -> Any:
    """A theta function's derivative: flint's is in z/pi and in the half-period ratio."""
    number, order = a.whole(n), a.whole(k)
    if number not in (1, 2, 3, 4) or order is None or order < 0 or not (a.less(0, q) and a.less(q, 1)):
        return None
    if order > MAX_DERIVATIVE:
        return a.arb.nan()
    with a.extra(_size(z) + _size(1 / (1 - q))):
        value = a.acb(z / a.pi).modular_theta(a.acb(0, -q.log() / a.pi), order)[number - 1].real / a.pi**order
    return +value
