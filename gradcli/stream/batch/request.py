"""One line of a batch: what it asks for, read strictly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Union

from gradcli.errors import GradcliError, LimitError, Source, Span
from gradcli.stream.batch.fields import STAGE, Number, kind_of, option, read_at

Id = Union[str, int]


@dataclass(frozen=True)
class Request:
    """What a line asks for: a program, values of its variables, and the options of `differentiate`, as they are given.

    `key` is the same for two lines that differ in their values alone.
    """

    program: str
    at: Mapping[str, Any] | None
    options: Mapping[str, Any]
    key: tuple[Any, ...]


class Line(NamedTuple):
    """A line of the input by its number, without its end; no text where it was too long to be read."""

    number: int
    text: bytes | None


def read(line: Line, defaults: Mapping[str, Any]) -> tuple[Id, Union[Request, GradcliError]]:
    """The id of a line, which is its number unless it has one, and what it asks for, or why that is not clear."""
    who: Id = line.number
    try:
        fields = _fields(line)
        if "id" in fields:
            who = _id(fields.pop("id"))
        return who, _request(fields, defaults)
    except GradcliError as error:
        return who, error


def _fields(line: Line) -> dict[str, Any]:
    """The fields of an object; a string is a program."""
    if line.text is None:
        raise LimitError(STAGE, "the line is too long")
    try:
        text = line.text.decode("utf-8-sig" if line.number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        what = f"byte {error.start} is {line.text[error.start]:#04x}"
        raise GradcliError(STAGE, f"the line is no UTF-8 text: {what}") from error
    try:
        found = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise GradcliError(
            STAGE,
            f"the line is no JSON: {error.msg[:1].lower()}{error.msg[1:]}",
            source=Source(text, "the line"),
            span=Span(error.pos, error.pos + 1),
            expected='a string, or an object such as {"program": "x**2", "at": {"x": 3}}',
        ) from error
    except RecursionError:
        raise LimitError(STAGE, "the line is nested too deeply") from None
    except ValueError as error:  # of a number with thousands of digits
        raise LimitError(STAGE, "a whole number has too many digits") from error
    if isinstance(found, str) and not isinstance(found, Number):
        return {"program": found}
    if not isinstance(found, dict):
        raise GradcliError(
            STAGE, f"the line is {kind_of(found)}", expected='a program, or an object with the field "program"'
        )
    return found


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for i, (name, _) in enumerate(pairs) if name in dict(pairs[:i]))
        raise GradcliError(STAGE, f'"{twice}" is there twice')
    return found


def _constant(name: str) -> Any:
    raise GradcliError(STAGE, f"{name} is no number of JSON", expected="a real number")


_DECODER = json.JSONDecoder(parse_float=Number, parse_constant=_constant, object_pairs_hook=_pairs)


def _id(value: Any) -> Id:
    if isinstance(value, bool) or type(value) not in (str, int):
        raise GradcliError(STAGE, f'the "id" is {kind_of(value)}', expected="a string or a whole number")
    found: Id = value
    return found


def _request(fields: dict[str, Any], defaults: Mapping[str, Any]) -> Request:
    program, at = fields.pop("program", None), fields.pop("at", None)
    options = {**defaults, **{name: option(name, value) for name, value in fields.items()}} if fields else defaults
    if type(program) is not str:
        what = "there is no program" if program is None else f'the "program" is {kind_of(program)}'
        raise GradcliError(STAGE, what, expected='a field "program" with a string, such as "x**2"')
    values = None if at is None else read_at(at, "at", options.get("dtype", "float64"))
    names = None if values is None else tuple(values)
    key = (program, names, json.dumps(options, sort_keys=True) if fields else "")
    return Request(program, values, options, key)
