"""Mistakes with powers and exponentials."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradcli.check.mistakes.flow import Change, Spot
from gradcli.check.mistakes.mistakes import Group, Mistake, opposite, times, without
from gradcli.check.mistakes.operators import missing_term
from gradcli.tape.tape import label_of

BASES = (2, 10)  # of logarithms that are not the natural one


def powers(group: Group) -> Iterator[Mistake]:
    """The mistakes that a power invites."""
    if group.name != "**":
        return
    if 0 in group.active and 1 in group.active:
        yield from _of_two(group)
    elif group.active == (0,):
        yield from _power(group)
    elif group.active == (1,):
        yield from _exponential(group)


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


def _power(group: Group) -> Iterator[Mistake]:
    exponent = group.number(1)
    for kind, change, text in (*_LOWERED, *(() if exponent in (0, 1) else _FACTORS)):
        yield group.mistake(kind, "power", change, group.say(f"power rule: {text}"))
    yield group.mistake(
        "odd rule", "rule", lambda s: s.value * s.call("log", s.arg(0)) * s.part(0),
        group.say("power rule: {call} is a power of {u}, no exponential"),
    )  # fmt: skip
    if not group.is_variable(0):
        yield group.mistake(
            "rule", "inner", lambda s: s.part(0) ** s.arg(1),
            group.say("power rule: the derivative of {call} is not a power of the derivative of {u}"),
        )  # fmt: skip
        yield group.mistake(
            "stale", "inner", lambda s: s.at(0, s.part(0), s.arg(1)),
            group.say("power rule: in the derivative of {call} stands the derivative of {u} where {u} belongs"),
        )  # fmt: skip
    if exponent is not None and exponent < 0:
        say = group.say("sign: the exponent of {call} is negative, and so is the factor")
        yield group.mistake("minus", "sign", opposite(0), say)


def _exponential(group: Group) -> Iterator[Mistake]:
    if label_of(group.case.trace.tape.ops[group.op.args[0]]) != "e":
        yield from _bases(group)
    yield group.mistake(
        "rule", "rule", lambda s: s.local(0) * s.part(1),
        group.say("rule: {call} is an exponential, no power of {u}: the exponent {v} is not lowered"),
    )  # fmt: skip


def _bases(group: Group) -> Iterator[Mistake]:
    say = group.say("base: the derivative of {call} has the factor log({u})")
    for power in (1, 2):
        yield group.mistake("base", "base", times(_over_log(power)), say)
    for base in BASES:
        change = times(_over_log_of(base))
        yield group.mistake(
            "base", "base", change, group.say("base: the logarithm in the derivative of {call} is natural")
        )


def _over_log(power: int) -> Change:
    return lambda spot: spot.call("log", spot.arg(0)) ** -power


def _over_log_of(base: int) -> Change:
    return lambda spot: 1 / spot.call("log", spot.m.mpf(base))


def _of_two(group: Group) -> Iterator[Mistake]:
    rule = "power with a variable exponent"
    sign = group.say("sign: one of the two terms of the derivative of {call} has the wrong sign")
    for position in (0, 1):
        yield group.mistake("term", "term", without(position), missing_term(group, position, rule))
        yield group.mistake("one sign", "sign", opposite(position), sign)

    def without_log(spot: Spot) -> Any:
        return spot.term(0) + spot.value * spot.part(1)

    yield group.mistake(
        "base", "base", without_log,
        group.say("base: the exponent of {call} varies: its derivative comes with the factor log({u})"),
    )  # fmt: skip
