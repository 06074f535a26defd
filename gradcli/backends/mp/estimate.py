"""A row without an enclosure: its value estimated by mpmath at rising precision, as a ball that is not proven.

The radius covers what the value changes by with half as many bits again, and what it changes by over the ball of its
arguments, both widened; an answer that rests on it says `estimated`. Where the function does not follow a parabola
over the ball, nothing is said of it. A value that stays the same where its arguments move may have drowned in a larger
number (1 - exp(-1e4)): it is not exact, and a 0 of that kind is not known at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from typing import Any

import mpmath

from gradcli.backends.arb.context import BALLS, Uncertain
from gradcli.backends.arb.flint import arb
from gradcli.functions.row import Row

UNFINISHED = "failed to converge"  # in mpmath's words: a ValueError that does not mean that there is no value
MAX_ARGUMENT_BITS = 5_000  # of an argument's size: mpmath's series take as long as their arguments are large
MAX_BITS = 4_500  # of an estimate: as many as the smallest step to a side takes; mpmath takes seconds beyond
WIDENED = 16  # times an observed change, for the radius
BENT = 0.125  # of what a function changes by over a ball, that it may be off a line, or a parabola
INNER = (-0.8125, -0.375, 0.4375, 0.78125)  # shares of a radius, at which a value is held against a parabola
THIN = 20  # bits that an argument is known to, for a line through three values to be enough
ASIDE = 8  # bits that a number is moved by, to see whether a value moves with it


class Estimated(mpmath.MPContext):  # type: ignore[misc]
    """The context that estimates are made in: its precision is no other's."""


@cache
def _context() -> Any:
    return Estimated()


def estimate(row: Row, args: Sequence[Any]) -> Any:
    """A ball for a row's value; None where mpmath finds none at the middle of the arguments.

    Raises Uncertain where mpmath does not come to a value, or where there is one in a part of the ball only.
    """
    bits = BALLS.bits
    if bits > MAX_BITS or any(_size(arg) > MAX_ARGUMENT_BITS for arg in args):
        raise Uncertain
    m, more = _context(), bits + bits // 2
    at = partial(_value, m, _function(row))
    middle = [m.make_mpf(arg.mid()._mpf_) for arg in args]
    first, better = at(middle, bits), at(middle, more)
    along = [partial(_moved, m, middle, index, arg) for index, arg in enumerate(args) if not arg.is_exact()]
    ends = [[at(move(share), more) for share in (-1, 1)] for move in along]
    found = [first, better, *(value for pair in ends for value in pair)]
    if all(value is None for value in found):
        return None
    if None in found:
        raise Uncertain
    error = abs(first - better) + abs(better) * m.ldexp(1, -bits)
    change = m.zero
    for move, arg, pair in zip(along, (arg for arg in args if not arg.is_exact()), ends):
        if not (_is_thin(arg) and _is_straight(better, pair, error)):
            _follow(better, pair, [at(move(share), more) for share in INNER], error)
        change += sum(abs(end - better) for end in pair)
    if not along and first == better and _is_short(better):
        moving = [at(moved, more) != better for moved in _aside(m, middle)]
        if all(moving) if better else any(moving):
            return arb(better)
    if not error and not change:  # a 0 that may have drowned
        raise Uncertain
    return arb(arb(better).mid(), arb(WIDENED * (change + error)).abs_upper())


def _moved(m: Any, middle: Sequence[Any], index: int, arg: Any, share: float) -> list[Any]:
    """The arguments with one of them moved by a share of its ball's radius."""
    moved = list(middle)
    moved[index] = m.fadd(middle[index], m.fmul(m.make_mpf(arg.rad()._mpf_), share, exact=True), exact=True)
    return moved


def _aside(m: Any, middle: Sequence[Any]) -> Iterator[list[Any]]:
    """The arguments with one of them moved so far that any function that is not constant shows it."""
    for index, x in enumerate(middle):
        moved = list(middle)
        moved[index] = m.fadd(x, m.ldexp(x or m.one, -ASIDE), exact=True)
        yield moved


def _is_thin(arg: Any) -> bool:
    return bool(arg.rel_accuracy_bits() > THIN)


def _is_straight(middle: Any, ends: Sequence[Any], error: Any) -> bool:
    """Whether three values lie on a line, roughly."""
    return bool(abs(ends[0] + ends[1] - 2 * middle) <= abs(ends[1] - ends[0]) * BENT + 2 * error)


def _follow(middle: Any, ends: Sequence[Any], inner: Sequence[Any], error: Any) -> None:
    """Hold the values within against the parabola through the middle and the ends. Raises Uncertain."""
    if None in inner:
        raise Uncertain
    slope, bend = (ends[1] - ends[0]) / 2, (ends[0] + ends[1]) / 2 - middle
    for value, share in zip(inner, INNER):
        if abs(value - (middle + share * (slope + share * bend))) > (abs(slope) + abs(bend)) * BENT + 2 * error:
            raise Uncertain


def _value(m: Any, function: Callable[..., Any], args: Sequence[Any], bits: int) -> Any:
    """A real number, or None where there is none. Raises Uncertain."""
    m.prec = bits
    try:
        value = function(*args)
        if isinstance(value, m.mpc):
            if value.imag:
                return None
            value = value.real
        value = m.mpf(value)
    except (ZeroDivisionError, ValueError, m.ComplexResult) as error:
        if UNFINISHED in str(error):
            raise Uncertain from error
        return None
    except (OverflowError, MemoryError, TypeError, m.NoConvergence) as error:
        raise Uncertain from error
    finally:
        m.prec = bits  # as in Arithmetic.call
    return value if m.isfinite(value) else None


def _function(row: Row) -> Callable[..., Any]:
    m = _context()
    if isinstance(row.mp, str):
        return getattr(m, row.mp)  # type: ignore[no-any-return]
    function = row.mp
    assert function is not None, f"the row of {row.name} has neither an enclosure, nor a definition, nor mp"
    return lambda *args: function(m, *args)


def _size(arg: Any) -> int:
    """The exponent of the leading bit of a ball's upper bound."""
    if arg.is_zero():
        return 0
    _, significand, exponent, bits = arg.abs_upper()._mpf_
    return int(exponent + bits) if significand else 0


SHORT = 64  # bits of a significand: a value that is no longer was not cut


def _is_short(value: Any) -> bool:
    return int(value._mpf_[3]) <= SHORT
