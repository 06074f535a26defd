"""Mistakes with sums, products and quotients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradcli.check.mistakes.flow import Change, Spot
from gradcli.check.mistakes.mistakes import Group, Mistake, Say, opposite, times, without
from gradcli.check.mistakes.words import Words

LONGEST = 60  # characters of a formula in a sentence
NEUTRAL = (0, 1, -1)  # factors that nobody loses


def operators(group: Group) -> Iterator[Mistake]:
    """The mistakes that an operation of arithmetic invites."""
    if group.name in ("+", "-", "neg"):
        yield from _sum(group)
    elif group.name == "*":
        yield from _product(group)
    elif group.name == "/":
        yield from _quotient(group)
    yield from _constants(group)


# Sums


def _sum(group: Group) -> Iterator[Mistake]:
    for position in group.active:
        if len(group.active) > 1:
            yield group.mistake("summand", "term", without(position), _missing_summand(group, position))
        is_minus = group.name == "neg" or (group.name == "-" and position == 1)
        say = group.say("sign: the derivative of {arg} has the wrong sign in {call}", position)
        yield group.mistake("minus" if is_minus else "one sign", "sign", opposite(position), say)


def _missing_summand(group: Group, position: int) -> Say:
    def say(words: Words) -> str:
        term = words.term(group.first, position)
        which = f", which is {term}," if term else ""
        return f"sum: the derivative of {words.operand(group.first, position)}{which} is missing"

    return say


# Products


def _product(group: Group) -> Iterator[Mistake]:
    if len(group.active) == 1:
        yield from _factor(group)
        return
    for position in group.active:
        yield group.mistake("term", "term", without(position), missing_term(group, position, "product rule"))
        yield group.mistake("one sign", "sign", opposite(position), _wrong_sign(group, position))
    yield group.mistake("term", "term", lambda s: s.part(0) * s.part(1), _multiplied(group))
    yield group.mistake(
        "term", "term", lambda s: s.part(0) + s.part(1),
        group.say("product rule: in the derivative of {call} each term has lost the other factor"),
    )  # fmt: skip
    yield group.mistake(
        "odd rule", "rule", lambda s: s.arg(0) * s.part(0) + s.arg(1) * s.part(1),
        group.say("product rule: in {call} each derivative belongs to the other factor, not to its own"),
    )  # fmt: skip


def _wrong_sign(group: Group, position: int) -> Say:
    def say(words: Words) -> str:
        term = words.term(group.first, position)
        what = f"the term {term}" if term else f"the term with the derivative of {words.operand(group.first, position)}"
        return f"sign: {what} of the product rule for {words.call(group.first)} has the wrong sign"

    return say


def _multiplied(group: Group) -> Say:
    def say(words: Words) -> str:
        u, v = (words.operand(group.first, position) for position in (0, 1))
        a, b = (words.term(group.first, position) for position in (0, 1))
        if a is None or b is None or len(a + b) > LONGEST:
            return f"product rule: in {words.call(group.first)} the derivatives of {u} and {v} are multiplied"
        right = f"{a} - {b[1:]}" if b.startswith("-") else f"{a} + {b}"
        said = f"instead of {right} the derivatives of {u} and {v} are multiplied"
        return f"product rule: the term {a} is missing: {said}"

    return say


def _factor(group: Group) -> Iterator[Mistake]:
    """A constant factor is lost, or is there twice."""
    for position in group.constant:
        if group.number(position) not in NEUTRAL:
            yield group.mistake(
                "number", "factor", times(_power_of(position, -1)),
                group.say("factor: the factor {arg} of {call} is lost", position),
            )  # fmt: skip
            yield group.mistake(
                "number", "factor", times(_power_of(position, 1)),
                group.say("factor: the factor {arg} of {call} is there twice", position),
            )  # fmt: skip


def _power_of(position: int, power: int) -> Change:
    """An argument, or what it is one over."""
    return lambda spot: spot.arg(position) ** power


def missing_term(group: Group, position: int, rule: str) -> Say:
    """A sentence about a term that is missing."""
    is_output = all(wanted.output == group.first for wanted in group.case.entries)

    def say(words: Words) -> str:
        term = words.term(group.first, position)
        what = f"the term {term}" if term else f"the term with the derivative of {words.operand(group.first, position)}"
        where = "" if term and is_output else f" in the derivative of {words.call(group.first)}"
        return f"{rule}: {what} is missing{where}"

    return say


# Quotients


def _quotient(group: Group) -> Iterator[Mistake]:
    if len(group.active) > 1:
        yield from _of_two(group)
    elif group.active == (1,):
        yield from _reciprocal(group)
    elif group.active == (0,):
        yield from _divided(group)


_WHOLE: tuple[tuple[str, str, Change, str], ...] = (
    ("quotient", "quotient", times(lambda s: -s.m.one),
     "quotient rule: upside down: the numerator is u'*v - u*v', with u = {u} and v = {v}"),
    ("quotient", "quotient", lambda s: s.part(0) / s.part(1), "quotient rule: in {call} the derivatives are divided"),
    ("quotient", "quotient", times(lambda s: (s.arg(1) / s.arg(0)) ** 2),
     "quotient rule: the difference is divided by the square of {u}, not of {v}"),
    ("quotient", "quotient", times(lambda s: -((s.arg(1) / s.arg(0)) ** 2)),
     "quotient rule: {u} and {v} are exchanged"),
    ("square", "square", times(lambda s: s.arg(1)), "quotient rule: the denominator {v} is not squared"),
    ("square", "square", lambda s: s.term(0) + s.term(1) * s.arg(1),
     "quotient rule: the denominator {v} of the second term is not squared"),
    ("square", "square", lambda s: s.term(0) / s.arg(1) + s.term(1),
     "quotient rule: the first term is divided by the square of {v}"),
    ("square", "square", times(lambda s: s.arg(1) ** 2),
     "quotient rule: the denominator, the square of {v}, is missing"),
)  # fmt: skip


def _of_two(group: Group) -> Iterator[Mistake]:
    for kind, code, change, text in _WHOLE:
        yield group.mistake(kind, code, change, group.say(text))
    for position, text in enumerate(("both terms are subtracted", "the two terms are added")):
        yield group.mistake("term", "term", without(position), missing_term(group, position, "quotient rule"))
        say = group.say("sign: in the quotient rule for {call} " + text)
        yield group.mistake("one sign", "sign", opposite(position), say)


def _reciprocal(group: Group) -> Iterator[Mistake]:
    """A constant over something."""
    square = group.say("quotient rule: in the derivative of {call} the denominator {v} is not squared")
    yield group.mistake("square", "square", times(lambda s: s.arg(1)), square)
    yield group.mistake("square", "square", times(lambda s: s.arg(1) ** 2), square)
    yield group.mistake("minus", "sign", opposite(1), _minus(group))
    yield group.mistake(
        "quotient", "quotient", lambda s: s.arg(0) / s.part(1),
        group.say("quotient rule: the derivative of {call} is not that of {v}, inverted"),
    )  # fmt: skip
    yield from _factor(group)


def _minus(group: Group) -> Say:
    def say(words: Words) -> str:
        outer, call = words.outer(group.first, 1), words.call(group.first)
        return f"sign: the derivative of {call} is {outer}" if outer else f"sign: the derivative of {call} has a minus"

    return say


def _divided(group: Group) -> Iterator[Mistake]:
    """Something over a constant."""
    if group.number(1) not in NEUTRAL:
        yield group.mistake(
            "number", "factor", times(_power_of(1, 1)), group.say("factor: the division by {v} in {call} is lost")
        )
        yield group.mistake(
            "number",
            "factor",
            times(_power_of(1, -1)),
            group.say("factor: the division by {v} in {call} is done twice"),
        )


# Constants


def _constants(group: Group) -> Iterator[Mistake]:
    """A constant that is differentiated as if it were the variable."""
    for position in group.constant:
        kind = "odd rule" if group.name == "**" and position == 1 else "constant"
        say = group.say("constant: the derivative of {arg} is 0: in {call} it is taken for a variable", position)
        yield group.mistake(kind, "constant", _with_constant(position), say)
    if group.name == "*" and len(group.active) == 1 and len(group.constant) == 1:
        yield _other_factor(group, group.active[0], group.constant[0])


def _with_constant(position: int) -> Change:
    """The derivative, and what a constant contributes if its own derivative is 1."""

    def change(spot: Spot) -> Any:
        return spot.usual() + spot.local(position) * spot.one()

    return change


def _other_factor(group: Group, active: int, constant: int) -> Mistake:
    """The constant factor is differentiated, and the other one is not."""
    tape = group.case.trace.tape
    if group.number(constant) is None and not tape.ops[group.op.args[constant]].args:
        kind, code, text = "variable", "variable", "variable: {call} is differentiated by {arg}, not by {by}"
    else:
        kind, code, text = "odd rule", "constant", "constant: of the factors of {call}, {arg} is differentiated"
    return group.mistake(kind, code, lambda s: s.arg(active) * s.one(), group.say(text, constant))
