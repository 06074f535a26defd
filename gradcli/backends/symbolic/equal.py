"""Whether two values are those of one formula, and whether two formulas have the same values."""

from __future__ import annotations

from decimal import Context, Decimal, InvalidOperation, localcontext
from itertools import islice
from typing import Any

from gradcli.backends.symbolic.value import Point, Unknown, exact
from gradcli.runtime.deadlines import OutOfTime
from gradcli.tape.candidates import anywhere

SAME = Decimal("1e-10")  # values this close are the same formula's
NOTHING = Decimal("1e-60")
ARITHMETIC = Context(prec=40, Emax=10**17, Emin=-(10**17))
TRIED = 10  # points, for one at which two formulas have a value
ALIKE = 1e-20


def same(first: str | None, second: str | None) -> bool:
    """Whether two values are those of one formula."""
    if first is None or second is None:
        return first is second
    with localcontext(ARITHMETIC):
        a, b = _decimal(first), _decimal(second)
        if a.is_infinite() or b.is_infinite():
            return first == second
        return abs(a - b) <= max(SAME * max(abs(a), abs(b)), NOTHING)


def _decimal(text: str) -> Decimal:
    """A number; one with an exponent beyond those of decimals is 0, or infinite."""
    try:
        return Decimal(text)
    except InvalidOperation:
        _, _, exponent = text.partition("e")
        return Decimal(0) if exponent.startswith("-") else Decimal("Infinity")


def alike(first: Any, second: Any) -> bool:
    """Whether two formulas have the same value at a sample point where they have one; no if that takes too long."""
    if first is second:
        return True
    names = sorted(first.free_symbols | second.free_symbols, key=str)
    for values in islice(anywhere(names), TRIED):
        here = Point({name: exact(value) for name, value in values.items()})
        try:
            a, b = here.rough(first), here.rough(second)
        except Unknown:
            return same(here.text(first), here.text(second))
        except OutOfTime:
            return False
        if a is not None or b is not None:
            if a is None or b is None:
                return False
            if not a and not b:
                continue  # a branch that is 0 says nothing of the others
            if abs(a - b) <= ALIKE * max(abs(a), abs(b)):
                return True
            return not (a and b) and same(
                here.text(first), here.text(second)
            )  # what cancels has to be looked at closer
    return True
