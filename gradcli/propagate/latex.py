"""LaTeX: each result, the formula of its uncertainty, and its budget as a table."""

from __future__ import annotations

from gradcli.language.latex_names import latex_decimal, latex_name
from gradcli.propagate.data import PropagatedOutput, Propagation
from gradcli.propagate.rounding import figures
from gradcli.terminal.numbers import brief


def latex(found: Propagation) -> str:
    """All outputs, the verdict of each as a comment."""
    lines = [*found.definitions_latex]
    for one in found.outputs:
        lines += [*_result(one), *_budget(one, found)]
    return "".join(f"{line}\n" for line in lines)


def _result(one: PropagatedOutput) -> list[str]:
    name = latex_name(one.name)
    value, size = figures(one.value, one.u)
    shown = rf"{latex_decimal(value)} \pm {latex_decimal(size)}" if one.u is not None else latex_decimal(value)
    lines = [rf"\[ {name} = {shown} \] % {one.verdict.value}"]
    if one.latex:
        lines.append(rf"\[ u_{{{name}}} = {one.latex} \]")
    return lines


def _budget(one: PropagatedOutput, found: Propagation) -> list[str]:
    if not one.budget:
        return []
    inputs = {each.name: each for each in found.inputs}
    lines = [r"\begin{tabular}{lrrlrr}", r"input & value & $u$ & sensitivity & $|c|\,u$ & share \\ \hline"]
    for line in one.budget:
        value, size = figures(inputs[line.name].value, inputs[line.name].u)
        formula = f"{line.latex} = " if line.latex else ""
        cells = [
            f"${latex_name(line.name)}$", f"${latex_decimal(value)}$", f"${latex_decimal(size)}$",
            f"${formula}{latex_decimal(brief(line.sensitivity))}$", f"${latex_decimal(f'{line.part:.2g}')}$",
            rf"{line.share:.1f}\,\%",
        ]  # fmt: skip
        lines.append(" & ".join(cells) + r" \\")
    if one.correlations_share:
        lines.append(rf"correlations & & & & & {one.correlations_share:.1f}\,\% \\")
    return [*lines, r"\end{tabular}"]
