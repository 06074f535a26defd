"""A tensor of derivatives: its formula, autograd's numbers as a matrix or in one line, and the verdict on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradcli.diff.data import Partial, Result, Verdict
from gradcli.diff.names import PartialNames
from gradcli.diff.sensitivity_text import tensor_lines
from gradcli.diff.sentences import entries
from gradcli.diff.verdicts import STYLES, Line, of_tensor
from gradcli.terminal.arrays import by, given, is_tensor, shape_of, summary
from gradcli.terminal.console import Screen
from gradcli.terminal.matrix import Spelling, small, tensor
from gradcli.terminal.readable import judged, readable
from gradcli.terminal.wrap import beside, clauses, fold

INDENT = 2
LABEL = "autograd: "


def value(result: Result, screen: Screen) -> list[str]:
    """The value, where it was taken, and the vector of a product."""
    width, precision = screen.columns, screen.precision
    at = ", ".join(given(name, one, precision) for name, one in (result.at or {}).items())
    tail = (f"   at {at}" if at else "") + (f"   in {result.dtype}" if result.dtype != "float64" else "")
    if not is_tensor(result.value):
        number = judged(result.value, result.value_verdict, result.value_digits, precision)
        lines = fold(f"{result.name} = {number}{_imaginary(result.value_imaginary, precision)}{tail}", width)
    else:
        spell = _spelling(result.value_verdict, result.value_digits, precision)
        lines = _labelled(f"{result.name} = ", result.value, width, screen.unicode, spell)
        if len(lines) == 1 and len(lines[0] + tail) <= width:
            lines = [lines[0] + tail]
        elif tail:
            lines += beside("", tail.strip(), width)
    if result.product:
        lines += beside("v: ", _direction(result, precision), width)
    return lines


def _imaginary(part: float | None, precision: int | None) -> str:
    """The imaginary part of a value, where there is one."""
    if part is None:
        return ""
    return f" - {readable(-part, precision)}i" if part < 0 else f" + {readable(part, precision)}i"


def _direction(result: Result, precision: int | None) -> str:
    direction = result.direction
    if not isinstance(direction, Mapping):
        return given("", direction, precision).removeprefix(" = ").removeprefix(": ")
    return ", ".join(given(name, one, precision) for name, one in direction.items())


def block(partial: Partial, result: Result, names: PartialNames, screen: Screen, quiet: bool = False) -> list[Line]:
    """Everything about one tensor of derivatives; with `quiet` without the sentences."""
    width = screen.columns
    lines: list[Line] = [(line, "") for line in _formula(partial, names, width)]
    if partial.matrix:
        lines += [(line, "") for line in beside("matrix form: ", partial.matrix, width)]
    if is_tensor(partial.autograd):
        column = 0 < names.output_rank(partial) == len(partial.shape) and result.product is None
        spell = _spelling(partial.verdict, partial.digits, screen.precision)
        if partial.structure and not small(partial.shape):
            lines += [(line, "") for line in _structured(partial, width)]
        else:
            lines += [(line, "") for line in _labelled(LABEL, partial.autograd, width, names.unicode, spell, column)]
    for label, array in tensor_lines(partial):
        spell = _spelling(None, None, screen.precision)
        lines += [(line, "") for line in _labelled(label, array, width, names.unicode, spell)]
    if partial.verdict:
        style = STYLES[partial.verdict]
        lines += [(line, style) for line in clauses(of_tensor(partial), width, INDENT)]
    if not quiet:
        for sentence in entries(partial, result, screen.precision):
            lines += [(" " * INDENT + line, "") for line in clauses(sentence, width - INDENT, INDENT)]
    return lines


def _structured(partial: Partial, width: int) -> list[str]:
    """Of a Jacobian that is mostly 0 by the operations of the program what is in it else."""
    where = "diagonal" if partial.structure == "diagonal" else "one-hot columns"
    head = f"{LABEL}{by(partial.shape)}, {where}: "
    return beside(head, summary(partial.nonzero, shape_of(partial.nonzero)), width)


def _formula(partial: Partial, names: PartialNames, width: int) -> list[str]:
    """The formula for one entry, and what it is with the sizes put in."""
    head = f"{names.of(partial)} = "
    formula = partial.symbolic or "(no formula)"
    if not partial.sizes or not partial.symbolic:
        return beside(head, formula, width)
    letters = ", ".join(partial.sizes)
    tail = f"with {letters} = {', '.join(map(str, partial.sizes.values()))}"
    if not partial.symbolic_here:
        return beside(head, f"{formula}, {tail}", width)
    line = f"{head}{formula}, {tail}: {partial.symbolic_here}"
    if len(line) <= width:
        return [line]
    return beside(head, f"{formula},", width) + beside(f"{' ' * INDENT}{tail}: ", partial.symbolic_here, width)


def _spelling(verdict: Verdict | None, digits: float | None, precision: int | None) -> Spelling:
    """How the entries of a tensor are written: one of which the worst entry is wrong has right ones, too."""
    return lambda entry: judged(entry, verdict if verdict is Verdict.AGREE else None, digits, precision)


def _labelled(label: str, numbers: Any, width: int, unicode: bool, spell: Spelling, column: bool = False) -> list[str]:
    """A label with numbers on its right: all of them where there is room, else their summary."""
    lines = tensor(numbers, width - len(label), unicode, spell, column)
    if lines is None:
        lines = clauses(summary(numbers, shape_of(numbers)), width - len(label))
    return [label + lines[0], *(" " * len(label) + line for line in lines[1:])]


def layout(result: Result, names: PartialNames, jacobian: bool) -> str:
    """How gradients and Jacobians are laid out; nothing where there is none of them."""
    if result.product or result.order > 1:
        return ""
    tensors = [partial for partial in result.partials if partial.is_tensor]
    said = []
    if any(names.output_rank(partial) == 0 for partial in tensors):
        said.append("gradient: the shape of the variable")
    if jacobian or any(names.output_rank(partial) for partial in tensors):
        said.append("Jacobian: rows are outputs")
    return "; ".join(said)
