"""Tangents at a point, as the reference judges it."""

from __future__ import annotations

import math
from fractions import Fraction

from gradcli.errors import LimitError
from gradcli.language.numbers import to_float
from gradcli.plot.curves import Tangent
from gradcli.plot.truth import PlotTruth
from gradcli.problem.job import Job
from gradcli.reference.point import Reference
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.findings import Finding

DIGITS = 20
VERTICAL = "vertical tangent"


def tangents(job: Job, name: str, x: Fraction) -> tuple[list[Tangent], str | None]:
    """The tangent at a place, or one for each side of a corner; and what is to be said where there is none."""
    deadline = Deadline(job.patience)
    try:
        truth = PlotTruth(job, [name], [name], 1)
    except LimitError as error:
        return [], f"no tangent: {error.message}"
    findings = Reference(truth.chain, truth.chain, {**truth.fixed, name: x}, DIGITS, deadline).judge()
    finding = findings.partials[(0,)]
    place = f"{name} = {to_float(x)!r}"
    if findings.value is None:
        return [], f"no tangent at {place}: the function has no value there"
    y = float(findings.value)
    sides = _slopes(finding)
    found = [Tangent(to_float(x), y, slope, side) for side, slope in sides if math.isfinite(slope)]
    if finding.exists is None:
        return [], f"no tangent at {place}: the reference cannot tell the slope ({finding.note})"
    if not finding.exists and finding.kind == VERTICAL:
        return [], f"the tangent at {place} is vertical"
    if not found:
        return [], f"no tangent at {place}: there is no derivative ({finding.kind})"
    return found, None


def _slopes(finding: Finding) -> list[tuple[str | None, float]]:
    """The slope, or the one-sided ones."""
    if finding.exists and finding.value is not None:
        return [(None, float(finding.value))]
    return [(side, float(slope)) for side, slope in (("left", finding.left), ("right", finding.right)) if slope]
