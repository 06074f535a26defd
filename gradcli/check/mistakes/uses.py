"""Intermediates through which no gradient flows, as if they were detached."""

from __future__ import annotations

from collections.abc import Iterator

from gradcli.check.mistakes.case import Case
from gradcli.check.mistakes.flow import Change, Spot
from gradcli.check.mistakes.mistakes import Mistake, sentence


def uses(case: Case) -> Iterator[Mistake]:
    """For each intermediate, and each use of one: no gradient flows through it."""
    trace = case.trace
    for name, index in trace.whole.named.items():
        case.deadline.check()
        places = frozenset(
            place for _, place in trace.entries(name) if case.active[place] and trace.tape.ops[place].args
        )
        if not places or places & {wanted.target.operation for wanted in case.entries}:
            continue
        consumers = _consumers(case, places, index)
        for ops in consumers.values():
            yield _use(name, ops, places, len(consumers))
        if len(consumers) != 1:
            yield _whole(name, places)


def _consumers(case: Case, places: frozenset[int], index: int) -> dict[int, list[int]]:
    """The operations that use an intermediate, by the place in the program that they come from."""
    found: dict[int, list[int]] = {}
    for place, op in enumerate(case.trace.tape.ops):
        if case.used[place] and not places.isdisjoint(op.args):
            origin = case.trace.origins.get(place, (place, ()))[0]
            if origin != index:
                found.setdefault(origin, []).append(place)
    return found


def _use(name: str, ops: list[int], places: frozenset[int], count: int) -> Mistake:
    first = ops[0]

    where = " in {call}" if count > 1 else ""
    say = sentence(first, f"detached: no gradient flows through {name}{where}, as if it were detached")
    return Mistake("use", "detached", dict.fromkeys(ops, _cut(places)), say, first)


def _cut(places: frozenset[int]) -> Change:
    def change(spot: Spot) -> object:
        total = spot.m.zero
        for position, arg in enumerate(spot.op.args):
            if arg not in places:
                total = total + spot.term(position)
        return total

    return change


def _whole(name: str, places: frozenset[int]) -> Mistake:
    first = min(places)
    say = sentence(first, f"detached: no gradient flows through {name}, as if it were a constant")
    return Mistake("use", "detached", dict.fromkeys(places, lambda spot: spot.m.zero), say, first)
