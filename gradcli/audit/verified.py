"""Whether another program is the same function over the whole range: both enclosed at the points of the audit."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

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


ON_LINE = 4  # points at which two variables are equal
BESIDE = 1 + Fraction(1, 10**30)  # times one of them: as good as equal
LIMIT = 2.0**-80  # to which a limit is told from so far away


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


def limits_kept(job: Job, other: Job, names: Sequence[str], meter: ProgramMeter, deadline: Deadline) -> str | None:
    """The two variables, as "a = b", at whose equality a program has no value, and another one has the limit."""
    if len(names) < 2 or not meter.points:
        return None
    first, second = (RangeTruth(one, names, deadline, wanted=SAME_BITS) for one in (job, other))
    for i, j in combinations(range(len(names)), 2):
        kept = 0
        for at in meter.points[:: max(1, len(meter.points) // ON_LINE)]:
            exact: list[float | Fraction] = [*map(Fraction, at)]
            exact[j] = exact[i]
            here, there = first.at(exact)[0], second.at(exact)[0]
            exact[j] = Fraction(exact[i]) * BESIDE
            near = first.at(exact)[0]
            if here is not None or not is_ball(there) or not is_ball(near):
                break
            with precision(BITS):
                kept += not there.contains(0) and float((abs(there - near) / abs(there)).abs_upper()) < LIMIT
        else:
            if kept:
                return f"{names[i]} = {names[j]}"
    return None
