"""LaTeX: a formula for each partial, its value at the point, and the verdict as a comment."""

from __future__ import annotations

import math
from typing import Any

from gradcli.diff.data import Partial, Result
from gradcli.diff.names import PartialNames
from gradcli.diff.quotient_data import paired
from gradcli.diff.quotient_text import latex_table
from gradcli.language.latex_names import indexed, latex_decimal, latex_name
from gradcli.language.notation import Index, Notation, derivative_sign
from gradcli.terminal.arrays import is_tensor, shape_of
from gradcli.terminal.numbers import full, short

__all__ = ["latex", "latex_name"]

MOST = 10  # rows or columns of a matrix of numbers


def latex(result: Result, summary: bool = False) -> str:
    """A line for each partial: its formula, its value at the point, and the verdict as a comment.

    The definitions that they use come first. A second line has the formula for a whole tensor, where there is one; a
    summary leaves out matrices of numbers.
    """
    names = PartialNames(result)
    lines = list(result.definitions_latex)
    for partial in result.partials:
        lines.append(_line(partial, result, names, summary))
        if partial.matrix_latex:
            lines.append(f"{_fraction(partial, names, ())} = {partial.matrix_latex}")
    for table, partial in paired(result):
        lines += latex_table(table, _fraction(partial, names, ()))
    return "".join(f"{line}\n" for line in lines)


def display(result: Result) -> str:
    """The formulas of all partials, as one piece of a document."""
    names = PartialNames(result)
    lines = [*result.definitions_latex]
    lines += [f"{_fraction(one, names, one.indices)} &= {one.latex}" for one in result.partials if one.latex]
    body = " \\\\\n".join(lines)
    return f"$$\\begin{{aligned}}\n{body}\n\\end{{aligned}}$$"


def _line(partial: Partial, result: Result, names: PartialNames, summary: bool) -> str:
    sides = [_fraction(partial, names, partial.indices)]
    if partial.latex:
        sides.append(partial.latex)
    line = " = ".join(sides)
    if partial.latex and partial.sizes:
        line += r", \quad " + ", ".join(f"{latex_name(name)} = {size}" for name, size in partial.sizes.items())
    numbers = None if summary and partial.is_tensor else _numbers(partial.autograd)
    if partial.autograd is None and isinstance(partial.reference, str):
        numbers = latex_decimal(short(partial.reference))
    if numbers is not None and result.at is not None:
        whole = _fraction(partial, names, ())
        point = ", ".join(
            f"{latex_name(name)}={latex_decimal(full(value))}"
            for name, value in result.at.items()
            if isinstance(value, float)
        )
        line += r" \qquad " + (rf"\left.{whole}\right|_{{{point}}}" if point else whole) + f" = {numbers}"
    line += _sensitivities(partial, result, names, summary)
    if partial.verdict:
        line += f" % {partial.verdict.value}" + (f": {partial.kind}" if partial.kind else "")
    return line


def _sensitivities(partial: Partial, result: Result, names: PartialNames, summary: bool) -> str:
    """The elasticity, and the derivative for a change of the variables, where they were asked for."""
    if summary and partial.is_tensor:
        return ""
    whole, line = _fraction(partial, names, ()), ""
    elasticity, scaled = _numbers(partial.elasticity), _numbers(partial.scaled)
    if elasticity is not None:
        output, _ = names.split(partial, ())
        below = _index(latex_name(names.function), output)
        by = rf"\frac{{{latex_name(partial.wrt[0])}}}{{{below}}}"
        line += rf" \qquad {by} {whole} = {elasticity}"
    if scaled is not None and result.scale:
        factor = math.prod(result.scale.get(name, 1.0) for name in partial.wrt)
        line += rf" \qquad {latex_decimal(full(factor))} \cdot {whole} = {scaled}"
    return line


def _numbers(value: Any) -> str | None:
    """A number, or a small matrix of them, a vector as a column; None where there is nothing to show."""
    if isinstance(value, float):
        return latex_decimal(full(value))
    shape = shape_of(value)
    if not is_tensor(value) or len(shape) > 2 or not all(0 < size <= MOST for size in shape):
        return None
    rows = value if len(shape) == 2 else [[entry] for entry in value]
    body = r" \\ ".join(" & ".join(latex_decimal(full(entry)) for entry in row) for row in rows)
    return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"


def _fraction(partial: Partial, names: PartialNames, index: Index) -> str:
    """The partial as a fraction, with indices on the output and the variables; a product with a vector by its name."""
    output, variables = names.split(partial, index)
    if names.product == "jvp":
        return _index(r"\left(J v\right)" if output else "J v", output)
    if names.product == "vjp":
        below = r",\, ".join(_index(latex_name(name), one) for name, one in zip(partial.wrt, variables))
        return rf"\left(v^{{\top}} J\right)_{{{below}}}"
    by = [_index(latex_name(name), one) for name, one in zip(partial.wrt, variables)]
    return derivative_sign(Notation.LATEX, _index(latex_name(names.function), output), by)


def _index(shown: str, index: Index) -> str:
    return indexed(shown, [str(one) for one in index])
