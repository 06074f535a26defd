"""The sources of an answer, each asked in this process; what is heavy is imported only then."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any

from gradcli.problem.job import Job
from gradcli.problem.quotients import quotients_of
from gradcli.problem.study import PartialBlock, Study
from gradcli.runtime.deadlines import watched
from gradcli.tape.findings import TIME_UP, Evidence, Finding, Formula, Numbers

if TYPE_CHECKING:
    from gradcli.problem.sources import Kept


def gather(job: Job, kept: Kept | None = None) -> Study:
    """What all sources say of a job; of a program over numbers, what is `kept` is used, and added to."""
    if job.has_tensors:
        return run_tensors(job)
    with watched():
        numbers = None if job.point is None else run_autograd(job)
        return of_numbers(job, numbers, run_evidence(job, kept))


def of_numbers(job: Job, numbers: Numbers | None, evidence: Evidence) -> Study:
    """What the sources of a program over numbers say, together; there are no `numbers` where there is no point."""
    versions = {"torch": numbers.version if numbers else None, "sympy": evidence.version}
    study = Study((), {name: version for name, version in versions.items() if version})
    if numbers is not None:
        study.value, study.imaginary = numbers.value, numbers.imaginary
        study.odd, study.quotients, study.is_left_out = numbers.odd, numbers.quotients, numbers.is_left_out
    exists = all(one.exists is not False for one in evidence.findings.values())
    if evidence.value is not None or (evidence.findings and exists):  # else there is no value to be right about
        study.references[()], study.roundings[()] = evidence.value, evidence.value_rounding
    study.imaginary_reference = evidence.imaginary
    for positions in combinations_with_replacement(range(len(job.wrt)), job.order) if job.wrt else ():
        formula = evidence.formulas.get(positions, Formula(note=TIME_UP))
        finding = evidence.findings.get(positions, Finding(None, note=TIME_UP))
        number = None if numbers is None else numbers.partials.get(positions)
        study.parts.append(PartialBlock(None, positions, (), number, formula=formula, findings={(): finding}))
    study.definitions = evidence.definitions
    study.evidence, study.places = {(): evidence}, {**evidence.places}
    return study


def run_autograd(job: Job) -> Numbers:
    """Autograd's numbers: the typed tape in torch, and `backward`.

    Raises GradcliError where torch cannot do it, LimitError where it takes too long.
    """
    with uncollected():
        from gradcli.backends.torch.autograd import differentiate as run
    assert job.point is not None
    tape = job.typed
    targets = [index for name in job.wrt if (index := tape.find(name)) is not None]
    arguments = (tape, job.point, targets, job.order, job.dtype.name, job.device, job.complex, job.most_nodes)
    numbers = job.in_time(lambda: run(*arguments))
    return replace(numbers, quotients=quotients_of(job)) if job.quotients else numbers


def run_evidence(job: Job, kept: Kept | None = None) -> Evidence:
    """What SymPy and the reference say: formulas, the value, and every derivative with its error."""
    with uncollected():
        from gradcli.problem.sources import gather
    return gather(job, kept=kept)


def run_tensors(job: Job, **options: Any) -> Study:
    """All sources, of a program over tensors; the options are those of `problem/tensors/sources.gather`."""
    with uncollected():
        from gradcli.problem.tensors.sources import gather
    return gather(job, **options)


def formulas(job: Job) -> dict[tuple[str, ...], str | None]:
    """The formula of every derivative of the output as a whole, by the sorted names of what it is by.

    It is in the names of the program, None where it would be too long in them. Of tensors it is the one of whole
    matrices, where there is one.
    """
    if job.has_tensors:
        parts = [part for part in run_tensors(job).parts if not part.of]
        found = [(part.positions, part.formula.matrix or part.formula.here or part.formula.text) for part in parts]
    else:
        own = run_evidence(job).formulas.items()
        found = [(positions, one.expanded if one.is_program else one.text) for positions, one in own]
    return {tuple(sorted(job.wrt[position] for position in positions)): text for positions, text in found}


@contextmanager
def uncollected() -> Iterator[None]:
    """Imports and trees make a million objects that stay: looking for garbage among them takes long."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
