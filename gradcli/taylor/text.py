"""The answer for a reader: the polynomial, a table of its coefficients, and how far the function is from it."""

from __future__ import annotations

import math

from gradcli.taylor.data import ESTIMATED, Taylor, TaylorTerm, is_sum_of
from gradcli.terminal.console import Screen
from gradcli.terminal.numbers import DOUBLE, figure, to_digits, with_digits
from gradcli.terminal.tables import table
from gradcli.terminal.wrap import beside, fold, prose

SHORT = 24  # characters of a rational number in the polynomial


def render(found: Taylor, screen: Screen) -> str:
    """The whole answer."""
    digits = screen.digits(DOUBLE)
    at = ", ".join(f"{name} = {figure(value, digits)}" for name, value in found.at.items())
    if not found.terms:
        word = found.status + (f": {found.kind}" if found.kind else "")
        return "\n".join(prose(f"no Taylor polynomial of order {found.order} at {at}: {word}", screen.columns, 2)
                         + prose(found.note or "", screen.columns, 2)) + "\n"  # fmt: skip
    factors = [factor_of(one, found) for one in found.terms]
    rows = [[factor or "1", to_digits(one.value, digits), one.exact or ""] for factor, one in zip(factors, found.terms)]
    headers = ["term", "coefficient", "exact"]
    if not any(row[2] for row in rows):
        headers, rows = headers[:2], [row[:2] for row in rows]
    lines = _remainder(found, screen)
    if found.note:
        lines += prose(found.note, screen.columns, 2)
    if found.status == ESTIMATED:
        lines += prose("the coefficients are estimated, not proven", screen.columns, 2)
    names = ", ".join(found.wrt)
    whole = beside(f"{found.name}({names}) ~ ", polynomial(found, factors, digits), screen.columns)
    blocks = [
        "\n".join(fold(f"at {at}", screen.columns, 2)),
        "\n".join(whole),
        table(headers, rows, screen, {}).strip("\n"),
        "\n".join(lines),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def polynomial(found: Taylor, factors: list[str], digits: int = DOUBLE) -> str:
    """The polynomial in the language itself, without the terms that are 0; what is not rational is a double."""
    said = ""
    for factor, one in zip(factors, found.terms):
        number = one.exact if one.exact and len(one.exact) <= SHORT else _double(one.value, digits)
        if number == "0":
            continue
        if is_sum_of(one) and number == one.exact and (factor or said):
            number = f"({number})"
        size, sign = number.removeprefix("-"), "-" if number.startswith("-") else "+"
        size = _times(size, factor) if factor else size
        said += f" {sign} {size}" if said else ("-" if sign == "-" else "") + size
    return said or "0"


def _double(decimals: str, digits: int) -> str:
    """The double that a program with these decimals has, as it is written shortest; what is none as it is."""
    value = float(decimals)
    return figure(value, digits) if value and math.isfinite(value) else to_digits(decimals, digits)


def _times(size: str, factor: str) -> str:
    """A coefficient without a sign, times a factor that stands before a whole denominator."""
    over, slash, under = size.rpartition("/")
    if not slash or not under.isdigit():
        return factor if size == "1" else f"{size}*{factor}"
    return (factor if over == "1" else f"{over}*{factor}") + slash + under


def factor_of(one: TaylorTerm, found: Taylor) -> str:
    """The powers of a term, such as (x - 1)**2*y; nothing for the constant one."""
    parts = []
    for name, power in zip(found.wrt, one.powers):
        place = found.at[name]
        base = name if not place else f"({name} {'-' if place > 0 else '+'} {figure(abs(place), 17)})"
        if power:
            parts.append(base if power == 1 else f"{base}**{power}")
    return "*".join(parts)


def _remainder(found: Taylor, screen: Screen) -> list[str]:
    left = found.remainder
    digits = screen.digits(DOUBLE)
    if left is None:
        return []
    ranges = ", ".join(
        f"{name} from {figure(low, digits)} to {figure(high, digits)}" for name, (low, high) in left.over.items()
    )
    if left.bound is None:
        return prose(f"{ranges}: {left.note}", screen.columns, 2)
    word = "estimated" if left.proof == ESTIMATED else "proven"
    return prose(
        f"over {ranges} the function is within {with_digits(left.bound, screen.precision)} of it ({word})",
        screen.columns,
        2,
    )
