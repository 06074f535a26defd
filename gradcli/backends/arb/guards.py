"""The guards of rows in balls."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from gradcli.backends.arb.context import BALLS, UNKNOWN, Enclosed, Uncertain, is_ball
from gradcli.backends.arb.flint import arb
from gradcli.functions.guards import GuardKind, GuardNumbers
from gradcli.functions.row import Row

BALL_GUARDS = GuardNumbers(
    {
        GuardKind.WHOLE: arb.sin_pi,
        GuardKind.HALF: arb.cos_pi,
        GuardKind.SINE: arb.sin,
        GuardKind.COSINE: arb.cos,
        GuardKind.BRANCH: lambda z: BALLS.e * z + 1,
        GuardKind.AMPLITUDE: lambda z: 1 - z[1] * z[0].sin() ** 2,
    },
    arb.is_integer,
)


def guards(row: Row, args: Sequence[Enclosed], same: Sequence[int] = ()) -> tuple[Enclosed, ...]:
    """The numbers whose sign tells which piece of a row's formula its arguments are in: balls, or UNKNOWN.

    Each in its place; None where nothing changes. There are none where the arguments or the guards have no value.
    """
    if not row.guards:
        return ()
    is_known = True
    for arg in args:
        if arg is None:
            return ()
        if arg is UNKNOWN:
            is_known = False
    if not is_known:
        return (UNKNOWN,) * len(row.guards)
    try:
        found = BALL_GUARDS.values(row, args)
    except (Uncertain, ValueError, OverflowError, TypeError, AttributeError):
        return (UNKNOWN,) * len(row.guards)
    except ZeroDivisionError:
        return ()
    if len(same) > 1 and len(set(same)) < len(same):
        for place in _never_changing(row, tuple(map(same.index, same))):
            found[place] = None
    return tuple([
        guard if guard is None or (type(guard) is arb and guard.is_finite()) else UNKNOWN for guard in found
    ])  # fmt: skip


def may_be_zero(guard: Enclosed) -> bool:
    """Whether it is not certain that an operation stays on one piece of its formula."""
    return guard is UNKNOWN or (guard is not None and bool(guard.contains(0)))


@cache
def _never_changing(row: Row, twins: tuple[int, ...]) -> frozenset[int]:
    """The guards that are 0 whatever the arguments are, some of which are the same operation: x - x, in `max(x, x)`.

    `twins` says of each argument which is the first that is the same.
    """
    found = []
    for numbers in _TRIED:
        try:
            guards_there = BALL_GUARDS.values(row, [arb(numbers[place]) for place in twins])
        except (Uncertain, ValueError, TypeError, ZeroDivisionError):
            return frozenset()
        found.append({i for i, guard in enumerate(guards_there) if is_ball(guard) and guard.is_zero()})
    return frozenset(set.intersection(*found))


# Arguments without a relation: what is exactly 0 for all of these is 0 for the arguments being the same.
_TRIED = (
    (0.8125, 0.34375, 1.71875, 2.59375, 0.28125, 1.40625, 0.59375, 2.21875, 0.71875),
    (0.15625, 0.90625, 0.46875, 1.21875, 3.40625, 0.65625, 1.84375, 0.53125, 2.78125),
)
