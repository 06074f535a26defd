"""The enclosures of Bessel, elliptic, orthogonal and hypergeometric rows against mpmath's own functions."""

from __future__ import annotations

import random

import pytest
from flint import arb, ctx

from tests.backends.special_truths import TRUTHS, ball_of, enclosure, mp, truth
from tests.doors import (
    Row,
    Uncertain,
    airy,
    bessel,
    bessel_fixed,
    elliptic,
    hypergeometric,
    jacobian,
    orthogonal,
    precision,
)
from tests.functions.test_table import by, given, samples

ROWS: list[Row] = [
    *bessel.ANY_ORDER,
    *bessel.SPHERICAL,
    *bessel_fixed.ORDINARY,
    *bessel_fixed.MODIFIED,
    *airy.AIRY,
    *airy.KELVIN,
    *airy.STRUVE,
    *elliptic.LEGENDRE,
    *elliptic.CARLSON,
    *jacobian.JACOBI,
    *jacobian.THETA,
    *orthogonal.ORTHOGONAL,
    *hypergeometric.HYPERGEOMETRIC,
]
LOST_BITS = 40  # of an enclosure at an ordinary point
INNER_POINTS = 20

# Where the parameters are no real numbers that may move: the value exists for whole ones alone.
WHOLE = {"spherical_jn", "spherical_yn", "spherical_in", "spherical_kn", "assoc_legendre", "jtheta"}

# The truths above leave these ends out, where mpmath takes a limit or fails: their points have a test.
EDGES = {"elliprf", "elliprd", "elliprg", "elliprc", "agm", "assoc_legendre", "spherical_jn", "spherical_in"}


def test_every_row_has_an_enclosure_and_a_truth_here() -> None:
    assert {row.name for row in ROWS} == set(TRUTHS)
    assert [row.name for row in ROWS if row.arb is None and row.definition is None] == []


@pytest.mark.sampled(3)
@pytest.mark.parametrize("bits", [128, 400])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_balls_at_points_are_small_and_contain_the_value(row: Row, bits: int) -> None:
    before = ctx.prec
    for point in samples(row):
        args = list(point.values())
        with precision(bits):
            ball = enclosure(row, *(arb(arg) for arg in args))
        expected = truth(row.name, *args, bits=bits + 100)
        assert not mp.isnan(expected), point
        assert ball.overlaps(ball_of(expected, bits + 100)), (point, ball, expected)
        assert ball == 0 or ball.rel_accuracy_bits() > bits - LOST_BITS, (point, ball)
    assert ctx.prec == before


@pytest.mark.sampled(3)
@pytest.mark.parametrize("radius", [1e-3, 0.3])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_wide_balls_contain_the_values_inside(row: Row, radius: float) -> None:
    chosen = random.Random(f"{row.name} {radius}")
    for number, point in enumerate(samples(row)):
        moved = by(row) if number < 2 or row.name in WHOLE else [parameter.name for parameter in given(row)]
        with precision(128):
            try:
                ball = enclosure(row, *(arb(x, radius if name in moved else 0) for name, x in point.items()))
            except Uncertain:
                continue
        for _ in range(INNER_POINTS):
            inner = [x + chosen.uniform(-1, 1) * radius if name in moved else x for name, x in point.items()]
            value = truth(row.name, *inner)
            if ball is None:
                assert mp.isnan(value) or mp.isinf(value), (point, inner, value)
            elif ball.is_finite():
                assert not mp.isnan(value), (point, inner, ball)
                assert ball.overlaps(ball_of(value)), (point, inner, ball, value)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_balls_around_0_and_ends_of_the_domain_are_never_wrong(row: Row) -> None:
    """The last argument passes 0, 1 and -1, where functions end, turn or have poles."""
    chosen = random.Random(row.name)
    first = list(samples(row)[0].items())
    for center in (0.0, 1.0, -1.0):
        for radius in (0.0, 0.25):
            args = [x for _, x in first[:-1]]
            with precision(128):
                try:
                    ball = enclosure(row, *(arb(x) for x in args), arb(center, radius))
                except Uncertain:
                    continue
            for _ in range(INNER_POINTS if radius else 1):
                x = center + chosen.uniform(-1, 1) * radius
                value = truth(row.name, *args, x)
                if ball is None or mp.isnan(value):
                    assert ball is None or not ball.is_finite() or row.name in EDGES, (args, x, ball, value)
                    assert ball is not None or mp.isnan(value) or mp.isinf(value) or row.name in EDGES, (args, x, value)
                elif ball.is_finite() and mp.isfinite(value):
                    assert ball.overlaps(ball_of(value)), (args, x, ball, value)
