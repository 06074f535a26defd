"""Jacobians that are mostly 0 by the operations of the program: what else is in them, from one product with a vector.

Autograd's numbers are those of the sum of the outputs, which is what `backward` is called on, and the reference judges
them there: each is the derivative of the one output that depends on its entry.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from gradcli.problem.job import Job
from gradcli.problem.study import PartialBlock, Study
from gradcli.problem.tensors.writer import TensorFormulaWriter
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.tape.arrays import Array
from gradcli.tape.direction import Direction
from gradcli.tape.findings import TIME_UP, Formula
from gradcli.tape.lower_tensors import MAX_NUMBERS
from gradcli.tape.structure import DIAGONAL, Structure, structure_of

WHOLE = 100_000  # entries of a Jacobian that is computed as a whole: what is 0 by its structure is seen to be 0
NOT_SEEN = "what autograd computes for the entries that are 0 was not looked at: other numbers here are not finite"


def structures(job: Job) -> dict[int, Structure]:
    """The Jacobians with a structure, by the positions of their variables."""
    tape = job.written
    plain = job.order == 1 and job.direction is None and not job.complex and job.point is not None
    if not plain or job.has_custom_vjps or not tape.ops[tape.output].shape or tape.ops[tape.output].called == "[]":
        return {}
    found = {}
    for position, name in enumerate(job.targets):
        index = tape.find(name)
        structure = None if index is None else structure_of(tape, index)
        if structure is not None:
            found[position] = structure
    return found


def too_large(job: Job, found: Mapping[int, Structure]) -> dict[int, Structure]:
    """Those that are not to be computed as wholes."""
    if job.conditions or job.quotients or job.scale is not None or job.sort:
        return {}
    return {
        position: one for position, one in found.items() if one.size > (WHOLE if one.kind == DIAGONAL else MAX_NUMBERS)
    }


def name_structures(parts: list[PartialBlock], found: Mapping[int, Structure]) -> None:
    """Say of whole Jacobians what structure they have, where autograd's numbers have it, too."""
    for part in parts:
        structure = found.get(part.positions[0]) if len(part.positions) == 1 and part.of is None else None
        if structure is not None and part.autograd is not None and structure.is_of(part.autograd):
            part.structure = structure


def gather_structured(job: Job, large: Mapping[int, Structure], gather: Callable[[Job], Study]) -> Study | None:
    """What the sources say of a job, some of whose Jacobians are not to be computed as wholes.

    None where they may be: an infinite slope makes autograd's zeros into NaN, and whole Jacobians show them.
    """
    names = [job.targets[position] for position in large]
    shape = job.typed.ops[job.typed.output].shape
    ones = Direction(weights=Array(shape, array("d", [1.0]) * math.prod(shape)))
    summed = gather(replace(job, wrt=tuple(names), direction=ones, formulas=False, diagnose=False))
    finite = all(np.isfinite(part.autograd).all() for part in summed.parts)
    if not finite and all(one.size <= MAX_NUMBERS for one in large.values()):
        return None
    others = [position for position in range(len(job.targets)) if position not in large]
    study = gather(replace(job, wrt=tuple(job.targets[position] for position in others)))
    for part in study.parts:
        part.positions = tuple(others[position] for position in part.positions)
    writer = TensorFormulaWriter(job, _forward(job))
    deadline = Deadline(job.allowance)
    for part in summed.parts:
        (inner,) = part.positions
        position = list(large)[inner]
        part.positions, part.structure = (position,), large[position]
        part.note = part.note if finite else "; ".join(filter(None, (part.note, NOT_SEEN)))
        _of_own_outputs(study, part, job.full_point.get(job.targets[position]))
        if job.formulas:
            _write(part, writer, deadline)
    study.parts = sorted([*study.parts, *summed.parts], key=lambda part: part.positions)
    return study


def _forward(job: Job) -> Any:
    from gradcli.problem.tensors.forward import Forward

    return Forward(job)


def _of_own_outputs(study: Study, part: PartialBlock, value: Any) -> None:
    """Hold what is 0 against the size of the one output it is of, and not against that of their sum."""
    structure = part.structure
    assert structure is not None
    entries = None if value is None else np.abs(np.frombuffer(value.data))
    outputs = np.abs(np.asarray(study.value)).reshape(-1)[structure.outputs]
    if entries is None:
        flat = np.zeros(len(outputs))
    else:
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            flat = outputs / np.where(entries == 0, 1.0, entries)
    flat = flat.reshape(structure.shape)
    if part.whole is not None and part.whole.flat is not None:
        part.whole.flat = flat
    for index, one in part.findings.items():
        if one.flat is not None:
            part.findings[index] = replace(one, flat=repr(float(flat[index])))


def _write(part: PartialBlock, writer: TensorFormulaWriter, deadline: Deadline) -> None:
    """The formula of a part, and its values where its numbers are."""

    def write() -> None:
        if part.structure is not None and part.structure.kind == DIAGONAL:
            part.formula, part.values = writer.write_diagonal(part.positions)
        else:
            part.formula, part.values = writer.text_alone(part.positions), None

    try:
        deadline.run(write)
    except OutOfTime:
        part.formula = Formula(note=TIME_UP)
