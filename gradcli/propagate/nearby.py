"""Kinks, poles and the ends of a domain that an input meets within two standard uncertainties of its estimate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from gradcli.errors import LimitError
from gradcli.language.numbers import to_float
from gradcli.problem.compiled import Compiled
from gradcli.propagate.data import MeasuredInput
from gradcli.reference.breakpoints import Breakpoint, Breakpoints
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.tape.tape import Tape
from gradcli.terminal.numbers import figure

REACH = 2  # standard uncertainties
SHOWN = 3  # of one input

KindOf = Callable[[str, float], "str | None"]  # what sort of point it is where an input has this value


def nonsmooth_nearby(
    compiled: Compiled,
    inputs: Sequence[MeasuredInput],
    values: Mapping[str, Fraction],
    patience: float,
    kind_of: KindOf,
) -> tuple[str, ...]:
    """A sentence for each nonsmooth point of any output that one input alone would reach."""
    grown = compiled.grown
    said: dict[str, None] = {}
    for one in inputs:
        found: dict[Fraction, Breakpoint] = {}
        start, stop = (Fraction(one.value + side * REACH * one.u) for side in (-1, 1))
        for output in grown.values:
            tape = Tape(grown.tape.ops[: grown.length], grown.tape.inputs, grown.tape.named, output)
            fixed = {name: value for name, value in values.items() if name != one.name}
            try:
                search = Breakpoints(tape, one.name, fixed, Deadline(patience))
                search.search(start, stop, [values[one.name]])
            except (OutOfTime, LimitError):
                said[f"nonsmooth points along {one.name} were looked for no longer than --patience"] = None
                continue
            found |= {place.x: place for place in search.found}
        for x, place in list(found.items())[:SHOWN]:
            kind = (kind_of(one.name, to_float(x)) if place.exact else None) or (
                "point without a value" if place.holes else "nonsmooth point"
            )
            article = "an" if kind[0] in "aeiou" else "a"
            away = abs(to_float(x) - one.value) / one.u
            said[f"{article} {kind} at {one.name} = {figure(to_float(x))}, {away:.2g} u from the estimate"] = None
    return tuple(said)
