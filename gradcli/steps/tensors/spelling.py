"""Index formulas with pending derivatives in three spellings: the language, mathematical signs, LaTeX."""

# ruff: noqa: N802 - SymPy finds its printer's methods by their names

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import astuple
from typing import Any

from sympy.printing.precedence import PRECEDENCE

from gradcli.backends.symbolic.indexed.formulas import Indexed
from gradcli.backends.symbolic.indexed.notation import Total
from gradcli.backends.symbolic.indexed.polish import polished
from gradcli.backends.symbolic.indexed.text import IndexText, lettered
from gradcli.backends.symbolic.latex.indexed import IndexLatex
from gradcli.backends.symbolic.latex.written import ranks_of
from gradcli.backends.symbolic.matrix.nodes import NoMatrix
from gradcli.language.notation import RAISED, Notation, derivative_sign
from gradcli.language.numbers import Dtype
from gradcli.steps.data import Written
from gradcli.steps.tensors.pending import PendingDerivative, gathered

_POWER = re.compile(r"\*\*(?:(\d+)(?![\w.])|\((-\d+)\))")
_ROOT = re.compile(r"√\((\w+)\)")
_CALLS = re.compile(r"(?<![\w.])(Sum|sqrt|delta)\(")
_SIGNS = {"Sum": "Σ(", "sqrt": "√(", "delta": "δ("}
_ORDER = re.compile(r"(>=|<=|!=)")
_ORDERED = {">=": "≥", "<=": "≤", "!=": "≠"}
_PI = re.compile(r"(?<![\w.])(?:math\.)?pi(?!\w)")


class StepText(IndexText):
    """The language's own printer, with pending derivatives as `diff`."""

    def _print_PendingDerivative(self, expression: Any) -> str:
        formula, entry = expression.args
        return f"diff({self._print(formula)}, {self._print(entry)})"


class StepShown(StepText):
    """The same with derivatives as fractions, and sums over several indices as one."""

    def _print_PendingDerivative(self, expression: Any) -> str:
        formula, entries = _taken_apart(expression)
        body = self._print(formula) if formula.is_Indexed or formula.is_Symbol else f"({self._print(formula)})"
        return derivative_sign(Notation.SIGNS, body, list(map(self._print, entries)))

    def _print_KroneckerDelta(self, expression: Any) -> str:
        return super()._print_KroneckerDelta(expression).replace(", ", ",")

    def _over(self, name: str, expression: Any) -> str:
        body, bounds = expression.args[0], self._bounds(expression)
        while name == "Sum" and isinstance(body, Total):
            bounds = f"{bounds}, {self._bounds(body)}"
            body = body.args[0]
        return f"{name}({self._print(body)}, {bounds})"


class StepLatex(IndexLatex):
    """The printer of index formulas, with pending derivatives."""

    def _print_PendingDerivative(self, expression: Any) -> str:
        formula, entries = _taken_apart(expression)
        by = list(map(self._print, entries))
        if formula.is_Indexed or formula.is_Symbol:
            return derivative_sign(Notation.LATEX, self._print(formula), by)
        return f"{derivative_sign(Notation.LATEX, '', by)} {self.parenthesize(formula, PRECEDENCE['Func'])}"


def _taken_apart(expression: Any) -> tuple[Any, list[Any]]:
    """What is differentiated, and by what in turn."""
    entries: list[Any] = []
    while isinstance(expression, PendingDerivative):
        expression, entry = expression.args
        entries.insert(0, entry)
    return expression, entries


class Spelling:
    """Writes formulas of one table; `taken` are names that no bound index may have."""

    def __init__(self, f: Indexed, dtype: Dtype, names: Collection[str], taken: Collection[str]) -> None:
        self.f = f
        self.dtype = dtype
        self.names = names
        self.taken = taken

    def of(self, formula: Any, polish: bool = False) -> Written:
        """A formula."""
        return self.lettered(self.letters(formula), polish)

    def letters(self, formula: Any) -> Any:
        """A formula with letters for its bound indices."""
        return lettered(gathered(formula), self.taken)

    def lettered(self, formula: Any, polish: bool = False) -> Written:
        """A formula whose bound indices have letters."""
        formula = polished(formula) if polish else formula
        text = str(StepText(self.dtype, self.names).doprint(formula))
        signs = shown(str(StepShown(self.dtype, self.names).doprint(formula)))
        latex = str(StepLatex(self.dtype, ranks_of(self.f)).doprint(formula))
        return Written(text, signs, latex)

    def whole(self, letter: str, text: str) -> Written:
        """What a letter stands for, as a text of the program: u = W@x."""
        names = StepLatex(self.dtype, ranks_of(self.f)).names
        try:
            latex = names.of(names.named(text))
        except NoMatrix:
            latex = rf"\text{{{escaped(text)}}}"
        return Written(f"{letter} = {text}", f"{letter} = {shown(text)}", f"{letter} = {latex}")


def joined(left: Written, right: Written) -> Written:
    """An equality."""
    return Written(*(f"{a} = {b}" for a, b in zip(astuple(left), astuple(right))))


def escaped(text: str) -> str:
    """A text inside of LaTeX."""
    signs = {"\\": r"\textbackslash{}", "^": r"\^{}", "~": r"\~{}", **{sign: rf"\{sign}" for sign in "_%#&${}"}}
    return "".join(signs.get(sign, sign) for sign in text)


def shown(text: str) -> str:
    """A text of the language with mathematical signs."""
    text = _CALLS.sub(lambda match: _SIGNS[match.group(1)], text)
    text = _ORDER.sub(lambda match: _ORDERED[match.group()], text)
    text = _POWER.sub(lambda match: (match.group(1) or match.group(2)).translate(RAISED), text)
    text = _ROOT.sub(r"√\1", _PI.sub("π", text))
    return text.replace("**", "^").replace("*", "·")
