"""Parts of index formulas that rounding must not decide."""

from __future__ import annotations

from typing import Any

import sympy

from gradcli.backends.symbolic.indexed.notation import Held, Largest, Smallest


def selects(node: Any) -> bool:
    """Whether an equality asks which entry a max, min or median has taken (that is a name like median(x/7))."""
    names = any(arg.is_Symbol and "(" in arg.name for arg in node.args)
    return isinstance(node, sympy.Eq) and bool(names or node.has(Largest, Smallest, Held))


def is_quotient(node: Any) -> bool:
    """Whether this is a whole number of whole numbers: a sum of quotients of doubles may miss one."""
    return (
        isinstance(node, sympy.floor)
        and bool(node.args[0].as_numer_denom()[1].is_Integer)
        and all(symbol.is_integer for symbol in node.args[0].free_symbols)
    )
