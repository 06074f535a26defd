"""The verdict on each claim, from what it came to at all points, what SymPy says of it, and its remainder."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from gradcli.check.compare import DOUBLE_DIGITS, Tally
from gradcli.check.data import ClaimFinding, Counterexample, LikelyMistake
from gradcli.check.evaluate import ClaimValues
from gradcli.check.mistakes.find import likely
from gradcli.check.patience import Patience, StepBudget
from gradcli.check.problem import Problem
from gradcli.check.prove import is_proved
from gradcli.check.rate import rate
from gradcli.check.simplest import weight
from gradcli.reference.pieces import Point
from gradcli.reference.verdict import ClaimVerdict

ENOUGH = 4  # points at which a claim has to hold, and half of those that count
SAMPLES = 12  # points that slips are looked for at
# Seconds, where the bounds on the work are not enough: far more than a reasonable machine takes.
PROOF_SECONDS = 10.0
RATE_SECONDS = 10.0
MISTAKE_SECONDS = 10.0


def finding(
    problem: Problem, tally: Tally, values: ClaimValues, seed: int, deadline: Patience, left_out: Collection[str] = (),
    given: Point | None = None,
) -> ClaimFinding:  # fmt: skip
    """What there is to say of a claim; the steps that are left out stay undone. One point may be the `given` one."""
    steps = StepBudget(deadline, left_out)
    found = _judged(problem, tally, values, seed, steps, given)
    if given is not None:
        found = replace(found, given=_became(tally, given))
    return replace(found, unfinished=tuple(steps.unfinished))


def _became(tally: Tally, given: Point) -> str:
    """What became of a claim at a point."""
    if any(point is given for point in tally.held):
        return "held"
    if any(point is given for point, _ in tally.wrong):
        return "wrong"
    return "special" if any(point is given for point in tally.unusual) else "undecided"


def _judged(
    problem: Problem, tally: Tally, values: ClaimValues, seed: int, steps: StepBudget, given: Point | None
) -> ClaimFinding:
    claim = tally.claim
    found = ClaimFinding(
        claim.wrt,
        ClaimVerdict.UNDECIDED,
        None if claim.said is None else claim.said.text,
        claim.shape,
        points=len(tally.held),
        span=_span(tally.held, values),
        exceptions=tuple(tally.exceptions),
        excepted=tally.excepted,
        letters=() if claim.said is None else claim.said.letters,
    )
    points = [point for point, _ in tally.wrong] or [point for point in tally.held if point not in tally.special]
    if points:
        measured = steps.take("rate", RATE_SECONDS, lambda _: rate(problem, claim, points, values, seed))
        found = replace(found, rate=measured)
    if tally.wrong:
        wrong = _readable(tally, given)
        slip = steps.take("slip", MISTAKE_SECONDS, lambda allowed: _mistake(problem, tally, allowed))
        return replace(found, verdict=ClaimVerdict.FALSE, counterexample=wrong, slip=slip, positive=_positive(tally))
    if not tally.held:
        return replace(found, note=_why_undecided(tally))
    if steps.take("proof", PROOF_SECONDS, lambda _: is_proved(problem, claim)):
        return replace(found, verdict=ClaimVerdict.PROVED)
    counted = len(tally.held) + tally.undecided
    if 2 * len(tally.held) < max(2 * ENOUGH, counted) and not _is_constant(problem):
        return replace(found, note=f"it held at {len(tally.held)} of {counted} points: too few to tell")
    note = None if tally.digits != DOUBLE_DIGITS else f"to {tally.digits} digits: its decimals are those of doubles"
    if tally.rounded:
        note = "up to the rounding of its constants: they have the digits of doubles"
    if tally.beside:
        note = "what it does where a number is tiny is held to the derivative beside, in 6 digits"
    # The remainder of a claim that is off by a rounding has order 1 at small steps, and says nothing.
    measured = None if note is not None else found.rate
    return replace(found, verdict=ClaimVerdict.HOLDS, note=note, rate=measured)


def _positive(tally: Tally) -> int:
    """At how many points a claim held that is false only where a variable is not positive; 0 where they are few."""
    if any(all(value > 0 for value in point.values()) for point, _ in tally.wrong):
        return 0
    held = sum(all(value > 0 for value in point.values()) for point in tally.held)
    return held if held >= ENOUGH else 0


def _is_constant(problem: Problem) -> bool:
    return not problem.variables


def _why_undecided(tally: Tally) -> str:
    if tally.reasons:
        ((reason, _),) = tally.reasons.most_common(1)
        return f"the reference could not tell: {reason}"
    if tally.undecided:
        return "the reference could not tell in time, or with the digits that it may use"
    if tally.excepted:
        return "there is no point at which both the claim and the derivative have a value"
    if tally.estimated:
        return "the derivative is known only as a limit of difference quotients, which is no proof"
    return "no point was found at which the program has a value"


def _readable(tally: Tally, given: Point | None) -> Counterexample:
    """The counterexample that is the easiest to follow: at the given point, else with short numbers, and small ones."""
    for point, example in tally.wrong:
        if point is given:
            return example
    return (tally.simplest or min(tally.wrong, key=lambda one: weight(one[0])))[1]


def _mistake(problem: Problem, tally: Tally, deadline: Patience) -> LikelyMistake | None:
    """The mistake that explains a wrong claim."""
    wrong = [point for point, _ in tally.wrong]
    held = tally.held[:: 1 + 3 * len(tally.held) // SAMPLES]  # what is right on one side alone has a slip of its own
    return likely(problem, tally.claim, [*wrong[: SAMPLES - len(held)], *held], deadline)


def _span(held: Sequence[Point], values: ClaimValues) -> tuple[float, float] | None:
    """The smallest and the largest magnitude of what the derivatives are by, at the points where a claim held."""
    sizes = [size for point in held for size in values.span(point)]
    return (float(min(sizes)), float(max(sizes))) if sizes else None
