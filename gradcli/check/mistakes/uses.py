"""Intermediates through which no gradient flows, as if they were detached."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations, islice

from gradcli.check.mistakes.case import Case
from gradcli.check.mistakes.flow import Change, Spot
from gradcli.check.mistakes.mistakes import Group, Mistake, MistakenRule

MOST_PAIRS = 20  # of intermediates that are detached together


def uses(case: Case) -> Iterator[Mistake]:
    """For each intermediate, each use of one, and each two of them: no gradient flows through it."""
    trace = case.trace
    cut: dict[str, frozenset[int]] = {}
    for name, index in trace.whole.named.items():
        case.deadline.check()
        places = frozenset(
            place for _, place in trace.entries(name) if case.active[place] and trace.tape.ops[place].args
        )
        if not places or places & {wanted.target.operation for wanted in case.entries}:
            continue
        consumers = _consumers(case, places, index)
        where = " in {call}" if len(consumers) > 1 else ""
        text = f"detached: no gradient flows through {name}{where}, as if it were detached"
        for ops in consumers.values():
            yield from Group(case, tuple(ops)).mistakes(MistakenRule("use", "detached", _without(places), text))
        if len(consumers) != 1:
            yield _constant(case, places, f"{name}, as if it were a constant")
        cut[name] = places
    for (one, mine), (other, theirs) in islice(combinations(cut.items(), 2), MOST_PAIRS):
        yield _constant(case, mine | theirs, f"{one} and {other}, as if they were constants")


def _consumers(case: Case, places: frozenset[int], index: int) -> dict[int, list[int]]:
    """The operations that use an intermediate, by the place in the program that they come from."""
    found: dict[int, list[int]] = {}
    for place, op in enumerate(case.trace.tape.ops):
        if case.used[place] and not places.isdisjoint(op.args):
            origin = case.trace.origins.get(place, (place, ()))[0]
            if origin != index:
                found.setdefault(origin, []).append(place)
    return found


def _without(places: frozenset[int]) -> Change:
    """The derivative without what some operations contribute."""

    def change(spot: Spot) -> object:
        total = spot.m.zero
        for position, arg in enumerate(spot.op.args):
            if arg not in places:
                total = total + spot.term(position)
        return total

    return change


def _constant(case: Case, places: Collection[int], what: str) -> Mistake:
    rule = MistakenRule("use", "detached", lambda spot: spot.m.zero, f"detached: no gradient flows through {what}")
    return next(Group(case, tuple(sorted(places))).mistakes(rule))
