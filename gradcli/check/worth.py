"""What a claimed number is worth at a point: as many bits as it takes to tell it from the derivative, or to hold it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from functools import partial
from typing import Any, NamedTuple

from gradcli.backends.arb.context import precision
from gradcli.backends.arb.evaluate import UNKNOWN, Enclosed, is_ball
from gradcli.backends.arb.flint import arb
from gradcli.check.evaluate import START_BITS, ClaimValues, PointTruth
from gradcli.check.problem import Claim, ClaimedEntry
from gradcli.check.written import is_writable
from gradcli.reference.digits import is_same
from gradcli.reference.pieces import Point
from gradcli.reference.texts import NOTHING
from gradcli.tape.findings import Finding

JUDGING_DIGITS = 32  # of the truth
ESTIMATED_DIGITS = 15  # of a limit, as quotients are believed to

AtBits = Callable[[int], Enclosed]  # a number to a precision


class Worth(Enum):
    """What a claimed number is worth at a point."""

    HELD = "it is the derivative"
    WRONG = "it is not"
    UNCOUNTED = "it is not what the chain rule gives, and there are wrong ones enough"
    EXCEPTIONAL = "one of the two is not there, or the point is a special one"
    NOTHING = "neither is there, or they agree as far as a limit is known"
    UNDECIDED = "one of the two is not known well enough"


class WeighedNumber(NamedTuple):
    """A claimed number at a point, what the reference knows there, and what it is worth."""

    entry: ClaimedEntry
    claimed: Enclosed
    finding: Finding
    outcome: Worth
    is_special: bool = False


def weighed(
    claim: Claim, point: Point, truths: Sequence[PointTruth], values: ClaimValues, digits: int, is_referenced: bool,
    enough: bool,
) -> list[WeighedNumber]:  # fmt: skip
    """What each number of a claim is worth at a point, held to so many digits.

    Unless the point `is_referenced`, the reference is asked only where the claim is not what the chain rule gives: two
    derivations that agree bear each other out. With `enough` points where it is wrong it is not asked there, either.
    """
    known: dict[int, list[Enclosed]] = {}

    def claimed(number: int, bits: int) -> Enclosed:
        entry = claim.entries[number]
        if claim.tape is None:
            return truths[entry.output].by_convention(entry.positions, bits)
        if bits not in known:
            known[bits] = values.run(claim, point, bits)
        return known[bits][number]

    # A claim by the same rules, or with a `diff` of its own, is no second derivation.
    trusting = not is_referenced and claim.tape is not None and not claim.tape.derived
    return [
        _one(entry, partial(claimed, number), truths[entry.output], digits, trusting, enough)
        for number, entry in enumerate(claim.entries)
    ]


def _one(
    entry: ClaimedEntry, claimed: AtBits, truth: PointTruth, digits: int, trusting: bool, enough: bool
) -> WeighedNumber:
    positions = entry.positions
    if (trusting or enough) and truth.is_plainly_smooth(START_BITS):
        value, outcome = _told(claimed, lambda bits: truth.by_rule(positions, bits), truth, digits)
        if outcome is Worth.HELD and trusting:
            return WeighedNumber(entry, value, Finding(None), outcome)
        if outcome is Worth.WRONG and enough:
            return WeighedNumber(entry, value, Finding(None), Worth.UNCOUNTED)
    finding = truth.finding(positions)
    if finding.exists is None:
        return WeighedNumber(entry, UNKNOWN, finding, Worth.UNDECIDED)
    if not finding.exists or truth.is_nonsmooth(positions):
        value = _known(claimed, truth)
        outcome = Worth.UNDECIDED
        if finding.exists and is_ball(value):
            value, outcome = _told(claimed, lambda bits: _limit(finding), truth, digits)
            if outcome is Worth.UNDECIDED and finding.proof != "enclosed":
                outcome = Worth.NOTHING
            elif outcome is Worth.WRONG:
                outcome = Worth.EXCEPTIONAL
        elif value is not UNKNOWN:
            is_there = value is not None
            outcome = Worth.EXCEPTIONAL if finding.exists or is_there else Worth.NOTHING
        return WeighedNumber(entry, value, finding, outcome, True)
    value, outcome = _told(claimed, lambda bits: truth.by_rule(positions, bits), truth, digits)
    if outcome is Worth.WRONG and not is_writable(value):
        outcome = Worth.UNDECIDED
    return WeighedNumber(entry, value, finding, outcome)


def _known(number: AtBits, truth: PointTruth) -> Enclosed:
    """A number to the precision at which something is known of it."""
    bits = START_BITS
    while (value := number(bits)) is UNKNOWN and truth.is_affordable(2 * bits):
        bits *= 2
    return value


def _told(claimed: AtBits, true: AtBits, truth: PointTruth, digits: int) -> tuple[Enclosed, Worth]:
    """A claimed number, and whether it is the true one to so many digits: as many bits as it takes to tell.

    The true one exists: it is no ball only as long as the bits are too few.
    """
    bits = START_BITS
    while True:
        value = claimed(bits)
        if value is None:
            return None, Worth.EXCEPTIONAL
        right = true(bits)
        outcome = Worth.UNDECIDED
        if is_ball(value) and is_ball(right):
            with precision(bits):
                outcome = _compared(value, right, digits)
            if outcome is not Worth.UNDECIDED:
                return value, outcome
        bits *= 2
        if not truth.is_affordable(bits):
            return value, outcome


def _compared(value: Any, right: Any, digits: int) -> Worth:
    """Whether two balls are the same number to so many digits; two that no dtype tells from 0 are, if nothing does."""
    found = is_same(value, right, digits)
    if found is None:
        return Worth.HELD if abs(value).max(abs(right)).abs_upper() < arb(2) ** NOTHING else Worth.UNDECIDED
    return Worth.HELD if found else Worth.WRONG


def _limit(finding: Finding) -> Any:
    """A derivative that was judged from its sides, as far as it is known."""
    digits = JUDGING_DIGITS - 1 if finding.proof == "enclosed" else ESTIMATED_DIGITS
    with precision(START_BITS):
        value = arb(finding.value or "0")
        return value + arb(0, (abs(value) * arb(10) ** -digits).abs_upper())
