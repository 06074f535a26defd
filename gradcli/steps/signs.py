"""How a derivative is called in four spellings: diff(f, x), ∂f/∂x, df/dx, and in LaTeX."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from gradcli.language.latex_names import indexed, latex_name
from gradcli.language.notation import Index, Notation, bracket, derivative_sign
from gradcli.steps.data import Written


def written_sign(name: str, by: Sequence[str], index: Index = ()) -> Written:
    """The sign for a derivative of something that has a name, or of an entry of it, by one name for each order."""
    text = shown = name + bracket(index)
    for one, run in groupby(by):
        count = len(list(run))
        text = f"diff({text}, {one}{f', {count}' if count > 1 else ''})"
    latex = derivative_sign(Notation.LATEX, indexed(latex_name(name), list(map(str, index))), list(map(latex_name, by)))
    signs = [derivative_sign(notation, shown, by) for notation in (Notation.SIGNS, Notation.ASCII)]
    return Written(text, signs[0], latex, signs[1])
