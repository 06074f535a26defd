"""Mistakes with functions: a wrong derivative, degrees, a base, a value where the argument belongs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from gradcli.check.mistakes.chain_rule import chain_rule
from gradcli.check.mistakes.flow import Change, Nothing, Spot
from gradcli.check.mistakes.mistakes import Group, Mistake, Say, opposite, times
from gradcli.check.mistakes.words import Words
from gradcli.language.parser import parse
from gradcli.language.printer import unparse_within
from gradcli.tape.lower import lower_expression
from gradcli.tape.tape import Tape
from gradcli.tape.trees import rule_tree

ARITHMETIC = frozenset(("+", "-", "*", "neg", "pos", "detach"))
CASES = frozenset(("where", "max", "min"))
LONGEST = 48  # characters of a rule in a sentence


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
        say = group.say("chain rule: the derivative of {call} is taken for 1")
        yield group.mistake("odd rule", "inner", lambda s: s.one(), say)
    if group.name in ("**", "/"):
        return
    if group.active == (0,):
        yield from _tables(group)
        yield from _degrees(group)
    for position in group.active:
        yield from _outer(group, position)


def _cases(group: Group) -> Iterator[Mistake]:
    """One of the cases is taken for all of them."""
    for position in (1, 2) if group.name == "where" else (0, 1):
        say = group.say("rule: a case is forgotten: the derivative of {call} is not always that of {arg}", position)
        yield group.mistake("rule", "rule", _part_of(position), say)


def _part_of(position: int) -> Change:
    """The derivative of an argument."""
    return lambda spot: spot.part(position)


def _outer(group: Group, position: int) -> Iterator[Mistake]:
    """The derivative of the function itself has the wrong sign, or is not there."""
    row = group.op.row
    text = row.derivative[position] if position < len(row.derivative) else None
    is_minus = text is not None and text.startswith("-")
    yield group.mistake("minus" if is_minus else "one sign", "sign", opposite(position), _sign(group, position))
    yield group.mistake(
        "odd rule", "rule", _part_of(position),
        group.say("chain rule: the outer derivative, that of {function}, is missing in {call}"),
    )  # fmt: skip
    yield group.mistake(
        "odd rule", "rule", lambda s: s.value * s.part(position),
        group.say("rule: {function} is not its own derivative in {call}"),
    )  # fmt: skip


def _sign(group: Group, position: int) -> Say:
    def say(words: Words) -> str:
        right = (_right(group, words) if position == 0 else None) or words.outer(group.first, position)
        tail = f" is {right}" if right else " has another sign"
        return f"sign: the derivative of {words.call(group.first)}{tail}"

    return say


# Wrong rules


@cache
def tape_of(text: str) -> Tape:
    """A rule as a tape over x (and b)."""
    program = parse(text, "a wrong rule")
    return lower_expression(program.output.value, program, trusted=True)


def _tables(group: Group) -> Iterator[Mistake]:
    """Derivatives that people write for a function, and that are none."""
    row = group.op.row
    wrong = row.wrong
    for kind, code, texts in (("rule", "rule", wrong.rule), ("rule", "term", wrong.term), ("base", "base", wrong.base)):
        for text in texts:
            yield group.mistake(kind, code, _by_text(text), _instead(group, text, code))
    for text in wrong.stale:
        yield group.mistake("stale", "stale", _by_text(text), _argument_for_value(group))


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
        right = _right(group, words) or words.outer(group.first, 0)
        wrong = _filled(text, ("x", "b"), group, words)
        label = "base" if code == "base" else "rule"
        tail = f" is {right}" if right else " is another"
        return f"{label}: the derivative of {words.call(group.first)}{tail}" + (f", not {wrong}" if wrong else "")

    return say


def _right(group: Group, words: Words) -> str | None:
    """The right rule with the argument as it is written."""
    row = group.op.row
    if not row.derivative or row.derivative[0] is None:
        return None
    return _filled(row.derivative[0], tuple(one.name for one in row.parameters), group, words)


def _filled(text: str, names: tuple[str, ...], group: Group, words: Words) -> str | None:
    """A rule with the arguments as they are written; None where it is long, or they do not stand in the program."""
    trees = {name: words.operand_tree(group.first, position) for position, name in enumerate(names)}
    known = {name: tree for name, tree in trees.items() if tree is not None}
    rule = tape_of(text)
    return unparse_within(rule_tree(rule, known), LONGEST) if set(rule.inputs) <= set(known) else None


def _argument_for_value(group: Group) -> Say:
    def say(words: Words) -> str:
        call, what = words.call(group.first), words.operand(group.first, 0)
        right = _right(group, words) or words.outer(group.first, 0)
        of = f"the derivative of {call} is {right}" if right else f"in the derivative of {call}"
        return f"stale: {of}: the argument {what} stands where the value {call} belongs"

    return say


# Angles


def _degrees(group: Group) -> Iterator[Mistake]:
    """Degrees for radians."""
    angle = group.op.row.angle
    if angle == "radians":
        text, changes = "degrees: {call} takes radians: no factor of pi/180 belongs to its derivative", _ANGLES
    elif angle == "gives radians":
        text, changes = "degrees: {call} is in radians: no factor of 180/pi belongs to its derivative", _ANGLES[:2]
    elif angle:
        factor = "180/pi" if angle == "gives degrees" else "pi/180"
        text, changes = "degrees: the derivative of {call} has the factor " + factor, _ANGLES[:2]
    else:
        return
    for change in changes:
        yield group.mistake("degrees", "degrees", change, group.say(text))


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
