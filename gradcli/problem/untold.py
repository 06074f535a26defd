"""Names that are numbers only because nobody said that they are tensors: the hint that says how to."""

from __future__ import annotations

from collections.abc import Collection, Iterable

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
    vector = f"--at {numbers[-1]}=[1,2]" if has_point else f"--shape {numbers[-1]}=2"
    matrix = f"{numbers[0]}=[[1,2],[3,4]]" if has_point else f"{numbers[0]}=2,2"
    error.hint = f"{shown} {are} here: a vector is given by {vector}, a matrix by {matrix}"
    if call := _as_call(error, numbers):
        error.hint = f"{call}; {error.hint}"


def _as_call(error: GradcliError, names: Iterable[str]) -> str | None:
    """What to write for Sin[2], a call as Mathematica has it."""
    if error.source is None or error.span is None:
        return None
    name, bracket, inside = error.source.text[error.span.start : error.span.end].partition("[")
    return hints.bracketed(name, inside.count(",")) if bracket and name in names else None
