"""Mathematical signs in ASCII, for a screen that has no others."""

from __future__ import annotations

import re

from gradcli.language.notation import LOWERED

_LOWERED = LOWERED | str.maketrans("ⁿᵘᵛ", "nuv")
_RUN = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿᵘᵛ]+")
_ROOT = re.compile(r"√(\w+)")
_DERIVATIVE = re.compile(r"∂([⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_SIGNS = {
    "·": "*", "^": "**", "√(": "sqrt(", "π": "pi", "∂": "d", "≈": "~=", "≤": "<=", "≥": ">=", "≠": "!=", "Σ": "Sum",
    "∑": "Sum", "δ": "delta", "−": "-", "×": "*", "ᵀ": ".T", "∏": "Prod", "′": "'", "…": "...", "→": "->",
}  # fmt: skip


def ascii_text(text: str) -> str:
    """The same text in ASCII: x² is x**2, √x is sqrt(x), ∂²f/∂x² is d2f/dx2."""
    if text.isascii():
        return text
    text = _DERIVATIVE.sub(lambda match: "d" + match[1].translate(_LOWERED), text)
    text = re.sub(r"(/∂\w+)([⁰¹²³⁴⁵⁶⁷⁸⁹]+)(?=$|[ ,;:=\])])", lambda m: m[1] + m[2].translate(_LOWERED), text)
    text = _RUN.sub(_power, text)
    text = _ROOT.sub(r"sqrt(\1)", text)
    for sign, plain in _SIGNS.items():
        text = text.replace(sign, plain)
    return text


def _power(match: re.Match[str]) -> str:
    exponent = match[0].translate(_LOWERED)
    simple = len(exponent) == 1 or exponent.lstrip("-").isdigit()
    return f"**{exponent}" if simple else f"**({exponent})"
