"""Claims about the entries of a derivative, ∂f/∂x[i] = 2*x[i], and with sums over an index."""

from __future__ import annotations

from collections.abc import Callable

from gradcli.errors import GradcliError
from gradcli.functions.shapes import Shape, text
from gradcli.language.claims import STAGE, Claimed
from gradcli.language.nodes import Node
from gradcli.language.written_sums import entries_of


def claimed_entries(said: Claimed, shape: Shape, shape_of: Callable[[Node], Shape | None]) -> Node:
    """The claimed formula without letters and sums: a list with an entry for each value of each letter.

    Raises GradcliError where the letters are not those of the derivative's entries.
    """
    letters = [letter for one in said.letters for letter in one]
    if letters and len(letters) != len(shape):
        raise GradcliError(
            STAGE,
            f"the claim is about an entry by {len(letters)} letters, and the derivative is {text(shape)}",
            source=said.source,
            span=said.names_span,
        )
    for letter in letters:
        if letter.isdigit() or letters.count(letter) > 1:
            raise GradcliError(
                STAGE,
                "a claim about entries is about all of them",
                source=said.source,
                span=said.names_span,
                expected="a letter of its own for each index, such as ∂f/∂x[i] = ...",
            )
    return entries_of(said.formula, letters, shape, shape_of, said.source)
