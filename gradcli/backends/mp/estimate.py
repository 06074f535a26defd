"""A row without an enclosure: its value estimated by mpmath at rising precision, as a ball that is not proven.

The radius covers what the value changes by with half as many bits again, and what it changes by over the ball of its
arguments, both widened; an answer that rests on it says `estimated`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import mpmath

from gradcli.backends.arb.context import BALLS, Uncertain
from gradcli.backends.arb.flint import arb
from gradcli.functions.row import Row

UNFINISHED = "failed to converge"  # in mpmath's words: a ValueError that does not mean that there is no value
MAX_ARGUMENT_BITS = 5_000  # of an argument's size: mpmath's series take as long as their arguments are large
MAX_BITS = 4_200  # of an estimate: mpmath's hypergeometric series take seconds beyond
WIDENED = 16  # times an observed change, for the radius


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
    function, m = _function(row), _context()
    middle = [m.make_mpf(arg.mid()._mpf_) for arg in args]
    first = _value(m, function, middle, bits)
    better = _value(m, function, middle, bits + bits // 2)
    ends = [_value(m, function, moved, bits + bits // 2) for moved in _ends(m, middle, args)]
    if better is None or first is None or None in ends:
        if first is better is None and not any(end is not None for end in ends):
            return None
        raise Uncertain
    error = abs(first - better) + sum((abs(end - better) for end in ends), m.zero)
    exact = not error and all(arg.is_exact() for arg in args) and _is_short(better)
    found = arb(better)
    return found if exact else arb(found.mid(), arb(WIDENED * error + abs(better) * m.ldexp(1, -bits)).abs_upper())


def _ends(m: Any, middle: Sequence[Any], args: Sequence[Any]) -> Iterator[list[Any]]:
    """The arguments with one of them at an end of its ball."""
    for index, arg in enumerate(args):
        if not arg.is_exact():
            radius = m.make_mpf(arg.rad()._mpf_)
            for sign in (-1, 1):
                moved = list(middle)
                moved[index] = m.fadd(middle[index], sign * radius, exact=True)
                yield moved


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
