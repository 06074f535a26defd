"""Numbers as texts."""

from __future__ import annotations

from gradcli.terminal.arrays import full


def number(value: object) -> str:
    """A double with all its digits."""
    return full(value if isinstance(value, (int, float)) else None)


def short(decimals: object) -> str:
    """A decimal number without the zeros at its end."""
    if not isinstance(decimals, str):
        return "unknown"
    mantissa, e, exponent = decimals.partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return mantissa + e + exponent
