"""LaTeX: aligned equations, a line for each statement."""

from __future__ import annotations

import re

from gradcli.code.data import Straight
from gradcli.code.languages.language import Language, leaves
from gradcli.functions import table
from gradcli.language.latex_names import latex_name
from gradcli.language.latex_style import LATEX
from gradcli.language.nodes import Node
from gradcli.language.notation import Notation, derivative_sign
from gradcli.language.printer import Printer
from gradcli.language.style import PRODUCT

WORDS_OF_LATEX = {row.name: row.name for row in table.ROWS if row.shape is None}


def frame(program: Straight, printer: Printer) -> str:
    """Equations: the statements, the value, its derivatives."""
    name = latex_name(program.name)
    equations = [(latex_name(one.name), printer.of(one.value)) for one in program.statements]
    values = leaves(program.results["value"])
    for place, node in enumerate(values, 1):
        equations.append((_entry(name, place, values), _text(node, printer)))
    by = [latex_name(one) for one in program.by]
    for place, node in enumerate(leaves(program.results.get("gradient", ()))):
        equations.append((derivative_sign(Notation.LATEX, name, [by[place]]), _text(node, printer)))
    rows = program.results.get("hessian", ())
    for i, row in enumerate(rows if isinstance(rows, tuple) else ()):
        for j, node in enumerate(leaves(row)[i:], i):
            equations.append((derivative_sign(Notation.LATEX, name, [by[i], by[j]]), _text(node, printer)))
    rows = program.results.get("jacobian", ())
    for i, row in enumerate(rows if isinstance(rows, tuple) else (), 1):
        for one, node in zip(by, leaves(row)):
            equations.append((derivative_sign(Notation.LATEX, _entry(name, i, values), [one]), _text(node, printer)))
    lines = [rf"{left} &= {right} \\" for left, right in equations if left != right]
    remarks = [f"% {line}".rstrip() for line in program.remarks]
    return "\n".join([*remarks, r"\begin{aligned}", *lines, r"\end{aligned}"]) + "\n"


def _entry(name: str, place: int, values: list[object]) -> str:
    return name if len(values) == 1 else f"{name}_{{{place}}}"


def _text(node: object, printer: Printer) -> str:
    one: Node = node  # type: ignore[assignment]
    return printer.of(one)


LANGUAGE = Language(
    name="latex",
    words=WORDS_OF_LATEX,
    style=LATEX._replace(forms={**LATEX.forms, "pos": lambda node, _: [(node.args[0], PRODUCT)]}),
    frame=frame,
    reserved=frozenset(),
    legal=re.compile(r"[^\W\d]\w*"),
)
