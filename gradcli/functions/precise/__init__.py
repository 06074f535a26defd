"""What a row's high-precision implementation needs beyond mpmath: guards, more digits, Newton's iteration.

Each function takes an mpmath context and numbers, as the `mp` of a row does. A ValueError says that there is
no real value; NoConvergence that there is one beyond reach. The modules beside this one hold implementations
longer than a line: they stand in for mpmath's where those take very long, or fail at an ordinary point.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

NEWTON_STEPS = 200
NEWTON_BITS = 80  # of the first steps; each further one doubles them
GUARD_BITS = 30

Function = Callable[..., Any]


def only(inside: Callable[..., bool], function: Function | str) -> Function:
    """The function where its arguments are inside, and no value elsewhere."""

    def call(m: Any, *args: Any) -> Any:
        if not inside(*args):
            raise ValueError
        return getattr(m, function)(*args) if isinstance(function, str) else function(m, *args)

    return call


def wide(function: Function, times: int = 1) -> Function:
    """The function with as many more bits as its arguments are large, `times` over."""

    def call(m: Any, *args: Any) -> Any:
        with m.extraprec(GUARD_BITS + times * magnitude(m, *args)):
            value = function(m, *args)
        return +value

    return call


def magnitude(m: Any, *args: Any) -> int:
    """The bits in front of the point of the largest of these."""
    return max(0, *(int(m.mag(arg)) for arg in args if arg), 0)


def is_whole(x: Any) -> bool:
    """Whether a number is 0, 1, 2, ..."""
    return bool(x >= 0 and x == int(x))


def fmod(m: Any, x: Any, y: Any) -> Any:
    """The remainder with the sign of x. The arguments keep all their digits: mpmath's abs and minus round them."""
    top, below = (m.fneg(one, exact=True) if one < 0 else one for one in (x, y))
    found = m.fmod(top, below)
    return -found if x < 0 else found


def newton(m: Any, x: Any, step: Callable[[Any], Any], scale: int = 0) -> Any:
    """Newton's iteration from x on; `step` is the quotient of a function and its derivative.

    The result is good relative to itself, or to the `scale` where it is smaller than that.
    """
    wanted, bits = m.prec + GUARD_BITS, NEWTON_BITS
    for _ in range(NEWTON_STEPS):
        bits = min(bits, wanted)
        with m.workprec(bits):
            change = step(x)
            x = x - change
            if abs(change) <= m.ldexp(max(abs(x), scale), -bits // 2):
                if bits == wanted:
                    return x
                bits = 2 * bits - GUARD_BITS
    raise m.NoConvergence
