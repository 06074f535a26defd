"""Products of whole tensors in LaTeX: what they mean is known once their shapes are, and the tree says it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from gradcli.errors import LimitError, Source
from gradcli.functions.shapes import Shape
from gradcli.language.foreign import is_latex
from gradcli.language.latex import matrices
from gradcli.language.nodes import Assign, Call, Define, DefineDerivative, Node, Output, Program, Statement
from gradcli.language.trees import rebuilt

MAX_REREAD = 200  # products and powers of tensors in a text


class Reread(Exception):
    """A node of a tree means another one, now that shapes are known."""

    def __init__(self, node: Call, other: Node) -> None:
        super().__init__(node.function)
        self.node = node
        self.other = other


def check_reread(node: Call, shapes: Sequence[Shape], source: Source) -> None:
    """Raise Reread for a product of tensors in LaTeX that is one of matrices."""
    if node.function not in matrices.READ or not any(shapes) or not is_latex(source.text):
        return
    other = matrices.meant(node, shapes, source)
    if other is not None:
        raise Reread(node, other)


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
