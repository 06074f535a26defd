"""Special points of Bessel, elliptic, orthogonal and hypergeometric rows: closed forms, and where there is no value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flint import arb

from tests.backends.special_truths import BITS_OF_TRUTH, ball_of, enclosure, mp
from tests.doors import BALL_GUARDS, precision, table

POINTS: list[tuple[str, tuple[Any, ...], Callable[[], Any]]] = [
    ("besselj", (0, 0), lambda: 1),
    ("besselj", (2, 0), lambda: 0),
    ("besselj", (0.5, 0), lambda: 0),
    ("besseli", (-3, 0), lambda: 0),
    ("spherical_jn", (0, 0), lambda: 1),
    ("spherical_jn", (3, 0), lambda: 0),
    ("spherical_in", (0, 0), lambda: 1),
    ("struveh", (0, 0), lambda: 0),
    ("struveh", (-1, 0), lambda: 2 / mp.pi),
    ("struvel", (-1, 0), lambda: 2 / mp.pi),
    ("struveh", (-0.5, 2), lambda: mp.sqrt(2 / (mp.pi * 2)) * mp.sin(2)),  # the order -1/2 is elementary
    ("struveh", (0.5, 2000), lambda: mp.sqrt(2 / (mp.pi * 2000)) * (1 - mp.cos(2000))),
    ("struvel", (0.5, 30000), lambda: mp.sqrt(2 / (mp.pi * 30000)) * (mp.cosh(mp.mpf(30000)) - 1)),
    ("ber", (0,), lambda: 1),
    ("berp", (0,), lambda: 0),
    ("ellipe", (1,), lambda: 1),
    ("ellippi", (0.5, 0.5), lambda: 2 * mp.ellipe(0.5)),
    ("ellippi", (0, 0), lambda: mp.pi / 2),
    ("ellippi", (-3, -3), lambda: mp.ellipe(-3) / 4),
    ("ellipf", (100, 0.5), lambda: mp.ellipf(100, 0.5)),
    ("ellipeinc", (7, 1), lambda: 4 + mp.sin(mp.mpf(7) - 2 * mp.pi)),
    ("ellipf", (0.3, 3), lambda: mp.ellipf(0.3, 3)),
    ("elliprf", (0, 1, 1), lambda: mp.pi / 2),
    ("elliprc", (0, 1), lambda: mp.pi / 2),
    ("elliprc", (1, 1), lambda: 1),
    ("elliprg", (0, 0, 4), lambda: 1),
    ("agm", (0, 5), lambda: 0),
    ("jacobi_sn", (0.7, 0), lambda: mp.sin(mp.mpf(0.7))),
    ("jacobi_am", (0.7, 1), lambda: 2 * mp.atan(mp.tanh(mp.mpf(0.7) / 2))),
    ("jacobi_am", (1e6, 0), lambda: 1e6),
    ("legendre", (0.5, 1), lambda: 1),
    ("legendre", (-0.5, 0.25), lambda: mp.legendre(-0.5, 0.25)),
    ("legendre", (3, 0), lambda: 0),
    ("chebyshevt", (0.5, -1), lambda: 0),
    ("chebyshevt", (2.5, 0.25), lambda: mp.cos(2.5 * mp.acos(mp.mpf(0.25)))),
    ("chebyshevu", (2.5, 0.25), lambda: mp.sin(3.5 * mp.acos(mp.mpf(0.25))) / mp.sin(mp.acos(mp.mpf(0.25)))),
    ("hermite", (-1.5, -0.5), lambda: mp.hermite(-1.5, -0.5)),
    ("hermite", (0.5, 0), lambda: mp.sqrt(2 * mp.pi) / mp.gamma(0.25)),
    ("laguerre", (-0.5, 2), lambda: mp.hyp1f1(0.5, 1, 2)),
    ("gegenbauer", (0.5, 1, 0.25), lambda: mp.sin(1.5 * mp.acos(mp.mpf(0.25))) / mp.sin(mp.acos(mp.mpf(0.25)))),
    ("gegenbauer", (1.5, 0.25, -1), lambda: mp.gegenbauer(1.5, 0.25, -1)),
    ("jacobi", (0.5, 0, 0, 0.25), lambda: mp.legendre(0.5, 0.25)),
    ("assoc_legendre", (1, -1, 0.6), lambda: mp.sqrt(1 - mp.mpf(0.6) ** 2) / 2),
    ("assoc_legendre", (0, -1, 0.6), lambda: mp.sqrt((1 - mp.mpf(0.6)) / (1 + mp.mpf(0.6)))),
    ("assoc_legendre", (2, -1, 0.5), lambda: mp.mpf(0.5) * mp.sqrt(1 - mp.mpf(0.5) ** 2) / 2),
    ("assoc_legendre", (3, 1, 1), lambda: 0),
    ("hyp2f1", (-3, 0.5, 1, 2), lambda: 1 - 3 + 4.5 - 2.5),  # its terms
    ("hyp2f1", (1, 1, 1, 2), lambda: -1),
    ("hyp2f1", (-0.5, 0.5, 1, 1), lambda: 2 / mp.pi),
    ("hyp1f1", (-5, -6, 10), lambda: mp.hyp1f1(-5, -6, 10)),
    ("pcfd", (0.5, -3), lambda: mp.pcfd(0.5, -3)),
    ("pcfd", (-1, 2), lambda: mp.exp(mp.mpf(1)) * mp.sqrt(mp.pi / 2) * mp.erfc(mp.sqrt(2))),
    ("pcfu", (0.5, 40), lambda: mp.pcfu(0.5, 40)),
]


@pytest.mark.parametrize(("name", "args", "expected"), POINTS)
def test_special_points(name: str, args: tuple[Any, ...], expected: Callable[[], Any]) -> None:
    with precision(128):
        ball = enclosure(table.BY_NAME[name], *(arb(arg) for arg in args))
    value = mp.mpf(expected())
    assert ball.overlaps(ball_of(value, BITS_OF_TRUTH)), (ball, value)
    assert ball == 0 if value == 0 else ball.rel_accuracy_bits() > 80, ball


NOWHERE = [
    ("besselj", (0.5, -1)),
    ("besselj", (-0.5, 0)),
    ("bessely", (1, 0)),
    ("k0", (-1,)),
    ("ive", (0.5, -1)),
    ("spherical_yn", (1, 0)),
    ("spherical_jn", (-1, 1)),
    ("spherical_jn", (0.5, 1)),
    ("ker", (0,)),
    ("struveh", (0.5, -1)),
    ("struveh", (-2, 0)),
    ("ellipk", (1,)),
    ("ellipe", (2,)),
    ("ellippi", (1, 0.5)),
    ("ellipf", (2, 1)),
    ("ellipf", (1, 3)),
    ("elliprf", (0, 0, 1)),
    ("elliprd", (1, 1, 0)),
    ("elliprc", (1, -1)),
    ("agm", (-1, 1)),
    ("jacobi_sn", (1, 2)),
    ("jtheta", (5, 1, 0.5, 0)),
    ("jtheta", (1, 1, 1, 0)),
    ("legendre", (0.5, -1)),
    ("legendre", (0.5, -3)),
    ("jacobi", (2, -1, 0, 0.5)),
    ("assoc_legendre", (2, 1, 1.5)),
    ("assoc_legendre", (2, 0.5, 0.5)),
    ("hyp0f1", (0, 1)),
    ("hyp1f1", (1, -4, 1)),
    ("hyp2f1", (0.5, 0.5, 1, 2)),
    ("hyp2f1", (1, 1, 2, 1)),
    ("hyperu", (1, 1, 0)),
    ("whitm", (0.5, 1, -1)),
]


@pytest.mark.parametrize(("name", "args"), NOWHERE)
def test_there_is_no_value_where_the_function_has_none(name: str, args: tuple[Any, ...]) -> None:
    with precision(128):
        assert enclosure(table.BY_NAME[name], *(arb(arg) for arg in args)) is None


def test_polynomials_are_exact_at_exact_points() -> None:
    with precision(128):
        assert enclosure(table.BY_NAME["legendre"], arb(2), arb(0.5)) == arb(-0.125)
        assert enclosure(table.BY_NAME["jacobi"], arb(1), arb(0), arb(1), arb(0.5)).is_exact()
        assert enclosure(table.BY_NAME["gegenbauer"], arb(4), arb(0), arb(0.5)) == 0


def test_guards_hold_for_balls() -> None:
    """Of an order or degree that may be no whole number the special point is kept; of a whole one it is left out."""
    for name in ("besselj", "struveh", "legendre"):
        (guard,) = BALL_GUARDS.functions(table.BY_NAME[name])
        assert guard(arb(2), arb(0.5)) is None
        assert guard(arb(2, 0.25), arb(0.5)) is not None
        assert guard(arb(2.5), arb(0.5)) is not None
