"""Difference quotients held against the derivative: where digits appear, where they vanish again, and why."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, localcontext
from typing import Any

from gradcli.diff.data import Partial, Result, Verdict
from gradcli.diff.quotient_data import SIDES, BestStep, QuotientRow, QuotientTable
from gradcli.problem.job import Job
from gradcli.reference.digits import agreeing
from gradcli.reference.verdict import ARITHMETIC
from gradcli.tape.arrays import position
from gradcli.tape.findings import Evidence, StepQuotients
from gradcli.terminal.arrays import entry_of
from gradcli.terminal.numbers import cut

Index = tuple[int, ...]
ROUGH = 6  # digits of a higher derivative that is told


def with_quotients(
    job: Job, result: Result, quotients: Mapping[str, Sequence[StepQuotients]], evidence: Mapping[Index, Evidence]
) -> Result:
    """The result with a table of difference quotients for each of its partials, where these were asked for."""
    if not job.quotients:
        return result
    tables = []
    for partial in result.partials:
        found = evidence.get(partial.of or ())
        index = job.wrt.index(partial.wrt[0])
        higher = [None if found is None else found.higher.get((index,) * order) for order in (2, 3)]
        output = position(result.shape, partial.of or ())
        tables.append(_table(job, result, partial, quotients[partial.wrt[0]], output, higher))
    return replace(result, quotients=tuple(tables))


def _table(
    job: Job,
    result: Result,
    partial: Partial,
    steps: Sequence[StepQuotients],
    output: int,
    higher: Sequence[str | None],
) -> QuotientTable:
    truths = _truths(partial)
    with localcontext(ARITHMETIC):
        rows = tuple(_row(step, output, truths, job.dtype.digits) for step in steps)
        best = [_best(rows, side, truths[side]) for side in SIDES]
        value = entry_of(result.value, partial.of or ())
        expected = _expected(value, higher, job.dtype.bits) if partial.verdict is not Verdict.UNDEFINED else {}
    second, third = (cut(one, ROUGH) for one in higher)
    derivative = None if truths["central"] is None else str(truths["central"]).lower()
    return QuotientTable(
        partial.of, partial.wrt[0], derivative, partial.left, partial.right, second, third, rows,
        tuple(replace(one, expected=expected.get(one.side)) for one in best if one is not None),
    )  # fmt: skip


def _truths(partial: Partial) -> dict[str, Decimal | None]:
    """What the quotients of each side should come to; at a corner each side has its own."""
    if partial.verdict is Verdict.UNDEFINED:
        sides = {"forward": partial.right, "backward": partial.left, "central": None}
        finite = {side: None if text in (None, "inf", "-inf") else text for side, text in sides.items()}
        return {side: None if text is None else Decimal(text) for side, text in finite.items()}
    truth: Any = partial.reference
    if truth is None and partial.verdict in (None, Verdict.AGREE) and isinstance(partial.autograd, float):
        truth = repr(partial.autograd) if math.isfinite(partial.autograd) else None
    return dict.fromkeys(SIDES, None if truth is None else Decimal(str(truth)))


def _row(step: StepQuotients, output: int, truths: Mapping[str, Decimal | None], most: float) -> QuotientRow:
    forward, backward, central = step.forward[output], step.backward[output], step.central[output]
    digits = [_digits(one, truths[side], most) for side, one in zip(SIDES, (forward, backward, central))]
    return QuotientRow(step.h, forward, backward, central, digits[0], digits[1], digits[2], step.stuck)


def _digits(number: float, truth: Decimal | None, most: float) -> float | None:
    if not truth or not math.isfinite(number):
        return None
    return round(agreeing(abs(Decimal(number) - truth), abs(truth), most), 2)


def _best(rows: Sequence[QuotientRow], side: str, truth: Decimal | None) -> BestStep | None:
    """The row with the smallest error; the first one of those that have it."""
    if truth is None:
        return None
    finite = [row for row in rows if math.isfinite(getattr(row, side))]
    if not finite:
        return None
    row = min(finite, key=lambda row: abs(Decimal(getattr(row, side)) - truth))
    return BestStep(side, row.h, getattr(row, f"{side}_digits"), None)


def _expected(value: Any, higher: Sequence[str | None], bits: int) -> dict[str, float | None]:
    """The steps at which truncation and rounding are the same.

    f is rounded by u*|f|, u the unit roundoff, so a quotient by about 2*u*|f|/h, a central one by half of that. What is
    left out is h*|f''|/2, of a central one h**2*|f'''|/6. The sum is least at these steps (Numerical Recipes, 5.7).
    """
    rounding = Decimal(2) ** -bits * abs(Decimal(value)) if value is not None and math.isfinite(value) else None
    second, third = (None if one is None else abs(Decimal(one)) for one in higher)
    found: dict[str, float | None] = dict.fromkeys(SIDES)
    if rounding and second:
        found["forward"] = found["backward"] = _double(2 * (rounding / second).sqrt())
    if rounding and third:
        ratio = 3 * rounding / third
        found["central"] = _double((ratio.ln() / 3).exp())
    return found


def _double(number: Decimal) -> float | None:
    found = float(number)
    return found if math.isfinite(found) and found else None
