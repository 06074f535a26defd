"""The sources of an answer, each asked in this process; what is heavy is imported only then."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gradcli.problem.job import Job
from gradcli.problem.quotients import quotients_of
from gradcli.tape.findings import Evidence, Numbers

if TYPE_CHECKING:
    from gradcli.problem.study import Study


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


def run_evidence(job: Job) -> Evidence:
    """What SymPy and the reference say: formulas, the value, and every derivative with its error."""
    with uncollected():
        from gradcli.problem.sources import gather
    return gather(job)


def run_tensors(job: Job, **options: Any) -> Study:
    """All sources, of a program over tensors; the options are those of `problem/tensors/sources.gather`."""
    with uncollected():
        from gradcli.problem.tensors.sources import gather
    return gather(job, **options)


def formulas(job: Job) -> dict[tuple[str, ...], str | None]:
    """The formula of every derivative of the output as a whole, by the sorted names of what it is by.

    Of tensors it is the one of whole matrices, where there is one.
    """
    if job.has_tensors:
        parts = [part for part in run_tensors(job).parts if not part.of]
        found = [(part.positions, part.formula.matrix or part.formula.here or part.formula.text) for part in parts]
    else:
        found = [(positions, one.text) for positions, one in run_evidence(job).formulas.items()]
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
