"""Expressions of whole tensors as LaTeX.

Vectors are columns: a product of two of them is x^T y or x y^T. Products and powers entry by entry have a circle.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy
from sympy import S

from gradcli.backends.symbolic.latex.leaves import (
    ATOM,
    CASES,
    CHAIN,
    ENTRIES,
    ONES,
    RAISED,
    SUM,
    TOP,
    LeafLatex,
    Written,
    enclosed,
)
from gradcli.backends.symbolic.latex.names import Ranks
from gradcli.backends.symbolic.matrix.nodes import MatrixNode, NoMatrix


class MatrixLatex(LeafLatex):
    """Writes expressions; `value` puts sizes into a number, `number` writes one, names have so many axes."""

    def __init__(self, value: Callable[[Any], Any], number: Callable[[Any], str], ranks: Ranks) -> None:
        super().__init__(ranks)
        self.value = value
        self.number = number

    # Products and sums

    def _number(self, node: MatrixNode) -> Written:
        return self._scaled(node.data, [], [], None)

    def _mul(self, node: MatrixNode) -> Written:
        return self._times(node, None)

    def _times(self, node: MatrixNode, tensor: Written | None) -> Written:
        """A product; one of scalars perhaps in front of a tensor of ones."""
        coefficient, exponents = node.data
        pairs = list(zip(node.args, exponents))
        above = [self._power(base, e) for base, e in pairs if not base.rank and e > 0]
        below = [self._power(base, -e) for base, e in pairs if not base.rank and e < 0]
        tensors = [(base, e) for base, e in pairs if base.rank]
        if tensors:
            tensor = self._entries(tensors)
        return self._scaled(coefficient, above, below, tensor)

    def _repeated(self, node: MatrixNode, rank: int) -> Written:
        """A scalar as a term of a tensor: it is added to every entry."""
        ones = self._ones(MatrixNode("ones", (), rank))
        if node.kind == "number":
            return self._scaled(node.data, [], [], ones)
        if node.kind == "mul":
            return self._times(node, ones)
        return self._scaled(S.One, [self.written(node)], [], ones)

    def _entries(self, pairs: Sequence[tuple[MatrixNode, Any]]) -> Written:
        """A product of tensors entry by entry."""
        above = [self._power(base, e) for base, e in pairs if e > 0]
        below = [self._power(base, -e) for base, e in pairs if e < 0]
        if not above:
            above, below = [self._power(base, e) for base, e in pairs], []
        if len(above) == 1 and not below:
            return above[0]
        text = r" \odot ".join(enclosed(one, CHAIN) for one in above)
        if below:
            under = r" \odot ".join(enclosed(one, CHAIN) for one in below)
            text += rf" \oslash \left({under}\right)" if len(below) > 1 else rf" \oslash {under}"
        return text, ENTRIES

    def _scaled(self, coefficient: Any, above: list[Written], below: list[Written], tensor: Written | None) -> Written:
        """A number and scalars in front of a tensor, or alone."""
        value = self.value(coefficient)
        if not value.is_finite:
            raise NoMatrix
        minus = value.could_extract_minus_sign()
        p, q = sympy.fraction(-value if minus else value)
        above = [(self.number(p), SUM if p.is_Add else ATOM)] * (p != 1) + above
        below = [(self.number(q), SUM if q.is_Add else ATOM)] * (q != 1) + below
        tensors = [] if tensor is None else [tensor]
        if not below:
            written = _juxtaposed(above + tensors)
        elif above and tensors:
            written = _juxtaposed([(_fraction(above, below), ATOM), *tensors])
        else:
            written = _fraction(above + tensors, below), ATOM
        return (f"-{enclosed(written, SUM)}", SUM) if minus else written

    def _power(self, base: MatrixNode, exponent: Any) -> Written:
        """A power by a number."""
        if exponent == 1:
            return self.written(base)
        if base.kind == "var" and (2 * exponent).is_Integer and not exponent.is_Integer:
            base, exponent = MatrixNode("std", base.args, 0, base.data), 2 * exponent
            if exponent == 1:
                return self.written(base)
        if exponent == S.Half:
            return rf"\sqrt{{{self.of(base)}}}", ATOM
        shown = self.number(exponent)
        if base.rank:
            shown = rf"\circ \left({shown}\right)" if shown.startswith("-") else rf"\circ {shown}"
        return self._raised(base, shown)

    def _power_of(self, node: MatrixNode) -> Written:
        base, exponent = node.args
        if not node.rank:
            return self._raised(base, self.of(exponent))
        return self._raised(base, rf"\circ {self.inside(exponent, SUM)}")

    def _raised(self, base: MatrixNode, exponent: str) -> Written:
        return f"{self.inside(base, RAISED)}^{{{exponent}}}", RAISED

    def _add(self, node: MatrixNode) -> Written:
        text = ""
        for term in node.args:
            own = enclosed(self.written(term) if term.rank == node.rank else self._repeated(term, node.rank), CASES)
            if own.startswith("-"):
                text += f" - {own[1:]}" if text else own
            else:
                text += f" + {own}" if text else own
        return text, SUM

    def _matmul(self, node: MatrixNode) -> Written:
        first, *rest = node.args
        begin = self._turned(MatrixNode("T", (first,))) if first.rank == 1 else self.written(first)
        return " ".join(enclosed(one, ENTRIES) for one in [begin, *map(self.written, rest)]), CHAIN

    def _outer(self, node: MatrixNode) -> Written:
        u, v = node.args
        return f"{self.inside(u, ENTRIES)} {self._turned(MatrixNode('T', (v,)))[0]}", CHAIN

    def _row(self, node: MatrixNode) -> Written:
        return f"{ONES} {self._turned(MatrixNode('T', node.args))[0]}", CHAIN

    def _column(self, node: MatrixNode) -> Written:
        return f"{self.inside(node.args[0], ENTRIES)} {ONES}{TOP}", CHAIN

    def _constant(self, node: MatrixNode) -> Written:
        return self.number(node.data), ATOM


def _juxtaposed(factors: Sequence[Written]) -> Written:
    """Scalars, and perhaps a tensor, next to each other; the last one needs no brackets but for a sum."""
    if not factors:
        return "1", ATOM
    if len(factors) == 1:
        return factors[0]
    first = [enclosed(one, CHAIN) for one in factors[:-1]]
    last = enclosed(factors[-1], SUM)
    if last[:1].isdigit():
        first.append(r"\cdot")
    return " ".join([*first, last]), min(CHAIN, max(factors[-1][1], ENTRIES))


def _fraction(above: Sequence[Written], below: Sequence[Written]) -> str:
    return rf"\frac{{{_juxtaposed(above)[0]}}}{{{_juxtaposed(below)[0]}}}"
