"""A certificate, which is the JSON of a check, as the data that it was made from. Nothing in it is trusted."""

from __future__ import annotations

from typing import Any

from gradcli.check.data import DIGITS, SCHEMA, Check, ClaimFinding, Counterexample, Exceptional, Modes, Rate, Slip
from gradcli.check.fields import STAGE, Fields
from gradcli.errors import GradcliError
from gradcli.problem import options
from gradcli.reference.verdict import ClaimVerdict

MAX_BYTES = 16 << 20
MAX_CLAIMS = 1_000
MAX_POINTS = 1_000
MOST_DIGITS = 30  # in which a claim can be held against the truth

_VERDICTS = {verdict.value: verdict for verdict in ClaimVerdict}


def read(data: Any) -> Check:
    """The check that a certificate tells of.

    Raises GradcliError where it is malformed, LimitError where it is too large.
    """
    whole = Fields(data)
    if whole.value("schema") != SCHEMA:
        raise GradcliError(STAGE, "it is not a certificate of a check", expected=f'the field "schema" with "{SCHEMA}"')
    sizes = whole.inner("shapes")
    versions = whole.inner("versions")
    points = whole.each("points", MAX_POINTS)
    whole.maybe("verdict", lambda name: whole.one_of(name, _VERDICTS))  # that of the claims is the one that counts
    return Check(
        program=whole.text("program"),
        findings=tuple(map(_finding, whole.each("claims", MAX_CLAIMS))),
        name=whole.text("name"),
        order=whole.whole("order", 1, 2),
        shapes={name: list(sizes.wholes(name)) for name in sizes.data},
        at=whole.maybe("at", whole.point),
        wrt=whole.texts("wrt"),
        points=tuple(one.as_point() for one in points),
        late=whole.wholes("late", len(points) - 1),
        seed=whole.whole("seed", 0, options.MAX_SEED),
        digits=whole.whole("digits", DIGITS, MOST_DIGITS),
        modes=whole.maybe("modes", lambda name: _modes(whole.inner(name))),
        notes=whole.texts("notes"),
        versions={name: versions.text(name) for name in versions.data},
        imported=whole.maybe("imported", whole.text),
    )


def _finding(one: Fields) -> ClaimFinding:
    """What was to be said of one claim."""
    span = one.maybe("span", one.texts)
    if span is not None and len(span) != 2:
        raise GradcliError(STAGE, f'"{one.path}.span" has {len(span)} entries', expected="two")
    return ClaimFinding(
        wrt=one.texts("wrt"),
        verdict=one.one_of("verdict", _VERDICTS),
        claim=one.maybe("claim", one.text),
        shape=one.wholes("shape"),
        at=one.maybe("at", one.point),
        points=one.whole("points", 0, MAX_POINTS),
        span=None if span is None else (span[0], span[1]),
        counterexample=one.maybe("counterexample", lambda name: _counterexample(one.inner(name))),
        exceptions=tuple(map(_exceptional, one.each("exceptions"))),
        excepted=one.whole("excepted", 0, 2**53),
        slip=one.maybe("slip", lambda name: _slip(one.inner(name))),
        correct=one.maybe("correct", one.text),
        rate=one.maybe("rate", lambda name: _rate(one.inner(name))),
        digits=one.maybe("digits", one.real),
        note=one.maybe("note", one.text),
        computed=one.truth("computed"),
        unfinished=one.texts("unfinished"),
    )


def _counterexample(one: Fields) -> Counterexample:
    return Counterexample(one.point("at"), one.maybe("claimed", one.text), one.text("true"), one.wholes("index"))


def _exceptional(one: Fields) -> Exceptional:
    return Exceptional(
        one.point("at"), one.maybe("claimed", one.text), one.maybe("true", one.text), one.maybe("kind", one.text),
        one.side("left"), one.side("right"), one.wholes("index"),
    )  # fmt: skip


def _slip(one: Fields) -> Slip:
    span = one.maybe("span", one.wholes)
    if span is not None and len(span) != 2:
        raise GradcliError(STAGE, f'"{one.path}.span" has {len(span)} entries', expected="two")
    return Slip(one.text("code"), one.text("sentence"), None if span is None else (span[0], span[1]))


def _rate(one: Fields) -> Rate:
    return Rate(one.whole("expected", 2, 3), one.maybe("measured", one.real), one.whole("directions", 0, 2**53))


def _modes(one: Fields) -> Modes:
    return Modes(
        one.whole("points", 0, MAX_POINTS), one.maybe("digits", one.real), one.maybe("at", one.point),
        one.maybe("note", one.text),
    )  # fmt: skip
