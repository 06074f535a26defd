"""Trees in index notation: entries of tensors, and what runs over an index; the heads of trees in matrix algebra.

These heads are no rows of the table: `Entry` of a tensor and its indices, `Sum`, `Product`, `Max` and `Min` of a body,
an index and the index's size, and `delta` of two indices. A `Product` may have a fourth argument, the value that its
index does not take.
"""

from __future__ import annotations

from collections.abc import Collection

from gradcli.language.nodes import Call, Name, Node, Number, walk
from gradcli.language.trees import HERE, call, is_call, number, terms, total

ENTRY = "Entry"
OVER = ("Sum", "Product", "Max", "Min")

# Of matrix algebra: textbook signs for whole tensors
BESIDE = "beside"  # factors next to each other: scalars, matrices
TIMES, DIVIDED, RAISED = "entry times", "entry by", "entry power"  # entry by entry
EXP = "entry exp"
ONES, ZEROS = "all ones", "all zeros"  # vectors
TRANSPOSE, INVERSE, INVERSE_TRANSPOSE = "transposed", "inverse", "inverse transposed"
FROBENIUS = "Frobenius norm"
OPTION = "option"  # a function's name, an option's name and value, and the arguments


def runs_over_all(node: Call) -> bool:
    """Whether an index runs over a whole dimension of some tensor, as a reader would expect."""
    body, index, size = node.args[:3]
    assert isinstance(index, Name)
    return isinstance(size, Name) or any(
        any(isinstance(arg, Name) and arg.name == index.name for arg in one.args[1:])
        for one in walk(body)
        if isinstance(one, Call) and is_call(one, ENTRY)
    )


def ranged(node: Call) -> Call:
    """Something over an index, with that and its size as arguments of their own: it may say `j < n`, as typed."""
    body, said, *rest = node.args
    return Call(node.function, (body, *said.args), HERE, HERE) if isinstance(said, Call) and not rest else node


def bound(node: Call) -> Node:
    """What is said of an index: its name, and its size where that is not plain to see."""
    if len(node.args) == 2:  # as it was typed
        return node.args[1]
    _, index, size, *other = node.args
    if other:
        return call("!=", index, other[0])
    return index if runs_over_all(node) else call("<", index, size)


def last(size: Node) -> Node:
    """The last value of an index with that size: n - 1."""
    signed = terms(size)
    plain = sum(sign * part.value for sign, part in signed if isinstance(part, Number))
    rest = [(sign, part) for sign, part in signed if not isinstance(part, Number)]
    return total([*rest, (1, number(plain - 1))]) if rest else number(plain - 1)


def seen(node: Node, letters: Collection[str], everywhere: bool) -> set[str]:
    """Which of these letters a reader sees; the sizes of sums over whole dimensions only where they are written."""
    found: set[str] = set()
    stack = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, Name):
            found |= {one.name} & set(letters)
        elif isinstance(one, Call):
            is_typed = len(one.args) == 2  # and says its size where it has to be said
            hidden = (
                is_call(one, *OVER) and not everywhere and not is_typed and (len(one.args) > 3 or runs_over_all(one))
            )
            stack += [*one.args[:2], *one.args[3:]] if hidden else one.args
    return found


def derived(node: Node) -> tuple[Node, list[Node]]:
    """What a pending derivative is of, and by what in turn."""
    by: list[Node] = []
    while isinstance(node, Call) and is_call(node, "diff"):
        node, one = node.args
        by.append(one)
    return node, by[::-1]
