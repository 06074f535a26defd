"""The least and the greatest value, of all that may be: held against each other in balls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from gradcli.backends.arb.flint import arb
from gradcli.extrema.data import ExtremeValue
from gradcli.reference.texts import text

DIGITS = 20
SAME = 2.0**-100  # of the largest value: what two values differ by that are one, as far as their balls tell


class ExtremeCandidate(NamedTuple):
    """A value that may be the least or the greatest: where, whether it is taken there, and proven to be tended to."""

    value: Any
    at: Mapping[str, str]
    taken: bool = True
    unbounded: int = 0  # its sign, where the function has no bound
    certain: bool = False


def extreme(
    candidates: Sequence[ExtremeCandidate], sign: int, doubtful: Sequence[Any], skipped: Sequence[Any]
) -> ExtremeValue:
    """The greatest of some values, for the sign -1 the least.

    `doubtful` are balls of the values on parts that could not be told, `skipped` on those that were not searched.
    """
    word = "greatest" if sign > 0 else "least"
    for one in candidates:
        if one.unbounded == sign and one.certain:
            side = "above" if sign > 0 else "below"
            return ExtremeValue(
                None, (), True, f"there is no {word} value: f has no bound {side} near {_place(one.at)}"
            )
    for one in candidates:
        if one.unbounded == sign:
            return ExtremeValue(
                None,
                (),
                False,
                f"there is likely no {word} value: f grows near {_place(one.at)}, likely without bound (not proven)",
            )
    candidates = [one for one in candidates if not one.unbounded or not one.certain]
    if not candidates:
        return ExtremeValue(None, (), False, "no value could be told")
    scale = max((abs(one.value).mid() for one in candidates), default=arb(0))
    best = max(candidates, key=lambda one: sign * float(one.value))
    ties = [one for one in candidates if abs(one.value - best.value).mid() <= scale * SAME]
    proven = all(one in ties or sign * (best.value - one.value) > 0 for one in candidates)
    proven = proven and all(_is_below(ball, best.value, sign) for ball in doubtful)
    taken = [one for one in ties if one.taken]
    value = text(best.value, DIGITS)
    about = value is None and bool(best.value.contains(0))
    value = "0" if about else value
    if not taken:
        end = f"it tends to {_short(best.value)} near {_place(best.at)}, and does not take that value"
        if proven and any(one.certain for one in ties) and all(_is_below(ball, best.value, sign) for ball in skipped):
            return ExtremeValue(None, (), True, f"there is no {word} value: {end}")
        return ExtremeValue(None, (), False, f"there is likely no {word} value: {end} (not proven)")
    places: list[Mapping[str, str]] = []
    for one in taken:
        if one.at not in places:
            places.append(one.at)
    note = None if proven else "not proven: parts of the box could not be told"
    if proven and not all(_is_below(ball, best.value, sign) for ball in skipped):
        proven, note = False, _beyond(skipped, best.value, sign)
    if about:
        note = "; ".join(filter(None, (note, "about 0: the enclosure contains 0, and more")))
        proven = False
    return ExtremeValue(value, tuple(places), proven, note)


def _is_below(ball: Any, value: Any, sign: int) -> bool:
    """Whether what a ball holds is surely not beyond a value."""
    return ball is not None and bool(ball.is_finite()) and bool(sign * (value - ball) >= 0)


def _beyond(skipped: Sequence[Any], value: Any, sign: int) -> str:
    """How far values that were not searched, beside nonsmooth points, may be beyond a value."""
    if not all(ball is not None and ball.is_finite() for ball in skipped):
        return "not proven: what lies within 2^-50 of a nonsmooth point is not searched"
    most = max(float((sign * (ball - value)).upper()) for ball in skipped)
    return f"no value is {'greater' if sign > 0 else 'less'} by more than {most:.1e}"


def _place(at: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {float(value):.6g}" for name, value in at.items())


def _short(value: Any) -> str:
    return f"{float(value):.6g}"


def decimal_text(x: Fraction, digits: int | None = None) -> str:
    """An exact number in decimals: as a double is said where it is one, else to so many digits."""
    number = float(x)
    if digits is None and Fraction(number) == x:
        whole = repr(number)
        return whole.removesuffix(".0") if "e" not in whole else whole
    found = Context(prec=digits or DIGITS).divide(Decimal(x.numerator), Decimal(x.denominator))
    return str(found).lower() if found else "0"
