"""Mistakes with functions: a wrong derivative, degrees, a base, a value where the argument belongs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gradcli.check.mistakes.chain_rule import chain_rule
from gradcli.check.mistakes.flow import Change, Nothing, Spot
from gradcli.check.mistakes.mistakes import Group, Mistake, MistakenRule, Say, opposite, times
from gradcli.check.mistakes.words import Words, tape_of

ARITHMETIC = frozenset(("+", "-", "*", "neg", "pos", "detach"))
CASES = frozenset(("where", "max", "min"))


def functions(group: Group) -> Iterator[Mistake]:
    """The mistakes that a function of something invites."""
    if not group.active or not group.name or group.name in ARITHMETIC:
        return
    if group.name == "/" and 0 in group.active:
        return
    if group.name in CASES:
        yield from _cases(group)
        return
    yield from chain_rule(group)
    if any(wanted.output != group.first for wanted in group.case.entries):
        yield from group.mistakes(_TAKEN_FOR_ONE)
    if group.name in ("**", "/"):
        return
    if group.active == (0,):
        yield from group.mistakes(*_tables(group), *_degrees(group), position=0)
    for position in group.active:
        yield from group.mistakes(*_outer(group, position), position=position)


_TAKEN_FOR_ONE = MistakenRule(
    "odd rule", "inner", lambda s: s.one(), "chain rule: the derivative of {call} is taken for 1"
)


def _cases(group: Group) -> Iterator[Mistake]:
    """One of the cases is taken for all of them."""
    text = "rule: a case is forgotten: the derivative of {call} is not always that of {arg}"
    cases = (1, 2) if group.name == "where" else (0, 1)
    for position in cases:
        yield from group.mistakes(MistakenRule("rule", "rule", _part_of(position), text), position=position)
    yield from group.mistakes(
        MistakenRule(
            "rule", "rule", lambda s: sum(s.part(one) for one in cases) - s.usual(),
            "rule: the cases of {call} are exchanged",
        )
    )  # fmt: skip


def _part_of(position: int) -> Change:
    """The derivative of an argument."""
    return lambda spot: spot.part(position)


def _outer(group: Group, position: int) -> Iterator[MistakenRule]:
    """The derivative of the function itself has the wrong sign, or is not there."""
    row = group.op.row
    text = row.derivative[position] if position < len(row.derivative) else None
    is_minus = text is not None and text.startswith("-")
    yield MistakenRule(
        "minus" if is_minus else "one sign", "sign", opposite(position),
        "sign: the derivative of {call} is {right}", "sign: the derivative of {call} has another sign",
    )  # fmt: skip
    yield MistakenRule(
        "odd rule", "rule", _part_of(position),
        "chain rule: the outer derivative, that of {function}, is missing in {call}",
    )  # fmt: skip
    yield MistakenRule(
        "odd rule", "rule", lambda s: s.value * s.part(position),
        "rule: {function} is not its own derivative in {call}",
    )  # fmt: skip


# Wrong rules


def _tables(group: Group) -> Iterator[MistakenRule]:
    """Derivatives that people write for a function, and that are none."""
    wrong = group.op.row.wrong
    for kind, code, texts in (("rule", "rule", wrong.rule), ("rule", "term", wrong.term), ("base", "base", wrong.base)):
        for text in texts:
            yield MistakenRule(kind, code, _by_text(text), _instead(group, text, code))
    for text in wrong.stale:
        yield MistakenRule(
            "stale", "stale", _by_text(text),
            "stale: the derivative of {call} is {right}: the argument {arg} stands where the value {call} belongs",
            "stale: in the derivative of {call}: the argument {arg} stands where the value {call} belongs",
        )  # fmt: skip


def _by_text(text: str) -> Change:
    """The derivative by a rule of the tables."""

    def change(spot: Spot) -> Any:
        names = ("x", "b") if len(spot.op.args) > 1 else ("x",)
        inputs = {name: spot.arg(position) for position, name in enumerate(names)}
        tape = tape_of(text)
        value = spot.flow.arithmetic.run(tape, inputs)[tape.output]
        if value is None:
            raise Nothing
        return value * spot.part(0)

    return change


def _instead(group: Group, text: str, code: str) -> Say:
    def say(words: Words) -> str:
        right = words.right(group.first, 0)
        wrong = words.filled(text, ("x", "b"), group.first)
        label = "base" if code == "base" else "rule"
        tail = f" is {right}" if right else " is another"
        return f"{label}: the derivative of {words.call(group.first)}{tail}" + (f", not {wrong}" if wrong else "")

    return say


# Angles


def _degrees(group: Group) -> Iterator[MistakenRule]:
    """Degrees for radians."""
    text, changes = _DEGREES.get(group.op.row.angle, ("", ()))
    for change in changes:
        yield MistakenRule("degrees", "degrees", change, f"degrees: {text}")


def _angle(inside: int, outside: int) -> Change:
    """The derivative at an angle in other units, and times a power of their ratio."""

    def change(spot: Spot) -> Any:
        degree = spot.m.pi / 180
        return spot.at(0, spot.arg(0) * degree**inside) * degree**outside * spot.part(0)

    return change


_ANGLES: tuple[Change, ...] = (
    times(lambda s: s.m.pi / 180),
    times(lambda s: 180 / s.m.pi),
    _angle(1, 0),
    _angle(1, 1),
    _angle(-1, 0),
    _angle(-1, -1),
)
_DEGREES: Mapping[str, tuple[str, tuple[Change, ...]]] = {
    "radians": ("{call} takes radians: no factor of pi/180 belongs to its derivative", _ANGLES),
    "gives radians": ("{call} is in radians: no factor of 180/pi belongs to its derivative", _ANGLES[:2]),
    "gives degrees": ("the derivative of {call} has the factor 180/pi", _ANGLES[:2]),
    "degrees": ("the derivative of {call} has the factor pi/180", _ANGLES[:2]),
}
