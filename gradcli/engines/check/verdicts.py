"""The verdict on each claim, from what it came to at all points, what SymPy says of it, and its remainder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from gradcli.clock import Deadline, OutOfTime
from gradcli.engines.check.compare import DIGITS, Tally
from gradcli.engines.check.data import Counterexample, Finding, Slip, Verdict
from gradcli.engines.check.evaluate import Evaluator
from gradcli.engines.check.problem import Problem
from gradcli.engines.check.prove import is_proved
from gradcli.engines.check.rate import rate
from gradcli.engines.check.slips.find import likely
from gradcli.engines.check.written import exactly

ENOUGH = 4  # points at which a claim has to hold
SAMPLES = 12  # points that slips are looked for at
SLIP_SECONDS = 5.0

Place = Mapping[str, Fraction]


def finding(problem: Problem, tally: Tally, evaluator: Evaluator, seed: int, deadline: Deadline) -> Finding:
    """What there is to say of a claim."""
    claim = tally.claim
    found = Finding(
        claim.wrt,
        Verdict.UNDECIDED,
        None if claim.said is None else claim.said.text,
        claim.shape,
        points=len(tally.held),
        span=_span(tally.held, problem),
        exceptions=tuple(tally.exceptions),
        excepted=tally.excepted,
    )
    places = [place for place, _ in tally.wrong] or tally.held
    if places:
        found = replace(found, rate=rate(problem, claim, places, evaluator, seed))
    if tally.wrong:
        wrong = _readable(tally.wrong)
        return replace(found, verdict=Verdict.FALSE, counterexample=wrong, slip=_slip(problem, tally, deadline))
    if not tally.held:
        return replace(found, note=_why_undecided(tally))
    if is_proved(problem, claim, deadline):
        return replace(found, verdict=Verdict.PROVED)
    if len(tally.held) < ENOUGH and not _is_constant(problem):
        return replace(
            found, note=f"it held at {len(tally.held)} of the sampled points, and {ENOUGH} are too few to tell"
        )
    note = None if tally.digits == DIGITS else f"to {tally.digits} digits: its decimals are those of doubles"
    return replace(found, verdict=Verdict.HOLDS, note=note)


def _is_constant(problem: Problem) -> bool:
    return not problem.variables


def _why_undecided(tally: Tally) -> str:
    if tally.undecided:
        return "the referee could not tell in time, or with the digits that it may use"
    if tally.excepted:
        return "there is no point at which both the claim and the derivative have a value"
    return "no point was found at which the program has a value"


def _readable(wrong: Sequence[tuple[Place, Counterexample]]) -> Counterexample:
    """The counterexample that is the easiest to follow: short numbers, and small ones."""

    def weight(one: tuple[Place, Counterexample]) -> tuple[int, float]:
        place, _ = one
        texts = [exactly(value) for value in place.values()]
        return sum(map(len, texts)), float(
            sum(abs(Decimal(v.numerator) / Decimal(v.denominator)) for v in place.values())
        )

    return min(wrong, key=weight)[1]


def _slip(problem: Problem, tally: Tally, deadline: Deadline) -> Slip | None:
    """The mistake that explains a wrong claim."""
    places = [place for place, _ in tally.wrong] + tally.held
    allowed = deadline.within(SLIP_SECONDS)
    try:
        return allowed.run(lambda: likely(problem, tally.claim, places[:SAMPLES], allowed))
    except OutOfTime:
        return None


def _span(held: Sequence[Place], problem: Problem) -> tuple[str, str] | None:
    """The smallest and the largest magnitude of what the derivatives are by, at the points where a claim held."""
    sizes = [abs(value) for place in held for value in place.values() if value]
    return (f"{float(min(sizes)):.2g}", f"{float(max(sizes)):.2g}") if sizes else None
