"""Numbers with an uncertainty, as people write them: `12.1 ± 0.2`, `12.1 +- 0.2`, `12.1 +/- 0.2`, `12.1(2)`."""

from __future__ import annotations

import re
from fractions import Fraction

_APART = re.compile(r"\s*(?:±|\+/-|\+-)\s*(?P<size>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)\s*$")
_CONCISE = re.compile(
    r"(?P<number>[0-9]+(?:\.(?P<decimals>[0-9]+))?)"
    r"(?P<mark>\((?P<units>[0-9]+)\))(?P<power>[eE][-+]?[0-9]+)?\s*$"
)


def without_uncertainty(text: str) -> tuple[str, Fraction | None]:
    """A number's text with blanks where its uncertainty stood, and that uncertainty; None where there is none.

    The digits in brackets count units of the last decimal: 2.001(6) is 2.001 ± 0.006.
    """
    if match := _APART.search(text):
        return text[: match.start()] + " " * (len(text) - match.start()), Fraction(match["size"])
    if match := _CONCISE.search(text):
        unit = Fraction(10) ** (int((match["power"] or "e0")[1:]) - len(match["decimals"] or ""))
        start, end = match.span("mark")
        return text[:start] + text[end:] + " " * (end - start), int(match["units"]) * unit
    return text, None
