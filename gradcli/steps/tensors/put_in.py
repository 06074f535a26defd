"""Numbers in the place of names: nothing is computed that a person would not have computed yet."""

# ruff: noqa: N802 - SymPy finds its printer's methods by their names

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy
from sympy import Add, Mul

from gradcli.backends.mp.arithmetic import GivenUp
from gradcli.backends.symbolic.indexed.notation import Held, Largest, Multiple, Over, Smallest, Total
from gradcli.backends.symbolic.indexed.polish import polished
from gradcli.backends.symbolic.latex.written import ranks_of
from gradcli.language.latex_names import latex_decimal
from gradcli.language.numbers import Dtype, fraction_of, short
from gradcli.steps.data import DerivationLine, Written
from gradcli.steps.tensors.reading import Reading
from gradcli.steps.tensors.spelling import Spelling, StepLatex, StepShown, escaped, shown
from gradcli.steps.tensors.worlds import shown_number
from gradcli.tape.arrays import nested
from gradcli.terminal.arrays import in_brackets
from gradcli.terminal.numbers import few, stands_for

MAX_TERMS = 16  # that sums are written out to, all of them together
UNDEFINED = "undefined"

_BRACKETS = re.compile(r"(?<=\()\((-[\d.]+)\)(?=[),]| [<>=!])")  # a negative number that needs none

Number = Callable[[str, tuple[Any, ...]], str]  # the text of an entry


class _Shown(StepShown):
    """Entries are printed as their values."""

    def __init__(self, dtype: Dtype, names: Sequence[str], number: Number) -> None:
        super().__init__(dtype, names)
        self.number = number

    def _print_Indexed(self, expression: Any) -> str:
        return self.number(str(expression.base.label), expression.indices)

    def _print_Symbol(self, expression: Any) -> str:
        return self.number(expression.name, ())


class _Latex(StepLatex):
    """The same in LaTeX."""

    number: Number

    def _print_Indexed(self, expr: Any) -> str:
        return _latex(self.number(str(expr.base.label), expr.indices))

    def _print_Symbol(self, expr: Any, style: str = "plain") -> str:
        return _latex(self.number(expr.name, ()))


def _latex(text: str) -> str:
    if text.startswith("("):
        return rf"\left({latex_decimal(text[1:-1])}\right)"
    return latex_decimal(text)


class NumberSpelling:
    """Writes formulas at single entries with the numbers of a point."""

    def __init__(self, reading: Reading, spelling: Spelling) -> None:
        self.reading = reading
        self.spelling = spelling
        self.exact = True

    def formula(self, plain: Any) -> Written:
        """A formula at an entry."""
        return self.spelling.lettered(plain)

    def put_in(self, plain: Any) -> tuple[Written, bool]:
        """The same with numbers, and whether none of them is rounded."""
        self.exact = True
        dtype = self.spelling.dtype
        text = _BRACKETS.sub(r"\1", str(_Shown(dtype, (), self._number).doprint(plain)))
        latex = _Latex(dtype, ranks_of(self.spelling.f))
        latex.number = self._number
        return Written(text, shown(text), str(latex.doprint(plain))), self.exact

    def _number(self, name: str, at: tuple[Any, ...]) -> str:
        """An entry's value, a negative one in brackets."""
        value = shown_number(self.reading.lookups[name](self.reading.world, tuple(map(int, at)), ((), 0)))
        if value is None:
            raise GivenUp
        text, exact = decimal(value, self.spelling.dtype)
        self.exact &= exact
        return f"({text})" if text.startswith("-") or "e" in text else text

    def value(self, value: Any) -> DerivationLine:
        """What it all comes to: a double."""
        number = float(value)
        text = short(Fraction(number), self.spelling.dtype) if math.isfinite(number) else str(number)
        exact = math.isfinite(number) and stands_for(text, fraction_of(value), self.spelling.dtype)
        return DerivationLine(Written(text, text, latex_decimal(text)), sign="=" if exact else "≈")

    def tensor(self, shape: Sequence[int], values: Sequence[Any]) -> DerivationLine:
        """A tensor's numbers."""
        pairs = [decimal(value, self.spelling.dtype) for value in values]
        text = in_brackets(nested(tuple(shape), [one for one, _ in pairs]))
        rows = nested(
            tuple(shape), [rf"\text{{{one}}}" if one == UNDEFINED else latex_decimal(one) for one, _ in pairs]
        )
        return DerivationLine(
            Written(text, text, _matrix(rows, len(shape), text)), sign="=" if all(e for _, e in pairs) else "≈"
        )


def _matrix(rows: Any, rank: int, text: str) -> str:
    if rank == 0:
        return str(rows)
    if rank > 2:
        return rf"\text{{{escaped(text)}}}"
    lines = rows if rank == 2 else [[one] for one in rows]
    inside = r" \\ ".join(" & ".join(line) for line in lines)
    return rf"\begin{{bmatrix}} {inside} \end{{bmatrix}}"


def decimal(value: Any, dtype: Dtype) -> tuple[str, bool]:
    """A few decimals of a number, and whether they are all of it; None is no number."""
    return (UNDEFINED, True) if value is None else few(fraction_of(value), dtype)


def written_out(formula: Any, env: Mapping[Any, int]) -> Any:
    """A formula at one entry, its sums as the terms that they have; None where there are too many of them."""
    here = formula.xreplace({index: sympy.Integer(value) for index, value in env.items()})
    return None if _terms(here) > MAX_TERMS else polished(_unrolled(here))


def _terms(formula: Any) -> int:
    """How many terms the sums of a formula have."""
    if isinstance(formula, Over):
        size = formula.args[2]
        return (int(size) if size.is_Integer else MAX_TERMS + 1) * max(1, _terms(formula.args[0]))
    return sum(map(_terms, formula.args))


def _unrolled(node: Any) -> Any:
    if isinstance(node, Held):
        return _unrolled(node.args[0])
    if isinstance(node, Over):
        body, index, size = node.args
        parts = [_unrolled(body.xreplace({index: sympy.Integer(i)})) for i in range(int(size))]
        if isinstance(node, (Total, Multiple)):
            kind = Add if isinstance(node, Total) else Mul
            flat = [inner for part in parts for inner in (part.args if part.func is kind else [part])]
            return kind(*flat, evaluate=False) if len(flat) > 1 else flat[0]
        assert isinstance(node, (Largest, Smallest))
        return (sympy.Max if isinstance(node, Largest) else sympy.Min)(*parts)
    if not node.has(Over, Held):
        return node
    args = [_unrolled(arg) for arg in node.args]
    if node.is_Add or node.is_Mul or node.is_Pow or node.is_Piecewise:
        return node.func(*args, evaluate=False)
    return node.func(*args)
