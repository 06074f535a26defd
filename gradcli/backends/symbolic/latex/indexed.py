"""Index formulas as LaTeX: sums over indices, entries of tensors."""

# ruff: noqa: N802 - SymPy finds its printer's methods by their names

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE

from gradcli.backends.symbolic.indexed.notation import Over
from gradcli.backends.symbolic.latex.leaves import ATOM
from gradcli.backends.symbolic.latex.names import Ranks
from gradcli.backends.symbolic.latex.whole import MatrixLatex
from gradcli.backends.symbolic.matrix.nodes import NoMatrix
from gradcli.backends.symbolic.tree import float_text
from gradcli.language.latex_names import indexed, latex_decimal, latex_name
from gradcli.language.numbers import Dtype


class IndexLatex(LatexPrinter):  # type: ignore[misc]
    """SymPy's printer of LaTeX, with sums over indices; names of tensors have so many axes."""

    def __init__(self, dtype: Dtype, ranks: Ranks) -> None:
        super().__init__()
        self.dtype = dtype
        self.names = MatrixLatex(lambda value: value, self.doprint, ranks)

    def name(self, name: str) -> str:
        """A name, or what is called by its text: inv(A), A_0; one that cannot be read stays a text."""
        if name.isidentifier():
            return latex_name(name)
        try:
            node = self.names.named(name)
        except NoMatrix:
            escaped = "".join(rf"\{sign}" if sign in "_%#&$" else sign for sign in name)
            return rf"\mathtt{{{escaped}}}"
        return self.names.inside(node, ATOM - 1)

    def parenthesize(self, item: Any, level: int, is_neg: bool = False, strict: bool = False) -> str:
        """As in SymPy, but a sum over an index is an operand in brackets only."""
        if isinstance(item, Over) and level > PRECEDENCE["Add"]:
            return rf"\left({self._print(item)}\right)"
        return str(super().parenthesize(item, level, is_neg=is_neg, strict=strict))

    def _needs_mul_brackets(self, expr: Any, first: bool = False, last: bool = False) -> bool:
        """What follows a sum over an index would belong to it."""
        if expr.is_Indexed:
            return False
        return (isinstance(expr, Over) and not last) or bool(super()._needs_mul_brackets(expr, first, last))

    def _needs_add_brackets(self, expr: Any) -> bool:
        """Cases are one term."""
        return expr.is_Piecewise or bool(super()._needs_add_brackets(expr))

    def _as_ordered_terms(self, expr: Any, order: Any = None) -> list[Any]:
        """SymPy's order, but for a sum that would begin with a minus: x - m, not -m + x."""
        terms = list(super()._as_ordered_terms(expr, order=order))
        first = next((i for i, term in enumerate(terms) if not term.could_extract_minus_sign()), 0)
        return [terms[first], *terms[:first], *terms[first + 1 :]]

    def _print_Mul(self, expr: Any) -> str:
        if expr.could_extract_minus_sign() and (-expr).is_Add:
            return rf"- \left({self._print(-expr)}\right)"
        return str(super()._print_Mul(expr))

    def _print_Symbol(self, expr: Any, style: str = "plain") -> str:
        return self.name(expr.name)

    def _print_Float(self, expr: Any) -> str:
        return latex_decimal(float_text(expr, self.dtype))

    def _print_Indexed(self, expr: Any) -> str:
        return indexed(self.name(str(expr.base.label)), self._indices(expr.indices))

    def _indices(self, indices: Sequence[Any]) -> list[str]:
        return [str(self._print(index)) for index in indices]

    def _print_KroneckerDelta(self, expr: Any, exp: str | None = None) -> str:
        args = sorted(expr.args, key=lambda arg: (arg.is_Number, str(arg)))
        return indexed(r"\delta", self._indices(args)) + (f"^{{{exp}}}" if exp else "")

    def _print_Held(self, expr: Any, exp: str | None = None) -> str:
        return self.parenthesize(expr.args[0], PRECEDENCE["Pow"]) + (f"^{{{exp}}}" if exp else "")

    # Over indices

    def _over(self, sign: str, bounds: str, body: Any) -> str:
        inner = str(self._print(body))
        if body.is_Add or body.is_Piecewise or inner.startswith("-"):
            inner = rf"\left({inner}\right)"
        return f"{sign}{bounds} {inner}"

    def _print_Total(self, expr: Any) -> str:
        return self._over(r"\sum", self._range(expr), expr.args[0])

    def _print_Multiple(self, expr: Any) -> str:
        body, index, _ = expr.args
        if body.is_Piecewise and len(body.args) == 2 and body.args[0][0] == 1 and isinstance(body.args[0][1], sympy.Eq):
            other = next((side for side in body.args[0][1].args if side != index), None)
            if other is not None:
                return self._over(r"\prod", rf"_{{{self._print(index)} \neq {self._print(other)}}}", body.args[1][0])
        return self._over(r"\prod", self._range(expr), body)

    def _range(self, expr: Any) -> str:
        _, index, size = expr.args
        return rf"_{{{self._print(index)}=0}}^{{{self._print(size - 1)}}}"

    def _print_Largest(self, expr: Any) -> str:
        return self._over(r"\max", self._below(expr), expr.args[0])

    def _print_Smallest(self, expr: Any) -> str:
        return self._over(r"\min", self._below(expr), expr.args[0])

    def _below(self, expr: Any) -> str:
        _, index, size = expr.args
        return rf"_{{0 \leq {self._print(index)} < {self._print(size)}}}"
