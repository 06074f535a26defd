"""What the reference knows at a point with values that are not finite."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gradcli.backends.arb.context import is_ball, precision
from gradcli.errors import Source
from gradcli.language.numbers import Dtype
from gradcli.reference.finite_program import FiniteOp, FiniteProgram
from gradcli.reference.point import START_BITS, Reference
from gradcli.reference.texts import text
from gradcli.tape.chain import Chain, chain
from gradcli.tape.findings import Finding, Findings

if TYPE_CHECKING:
    from fractions import Fraction

    from gradcli.runtime.deadlines import Deadline

KIND = "not finite"


def judge_at_infinity(
    true: Chain,
    names: Sequence[str],
    point: Mapping[str, Fraction | float],
    digits: int,
    deadline: Deadline,
    dtype: Dtype,
    source: Source,
) -> Findings:
    """Findings on a program at a point with values that are not finite: those are floats.

    Derivatives by them are limits at best, which are given where the rules prove them.
    """
    wanted = [positions for positions in true.partials if len(positions) == true.order]
    if true.tape.derived:
        note = "a diff inside the program is not followed where a value is not finite"
        return Findings(partials={positions: Finding(None, note=note) for positions in wanted})
    program = FiniteProgram(true.tape, point).build(true.length)
    output = program.places[true.output]
    if not isinstance(output, FiniteOp):
        what = (
            "is not finite here"
            if isinstance(output, float) and math.isinf(output)
            else "has no meaning that rules give"
        )
        lost = Finding(False, kind=KIND, note=f"the value {what}: {_named(point)}")
        return Findings(partials=dict.fromkeys(wanted, lost))
    finite = [index for index, target in enumerate(true.targets) if isinstance(program.places[target], FiniteOp)]
    own = [names[place] for place in finite]
    for name in own:
        if program.tape.find(name) is None:
            program.tape.input(name)
    program.tape.output = output.index
    built = chain(program.tape, own, true.order, source)
    numbers = {name: value for name, value in point.items() if not isinstance(value, float)}
    findings = Reference(built, built, numbers, digits, deadline, dtype.bits).judge()
    findings.partials = {
        tuple(finite[place] for place in positions): finding for positions, finding in findings.partials.items()
    }
    whole: FiniteProgram | None = None
    for positions in wanted:
        if positions not in findings.partials:
            whole = whole or FiniteProgram(true.tape, point, only_limits=True).build()
            findings.partials[positions] = _limit(whole, true, positions, names, digits)
    return findings


def _limit(whole: FiniteProgram, true: Chain, positions: Sequence[int], names: Sequence[str], digits: int) -> Finding:
    """What there is to say of a derivative by something that is not finite."""
    place = whole.places[true.partials[tuple(positions)]]
    said = None
    if isinstance(place, FiniteOp) and is_ball(place.value):
        with precision(START_BITS):
            said = text(place.value, digits)
    off = next(one for one in positions if not isinstance(whole.places[true.targets[one]], FiniteOp))
    value = whole.places[true.targets[off]]
    if isinstance(value, float) and math.isnan(value):
        return Finding(False, kind=KIND, note=f"{names[off]} is nan: nothing has a derivative by that")
    note = f"{names[off]} is {value}: a derivative there is a limit at best"
    return Finding(False, kind=KIND, limit=said, note=note)


def _named(point: Mapping[str, Fraction | float]) -> str:
    """The values that are not finite."""
    found = [f"{name} is {value}" for name, value in point.items() if isinstance(value, float)]
    return ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
