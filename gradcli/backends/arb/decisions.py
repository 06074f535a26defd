"""Truth values and comparisons of balls: decided, or UNKNOWN."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from gradcli.backends.arb.context import UNKNOWN, Enclosed, is_ball
from gradcli.backends.arb.flint import arb


def where(condition: Enclosed, a: Enclosed, b: Enclosed) -> Enclosed:
    """The branch that is taken; where that is not known, a ball around both."""
    if condition is None:
        return None
    if condition is True:
        return a
    if condition is False:
        return b
    return a.union(b) if is_ball(a) and is_ball(b) else UNKNOWN


def _and(x: Enclosed, y: Enclosed) -> Enclosed:
    if x is None or y is None:
        return None
    if x is False or y is False:
        return False
    return UNKNOWN if UNKNOWN in (x, y) else True


def _or(x: Enclosed, y: Enclosed) -> Enclosed:
    if x is None or y is None:
        return None
    if x is True or y is True:
        return True
    return UNKNOWN if UNKNOWN in (x, y) else False


def _not(x: Enclosed) -> Enclosed:
    return x if x is None or x is UNKNOWN else not x


def compared(name: str, x: Any, y: Any) -> Enclosed:
    """A comparison, where the balls decide it; only exact balls are equal."""
    holds, fails = COMPARED[name]
    return True if holds(x, y) else False if fails(x, y) else UNKNOWN


# What certainly holds of two balls where a comparison does, and where it does not.
COMPARED: Mapping[str, tuple[Callable[[Any, Any], bool], Callable[[Any, Any], bool]]] = {
    "<": (operator.lt, operator.ge),
    "<=": (operator.le, operator.gt),
    ">": (operator.gt, operator.le),
    ">=": (operator.ge, operator.lt),
    "==": (operator.eq, operator.ne),
    "!=": (operator.ne, operator.eq),
}


LOGIC: Mapping[str, Callable[..., Enclosed]] = {"and": _and, "or": _or, "not": _not}

# What two operations that are the same one come to, whatever their balls.
TWINS: Mapping[str, Callable[[Any], Any]] = {
    "-": lambda x: arb(0),
    "/": lambda x: x / x if x.contains(0) else arb(1),
    "max": lambda x: x,
    "min": lambda x: x,
    "==": lambda x: True,
    "<=": lambda x: True,
    ">=": lambda x: True,
    "!=": lambda x: False,
    "<": lambda x: False,
    ">": lambda x: False,
}
