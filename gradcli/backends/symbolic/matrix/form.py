"""Index formulas as formulas of whole tensors, where there is a short one: Sum(A[i,k]*x[k], k) is A@x."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import sympy

from gradcli.backends.symbolic.formulas import SYMPY_FAILS
from gradcli.backends.symbolic.indexed.notation import Over
from gradcli.backends.symbolic.indexed.text import IndexText
from gradcli.backends.symbolic.matrix.chains import ones, outer, transposed
from gradcli.backends.symbolic.matrix.nodes import MatrixNode, NoMatrix, mul
from gradcli.backends.symbolic.matrix.read import Reader
from gradcli.backends.symbolic.matrix.text import MatrixText
from gradcli.language.numbers import Dtype

if TYPE_CHECKING:
    from gradcli.backends.symbolic.indexed.formulas import Indexed

MAX_PARTS = 400
MAX_LENGTH = 300  # of a text: a longer one is no help


class MatrixForm(NamedTuple):
    """A formula of whole tensors, and its text in the language."""

    node: MatrixNode
    text: str


def matrix_form(
    formula: Any, indices: Sequence[Any], shape: Sequence[int], f: Indexed, dtype: Dtype, names: Collection[str]
) -> MatrixForm | None:
    """The formula for the whole tensor of that shape; None where none is found."""
    if len(shape) > 2 or not (shape or formula.has(Over)):
        return None
    if sum(1 for _ in sympy.preorder_traversal(formula)) > MAX_PARTS:
        return None
    text = MatrixText(f.axes.here, IndexText(dtype, names).doprint)
    try:
        node = whole(Reader(f, dict(zip(indices, shape)), text), formula, indices[: len(shape)], shape)
        written = text.of(node)
    except (NoMatrix, *SYMPY_FAILS):
        return None
    calls = set(re.findall(r"(\w+)\(", written))
    return MatrixForm(node, written) if len(written) <= MAX_LENGTH and not calls & set(names) else None


def whole(reader: Reader, formula: Any, indices: Sequence[Any], shape: Sequence[int]) -> MatrixNode:
    """The tensor with exactly these axes: where the formula does not depend on one, it is the same all along it."""
    if formula == 0:
        return MatrixNode("zeros", (), len(shape), tuple(shape))
    node, axes = reader.read(formula)
    if len(axes) == len(shape):
        return node if axes == tuple(indices) else transposed(node)
    if not axes:
        return mul([node, ones(*shape)])
    return outer(node, ones(shape[1])) if axes[0] == indices[0] else outer(ones(shape[0]), node)
