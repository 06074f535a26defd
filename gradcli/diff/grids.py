"""Partials that are numbers, laid out as one matrix: the Jacobian of a list of outputs, and the Hessian."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.diff.data import Partial, Result, Verdict
from gradcli.diff.definitions import definitions
from gradcli.diff.names import PartialNames
from gradcli.diff.verdicts import STYLES, Line, label, of_several
from gradcli.terminal.console import Screen
from gradcli.terminal.matrix import named, named_texts
from gradcli.terminal.readable import both
from gradcli.terminal.wrap import beside

INDENT = "  "


def jacobian(result: Result, names: PartialNames, screen: Screen) -> list[str]:
    """A row for each output, a column for each variable; nothing where there is one of either, or no room."""
    if result.product or result.order != 1:
        return []
    partials = {(one.of, one.wrt[0]): one for one in result.partials if one.of is not None and not one.is_tensor}
    outputs = list(dict.fromkeys(of for of, _ in partials if of is not None))
    variables = list(dict.fromkeys(name for _, name in partials))
    complete = len(partials) == len(outputs) * len(variables)
    if not complete or len(outputs) < 2 or len(variables) < 2 or result.at is None:
        return []
    rows = [[partials[of, name] for name in variables] for of in outputs]
    lines = _numbers(rows, [names.output(of) for of in outputs], variables, screen)
    return ["Jacobian by autograd", *_indented(lines)] if lines else []


def hessian(result: Result, names: PartialNames, screen: Screen) -> list[Line] | None:
    """A matrix for each output: numbers, then formulas, and the verdicts; None where this cannot be laid out."""
    partials = [partial for partial in result.partials if not partial.is_tensor]
    if not result.hessian or result.order != 2:
        return None
    lines: list[Line] = []
    for of in dict.fromkeys(partial.of for partial in partials):
        one = _one([partial for partial in partials if partial.of == of], result, names, screen)
        if one is None:
            return None
        lines += [("", "")] * bool(lines) + one
    return lines or None


def _one(partials: Sequence[Partial], result: Result, names: PartialNames, screen: Screen) -> list[Line] | None:
    cells = {frozenset(partial.wrt): partial for partial in partials}
    variables = list(dict.fromkeys(name for partial in partials for name in partial.wrt))
    square = [[cells.get(frozenset((row, column))) for column in variables] for row in variables]
    matrix = [[partial for partial in row if partial is not None] for row in square]
    if len(variables) < 2 or any(len(row) < len(variables) for row in matrix):
        return None
    of = f" of {names.output(partials[0].of)}" if partials[0].of is not None else ""
    width = screen.columns
    lines: list[str] = []
    if result.at is not None:
        numbers = _numbers(matrix, variables, variables, screen)
        if numbers is None:
            return None
        lines += [f"Hessian{of} by autograd", *_indented(numbers), ""]
    texts = [[partial.symbolic or "(no formula)" for partial in row] for row in matrix]
    formulas = named_texts(texts, variables, variables, width - len(INDENT))
    lines += definitions(result, width)
    if formulas is None:
        said = [(f"{names.of(partial)} = ", partial.symbolic or "(no formula)") for partial in partials]
        lines += [line for head, text in said for line in beside(head, text, width)]
    else:
        lines += ["its formulas" if lines else f"Hessian{of}", *_indented(formulas)]
    return [(line, "") for line in lines] + _verdicts(partials, names)


def _numbers(
    rows: Sequence[Sequence[Partial]], sides: Sequence[str], tops: Sequence[str], screen: Screen
) -> list[str] | None:
    """Autograd's numbers as a matrix, each with the digits that are right; None where they do not fit."""
    numbers = [[one.autograd for one in row] for row in rows]
    texts = [[both(one, screen.precision)[0] for one in row] for row in rows]
    return named(numbers, texts, sides, tops, screen.columns - len(INDENT))


def _verdicts(partials: Sequence[Partial], names: PartialNames) -> list[Line]:
    """A line for each partial that is not in order, and one for all the others."""
    judged = [partial for partial in partials if partial.verdict]
    agreeing = [partial for partial in judged if partial.verdict is Verdict.AGREE]
    lines = [
        (f"{names.of(partial)}: {label(partial)}", STYLES[partial.verdict])
        for partial in judged
        if partial.verdict and partial not in agreeing
    ]
    if agreeing:
        who = "agree" if len(agreeing) < len(judged) else "all agree"
        which = f"the other {len(agreeing)} {who}" if len(agreeing) < len(judged) else who
        if len(agreeing) == 1 < len(judged):
            which = "the other one agrees"
        least = of_several(agreeing)
        lines.append((f"{which}: {least}" if least else which, STYLES[Verdict.AGREE]))
    return [("", "")] * bool(lines) + lines


def _indented(lines: Sequence[str]) -> list[str]:
    return [INDENT + line for line in lines]
