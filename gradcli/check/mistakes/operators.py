"""Mistakes with sums, products and quotients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradcli.check.mistakes.flow import Change, Spot
from gradcli.check.mistakes.mistakes import Group, Mistake, MistakenRule, Say, opposite, times, without
from gradcli.check.mistakes.words import Words

LONGEST = 60  # characters of a formula in a sentence
NEUTRAL = (0, 1, -1)  # factors that nobody loses


def operators(group: Group) -> Iterator[Mistake]:
    """The mistakes that an operation of arithmetic invites."""
    if group.name in ("+", "-", "neg"):
        yield from _sum(group)
    elif group.name == "*":
        yield from _product(group) if len(group.active) > 1 else _factor(group)
    elif group.name == "/":
        yield from _quotient(group)
    yield from _constants(group)


# Sums


def _sum(group: Group) -> Iterator[Mistake]:
    for position in group.active:
        if len(group.active) > 1:
            missing = (
                "sum: the derivative of {arg}, which is {term}, is missing",
                "sum: the derivative of {arg} is missing",
            )
            yield from group.mistakes(MistakenRule("summand", "term", without(position), *missing), position=position)
        is_minus = group.name == "neg" or (group.name == "-" and position == 1)
        sign = MistakenRule(
            "minus" if is_minus else "one sign", "sign", opposite(position),
            "sign: the derivative of {arg} has the wrong sign in {call}",
        )  # fmt: skip
        yield from group.mistakes(sign, position=position)


# Products


def _product(group: Group) -> Iterator[Mistake]:
    for position in group.active:
        yield from group.mistakes(
            MistakenRule("term", "term", without(position), *missing_term(group, "product rule")),
            MistakenRule(
                "one sign", "sign", opposite(position),
                "sign: the term {term} of the product rule for {call} has the wrong sign",
                "sign: the term with the derivative of {arg} of the product rule for {call} has the wrong sign",
            ),
            position=position,
        )  # fmt: skip
    yield from group.mistakes(
        MistakenRule("term", "term", lambda s: s.part(0) * s.part(1), _multiplied(group)),
        MistakenRule(
            "term", "term", lambda s: s.part(0) + s.part(1),
            "product rule: in the derivative of {call} each term has lost the other factor",
        ),
        MistakenRule(
            "odd rule", "rule", lambda s: s.arg(0) * s.part(0) + s.arg(1) * s.part(1),
            "product rule: in {call} each derivative belongs to the other factor, not to its own",
        ),
    )  # fmt: skip


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


def _power_of(position: int, power: int) -> Change:
    """The derivative times a power of an argument."""
    return times(lambda spot: spot.arg(position) ** power)


def _factor(group: Group) -> Iterator[Mistake]:
    """A constant factor is lost, or is there twice."""
    for position in group.constant:
        if group.number(position) not in NEUTRAL:
            yield from group.mistakes(
                MistakenRule("number", "factor", _power_of(position, -1), "factor: the factor {arg} of {call} is lost"),
                MistakenRule(
                    "number", "factor", _power_of(position, 1), "factor: the factor {arg} of {call} is there twice"
                ),
                MistakenRule(
                    "number",
                    "factor",
                    _power_of(position, -2),
                    "factor: in the derivative of {call} it is divided by {arg}, and not multiplied",
                ),
                position=position,
            )


def missing_term(group: Group, rule: str) -> tuple[str, str]:
    """What to say of a term that is missing: with the term, and without it."""
    where = " in the derivative of {call}"
    is_output = all(wanted.output == group.first for wanted in group.case.entries)
    return (
        f"{rule}: the term {{term}} is missing{'' if is_output else where}",
        f"{rule}: the term with the derivative of {{arg}} is missing{where}",
    )


# Quotients


def _quotient(group: Group) -> Iterator[Mistake]:
    if len(group.active) > 1:
        yield from group.mistakes(*_OF_TWO)
        signs = ("one sign", "both terms are subtracted"), ("minus", "the two terms are added")
        for position, (kind, text) in enumerate(signs):
            yield from group.mistakes(
                MistakenRule("term", "term", without(position), *missing_term(group, "quotient rule")),
                MistakenRule(kind, "sign", opposite(position), f"sign: in the quotient rule for {{call}} {text}"),
                position=position,
            )
    elif group.active == (1,):
        yield from group.mistakes(*_RECIPROCAL, position=1)
        yield from _factor(group)
    elif group.active == (0,) and group.number(1) not in NEUTRAL:
        yield from group.mistakes(*_DIVIDED)


_OF_TWO = (
    MistakenRule("quotient", "quotient", times(lambda s: -s.m.one),
                 "quotient rule: upside down: the numerator is u'*v - u*v', with u = {u} and v = {v}"),
    MistakenRule("quotient", "quotient", lambda s: s.part(0) / s.part(1),
                 "quotient rule: in {call} the derivatives are divided"),
    MistakenRule("quotient", "quotient", lambda s: s.part(0) * s.arg(1) + s.arg(0) * s.part(1),
                 "quotient rule: {call} is a quotient, and the product rule is used"),
    MistakenRule("quotient", "quotient", lambda s: (s.part(0) - s.part(1)) / s.arg(1) ** 2,
                 "quotient rule: in the numerator of the derivative of {call} each term has lost the other factor"),
    MistakenRule("quotient", "quotient", times(lambda s: (s.arg(1) / s.arg(0)) ** 2),
                 "quotient rule: the difference is divided by the square of {u}, not of {v}"),
    MistakenRule("quotient", "quotient", times(lambda s: -((s.arg(1) / s.arg(0)) ** 2)),
                 "quotient rule: {u} and {v} are exchanged"),
    MistakenRule("square", "square", _power_of(1, 1), "quotient rule: the denominator {v} is not squared"),
    MistakenRule("square", "square", lambda s: s.term(0) + s.term(1) * s.arg(1),
                 "quotient rule: the denominator {v} of the second term is not squared"),
    MistakenRule("square", "square", lambda s: s.term(0) / s.arg(1) + s.term(1),
                 "quotient rule: the first term is divided by the square of {v}"),
    MistakenRule("square", "square", _power_of(1, 2), "quotient rule: the denominator, the square of {v}, is missing"),
)  # fmt: skip
_NOT_SQUARED = "quotient rule: in the derivative of {call} the denominator {v} is not squared"
_RECIPROCAL = (  # a constant over something
    MistakenRule("square", "square", _power_of(1, 1), _NOT_SQUARED),
    MistakenRule("square", "square", _power_of(1, 2), _NOT_SQUARED),
    MistakenRule("minus", "sign", opposite(1), "sign: the derivative of {call} is {outer}",
                 "sign: the derivative of {call} has a minus"),
    MistakenRule("quotient", "quotient", lambda s: s.arg(0) / s.part(1),
                 "quotient rule: the derivative of {call} is not that of {v}, inverted"),
)  # fmt: skip
_DIVIDED = (  # something over a constant
    MistakenRule("number", "factor", _power_of(1, 1), "factor: the division by {v} in {call} is lost"),
    MistakenRule("number", "factor", _power_of(1, -1), "factor: the division by {v} in {call} is done twice"),
    MistakenRule(
        "number",
        "factor",
        _power_of(1, 2),
        "factor: in the derivative of {call} it is multiplied by {v}, and not divided",
    ),
)


# Constants


def _constants(group: Group) -> Iterator[Mistake]:
    """A constant that is differentiated as if it were the variable."""
    for position in group.constant:
        kind = "odd rule" if group.name == "**" and position == 1 else "constant"
        text = "constant: the derivative of {arg} is 0: in {call} it is taken for a variable"
        yield from group.mistakes(MistakenRule(kind, "constant", _with_constant(position), text), position=position)
    if group.name == "*" and len(group.active) == 1 and len(group.constant) == 1:
        (active,), (constant,) = group.active, group.constant
        yield from group.mistakes(_other_factor(group, active, constant), position=constant)


def _with_constant(position: int) -> Change:
    """The derivative, and what a constant contributes if its own derivative is 1."""

    def change(spot: Spot) -> Any:
        return spot.usual() + spot.local(position) * spot.one()

    return change


def _other_factor(group: Group, active: int, constant: int) -> MistakenRule:
    """The constant factor is differentiated, and the other one is not."""
    tape = group.case.trace.tape
    if group.number(constant) is None and not tape.ops[group.op.args[constant]].args:
        kind, code, text = "variable", "variable", "variable: {call} is differentiated by {arg}, not by {by}"
    else:
        kind, code, text = "odd rule", "constant", "constant: of the factors of {call}, {arg} is differentiated"
    return MistakenRule(kind, code, lambda s: s.arg(active) * s.one(), text)
