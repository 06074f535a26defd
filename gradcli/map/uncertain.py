"""What is said of uncertainties: columns of the data, or the same in every row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from gradcli.errors import OPTIONS, GradcliError, Source, Span, did_you_mean
from gradcli.language.numbers import DTYPES, to_float
from gradcli.language.point import read_value
from gradcli.map.budget import RowUncertainties, Uncertainty
from gradcli.map.sources import DataSource, GridSource
from gradcli.problem import bindings

if TYPE_CHECKING:
    from gradcli.map.plans import Plan

OPTION = "--uncertainty"
EXPECTED = "NAME=U,..., such as x=0.01,y=1%"
COLUMNS = ("u_{}", "u({})", "{}_u", "sigma_{}", "{}_err")  # what the column of an uncertainty is called
PIECE = re.compile(r"[,;]\s*(?=[^\W\d]\w*\s*=)")


def uncertainties_of(
    plan: Plan, sources: Sequence[DataSource | GridSource], said: Mapping[str, Uncertainty],
    correlation: Sequence[str] | str | Mapping[Any, float] | None,
) -> RowUncertainties:  # fmt: skip
    """The uncertainties of a task: what was said of them, and for all other variables the columns that there are.

    Raises GradcliError where there is none, or a name is none of the program's.
    """
    from gradcli.propagate.correlations import correlation_of

    known = [*plan.variables, *plan.constants]
    for name in said:
        if name not in known:
            raise GradcliError(
                OPTIONS, f'{OPTION} names "{name}", which the program has not', expected=f"one of {', '.join(known)}",
                hint=did_you_mean(name, known),
            )  # fmt: skip
    there = _columns(sources)
    inputs: dict[str, Uncertainty] = {}
    for name in known:
        if name in said:
            inputs |= {name: said[name]} if said[name].size else {}
        elif name in plan.variables:
            called = [one.format(name) for one in COLUMNS]
            column = called[0] if there is None else next((one for one in called if one in there), None)
            if column is not None and column not in plan.variables:
                inputs[name] = Uncertainty(column)
    if not inputs:
        raise GradcliError(
            OPTIONS, "no input has an uncertainty", expected="a column u_x beside a column x",
            hint=f'or the same in every row: {OPTION} "x=0.01,y=1%"',
        )  # fmt: skip
    return RowUncertainties(inputs, correlation_of(correlation, list(inputs), None))


def _columns(sources: Sequence[DataSource | GridSource]) -> list[str] | None:
    """The names of the data's columns; None of standard input, whose first line is not read yet."""
    for one in sources:
        if isinstance(one, DataSource):
            return None if one.path == "-" else one.names()
    return []


def read_uncertainties(said: Mapping[str, object] | Sequence[str] | str | None) -> dict[str, Uncertainty]:
    """What an option says: a number, or a percentage, for each name.

    Raises GradcliError for what cannot be read.
    """
    if isinstance(said, Mapping):
        return {name: _read(name, str(one), f"{name}={one}") for name, one in said.items()}
    found = {}
    for argument in [said] if isinstance(said, str) else said or ():
        for piece in PIECE.split(argument):
            name, sign, text = piece.partition("=")
            if not sign or not text.strip():
                raise GradcliError(
                    OPTIONS, "this gives no name an uncertainty", source=Source(argument, OPTION),
                    span=Span(argument.index(piece), argument.index(piece) + max(len(piece), 1)), expected=EXPECTED,
                )  # fmt: skip
            found[name.strip()] = _read(name.strip(), text.strip(), piece)
    return found


def _read(name: str, text: str, piece: str) -> Uncertainty:
    is_relative = text.endswith("%")
    given: Any = read_value(name, text.removesuffix("%").strip(), OPTION)
    size = bindings.value(name, given, DTYPES["float64"])
    if not isinstance(size, Fraction) or size < 0:
        raise GradcliError(
            OPTIONS, f'the uncertainty of "{name}" is {"negative" if isinstance(size, Fraction) else "a list"}',
            source=Source(piece, OPTION), span=Span(0, len(piece)), expected=EXPECTED,
        )  # fmt: skip
    return Uncertainty(None, to_float(size) / (100 if is_relative else 1), is_relative)
