"""Whether another program is the same function over the whole range: both enclosed at the points of the audit."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.audit.measured import ProgramMeter
from gradcli.audit.truth import RangeTruth
from gradcli.backends.arb.context import is_ball, precision
from gradcli.backends.arb.flint import arb
from gradcli.errors import GradcliError
from gradcli.problem.job import Job
from gradcli.runtime.deadlines import Deadline

MOST_POINTS = 120
SAME_BITS = 120  # to which two programs agree that are one function
BITS = 800
CLOSE = 4.0  # units in the last place, to which a program with a series, or with rounded constants, is right


def verified(job: Job, other: Job, names: Sequence[str], meter: ProgramMeter, deadline: Deadline) -> str | None:
    """How it was verified, in words; None where it is not the same."""
    count = len(meter.points) - meter.at_holes
    chosen = sorted({int(i * count / MOST_POINTS) for i in range(MOST_POINTS)} & set(range(count)))
    try:
        first, second = (RangeTruth(one, names, deadline, wanted=SAME_BITS) for one in (job, other))
    except GradcliError:
        return None
    unit = 2.0**-job.dtype.bits
    farthest, compared = 0.0, 0
    for i in chosen:
        a, b = first.at(meter.points[i])[0], second.at(meter.points[i])[0]
        if not is_ball(a) or not is_ball(b):
            continue
        compared += 1
        with precision(BITS):
            size = abs(a)
            farthest = max(farthest, float((abs(a - b) / size).abs_upper()) if not size.contains(0) else 0.0)
    if not compared or farthest > CLOSE * unit:
        return None
    with precision(BITS):
        same = farthest <= float(arb(2) ** -(SAME_BITS - 20))
    where = f"at {compared} points all over the range"
    if same:
        return f"verified: the same function, to 30 digits {where}"
    return f"verified: within {farthest:.1e} of the function, relative, {where} (before rounding)"
