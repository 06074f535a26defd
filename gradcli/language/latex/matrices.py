"""What products and powers of whole tensors mean in LaTeX: A x is a product of matrices, not entry by entry."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.errors import Source
from gradcli.functions.shapes import Shape
from gradcli.language.latex.syntax import fail
from gradcli.language.nodes import Call, Node, Number
from gradcli.language.trees import is_call, value_of

READ = frozenset(("*", "**"))
_DOTS = (r"\cdot", "·")
_PRODUCTS = ("", *_DOTS, r"\times", "×", "*", r"\ast")
MOST_FACTORS = 10  # of a power of a matrix


def meant(node: Call, shapes: Sequence[Shape], source: Source) -> Node | None:
    """The operation on whole tensors that a product or a power of LaTeX is; None where it is what it says.

    Raises GradcliError where it can be read in two ways.
    """
    if not node.head.start:
        return None
    sign = source.text[node.head.start : node.head.end]
    if node.function == "**":
        behind = source.text[: node.head.start].rstrip().rstrip("{").rstrip()
        is_entrywise = source.text[node.head.start :].lstrip().startswith(r"\circ")
        return _power(node, shapes, source) if behind.endswith("^") and not is_entrywise else None
    if sign not in _PRODUCTS or not all(shapes):
        return None
    ranks = tuple(len(shape) for shape in shapes)
    left, right = node.args
    if ranks == (1, 1):
        if is_call(right, "transpose"):
            return Call("outer", (left, right), node.span, node.head)
        if not _is_row(left) and sign not in _DOTS:
            fail(
                source, node.span, "this product of two vectors can be read in two ways",
                hint=r"write x^\top y for a number, x y^\top for a matrix, x \odot y for entry by entry",
            )  # fmt: skip
    return Call("@", node.args, node.span, node.head)


def _is_row(node: Node) -> bool:
    """Whether a vector is written as a row: x^\\top, or a row times matrices."""
    while isinstance(node, Call) and is_call(node, "@", "*"):
        node = node.args[0]
    return is_call(node, "transpose")


def _power(node: Call, shapes: Sequence[Shape], source: Source) -> Node | None:
    base, exponent = node.args
    if len(shapes[0]) < 2:
        return None
    value = value_of(exponent)
    if value == -1:
        return Call("inv", (base,), node.span, node.head)
    if value is None or value.denominator != 1 or not 0 < value <= MOST_FACTORS or not isinstance(exponent, Number):
        fail(
            source, node.span, "this power of a matrix can be read in two ways",
            hint=r"write A^{\circ 2} for entry by entry",
        )  # fmt: skip
    result: Node = base
    for _ in range(int(value) - 1):
        result = Call("@", (result, base), node.span, node.head)
    return result
