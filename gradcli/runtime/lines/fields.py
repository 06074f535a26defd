"""The fields of a line: values that nothing has rounded, and options, each of its kind."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from gradcli.errors import GradcliError, LimitError, did_you_mean
from gradcli.language.json_text import JsonNumber, kind_of
from gradcli.language.point import Given, read_point, read_value
from gradcli.tape.lower_tensors import MAX_DIMENSIONS

STAGE = "reading the line"
EXACT = 2**53  # whole numbers up to this are doubles
MAX_DIGITS = 40  # of a number that is rounded here; longer ones are expressions like any other


# Values


def read_at(at: Any, field: str, dtype: str) -> dict[str, Any]:
    """The value of each name: a text as in `--at`, or an object."""
    if type(at) is str:
        values: dict[str, Any] = dict(read_point([at], field))
    elif isinstance(at, dict):
        values = {name: _value(name, value, field, dtype) for name, value in at.items()}
    else:
        raise GradcliError(
            STAGE, f'"{field}" is {kind_of(at)}', expected='an object such as {"x": 1}, or a text: "x=1"'
        )
    for value in values.values():
        refuse_file(value)
    return values


def refuse_file(value: Any) -> None:
    """Raise GradcliError where a value is to be read from a file: lines name none."""
    if isinstance(value, Given) and value.path is not None:
        raise GradcliError(
            STAGE,
            f'the value of "{value.name}" is a file, and a line reads none',
            source=value.source,
            span=value.name_span,
            expected="numbers, or nested lists of them",
        )


def _value(name: str, value: Any, field: str, dtype: str) -> Any:
    if isinstance(value, JsonNumber):
        number = _rounded(value) if dtype == "float64" else None
        return read_value(name, value, field) if number is None else number
    if isinstance(value, str):
        return read_value(name, value, field)
    if isinstance(value, list):
        entries = _entries(name, value, 1)
        return entries if dtype == "float64" else read_value(name, json.dumps(entries), field)
    if type(value) is int:
        return value if -EXACT <= value <= EXACT else read_value(name, str(value), field)
    raise GradcliError(STAGE, f'the value of "{name}" is {kind_of(value)}', expected="one real number, or nested lists")


def _rounded(text: str) -> Fraction | None:
    """The double next to a number, exactly; None where there is something to say about it."""
    if len(text) > MAX_DIGITS:
        return None
    number = float(text)
    if math.isfinite(number) and (number or not text.strip("-0.").partition("e")[0].partition("E")[0]):
        return Fraction(number)
    return None


def _entries(name: str, value: list[Any], depth: int) -> list[Any]:
    """Nested lists of numbers."""
    if depth > MAX_DIMENSIONS:
        raise LimitError(STAGE, f'"{name}" has more than {MAX_DIMENSIONS} dimensions')
    found: list[Any] = []
    for entry in value:
        if isinstance(entry, list):
            found.append(_entries(name, entry, depth + 1))
        elif isinstance(entry, JsonNumber) or type(entry) is int:
            found.append(_double(name, entry))
        else:
            raise GradcliError(STAGE, f'an entry of "{name}" is {kind_of(entry)}', expected="a number")
    return found


def _double(name: str, entry: Any) -> float:
    try:
        number = float(entry)
    except OverflowError:
        number = math.inf
    if math.isinf(number):
        raise GradcliError(STAGE, f'an entry of "{name}" is too large', expected="a double")
    return number


# Options and claims


def _names(value: Any) -> str | list[str] | None:
    if type(value) is str:
        return value
    return value if isinstance(value, list) and all(type(name) is str for name in value) else None


def _whole(value: Any) -> int | None:
    return value if type(value) is int else None


def _number(value: Any) -> float | None:
    return _double("it", value) if isinstance(value, (JsonNumber, float)) or type(value) is int else None


def _truth(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    return value if type(value) is str else None


def _sizes(value: Any) -> Any:
    if type(value) is str:
        return value
    sizes = list(value.values()) if isinstance(value, dict) else [None]
    whole = all(type(n) is int for size in sizes for n in (size if isinstance(size, list) else [size]))
    return value if whole else None


def claims_of(value: Any) -> str | list[str] | dict[str, str] | None:
    """Formulas that are claimed: one, several, or one for each name; None where this is nothing of the kind."""
    if isinstance(value, dict):
        found = {name: _formula(one) for name, one in value.items()}
        return found if all(found.values()) else None  # type: ignore[return-value]
    if isinstance(value, list):
        listed = [_formula(one) for one in value]
        return listed if listed and all(listed) else None  # type: ignore[return-value]
    return _formula(value)


def _formula(value: Any) -> str | None:
    """A formula; a number is one."""
    return str(value) if isinstance(value, str) or type(value) in (int, float) else None


CLAIMS: tuple[Callable[[Any], Any], str] = (
    claims_of, 'a formula, a list of them, or an object such as {"x": "2*x"}',
)  # fmt: skip


def _moves(value: Any) -> Any:
    """A direction: what it says is read where the program's variables are known, but no file is."""
    if type(value) is str or isinstance(value, dict):
        values = read_at(value, "jvp", "float64")
        return {name: _plain(name, one, value) for name, one in values.items()} if isinstance(value, dict) else value
    return None


def _plain(name: str, value: Any, given: Mapping[str, Any]) -> Any:
    if isinstance(value, Given):
        return str(given[name])
    return float(value) if isinstance(value, Fraction) else value


def _scale(value: Any) -> Any:
    """The change of each variable: read as a direction is."""
    if type(value) is str:
        read_at(value, "scale", "float64")
        return value
    if isinstance(value, dict):
        return {name: _plain(name, one, value) for name, one in read_at(value, "scale", "float64").items()}
    return None


def _weights(value: Any) -> Any:
    found = _value("v", value, "vjp", "float64") if isinstance(value, (str, list, int)) else None
    refuse_file(found)
    return _plain("v", found, {"v": value})


# What each field of an object may be; what comes back None is refused.
Options = Mapping[str, tuple[Callable[[Any], Any], str]]
OPTIONS: Options = {
    "wrt": (_names, 'names, as in "x,y" or ["x", "y"]'),
    "order": (_whole, "a whole number"),
    "hessian": (_truth, "true or false"),
    "jvp": (_moves, 'an object such as {"x": 1}, or a text: "x=1"'),
    "vjp": (_weights, "a weight for each output"),
    "shape": (_sizes, 'an object such as {"A": [2, 3]}, or a text: "A=2,3"'),
    "dtype": (_text, "the name of a dtype"),
    "device": (_text, "the name of a device"),
    "digits": (_whole, "a whole number"),
    "min_digits": (_number, "a number"),
    "patience": (_number, "a number of seconds"),
    "reference": (_truth, "true or false"),
    "latex": (_truth, "true or false"),
    "explain": (_truth, "true or false"),
    "relative": (_truth, "true or false"),
    "scale": (_scale, 'an object such as {"vol": 0.01}, or a text: "vol=0.01"'),
    "sort": (_truth, "true or false"),
    "quotients": (_truth, "true or false"),
}

OTHERS = ("program", "at", "id", "claim")


def options_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Options for all lines that do not say otherwise.

    Raises GradcliError for what is none.
    """
    return {name: option(name, value) for name, value in given.items() if value is not None}


def option(name: str, value: Any, options: Options = OPTIONS, others: Sequence[str] = OTHERS) -> Any:
    """The value of an option that a line gives; `others` are the names of its other fields.

    Raises GradcliError where there is no such option, or it is nothing of the kind.
    """
    if name not in options:
        known = [*others, *options]
        raise GradcliError(
            STAGE,
            f'there is no field "{name}"',
            expected=", ".join(known),
            hint=did_you_mean(name, known),
        )
    read_option, expected = options[name]
    found = read_option(value)
    if found is None:
        raise GradcliError(STAGE, f'"{name}" is {kind_of(value)}', expected=expected)
    return found
