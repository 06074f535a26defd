"""A text as tokens, whatever it is written in: a program, LaTeX, a formula of Excel."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from gradcli.errors import Source
from gradcli.language import excel
from gradcli.language.tokens import Token, tokenize


@lru_cache(maxsize=8)  # of a program, which is asked at each of its products, and of the claims about it
def is_latex(text: str) -> bool:
    """Whether a text is LaTeX: it has commands, or scripts in braces."""
    if "\\" not in text and "{" not in text:
        return False
    from gradcli.language.latex.syntax import is_latex as looks_like_it

    return looks_like_it(text)


def tokens_of(
    source: Source, functions: Collection[str] = (), known: Collection[str] = (), letters: Collection[str] = ()
) -> tuple[list[Token], bool]:
    """The tokens of a text, and whether it is written in another language.

    The text may call `functions`; `known` are names of its program, `letters` those of an entry that it is about.
    """
    if is_latex(source.text):
        from gradcli.language.latex import reader

        return reader.tokens_of(source, functions, known, letters), True
    if excel.is_excel(source.text):
        return excel.tokens_of(source), True
    return tokenize(source), False
