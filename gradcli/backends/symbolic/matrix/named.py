"""What a tensor is called inside a formula, as an expression of whole tensors: inv(A + t*B)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy
from sympy import S

from gradcli.backends.symbolic.matrix.nodes import MatrixNode, Named, NoMatrix, number
from gradcli.functions import table
from gradcli.functions.row import Row
from gradcli.functions.shapes import ShapeError
from gradcli.language.nodes import Call, Name, Number
from gradcli.language.nodes import Node as Tree

Ranks = Mapping[str, int]

_CONSTANTS = {"pi": sympy.pi, "e": sympy.E}
_MAX_DEPTH = 30
SAMPLE = (2, 3)  # a shape


def named(tree: Tree, ranks: Ranks) -> MatrixNode:
    """The expression that a tree says, its names of tensors with so many axes.

    Raises NoMatrix where it has more than names, numbers, operators and functions of whole tensors.
    """
    return _node(tree, ranks, 0)


def _node(tree: Tree, ranks: Ranks, depth: int) -> MatrixNode:
    if depth > _MAX_DEPTH:
        raise NoMatrix
    if isinstance(tree, Number):
        return number(sympy.Rational(tree.value.numerator, tree.value.denominator))
    if isinstance(tree, Name):
        if tree.name in ranks:
            return MatrixNode("name", (), ranks[tree.name], Named(tree.name, tree))
        if tree.name in _CONSTANTS:
            return MatrixNode("constant", data=_CONSTANTS[tree.name])
        raise NoMatrix
    args = [_node(arg, ranks, depth + 1) for arg in tree.args]
    made = _operator(tree.function, args)
    return made if made is not None else _call(tree, args)


def _operator(name: str, args: Sequence[MatrixNode]) -> MatrixNode | None:
    """A sum, a product, a power or a transpose as it stands: nothing is put in another order."""
    rank = max((arg.rank for arg in args), default=0)
    if name in ("+", "-", "*", "/", "**") and min(arg.rank or rank for arg in args) < rank:
        raise NoMatrix  # a vector is repeated along a matrix
    if name in ("+", "-"):
        return MatrixNode("add", (args[0], args[1] if name == "+" else _times(args[1], S.NegativeOne)), rank)
    if name == "neg":
        return _times(args[0], S.NegativeOne)
    if name == "*":
        return MatrixNode("mul", args, rank, (S.One, (S.One, S.One)))
    if name == "/":
        return MatrixNode("mul", args, rank, (S.One, (S.One, S.NegativeOne)))
    if name == "**":
        return _power(*args)
    if name == "@":
        both = args[0].rank + args[1].rank - 2
        flat = [one for arg in args for one in (arg.args if arg.kind == "matmul" and arg.rank == 2 else [arg])]
        return MatrixNode("matmul", flat, both)
    if name == "transpose":
        return MatrixNode("T", args, 2)
    return None


def _power(base: MatrixNode, exponent: MatrixNode) -> MatrixNode:
    """A power, entry by entry."""
    if exponent.kind == "number" and base.kind not in ("number", "mul"):
        return MatrixNode("mul", (base,), base.rank, (S.One, (exponent.data,)))
    return MatrixNode("power", (base, exponent), max(base.rank, exponent.rank))


def _times(node: MatrixNode, value: Any) -> MatrixNode:
    if node.kind == "number":
        return number(node.data * value)
    return MatrixNode("mul", (node,), node.rank, (value, (S.One,)))


def _call(tree: Call, args: Sequence[MatrixNode]) -> MatrixNode:
    """A function of whole tensors, or of every entry."""
    name = tree.function
    row = table.BY_NAME.get(name)
    if tree.user or row is None:
        raise NoMatrix
    if name == "[]" and (not any(arg.rank for arg in args) or all(arg.kind == "list" for arg in args)):
        return MatrixNode("list", args, 1 + args[0].rank)
    if row.makes is not None:
        return MatrixNode("call", args, _rank(row, [_static(arg) for arg in args]), name)
    if len(args) == 1 and row.reduces:
        return MatrixNode("reduce", args, 0, (name, None, ()))
    if len(args) == 1 and name == "diag":
        return MatrixNode("diag" if args[0].rank == 1 else "diagonal", args, 3 - args[0].rank)
    if len(args) == 1 and row.shape is not None and not row.statics:
        return MatrixNode("call", args, _rank(row, [(2,) * args[0].rank]), name)
    if _keeps_shape(row):
        return _along(name, *args)
    if row.shape is not None or not name.isidentifier():
        raise NoMatrix
    return MatrixNode("call", args, max((arg.rank for arg in args), default=0), name)


def _keeps_shape(row: Row) -> bool:
    """Whether this goes along a dimension, the last one where none is said, and keeps all entries."""
    if row.shape is None or row.statics != ("dim",) or row.parameters[-1].default != "-1":
        return False
    try:
        return row.shape(SAMPLE, 1) == SAMPLE
    except ShapeError:
        return False


def _along(name: str, x: MatrixNode, *dims: MatrixNode) -> MatrixNode:
    """What keeps its shape, and goes along a dimension: of a vector the only one, else that, or the last one."""
    if x.rank == 1:
        return MatrixNode("call", (x,), 1, name)
    if x.rank != 2 or any(dim.kind != "number" for dim in dims):
        raise NoMatrix
    return MatrixNode("along", (x,), 2, (name, int(dims[0].data) % 2 if dims else 1))


def _static(node: MatrixNode) -> Any:
    """A number, or a list of numbers, that a constructor is told."""
    if node.kind == "list":
        return [_static(arg) for arg in node.args]
    if node.kind != "number":
        raise NoMatrix
    return int(node.data) if node.data.is_Integer else node.data


def _rank(row: Row, given: Sequence[Any]) -> int:
    """The rank of what a row for tensors makes of this."""
    try:
        return len(row.shape(*given)) if row.shape else 0
    except (ShapeError, TypeError):
        raise NoMatrix from None
