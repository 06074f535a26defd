"""Parts of index formulas that rounding must not decide."""

from __future__ import annotations

from typing import Any

import sympy

from gradcli.backends.symbolic.indexed.notation import Held, Largest, Over, Smallest


def selects(node: Any) -> bool:
    """Whether an equality asks which entry a max, min or median has taken, of values that were computed another way.

    Where both sides are the very same entries, no rounding stands between them.
    """
    if not isinstance(node, sympy.Eq):
        return False
    names = [arg.name for arg in node.args if arg.is_Symbol and "(" in arg.name]  # a name like median(x/7)
    if names:
        return not any(arg.is_Indexed and names == [f"median({arg.base.label})"] for arg in node.args)
    if not node.has(Largest, Smallest, Held):
        return False
    first, second = map(_taken, node.args)
    return first is None or first != second


def _taken(side: Any) -> tuple[Any, ...] | None:
    """A tensor, and what is done to each entry that a side takes; None where more than one entry goes into it."""
    while isinstance(side, (Largest, Smallest)):
        side = side.args[0]
    done: list[Any] = []
    while not side.is_Indexed:
        inner = [arg for arg in side.args if not arg.is_number]
        if len(inner) != 1 or isinstance(side, Over):
            return None
        done.append((side.func, *(arg if arg.is_number else None for arg in side.args)))
        side = inner[0]
    return (*done, side.base.label)


def is_quotient(node: Any) -> bool:
    """Whether this is a whole number of whole numbers: a sum of quotients of doubles may miss one."""
    return (
        isinstance(node, sympy.floor)
        and bool(node.args[0].as_numer_denom()[1].is_Integer)
        and all(symbol.is_integer for symbol in node.args[0].free_symbols)
    )
