"""One line of a batch: what it asks for, read strictly."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar, Union

from gradcli.errors import GradcliError, LimitError
from gradcli.language.json_text import JsonNumber, decode, kind_of
from gradcli.runtime.lines.fields import CLAIMS, STAGE, option, read_at

EXAMPLE = '{"program": "x**2", "at": {"x": 3}}'

Id = Union[str, int]
T = TypeVar("T")


@dataclass(frozen=True)
class LineRequest:
    """What a line asks for: a program, values of its variables, and the options of `differentiate`, as they are given.

    `key` is the same for two lines that differ in their values and claims alone.
    """

    program: str
    at: Mapping[str, Any] | None
    options: Mapping[str, Any]
    key: tuple[Any, ...]
    claim: Any = None


class InputLine(NamedTuple):
    """A line of the input by its number, without its end; no text where it was too long to be read."""

    number: int
    text: bytes | None


def read(line: InputLine, defaults: Mapping[str, Any]) -> tuple[Id, Union[LineRequest, GradcliError]]:
    """The id of a line, which is its number unless it has one, and what it asks for, or why that is not clear."""
    return asked(line, lambda fields: request_of(fields, defaults), EXAMPLE)


def asked(line: InputLine, request: Callable[[dict[str, Any]], T], example: str) -> tuple[Id, Union[T, GradcliError]]:
    """The id of a line, and what `request` makes of its other fields, or why that is nothing."""
    who: Id = line.number
    try:
        fields = _fields(line, f"a string, or an object such as {example}")
        if "id" in fields:
            who = _id(fields.pop("id"))
        return who, request(fields)
    except GradcliError as error:
        return who, error


def id_of(line: InputLine) -> Id:
    """The id of a line, whatever is the matter with it."""
    return asked(line, lambda _: None, EXAMPLE)[0]


def _fields(line: InputLine, expected: str) -> dict[str, Any]:
    """The fields of an object; a string is a program."""
    if line.text is None:
        raise LimitError(STAGE, "the line is too long")
    try:
        text = line.text.decode("utf-8-sig" if line.number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        what = f"byte {error.start} is {line.text[error.start]:#04x}"
        raise GradcliError(STAGE, f"the line is not UTF-8 text: {what}") from error
    found = decode(text, STAGE, "the line", expected)
    if isinstance(found, str) and not isinstance(found, JsonNumber):
        return {"program": found}
    if not isinstance(found, dict):
        raise GradcliError(
            STAGE, f"the line is {kind_of(found)}", expected='a program, or an object with the field "program"'
        )
    return found


def _id(value: Any) -> Id:
    if isinstance(value, bool) or type(value) not in (str, int):
        raise GradcliError(STAGE, f'the "id" is {kind_of(value)}', expected="a string or a whole number")
    found: Id = value
    return found


def program_of(fields: dict[str, Any]) -> str:
    """The program of a line, taken out of its fields.

    Raises GradcliError where there is none.
    """
    program = fields.pop("program", None)
    if type(program) is not str:
        what = "there is no program" if program is None else f'the "program" is {kind_of(program)}'
        raise GradcliError(STAGE, what, expected='a field "program" with a string, such as "x**2"')
    return program


def request_of(fields: dict[str, Any], defaults: Mapping[str, Any]) -> LineRequest:
    """The request that the fields of a line are.

    Raises GradcliError where one is wrong.
    """
    at, claim = fields.pop("at", None), fields.pop("claim", None)
    program = fields.pop("program", None)
    options = {**defaults, **{name: option(name, value) for name, value in fields.items()}} if fields else defaults
    program = program_of({"program": program})
    values = None if at is None else read_at(at, "at", options.get("dtype", "float64"))
    names = None if values is None else tuple(values)
    key = (program, names, json.dumps(options, sort_keys=True) if fields else "")
    claims = None if claim is None else option("claim", claim, {"claim": CLAIMS})
    return LineRequest(program, values, options, key, claims)
