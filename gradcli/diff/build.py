"""One answer from what the sources say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import combinations_with_replacement
from typing import Any

from gradcli.diff.data import CONVENTION, CUSTOM_VJP, Partial, Result, Verdict
from gradcli.diff.quotients import with_quotients
from gradcli.diff.sensitivities import with_sensitivities
from gradcli.language.latex_names import latex_name
from gradcli.language.numbers import double_of
from gradcli.problem.job import Job
from gradcli.problem.shown import at_of, output_name
from gradcli.reference.verdict import Judgement, judge, judge_alone, judge_complex, judge_value
from gradcli.tape.findings import TIME_UP, Definition, Evidence, Finding, Formula, Near, Numbers, Positions
from gradcli.terminal.numbers import cut
from gradcli.version import __version__

LEFT_OUT = (
    "autograd is left out: before the order {}, its graph has more than {:,} operations; the verdict is on the value"
    " that is enclosed, which difference quotients bear out"
)
SAME = 1e-9  # the formula's value by the reference
NOTHING = 1e-30  # what a formula that is 0 by an identity comes to, in the digits that it is evaluated with


def combine(job: Job, numbers: Numbers | None, evidence: Evidence) -> Result:
    """One answer from what the sources say."""
    partials = [
        _partial(job, positions, numbers, evidence)
        for positions in combinations_with_replacement(range(len(job.wrt)), job.order)
    ] if job.wrt else []  # fmt: skip
    value = None
    if numbers is not None and job.reference and (evidence.value is not None or evidence.findings):
        value = _of_value(job, numbers, evidence)
        if evidence.value is None and any(found.exists is False for found in evidence.findings.values()):
            value = None  # there is no value to be right about
    result = assembled(
        job,
        partials,
        value,
        {"torch": numbers.version if numbers else None, "sympy": evidence.version},
        value=numbers.value if numbers else None,
        value_reference=cut(evidence.value, job.digits),
        value_imaginary=numbers.imaginary if numbers else None,
        value_imaginary_reference=cut(evidence.imaginary, job.digits),
        definitions=tuple(f"{one.name} = {one.text}" for one in evidence.definitions),
        definitions_latex=tuple(latex_definition(one) for one in evidence.definitions if one.latex),
        notes=(*job.notes, *_left_out(job, numbers)),
    )
    result = with_sensitivities(job, result, {(): evidence}, evidence.places)
    return result if numbers is None else with_quotients(job, result, numbers.quotients, {(): evidence})


def _left_out(job: Job, numbers: Numbers | None) -> Iterator[str]:
    if numbers is not None and numbers.is_left_out:
        yield LEFT_OUT.format(job.order, job.most_nodes)


def _of_value(job: Job, numbers: Numbers, evidence: Evidence) -> Judgement:
    """The verdict on the value; of a complex one as a whole."""
    if numbers.imaginary is None or evidence.value is None or evidence.imaginary is None:
        return judge_value(numbers.value, evidence.value, evidence.value_rounding, job.dtype, job.min_digits)
    number = (numbers.value, numbers.imaginary)
    return judge_complex(number, (evidence.value, evidence.imaginary), job.dtype, job.min_digits)


def assembled(
    job: Job, partials: Iterable[Partial], judged: Judgement | None, versions: Mapping[str, str | None], **own: Any
) -> Result:
    """The answer with what there is of every program, the verdict on its value, and further fields of its own."""
    return Result(
        program=job.program.source.text.strip(),
        partials=tuple(partials),
        name=output_name(job),
        at=at_of(job),
        dtype=job.dtype.name,
        order=job.order,
        value_digits=judged.digits if judged else None,
        value_verdict=judged.verdict if judged else None,
        versions={"gradcli": __version__, **{name: version for name, version in versions.items() if version}},
        hessian=job.hessian,
        **{"notes": job.notes, **own},
    )


def _partial(job: Job, positions: Positions, numbers: Numbers | None, evidence: Evidence) -> Partial:
    formula = evidence.formulas.get(positions, Formula(None, note=TIME_UP))
    wrt = tuple(job.wrt[position] for position in positions)
    note = formula.note if formula.text else None if job.is_by_series else f"no formula: {formula.note}"
    if numbers is None:
        return Partial(wrt, symbolic=formula.text, latex=formula.latex, note=note, symbolic_expanded=formula.expanded)
    number = numbers.partials.get(positions)
    value = None if formula.value is None else double_of(formula.value)
    if not job.reference:
        expanded = formula.expanded
        return Partial(wrt, number, formula.text, value, latex=formula.latex, note=note, symbolic_expanded=expanded)
    finding = evidence.findings.get(positions, Finding(None, note=TIME_UP))
    judgement = judge_alone(finding) if number is None else judge(number, finding, job.dtype, job.min_digits)
    return Partial(
        wrt,
        number,
        formula.text,
        value,
        reference=cut(finding.value, job.digits),
        digits=judgement.digits,
        verdict=judgement.verdict,
        proof=finding.proof,
        near=finding.near,
        kind=finding.kind,
        left=cut(finding.left, job.digits),
        right=cut(finding.right, job.digits),
        limit=cut(finding.limit, job.digits),
        note="; ".join(filter(None, (judgement.note, finding.note, *map(_told, finding.near), note))) or None,
        latex=formula.latex,
        symbolic_expanded=formula.expanded,
        symbolic_holds=holds(value, finding.value),
        cause=cause(job, judgement.verdict),
    )


def latex_definition(one: Definition) -> str:
    """A definition in LaTeX."""
    return f"{latex_name(one.name)} = {one.latex}"


def holds(value: float | None, reference: str | Decimal | None) -> bool | None:
    """Whether the formula's value is the true one; None where one of them is not known."""
    if value is None or reference is None:
        return None
    truth = float(reference)
    return not abs(value - truth) > max(SAME * abs(truth), NOTHING)


def cause(job: Job, verdict: Verdict) -> str | None:
    """What is wrong where autograd disagrees: the only derivatives that can be are those that the program gives."""
    if verdict is not Verdict.DISAGREE:
        return None
    return CUSTOM_VJP if job.has_custom_vjps else CONVENTION


def _told(near: Near) -> str:
    article = "an" if near.kind[0] in "aeiou" else "a"
    away = "" if near.distance is None else f", {near.distance:.2g} away in {near.variable}"
    return f"within the rounding of the point lies {article} {near.kind} (of {near.operation}){away}"
