"""One line of a file of claims: a program and what is claimed about it, read strictly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Union

from gradcli.errors import GradcliError
from gradcli.language.claims import Valued, read_valued
from gradcli.language.json_text import kind_of
from gradcli.language.point import read_point
from gradcli.runtime.lines.fields import CLAIMS, OPTIONS, STAGE, Options, option, read_at, refuse_file
from gradcli.runtime.lines.request import Id, InputLine, asked

EXAMPLE = '{"program": "x**2", "claim": "2*x"}'
VALUE = 'a claimed number, as in "x=1: 7", or a list of them'


@dataclass(frozen=True)
class ClaimsLine:
    """What a line asks for: a program, and the arguments of `check`."""

    program: str
    options: Mapping[str, Any]


def _valued(value: Any) -> list[Valued] | None:
    """Points and the numbers that are claimed there."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts or not all(type(one) is str for one in texts):
        return None
    found = [read_valued(text, "value") for text in texts]
    for one in found:
        for given in (*one.at.values(), *one.values.values()):
            refuse_file(given)
    return found


def _texts(value: Any) -> list[str] | None:
    texts = [value] if isinstance(value, str) else value
    return texts if isinstance(texts, list) and all(type(one) is str for one in texts) else None


_OWN: Options = {
    "claim": CLAIMS,
    "value": (_valued, VALUE),
    **{name: OPTIONS[name] for name in ("wrt", "order", "shape", "patience")},
    "seed": OPTIONS["order"],
    "assume": (_texts, 'a condition, as in "T > 0", or a list of them'),
}
_OTHERS = ("program", "at", "hold", "id")


def options_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Options for all lines that do not say otherwise.

    Raises GradcliError for what is none.
    """
    said = {name: value for name, value in given.items() if value not in (None, [])}
    options = {name: option(name, value, _OWN, _OTHERS) for name, value in said.items() if name != "hold"}
    if "hold" in said:
        hold = said["hold"]
        options["hold"] = read_point(hold, "hold") if isinstance(hold, list) else read_at(hold, "hold", "float64")
        for value in options["hold"].values():
            refuse_file(value)
    return options


def read(line: InputLine, defaults: Mapping[str, Any]) -> tuple[Id, Union[ClaimsLine, GradcliError]]:
    """The id of a line, which is its number unless it has one, and what it asks for, or why that is not clear."""
    return asked(line, lambda fields: _question(fields, defaults), EXAMPLE)


def _question(fields: dict[str, Any], defaults: Mapping[str, Any]) -> ClaimsLine:
    if "import" in fields:
        raise GradcliError(
            STAGE, "a line of claims imports nothing", hint="gradcli check --import MODULE:FUNCTION runs Python"
        )
    program = fields.pop("program", None)
    points = {name: fields.pop(name) for name in ("at", "hold") if name in fields}
    options = {**defaults, **{name: option(name, value, _OWN, _OTHERS) for name, value in fields.items()}}
    if type(program) is not str:
        what = "there is no program" if program is None else f'the "program" is {kind_of(program)}'
        raise GradcliError(STAGE, what, expected='a field "program" with a string, such as "x**2"')
    for name, point in points.items():
        if point is not None:
            options[name] = read_at(point, name, "float64")
    return ClaimsLine(program, options)
