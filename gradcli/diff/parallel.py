"""The sources side by side, each in a process of its own.

Importing torch takes a second and SymPy a third of one; two workers do both at once, and the parent meanwhile prepares
to print. One that does not finish in its time is killed: no library's loop, however deep in C, holds up the answer.
Where there is no fork, or torch is loaded already (a process that has run a parallel operation must not be forked for
more), the sources run in turn. A few programs in a fresh process are asked about by the same two workers.
"""

from __future__ import annotations

import math
import mmap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations_with_replacement
from typing import Any, TypeVar

from gradcli.diff.api import answer as answer_here
from gradcli.diff.api import diagnosed
from gradcli.diff.build import combine
from gradcli.diff.data import Result
from gradcli.diff.diagnose.api import is_needed
from gradcli.errors import GradcliError, LimitError
from gradcli.problem.ask import of_numbers, run_autograd, run_tensors
from gradcli.problem.forks import can_fork
from gradcli.problem.job import Job
from gradcli.problem.report import Diagnosis
from gradcli.problem.study import Study
from gradcli.runtime.worker import Parent, Workers, error_of, gather, guarded, plain_error
from gradcli.tape.codec import from_plain, to_plain
from gradcli.tape.findings import Evidence, Numbers
from gradcli.tape.lower_tensors import MAX_NUMBERS

MANY = 1_000_000  # derivatives that two processes do not hold each
BYTES = 8  # of a double
ENDED = "its process ended without an answer"

T = TypeVar("T")
Guard = Callable[[Callable[[Any], Any], Any], Any]  # some work and what it is about: what comes of it, or an error


def answer(job: Job, meanwhile: Callable[[], object]) -> Result:
    """What all sources say of a job, with a diagnosis where that is wanted; `meanwhile` runs while they work.

    Raises GradcliError as the sources do.
    """
    if not can_fork(job):
        return answer_here(job)
    if job.has_tensors:
        return _of_tensors(job, meanwhile)
    (result,) = _of_numbers([job], _unguarded, meanwhile)
    assert isinstance(result, Result)
    return result


def answers(jobs: Sequence[Job]) -> list[Result | GradcliError] | None:
    """What all sources say of jobs over numbers, or what each ends in; None where a worker came to no end."""
    try:
        return _of_numbers(jobs, guarded)
    except GradcliError:  # a worker that cannot even import what it needs: the ordinary way tells
        return None


def _unguarded(work: Callable[[Any], T], about: Any) -> T:
    return work(about)


def _of_numbers(
    jobs: Sequence[Job], guard: Guard, meanwhile: Callable[[], object] = lambda: None
) -> list[Result | GradcliError]:
    """What the sources say of jobs over numbers, from a worker for autograd, and one for the others.

    Raises GradcliError where a worker came to no end.
    """
    with_points = {index: job for index, job in enumerate(jobs) if job.point is not None}
    with Workers() as workers:
        if with_points:
            workers.start(partial(_autograd, with_points, guard), sum(job.autograd_allowance for job in jobs))
        workers.start(partial(_evidence, jobs, guard), sum(job.whole_allowance for job in jobs))
        meanwhile()
        gather(workers)
        if len(workers[-1].answers) < len(jobs):
            raise LimitError("running SymPy", ENDED)
        if len(workers[0].answers) < len(with_points):
            raise LimitError("running autograd", ENDED)
        numbers, evidence = dict(workers[0].answers) if with_points else {}, workers[-1].answers
        studies = [guard(_read, (job, numbers.get(index), evidence[index])) for index, job in enumerate(jobs)]
        odd = {
            index: evidence[index]
            for index, (job, study) in enumerate(zip(jobs, studies))
            if isinstance(study, Study) and is_needed(job, study.numbers(), study.odd)
        }
        diagnoses = (
            workers[0].ask(list(odd.items()), sum(jobs[place].autograd_allowance for place in odd)) if odd else {}
        )
    return [
        guard(_combined, (job, study, diagnoses.get(index))) for index, (job, study) in enumerate(zip(jobs, studies))
    ]


def _read(about: tuple[Job, Any, Any]) -> Study:
    """What the sources of a job said."""
    job, *said = about
    for one in said:
        if one is not None and "error" in one:
            raise error_of(one)
    numbers, evidence = said
    return of_numbers(job, None if numbers is None else from_plain(Numbers, numbers), from_plain(Evidence, evidence))


def _combined(about: tuple[Job, Study | GradcliError, Any]) -> Result:
    """The result of a job, with its diagnosis where there is one."""
    job, study, diagnosis = about
    if isinstance(study, GradcliError):
        raise study
    result = combine(job, study)
    if diagnosis is None:
        return result
    if "error" in diagnosis:
        raise error_of(diagnosis)
    return replace(result, autopsy=from_plain(Diagnosis, diagnosis))


def _autograd(jobs: Mapping[int, Job], guard: Guard, parent: Parent) -> None:
    """Autograd's numbers of each job; then the diagnoses that are asked for with the evidence of the others."""
    import torch  # noqa: F401

    parent.ready()
    numbers = {place: guard(run_autograd, job) for place, job in jobs.items()}
    for place, found in numbers.items():
        parent.answer(_told(found), place)
    if not any(job.diagnose for job in jobs.values()):
        return
    asked = parent.hear()
    if asked is None:
        return
    import gradcli.diff.diagnose.losses
    import gradcli.problem.rewriting.verify  # noqa: F401

    parent.ready()
    for place, evidence in asked:
        found = guard(_diagnosis, (jobs[place], numbers[place], evidence))
        if found is not None:
            parent.answer(_told(found), place)


def _diagnosis(about: tuple[Job, Numbers, Any]) -> Diagnosis | None:
    """Where a number that is not finite, or a lost digit, comes from; None where all is well."""
    job, numbers, evidence = about
    study = of_numbers(job, numbers, from_plain(Evidence, evidence))
    return diagnosed(job, combine(job, study), numbers.odd).autopsy


def _evidence(jobs: Sequence[Job], guard: Guard, parent: Parent) -> None:
    """What formulas and the reference say of each job: in the end, and half-way, if the rest takes too long."""
    import sympy

    from gradcli.problem.sources import gather as gathered

    parent.ready()
    for index, job in enumerate(jobs):
        parent.answer(to_plain(Evidence(sympy.__version__)), index)
        tell = partial(_tell_evidence, parent, index)
        tell(guard(partial(gathered, halfway=tell), job))


def _tell_evidence(parent: Parent, index: int, found: Any) -> None:
    parent.answer(_told(found), index)


def _told(found: Any) -> Any:
    return {"error": plain_error(found)} if isinstance(found, GradcliError) else to_plain(found)


def _of_tensors(job: Job, meanwhile: Callable[[], object]) -> Result:
    """The result over tensors, from one worker: the reference looks where torch's numbers are odd."""
    seconds = 2 * job.allowance + job.autograd_allowance + job.tensor_allowance
    with Workers() as workers:
        worker = workers.start(partial(_study, job), seconds, _room(job))
        meanwhile()
        (answers,) = gather(workers)
    if not answers:
        raise LimitError("running autograd", ENDED)
    from gradcli.problem.tensors.packing import unpacked

    study = from_plain(Study, answers[0], unpacked(worker.buffers, worker.shared))
    return replace(combine(job, study), autopsy=study.diagnosis)


def _room(job: Job) -> int:
    """The bytes of all derivatives and of their formulas' values, where these are many."""
    if job.point is None or job.direction is not None:
        return 0
    tape = job.typed
    sizes = [math.prod(tape.ops[index].shape) for name in job.targets if (index := tape.find(name)) is not None]
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
        parent.answer(answer, buffers=fresh)
        study.hold(pack)

    parent.ready()
    study = run_tensors(job, tell=tell, room=pack.room)
    tell(study)
    if not is_needed(job, study.numbers(), study.odd):
        return
    study.diagnosis = diagnosed(job, combine(job, study), study.odd).autopsy
    if study.diagnosis is not None:
        tell(study)
