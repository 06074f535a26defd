"""Rows that SymPy has no function for: undefined functions of their names, which evaluate as the rows do."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import mpmath
import sympy

from gradcli.backends.mp.arithmetic import Arithmetic, GivenUp
from gradcli.functions import table

EVALUATION_BITS = 30  # of an opaque function's value beyond the ones that are asked for
MAX_FORMULA_BITS = 4096  # of the size of a number in a formula: beyond, the call of the function says more


@cache
def opaque(name: str) -> Any:
    """An undefined function that prints as the row's name, and evaluates as the row does."""
    members = {
        "eval": classmethod(lambda cls, *args: None), "_eval_evalf": _evaluate, "fdiff": _derivative, "is_real": True,
    }  # fmt: skip
    return type(name, (sympy.Function,), members)


# How one is differentiated: `build`, which makes expressions of rules and needs this module, puts it here.
rules: list[Callable[[Any, int], Any]] = []


def _derivative(self: Any, argindex: int = 1) -> Any:
    """The derivative by an argument, by the row's rule."""
    return rules[0](self, argindex)


def _evaluate(self: Any, precision: int) -> Any:
    """The value of an opaque function of numbers, by the row's own high-precision implementation."""
    arithmetic = Arithmetic()
    bits, arithmetic.bits = arithmetic.bits, precision + EVALUATION_BITS
    try:
        args = [_real(arithmetic, arg) for arg in self.args]
        if None in args:
            return None
        value = arithmetic.call(table.BY_NAME[type(self).__name__], args)
        if value and abs(arithmetic.m.mag(value)) > MAX_FORMULA_BITS:
            return None  # it stays as it is written
        return sympy.nan if value is None else sympy.Float._new(value._mpf_, precision)
    except GivenUp:
        return sympy.nan
    finally:
        arithmetic.bits = bits


def _real(arithmetic: Arithmetic, argument: Any) -> Any:
    """A finite real number as mpmath's; None where SymPy gives none, or a complex one."""
    try:
        found = argument._to_mpmath(arithmetic.bits)
    except (ValueError, TypeError, ArithmeticError):
        return None
    is_real = isinstance(found, (int, mpmath.mpf))  # SymPy's integers give Python's
    return arithmetic.m.mpf(found) if is_real and mpmath.isfinite(found) else None
