"""Functions of a whole matrix that are computed by a program of their own: it is evaluated and swept like any other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from gradcli.language.parser import parse
from gradcli.tape.lower import lower
from gradcli.tape.tape import Tape

MATRIX = "x"  # its name in the program
MOST_PROGRAMS = 300  # that are remembered: they differ by sizes


@lru_cache(maxsize=MOST_PROGRAMS)
def program_of(text: str, shape: Sequence[int]) -> Tape:
    """The operations of a rule's program for a matrix of a shape."""
    shapes = {MATRIX: tuple(shape)}
    return lower(parse(text, "a row"), (MATRIX,), None, custom_vjps=False, shapes=shapes, written_out=True)
