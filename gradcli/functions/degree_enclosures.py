"""The enclosures of circular functions of degrees: reduced exactly, and exact where the value is a dyadic number."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from gradcli.functions.enclosures import Ball, exact

TURN, STRAIGHT, RIGHT = 360, 180, 90  # degrees
HALF = Fraction(1, 2)

# By Niven's theorem, sines of whole degrees are rational here only; the tangents as well.
SINES = {0: 0, 30: HALF, 90: 1, 150: HALF, 180: 0, 210: -HALF, 270: -1, 330: -HALF}
TANGENTS = {0: 0, 45: 1, 135: -1}


def sindg(a: Any, x: Ball) -> Ball:
    """The sine."""
    angle = exact(x)
    if angle is None:
        return (x / STRAIGHT).sin_pi()
    return _sine(a, angle)


def cosdg(a: Any, x: Ball) -> Ball:
    """The cosine."""
    angle = exact(x)
    if angle is None:
        return (x / STRAIGHT).cos_pi()
    return _sine(a, RIGHT - angle)


def _sine(a: Any, angle: Fraction) -> Ball:
    angle %= TURN
    if angle in SINES:
        return a.number(SINES[angle])  # type: ignore[index]
    return (a.number(angle) / STRAIGHT).sin_pi()


def tandg(a: Any, x: Ball) -> Ball | None:
    """The tangent."""
    angle = exact(x)
    if angle is None:
        return (x / STRAIGHT).tan_pi()
    return _tangent(a, angle)


def cotdg(a: Any, x: Ball) -> Ball | None:
    """The cotangent."""
    angle = exact(x)
    if angle is None:
        return (x / STRAIGHT).cot_pi()
    return _tangent(a, RIGHT - angle)


def _tangent(a: Any, angle: Fraction) -> Ball | None:
    angle %= STRAIGHT
    if angle == RIGHT:
        return None
    if angle in TANGENTS:
        return a.number(TANGENTS[angle])  # type: ignore[index]
    return (a.number(angle) / STRAIGHT).tan_pi()
