"""A few lines in a fresh process: autograd and the other sources side by side, as for one program.

Importing torch and SymPy one after the other, and warming up, takes longer than the lines: each of two children
imports what it needs, and asks its sources about every line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from gradcli.diff.build import combine
from gradcli.diff.data import Result
from gradcli.diff.diagnose.api import autograd_of, is_needed
from gradcli.diff.parallel import asked_for_diagnoses, diagnosis_of
from gradcli.errors import DefectError, GradcliError
from gradcli.problem.ask import of_numbers, run_autograd
from gradcli.problem.job import Job
from gradcli.problem.report import Diagnosis
from gradcli.runtime.lines.guarded import guarded
from gradcli.runtime.worker import Child, Parent, error_of, gather, plain_error
from gradcli.tape.codec import from_plain, to_plain
from gradcli.tape.findings import Evidence, Numbers

Answer = Any  # what came of a job: plain data, or an error


def results(jobs: Sequence[Job]) -> list[Result | GradcliError] | None:
    """What all sources say of plain jobs, or what each ends in; None where a child came to no end."""
    children = [
        Child(partial(_autograd, jobs), sum(job.autograd_allowance for job in jobs)),
        Child(partial(_others, jobs), sum(job.whole_allowance for job in jobs)),
    ]
    try:
        numbers, evidence = gather(children)
        if numbers is None or evidence is None:
            return None
        found = [_combined(job, *both) for job, *both in zip(jobs, numbers["all"], evidence["all"])]
        odd = {
            str(place): evidence["all"][place]
            for place, (job, result) in enumerate(zip(jobs, found))
            if isinstance(result, Result) and is_needed(job, autograd_of(result), numbers["all"][place]["odd"])
        }
        if odd:
            children[0].ask(odd, sum(jobs[int(place)].autograd_allowance for place in odd))
            (reports,) = gather(children[:1])
            if reports is None:
                return None
            for place, report in reports.items():
                found[int(place)] = _with(found[int(place)], report)
    except DefectError:
        return None  # a child that cannot even import what it needs: the ordinary way tells
    finally:
        for child in children:
            child.end()
    return found


def _combined(job: Job, numbers: Answer, evidence: Answer) -> Result | GradcliError:
    for answer in (numbers, evidence):
        if "error" in answer:
            return error_of(answer)
    both = from_plain(Numbers, numbers), from_plain(Evidence, evidence)
    return guarded(lambda _: combine(job, of_numbers(job, *both)), None)  # type: ignore[no-any-return]


def _with(result: Any, report: Answer) -> Result | GradcliError:
    if report is None:
        return result  # type: ignore[no-any-return]
    return error_of(report) if "error" in report else replace(result, autopsy=from_plain(Diagnosis, report))


def _autograd(jobs: Sequence[Job], parent: Parent) -> None:
    """Autograd's numbers of each job; then the diagnoses of those that are asked for, with their evidence."""
    import torch

    torch.set_num_threads(1)
    parent.tell({"ready": True})
    numbers = [guarded(run_autograd, job) for job in jobs]
    parent.tell({"answer": {"all": [_told(one) for one in numbers]}})
    asked: Mapping[str, Any] | None = asked_for_diagnoses(parent)
    if asked is None:
        return
    reports = {}
    for place, evidence in asked.items():
        look = partial(diagnosis_of, numbers[int(place)], from_plain(Evidence, evidence))
        found = guarded(look, jobs[int(place)])
        reports[place] = None if found is None else _told(found)
    parent.tell({"answer": reports})


def _others(jobs: Sequence[Job], parent: Parent) -> None:
    """What formulas and the reference say of each job."""
    import sympy  # noqa: F401

    from gradcli.problem.sources import gather as gathered

    parent.tell({"ready": True})
    ask: Callable[[Job], Evidence] = gathered
    parent.tell({"answer": {"all": [_told(guarded(ask, job)) for job in jobs]}})


def _told(found: Any) -> Answer:
    return {"error": plain_error(found)} if isinstance(found, GradcliError) else to_plain(found)
