"""Derivatives of programs over tensors by entries that are not finite: limits at best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcli.problem.job import Job
from gradcli.problem.study import PartialBlock, Study
from gradcli.reference.infinity import KIND
from gradcli.tape.arrays import Array
from gradcli.tape.findings import TIME_UP, Finding

NO_LIMIT = "it is by a value that is not finite: a limit at best"


def by_what_is_not_finite(job: Job, part: PartialBlock, indices: Sequence[int]) -> Any:
    """Which entries of a part are derivatives by such an entry; `places` are those of the targets on the tape."""
    found = np.zeros(part.shape, dtype=bool)
    ranks = [len(job.written.ops[indices[position]].shape) for position in part.positions]
    first = found.ndim - sum(ranks)
    for position, rank in zip(part.positions, ranks):
        value = job.full_point.get(job.written.variable(indices[position]))
        if isinstance(value, Array):
            odd = ~np.isfinite(np.frombuffer(value.data))
            found |= odd.reshape((*[1] * first, *value.shape, *[1] * (found.ndim - first - rank)))
        first += rank
    return found


def leave(job: Job, study: Study, indices: Sequence[int]) -> None:
    """Say of those derivatives, as far as nobody has found a limit, that there are none."""
    for part in study.parts:
        if part.whole is None:
            continue
        for index in map(tuple, np.argwhere(by_what_is_not_finite(job, part, indices)).tolist()):
            finding = part.findings.get(index)
            if finding is None or finding.exists is None:
                part.findings[index] = Finding(False, kind=KIND, note=NO_LIMIT)
        if part.note == TIME_UP and len(part.findings) >= (~part.whole.known).sum():
            part.note = None
