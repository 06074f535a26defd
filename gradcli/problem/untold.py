"""Names that are numbers only because nobody said that they are tensors: the hint that says how to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from gradcli.errors import GradcliError
from gradcli.language import hints
from gradcli.tape.lower_tensors import STAGE

MOST_NAMES = 4  # that a hint lists


def tell_of_shapes(error: GradcliError, variables: Iterable[str], shapes: Collection[str], has_point: bool) -> None:
    """Put into an error about shapes how sizes are given, where all variables are numbers."""
    numbers = list(variables)
    if error.stage != STAGE or shapes or not numbers or "number" not in error.message:
        return
    shown = ", ".join(numbers[:MOST_NAMES]) + (", ..." if len(numbers) > MOST_NAMES else "")
    are = "is a number" if len(numbers) == 1 else "are numbers"
    error.hint = f"{shown} {are} here: {_examples(error.message, numbers, has_point)}"
    if call := _as_call(error, numbers):
        error.hint = f"{call}; {error.hint}"


def _as_call(error: GradcliError, names: Iterable[str]) -> str | None:
    """What to write for Sin[2], a call as Mathematica has it."""
    if error.source is None or error.span is None:
        return None
    name, bracket, inside = error.source.text[error.span.start : error.span.end].partition("[")
    return hints.bracketed(name, inside.count(",")) if bracket and name in names else None


def _examples(message: str, names: Sequence[str], has_point: bool) -> str:
    """How what a message asks for is given: a vector, a matrix, or either, of names as people call these."""
    size = 3 if "vectors of 3" in message else 2
    option = "--at" if has_point else "--shape"
    capital = next((name for name in names if name[:1].isupper()), None)
    small = next((name for name in reversed(names) if not name[:1].isupper()), None)
    of_matrix, of_vector = (capital or names[0]), (small or names[-1])
    vector = f"{of_vector}=[{','.join('123'[:size])}]" if has_point else f"{of_vector}={size}"
    matrix = f"{of_matrix}=[[1,2],[3,4]]" if has_point else f"{of_matrix}=2,2"
    if "vector" in message and "matri" not in message:
        return f"a vector is given by {option} {vector}"
    if "matri" in message and "vector" not in message:
        return f"a matrix is given by {option} {matrix}"
    if capital is None:
        return f"a vector is given by {option} {vector}, a matrix by {matrix}"
    return f"a matrix is given by {option} {matrix}, a vector by {vector}"
