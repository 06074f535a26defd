"""Loops that end at a tolerance: the derivatives of what they come close to, after more turns than they take."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache, partial
from typing import Any, NamedTuple, TypeVar

import mpmath

from gradcli.backends.arb.context import precision
from gradcli.backends.arb.evaluate import Enclosed, is_ball
from gradcli.check.called import flat_point, problem_of
from gradcli.check.evaluate import ClaimValues, PointTruth
from gradcli.check.patience import Patience
from gradcli.check.recording.calls import Point
from gradcli.check.recording.forms import Functions
from gradcli.check.recording.record import Standing, recorded
from gradcli.check.recording.ways import EndsAtTolerance
from gradcli.check.worth import JUDGING_DIGITS
from gradcli.errors import GradcliError
from gradcli.reference.classify import UNDECIDED, Outcome

# Turns, for those that the loop takes at most. What is as close as a tolerance of 1e-3 after these has 9 and 12 digits
# then; where a step is a quotient of differences, it is 0/0 so late, and those after one and two more turns tell.
LATE, SOON = (
    (lambda turns: 3 * turns + 6, lambda turns: 4 * turns + 8),
    (lambda turns: turns + 1, lambda turns: turns + 2),
)
MOST_LATE, MOST_SOON = (300, 400), (399, 400)  # turns: those of one pair stay apart, or it tells nothing
STOPS_BEFORE = 3  # turns, of a loop that stops after so many whatever it has come to: these tell whether it is settled
SETTLED = 1e-6  # relative
BITS, BITS_A_TURN = 128, 4  # balls grow with each turn
NEAR = 1e-2  # relative: farther from what the function gives is no limit that it comes close to,
LEAST = 1e-3  # unless it is no farther than a tolerance may be: then that cannot be told
SECONDS = 60.0  # a last resort


class Converged(NamedTuple):
    """A claimed number, the derivative of what the loop comes close to, and how far off the function is, relatively."""

    claimed: float
    outcome: Outcome
    apart: float


class NotSettled(ArithmeticError):
    """A loop stops after its number of turns before it comes close to anything, as a series does that diverges."""


T = TypeVar("T")
Pair = tuple[T, T]


class LoopLimits:
    """What a function and its gradient come close to as their loops take more turns.

    Raises GradcliError where that cannot be recorded.
    """

    def __init__(
        self, both: Functions, given: Mapping[str, Any], held: Mapping[str, Any], error: EndsAtTolerance
    ) -> None:
        made = partial(_Turns, both, given, held, error)

        @cache
        def known(turns: Callable[[int], int], most: int, stops_before: int) -> _Turns | GradcliError:
            try:
                return made(turns, most, stops_before)
            except GradcliError as failure:
                return failure

        self._known = known
        try:
            self._pair(LATE, MOST_LATE)
        except GradcliError:  # so late, its terms may be beyond the largest double
            self._pair(SOON, MOST_SOON)

    def _after(self, turns: Callable[[int], int], most: int, stops_before: int = 0) -> _Turns:
        found = self._known(turns, most, stops_before)
        if isinstance(found, GradcliError):
            raise found
        return found

    def _pair(self, turns: Pair[Callable[[int], int]], most: Pair[int]) -> Pair[_Turns]:
        early, late = (self._after(*one) for one in zip(turns, most, (STOPS_BEFORE, 0)))
        if early.standing.recording == late.standing.recording:  # it stops before it was followed so far
            late.is_stopped, early = True, self._after(_fewer, MOST_LATE[0])
        return early, late

    def at(self, point: Point, value: Any) -> dict[str, dict[tuple[int, ...], Converged]] | None:
        """By name and entry; nothing where more turns come to something else than to `value`, which the function gives.

        None where it cannot be told. Raises NotSettled where the loop stops before it comes close to anything.
        """
        known: dict[str, dict[tuple[int, ...], Converged]] | None = None
        is_capped = False
        for turns, most in ((LATE, MOST_LATE), (SOON, MOST_SOON)):
            try:
                early, late = self._pair(turns, most)
                is_capped = is_capped or late.is_capped
                if late.is_capped and early.turns == late.turns:
                    break
                first, second = early.at(point), late.at(point)
            except GradcliError:  # its formula is too long, or a term beyond the largest double
                continue
            if late.is_stopped and not _is_settled(first.value, second.value):
                raise NotSettled
            apart = _apart(second.value, value)
            if apart is None or apart > NEAR:
                is_other = apart is not None and not is_capped and not _is_little(second.value, value)
                known = {} if is_other and known is None else known
                continue
            pair = {
                name: {
                    index: _converged(first.entries[name][index], second.entries[name][index], apart)
                    for index in entries
                } for name, entries in second.entries.items()
            }  # fmt: skip
            known = known or pair
            if all(one.outcome.exists for entries in pair.values() for one in entries.values()):
                return pair
        return known


class _Known(NamedTuple):
    """The value at a point, and by name and entry the claimed number and the derivative."""

    value: list[Enclosed]
    entries: Mapping[str, Mapping[tuple[int, ...], tuple[Enclosed, Enclosed]]]


class _Turns:
    """A function and its gradient whose loops take one number of turns."""

    def __init__(
        self, both: Functions, given: Mapping[str, Any], held: Mapping[str, Any], error: EndsAtTolerance,
        turns: Callable[[int], int], most: int, stops_before: int = 0,
    ) -> None:  # fmt: skip
        wanted = {one: None if loop.turns is None else turns(loop.turns) for one, loop in error.loops.items()}
        ends = [most if one.most is None else min(most, one.most - stops_before) for one in error.loops.values()]
        self.turns = [None if one is None else min(end, one) for one, end in zip(wanted.values(), ends)]
        self.is_stopped = any(one.most is not None for one in error.loops.values())
        self.is_capped = any(one is not None and one > most for one in wanted.values())  # its end may be far
        loops = {one: loop._replace(turns=turns) for (one, loop), turns in zip(error.loops.items(), self.turns)}
        self.standing: Standing = recorded(both, given, held, (), False, loops)
        self.problem = problem_of(self.standing)
        self.deadline = Patience(SECONDS)
        self._like: list[PointTruth] = []
        self.claims = ClaimValues(self.problem, self.deadline)
        self.bits = BITS + BITS_A_TURN * max(loop.turns or 0 for loop in loops.values())

    def at(self, point: Point) -> _Known:
        """What there is at a point."""
        place: Mapping[str, Fraction] = flat_point(point, self.standing.shapes)
        before: list[PointTruth | None] = [*self._like] or [None] * len(self.problem.chains)
        chains = zip(self.problem.chains, self.problem.taken, before)
        truths = [PointTruth(true, taken, place, JUDGING_DIGITS, self.deadline, one) for true, taken, one in chains]
        self._like = self._like or truths
        entries: dict[str, dict[tuple[int, ...], tuple[Enclosed, Enclosed]]] = {}
        for name, claim in zip(self.standing.recording.claims, self.problem.claims):
            numbers = self.claims.run(claim, place, self.bits)
            entries[name] = {
                entry.index: (number, truths[entry.output].by_rule(entry.positions, self.bits))
                for entry, number in zip(claim.entries, numbers)
            }
        return _Known([one.value(self.bits) for one in truths], entries)


def _apart(limit: list[Enclosed], value: Any) -> float | None:
    """How far what more turns come to is from what the function gives, relatively; None where it is not known."""
    balls = [_middle(one) for one in limit]
    if any(one is None for one in balls):
        return None
    gaps = [(abs(one[0] - number), max(abs(one[0]), abs(number))) for one, number in zip(balls, value) if one]
    return max((float(gap / size) for gap, size in gaps if size), default=0.0)


def _fewer(turns: int) -> int:
    return turns - STOPS_BEFORE


def _is_settled(early: list[Enclosed], late: list[Enclosed]) -> bool:
    """Whether some more turns change a value no more."""
    last = [_middle(one) for one in late]
    apart = None if None in last else _apart(early, [one[0] for one in last if one is not None])
    return apart is not None and apart <= SETTLED


def _is_little(limit: list[Enclosed], value: Any) -> bool:
    """Whether they are no farther from each other than a tolerance may be."""
    balls = [_middle(one) for one in limit]
    return all(one is not None and abs(one[0] - number) <= LEAST for one, number in zip(balls, value))


def _converged(first: tuple[Enclosed, Enclosed], second: tuple[Enclosed, Enclosed], apart: float) -> Converged:
    (claimed, truth), (before, truth_before) = map(_middle, second), map(_middle, first)
    if claimed is None or truth is None:
        return Converged(math.nan if claimed is None else claimed[0], UNDECIDED, apart)
    if before is None or truth_before is None:
        return Converged(claimed[0], UNDECIDED, apart)
    moved = abs(claimed[0] - before[0]) + abs(truth[0] - truth_before[0])
    outcome = Outcome(True, mpmath.mpf(truth[0]), mpmath.mpf(moved + claimed[1] + truth[1]))
    return Converged(claimed[0], outcome, apart)


def _middle(ball: Enclosed) -> tuple[float, float] | None:
    """A ball's midpoint and radius, where they are finite."""
    if not is_ball(ball):
        return None
    with precision(BITS):
        found = float(ball.mid()), float(ball.rad())
    return found if all(map(math.isfinite, found)) else None
