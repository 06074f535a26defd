"""The likely mistake behind a wrong claim: the one that gives just what is claimed, wherever one looks.

Every mistake that is known is made at every place of the program where it can be made, once; what the
derivative would come to is computed to many digits at all points, and held against the claim. Of those that
give the claim, the first in `RANKS` is named. Nothing is said where it would take two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import islice
from typing import NamedTuple

from gradcli.backends.mp.arithmetic import Arithmetic, GivenUp, Value
from gradcli.check.data import LikelyMistake
from gradcli.check.mistakes.case import BITS, DIGITS, ROUNDED_DIGITS, Case, Pair, rational
from gradcli.check.mistakes.cases import cases_of
from gradcli.check.mistakes.custom_vjps import by_hand
from gradcli.check.mistakes.groups import groups_of, mistakes
from gradcli.check.mistakes.mistakes import RANKS, Group, Mistake, MistakenRule, Other, without
from gradcli.check.mistakes.repair import repaired
from gradcli.check.mistakes.whole import wholes
from gradcli.check.mistakes.words import Words
from gradcli.check.problem import Claim, Problem
from gradcli.errors import GradcliError, Span
from gradcli.runtime.deadlines import Deadline, OutOfTime

MOST_MISTAKES = 6_000
SECONDS = 8.0
# Kinds that say how the numbers differ: a change of the claim says more.
WEAK = ("added", "part", "one side", "entries")
FEW_VALUES, SEVERAL = 3, 6  # of a claim that is so few numbers at several points much is right by chance
GONE = -1  # a part times this, added: the part is missing, which has a mistake of its own


def likely(
    problem: Problem, claim: Claim, places: Sequence[Mapping[str, Fraction]], deadline: Deadline
) -> LikelyMistake | None:
    """The mistake that explains a claim that is known to be wrong; None where no single one does.

    `places` are values of the problem's variables at which the derivative exists and both sides have a value.
    Raises OutOfTime when the deadline passes.
    """
    own = deadline.within(SECONDS)
    arithmetic = Arithmetic(own)
    arithmetic.bits = BITS
    try:
        mistake = _likely(problem, claim, places, own, arithmetic)
    except OutOfTime:
        mistake = None
    except (GradcliError, GivenUp):
        return None
    if mistake is None:
        deadline.check()
    return mistake


def _likely(
    problem: Problem, claim: Claim, places: Sequence[Mapping[str, Fraction]], deadline: Deadline, arithmetic: Arithmetic
) -> LikelyMistake | None:
    written = problem.program.source.text if claim.said is None else claim.said.text
    has_decimals = "." in written  # without any, nothing is rounded: what is near a mistake is none
    if claim.tape is None:
        mistake = by_hand(
            problem, claim, places, deadline, arithmetic, lambda case: _mistake(_best([case], has_decimals))
        )
        if mistake is not None:
            return mistake
    cases = list(cases_of(problem, claim, places, deadline, arithmetic))
    found = _best(cases, has_decimals)
    if cases and (found is None or found.what.kind in WEAK or _says_little(cases[0])):
        mistake = repaired(problem, claim, cases[0])
        if mistake is not None:
            return mistake
    return _mistake(found)


def _says_little(case: Case) -> bool:
    """Whether a claim is a few numbers at all points, as signs are: then several mistakes may give them."""
    return len(case.pairs) >= SEVERAL and 1 < len({pair.claimed for pair in case.pairs}) <= FEW_VALUES


class _Found(NamedTuple):
    """An explanation of a case, the one of the smallest rank."""

    rank: int
    case: Case
    what: Mistake | Other
    note: str = ""


def _best(cases: Sequence[Case], has_decimals: bool) -> _Found | None:
    """The likeliest mistake of several cases; one with rounded decimals counts where there is no other."""
    exact: list[_Found] = []
    rough: list[_Found] = []
    for case in cases:
        if case.pairs and not case.agree(case.pairs[0].claimed, case.pairs[0].true):
            _explain(case, exact, rough)
    for found, note in ((exact, ""), (rough if has_decimals else [], "; and its decimals are rounded")):
        if found:
            return min(found, key=lambda one: one.rank)._replace(note=note)
    return None


def _mistake(found: _Found | None) -> LikelyMistake | None:
    if found is None:
        return None
    case, what = found.case, found.what
    words = Words(case)
    span: Span | None = words.span(what.about) if isinstance(what, Mistake) else None
    before = "" if case.is_whole else "in the first derivative, "
    return LikelyMistake(
        what.code, f"{before}{what.say(words)}{found.note}", None if span is None else (span.start, span.end)
    )


def _explain(case: Case, exact: list[_Found], rough: list[_Found]) -> None:
    """Add what explains a case, as far as there is time."""
    try:
        if case.has_parts:
            _by_mistakes(case, exact, rough)
        if not case.is_whole:
            return
        exact += [_Found(other.rank, case, other) for other in wholes(case)]
        if case.has_parts and not exact:
            part = _part(case)
            exact += [] if part is None else [_Found(part.rank, case, part)]
        if not exact and not rough:
            loose = case.with_digits(ROUNDED_DIGITS)
            rough += [_Found(other.rank, case, other) for other in wholes(loose)]
    except OutOfTime:
        if not exact and not rough:
            raise


def _by_mistakes(case: Case, exact: list[_Found], rough: list[_Found]) -> None:
    after: dict[tuple[int, ...], list[int]] = {}
    least = len(RANKS)
    for mistake in islice(mistakes(case), MOST_MISTAKES):
        case.deadline.check()
        if mistake.rank >= least:
            continue
        digits = _fits(case, mistake, after)
        if digits == DIGITS:
            least = mistake.rank
            exact.append(_Found(mistake.rank, case, mistake))
        elif digits:
            rough.append(_Found(mistake.rank, case, mistake))


def _fits(case: Case, mistake: Mistake, after: dict[tuple[int, ...], list[int]]) -> int:
    """The digits in which the claim is what comes out with a mistake, wherever one looks; 0: it is not."""
    digits = DIGITS
    for pair in case.pairs:
        value = _outcome(case, pair, mistake, after)
        if value is None:
            return 0
        if not value and not pair.claimed:
            continue
        if not case.agree(value, pair.claimed):
            digits = ROUNDED_DIGITS
            if not case.agree(value, pair.claimed, ROUNDED_DIGITS):
                return 0
    return digits


def _outcome(case: Case, pair: Pair, mistake: Mistake, after: dict[tuple[int, ...], list[int]]) -> Value:
    """What comes out at one point: for one operation without all that comes after it."""
    if len(mistake.changes) == 1 and mistake.values is None:
        value = case.nearly(pair, mistake.changes)
        if value is not None:
            return value
    key = tuple(mistake.changes)
    if key not in after:
        after[key] = case.after(key) if key else []
    return case.outcome(pair, mistake.changes, after[key], mistake.values)


def _part(case: Case) -> Mistake | None:
    """One contribution that is off by a factor, the same at all points."""
    for group in groups_of(case):
        for position in group.active if len(group.active) > 1 else ():
            case.deadline.check()
            number = _off_by(case, group, position)
            if number is not None and number != GONE:
                text = f"factor: what {{arg}} contributes to {{call}} is off by a factor of {1 + number}"
                rule = MistakenRule("part", "factor", without(position), text)
                return next(group.mistakes(rule, position=position))
    return None


def _off_by(case: Case, group: Group, position: int) -> Fraction | None:
    """The number by which one contribution is multiplied to give what is too much in the claim."""
    mistake = next(group.mistakes(MistakenRule("part", "factor", without(position), "")))
    after: dict[tuple[int, ...], list[int]] = {}
    factor = None
    for pair in case.pairs:
        value = _outcome(case, pair, mistake, after)
        if value is None:
            return None
        if case.agree(pair.true, value) or pair.true == value:
            if not case.agree(pair.claimed, pair.true):
                return None
            continue
        ratio = (pair.claimed - pair.true) / (pair.true - value)
        if factor is None:
            factor = ratio
        elif not case.agree(factor, ratio):
            return None
    return None if factor is None else rational(case, factor)
