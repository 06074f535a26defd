"""Expressions of whole tensors as text of the language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import S

from gradcli.backends.symbolic.matrix.nodes import MatrixNode, NoMatrix, parts
from gradcli.language.stack import PRECEDENCE

ATOM = 20
_PRODUCT = PRECEDENCE["*"]
_HALF = S.Half
_WAYS = {"power": "_power_of", "T": "_turned"}

Written = tuple[str, int]  # a text, and how tightly it holds together


class MatrixText:
    """Writes expressions; `number` writes a number in which sizes are letters, and gives its value."""

    def __init__(self, value: Callable[[Any], Any], number: Callable[[Any], str]) -> None:
        self.value = value
        self.number = number
        self.known: dict[MatrixNode, Written] = {}

    def of(self, node: MatrixNode) -> str:
        """The text of an expression."""
        return self.written(node)[0]

    def written(self, node: MatrixNode) -> Written:
        """The text and its precedence."""
        if node not in self.known:
            self.known[node] = getattr(self, _WAYS.get(node.kind, f"_{node.kind}"))(node)
        return self.known[node]

    def inside(self, node: MatrixNode, level: int) -> str:
        """The text as an operand of what holds together that tightly."""
        text, own = self.written(node)
        return text if own > level else f"({text})"

    def joined(self, node: MatrixNode) -> str:
        """The arguments, with commas."""
        return ", ".join(map(self.of, node.args))

    # Products and sums

    def _number(self, node: MatrixNode) -> Written:
        return self._quotient(node.data, [], [], [])

    def _mul(self, node: MatrixNode) -> Written:
        coefficient, powers = parts(node)
        above = [self._power(base, e) for base, e in powers.items() if not base.rank and e > 0]
        tensors = [self._power(base, e) for base, e in powers.items() if base.rank and e > 0]
        below = [self._power(base, -e) for base, e in powers.items() if e < 0]
        return self._quotient(coefficient, above, below, tensors)

    def _quotient(self, coefficient: Any, scalars: list[Written], below: list[Written],
                  tensors: list[Written]) -> Written:  # fmt: skip
        value = self.value(coefficient)
        if not value.is_finite:
            raise NoMatrix
        minus = value.could_extract_minus_sign()
        value = -value if minus else value
        p, q = (value.p, value.q) if value.is_Rational else (value, 1)
        factors = [*([(self._plain(p), ATOM)] if p != 1 else []), *scalars, *tensors] or [("1", ATOM)]
        under = [*([(self._plain(q), ATOM)] if q != 1 else []), *below]
        if len(factors) == 1 and not under and not minus:
            return factors[0]
        last = len(factors) == 1 or len(tensors) == 1  # scalars in front of a product of matrices need no brackets
        texts = [_enclosed(one, _PRODUCT) for one in factors[:-1]] + [_enclosed(factors[-1], _PRODUCT - last)]
        text = "*".join(texts)
        if len(under) == 1:
            text += f"/{_enclosed(under[0], _PRODUCT)}"
        elif under:
            text += f"/({'*'.join(_enclosed(one, _PRODUCT) for one in under)})"
        return (f"-{text}", PRECEDENCE["+"]) if minus else (text, _PRODUCT)

    def _plain(self, value: Any) -> str:
        """A positive number."""
        return str(value) if isinstance(value, int) else self.number(value)

    def _power(self, base: MatrixNode, exponent: Any) -> Written:
        if exponent == 1:
            return self.written(base)
        if exponent == _HALF:
            if base.kind == "var":
                return self._spread("std", base)
            return f"sqrt({self.of(base)})", ATOM
        shown = str(exponent) if exponent.is_Integer else f"({exponent})"
        if not exponent.is_Rational:
            shown = self.number(exponent)
        if base.kind == "var" and (2 * exponent).is_Integer and not exponent.is_Integer:
            return f"{self._spread('std', base)[0]}**{2 * exponent}", PRECEDENCE["**"]
        return f"{self.inside(base, PRECEDENCE['**'])}**{shown}", PRECEDENCE["**"]

    def _add(self, node: MatrixNode) -> Written:
        text = ""
        for term in node.args:
            own, _ = self.written(term)
            if own.startswith("-"):
                text += f" - {own[1:]}" if text else own
            else:
                text += f" + {own}" if text else own
        return text, PRECEDENCE["+"]

    def _power_of(self, node: MatrixNode) -> Written:
        base, exponent = node.args
        return f"{self.inside(base, PRECEDENCE['**'])}**{self.inside(exponent, PRECEDENCE['**'])}", PRECEDENCE["**"]

    def _matmul(self, node: MatrixNode) -> Written:
        return "@".join(self.inside(arg, _PRODUCT) for arg in node.args), _PRODUCT

    # Names and calls

    def _name(self, node: MatrixNode) -> Written:
        return node.data, ATOM

    def _constant(self, node: MatrixNode) -> Written:
        return self.number(node.data), ATOM

    def _turned(self, node: MatrixNode) -> Written:
        return f"{self.inside(node.args[0], ATOM - 1)}.T", ATOM

    def _item(self, node: MatrixNode) -> Written:
        return f"{self.inside(node.args[0], ATOM - 1)}[{', '.join(node.data)}]", ATOM

    def _list(self, node: MatrixNode) -> Written:
        return f"[{self.joined(node)}]", ATOM

    def _call(self, node: MatrixNode) -> Written:
        return f"{node.data}({self.joined(node)})", ATOM

    def _outer(self, node: MatrixNode) -> Written:
        return f"outer({self.joined(node)})", ATOM

    def _diag(self, node: MatrixNode) -> Written:
        return f"diag({self.joined(node)})", ATOM

    _diagonal = _diag

    def _eye(self, node: MatrixNode) -> Written:
        return f"eye({node.data})", ATOM

    def _ones(self, node: MatrixNode) -> Written:
        return f"ones({', '.join(map(str, node.data))})", ATOM

    def _zeros(self, node: MatrixNode) -> Written:
        return f"zeros({', '.join(map(str, node.data))})", ATOM

    def _row(self, node: MatrixNode) -> Written:
        return self.written(node.args[0])

    def _column(self, node: MatrixNode) -> Written:
        return f"reshape({self.joined(node)}, -1, 1)", ATOM

    def _reshape(self, node: MatrixNode) -> Written:
        return f"reshape({self.joined(node)}, {', '.join(map(str, node.data))})", ATOM

    def _reduce(self, node: MatrixNode) -> Written:
        name, dim, _ = node.data
        return f"{name}({self.joined(node)}{'' if dim is None else f', dim={dim}'})", ATOM

    def _softmax(self, node: MatrixNode) -> Written:
        return f"softmax({self.joined(node)}{'' if node.data is None else f', dim={node.data}'})", ATOM

    def _var(self, node: MatrixNode) -> Written:
        return self._spread("var", node)

    def _spread(self, name: str, node: MatrixNode) -> Written:
        return f"{name}({self.joined(node)}{'' if node.data else ', correction=0'})", ATOM

    # Cases

    def _where(self, node: MatrixNode) -> Written:
        return f"where({self.joined(node)})", ATOM

    def _compare(self, node: MatrixNode) -> Written:
        left, right = (self.inside(arg, PRECEDENCE["<"]) for arg in node.args)
        return f"{left} {node.data} {right}", PRECEDENCE["<"]

    def _logic(self, node: MatrixNode) -> Written:
        level = PRECEDENCE[node.data]
        return f" {node.data} ".join(self.inside(arg, level) for arg in node.args), level

    def _not(self, node: MatrixNode) -> Written:
        return f"not ({self.joined(node)})", PRECEDENCE["not"]


def _enclosed(written: Written, level: int) -> str:
    text, own = written
    return text if own > level else f"({text})"
