"""A short text for an operation of a tape: what a matrix is called inside a formula."""

from __future__ import annotations

from gradcli.language.nodes import Call, Name, Node
from gradcli.language.printer import unparse
from gradcli.language.stack import PRECEDENCE
from gradcli.language.trees import HERE
from gradcli.tape.tape import Tape
from gradcli.tape.trees import TapeTrees, is_short

MAX_LENGTH = 60


def tree_of(tape: Tape, index: int) -> Node:
    """The operation in terms of what the program names."""
    names = {place: Name(name, HERE) for name, place in reversed(tape.named.items()) if place != index}
    return TapeTrees(tape, names.get).of(index)


def text_of(tape: Tape, index: int, operand: bool = False) -> str:
    """The operation in the language; one that is too long is called by its place."""
    tree = tree_of(tape, index)
    text = unparse(tree) if is_short(tree, MAX_LENGTH) else ""
    if not 0 < len(text) <= MAX_LENGTH:
        return f"M{index}"
    is_open = isinstance(tree, Call) and tree.function in PRECEDENCE and tree.function != "sqrt"
    return f"({text})" if operand and is_open else text
