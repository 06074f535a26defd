"""The answer for a reader: each result, its budget, both intervals, the formula, and the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gradcli.propagate.data import PropagatedOutput, Propagation
from gradcli.propagate.rounding import figures, last_place
from gradcli.terminal.console import PAGE, Screen
from gradcli.terminal.numbers import SIGNIFICANT, brief
from gradcli.terminal.tables import listed
from gradcli.terminal.wrap import beside, fold, prose

GAP = "  "
FEW = 4  # digits of a covariance


def render(found: Propagation, screen: Screen = PAGE, quiet: bool = False) -> str:
    """The whole answer; with `quiet` the results and budgets alone."""
    blocks = [_output(one, found, screen, quiet) for one in found.outputs]
    if len(found.outputs) > 1 and found.output_correlation:
        blocks.append(_matrix(found, screen))
    if not quiet and found.definitions:
        blocks.insert(0, [line for one in found.definitions for line in fold(one, screen.columns, 4)])
    text = "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks) + "\n"
    return text if screen.unicode else text.replace("±", "+-").replace("∂", "d")


def _output(one: PropagatedOutput, found: Propagation, screen: Screen, quiet: bool) -> list[str]:
    width = screen.columns
    lines = prose(f"{one.name} = {one.rounded}" + _relative(one), width, 2)
    if one.budget:
        lines += ["", *_budget(one, found, screen)]
    lines += ["", *_intervals(one, found, width)]
    if quiet:
        return lines
    if one.formula:
        lines += ["", *beside(f"u_{one.name} = ", one.formula, width)]
    verdict = f"{one.verdict.value} ({one.reason})"
    return [*lines, "", *prose(verdict, width, 2)]


def _relative(one: PropagatedOutput) -> str:
    if one.u is None or not one.value or not one.u:
        return ""
    part = 100 * one.u / abs(one.value)
    return f"   ({part:.2g} %)" if part < 99.5 else f"   ({brief(float(f'{part:.2g}'))} %)"


def _budget(one: PropagatedOutput, found: Propagation, screen: Screen) -> list[str]:
    width, digits = screen.columns, screen.digits(SIGNIFICANT)
    inputs = {each.name: each for each in found.inputs}
    rows = [["", "value", "u", "sensitivity", "|c|*u", "share", "formula"]]
    for line in one.budget:
        value, size = figures(inputs[line.name].value, inputs[line.name].u)
        rows.append([
            line.name, value, size, brief(line.sensitivity, digits), f"{line.part:.2g}", f"{line.share:.1f} %",
            line.formula or "(no formula)",
        ])  # fmt: skip
    if one.correlations_share:
        rows.append(["correlations", "", "", "", "", f"{one.correlations_share:.1f} %", ""])
    shown = table(rows)
    if max(map(len, shown)) <= width:
        return shown
    below = [f"∂{one.name}/∂{row[0]} = " for row in rows[1 : 1 + len(one.budget)]]
    lines = [*_fitting([row[:-1] for row in rows], screen), ""]
    for head, row in zip(below, rows[1:]):
        lines += beside(head, row[-1], width)
    return lines


def _fitting(rows: Sequence[Sequence[str]], screen: Screen) -> list[str]:
    """A table, or its rows as lists where that is too wide."""
    lines = table(rows)
    if max(map(len, lines)) <= screen.columns:
        return lines
    return listed(rows[0], rows[1:], replace(screen, color=False)).splitlines()


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Cells below each other: the first and the last column to the left, the others by their right ends."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    last = len(widths) - 1 if len(widths) == 7 else -1
    return [
        GAP.join(
            cell.ljust(size) if i in (0, last) else cell.rjust(size) for i, (cell, size) in enumerate(zip(row, widths))
        )
        for row in rows
    ]


def ends(low: float, high: float, u: float | None) -> str:
    """An interval, to the place of its uncertainty."""
    if not u:
        return f"[{brief(low)}, {brief(high)}]"
    place = last_place(u)
    if -12 < place <= 0:
        return f"[{low:.{-place}f}, {high:.{-place}f}]"
    return f"[{brief(low)}, {brief(high)}]"


def _intervals(one: PropagatedOutput, found: Propagation, width: int) -> list[str]:
    level = f"{found.coverage:g} %"
    rows = []
    if one.u is not None and one.low is not None and one.high is not None:
        dof = "" if one.dof is None else f", {one.dof:.3g} degrees of freedom"
        rows.append(["linear", ends(one.low, one.high, one.u), f"u = {one.u:.2g}, k = {one.factor:.3g}{dof}"])
    if one.second_u is not None and one.bias is not None:
        rows.append(["next order", "", f"u = {one.second_u:.2g}, mean {one.bias:+.2g}"])
    if one.monte_carlo is not None:
        spread = one.monte_carlo
        scale = min(filter(None, (one.u, spread.u)), default=None)
        said = f"u = {spread.u:.2g}, mean {spread.mean - one.value:+.2g}, {found.samples:,} samples, seed {found.seed}"
        rows.append(["Monte Carlo", ends(spread.low, spread.high, scale), said])
        if spread.without_value:
            rows.append(["", "", f"{spread.without_value:.2%} of them without a value"])
    if not rows:
        return []
    widths = [max(len(row[i]) for row in rows) for i in range(2)]
    head = [level + " interval"]
    lines = [f"  {a.ljust(widths[0])}  {b.ljust(widths[1])}  {c}" for a, b, c in rows]
    if max(map(len, lines)) <= width:
        return head + lines
    return head + [
        line
        for name, *cells in rows
        for line in ([f"  {name}"] if name else [])
        + [f for cell in cells if cell for f in prose(f"    {cell}", width, 6)]
    ]


def _matrix(found: Propagation, screen: Screen) -> list[str]:
    names = [one.name for one in found.outputs]
    rows = [["correlation", *names]]
    rows += [[name, *(f"{r:.3f}" for r in row)] for name, row in zip(names, found.output_correlation)]
    more = [["covariance", *names]]
    more += [[name, *(brief(one, screen.digits(FEW)) for one in row)] for name, row in zip(names, found.covariance)]
    whole = table([*rows, ["covariance", *[""] * len(names)], *more[1:]])
    return whole if max(map(len, whole)) <= screen.columns else [*_fitting(rows, screen), *_fitting(more, screen)]
