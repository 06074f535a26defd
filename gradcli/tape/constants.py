"""How large the constants of a program come out, before anybody computes them."""

from __future__ import annotations

import math


def size_of_constant(name: str, values: list[float]) -> tuple[float, float | None]:
    """The digits that a constant operation gives its result, and the result roughly where it is known."""
    x = values[0]
    try:
        if name == "**":
            digits = values[1] * math.log10(abs(x)) if x else 0.0
            return digits, float(x ** values[1]) if not isinstance(x ** values[1], complex) else None
        if name == "factorial":
            return (x * math.log10(x / math.e) if x > 3 else 1.0), math.gamma(x + 1)
        simple = {"+": lambda: x + values[1], "-": lambda: x - values[1], "*": lambda: x * values[1]}
        simple |= {"/": lambda: x / values[1], "neg": lambda: -x, "pos": lambda: x}
        return 0.0, simple[name]() if name in simple else None
    except OverflowError:
        return digits if name == "**" else x * math.log10(x), math.inf
    except (ValueError, ZeroDivisionError):
        return 0.0, None
