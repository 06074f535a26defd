"""A text as tokens, whatever it is written in: a program, LaTeX."""

from __future__ import annotations

from collections.abc import Collection

from gradcli.errors import Source
from gradcli.language.tokens import Token, tokenize


def tokens_of(source: Source, functions: Collection[str] = (), known: Collection[str] = ()) -> tuple[list[Token], bool]:
    """The tokens of a text, and whether it is written in another language.

    The text may call `functions`; `known` are names of its program.
    """
    text = source.text
    if "\\" in text or "{" in text:
        from gradcli.language.latex import reader, syntax

        if syntax.is_latex(text):
            return reader.tokens_of(source, functions, known), True
    return tokenize(source), False
