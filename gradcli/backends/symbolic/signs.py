"""Formulas of variables whose sign is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy

from gradcli.backends.symbolic.build import symbol


def with_signs(expression: Any, signs: Mapping[str, int]) -> Any:
    """A formula as it is where variables are positive (1) or negative (-1): sqrt(x**2) is x."""
    known = {
        symbol(name): sympy.Dummy(name, real=True, positive=sign > 0, negative=sign < 0)
        for name, sign in signs.items()
        if sign
    }
    return expression.xreplace(known).xreplace({new: old for old, new in known.items()}) if known else expression
