"""What an operation of a tape is called inside a formula: a short expression."""

from __future__ import annotations

from gradcli.language.nodes import Name, Node
from gradcli.language.printer import unparse_within
from gradcli.language.trees import HERE
from gradcli.tape.tape import Tape
from gradcli.tape.trees import TapeTrees

MAX_LENGTH = 60


def tree_of(tape: Tape, index: int) -> Node:
    """The operation in terms of what the program names; one that is too long is called by its place: M12."""
    names = {place: Name(name, HERE) for name, place in reversed(tape.named.items()) if place != index}
    tree = TapeTrees(tape, names.get).of(index)
    return Name(f"M{index}", HERE) if unparse_within(tree, MAX_LENGTH) is None else tree


def known_as(tape: Tape, index: int) -> Node:
    """The name that the program has for an operation; what it computes where there is none."""
    name = next((name for name, place in reversed(tape.named.items()) if place == index), None)
    return tree_of(tape, index) if name is None else Name(name, HERE)
