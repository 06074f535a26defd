"""Products of whole tensors in LaTeX: what they mean is known once their shapes are, and the tree says it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache

from gradcli.errors import GradcliError, LimitError, Source
from gradcli.functions import table
from gradcli.functions.shapes import Shape
from gradcli.language.foreign import is_latex
from gradcli.language.latex import matrices
from gradcli.language.nodes import Assign, Call, Define, DefineDerivative, Node, Output, Program, Statement
from gradcli.language.products import shorten
from gradcli.language.tokens import as_plain
from gradcli.language.trees import rebuilt

STAGE = "checking the program"
DOTS = ("·", "⋅", "∙", "×", "•", "‧", "・")
NAME = re.compile(r"\w*\Z")
LONGEST_NAME = 40  # characters of a function's name
MAX_REREAD = 200  # products and powers of tensors in a text


class Reread(Exception):
    """A node of a tree means another one, now that shapes are known."""

    def __init__(self, node: Call, other: Node) -> None:
        super().__init__(node.function)
        self.node = node
        self.other = other


def check_reread(node: Call, shapes: Sequence[Shape], source: Source) -> None:
    """Raise Reread for a product of tensors in LaTeX that is one of matrices."""
    if node.function not in matrices.READ or not any(shapes):
        return
    if not is_latex(source.text):
        _check_dotted(node, shapes, source)
        _check_bars(node, shapes[0], source)
        return
    other = matrices.meant(node, shapes, source)
    if other is not None:
        raise Reread(node, other)


def _check_dotted(node: Call, shapes: Sequence[Shape], source: Source) -> None:
    """Refuse `x·y` of vectors and `A·B` of matrices: entry by entry to some, and to others a product of their own."""
    if node.function != "*" or not all(shapes) or len(node.args) != 2:
        return
    sign = source.text[node.head.start : node.head.end]
    if sign not in DOTS:
        return
    left, right = (shorten(source.text[one.span.start : one.span.end]) for one in node.args)
    ranks = sorted(len(shape) for shape in shapes)
    own = f"{left}@{right} for the product of matrices" if ranks[-1] > 1 else f"dot({left}, {right}) for the number"
    if sign == "×" and all(shape[-1:] == (3,) for shape in shapes):
        own = f"cross({left}, {right}) for the cross product"
    raise GradcliError(
        STAGE, f'"{left}{sign}{right}" of {"matrices" if ranks[-1] > 1 else "vectors"} can be read in two ways',
        source=source, span=node.span, hint=f"write {own}, or {left}*{right} for entry by entry",
    )  # fmt: skip


def _check_bars(node: Call, shape: Shape, source: Source) -> None:
    """Refuse |A| of a matrix, a determinant to many, and |x| of a vector, a length; within a sum they are entries."""
    text, span = _plain(source.text), node.span  # of the same length
    if node.function != "abs" or not shape or not text.startswith("|", span.start) or text[span.end - 1] != "|":
        return
    if span.start in _within_sums(text):
        return
    inside = text[span.start + 1 : span.end - 1].strip()
    other = f"det({inside}) for the determinant" if len(shape) > 1 else f"norm({inside}) for the length"
    what = f'"{shorten(text[span.start : span.end])}" of a {"matrix" if len(shape) > 1 else "vector"}'
    raise GradcliError(
        STAGE, f"{what} can be read in two ways", source=source, span=span,
        hint=f"write {other}, or abs({inside}) for entry by entry",
    )  # fmt: skip


def _reduces(name: str) -> bool:
    """Whether a function makes one number of entries, so that entries are meant within it."""
    row = table.BY_NAME.get(name)
    return row is not None and (row.reduces or row.reduction is not None)


@lru_cache(maxsize=8)  # of a program, which is asked at each of its bars
def _plain(text: str) -> str:
    return as_plain(text)


@lru_cache(maxsize=8)  # of a program, which is asked at each of its bars
def _within_sums(text: str) -> frozenset[int]:
    """Where bars stand within the brackets of a function that makes one number of entries."""
    found, open_ones, inside = [], [], 0
    for place, sign in enumerate(text):
        if sign in "([":
            name = NAME.search(text[max(0, place - LONGEST_NAME) : place])
            open_ones.append(sign == "(" and name is not None and _reduces(name[0]))
            inside += open_ones[-1]
        elif sign in ")]" and open_ones:
            inside -= open_ones.pop()
        elif sign == "|" and inside:
            found.append(place)
    return frozenset(found)


def reread(program: Program, lower: Callable[[Program], object]) -> Program:
    """The program with the products of tensors that its LaTeX means, found while it is lowered."""
    for _ in range(MAX_REREAD):
        try:
            lower(program)
            return program
        except Reread as found:
            program = replace(
                program, statements=tuple(_changed(one, found.node, found.other) for one in program.statements)
            )
    raise LimitError("reading LaTeX", f"there are more than {MAX_REREAD} products of tensors")


def _changed(one: Statement, old: Node, new: Node) -> Statement:
    def put(tree: Node) -> Node:
        return rebuilt(tree, lambda node: new if node is old else None, simplify=False)

    if isinstance(one, (Assign, Output)):
        return replace(one, value=put(one.value))
    if isinstance(one, Define):
        return replace(one, body=put(one.body))
    assert isinstance(one, DefineDerivative)
    return replace(one, partials=tuple(map(put, one.partials)))
