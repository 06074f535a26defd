"""LaTeX: a formula for each derivative, its value at the root, and the verdict as a comment."""

from __future__ import annotations

from gradcli.implicit.data import Implicit, ImplicitPartial
from gradcli.language.latex_names import latex_decimal, latex_name
from gradcli.language.notation import Notation, derivative_sign
from gradcli.terminal.numbers import full


def latex(found: Implicit) -> str:
    """A line for each derivative; the definitions that they use come first."""
    lines = [*found.definitions_latex, *(_line(one, found) for one in found.partials)]
    return "".join(f"{line}\n" for line in lines)


def _line(one: ImplicitPartial, found: Implicit) -> str:
    sign = derivative_sign(Notation.LATEX, latex_name(one.of), [latex_name(name) for name in one.wrt])
    line = " = ".join(filter(None, (sign, one.latex)))
    if one.autograd is not None and found.at is not None:
        roots = {root.name: float(root.value) for root in found.roots}
        point = ", ".join(
            f"{latex_name(name)}={latex_decimal(full(value))}" for name, value in {**found.at, **roots}.items()
        )
        line += rf" \qquad \left.{sign}\right|_{{{point}}} = {latex_decimal(full(one.autograd))}"
    if one.verdict:
        line += f" % {one.verdict.value}" + (f": {one.kind}" if one.kind else "")
    return line
