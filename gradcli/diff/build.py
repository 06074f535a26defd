"""One answer from what the sources say: a number is a tensor of rank 0."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from gradcli.diff.data import CONVENTION, CUSTOM_VJP, Checked, Entries, Partial, Result, Verdict
from gradcli.diff.judged import count_of_digits, entry, formula_holds, merged, one_by_one, proof, references, rounded
from gradcli.diff.quotients import with_quotients
from gradcli.diff.sensitivities import with_sensitivities
from gradcli.errors import ExitCode
from gradcli.language.latex_names import latex_name
from gradcli.language.numbers import double_of
from gradcli.problem.job import Job
from gradcli.problem.shown import at_of, output_name
from gradcli.problem.study import Index, PartialBlock, Study
from gradcli.reference.verdict import Judgement, judge_complex, judge_value
from gradcli.tape.arrays import Array, every, nested
from gradcli.tape.findings import Definition, Near
from gradcli.terminal.numbers import cut
from gradcli.version import __version__

LEFT_OUT = (
    "autograd is left out: before the order {}, its graph has more than {:,} operations; the verdict is on the value"
    " that is enclosed, which difference quotients bear out"
)


def combine(job: Job, study: Study) -> Result:
    """One answer from what the sources say."""
    shape = tuple(study.shape)
    references: Any = None
    if study.references:
        references = nested(shape, [cut(study.references.get(index), job.digits) for index in every(shape)])
    judged, wrong = _of_value(job, study)
    result = Result(
        program=job.program.source.text.strip(),
        partials=tuple(_partials(job, study)),
        name=output_name(job),
        at=at_of(job),
        dtype=job.dtype.name,
        order=job.order,
        value=_array(study.value, shape),
        value_reference=references,
        value_imaginary=study.imaginary,
        value_imaginary_reference=cut(study.imaginary_reference, job.digits),
        value_digits=judged.digits if judged else None,
        value_verdict=judged.verdict if judged else None,
        value_worst=wrong[0] if wrong else None,
        value_unusual=len(wrong),
        versions={"gradcli": __version__, **study.versions},
        shape=shape,
        hessian=job.hessian,
        notes=(*job.notes, *_left_out(job, study)),
        definitions=tuple(f"{one.name} = {one.text}" for one in study.definitions),
        definitions_latex=tuple(_latex_definition(one) for one in study.definitions if one.latex),
        **_direction(job),
    )
    result = with_sensitivities(job, result, study.evidence, study.places)
    return with_quotients(job, result, study.quotients, study.evidence)


def _direction(job: Job) -> dict[str, Any]:
    """What a product of the Jacobian with a vector is by."""
    if job.direction is None:
        return {}
    moved = job.direction.moves
    if moved is None:
        return {"product": "vjp", "direction": _entries(job.direction.weights)}
    return {"product": "jvp", "direction": {name: _entries(value) for name, value in moved.items()}}


def _left_out(job: Job, study: Study) -> Iterator[str]:
    if study.is_left_out:
        yield LEFT_OUT.format(job.order, job.most_nodes)


def _entries(value: Array | None) -> Entries:
    """An array, or the number of one that has no dimension."""
    return value if value is None or value.shape else float(value[()])


def _array(doubles: Any, shape: Index) -> Entries:
    """An array of NumPy's without a copy; a number of no dimension."""
    if doubles is None or not shape:
        return None if doubles is None else float(doubles)
    import numpy as np

    return Array(doubles.shape, np.ascontiguousarray(doubles, np.float64).reshape(-1).data)


def _of_value(job: Job, study: Study) -> tuple[Judgement | None, list[Index]]:
    """The verdict on the value, which is that of the worst entry; and the entries that are wrong, the worst one first.

    Of those that the reference knows; of a complex value as a whole.
    """
    if study.value is None or not job.reference:
        return None, []
    found = []
    for index, text in study.references.items():
        value = float(study.value[index] if study.shape else study.value)
        if study.imaginary is not None and study.imaginary_reference is not None and text is not None:
            number = (value, study.imaginary)
            return judge_complex(number, (text, study.imaginary_reference), job.dtype, job.min_digits), []
        judgement = judge_value(value, text, study.roundings.get(index), job.dtype, job.min_digits)
        if judgement.verdict is not Verdict.AGREE and index not in study.roundings:
            judgement = Judgement(Verdict.UNDECIDED, judgement.digits)  # it may be the rounding of what was typed
        found.append((judgement, index))
    found.sort(key=lambda one: (one[0].verdict.rank, _rank(one[0]), one[1]))
    wrong = [index for one, index in found if study.shape and one.verdict.exit_code is ExitCode.WRONG]
    return found[0][0] if found else None, wrong


def _rank(judgement: Judgement) -> float:
    return math.inf if judgement.digits is None else judgement.digits


def _partials(job: Job, study: Study) -> Iterator[Partial]:
    for part in study.parts:
        partial = _partial(job, part)
        if part.structure is not None:
            from gradcli.diff.structured import with_structure

            partial = with_structure(partial, part)
        yield partial


def _partial(job: Job, part: PartialBlock) -> Partial:
    moves = job.direction is not None and job.direction.is_jvp
    wrt = tuple(job.direction.moves or ()) if moves and job.direction else tuple(job.wrt[p] for p in part.positions)
    formula = part.formula
    note = formula.note if formula.text else None if job.is_by_series else f"no formula: {formula.note}"
    common: dict[str, Any] = {
        "wrt": wrt, "of": part.of, "shape": part.shape, "symbolic": formula.text, "symbolic_here": formula.here,
        "symbolic_expanded": formula.expanded, "indices": formula.indices, "sizes": formula.sizes,
        "latex": formula.latex, "matrix": formula.matrix, "matrix_latex": formula.matrix_latex,
    }  # fmt: skip
    if job.point is None:
        return Partial(**common, note=note)
    common["autograd"] = _array(part.autograd, part.shape)
    common["symbolic_value"] = _array(part.values, part.shape) if formula.value is None else double_of(formula.value)
    if not job.reference:
        return Partial(**common, note=note)
    return _judged(job, part, common, note)


def _judged(job: Job, part: PartialBlock, common: dict[str, Any], note: str | None) -> Partial:
    """The partial with the verdicts of its entries, the worst one's on top."""
    judged = one_by_one(job, part)
    together = None
    if part.whole is not None:
        from gradcli.diff.entries import judge_entries

        together = judge_entries(part, part.whole, job.dtype, job.min_digits, job.has_custom_vjps)
    candidates, unusual, count = merged(job, part, judged, together)
    checked = Checked(
        part.autograd.size,
        0 if part.values is None else part.autograd.size,
        len(judged) + (0 if together is None else int(together.known.sum())),
        count,
    ) if part.shape else None  # fmt: skip
    if not candidates:
        undecided = "; ".join(filter(None, (part.note, note))) or None
        return Partial(**common, verdict=Verdict.UNDECIDED, note=undecided, checked=checked)
    worst = min(candidates, key=lambda one: (one[3].verdict.rank, count_of_digits(one[3]), one[0]))
    index, _, finding, judgement = worst
    one = not part.shape
    symbolic_holds, off = formula_holds(job, part, judged, together)
    notes = (
        off,
        rounded(part, together), judgement.note if one else None,
        finding.note if one or judgement.verdict is Verdict.UNDECIDED else None,
        *map(_told, finding.near if one else ()), part.note, note,
    )  # fmt: skip
    return Partial(
        **common,
        reference=references(job, part, judged),
        digits=judgement.digits,
        verdict=judgement.verdict,
        proof=proof(part, judged, together),
        near=finding.near if one else (),
        kind=finding.kind,
        left=cut(finding.left, job.digits) if one else None,
        right=cut(finding.right, job.digits) if one else None,
        limit=cut(finding.limit, job.digits) if one else None,
        worst=None if one else index,
        note="; ".join(filter(None, notes)) or None,
        checked=checked,
        entries=() if one else tuple(entry(each, job.digits) for each in unusual),
        symbolic_holds=symbolic_holds,
        cause=_cause(job, judgement.verdict),
    )


def _latex_definition(one: Definition) -> str:
    return f"{latex_name(one.name)} = {one.latex}"


def _cause(job: Job, verdict: Verdict) -> str | None:
    """What is wrong where autograd disagrees: the only derivatives that can be are those that the program gives."""
    if verdict is not Verdict.DISAGREE:
        return None
    return CUSTOM_VJP if job.has_custom_vjps else CONVENTION


def _told(near: Near) -> str:
    article = "an" if near.kind[0] in "aeiou" else "a"
    away = "" if near.distance is None else f", {near.distance:.2g} away in {near.variable}"
    return f"within the rounding of the point lies {article} {near.kind} (of {near.operation}){away}"
