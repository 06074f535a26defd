"""What is said of the inputs: values with uncertainties, degrees of freedom, distributions."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from gradcli.errors import OPTIONS, GradcliError, Source, Span, did_you_mean
from gradcli.language.brackets import outside
from gradcli.language.numbers import to_float
from gradcli.language.point import STAGE, Given, read_value
from gradcli.language.uncertain import spelled
from gradcli.problem import bindings, options
from gradcli.propagate.data import MeasuredInput
from gradcli.tape.arrays import Array

DISTRIBUTIONS = ("normal", "t", "rectangular", "triangular", "arcsine")
_MEANT = {"uniform": "rectangular", "gaussian": "normal", "gauss": "normal", "u-shaped": "arcsine", "student": "t"}
_ENTRY = re.compile(r"\s*(?:(?P<of>u|u_rel|ur)\(\s*(?P<input>[^\W\d]\w*)\s*\)|(?P<name>[^\W\d]\w*))\s*=(?!=)")
_FLOAT = options.dtype("float64")


class _SaidInput(NamedTuple):
    """One piece of --at: which input, whether it is of its uncertainty, and where its text begins."""

    name: str
    of: str | None
    start: int
    piece: str

    @property
    def source(self) -> Source:
        return Source(self.piece, "--at")


def read_inputs(
    at: Mapping[str, object] | str | Sequence[str] | None,
) -> tuple[dict[str, object], dict[str, float]]:
    """The value of each name, and the standard uncertainty of those that have one.

    Raises GradcliError for what cannot be read.
    """
    values: dict[str, object] = {}
    sizes: dict[str, float] = {}
    if isinstance(at, Mapping):
        for name, given in at.items():
            _read_object(name, given, values, sizes)
        return values, sizes
    later: list[_SaidInput] = []
    for argument in [at] if isinstance(at, str) else at or ():
        for entry in _entries(argument):
            if entry.of:
                later.append(entry)
                continue
            if entry.name in values:
                raise GradcliError(
                    STAGE, f'"{entry.name}" is given two values', source=entry.source, span=Span(0, entry.start - 1)
                )
            _read_text(entry.name, entry.piece, entry.start, values, sizes)
    for entry in later:
        if entry.name not in values or entry.name in sizes:
            raise GradcliError(
                STAGE,
                f'"{entry.name}" has no value' if entry.name not in values else f'"{entry.name}" has two uncertainties',
                source=entry.source, span=Span(0, entry.start - 1), hint=f"write {entry.name}=..., u({entry.name})=...",
            )  # fmt: skip
        text = entry.piece[entry.start :].rstrip()
        is_percent = text.endswith("%") or entry.of != "u"
        percent = 1 if entry.of != "u" and not text.endswith("%") else 100
        sizes[entry.name] = _size(
            entry.name,
            " " * entry.start + text.removesuffix("%"),
            is_percent,
            Fraction(1),
            values,
            entry.piece,
            percent,
        )
    return values, sizes


def _entries(argument: str) -> list[_SaidInput]:
    """The pieces of an argument: cut at the commas in front of a name and =, outside brackets."""
    ends = (place for place, sign in outside(argument) if sign in ",;")
    cuts = [-1, *(place for place in ends if _ENTRY.match(argument, place + 1))]
    found = []
    for start, end in zip(cuts, [*cuts[1:], len(argument)]):
        piece = argument[start + 1 : end].lstrip()
        match = _ENTRY.match(piece)
        if match is None:
            raise GradcliError(
                STAGE, "this gives no name a value", source=Source(piece, "--at"), span=Span(0, len(piece)),
                expected="NAME=VALUE, such as L=1.000±0.002",
            )  # fmt: skip
        found.append(_SaidInput(match["name"] or match["input"], match["of"], match.end(), piece))
    return found


def _read_object(name: str, given: object, values: dict[str, object], sizes: dict[str, float]) -> None:
    """One of Python's objects: a text, a pair of a value and its uncertainty, what `uncertainties` makes, a number."""
    if isinstance(given, str):
        _read_text(name, f"{name}={given}", len(name) + 1, values, sizes)
        return
    nominal, size = getattr(given, "nominal_value", None), getattr(given, "std_dev", None)
    if nominal is None and isinstance(given, tuple) and len(given) == 2:
        nominal, size = given
    values[name] = given if nominal is None else nominal
    if size is not None:
        sizes[name] = _checked(name, float(size), None, None)


def _read_text(name: str, piece: str, start: int, values: dict[str, object], sizes: dict[str, float]) -> None:
    text = piece[start:]
    said = spelled(text)
    values[name] = _value(name, said.value, piece, start)
    if said.size is not None:
        sizes[name] = _size(name, " " * start + said.size, said.percent, said.factor, values, piece)


def _value(name: str, text: str, piece: str, start: int) -> Given:
    try:
        return read_value(name, " " * (start - len(name) - 1) + text)
    except GradcliError as error:
        if error.source is not None:
            error.source = Source(piece, "--at")
        raise


def _size(
    name: str, text: str, percent: bool, factor: Fraction, values: Mapping[str, object], piece: str, of: int = 100
) -> float:
    """The standard uncertainty that a text says, whose places are those of the piece."""
    span = Span(len(text) - len(text.lstrip()), max(len(piece.rstrip()), 1))
    if not text.strip():
        raise GradcliError(
            STAGE, f'the uncertainty of "{name}" is missing', source=Source(piece, "--at"),
            span=Span(max(len(piece.rstrip()) - 1, 0), len(piece.rstrip())), expected="a number, such as 0.002",
        )  # fmt: skip
    try:
        size = bindings.value("u", read_value("u", text[2:] if text[:2].isspace() else text), _FLOAT)
    except GradcliError as error:
        error.message = error.message.replace('"u"', f'the uncertainty of "{name}"')
        error.source, error.span = Source(piece, "--at"), span
        raise
    if isinstance(size, Array):
        raise GradcliError(
            STAGE, f'the uncertainty of "{name}" is not a number', source=Source(piece, "--at"), span=span,
            expected="one number",
        )  # fmt: skip
    number = to_float(size) / float(factor or 1)
    if percent:
        value = bindings.value(name, values[name], _FLOAT)
        number = math.nan if isinstance(value, Array) else number * abs(to_float(value)) / of
    return _checked(name, number, Source(piece, "--at"), span)


def _checked(name: str, size: float, source: Source | None, span: Span | None) -> float:
    if not (math.isfinite(size) and size > 0):
        raise GradcliError(
            STAGE,
            f'the uncertainty of "{name}" is {"not a number" if math.isnan(size) else repr(size)}',
            source=source, span=span, expected="a positive number; what is exact has none",
        )  # fmt: skip
    return size


def measured(
    values: Mapping[str, Any],
    sizes: Mapping[str, float],
    dofs: Mapping[str, float],
    distributions: Mapping[str, str],
    order: Sequence[str],
) -> tuple[MeasuredInput, ...]:
    """The inputs with an uncertainty, in the order of the program's variables."""
    found = []
    for name in order:
        if name in sizes:
            value = bindings.value(name, values[name], _FLOAT)
            if isinstance(value, Array):
                raise GradcliError(
                    OPTIONS, f'"{name}" is a tensor, and has an uncertainty', expected="numbers with uncertainties",
                    hint="give each entry a name of its own: [x1, x2]",
                )  # fmt: skip
            dof = dofs.get(name)
            kind = distributions.get(name, "normal" if dof is None else "t")
            if kind == "t" and dof is None:
                raise GradcliError(
                    OPTIONS, f'"{name}" has a t distribution, and no degrees of freedom', hint=f"add --dof {name}=9"
                )
            found.append(MeasuredInput(name, to_float(value), sizes[name], dof, kind))
    return tuple(found)


def named_numbers(said: Mapping[str, object] | Sequence[str] | str | None, option: str) -> dict[str, float]:
    """A number for each name: degrees of freedom."""
    found = {}
    for name, text in _named(said, option):
        try:
            found[name] = float(str(text))
        except ValueError:
            found[name] = math.nan
        if not found[name] > 0:
            raise GradcliError(OPTIONS, f'{option} of "{name}" is "{text}"', expected="a positive number, such as L=9")
    return {name: one for name, one in found.items() if math.isfinite(one)}


def named_words(said: Mapping[str, object] | Sequence[str] | str | None, option: str) -> dict[str, str]:
    """A distribution for each name."""
    found = {}
    for name, text in _named(said, option):
        word = _MEANT.get(str(text).strip().lower(), str(text).strip().lower())
        if word not in DISTRIBUTIONS:
            raise GradcliError(
                OPTIONS, f'there is no distribution "{text}"', expected=f"one of {', '.join(DISTRIBUTIONS)}",
                hint=did_you_mean(word, DISTRIBUTIONS),
            )  # fmt: skip
        found[name] = word
    return found


def _named(said: Mapping[str, object] | Sequence[str] | str | None, option: str) -> list[tuple[str, object]]:
    if isinstance(said, Mapping):
        return list(said.items())
    found: list[tuple[str, object]] = []
    for argument in [said] if isinstance(said, str) else said or ():
        for piece in argument.split(","):
            name, sign, text = piece.partition("=")
            if not sign or not text.strip():
                raise GradcliError(
                    OPTIONS, f'{option} is "{argument}"', source=Source(argument, option),
                    span=Span(argument.index(piece), argument.index(piece) + max(len(piece), 1)),
                    expected="NAME=..., such as L=" + ("9" if option == "--dof" else "rectangular"),
                )  # fmt: skip
            found.append((name.strip(), text.strip()))
    return found


def refuse_unknown(names: Sequence[str], known: Sequence[str], option: str) -> None:
    """Refuse names that have no uncertainty."""
    for name in names:
        if name not in known:
            raise GradcliError(
                OPTIONS, f'{option} names "{name}", which has no uncertainty',
                expected=f"one of {', '.join(known)}" if known else None, hint=did_you_mean(name, list(known)),
            )  # fmt: skip
