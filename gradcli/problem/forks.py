"""Whether a job is worth processes of its own."""

from __future__ import annotations

import os
import sys

from gradcli.problem.job import Job

warm = False  # whether this process was forked for one call, with everything loaded, and has computed nothing yet
MAX_OPERATIONS_WARM = 60  # of a job that such a process does itself: in less time than two forks take
MAX_ORDER_WARM = 2


def can_fork(job: Job) -> bool:
    """Whether the sources of an answer may, and should, run in forked children."""
    if not hasattr(os, "fork"):
        return False
    if not warm:
        return "torch" not in sys.modules
    return job.has_tensors or job.order > MAX_ORDER_WARM or len(job.typed.ops) > MAX_OPERATIONS_WARM
