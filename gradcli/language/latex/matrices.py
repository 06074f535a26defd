"""What products and powers of whole tensors mean in LaTeX: A x is a product of matrices, not entry by entry."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gradcli.errors import Source
from gradcli.functions.shapes import Shape
from gradcli.language.latex.syntax import fail
from gradcli.language.nodes import Call, Node, Number
from gradcli.language.trees import is_call, value_of

READ = frozenset(("*", "**", "abs"))
_DOTS = (r"\cdot", "·")
_PRODUCTS = ("", *_DOTS, r"\times", "×", "*", r"\ast")
_BARS = re.compile(r"(?:\\left *|\\l)?(?:\||\\?vert)(.*?)(?:\\right *|\\r)?(?:\||\\?vert)", re.DOTALL)
MOST_FACTORS = 10  # of a power of a matrix


def meant(node: Call, shapes: Sequence[Shape], source: Source) -> Node | None:
    """The operation on whole tensors that a product or a power of LaTeX is; None where it is what it says.

    Raises GradcliError where it can be read in two ways.
    """
    if node.function == "abs":
        _bars(node, shapes, source)
        return None
    if not node.head.start:
        return None
    sign = source.text[node.head.start : node.head.end]
    if node.function == "**":
        behind = source.text[: node.head.start].rstrip().rstrip("{").rstrip()
        is_entrywise = source.text[node.head.start :].lstrip().startswith(r"\circ")
        return _power(node, shapes, source) if behind.endswith("^") and not is_entrywise else None
    if sign not in _PRODUCTS or not all(shapes):
        return None
    if sign == r"\times" and any(shape[-1:] == (3,) for shape in shapes):
        fail(
            source, node.span, "this product can be read in two ways",
            hint=r"write \operatorname{cross}(x, y) for the cross product, x \odot y for entry by entry",
        )  # fmt: skip
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


def _bars(node: Call, shapes: Sequence[Shape], source: Source) -> None:
    """Refuse the bars of |A|, a determinant or a length to many."""
    shown = source.text[node.head.start : node.head.end]
    found = _BARS.fullmatch(shown)
    if not shapes[0] or found is None:
        return
    inside = found.group(1).strip()
    other = rf"\det({inside}) for the determinant" if len(shapes[0]) > 1 else rf"\|{inside}\| for the length"
    fail(
        source, node.head, f'"{shown}" can be read in two ways',
        hint=rf"write {other}, or \operatorname{{abs}}({inside}) for entry by entry",
    )  # fmt: skip


def _is_row(node: Node) -> bool:
    """Whether a vector is written as a row: x^\\top, a number times it, or a row times matrices."""
    while isinstance(node, Call) and is_call(node, "@", "*"):
        node = node.args[1] if is_call(node.args[1], "transpose") else node.args[0]
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
