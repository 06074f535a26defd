"""Mistakes with the chain rule: an inner derivative, and the place where an outer one is taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from gradcli.check.mistakes.flow import Change, Nothing, Spot
from gradcli.check.mistakes.mistakes import Group, Mistake, MistakenRule, Say, opposite
from gradcli.check.mistakes.words import Words
from gradcli.tape.scalarize import aligned
from gradcli.tape.tape import Primitive

DEEPEST = 3  # of a value that stands in another's place
MOST_PATHS = 8
MOST_NAMES = 8  # that may stand in an argument's place


def chain_rule(group: Group) -> Iterator[Mistake]:
    """The mistakes with each argument that is no bare variable."""
    for position in group.active:
        others = [other for other in group.active if other != position]
        if not group.is_variable(position):
            yield from group.mistakes(*_inner(group, position, others), position=position)
        if not others:
            yield from group.mistakes(*_elsewhere(group, position), position=position)


def _inner(group: Group, position: int, others: Sequence[int]) -> Iterator[MistakenRule]:
    def rest(spot: Spot) -> Any:
        return sum((spot.term(other) for other in others), spot.m.zero)

    inner = group.case.trace.tape.ops[group.op.args[position]]
    if inner.called == "-" and group.is_target(inner.args[1]):
        yield MistakenRule(
            "inner", "sign", opposite(position),
            "sign: the derivative of {arg} by {by} is negative: {by} is subtracted there",
        )  # fmt: skip
    yield MistakenRule(
        "inner", "inner", lambda s: rest(s) + s.local(position) * s.unit(position),
        "chain rule: the inner derivative of {arg}, which is {inner}, is missing",
        "chain rule: the inner derivative of {arg} is missing",
    )  # fmt: skip
    yield MistakenRule(
        "odd rule", "inner", lambda s: rest(s) + s.term(position) * s.part(position),
        "chain rule: the inner derivative of {arg} is there twice",
    )  # fmt: skip
    yield MistakenRule(
        "odd rule", "inner", lambda s: rest(s) + s.local(position) + s.part(position),
        "chain rule: the inner derivative of {arg} is added, and not multiplied by",
    )  # fmt: skip
    if not others and group.name not in ("**", "/"):
        yield MistakenRule(
            "odd rule", "inner", lambda s: s.at(position, *_with(s, position, s.part(position))),
            "chain rule: {call} is differentiated at the derivative of {arg}, not at {arg}",
        )  # fmt: skip


def _with(spot: Spot, position: int, value: Any) -> list[Any]:
    """The arguments, one of them another value."""
    return [value if p == position else spot.arg(p) for p in range(len(spot.op.args))]


def _elsewhere(group: Group, position: int) -> Iterator[MistakenRule]:
    """The derivative of the function, at a value where it does not belong."""
    if group.name != "**":  # at the value of a power it is another power, which nobody takes for this reason
        yield MistakenRule(
            "stale", "stale", lambda s: s.at(position, *_with(s, position, s.value)) * s.part(position),
            "stale: the derivative of {call} is taken at its value, {call}, and not at {arg}",
        )  # fmt: skip
    inner = group.case.trace.tape.ops[group.op.args[position]]
    for path in _paths(group, position) if group.name != "/" or inner.called in ("+", "-") else ():  # else a factor
        text = _taken_at(group, position, _at_path(group, path))
        yield MistakenRule("stale", "stale", _moved(position, path), text)
    for name in _alike(group, position):
        yield MistakenRule("stale", "stale", _at_name(position, name), _taken_at(group, position, _named(name)))


def _taken_at(group: Group, position: int, where: Say) -> Say:
    def say(words: Words) -> str:
        call, what = words.call(group.first), words.operand(group.first, position)
        return f"chain rule: the derivative of {call} is taken at {where(words)}, not at {what}"

    return say


def _at_path(group: Group, path: tuple[int, ...]) -> Say:
    return lambda words: words.text(_follow(group, group.first, path))


def _named(name: str) -> Say:
    return lambda words: name


def _alike(group: Group, position: int) -> list[str]:
    """The variables and intermediates of the shape of an argument, but for itself."""
    trace = group.case.trace
    origin = trace.origins.get(group.first)
    op = trace.whole.ops[group.first if origin is None else origin[0]]
    if position >= len(op.args):
        return []
    mine, names = trace.whole.ops[op.args[position]], {**trace.whole.inputs, **trace.whole.named}
    found = [name for name, at in names.items() if at != op.args[position] and trace.whole.ops[at].shape == mine.shape]
    return found[:MOST_NAMES]


def _at_name(position: int, name: str) -> Change:
    """The derivative of the function at the same entry of another name."""

    def change(spot: Spot) -> Any:
        trace = spot.flow.trace
        origin = trace.origins.get(spot.index)
        at = () if origin is None else aligned(origin[1], trace.shape_of(name))
        place = trace.operation(name, at)
        if place is None:
            raise Nothing
        return spot.at(position, *_with(spot, position, spot.value_of(place))) * spot.part(position)

    return change


def _moved(position: int, path: tuple[int, ...]) -> Change:
    def change(spot: Spot) -> Any:
        index = spot.index
        for step in path:
            args = spot.flow.trace.tape.ops[index].args
            if step >= len(args):
                raise Nothing
            index = args[step]
        return spot.at(position, *_with(spot, position, spot.value_of(index))) * spot.part(position)

    return change


def _follow(group: Group, index: int, path: tuple[int, ...]) -> int:
    for step in path:
        index = group.case.trace.tape.ops[index].args[step]
    return index


def _paths(group: Group, position: int) -> list[tuple[int, ...]]:
    """The ways to values that an argument is computed from, entry by entry."""
    case = group.case
    found: list[tuple[int, ...]] = []
    waiting: list[tuple[int, ...]] = [(position,)]
    while waiting and len(found) < MOST_PATHS:
        path = waiting.pop(0)
        index = _follow(group, group.first, path)
        if len(path) > 1 and case.active[index]:
            found.append(path)
        origin = case.trace.origins.get(index)
        op = case.trace.whole.ops[origin[0]] if origin else case.trace.tape.ops[index]
        if len(path) <= DEEPEST and isinstance(op, Primitive) and op.row.shape is None:
            args = case.trace.tape.ops[index].args
            waiting += [(*path, p) for p, arg in enumerate(args) if case.active[arg]]
    return found
