"""The kind of a point from signs beside it."""

from __future__ import annotations

from typing import Any

from gradcli.backends.arb.evaluate import Enclosed, is_ball
from gradcli.extrema.data import MAXIMUM, MINIMUM, NEITHER, UNDECIDED
from gradcli.reference.stationary import sign_of_ball


def compared(side: Enclosed, value: Any) -> int | None:
    """The sign of what a function gains beside a point; where it has no value there, it gains whatever it may."""
    if side is None:
        return 2
    return sign_of_ball(side - value) if is_ball(side) and side.is_finite() else None


def kind_of_signs(signs: list[int | None]) -> str:
    """The kind of a point by what the function gains to both sides; 2 where it has no value on one."""
    known = [sign for sign in signs if sign != 2]
    if None in known or not known:
        return UNDECIDED
    told = [sign or 0 for sign in known]
    if min(told) >= 0 and any(told):
        return MINIMUM
    return MAXIMUM if max(told) <= 0 and any(told) else NEITHER


def kind_of_sides(sides: tuple[int | None, int | None]) -> str:
    """The kind of a stationary point by the signs of the slope on both sides."""
    return {(-1, 1): MINIMUM, (1, -1): MAXIMUM, (1, 1): NEITHER, (-1, -1): NEITHER}.get(sides, UNDECIDED)  # type: ignore[arg-type]


def kind_of_slopes(sides: tuple[int, int]) -> str:
    """The kind of a point from the signs of the slopes on both sides, 0 where the function is constant."""
    left, right = sides
    return kind_of_signs([-left, right])


def short(value: str | None) -> str:
    """A slope in few digits."""
    from gradcli.terminal.numbers import to_digits

    return "unknown" if value is None else value if value in ("inf", "-inf") else to_digits(value, 6)
