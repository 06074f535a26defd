"""Jacobians that are mostly 0 by the operations of the program: entries that were judged by variable, as wholes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.diff.data import Partial
from gradcli.tape.arrays import Array, TextArray
from gradcli.tape.sparse import TEXT_OF_ZERO, SparseArray, SparseEntries, SparseTexts
from gradcli.tape.structure import ONE_HOT, Structure

if TYPE_CHECKING:
    from gradcli.problem.study import PartialBlock


def with_structure(partial: Partial, part: PartialBlock) -> Partial:
    """The partial with its structure named; one whose entries were judged by those of the variable becomes a whole."""
    structure = part.structure
    if structure is None or part.autograd is None:
        return partial
    outputs = tuple(structure.outputs.tolist()) if structure.kind == ONE_HOT else ()
    if not part.is_structured:
        nonzero = np.ascontiguousarray(structure.nonzero(part.autograd)).reshape(-1)
        return replace(partial, structure=structure.kind, nonzero=Array(structure.shape, nonzero.data), outputs=outputs)
    checked = partial.checked
    return replace(
        partial,
        structure=structure.kind,
        nonzero=partial.autograd,
        outputs=outputs,
        shape=structure.whole,
        autograd=_whole(structure, part.autograd),
        symbolic_value=None if part.values is None else _whole(structure, part.values),
        reference=None if partial.reference is None else _texts(structure, partial.reference),
        worst=None if partial.worst is None else part.index(partial.worst),
        entries=tuple(replace(one, index=part.index(one.index)) for one in partial.entries),
        checked=None if checked is None else replace(checked, entries=structure.size),
    )


def _whole(structure: Structure, numbers: Any) -> SparseArray:
    """A tensor of the numbers by the entries of the variable."""
    places, reached = structure.in_order
    values = np.ascontiguousarray(numbers, np.float64).reshape(-1)[reached]
    return SparseArray(structure.whole, SparseEntries(structure.size, places, values, 0.0))


def _texts(structure: Structure, references: Any) -> SparseTexts:
    """The true values: 0 at all places but those of the structure."""
    for _ in structure.shape[1:] if isinstance(references, list) else ():
        references = [one for row in references for one in row]
    texts = references.data if isinstance(references, TextArray) else references
    places, reached = structure.in_order
    same = len(reached) == len(texts) and bool((reached == np.arange(len(texts))).all())
    values = texts if same else [texts[index] for index in reached.tolist()]
    return SparseTexts(structure.whole, SparseEntries(structure.size, places, values, TEXT_OF_ZERO))
