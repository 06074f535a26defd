"""One answer from what the sources say of a program over tensors."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gradcli.diff.build import assembled, cause
from gradcli.diff.data import Checked, Entries, Entry, Partial, Result, Verdict
from gradcli.diff.quotients import with_quotients
from gradcli.diff.sensitivities import with_sensitivities
from gradcli.errors import ExitCode
from gradcli.problem.job import Job
from gradcli.reference.verdict import Judgement, judge, judge_value
from gradcli.tape.arrays import Array, every, nested, position
from gradcli.terminal.numbers import cut

if TYPE_CHECKING:
    from gradcli.diff.entries import EntryVerdicts, Judged
    from gradcli.problem.study import PartialBlock, Study

Index = tuple[int, ...]

MOST_ENTRIES = 50  # that are not in order, of one partial


def combine_tensors(job: Job, study: Study) -> Result:
    """The result of a job over tensors."""
    from gradcli.diff.structured import with_structure

    shape = tuple(study.shape)
    references: Any = None
    if study.references:
        flat = [cut(study.references.get(index), job.digits) for index in every(shape)]
        references = nested(shape, flat)
    moves = job.direction is not None and job.direction.is_jvp
    direction: Any = None
    if job.direction is not None:
        moved = job.direction.moves
        weights = job.direction.weights
        direction = _entries(weights) if moved is None else {n: _entries(v) for n, v in moved.items()}
    value, wrong = _of_value(job, study)
    result = assembled(
        job,
        (with_structure(_partial(job, part), part) for part in study.parts),
        value,
        study.versions,
        value=_array(study.value),
        value_reference=references,
        value_worst=wrong[0] if wrong else None,
        value_unusual=len(wrong),
        shape=shape,
        product=None if job.direction is None else "jvp" if moves else "vjp",
        direction=direction,
    )
    result = with_sensitivities(job, result, study.evidence, study.places)
    return with_quotients(job, result, study.quotients, study.evidence)


def _entries(value: Array | None) -> Entries:
    """An array, or the number of one that has no dimension."""
    return value if value is None or value.shape else float(value[()])


def _array(doubles: Any) -> Entries:
    """An array of NumPy's without a copy."""
    if doubles is None or not doubles.shape:
        return None if doubles is None else float(doubles)
    import numpy as np

    return Array(doubles.shape, np.ascontiguousarray(doubles, np.float64).reshape(-1).data)


def _of_value(job: Job, study: Study) -> tuple[Judgement | None, list[Index]]:
    """The verdict on the value, which is that of the worst entry; and the entries that are wrong, the worst one first.

    Of those that the reference knows.
    """
    if study.value is None or not job.reference:
        return None, []
    found = []
    for index, text in study.references.items():
        judgement = judge_value(float(study.value[index]), text, study.roundings.get(index), job.dtype, job.min_digits)
        if judgement.verdict is not Verdict.AGREE and index not in study.roundings:
            judgement = Judgement(Verdict.UNDECIDED, judgement.digits)  # it may be the rounding of what was typed
        found.append((judgement, index))
    found.sort(key=lambda one: (one[0].verdict.rank, _rank(one[0]), one[1]))
    wrong = [index for one, index in found if study.shape and one.verdict.exit_code is ExitCode.WRONG]
    return found[0][0] if found else None, wrong


def _rank(judgement: Judgement) -> float:
    return math.inf if judgement.digits is None else judgement.digits


def _partial(job: Job, part: PartialBlock) -> Partial:
    moves = job.direction is not None and job.direction.is_jvp
    wrt = tuple(job.direction.moves or ()) if moves and job.direction else tuple(job.wrt[p] for p in part.positions)
    formula = part.formula
    note = None if formula.text else f"no formula: {formula.note}"
    common: dict[str, Any] = {
        "wrt": wrt, "of": part.of, "shape": part.shape, "symbolic": formula.text, "symbolic_here": formula.here,
        "indices": formula.indices, "sizes": formula.sizes, "latex": formula.latex, "matrix": formula.matrix,
        "matrix_latex": formula.matrix_latex,
    }  # fmt: skip
    if part.autograd is None:
        return Partial(**common, note=note)
    common["autograd"] = _array(part.autograd)
    common["symbolic_value"] = _array(part.values)
    if not job.reference:
        return Partial(**common, note=note)
    return _judged(job, part, common, note)


def _judged(job: Job, part: PartialBlock, common: dict[str, Any], note: str | None) -> Partial:
    """The partial with the verdicts of its entries, the worst one's on top."""
    from gradcli.diff.entries import judge_entries, mismatch

    judged = _one_by_one(job, part)
    together = None
    if part.whole is not None:
        together = judge_entries(part, part.whole, job.dtype, job.min_digits, job.has_custom_vjps)
    candidates, unusual, count = _merged(job, part, judged, together)
    checked = Checked(
        part.autograd.size,
        0 if part.values is None else part.autograd.size,
        len(judged) + (0 if together is None else int(together.known.sum())),
        count,
    ) if part.shape else None  # fmt: skip
    if not candidates:
        undecided = "; ".join(filter(None, (part.note, note))) or None
        return Partial(**common, verdict=Verdict.UNDECIDED, note=undecided, checked=checked)
    worst = min(candidates, key=lambda one: (one[3].verdict.rank, _digits(one[3]), one[0]))
    index, _, finding, judgement = worst
    one = not part.shape
    off = mismatch(job, part, judged, together)
    notes = (
        off,
        _rounded(part, together), finding.note if one or judgement.verdict is Verdict.UNDECIDED else None,
        part.note, note,
    )  # fmt: skip
    return Partial(
        **common,
        reference=_references(job, part, judged),
        digits=judgement.digits,
        verdict=judgement.verdict,
        proof=_proof(part, judged, together),
        kind=finding.kind,
        left=cut(finding.left, job.digits) if one else None,
        right=cut(finding.right, job.digits) if one else None,
        limit=cut(finding.limit, job.digits) if one else None,
        worst=None if one else index,
        note="; ".join(filter(None, notes)) or None,
        checked=checked,
        entries=() if one else tuple(_entry(each, job.digits) for each in unusual),
        symbolic_holds=None if part.values is None else off is None,
        cause=cause(job, judgement.verdict),
    )


def _rounded(part: PartialBlock, together: EntryVerdicts | None) -> str | None:
    """How many entries are 0 as far as the typed numbers say."""
    if together is None or not together.rounded:
        return None
    if not part.shape:
        return "zero up to the rounding of what was typed"
    one = together.rounded == 1
    return f"{together.rounded:,} {'entry is' if one else 'entries are'} zero up to the rounding of what was typed"


def _proof(part: PartialBlock, judged: list[Judged], together: EntryVerdicts | None) -> str | None:
    """Whether all entries that the reference knows are enclosed."""
    proofs = {finding.proof for _, _, finding, judgement in judged if judgement.verdict is not Verdict.UNDECIDED}
    if part.whole is not None and together is not None and together.known.any():
        proofs.add(part.whole.proof)
    return "estimated" if "estimated" in proofs else "enclosed" if proofs else None


def _one_by_one(job: Job, part: PartialBlock) -> list[Judged]:
    """What is said of the entries that have a finding of their own."""
    flat = part.autograd.reshape(-1)
    judged: list[Judged] = []
    for index in sorted(part.findings):
        number = float(flat[position(part.shape, index)])
        finding = part.findings[index]
        judged.append((index, number, finding, judge(number, finding, job.dtype, job.min_digits)))
    return judged


def _merged(
    job: Job, part: PartialBlock, judged: list[Judged], together: EntryVerdicts | None
) -> tuple[list[Judged], list[Judged], int]:
    """Entries among which the worst one is, some that are not in order, and how many are not."""
    from gradcli.diff.entries import one_of, unsettled

    unusual = [one for one in judged if one[3].verdict is not Verdict.AGREE]
    candidates, count = list(judged), len(unusual)
    if together is not None and part.whole is not None:
        worst = together.worst()
        found = together.unusual()
        count += len(found)
        unusual += [
            one_of(part, part.whole, together, tuple(map(int, index)), job.digits) for index in found[:MOST_ENTRIES]
        ]
        left = unsettled(part, part.whole)
        if left is not None:
            unusual.append(left)
            candidates.append(left)
            count += int((~part.whole.known).sum())
        if worst is not None:
            candidates.append(one_of(part, part.whole, together, worst, job.digits))
    unusual.sort(key=lambda one: (one[3].verdict.rank, one[0]))
    return candidates, unusual[:MOST_ENTRIES], count


def _references(job: Job, part: PartialBlock, judged: list[Judged]) -> Any:
    """The true values of all entries, as far as they are known."""
    from gradcli.diff.entries import references

    texts = {index: cut(finding.value, job.digits) for index, _, finding, _ in judged}
    if part.whole is None:
        return _sparse(part.shape, texts)
    own = {position(part.shape, index): text for index, text in texts.items()}
    return references(part, part.whole, own, job.digits)


def _sparse(shape: tuple[int, ...], texts: Mapping[tuple[int, ...], str | None]) -> Any:
    """Nested lists of a few texts; those that have none are one and the same list."""
    if not shape:
        return texts.get(())
    if len(shape) == 1:
        return [texts.get((i,)) for i in range(shape[0])] if texts else [None] * shape[0]
    rows: dict[int, dict[tuple[int, ...], str | None]] = {}
    for index, text in texts.items():
        rows.setdefault(index[0], {})[index[1:]] = text
    empty = _sparse(shape[1:], {})
    return [_sparse(shape[1:], rows[i]) if i in rows else empty for i in range(shape[0])]


def _digits(judgement: Judgement) -> float:
    return -1.0 if judgement.digits is None else judgement.digits


def _entry(judged: Judged, digits: int) -> Entry:
    index, number, finding, judgement = judged
    return Entry(
        index, number, judgement.verdict, cut(finding.value, digits), judgement.digits, finding.kind,
        cut(finding.left, digits), cut(finding.right, digits), cut(finding.limit, digits), finding.note,
    )  # fmt: skip
