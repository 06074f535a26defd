"""All sources on a program over tensors: torch first, then the formulas, then the reference on their entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy

from gradcli.problem.higher import of_higher_orders
from gradcli.problem.job import Job
from gradcli.problem.quotients import quotients_of
from gradcli.problem.study import Index, PartialBlock, Study
from gradcli.problem.tensors.examine import Examiner, judges_all
from gradcli.problem.tensors.not_finite import leave
from gradcli.problem.tensors.passing import passing
from gradcli.problem.tensors.sample import MOST_ON_KINKS, ON_KINKS, chosen, differences, near_kinks, spread_out
from gradcli.problem.tensors.some_outputs import judge_some_outputs
from gradcli.problem.tensors.structured import gather_structured, name_structures, too_large
from gradcli.problem.tensors.structured import structures as structures_of
from gradcli.problem.tensors.whole import NOT_BORNE_OUT, WholeJudge
from gradcli.problem.tensors.writer import TensorFormulaWriter
from gradcli.runtime.deadlines import Deadline, OutOfTime, WorkDeadline
from gradcli.tape.entry_rules import NotByNumbers
from gradcli.tape.findings import TIME_UP, Finding, Formula, Positions

if TYPE_CHECKING:
    import torch

    from gradcli.backends.torch.gradients import Gradients
    from gradcli.problem.tensors.forward import Forward
    from gradcli.tape.structure import Structure

SHARE_OF_ENTRIES = 0.3  # of the allowance, for entries that are judged one by one
MAX_LIST = 64  # outputs of a list that have a formula each
MOST_TOLD = 1_000_000  # entries of derivatives that are told of before all is known: to send them takes its time

Tell = Callable[[Study], None]
Room = Callable[[Sequence[int]], Any]


def gather(job: Job, tell: Tell | None = None, room: Room = np.empty) -> Study:
    """What the sources say of a job; `tell` is given what there is before each step that may take long.

    `room` gives an array of doubles of a shape, for formulas of many values.
    """
    structures = structures_of(job)
    large = too_large(job, structures)
    found = gather_structured(job, large, lambda one: gather(one, room=room)) if large else None
    return found or _gather(job, structures, tell, room)


def _gather(job: Job, structures: Mapping[int, Structure], tell: Tell | None, room: Room) -> Study:
    """The same by all Jacobians as wholes."""
    tape = job.typed
    study = Study(tape.ops[tape.output].shape, {"sympy": sympy.__version__})
    gradients = forward = None
    targets = [index for name in job.targets if (index := tape.find(name)) is not None]
    if job.point is not None:
        import torch

        from gradcli.backends.torch.gradients import differentiate
        from gradcli.problem.tensors.forward import Forward

        study.versions["torch"] = torch.__version__
        same = job.written is tape and job.dtype.name == "float64" and job.device == "cpu"
        left = passing(tape, targets, same)
        arguments = (tape, job.full_point, targets, job.order, job.dtype.name, job.device, left)
        gradients = job.in_time(lambda: differentiate(*arguments))
        study.value = _doubles(gradients.value)
        study.odd = job.diagnose and gradients.is_odd
        forward = Forward(job, gradients.values if same else None, room)
    writer = TensorFormulaWriter(job, forward)
    study.parts = list(_parts(job, writer, gradients))
    name_structures(study.parts, structures)
    if gradients is not None:
        names = [name for name in job.wrt if name in tape.named] if job.conditions else []
        study.quotients = quotients_of(job)
        study.places = {name: _doubles(gradients.values[tape.named[name]]) for name in names}
        gradients.forget()
    if tell:
        tell(study)
    reference = WholeJudge(job, study)
    special: dict[int, list[Index]] | None = None  # entries to be judged one by one; None: any of them
    if job.reference and gradients is not None:
        special = _judge_whole(job, reference, tell) if study.parts or study.shape else None
    deadline = Deadline(job.allowance)
    if job.formulas:
        _write(study, writer, deadline)
        if tell:
            tell(study)
    if job.reference and gradients is not None and forward is not None:
        if reference.is_contradicted and not judges_all(job):
            for part in study.parts:
                part.note = NOT_BORNE_OUT
        elif special is None:
            _examine(job, study, forward, gradients, targets)
        elif special:
            _judge_special(job, study, forward, special)
        if job.not_finite and special is not None:
            leave(job, study, reference.places)
        study.evidence = of_higher_orders(job, WorkDeadline(SHARE_OF_ENTRIES * job.allowance))
    return study


def _parts(job: Job, writer: TensorFormulaWriter, gradients: Gradients | None) -> Iterator[PartialBlock]:
    """The derivatives, with autograd's numbers where there is a point."""
    for of in outputs_of(job):
        for positions in combinations_with_replacement(range(len(job.targets)), job.order) if job.targets else []:
            part = PartialBlock(of, positions, writer.shape(of, positions))
            if gradients is not None:
                numbers = _doubles(gradients.partials[positions])
                part.autograd = numbers if of is None else numbers[(*of, ...)]  # an array of rank 0, too
            yield part


def _judge_whole(job: Job, whole: WholeJudge, tell: Tell | None) -> dict[int, list[Index]] | None:
    """Judge all entries, and tell of it; for each target, by its place, those that are left, or None where all are.

    The work is bounded by a count, and the time is a last resort.
    """
    try:
        found = Deadline(job.tensor_allowance).run(lambda: _special(job, whole) if _is_judged(whole) else None)
    except OutOfTime:
        return None
    if found is not None and tell and sum(part.autograd.size for part in whole.study.parts) <= MOST_TOLD:
        tell(whole.study)
    return found


def _is_judged(whole: WholeJudge) -> bool:
    """Judge all entries at once; of a Jacobian that is too large those of a few outputs. Whether no other is needed."""
    return whole.judge() is None or (whole.is_too_large and judge_some_outputs(whole) is None)


def _special(job: Job, whole: WholeJudge) -> dict[int, list[Index]]:
    """For each target, some of the entries with a derivative that is not known, to be judged one by one."""
    found: dict[int, list[Index]] = {}
    if whole.left or any(part.whole is not None and part.whole.special.any() for part in whole.study.parts):
        whole.both_sides()
    for position, name in enumerate(job.targets):
        index = job.written.find(name)
        assert index is not None
        shape = job.written.ops[index].shape
        parts = [part for part in whole.study.parts if part.whole is not None and position in part.positions]
        places = np.flatnonzero(sum((_unknown(job, part, position) for part in parts), np.zeros(shape)))
        if not len(places):
            if position in whole.left:
                found[index] = whole.left[position][:MOST_ON_KINKS]
            continue
        picked = spread_out(places, MOST_ON_KINKS)
        some = [tuple(map(int, np.unravel_index(one, shape))) for one in picked]
        left = [] if position in whole.cut else whole.sides(position, some)
        if left:
            found[index] = left
        for part in parts:
            if len(picked) < len(places):
                part.note = f"{len(places):,} entries reach a kink, and the reference looks at some of them"
    return found


def _unknown(job: Job, part: PartialBlock, position: int) -> Any:
    """Which entries of one variable have a derivative in a part that is not known."""
    assert part.whole is not None
    unknown = np.array(~part.whole.known)  # of rank 0, too, something to write in
    for index in part.findings:
        unknown[index] = False
    total = np.zeros((), dtype=bool)
    ranks = [len(job.written.ops[job.written.find(job.targets[each]) or 0].shape) for each in part.positions]
    place = unknown.ndim - sum(ranks)
    for each, own in zip(part.positions, ranks):
        if each == position:
            total = total | unknown.any(axis=tuple(i for i in range(unknown.ndim) if not place <= i < place + own))
        place += own
    return total


def _judge_special(job: Job, study: Study, forward: Forward, special: dict[int, list[Index]]) -> None:
    """Judge the entries that whole tensors do not tell of; those that there is no time for are undecided."""
    everything = job.order > 1 and judges_all(job)
    _judge_entries(job, study, forward, {} if everything else special, WorkDeadline(SHARE_OF_ENTRIES * job.allowance))
    for part in study.parts:
        index = job.written.find(job.targets[part.positions[0]])
        if job.order == 1 and not study.shape and index is not None:
            for entry in special.get(index, ()):
                part.findings.setdefault(entry, Finding(None, note=part.note or TIME_UP))


def outputs_of(job: Job) -> list[Index | None]:
    """What has a formula of its own: each output of a list of numbers, else all outputs together."""
    tape = job.written
    op = tape.ops[tape.output]
    listed = op.called == "[]" and len(op.shape) == 1
    if not listed or len(op.args) > MAX_LIST or not job.targets:
        return [None]
    return [(i,) for i in range(len(op.args))]


def _doubles(tensor: torch.Tensor) -> Any:
    return tensor.detach().cpu().double().numpy()


def _write(study: Study, writer: TensorFormulaWriter, deadline: Deadline) -> None:
    """The formulas; those that there is no time for are left out."""

    def write_all() -> None:
        for part in study.parts:
            part.formula, part.values = writer.write(part.of, part.positions)

    try:
        deadline.run(write_all)
    except OutOfTime:
        for part in study.parts:
            if part.formula.text is None and part.formula.note is None:
                part.formula = Formula(note=TIME_UP)


def _examine(job: Job, study: Study, forward: Forward, gradients: Gradients, targets: Sequence[int]) -> None:
    """What the reference finds, within its time; which entries to look at is chosen before that begins."""
    samples: dict[int, list[Index]] = {}
    if not judges_all(job):
        samples = _samples(job, study, gradients, targets)
    _judge_entries(job, study, forward, samples, WorkDeadline(SHARE_OF_ENTRIES * job.allowance))


def _judge_entries(
    job: Job, study: Study, forward: Forward, samples: dict[int, list[Index]], deadline: Deadline
) -> None:
    """Judge entries one by one, within the time that is left."""
    examiner = Examiner(job, study, forward.values or (), samples)
    try:
        deadline.run(lambda: examiner.examine(deadline))
    except OutOfTime:
        for part in study.parts:
            if not part.findings and (part.whole is None or not part.whole.known.all()):
                part.note = TIME_UP
    except NotByNumbers as reason:
        for part in study.parts:
            if part.whole is None or not part.whole.known.all():
                part.note = f"one by one, {reason.message}"


def _samples(job: Job, study: Study, gradients: Gradients, targets: Sequence[int]) -> dict[int, list[Index]]:
    """For each target, by its place on the tape that is written out, the entries to judge."""
    kinks = near_kinks(job.typed, gradients.values, targets)
    found: dict[int, list[Index]] = {}
    for position, (name, target) in enumerate(zip(job.targets, targets)):
        index = job.written.find(name)
        assert index is not None
        shape = job.typed.ops[target].shape
        if not shape:
            found[index] = [()]
            continue
        autograd, formula = _along(study, position, shape)
        if kinks[target].number > ON_KINKS:
            for part in study.parts:
                if position in part.positions:
                    part.note = (
                        f"{kinks[target].number:,} entries reach a kink, and the reference looks at some of them"
                    )
        found[index] = chosen(autograd, formula, kinks[target])
    return found


def _along(study: Study, position: int, shape: tuple[int, ...]) -> tuple[Any, Any]:
    """Autograd's numbers and the formula's for each entry of one variable: those of the outputs that differ most."""
    positions: Positions = next(part.positions for part in study.parts if part.positions[-1] == position)
    parts = [part for part in study.parts if part.positions == positions]
    autograd = _stacked([part.autograd for part in parts], shape)
    if any(part.values is None for part in parts):
        return autograd[0], None
    values = _stacked([part.values for part in parts], shape)
    if len(autograd) == 1:
        return autograd[0], values[0]
    worst = differences(autograd, values).argmax(axis=0)
    first, second = (np.take_along_axis(rows, worst[None], axis=0)[0] for rows in (autograd, values))
    return first, second


def _stacked(arrays: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """The rows of arrays, one for each output; of a single one without a copy."""
    rows = [np.reshape(array, (-1, *shape)) for array in arrays]
    return rows[0] if len(rows) == 1 else np.concatenate(rows)
