"""The sources side by side, each in a process of its own.

Importing torch takes a second and SymPy a third of one; two forked children do both at once, and the parent
meanwhile prepares to print. A child that does not finish in its time is killed: no library's loop, however
deep in C, holds up the answer. Where there is no fork, or torch is loaded already (a process that has run a
parallel operation must not be forked for more), the sources run in turn.
"""

from __future__ import annotations

import math
import mmap
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import combinations_with_replacement
from typing import Any

from gradcli.diff.api import answer as answer_here
from gradcli.diff.api import diagnosed
from gradcli.diff.build import combine
from gradcli.diff.data import Result
from gradcli.diff.diagnose.api import is_needed
from gradcli.errors import DefectError, LimitError
from gradcli.problem.ask import of_numbers, run_autograd, run_tensors
from gradcli.problem.forks import can_fork
from gradcli.problem.job import Job
from gradcli.problem.report import Diagnosis
from gradcli.problem.study import Study
from gradcli.runtime.worker import Child, Parent, gather
from gradcli.tape.codec import from_plain, to_plain
from gradcli.tape.findings import Evidence, Numbers
from gradcli.tape.lower_tensors import MAX_NUMBERS

MANY = 1_000_000  # derivatives that two processes do not hold each
BYTES = 8  # of a double


def answer(job: Job, meanwhile: Callable[[], object]) -> Result:
    """What all sources say of a job, with a diagnosis where that is wanted; `meanwhile` runs while they work.

    Raises GradcliError as the sources do.
    """
    if not can_fork(job):
        return answer_here(job)
    study = (_of_tensors if job.has_tensors else _of_numbers)(job, meanwhile)
    return replace(combine(job, study), autopsy=study.diagnosis)


def _of_numbers(job: Job, meanwhile: Callable[[], object]) -> Study:
    """What the sources say of a job over numbers, from a child for autograd, and one for the others."""
    children: list[Child] = []
    try:
        if job.point is not None:
            children.append(Child(partial(_autograd, job), job.autograd_allowance))
        children.append(Child(partial(_evidence, job), job.whole_allowance))
        meanwhile()
        numbers, evidence = _both(job, list(gather(children)))
        study = of_numbers(job, numbers, evidence)
        if is_needed(job, study.numbers(), study.odd):
            children[0].ask(to_plain(evidence), job.autograd_allowance)
            (found,) = gather(children[:1])
            study.diagnosis = None if found is None else from_plain(Diagnosis, found)
    finally:
        for child in children:
            child.end()
    return study


def _both(job: Job, answers: list[dict[str, Any] | None]) -> tuple[Numbers | None, Evidence]:
    """What autograd's child and that of the other sources said."""
    evidence = answers[-1]
    if evidence is None:
        raise DefectError("running SymPy", "its process ended without an answer")
    if job.point is None:
        return None, from_plain(Evidence, evidence)
    if answers[0] is None:
        raise LimitError("running autograd", "its process ended without an answer")
    return from_plain(Numbers, answers[0]), from_plain(Evidence, evidence)


def _of_tensors(job: Job, meanwhile: Callable[[], object]) -> Study:
    """What the sources say of a job over tensors, from one child: the reference looks where torch's numbers are odd."""
    seconds = 2 * job.allowance + job.autograd_allowance + job.tensor_allowance
    child = Child(partial(_study, job), seconds, _room(job))
    try:
        meanwhile()
        (answer,) = gather([child])
    finally:
        child.end()
    if answer is None:
        raise LimitError("running autograd", "its process ended without an answer")
    from gradcli.problem.tensors.packing import unpacked

    return from_plain(Study, answer, unpacked(child.buffers, child.shared))


def _room(job: Job) -> int:
    """The bytes of all derivatives and of their formulas' values, where these are many."""
    if job.point is None or job.direction is not None:
        return 0
    tape = job.typed
    sizes = [math.prod(tape.ops[place].shape) for name in job.targets if (place := tape.find(name)) is not None]
    parts = list(map(math.prod, combinations_with_replacement(sizes, job.order)))
    outputs = math.prod(tape.ops[tape.output].shape)
    count = outputs * sum(parts)
    if (outputs > 1 or job.order > 1) and outputs * max(parts, default=0) > MAX_NUMBERS:
        return 0  # it will be refused
    return 2 * BYTES * count + mmap.PAGESIZE if count > MANY else 0


def _study(job: Job, parent: Parent) -> None:
    import gradcli.problem.tensors.sources
    from gradcli.problem.tensors.packing import Packer

    if job.point is not None:
        import gradcli.backends.torch.gradients
        import gradcli.problem.tensors.forward  # noqa: F401

    pack = Packer(parent.shared)

    def tell(study: Study) -> None:
        answer = to_plain(study, pack)
        fresh, pack.fresh = pack.fresh, []
        parent.tell({"answer": answer}, fresh)
        study.hold(pack)

    parent.tell({"ready": True})
    study = run_tensors(job, tell=tell, room=pack.room)
    tell(study)
    if not is_needed(job, study.numbers(), study.odd):
        return
    study.diagnosis = diagnosed(job, combine(job, study), study.odd).autopsy
    if study.diagnosis is not None:
        tell(study)


def _autograd(job: Job, parent: Parent) -> None:
    """Autograd's numbers; then, where the parent asks for it with the evidence of the others, the diagnosis."""
    import torch  # noqa: F401

    parent.tell({"ready": True})
    numbers = run_autograd(job)
    parent.tell({"answer": to_plain(numbers)})
    if not job.diagnose:
        return
    evidence = asked_for_diagnoses(parent)
    report = None if evidence is None else diagnosis_of(numbers, from_plain(Evidence, evidence), job)
    if report is not None:
        parent.tell({"answer": to_plain(report)})


def asked_for_diagnoses(parent: Parent) -> Any:
    """What the parent of autograd's child asks when it has seen the numbers; None where there is no need for more."""
    parent.tell({"waits": True})
    asked = parent.hear()
    if asked is not None:
        import gradcli.diff.diagnose.losses
        import gradcli.problem.rewriting.verify  # noqa: F401

        parent.tell({"ready": True})
    return asked


def diagnosis_of(numbers: Numbers, evidence: Evidence, job: Job) -> Diagnosis | None:
    """Where a number that is not finite, or a lost digit, comes from; None where all is well."""
    return diagnosed(job, combine(job, of_numbers(job, numbers, evidence)), numbers.odd).autopsy


def _evidence(job: Job, parent: Parent) -> None:
    import sympy

    from gradcli.problem.sources import gather

    parent.tell({"ready": True})
    parent.tell({"answer": to_plain(Evidence(sympy.__version__))})  # all there is if the rest takes too long
    evidence = gather(job, halfway=lambda evidence: parent.tell({"answer": to_plain(evidence)}))
    parent.tell({"answer": to_plain(evidence)})
