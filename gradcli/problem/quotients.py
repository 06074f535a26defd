"""The difference quotients of a job, by torch."""

from __future__ import annotations

from gradcli.problem.job import Job
from gradcli.tape.findings import StepQuotients


def quotients_of(job: Job) -> dict[str, list[StepQuotients]]:
    """The difference quotients of the typed tape in torch, where they were asked for."""
    if not job.quotients:
        return {}
    from gradcli.backends.torch.quotients import difference_quotients

    assert job.point is not None
    arguments = (job.typed, job.point, job.wrt, job.dtype, job.device)
    return job.in_time(lambda: difference_quotients(*arguments))
