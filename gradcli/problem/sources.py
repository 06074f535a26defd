"""The second and third sources together: what SymPy and the reference say of a job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import sympy

from gradcli.backends.symbolic.formulas import FormulaWriter
from gradcli.problem import high_orders
from gradcli.problem.higher import higher_orders
from gradcli.problem.job import Job
from gradcli.reference.plane import PlaneReference, has_value
from gradcli.reference.point import Reference
from gradcli.runtime.deadlines import Deadline, OutOfTime, WorkDeadline
from gradcli.tape.arrays import Array
from gradcli.tape.chain import Chain, chain
from gradcli.tape.findings import Evidence, Findings

IS_COMPLEX = "a value is complex here: --complex follows it"
RESERVED = 0.4  # of the patience, for the formulas
JUDGING_DIGITS = 25  # the verdict counts digits, so the truth needs more of them than a double has


@dataclass
class Kept:
    """What stays of a program from one point to the next: its derivatives, and their formulas."""

    chains: tuple[Chain, Chain] | None = None
    writer: FormulaWriter | None = None


def gather(job: Job, halfway: Callable[[Evidence], None] | None = None, kept: Kept | None = None) -> Evidence:
    """Run the reference and write the formulas, within the job's allowance.

    `halfway` is given what the reference found, before the formulas are written; what is `kept` is used, and added to.
    Raises GradcliError where the program has no derivative that gradcli knows.
    """
    deadline = Deadline(job.allowance)
    evidence = Evidence(sympy.__version__)
    digits = max(job.digits, JUDGING_DIGITS)
    if job.is_by_series:
        return high_orders.judge(job, evidence, digits)
    kept = kept or Kept()
    try:
        true, taken = kept.chains = kept.chains or deadline.run(lambda: chains(job))
    except OutOfTime:
        return evidence
    numbers = None if job.not_finite else job.numbers
    if job.point is not None and job.reference:
        left = max(deadline.left, job.allowance / 2)  # a machine that is busy takes at most half of it away
        allowed = WorkDeadline(left * (1 - RESERVED))
        if job.complex:
            plane = PlaneReference(true, taken, job.numbers or {}, digits, allowed).judge()
            findings, evidence.imaginary = plane.findings, plane.imaginary
        elif numbers is None:
            findings = at_infinity(job, true, digits, allowed)
        else:
            findings = Reference(true, taken, numbers, digits, allowed, job.dtype.bits).judge()
        if numbers is not None and not job.complex:
            _name_the_option(findings, true, numbers)
        evidence.value, evidence.findings = findings.value, findings.partials
        evidence.value_rounding = findings.value_rounding
        if numbers is not None:
            evidence.higher, evidence.places = higher_orders(job, job.exact, numbers, WorkDeadline(left * RESERVED))
        if halfway:
            halfway(evidence)
    truths = {positions: finding.value for positions, finding in evidence.findings.items()}
    if kept.writer is None:
        kept.writer = writer(job, true, numbers)
    else:
        kept.writer.move(numbers)
    evidence.formulas = kept.writer.write(truths, WorkDeadline(max(deadline.left, RESERVED * job.allowance)))
    evidence.definitions = kept.writer.definitions
    return evidence


def _name_the_option(findings: Findings, true: Chain, numbers: Mapping[str, Fraction]) -> None:
    """Say of derivatives outside the domain that there is a complex value there, which an option follows."""
    outside = [positions for positions, one in findings.partials.items() if one.kind == "outside the domain"]
    if outside and findings.value is None and has_value(true, numbers):
        for positions in outside:
            one = findings.partials[positions]
            note = "; ".join(filter(None, (one.note, IS_COMPLEX)))
            findings.partials[positions] = replace(one, note=note)


def at_infinity(job: Job, true: Chain, digits: int, deadline: Deadline) -> Findings:
    """What the reference knows where values are not finite."""
    from gradcli.reference.infinity import judge_at_infinity

    point = {name: value[()] if isinstance(value, Array) else value for name, value in (job.point or {}).items()}
    findings = judge_at_infinity(true, job.wrt, point, digits, deadline, job.dtype, job.program.source)
    if job.has_custom_vjps:  # what autograd's chain rule makes of it there is not followed
        partials = findings.partials.items()
        findings.partials = {positions: replace(finding, taken=None) for positions, finding in partials}
    return findings


def writer(job: Job, true: Chain, point: Mapping[str, Fraction] | None) -> FormulaWriter:
    """What writes the formulas of a job; in them, names that the program sets to numbers are names."""
    source = job.program.source
    named = true if job.named is job.exact else chain(job.named, job.wrt, job.order, source)
    return FormulaWriter(
        named, job.wrt, point, job.dtype, job.latex, job.own_names, signs=job.signs, in_plane=job.complex
    )


def chains(job: Job) -> tuple[Chain, Chain]:
    """The program with its true derivatives, and with the ones that autograd's conventions give."""
    source = job.program.source
    true = chain(job.exact, job.wrt, job.order, source)
    return true, chain(job.convention, job.wrt, job.order, source) if job.has_custom_vjps else true
