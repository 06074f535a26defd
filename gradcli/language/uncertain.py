"""Numbers with an uncertainty, as people write them: `12.1 ± 0.2`, `12.1 +- 0.2`, `12.1 +/- 0.2`, `12.1(2)`."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

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


class Spelled(NamedTuple):
    """What a text says of a measured number: the texts of its value and of its uncertainty, each an expression.

    size      None where no uncertainty is said
    percent   whether the size is in percent of the value
    factor    the coverage factor by which the size is to be divided: `10 ± 0.006 (k=2)`
    """

    value: str
    size: str | None = None
    percent: bool = False
    factor: Fraction = Fraction(1)


_NUMBER = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_FACTOR = re.compile(rf"\(\s*k\s*=\s*({_NUMBER})\s*\)\s*$")
_SIGNS = re.compile(r"±|\\pm|\+/-|\+-")
_SCALED = re.compile(
    r"\s*\((?P<inner>.*)\)\s*(?:[eE](?P<power>[-+]?[0-9]+)|(?:\*|×|·)\s*10\s*(?:\*\*|\^)\s*\(?(?P<ten>[-+]?[0-9]+)\)?)\s*$"
)
_BRACKETS = re.compile(
    r"(?P<number>\s*[-+]?[0-9]+(?:\.(?P<decimals>[0-9]+))?)"
    r"\((?P<size>[0-9]+(?:\.[0-9]+)?)\)(?P<power>[eE][-+]?[0-9]+)?\s*$"
)
_PERCENT = re.compile(rf"(?P<value>.*\S)\s+(?P<size>{_NUMBER})\s*%\s*$")


def spelled(text: str) -> Spelled:
    """A measured number as people write it: `1.0 ± 0.2`, `1.0+-0.2`, `1.2345(67)`, `1.2(3)e-4`, `5.0 1 %`, `2 ± 5%`.

    In brackets are units of the last decimal, or, with a point, the uncertainty itself: 2.001(0.006). What follows
    a sign may be an expression, `± 0.05/sqrt(3)`. Blanks stand where something
    was taken out, so that places stay the same.
    """
    factor = Fraction(1)
    if match := _FACTOR.search(text):
        factor, text = Fraction(match[1]), text[: match.start()]
    if (match := _SCALED.match(text)) and _SIGNS.search(match["inner"]):
        inner = spelled(match["inner"])
        scale = f"*1e{match['power'] or match['ten']}"
        size = inner.size if inner.percent or inner.size is None else f"({inner.size}){scale}"
        return Spelled(f"({inner.value}){scale}", size, inner.percent, factor)
    signs = list(_SIGNS.finditer(text))
    if signs:
        sign = signs[-1]
        size = " " * sign.end() + text[sign.end() :].rstrip()
        is_percent = size.endswith("%")
        return Spelled(
            text[: sign.start()], size.removesuffix("%").rstrip() if is_percent else size, is_percent, factor
        )
    if match := _BRACKETS.match(text):
        power = match["power"] or ""
        unit = "" if "." in match["size"] else f"e-{len(match['decimals'] or '')}"
        size = f"{match['size']}{unit}" + (f"*1{power}" if power else "")
        return Spelled(match["number"] + power, size, False, factor)
    if match := _PERCENT.match(text):
        return Spelled(match["value"], " " * match.start("size") + match["size"], True, factor)
    return Spelled(text, None, False, factor)
