"""A short text for an operation of a tape: what a matrix is called inside a formula."""

from __future__ import annotations

from gradcli.language.nodes import Call, Name, Node
from gradcli.language.printer import unparse, unparse_within
from gradcli.language.stack import PRECEDENCE, ROOTS
from gradcli.language.trees import HERE
from gradcli.tape.tape import Tape
from gradcli.tape.trees import TapeTrees

MAX_LENGTH = 60


def tree_of(tape: Tape, index: int) -> Node:
    """The operation in terms of what the program names; one that is too long is called by its place: M12."""
    names = {place: Name(name, HERE) for name, place in reversed(tape.named.items()) if place != index}
    tree = TapeTrees(tape, names.get).of(index)
    return Name(f"M{index}", HERE) if unparse_within(tree, MAX_LENGTH) is None else tree


def text_of(tape: Tape, index: int, operand: bool = False) -> str:
    """The operation as text, in brackets where an operand needs them."""
    tree = tree_of(tape, index)
    is_open = isinstance(tree, Call) and tree.function in PRECEDENCE and tree.function not in ROOTS
    return f"({unparse(tree)})" if operand and is_open else unparse(tree)
