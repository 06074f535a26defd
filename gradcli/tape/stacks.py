"""Functions of matrices on stacks of matrices: each matrix by itself, their results stacked, as torch has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gradcli.errors import GradcliError, LimitError, Source
from gradcli.functions.row import Row
from gradcli.functions.shapes import Shape, ShapeError
from gradcli.language.nodes import Call, Node
from gradcli.tape.lower_tensors import standing_at, written

MATRIX = 2  # dimensions
MOST_MATRICES = 200  # of a stack: each is an operation of its own in every tape
STAGE = "checking shapes"


def one_by_one(row: Row, given: Sequence[Shape], names: Sequence[str]) -> str | None:
    """The call of a function of matrices as a stack of calls, in the language; None where it has no stack.

    `names` are those of all parameters, the ones that are no tensors behind the others. Raises LimitError for more
    than MOST_MATRICES.
    """
    if not row.eliminates or not given or max(map(len, given)) <= MATRIX:
        return None
    stacked = _along(given)
    if stacked is None:
        return None
    counts = {shape[0] for shape, along in zip(given, stacked) if along and shape[0] > 1}
    if len(counts) > 1:
        return None
    count = counts.pop() if counts else 1
    if count > MOST_MATRICES:
        message = f"a stack has {count:,} matrices, and {MOST_MATRICES} is the limit"
        raise LimitError(STAGE, message, hint="take a part of them: A[:100]")
    calls = []
    for place in range(count):
        parts = [
            f"{name}[{place if shape[0] > 1 else 0}]" if along else name
            for name, shape, along in zip(names, given, stacked)
        ]
        calls.append(f"{row.name}({', '.join([*parts, *names[len(given) :]])})")
    return f"stack([{', '.join(calls)}])"


def tree(row: Row, given: Sequence[Shape], known: Mapping[str, Any], node: Call, source: Source) -> Node | None:
    """What a call of a stack stands for, its `known` arguments by their names; None where it takes what it is given.

    Raises GradcliError where torch and NumPy mean two things, LimitError.
    """
    told = tuple(known.values())
    found = one_by_one(row, given, [*row.tensors(told), *known])
    if found is None or fits(row, given, told):
        return None
    spelled = source.text[node.head.start : node.head.end]
    if spelled.startswith(("np.", "numpy.", "jnp.")) and is_ambiguous(given):
        raise GradcliError(
            STAGE, "these right-hand sides are vectors in torch, and columns of a matrix in NumPy",
            source=source, span=node.span, hint="write b[:, :, None] for a vector of each, or torch.linalg.solve",
        )  # fmt: skip
    return standing_at(written(found, row.name), node.span)


def is_ambiguous(given: Sequence[Shape]) -> bool:
    """Whether the right-hand sides of a system are vectors to torch, and columns of a matrix to NumPy."""
    return len(given) > 1 and len(given[0]) > MATRIX and given[1] == given[0][:-1]


def _along(given: Sequence[Shape]) -> list[bool] | None:
    """Which arguments are stacks: of right-hand sides those of vectors, too, where there is one for each matrix."""
    first, *rest = given
    found = [len(first) > MATRIX]
    for shape in rest:
        vectors = len(first) > MATRIX and shape == first[:-1]
        found.append(vectors or len(shape) > MATRIX)
    ranks = {len(shape) for shape, along in zip(given, found) if along and shape != first[:-1]}
    return found if len(ranks) == 1 else None


def fits(row: Row, given: Sequence[Shape], statics: Sequence[object]) -> bool:
    """Whether a function takes arguments of these shapes as they are."""
    try:
        return row.shape is None or row.shape(*given, *statics) is not None
    except (ShapeError, TypeError):
        return False
