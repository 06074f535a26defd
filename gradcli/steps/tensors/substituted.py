"""Formulas at single entries, in which nothing is computed that a person would not have computed yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy
from sympy import Add, Mul

from gradcli.backends.symbolic.indexed.notation import Held, Largest, Multiple, Over, Smallest, Total
from gradcli.backends.symbolic.indexed.polish import polished

MAX_TERMS = 16  # that sums are written out to, all of them together


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
