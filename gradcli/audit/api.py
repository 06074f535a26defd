"""The API of audits: a program and a range in, how many digits are kept over it, where not, and what to write out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from gradcli.audit.data import Audit
from gradcli.errors import OPTIONS, LimitError
from gradcli.problem import bindings as given
from gradcli.problem import options
from gradcli.problem.job import Job
from gradcli.problem.of_numbers import (
    in_time,
    refuse_computed,
    refuse_counts,
    refuse_infinite,
    refuse_no_range,
    refuse_tensors,
    refuse_values_of,
)
from gradcli.problem.prepare import prepare
from gradcli.problem.ranges import Over, Range, read_ranges
from gradcli.runtime.deadlines import WorkDeadline

STAGE = "auditing the program"
FARTHEST = Fraction(1e300)  # of an end
MAX_VARIABLES = 6  # that vary
SECONDS = 60.0  # a last resort: points and candidates are counted


def audit(
    program: str,
    over: Over,
    at: Mapping[str, object] | str | Sequence[str] | None = None,
    *,
    linear: bool = False,
    dtype: str | None = None,
    min_digits: float | None = None,
    rewrite: bool = True,
    formulas: bool = True,
    patience: float = 2.0,
) -> Audit:
    """How many digits f, autograd and the formulas keep over a range, or over a box of several variables.

    `over` is a text as on the command line ("x=1e-12:1e12"), or {"x": (1e-12, 1e12)}; `at` gives the other variables.
    The points lie evenly in the logarithm of each variable, to both sides of 0 where it spans that, or evenly with
    `linear`. Fewer than `min_digits` are too few: half of the dtype's unless given. With `rewrite`, programs are looked
    for that keep more; with `formulas`, SymPy's are counted, too.

    Raises GradcliError for anything that is wrong with the input, LimitError where it costs too much.
    """
    kind = options.dtype(dtype or "float64")
    ranges = read_ranges(over, kind, farthest=FARTHEST)
    said = given.said(at)
    job = _job(program, ranges, said, dtype, patience)
    if job.dtype != kind:  # that of pasted code
        ranges = read_ranges(over, job.dtype, farthest=FARTHEST)
    options.min_digits(min_digits, job.dtype)
    _check(job, ranges, said)
    deadline = WorkDeadline(SECONDS + patience)

    def found() -> Audit:
        from gradcli.audit.build import Auditor

        return Auditor(job, ranges, linear, min_digits, formulas, deadline).audit(rewrite)

    return in_time(deadline, found, STAGE, "allow more with --patience, or look at a part")


def _job(program: str, ranges: Sequence[Range], said: Mapping[str, Any], dtype: str | None, patience: float) -> Job:
    refuse_no_range(program, ranges, "one for each variable that varies", "1e-12:1e12", patience)
    if len(ranges) > MAX_VARIABLES:
        raise LimitError(OPTIONS, f"there are {len(ranges)} ranges", expected=f"{MAX_VARIABLES} at the most",
                         hint="give the others a value with --at")  # fmt: skip
    point = {**said, **{one.name: one.start for one in ranges}}
    return prepare(program, point, wrt=[one.name for one in ranges], dtype=dtype, patience=patience, most=1)


def _check(job: Job, ranges: Sequence[Range], said: Mapping[str, Any]) -> None:
    refuse_tensors(job, "an audit is of a program")
    refuse_values_of(ranges, said)
    refuse_counts(ranges)
    refuse_computed(job, ranges)
    refuse_infinite(job)
