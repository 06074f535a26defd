"""Derivatives of a high order, which are taken from Taylor series: what they are of, and what the reference says."""

from __future__ import annotations

from gradcli.errors import OPTIONS, GradcliError, LimitError, installing
from gradcli.problem.job import MAX_ORDER, Job
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.findings import Evidence


def check_series(job: Job) -> None:
    """Refuse what Taylor series do not have: tensors, formulas, the complex plane, what a program computes."""
    source, span = job.program.source, job.program.output.value.span
    typed = job.typed
    wrong = hint = None
    if job.has_tensors or typed.ops[typed.output].shape:
        wrong, hint = "are of programs of numbers, and this one has tensors", "a vector may be written as numbers"
    elif job.point is None:
        hint = "--at " + ",".join(f"{name}=1" for name in job.names.variables)
        wrong = "have numbers and no formulas, and there is no point"
    elif job.not_finite:
        wrong = f'are taken at finite values, and "{job.not_finite[0]}" is not finite'
    elif job.explain:
        wrong, hint = "are not explained", "leave out --explain"
    elif job.complex:
        wrong, hint = "stay on the real line", "leave out --complex"
    elif job.has_custom_vjps:
        wrong, hint = "do not use derivatives that are written by hand", f"--order {MAX_ORDER} does"
    elif any(name not in job.names.variables for name in job.wrt):
        wrong, hint = "are by variables, not by what a program computes", "--wrt names variables"
    if wrong:
        raise (LimitError if job.point is None else GradcliError)(
            OPTIONS, f"derivatives past the order {MAX_ORDER} {wrong}", source=source, span=span, hint=hint
        )


def judge(job: Job, evidence: Evidence, digits: int) -> Evidence:
    """The evidence with what the reference says, by series."""
    from gradcli.backends.arb.flint import IS_FLINT
    from gradcli.reference.high_orders import HighOrders

    if not IS_FLINT:
        raise LimitError("expanding the program", "series need python-flint, which is not installed",
                         hint=installing("python-flint"))  # fmt: skip
    if job.point is None or not job.reference:
        return evidence
    asked = job.exact, job.wrt, job.order, dict(job.numbers or {}), digits, Deadline(job.allowance), job.dtype.bits
    findings = HighOrders(*asked, job.program.source).judge(MAX_ORDER)
    evidence.value, evidence.findings = findings.value, findings.partials
    evidence.value_rounding = findings.value_rounding
    return evidence
