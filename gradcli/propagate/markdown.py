"""Markdown: each result and its budget as a table."""

from __future__ import annotations

from gradcli.propagate.data import PropagatedOutput, Propagation
from gradcli.propagate.rounding import figures
from gradcli.propagate.text import ends
from gradcli.terminal.numbers import brief


def markdown(found: Propagation) -> str:
    """All outputs."""
    return "\n".join("".join(f"{line}\n" for line in _output(one, found)) for one in found.outputs)


def _output(one: PropagatedOutput, found: Propagation) -> list[str]:
    inputs = {each.name: each for each in found.inputs}
    lines = [f"**{one.name} = {one.rounded}**", ""]
    if one.budget:
        lines += ["| input | value | u | sensitivity | formula | share |", "|---|---:|---:|---:|---|---:|"]
    for line in one.budget:
        value, size = figures(inputs[line.name].value, inputs[line.name].u)
        formula = f"`{line.formula}`".replace("|", r"\|") if line.formula else ""
        lines.append(
            f"| `{line.name}` | {value} | {size} | {brief(line.sensitivity)} | {formula} | {line.share:.1f} % |"
        )
    if one.correlations_share:
        lines.append(f"| correlations | | | | | {one.correlations_share:.1f} % |")
    if one.budget:
        lines.append("")
    if one.low is not None and one.high is not None:
        lines.append(f"- {found.coverage:g} % interval, linear: {ends(one.low, one.high, one.u)}, k = {one.factor:.3g}")
    if one.monte_carlo is not None:
        spread = one.monte_carlo
        lines.append(
            f"- {found.coverage:g} % interval, Monte Carlo: {ends(spread.low, spread.high, one.u or spread.u)}"
        )
    return [*lines, f"- {one.verdict.value} ({one.reason})"]
