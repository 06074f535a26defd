"""The answer for a reader: the digits drawn, where they are lost, what is special, and what to write instead."""

from __future__ import annotations

import math
from collections.abc import Mapping

from gradcli.audit.curves import column_name
from gradcli.audit.data import (
    LOSES,
    NO_VALUE,
    OVERFLOW,
    SENSITIVE,
    TRUSTED,
    UNDERFLOW,
    Audit,
    AuditPlace,
    BetterProgram,
    LossStretch,
)
from gradcli.audit.terminal import drawing
from gradcli.terminal.console import Screen
from gradcli.terminal.numbers import SIGNIFICANT, figure, to_digits
from gradcli.terminal.tables import table, width
from gradcli.terminal.wrap import fold, prose

FEW = 4  # digits of an end of a stretch
MOST_OPERATION, LEAST = 44, 16  # characters of what loses the digits, in the table
SHOWN_PLACES = 12
SAID = {
    "oscillating": "{} oscillates",
    "edge": "the domain of {} ends",
    "undecided": "a place of {} that could not be told",
}


def render(found: Audit, screen: Screen) -> str:
    """The whole answer."""
    blocks = [_head(found, screen)]
    if found.verdict != NO_VALUE:
        blocks.append(drawing(found, screen))
    if found.stretches:
        blocks.append(_stretches(found, screen))
        reason = next((one for one in found.stretches if one.reason), None)
        if reason is not None:
            blocks.append(_lines(f"At {_place(reason.at, screen.digits(SIGNIFICANT))} {reason.reason}.", screen))
    if found.places:
        said = [_special(found, one, screen) for one in found.places[:SHOWN_PLACES]]
        if len(found.places) > SHOWN_PLACES:
            said.append(f"... and {len(found.places) - SHOWN_PLACES} more")
        blocks.append("\n".join(_lines(line, screen) for line in said))
    if found.better is not None:
        blocks.append(_better(found, found.better, screen))
    blocks.append(_lines(_verdict(found), screen))
    return "\n\n".join(block.strip("\n") for block in blocks) + "\n"


def _lines(text: str, screen: Screen) -> str:
    return "\n".join(prose(text, screen.columns, 2))


def _head(found: Audit, screen: Screen) -> str:
    some = screen.digits(SIGNIFICANT)
    ranges = ", ".join(f"{one.name} from {figure(one.start, some)} to {figure(one.stop, some)}" for one in found.axes)
    at = ", ".join(
        f"{name} = {figure(value, screen.digits(17))}" for name, value in found.at.items() if isinstance(value, float)
    )
    text = f"{found.name} over {ranges}{f', at {at}' if at else ''}: {len(found.samples):,} points, {found.dtype}"
    return _lines(text, screen)


def _stretches(found: Audit, screen: Screen) -> str:
    columns = {column.name: column_name(found, column, screen.unicode) for column in found.columns}
    if len(found.axes) == 1:
        (axis,) = found.axes
        headers = ["fewer digits", "from", f"to {axis.name}", "kept"]
        rows = [[columns[one.column], *_ends(one.start[axis.name], one.stop[axis.name], screen.digits(FEW)), _kept(one)]
                for one in found.stretches]  # fmt: skip
    else:
        headers = ["fewer digits", "points", "kept"]
        rows = [[columns[one.column], f"{100 * (one.share or 0):.0f}%", _kept(one)] for one in found.stretches]
        places = [_place(one.at, screen.digits(3)) for one in found.stretches]
        if width([*headers, "worst at"], [[*row, place] for row, place in zip(rows, places)]) < screen.columns - LEAST:
            headers, rows = [*headers, "worst at"], [[*row, place] for row, place in zip(rows, places)]
    room = min(MOST_OPERATION, max(LEAST, screen.columns - width(headers, rows) - 1))
    rows = [[*row, _lost(one, room)] for row, one in zip(rows, found.stretches)]
    styles = {(i, headers.index("kept")): "red" for i in range(len(rows))}
    return table([*headers, "lost in"], rows, screen, styles)


def _kept(one: LossStretch) -> str:
    return f"{one.digits:.1f}"


def _ends(start: float, stop: float, least: int) -> tuple[str, str]:
    """The ends of a stretch, with as many digits as tell them apart."""
    size, gap = max(abs(start), abs(stop)), stop - start
    digits = least if gap <= 0 else min(17, max(least, 2 + math.ceil(math.log10(size / gap))))
    return figure(start, digits), figure(stop, digits)


def _lost(one: LossStretch, room: int) -> str:
    """The operation, as far as there is room; with a star where the inputs' rounding costs as much."""
    said = (one.operation or "").removeprefix("the ").replace("in the sum of what flows back to", "the sum at")
    room -= one.sensitive
    said = said if len(said) <= room else said[: room - 3] + "..."
    return f"{said or 'the inputs'}*" if one.sensitive else said


def _place(at: Mapping[str, float], digits: int) -> str:
    return ", ".join(f"{name} = {figure(value, digits)}" for name, value in at.items())


def _special(found: Audit, one: AuditPlace, screen: Screen) -> str:
    digits = screen.digits(17)
    others = "".join(
        f", {name} = {figure(value, screen.digits(SIGNIFICANT))}" for name, value in (one.at or {}).items()
    )
    x = f"{one.along or found.axes[0].name} = {figure(one.x, digits)}{others}"
    if one.kind in (OVERFLOW, UNDERFLOW):
        beyond = "overflows" if one.kind == OVERFLOW else "is below the normal numbers of"
        side = "from" if one.side == "right" else "up to"
        return f"{side} {x}: {one.what} {beyond} {found.dtype}"
    limits = []
    if one.value is not None:
        limits.append(f"{one.what} tends to {to_digits(one.value, min(digits, 16))}")
    if one.slope is not None:
        limits.append(f"its derivative to {to_digits(one.slope, min(digits, 16))}")
    said = f"; {' and '.join(limits)}" if limits else ""
    what = SAID.get(one.kind, f"{one.kind} of {{}}").format(found.name)
    return f"{x}: {what}{said}"


def _better(found: Audit, one: BetterProgram, screen: Screen) -> str:
    names = {column.name: column_name(found, column, screen.unicode) for column in found.columns}
    lines = ["Write instead:", *(f"  {line}" for line in fold(one.program, screen.columns - 2, 4))]
    headers = ["digits kept", "before", "after", "on average", "after"]
    rows = [[names[each.name], f"{each.worst_before:.1f}", f"{each.worst_after:.1f}", f"{each.mean_before:.1f}",
             f"{each.mean_after:.1f}"] for each in one.columns]  # fmt: skip
    lines += table(headers, rows, screen).rstrip("\n").split("\n")
    return "\n".join([*lines, _lines(one.verified, screen)])


def _verdict(found: Audit) -> str:
    least = f"{found.min_digits:.4g}".rstrip("0").rstrip(".")
    if found.verdict == TRUSTED:
        if found.stretches:
            return f"trusted: {found.name} and autograd keep at least {least} digits at every point that was looked at"
        return f"trusted: at least {least} digits at every point that was looked at"
    if found.verdict == SENSITIVE:
        return (f"trusted: where fewer than {least} digits are kept (*), the last digit of an input makes as much of a "
                "difference")  # fmt: skip
    if found.verdict == LOSES:
        starred = any(one.sensitive for one in found.stretches)
        more = "; *: the last digit of an input makes as much of a difference there" if starred else ""
        return f"loses digits: fewer than {least} are kept on the stretches above{more}"
    if found.verdict == NO_VALUE:
        return f"no value: {found.name} has none at any point that was looked at"
    return f"undecided: the reference cannot tell at {found.undecided:,} of {len(found.samples):,} points"
