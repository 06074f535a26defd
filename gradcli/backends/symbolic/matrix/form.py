"""Index formulas as formulas of whole tensors, where there is a short one: Sum(A[i,k]*x[k], k) is A@x."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import sympy

from gradcli.backends.symbolic.build import SYMPY_FAILS
from gradcli.backends.symbolic.indexed.notation import Over
from gradcli.backends.symbolic.indexed.tree import IndexTree
from gradcli.backends.symbolic.matrix.algebra import MatrixAlgebra
from gradcli.backends.symbolic.matrix.chains import ones, outer, transposed
from gradcli.backends.symbolic.matrix.named import Ranks, named
from gradcli.backends.symbolic.matrix.nodes import MatrixNode, Named, NoMatrix, mul, parts
from gradcli.backends.symbolic.matrix.read import Reader
from gradcli.backends.symbolic.matrix.tree import MatrixTree
from gradcli.language.nodes import Call, Name, Node, walk
from gradcli.language.numbers import Dtype
from gradcli.language.printer import unparse
from gradcli.language.trees import HERE, substituted

if TYPE_CHECKING:
    from gradcli.backends.symbolic.indexed.formulas import Indexed

MAX_PARTS = 400
MAX_LENGTH = 300  # of a text: a longer one is no help


class MatrixForm(NamedTuple):
    """A formula of whole tensors, its tree and its text in the language."""

    node: MatrixNode
    tree: Node
    text: str


def matrix_form(
    formula: Any, indices: Sequence[Any], shape: Sequence[int], f: Indexed, dtype: Dtype, names: Collection[str]
) -> MatrixForm | None:
    """The formula for the whole tensor of that shape; None where none is found."""
    if len(shape) > 2 or not (shape or formula.has(Over)):
        return None
    if sum(1 for _ in sympy.preorder_traversal(formula)) > MAX_PARTS:
        return None
    trees = MatrixTree(f.axes.here, IndexTree(dtype, names).of)
    try:
        node = whole(Reader(f, dict(zip(indices, shape)), trees), formula, indices[: len(shape)], shape)
        tree, text = trees.of(node), trees.text(node)
    except (NoMatrix, *SYMPY_FAILS):
        return None
    calls = {one.function for one in walk(tree) if isinstance(one, Call)}
    return MatrixForm(node, tree, text) if len(text) <= MAX_LENGTH and not calls & set(names) else None


def whole(reader: Reader, formula: Any, indices: Sequence[Any], shape: Sequence[int]) -> MatrixNode:
    """The tensor with exactly these axes: where the formula does not depend on one, it is the same all along it."""
    if formula == 0:
        return MatrixNode("zeros", (), len(shape), tuple(shape))
    node, axes = reader.read(formula)
    node = _without_minus(node)
    if len(axes) == len(shape):
        return node if axes == tuple(indices) else transposed(node)
    if not axes:
        return mul([node, ones(*shape)])
    return outer(node, ones(shape[1])) if axes[0] == indices[0] else outer(ones(shape[0]), node)


def _without_minus(node: MatrixNode) -> MatrixNode:
    """A sum with a minus in front, term by term."""
    coefficient, powers = parts(node)
    ((base, exponent),) = powers.items() if len(powers) == 1 else ((node, 0),)
    if coefficient != -1 or exponent != 1 or base.kind != "add":
        return node
    return MatrixNode("add", [mul([term], sympy.S.NegativeOne) for term in base.args], base.rank)


# As a textbook writes them


def ranks_of(f: Indexed) -> Ranks:
    """How many axes the names of a tape have."""
    places = {**f.tape.inputs, **f.tape.named, **{name: place for place, name in f.targets.items()}}
    return {name: len(f.tape.ops[index].shape) for name, index in places.items()}


def matrix_algebra(node: MatrixNode, f: Indexed, dtype: Dtype) -> Node | None:
    """A formula of whole tensors; None where a name in it cannot be read."""
    try:
        return MatrixAlgebra(f.axes.here, IndexTree(dtype).of, ranks_of(f)).of(node)
    except NoMatrix:
        return None


def in_algebra(tree: Node, f: Indexed, dtype: Dtype, whole: bool = False) -> Node:
    """A tree whose names of computed tensors are read: inv(A); with `whole` it is an expression of tensors itself.

    What cannot be read is the name that it has as a text.
    """
    algebra = MatrixAlgebra(f.axes.here, IndexTree(dtype).of, ranks_of(f))
    if whole:
        try:
            return algebra.of(named(tree, algebra.ranks))
        except NoMatrix:
            return Name(unparse(tree), HERE)
    found: dict[str, Node] = {}
    for one in walk(tree):
        if isinstance(one, Name) and one.name in f.meanings:
            with suppress(NoMatrix):
                found[one.name] = algebra.of(MatrixNode("name", data=Named(one.name, f.meanings[one.name])))
    return substituted(tree, found, simplify=False) if found else tree
