"""The formulas of tensors as LaTeX, with what the names of a tape mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gradcli.backends.symbolic.latex.indexed import IndexLatex
from gradcli.backends.symbolic.latex.whole import MatrixLatex
from gradcli.backends.symbolic.matrix.nodes import MatrixNode, NoMatrix
from gradcli.language.numbers import Dtype

if TYPE_CHECKING:
    from gradcli.backends.symbolic.indexed.formulas import Indexed


def ranks_of(f: Indexed) -> Mapping[str, int]:
    """How many axes the names of a tape have."""
    places = {**f.tape.inputs, **f.tape.named, **{name: place for place, name in f.targets.items()}}
    return {name: len(f.tape.ops[place].shape) for name, place in places.items()}


def index_latex(formula: Any, f: Indexed, dtype: Dtype) -> str:
    """A lettered formula with indices."""
    return str(IndexLatex(dtype, ranks_of(f)).doprint(formula))


def matrix_latex(node: MatrixNode, f: Indexed, dtype: Dtype) -> str | None:
    """A formula of whole tensors; None where a name in it cannot be read."""
    ranks = ranks_of(f)
    try:
        return MatrixLatex(f.axes.here, IndexLatex(dtype, ranks).doprint, ranks).of(node)
    except NoMatrix:
        return None
