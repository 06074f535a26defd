"""Mistakes with powers and exponentials."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradcli.check.mistakes.flow import Change
from gradcli.check.mistakes.mistakes import Group, Mistake, MistakenRule, opposite, times, without
from gradcli.check.mistakes.operators import missing_term
from gradcli.tape.tape import label_of

BASES = (2, 10)  # of logarithms that are not the natural one


def powers(group: Group) -> Iterator[Mistake]:
    """The mistakes that a power invites."""
    if group.name != "**":
        return
    if 0 in group.active and 1 in group.active:
        for position in (0, 1):
            yield from group.mistakes(*_term(group, position), position=position)
        yield from group.mistakes(_NO_LOGARITHM)
    elif group.active == (0,):
        yield from group.mistakes(*_power(group))
    elif group.active == (1,):
        if label_of(group.case.trace.tape.ops[group.op.args[0]]) != "e":
            yield from group.mistakes(*_BASES)
        yield from group.mistakes(_LOWERED_EXPONENTIAL)


def _factor(factor: Any) -> Change:
    """The derivative times a factor that is made of the base and the exponent."""
    return times(lambda spot: factor(spot.arg(0), spot.arg(1)))


# Of a power with the exponent n: by what its derivative is multiplied.
_LOWERED = (
    ("power", _factor(lambda x, n: x), "the exponent of {call} is not lowered"),
    ("odd rule", _factor(lambda x, n: 1 / x), "the exponent of {call} is lowered by 2"),
    ("power", _factor(lambda x, n: x**2), "the exponent of {call} is raised, not lowered"),
)
_FACTORS = (
    ("power", _factor(lambda x, n: 1 / n), "the exponent of {call} is lowered without the factor {v}"),
    ("odd rule", _factor(lambda x, n: x / n), "{call} has neither the factor {v} nor a lower exponent"),
    ("odd rule", _factor(lambda x, n: (n - 1) / n), "the factor of {call} is its exponent {v}, not the lowered one"),
    ("odd rule", _factor(lambda x, n: (n + 1) / n), "the factor of {call} is its exponent {v}, not the next one"),
    ("power", _factor(lambda x, n: (n - 1) * x / n), "the factor of {call} is lowered, not the exponent"),
    ("odd rule", _factor(lambda x, n: x**2 / (n * (n + 1))), "{call} is integrated, not differentiated"),
)
_OF_A_FUNCTION = (
    MistakenRule("rule", "inner", lambda s: s.part(0) ** s.arg(1),
                 "power rule: the derivative of {call} is not a power of the derivative of {u}"),
    MistakenRule("stale", "inner", lambda s: s.at(0, s.part(0), s.arg(1)),
                 "power rule: in the derivative of {call} stands the derivative of {u} where {u} belongs"),
    MistakenRule("odd rule", "rule", lambda s: s.part(0),
                 "chain rule: the outer derivative, that of the power, is missing in {call}"),
)  # fmt: skip
_TAKEN_FOR_EXPONENTIAL = MistakenRule(
    "odd rule", "rule", lambda s: s.value * s.call("log", s.arg(0)) * s.part(0),
    "power rule: {call} is a power of {u}, no exponential",
)  # fmt: skip
_NEGATIVE = MistakenRule(
    "minus", "sign", opposite(0), "sign: the exponent of {call} is negative, and so is the factor"
)  # fmt: skip


def _power(group: Group) -> Iterator[MistakenRule]:
    exponent = group.number(1)
    for kind, change, text in (*_LOWERED, *(() if exponent in (0, 1) else _FACTORS)):
        yield MistakenRule(kind, "power", change, f"power rule: {text}")
    yield _TAKEN_FOR_EXPONENTIAL
    if not group.is_variable(0):
        yield from _OF_A_FUNCTION
    if exponent is not None and exponent < 0:
        yield _NEGATIVE


def _base(factor: Any, text: str) -> MistakenRule:
    """An exponential whose derivative is multiplied by something made of a logarithm and the base."""
    change = times(lambda spot: factor(lambda value: spot.call("log", spot.m.mpf(value)), spot.arg(0)))
    return MistakenRule("base", "base", change, f"base: {text}")


_NO_FACTOR = "the derivative of {call} has the factor log({u})"
_NOT_NATURAL = "the logarithm in the derivative of {call} is natural"
_BASES = (
    _base(lambda log, a: 1 / log(a), _NO_FACTOR),
    _base(lambda log, a: 1 / log(a) ** 2, _NO_FACTOR),
    *(_base(lambda log, a, base=base: 1 / log(base), _NOT_NATURAL) for base in BASES),
)
_LOWERED_EXPONENTIAL = MistakenRule(
    "rule", "rule", lambda s: s.local(0) * s.part(1),
    "rule: {call} is an exponential, no power of {u}: the exponent {v} is not lowered",
)  # fmt: skip

# Of two things that vary

_NO_LOGARITHM = MistakenRule(
    "base", "base", lambda s: s.term(0) + s.value * s.part(1),
    "base: the exponent of {call} varies: its derivative comes with the factor log({u})",
)  # fmt: skip


def _term(group: Group, position: int) -> Iterator[MistakenRule]:
    yield MistakenRule("term", "term", without(position), *missing_term(group, "power with a variable exponent"))
    text = "sign: one of the two terms of the derivative of {call} has the wrong sign"
    yield MistakenRule("one sign", "sign", opposite(position), text)
