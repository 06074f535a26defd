"""The answer for a reader: a table of the points, the extremes, and what could not be told."""

from __future__ import annotations

from collections.abc import Mapping

from gradcli.extrema.data import (
    INFLECTION,
    MAXIMUM,
    MINIMUM,
    STATIONARY,
    UNDECIDED,
    BoxPart,
    Extrema,
    ExtremePoint,
    ExtremeValue,
)
from gradcli.reference.verdict import Verdict
from gradcli.terminal.console import AMBER, Screen
from gradcli.terminal.numbers import DOUBLE, SIGNIFICANT, brief, figure, to_digits
from gradcli.terminal.tables import table
from gradcli.terminal.wrap import fold, prose

STYLES = {MINIMUM: "green", MAXIMUM: "green", UNDECIDED: AMBER}
ALL = "These are all points at which the gradient is zero or does not exist: elsewhere it is proven not to be zero."
NEARLY = (
    "These are all points at which the gradient is zero or does not exist, but for what lies within 2^-50 of a "
    "nonsmooth point (of its size, or 2^-60 of the range), which is not searched: "
    "elsewhere the gradient is proven not to be zero."
)
OF_TWO = (
    "These are all stationary points, and all nonsmooth ones that may be extreme: "
    "elsewhere a partial derivative is proven not to be zero."
)
ABOUT = "about 0: the enclosure of the value contains 0, and more."
ROUNDING = "0, up to rounding"
SHOWN = 10  # parts that could not be told


def render(found: Extrema, screen: Screen) -> str:
    """The whole answer."""
    digits = screen.digits(DOUBLE)
    blocks = [_head(found, screen)]
    if found.points:
        names = list(found.over)
        headers = [*names, found.name, "what", "where", "", "proven"]
        rows = [_row(one, names, screen.digits(DOUBLE)) for one in found.points]
        if not any(row[-2] for row in rows):
            headers, rows = [*headers[:-2], headers[-1]], [[*row[:-2], row[-1]] for row in rows]
        column = len(names) + 1
        styles = {(i, column): STYLES[one.kind] for i, one in enumerate(found.points) if one.kind in STYLES}
        blocks.append(table(headers, rows, screen, styles))
    asked = [one for one in found.points if one.sources]
    if asked:
        blocks.append(_sources(asked, list(found.over), screen))
    lines = [_extreme(word, one, digits) for word, one in (("least", found.least), ("greatest", found.greatest))]
    lines += [_part(one) for one in found.flat]
    lines += [f"could not be told: {_part(one)}" for one in found.unresolved[:SHOWN]]
    if len(found.unresolved) > SHOWN:
        lines.append(f"... and {len(found.unresolved) - SHOWN} more")
    if any(_value(one) == "about 0" for one in found.points):
        lines.append(ABOUT)
    if not found.unresolved:
        said = NEARLY if found.skipped else ALL
        if len(found.over) > 1 and any(one.slopes for one in found.points):
            said = OF_TWO
        constant = any(one.what == "constant" for one in found.flat)
        lines.append(said.replace("elsewhere", "outside the constant stretches") if constant else said)
    blocks.append("\n".join(line for one in lines for line in prose(one, screen.columns, 2)))
    return "\n\n".join(block.strip("\n") for block in blocks) + "\n"


def _sources(points: list[ExtremePoint], names: list[str], screen: Screen) -> str:
    """A table of the slopes at the doubles next to the stationary points."""
    headers = [
        "at",
        *(["by"] if len(names) > 1 else []),
        "autograd",
        "by formula",
        "true slope",
        "digits",
        "verdict",
    ]
    rows, some = [], screen.digits(SIGNIFICANT)
    for one in points:
        for k, here in enumerate(one.sources):
            place = ", ".join(f"{name} = {figure(x, some)}" for name, x in here.at.items()) if k == 0 else ""
            value = "" if here.symbolic_value is None else brief(here.symbolic_value, some)
            true = "" if here.reference is None else to_digits(here.reference, some)
            digits = "" if here.digits is None else f"{here.digits:.1f}"
            by = [here.wrt] if len(names) > 1 else []
            is_noise = here.digits is None and here.verdict is Verdict.AGREE  # which another processor has otherwise
            number = ROUNDING if is_noise else brief(here.autograd, some)
            rows.append([place, *by, number, value, true, digits, here.verdict.value])
    what = "slope" if len(names) == 1 else "gradient"
    said = fold(f"the {what} at the doubles next to them, from three sources:", screen.columns, 2)
    return "\n".join([*said, table(headers, rows, screen)])


def _head(found: Extrema, screen: Screen) -> str:
    digits = screen.digits(DOUBLE)
    ranges = ", ".join(
        f"{name} from {figure(low, digits)} to {figure(high, digits)}" for name, (low, high) in found.over.items()
    )
    at = ", ".join(f"{name} = {figure(value, digits)}" for name, value in found.at.items() if isinstance(value, float))
    return "\n".join(fold(f"{found.name} over {ranges}" + (f", at {at}" if at else ""), screen.columns, 2))


def _row(one: ExtremePoint, names: list[str], digits: int) -> list[str]:
    proven = "yes" if one.proven else "no: likely"
    where = {"stationary": "slope 0" if len(names) == 1 else "gradient 0", "border": "along the border"}.get(
        one.place, one.place
    )
    if one.kind == INFLECTION and one.place == STATIONARY:
        where = "second derivative 0"
    return [*(to_digits(one.at[name], digits) for name in names), _value(one, digits), one.kind,
            where, one.slopes or "", proven]  # fmt: skip


def _value(one: ExtremePoint, digits: int = DOUBLE) -> str:
    if one.value is not None:
        return to_digits(one.value, digits)
    return "" if (one.slopes or "").startswith(("pole", "hole", "edge:")) else "about 0"


def _extreme(word: str, one: ExtremeValue, digits: int) -> str:
    if one.value is None:
        return one.note or f"no {word} value could be told"
    places = " and ".join(_place(at, digits) for at in one.at[:4]) + (" and elsewhere" if len(one.at) > 4 else "")
    return f"{word}: {to_digits(one.value, digits)} at {places}" + (f" ({one.note})" if one.note else "")


def _place(at: Mapping[str, str], digits: int) -> str:
    return ", ".join(f"{name} = {to_digits(value, digits)}" for name, value in at.items())


def _part(one: BoxPart) -> str:
    where = ", ".join(f"{name} from {one.start[name]:.6g} to {one.stop[name]:.6g}" for name in one.start)
    return f"{where}: {one.what}"
